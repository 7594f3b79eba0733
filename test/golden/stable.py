"""Sums of exponentials with scores of +-1e4, written as plain mathematics.

Usage: stable.py LRC. Prints a line for each case, exits 1 if one fails.

The references are no recurrences. The weight of step s at step t is exp of
x_s plus the logarithms of all decays between; all weights of one t are taken
relative to the largest, in extended precision.
"""

import os
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SPECS = os.path.join(HERE, "..", "Execute")
BOUNDS = {np.float32: 1e-5, np.float64: 1e-12}
WIDE = np.longdouble
rng = np.random.default_rng(11)


# References, of one sequence: arrays [T, ...], initial states [...].


def weights(x, log_decay, t):
    """Of x_s at step t, s <= t, and of the initial state: logarithms."""
    after = np.cumsum(log_decay[::-1], axis=0)[::-1]
    until = np.concatenate([after[1:], np.zeros_like(after[:1])])
    until = until - (until[t] if t + 1 < len(x) else 0)
    total = after[0] - (after[t + 1] if t + 1 < len(x) else 0)
    return x[: t + 1] + until[: t + 1], total


def mix(x, log_decay, values, initial, t):
    """(sum_s exp(L_s) values_s + exp(L_0) initial) exp(-M), and M. x has the
    leading axes of the values."""
    logs, start = weights(x, log_decay, t)
    more = values.ndim - x.ndim
    top = logs.max(axis=0)
    if initial.any():
        top = np.maximum(top, start)
    pad = (...,) + (None,) * more
    w = np.exp(logs - top)[pad] * values[: t + 1]
    return w.sum(axis=0) + np.exp(start - top)[pad] * initial, top


def unscaled(value, top):
    """value exp(top), which may be beyond the numbers of the result."""
    return value * np.exp(top)[(...,) + (None,) * (value.ndim - top.ndim)]


def ratios(x, log_decay, v, u, w):
    """w'/u' after each step, and the final states."""
    out = []
    for t in range(len(x)):
        den, top_u = mix(x, log_decay, np.ones_like(x), u, t)
        num, top_w = mix(x, log_decay, v, w, t)
        out.append(num / den[..., None] * np.exp(top_w - top_u)[..., None])
    return np.array(out), unscaled(den, top_u), unscaled(num, top_w)


def softmax_of_one_query(q, k, v, u, w):
    s = k @ q / np.sqrt(WIDE(len(q)))
    o, u, w = ratios(s, np.zeros_like(s), v, u, w)
    return dict(o=o, u=u, w=w)


def softmax_of_keys(q, k, v, z, S):
    values = np.broadcast_to(v[:, None], (len(v),) + S.shape).copy()
    y, z, S = ratios(k, np.zeros_like(k), values, z, S)
    return dict(o=np.einsum("ti,tij->tj", q / (1 + np.exp(-q)), y), z=z, S=S)


def decayed_softmax(g, s, v, u, w):
    o, u, w = ratios(s, g, v, u, w)
    return dict(o=o, u=u, w=w)


def bonus(s, v, u, w, b=0.5, decay=0.9):
    log_decay = np.full_like(s, np.log(WIDE(decay)))
    out = []
    for t in range(len(s)):
        # What the old states hold, and this step with its bonus instead.
        x = s.copy()
        x[t] = b + s[t]
        ld = log_decay.copy()
        ld[t] = 0
        den, top_u = mix(x, ld, np.ones_like(x), u, t)
        num, top_w = mix(x, ld, v, w, t)
        out.append(num / den * np.exp(top_w - top_u))
    _, u, w = ratios(s, log_decay, v, u, w)
    return dict(o=np.array(out), u=u, w=w)


def exponential_gates(q, k, v, ipre, fpre, opre, C, n):
    log_f = -np.logaddexp(WIDE(0), -fpre)
    kv = k[..., None] * v[:, None]
    scale = 1 / np.sqrt(WIDE(k.shape[1]))
    out = []
    for t in range(len(q)):
        m, top_m = mix(ipre, log_f, kv, C, t)
        d, top_d = mix(ipre, log_f, k, n, t)
        top = np.maximum(np.maximum(top_m, top_d), 0)
        num = scale * q[t] @ m * np.exp(top_m - top)
        den = abs(scale * q[t] @ d) * np.exp(top_d - top)
        out.append(num / np.maximum(den, np.exp(-top)) / (1 + np.exp(-opre[t])))
    return dict(o=np.array(out), C=unscaled(m, top_m), n=unscaled(d, top_d))


# Data: one sequence for each kind of scores.

KINDS = ["mixed", "low", "high", "near", "steps"]


def scores(T, *shape):
    """Multiples of 1/256, so that f32 holds them and their sums exactly."""
    noise = rng.integers(-512, 512, (len(KINDS), T) + shape) / 256
    x = noise.copy()
    x[0] = rng.choice([-1e4, 0, 1e4], x[0].shape) + noise[0]
    x[1] -= 1e4
    x[2] += 1e4
    x[4] += np.linspace(-1e4, 1e4, T).astype(int).reshape((T,) + (1,) * len(shape))
    return x


def normal(*shape):
    return rng.standard_normal((len(KINDS),) + shape)


def positive(*shape):
    return 0.1 + rng.random((len(KINDS),) + shape)


def query_data(T, K=4, V=5):
    k = rng.integers(-512, 512, (len(KINDS), T, K)) / 128
    k[..., 0] = 2 * scores(T) - k[..., 1:].sum(axis=-1)
    return dict(q=np.ones(K), k=k, v=normal(T, V))


def key_data(T, K=5, V=4):
    return dict(q=normal(T, K), k=scores(T, K), v=normal(T, V))


def decay_data(T, V=5):
    g = -abs(normal(T))
    g[rng.random(g.shape) < 0.1] = -1e4
    g[rng.random(g.shape) < 0.3] = 0
    return dict(g=g, s=scores(T), v=normal(T, V))


def bonus_data(T, V=5):
    return dict(s=scores(T), v=normal(T, V))


def gate_data(T, K=4, V=5):
    return dict(q=positive(T, K), k=positive(T, K), v=normal(T, V), ipre=scores(T),
                fpre=2 + 2 * normal(T), opre=normal(T, V))


PATTERNS = {
    "softmax_of_one_query": ("softmax-of-one-query", softmax_of_one_query, query_data,
                             dict(u=(), w=(5,))),
    "softmax_of_keys": ("softmax-of-keys", softmax_of_keys, key_data,
                        dict(z=(5,), S=(5, 4))),
    "decayed_softmax": ("decayed-softmax", decayed_softmax, decay_data,
                        dict(u=(), w=(5,))),
    "bonus": ("decayed-softmax", bonus, bonus_data, dict(u=(), w=(5,))),
    "exponential_gates": ("exponential-gates", exponential_gates, gate_data,
                          dict(C=(4, 5), n=(4,))),
}


# Comparison.


def run(lrc, spec, recurrence, inputs, schedule=()):
    with tempfile.TemporaryDirectory() as folder:
        source, target = (os.path.join(folder, n) for n in ("in.npz", "out.npz"))
        np.savez(source, **inputs)
        result = subprocess.run(
            [lrc, "run", os.path.join(SPECS, spec + ".dsf"), "--recurrence", recurrence,
             "--in", source, "--out", target, *schedule],
            capture_output=True,
            text=True,
        )
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        with np.load(target) as data:
            return {name: data[name] for name in data.files}


def error(got, want):
    """Relative to the norm; where the number is beyond the type, inf is right."""
    with np.errstate(over="ignore"):
        rounded = want.astype(got.dtype)
    beyond = ~np.isfinite(rounded)
    if got.shape != want.shape or np.isnan(got).any() or not np.array_equal(
            got[beyond], rounded[beyond]):
        return np.inf
    difference = got[~beyond].astype(WIDE) - want[~beyond]
    norm = np.linalg.norm(want[~beyond].astype(float)) or 1.0
    return float(np.linalg.norm(difference.astype(float)) / norm)


def worst_of(got, inputs, reference, states, outputs_only=False):
    """The largest error of a tensor of one sequence."""
    arguments = {k: v.astype(WIDE) for k, v in {**inputs, **states}.items()}
    with np.errstate(over="ignore", invalid="ignore"):
        want = reference(**arguments)
        return max(error(got[name], want[name]) for name in want
                   if not (outputs_only and name in states))


def case(lrc, name, dtype, T, start, schedule=()):
    spec, reference, data, shapes = PATTERNS[name]
    inputs = {k: v.astype(dtype) for k, v in data(T).items()}
    fill = {"none": np.zeros, "zero": np.zeros, "given": positive}[start]
    states = {k: (fill((len(KINDS),) + s) if start != "given" else fill(*s)).astype(dtype)
              for k, s in shapes.items()}
    given = {} if start == "none" else states
    got = run(lrc, spec, name, {**inputs, **given}, schedule)
    per_kind = lambda tensors, n: {
        k: v if k == "q" and v.ndim == 1 else v[n] for k, v in tensors.items()}
    return max(worst_of(per_kind(got, n), per_kind(inputs, n), reference, per_kind(states, n))
               for n in range(len(KINDS)))


def packed(lrc, name, dtype):
    """Sequences of unequal length, one after the other, with initial states."""
    spec, reference, data, shapes = PATTERNS[name]
    bounds = np.array([0, 1, 4, 4, 20], np.int64)
    inputs = {k: v.astype(dtype) for k, v in data(20).items()}
    inputs = {k: v if v.ndim == 1 else v[:1] for k, v in inputs.items()}
    states = {k: positive(*s)[:4].astype(dtype) for k, s in shapes.items()}
    got = run(lrc, spec, name, {**inputs, **states, "cu_seqlens": bounds})
    worst = 0.0
    for n, (begin, end) in enumerate(zip(bounds, bounds[1:])):
        if begin == end:
            for k in states:
                worst = max(worst, error(got[k][n], states[k][n].astype(WIDE)))
            continue
        part = {k: v if v.ndim == 1 else v[0, begin:end] for k, v in inputs.items()}
        result = {k: v[n] if k in states else v[0, begin:end] for k, v in got.items()}
        worst = max(worst, worst_of(result, part, reference,
                                    {k: v[n] for k, v in states.items()}))
    return worst


def main():
    lrc = os.path.abspath(sys.argv[1])
    failed = count = 0

    def report(label, dtype, compute):
        nonlocal failed, count
        try:
            value = compute()
        except RuntimeError as problem:
            print(problem, end="")
            value = np.inf
        good = value <= BOUNDS[dtype]
        failed += not good
        count += 1
        print(f"{label:44} {np.dtype(dtype).name} {value:8.1e}  {BOUNDS[dtype]:.0e}  "
              f"{'ok' if good else 'BAD'}")

    for name in PATTERNS:
        for dtype in BOUNDS:
            for T, start in [(33, "none"), (33, "zero"), (20, "given"), (1, "given")]:
                report(f"{name} T={T} start {start}", dtype,
                       lambda: case(lrc, name, dtype, T, start))
            report(f"{name} T=33 chunked", dtype,
                   lambda: case(lrc, name, dtype, 33, "given",
                                ["--schedule", "chunked", "--chunk", "8"]))
            report(f"{name} packed", dtype, lambda: packed(lrc, name, dtype))
    print(f"{count - failed} of {count} good")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
