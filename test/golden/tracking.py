"""State tracking with parameters set by hand: no training, exact answers.

    tracking.py LRC

Reflections with beta = 2 permute, negate and turn the state, so that these
recurrences follow words over a group for any number of steps:

    parity   K = V = 1, k = 1, v = 0, S_0 = 1, beta = 2 x: o = (-1)^(ones so far)
    mod 3    two reflections whose axes are 60 degrees apart turn by 120 degrees
    S_5      beta = 2, k = (e_i - e_j) / sqrt 2 swaps rows i and j; four swaps
             make any permutation of five

Prints one row per task and exits 1 when a state read from `lrc run` is not the
right element. LRC may also be given by the environment variable LRC.
"""

import os
import sys

import numpy as np

from compare import run_lrc

T = 512
RNG = np.random.default_rng(0)


def parity(run):
    x = RNG.integers(0, 2, (4, T))
    ones = np.ones((4, T, 1))
    inputs = dict(q=ones, k=ones, v=0 * ones, beta=2.0 * x)
    o = run("deltanet", inputs | dict(S=np.ones((4, 1, 1))))["o"]
    return np.array_equal(o[..., 0], (-1.0) ** np.cumsum(x, 1))


def mod3(run):
    """S_0 = (1, 0): read with q = e_0 and e_1 in two heads, it is the angle."""
    x = RNG.integers(0, 2, (4, T))
    angles = np.pi / 3 * np.arange(2)
    axes = np.stack([np.cos(angles), np.sin(angles)], -1)
    start = np.broadcast_to([[1.0], [0.0]], (4, 2, 2, 1))
    inputs = dict(
        q=np.broadcast_to(np.eye(2), (4, T, 2, 2)),
        k=np.broadcast_to(axes, (4, T, 2, 2, 2)),
        v=np.zeros((4, T, 2, 2, 1)),
        beta=np.broadcast_to(2.0 * x[:, :, None, None], (4, T, 2, 2)),
        g=np.zeros((4, T, 2)),
        S=start,
    )
    o = run("householder_product", inputs)["o"][..., 0]
    turns = np.arctan2(o[..., 1], o[..., 0]) / (2 * np.pi / 3)
    count = np.cumsum(x, 1)
    near = np.abs(turns - np.rint(turns)).max() < 1e-9
    return near and np.array_equal(np.rint(turns) % 3, count % 3)


def swaps(permutation):
    """At most n - 1 swaps that take the identity to the permutation."""
    rows, found = list(range(len(permutation))), []
    for i, wanted in enumerate(permutation):
        j = rows.index(wanted)
        if i != j:
            rows[i], rows[j] = rows[j], rows[i]
            found.append((i, j))
    return found


def permutations(run, n=5, batch=4):
    k = np.zeros((batch, T, n - 1, n))
    k[..., 0] = 1  # the axis of a step with beta = 0 does not matter
    beta = np.zeros((batch, T, n - 1))
    reads = np.zeros((batch, T))
    for b in range(batch):
        rows = np.arange(n)
        for t in range(T):
            word = RNG.permutation(n)
            rows = rows[word]
            reads[b, t] = rows[0]
            for r, (i, j) in enumerate(swaps(word)):
                k[b, t, r] = (np.eye(n)[i] - np.eye(n)[j]) / np.sqrt(2)
                beta[b, t, r] = 2
    inputs = dict(
        q=np.broadcast_to(np.eye(n)[0], (batch, T, n)),
        k=k,
        v=np.zeros((batch, T, n - 1, n)),
        beta=beta,
        g=np.zeros((batch, T)),
        S=np.broadcast_to(np.eye(n), (batch, n, n)),
    )
    o = run("householder_product", inputs)["o"]
    near = np.abs(o - np.rint(o)).max() < 1e-9
    return near and np.array_equal(np.rint(o).argmax(-1), reads)


def main():
    lrc = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("LRC")
    if not lrc:
        sys.exit("expected the path of lrc")

    def run(example, inputs):
        got = run_lrc(lrc, example, inputs, {}, "f64", [])
        if isinstance(got, str):
            raise RuntimeError(got)
        return got

    good = True
    for task in (parity, mod3, permutations):
        try:
            right = task(run)
            shown = "exact" if right else "WRONG"
        except RuntimeError as failure:
            right, shown = False, f"FAILED: {failure}"
        print(f"{task.__name__:14} T = {T}  {shown}")
        good = good and right
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
