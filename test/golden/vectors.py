"""Small tensor algebra of the references: what precedes an equation's own axes
broadcasts."""

import numpy as np


def steps(*sequences):
    """The slices at t = 0, 1, .. of several [B, T, ...] arrays."""
    return zip(*(np.moveaxis(x, 1, 0) for x in sequences))


def stack(outputs):
    return np.stack(outputs, axis=1)


def outer(a, b):
    return np.einsum("...i,...j->...ij", a, b)


def left(a, S):
    """a^T S"""
    return np.einsum("...i,...ij->...j", a, S)


def apply(S, a):
    """S a"""
    return np.einsum("...ij,...j->...i", S, a)


def up(x, axes=1):
    """A per-head scalar, with trailing axes to broadcast against tensors."""
    return np.asarray(x)[(...,) + (None,) * axes]


def lead(x):
    """Batch and heads of a sequence of vectors."""
    return x.shape[:1] + x.shape[2:-1]


def zeros(*vectors):
    """A zero state over batch, heads and the last axis of each sequence."""
    return np.zeros(lead(vectors[0]) + tuple(x.shape[-1] for x in vectors))


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


def softplus(x):
    return np.logaddexp(0, x)


def given(value, default):
    return default if value is None else value
