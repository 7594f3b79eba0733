"""Plain float64 references of the recurrences in examples/.

One function per example, written from the papers' equations as a loop over
time; nothing here comes from lrc. Sequence tensors are [B, T, ...] or
[B, T, H, ...], parameters [...] or [H, ...], states [B, ...] or [B, H, ...]:
everything before an equation's own axes broadcasts. Each function takes the
inputs, parameters and initial states by the names of the .dsf file and returns
outputs and final states by theirs.
"""

import numpy as np

from reference_ssm import *
from vectors import *

# Matrix states ---------------------------------------------------------------


def linear_attn(q, k, v, scale=None, S=None):
    scale = given(scale, q.shape[-1] ** -0.5)
    S = given(S, zeros(k, v))
    o = []
    for q, k, v in steps(q, k, v):
        S = S + outer(k, v)
        o.append(up(scale) * left(q, S))
    return dict(o=stack(o), S=S)


def linear_attn_norm(q, k, v, eps=0.0, S=None, z=None):
    S = given(S, zeros(k, v))
    z = given(z, zeros(k))
    o = []
    for q, k, v in steps(q, k, v):
        S = S + outer(k, v)
        z = z + k
        o.append(left(q, S) / up(np.einsum("...i,...i->...", q, z) + eps))
    return dict(o=stack(o), S=S, z=z)


def transnormer_norm(q, k, v, eps=1e-6, S=None):
    feature = lambda x: np.where(x > 0, 1 + x, np.exp(np.minimum(x, 0)))
    S = given(S, zeros(k, v))
    o = []
    for q, k, v in steps(q, k, v):
        S = S + outer(feature(k), v)
        y = left(feature(q), S)
        o.append(y / np.sqrt(np.mean(y**2, -1, keepdims=True) + eps))
    return dict(o=stack(o), S=S)


def rotate(x, angle):
    """The pairs (x[2p], x[2p+1]) as complex numbers, turned by angle[p]."""
    turned = (x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * angle)
    return np.stack([turned.real, turned.imag], -1).reshape(x.shape)


def retention(q, k, v, log_gamma=None, theta=None, scale=None, S=None):
    K = q.shape[-1]
    heads = q.shape[2] if q.ndim == 4 else 1
    gammas = np.log(1 - 2.0 ** (-5 - np.arange(heads)))
    log_gamma = given(log_gamma, gammas if q.ndim == 4 else gammas[0])
    theta = given(theta, 10000.0 ** (-np.arange(K // 2) / max(K // 2 - 1, 1)))
    scale = given(scale, K ** -0.5)
    S = given(S, zeros(k, v))
    o = []
    for t, (q, k, v) in enumerate(steps(q, k, v)):
        S = np.exp(up(log_gamma, 2)) * S + outer(rotate(k, t * theta), v)
        o.append(up(scale) * left(rotate(q, t * theta), S))
    return dict(o=stack(o), S=S)


def simple_gla(q, k, v, g, scale=None, S=None):
    scale = given(scale, q.shape[-1] ** -0.5)
    S = given(S, zeros(k, v))
    o = []
    for q, k, v, g in steps(q, k, v, g):
        S = np.exp(up(g, 2)) * S + outer(k, v)
        o.append(up(scale) * left(q, S))
    return dict(o=stack(o), S=S)


def gla(q, k, v, g, scale=None, S=None):
    scale = given(scale, q.shape[-1] ** -0.5)
    S = given(S, zeros(k, v))
    o = []
    for q, k, v, g in steps(q, k, v, g):
        S = np.exp(up(g)) * S + outer(k, v)
        o.append(up(scale) * left(q, S))
    return dict(o=stack(o), S=S)


def gla_kv(q, k, v, g, gv, scale=None, S=None):
    scale = given(scale, q.shape[-1] ** -0.5)
    S = given(S, zeros(k, v))
    o = []
    for q, k, v, g, gv in steps(q, k, v, g, gv):
        S = np.exp(g[..., :, None] + gv[..., None, :]) * S + outer(k, v)
        o.append(up(scale) * left(q, S))
    return dict(o=stack(o), S=S)


def rwkv6(r, k, v, w, u, scale=1.0, S=None):
    S = given(S, zeros(k, v))
    o = []
    for r, k, v, w in steps(r, k, v, w):
        o.append(up(scale) * left(r, S + up(u) * outer(k, v)))
        S = np.exp(-np.exp(up(w))) * S + outer(k, v)
    return dict(o=stack(o), S=S)


def aaren(k, v, q, scale=None, m=None, u=None, w=None):
    scale = given(scale, k.shape[-1] ** -0.5)
    w = given(w, zeros(v))
    m = given(m, np.full(w.shape[:-1], -np.inf))
    u = given(u, np.zeros(w.shape[:-1]))
    o = []
    for k, v in steps(k, v):
        s = scale * np.einsum("...i,...i->...", q, k)
        top = np.maximum(m, s)
        old, new = np.exp(m - top), np.exp(s - top)
        m, u, w = top, u * old + new, w * up(old) + up(new) * v
        o.append(w / up(u))
    return dict(o=stack(o), m=m, u=u, w=w)


def lightnet(q, k, v, z=None, S=None):
    """In the closed form: a softmax over the past of every key feature."""
    z0 = given(z, np.full(lead(k) + k.shape[-1:], -np.inf))
    S0 = given(S, zeros(k, v))
    o = []
    for t, (query,) in enumerate(steps(q)):
        past = k[:, : t + 1]
        z = np.logaddexp(z0, np.logaddexp.reduce(past, 1))
        p = np.exp(past - z[:, None])
        S = up(np.exp(z0 - z)) * S0 + outer(p, v[:, : t + 1]).sum(1)
        o.append(left(query * sigmoid(query), S))
    return dict(o=stack(o), z=z, S=S)


def flowformer_causal(
    q, k, v, eps=1e-6, kc=None, qc=None, ks=None, qs=None, E=None, S=None
):
    dot = lambda a, b: ((a + eps) * (b + eps)).sum(-1)
    kc, qc, ks, qs = (given(x, zeros(k)) for x in (kc, qc, ks, qs))
    E, S = given(E, np.zeros(lead(k))), given(S, zeros(k, v))
    o = []
    for n, (q, k, v) in enumerate(steps(sigmoid(q), sigmoid(k), v), 1):
        kc, qc = kc + k, qc + q
        I, O = n / dot(q, kc), n / dot(k, qc)
        ks, qs = ks + up(O) * k, qs + up(I) * q
        sink, source = dot(q, ks) / n, np.clip(dot(k, qs) / n, -1, 1)
        E = E + np.exp(source)
        S = S + outer(k, up(n * np.exp(source) / E) * v)
        o.append(up(sigmoid(sink) * I / n) * left(q, S))
    return dict(o=stack(o), kc=kc, qc=qc, ks=ks, qs=qs, E=E, S=S)


def mlstm(q, k, v, ipre, fpre, opre, scale=None, C=None, n=None):
    scale = given(scale, q.shape[-1] ** -0.5)
    C = given(C, zeros(k, v))
    n = given(n, zeros(k))
    o = []
    for q, k, v, ipre, fpre, opre in steps(q, k, v, ipre, fpre, opre):
        i, f = np.exp(ipre), sigmoid(fpre)
        C = up(f, 2) * C + up(i, 2) * outer(k, v)
        n = up(f) * n + up(i) * k
        q = up(scale) * q
        norm = np.maximum(np.abs(np.einsum("...i,...i->...", q, n)), 1)
        o.append(sigmoid(opre) * left(q, C) / up(norm))
    return dict(o=stack(o), C=C, n=n)


def deltanet(q, k, v, beta, scale=None, S=None):
    scale = given(scale, q.shape[-1] ** -0.5)
    S = given(S, zeros(k, v))
    o = []
    for q, k, v, beta in steps(q, k, v, beta):
        S = S + up(beta, 2) * outer(k, v - left(k, S))
        o.append(up(scale) * left(q, S))
    return dict(o=stack(o), S=S)


def gated_deltanet(q, k, v, beta, g, scale=None, S=None):
    scale = given(scale, q.shape[-1] ** -0.5)
    S = given(S, zeros(k, v))
    o = []
    for q, k, v, beta, g in steps(q, k, v, beta, g):
        S = np.exp(up(g, 2)) * S
        S = S + up(beta, 2) * outer(k, v - left(k, S))
        o.append(up(scale) * left(q, S))
    return dict(o=stack(o), S=S)


def householder_product(q, k, v, beta, g, scale=1.0, S=None):
    S = given(S, zeros(q, v[..., 0, :]))
    o = []
    for q, k, v, beta, g in steps(q, k, v, beta, g):
        S = np.exp(up(g, 2)) * S
        for r in range(k.shape[-2]):
            e = v[..., r, :] - left(k[..., r, :], S)
            S = S + up(beta[..., r], 2) * outer(k[..., r, :], e)
        o.append(up(scale) * left(q, S))
    return dict(o=stack(o), S=S)


def titans_linear(q, k, v, alpha, eta, theta, M=None, P=None):
    """As one linear map of the stack [M; P]."""
    K = k.shape[-1]
    X = np.concatenate([given(x, zeros(k, v)) for x in (M, P)], -2)
    o = []
    for q, k, v, alpha, eta, theta in steps(q, k, v, alpha, eta, theta):
        kk = 2 * up(theta, 2) * outer(k, k)
        momentum = up(eta, 2) * np.eye(K)
        kept = up(1 - alpha, 2) * np.eye(K)
        A = np.block([[kept - kk, momentum], [-kk, momentum]])
        X = A @ X + 2 * up(theta, 2) * outer(np.concatenate([k, k], -1), v)
        o.append(left(q, X[..., :K, :]))
    return dict(o=stack(o), M=X[..., :K, :], P=X[..., K:, :])


def icl_sgd(x, y, lr=0.25, lam=0.01, W=None):
    W = given(W, zeros(x, y))
    o = []
    for x, y in steps(x, y):
        o.append(left(x, W))
        shrink = (1 - 2 * lr * lam) * np.eye(x.shape[-1])
        A = shrink - 2 * lr * outer(x, x)
        W = A @ W + 2 * lr * outer(x, y)
    return dict(o=stack(o), W=W)


# Cells with recurrent mixing -------------------------------------------------


def gates(R, h):
    """R_g h for every gate g: [.., G, D]"""
    return np.einsum("...gde,...e->...gd", R, h)


def elman(Wx, R, b, h=None, act=np.tanh):
    h = given(h, zeros(Wx))
    o = []
    for (Wx,) in steps(Wx):
        h = act(Wx + b + apply(R, h))
        o.append(h)
    return dict(o=stack(o), h=h)


def elman_relu(Wx, R, b, h=None):
    return elman(Wx, R, b, h, act=lambda x: np.maximum(x, 0))


def lstm(Wx, R, b, h=None, c=None):
    h = given(h, zeros(Wx[..., 0, :]))
    c = given(c, zeros(Wx[..., 0, :]))
    o = []
    for (Wx,) in steps(Wx):
        i, f, z, out = np.moveaxis(Wx + b + gates(R, h), -2, 0)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(z)
        h = sigmoid(out) * np.tanh(c)
        o.append(h)
    return dict(o=stack(o), h=h, c=c)


def gru_reset_after(Wx, R, b, b_n, h=None):
    h = given(h, zeros(Wx[..., 0, :]))
    o = []
    for (Wx,) in steps(Wx):
        ar, az, an = np.moveaxis(b + gates(R, h), -2, 0)
        r = sigmoid(Wx[..., 0, :] + ar)
        z = sigmoid(Wx[..., 1, :] + az)
        n = np.tanh(Wx[..., 2, :] + b_n + r * an)
        h = z * h + (1 - z) * n
        o.append(h)
    return dict(o=stack(o), h=h)


def slstm(Wx, R, b, h=None, c=None, n=None, m=None):
    h, c, n = (given(s, zeros(Wx[..., 0, :])) for s in (h, c, n))
    m = given(m, np.full(h.shape, -np.inf))
    o = []
    for (Wx,) in steps(Wx):
        i, f, z, out = np.moveaxis(Wx + b + gates(R, h), -2, 0)
        kept = -softplus(-f) + m
        m = np.maximum(i, kept)
        i, f = np.exp(i - m), np.exp(kept - m)
        c, n = f * c + i * np.tanh(z), f * n + i
        h = sigmoid(out) * c / n
        o.append(h)
    return dict(o=stack(o), h=h, c=c, n=n, m=m)
