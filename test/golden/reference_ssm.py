"""References of state space models and of cells that are linear in their state;
see reference.py."""

import numpy as np

from vectors import *


def mamba1(u, dt, z, B, C, A, Dskip, dt_bias, h=None):
    h = given(h, zeros(u, B))
    o = []
    for u, dt, z, B, C in steps(u, dt, z, B, C):
        delta = softplus(dt + dt_bias)
        h = np.exp(up(delta) * A) * h + outer(delta * u, B)
        y = apply(h, C) + Dskip * u
        o.append(y * z * sigmoid(z))
    return dict(o=stack(o), h=h)


def mamba1_neg(u, dt, z, B, C, A, Dskip, dt_bias, h=None):
    h = given(h, zeros(u, B))
    o = []
    for u, dt, z, B, C in steps(u, dt, z, B, C):
        delta = softplus(dt + dt_bias)
        h = np.exp(up(delta) * A) * 2 * h - h + outer(delta * u, B)
        y = apply(h, C) + Dskip * u
        o.append(y * z * sigmoid(z))
    return dict(o=stack(o), h=h)


def mamba2(x, dt, B, C, A, Dskip, dt_bias, h=None):
    if x.ndim == 4:  # head h reads group h * G // H
        H = x.shape[2]
        B = B[:, :, np.arange(H) * B.shape[2] // H]
        C = C[:, :, np.arange(H) * C.shape[2] // H]
    h = given(h, zeros(x, B))
    y = []
    for x, dt, B, C in steps(x, dt, B, C):
        delta = softplus(dt + dt_bias)
        h = np.exp(up(delta * A, 2)) * h + outer(up(delta) * x, B)
        y.append(apply(h, C) + up(Dskip) * x)
    return dict(y=stack(y), h=h)


def s4d(u, log_A_real, A_imag, C, log_dt, Dskip, h=None):
    A = -np.exp(log_A_real) + 1j * A_imag
    a = np.exp(up(np.exp(log_dt)) * A)
    h = given(h, np.zeros(lead(u) + A.shape[-2:], complex))
    y = []
    for (u,) in steps(u):
        h = a * h + (a - 1) / A * up(u)
        y.append(2 * np.einsum("...dn,...dn->...d", C, h).real + Dskip * u)
    return dict(y=stack(y), h=h)


def s5(u, log_re, im, log_dt, B, C, Dskip, x=None):
    lam, dt = -np.exp(log_re) + 1j * im, np.exp(log_dt)
    x = given(x, np.zeros(lead(u) + lam.shape[-1:], complex))
    y = []
    for (u,) in steps(u):
        # d/dt x = lam x + B u over dt, with u held
        rest = -apply(B, u) / lam
        x = rest + (x - rest) * np.exp(lam * dt)
        y.append(2 * apply(C, x).real + Dskip * u)
    return dict(y=stack(y), x=x)


def liquid_s4(u, radius, angle, b_re, b_im, C, x=None):
    a = radius * (np.cos(angle) + 1j * np.sin(angle))
    b = b_re + 1j * b_im
    x = given(x, np.zeros(lead(u) + a.shape[-2:], complex))
    y = []
    for (u,) in steps(u):
        x = a * x + b * up(u) * (x + 1)
        y.append(2 * (C * x).sum(-1).real)
    return dict(y=stack(y), x=x)


def h3(q, k, v, w, Ds, Dd, radius, angle, C, h=None):
    """As two convolutions: a short one of k, a long one of products."""
    a = radius * np.exp(1j * angle)
    W, T = w.shape[-1], k.shape[1]
    start = given(h, np.zeros(lead(k) + a.shape[-2:], complex))
    past = np.concatenate([np.zeros_like(k[:, :1])] * (W - 1) + [k], 1)
    shifted = sum(w[..., m] * past[:, W - 1 - m :][:, :T] for m in range(W))
    p = (shifted + Ds * k) * v
    o = []
    for t in range(T):
        h = a ** (t + 1) * start
        for s in range(t + 1):
            h = h + a ** (t - s) * up(p[:, s])
        y = 2 * (C * h).sum(-1).real
        o.append(q[:, t] * (y + Dd * p[:, t]))
    return dict(o=stack(o), h=h)


def dsf_ltv(Lambda, B, C, Dskip, u, h=None):
    h = given(h, np.zeros(lead(u) + Lambda.shape[-1:]))
    y = []
    for Lambda, B, C, Dskip, u in steps(Lambda, B, C, Dskip, u):
        h = apply(Lambda, h) + apply(B, u)
        y.append(apply(C, h) + apply(Dskip, u))
    return dict(y=stack(y), h=h)


def legendre(N):
    """A and B of HiPPO-LegS, A with positive diagonal."""
    root = np.sqrt(2 * np.arange(N) + 1)
    A = np.tril(np.outer(root, root), -1) + np.diag(np.arange(N) + 1.0)
    return A, root


def hippo_legs(f, A=None, B=None, N=6, c=None):
    A, B = (given(x, y) for x, y in zip((A, B), legendre(N)))
    c = given(c, np.zeros(lead(f) + f.shape[-1:] + (N,)))
    o = []
    for k, (f,) in enumerate(steps(f), 1):
        c = c @ (np.eye(N) - A / k).T + outer(f, B) / k
        o.append(c)
    return dict(o=stack(o), c=c)


def lssl(u, log_dt, C, Dm, A=None, B=None, al=0.5, x=None):
    minus_A, root = legendre(C.shape[-1])
    A, B = given(A, -minus_A), given(B, root)
    # (1 - al dt A) x' = (1 + (1 - al) dt A) x + dt B u
    dt = up(np.exp(log_dt), 2)
    drift = dt * A[..., None, :, :]
    eye = np.eye(A.shape[-1])
    Ad = np.linalg.solve(eye - al * drift, eye + (1 - al) * drift)
    columns = (dt * B[..., None, :, None]) * np.ones_like(drift[..., :1])
    Bd = np.linalg.solve(eye - al * drift, columns)[..., 0]
    x = given(x, np.zeros(lead(u) + Bd.shape[-2:]))
    y = []
    for (u,) in steps(u):
        x = apply(Ad, x) + Bd * up(u)
        y.append(apply(C, x) + Dm * up(u))
    return dict(y=stack(y), x=x)


def lru(u, nu_log, theta_log, B, C, Dskip, gamma_log=None, x=None):
    lam = np.exp(-np.exp(nu_log) + 1j * np.exp(theta_log))
    gamma = np.sqrt(1 - np.abs(lam) ** 2)
    if gamma_log is not None:
        gamma = np.exp(gamma_log)
    x = given(x, np.zeros(lead(u) + lam.shape[-1:], complex))
    y = []
    for (u,) in steps(u):
        x = lam * x + gamma * apply(B, u)
        y.append(apply(C, x).real + Dskip * u)
    return dict(y=stack(y), x=x)


def rg_lru(x, ra, ix, reset, Lambda, c=8.0, h=None):
    h = given(h, zeros(x))
    o = []
    for x, ra, ix, reset in steps(x, ra, ix, reset):
        fresh = up(reset) == 1
        log_a = -c * softplus(Lambda) * sigmoid(ra)
        norm = np.where(fresh, 1, np.sqrt(-np.expm1(2 * log_a)))
        h = np.where(fresh, 0, np.exp(log_a)) * h + norm * sigmoid(ix) * x
        o.append(h)
    return dict(o=stack(o), h=h)


def q_lstm(f, i, z, og, c=None):
    c = given(c, zeros(f))
    o = []
    for f, i, z, og in steps(sigmoid(f), sigmoid(i), np.tanh(z), sigmoid(og)):
        c = f * c + i * z
        o.append(og * np.tanh(c))
    return dict(o=stack(o), c=c)


def gilr(v, f, og, h=None):
    h = given(h, zeros(f))
    o = []
    for v, f, og in steps(v, sigmoid(f), og * sigmoid(og)):
        h = v + f * (h - v)
        o.append(h * og)
    return dict(o=stack(o), h=h)


def mega_ema(x, delta, alpha, beta, gamma, omega, scale=None, h=None):
    """As a convolution: the powers of the decay are the filter."""
    scale = given(scale, delta.shape[-1] ** -0.5)
    p = sigmoid(delta)
    q = 1 - p * sigmoid(alpha)
    start = given(h, np.zeros(lead(x) + q.shape[-2:]))
    o = []
    for t in range(x.shape[1]):
        h = q ** (t + 1) * start
        for s in range(t + 1):
            h = h + q ** (t - s) * p * beta * up(x[:, s])
        y = scale * (gamma * h).sum(-1) + omega * x[:, t]
        o.append(y * sigmoid(y))
    return dict(o=stack(o), h=h)
