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
