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
    if x.ndim == 4:
