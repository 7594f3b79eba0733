"""Writes inputs for examples/gla.dsf: B = 2, T = 6, H = 4, K = 8, V = 5.

    make_tensors.py FILE [float64]
"""

import sys

import numpy as np


def tensors(dtype=np.float32):
    random = np.random.default_rng(0)
    draw = lambda *shape: random.standard_normal(shape).astype(dtype)
    return {
        "q": draw(2, 6, 4, 8),
        "k": draw(2, 6, 4, 8),
        "v": draw(2, 6, 4, 5),
        "g": -np.abs(draw(2, 6, 4, 8)),
    }


def gla(q, k, v, g, scale=None, S=None):
    """The recurrence in float64; outputs and the final state."""
    q, k, v, g = (np.asarray(x, np.float64) for x in (q, k, v, g))
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    state = np.zeros(q.shape[:1] + q.shape[2:] + v.shape[-1:]) if S is None else S
    o = np.zeros(v.shape)
    for t in range(q.shape[1]):
        state = np.exp(g[:, t, ..., None]) * state
        state = state + k[:, t, ..., None] * v[:, t, ..., None, :]
        o[:, t] = scale * np.einsum("bhi,bhij->bhj", q[:, t], state)
    return o, state


if __name__ == "__main__":
    np.savez(sys.argv[1], **tensors(*sys.argv[2:3]))
