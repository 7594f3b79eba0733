"""Inputs on which kernels go wrong, through `lrc run`, against plain numpy.

Usage: hostile.py LRC. Prints a line for each case, exits 1 if one fails.
"""

import os
import subprocess
import sys
import tempfile
import zlib
from unittest import mock

import numpy as np

import mapping
import random_inputs
import reference

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, "..", "..", "examples")
BOUND = 1e-5
rng = np.random.default_rng(7)


def normal(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def run(lrc, spec, inputs):
    """The outputs of `lrc run`, by name."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = (os.path.join(folder, n) for n in ("in.npz", "out.npz"))
        np.savez(source, **inputs)
        result = subprocess.run(
            [lrc, "run", spec, "--in", source, "--out", target],
            capture_output=True,
            text=True,
        )
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        with np.load(target) as data:
            return {name: data[name] for name in data.files}


def example(name):
    return os.path.join(EXAMPLES, name + ".dsf")


def compare(got, want):
    """Largest relative error of the tensors in `want`; inf where NaNs differ."""
    worst = 0.0
    for name, expected in want.items():
        value = got[name].astype(np.result_type(got[name], np.float64))
        if value.shape != expected.shape or not np.array_equal(
            np.isnan(value), np.isnan(expected)
        ):
            return np.inf
        keep = ~np.isnan(expected)
        norm = np.linalg.norm(expected[keep]) or 1.0
        worst = max(worst, np.linalg.norm((value - expected)[keep]) / norm)
    return worst


def as_double(inputs):
    return {k: v.astype(np.float64) for k, v in inputs.items()}


def gla_inputs(B, T, H, K, V, g=None):
    gates = -np.abs(normal(B, T, H, K)) if g is None else g
    return dict(q=normal(B, T, H, K), k=normal(B, T, H, K), v=normal(B, T, H, V), g=gates)


def gla_case(lrc, *shape, g=None):
    inputs = gla_inputs(*shape, g=g)
    return compare(run(lrc, example("gla"), inputs), reference.gla(**as_double(inputs)))


def delta_case(lrc, B, T, H, K, V):
    k = normal(B, T, H, K)
    k /= np.linalg.norm(k, axis=-1, keepdims=True)
    inputs = dict(q=normal(B, T, H, K), k=k, v=normal(B, T, H, V),
                  beta=rng.random((B, T, H), dtype=np.float32),
                  g=-np.abs(normal(B, T, H)))
    got = run(lrc, example("gated_deltanet"), inputs)
    return compare(got, reference.gated_deltanet(**as_double(inputs)))


def deep_gates(lrc):
    """Gates of -10^4 among gates of 0."""
    g = np.where(rng.random((2, 40, 2, 20)) < 0.5, np.float32(-1e4), np.float32(0))
    return gla_case(lrc, 2, 40, 2, 20, 24, g=g)


def long_scan(lrc):
    """A million steps of one channel."""
    T = 1000003
    inputs = dict(x=normal(1, T, 1), ra=normal(1, T, 1), ix=normal(1, T, 1),
                  reset=(rng.random((1, T)) < 1e-5).astype(np.float32),
                  Lambda=normal(1))
    got = run(lrc, example("rg_lru"), inputs)
    want = reference.rg_lru(**as_double(inputs))
    return compare(got, want)


def empty(lrc, B, H):
    """No sequences, or no heads: empty outputs of the right shape."""
    got = run(lrc, example("gla"), gla_inputs(B, 5, H, 4, 6))
    good = got["o"].shape == (B, 5, H, 6) and got["S"].shape == (B, H, 4, 6)
    return 0.0 if good else np.inf


def no_steps(lrc):
    """T = 0 returns the initial state."""
    S = normal(2, 3, 4, 6)
    got = run(lrc, example("gla"), dict(gla_inputs(2, 0, 3, 4, 6), S=S))
    good = got["o"].shape == (2, 0, 3, 6) and np.array_equal(got["S"], S)
    return 0.0 if good else np.inf


def isolated_nan(lrc):
    """NaN in one sequence and head stays there."""
    inputs = gla_inputs(3, 9, 2, 20, 36)
    clean = run(lrc, example("gla"), inputs)
    inputs["v"][1, 4, 1, 3] = np.nan
    inputs["g"][1, 6, 1, 0] = np.nan
    got = run(lrc, example("gla"), inputs)
    others = np.ones((3, 2), bool)
    others[1, 1] = False
    same = all(
        np.array_equal(np.moveaxis(got[n], 2, 1)[others] if n == "o" else got[n][others],
                       np.moveaxis(clean[n], 2, 1)[others] if n == "o" else clean[n][others])
        for n in ("o", "S"))
    reached = np.isnan(got["o"][1, 8, 1]).all()
    return 0.0 if same and reached else np.inf


def packed(lrc):
    """Packed sequences of unequal length, one empty, equal separate runs."""
    bounds = np.array([0, 7, 7, 8, 30], np.int64)
    inputs = gla_inputs(1, 30, 2, 12, 20)
    states = normal(4, 2, 12, 20)
    got = run(lrc, example("gla"), dict(inputs, S=states, cu_seqlens=bounds))
    worst = 0.0
    for n, (begin, end) in enumerate(zip(bounds, bounds[1:])):
        part = {name: x[:, begin:end] for name, x in inputs.items()}
        if begin < end:
            want = reference.gla(**as_double(part), S=states[n : n + 1].astype(float))
        else:
            want = {"o": np.zeros((1, 0, 2, 20)), "S": states[n : n + 1].astype(float)}
        worst = max(worst, compare({"o": got["o"][:, begin:end], "S": got["S"][n : n + 1]}, want))
    return worst


def angles(lrc):
    """Rotation by t theta at large t, where f32 angles lose their digits."""
    inputs = dict(q=normal(1, 20000, 1, 8), k=normal(1, 20000, 1, 8), v=normal(1, 20000, 1, 4))
    got = run(lrc, example("retention"), inputs)
    return compare(got, reference.retention(**as_double(inputs)))


def groups(lrc):
    """Two key heads shared by six value heads."""
    inputs = gla_inputs(2, 11, 6, 8, 10)
    for name in "kg":
        inputs[name] = np.ascontiguousarray(inputs[name][:, :, :2])
    full = dict(inputs, **{n: np.repeat(inputs[n], 3, axis=2) for n in "kg"})
    return compare(run(lrc, example("gla"), inputs), reference.gla(**as_double(full)))


def draw(name, heads, **sizes):
    """Inputs of an example at other sizes than those of random_inputs.py."""
    seed = zlib.crc32(f"{name} {heads} {sizes}".encode())
    with mock.patch.multiple(random_inputs, **sizes):
        inputs = random_inputs.MAKERS[name](random_inputs.Draw(seed, heads))
    return {n: narrow(x) for n, x in inputs.items()}


def narrow(x):
    return np.asarray(x).astype(np.complex64 if np.iscomplexobj(x) else np.float32)


def wide(inputs):
    """The same numbers for the reference."""
    return {n: x.astype(np.result_type(x, np.float64)) for n, x in inputs.items()}


def expected(name, inputs):
    return getattr(reference, name)(**wide(inputs))


def sizes_case(name, **sizes):
    def case(lrc):
        inputs = draw(name, 2, **sizes)
        return compare(run(lrc, example(name), inputs), expected(name, inputs))

    return case


def no_sequences(name):
    def case(lrc):
        inputs = draw(name, 2, B=0)
        want = expected(name, inputs)
        got = run(lrc, example(name), inputs)
        return 0.0 if all(got[n].shape == want[n].shape for n in want) else np.inf

    return case


def packed_case(name):
    """Unequal lengths, one empty, with initial states where the example has
    real ones: as separate runs."""

    def case(lrc):
        bounds = np.array([0, 7, 7, 8, 30], np.int64)
        inputs = draw(name, 2, B=1, T=30)
        steps = [n for n, x in inputs.items() if x.shape[:2] == (1, 30)]
        states = {n: normal(4, 2, *shape) for n, shape in random_inputs.STATES.get(name, {}).items()}
        got = run(lrc, example(name), dict(inputs, **states, cu_seqlens=bounds))
        worst = 0.0
        for n, (begin, end) in enumerate(zip(bounds, bounds[1:])):
            own = {s: x[n : n + 1] for s, x in states.items()}
            if begin == end:
                worst = max(worst, compare({s: got[s][n : n + 1] for s in own}, own))
                continue
            part = {m: x[:, begin:end] if m in steps else x for m, x in inputs.items()}
            want = expected(name, part | own)
            pieces = {m: x[:, begin:end] if x.shape[:2] == (1, 30) else x[n : n + 1]
                      for m, x in got.items()}
            worst = max(worst, compare(pieces, want))
        return worst

    return case


# What runs into a corner when it is +-10^4 or 0, by example.
EXTREMES = dict(
    gla_kv=dict(g=(-1e4, 0), gv=(-1e4, 0)),
    simple_gla=dict(g=(-1e4, 0)),
    gated_deltanet=dict(g=(-1e4, 0)),
    rwkv6=dict(w=(-1e4, 0, 1e4)),
    mamba1=dict(dt=(-1e4, 0, 1e3)),
    mamba1_neg=dict(dt=(-1e4, 0, 1e3)),
    lightnet=dict(k=(-1e4, 0, 1e4), q=(-1e4, 1)),
    aaren=dict(k=(-1e4, 0, 1e4)),
    transnormer_norm=dict(q=(-1e4, 0), k=(-1e4, 0)),
    flowformer_causal=dict(q=(-1e4, 0, 1e4), k=(-1e4, 0, 1e4)),
    q_lstm=dict(f=(-1e4, 0, 1e4), i=(-1e4, 0, 1e4), z=(-1e4, 0, 1e4), og=(-1e4, 0, 1e4)),
    gilr=dict(f=(-1e4, 0, 1e4), og=(-1e4, 1)),
    mega_ema=dict(delta=(-1e4, 0, 1e4), alpha=(-1e4, 0, 1e4)),
    rg_lru=dict(ra=(-1e4, 0, 1e4), ix=(-1e4, 0, 1e4)),
    titans_linear=dict(alpha=(0, 1), eta=(0, 1), theta=(0, 0.5, 1)),
)


def extremes_case(name):
    def case(lrc):
        inputs = draw(name, 2, T=40)
        for n, values in EXTREMES[name].items():
            inputs[n] = rng.choice(np.float32(values), inputs[n].shape)
        return compare(run(lrc, example(name), inputs), expected(name, inputs))

    return case


def example_cases():
    """What is asked of every example that no golden file covers."""
    cases = {f"{name}: +-10^4 and 0": extremes_case(name) for name in EXTREMES}
    covered = {case.example for case in mapping.CASES}
    for name in random_inputs.MAKERS:
        if name in covered:
            continue
        cases[f"{name}: T = 1"] = sizes_case(name, T=1)
        cases[f"{name}: sizes of 1"] = sizes_case(name, K=1, V=1, D=1, N=1)
        cases[f"{name}: sizes of 257"] = sizes_case(
            name, B=1, T=5, K=257, V=257, D=257, N=3)
        cases[f"{name}: B = 0"] = no_sequences(name)
        cases[f"{name}: packed"] = packed_case(name)
    return cases


CASES = {
    "T = 1": lambda lrc: gla_case(lrc, 2, 1, 3, 16, 16),
    "K = V = 1": lambda lrc: gla_case(lrc, 2, 19, 3, 1, 1),
    "K = V = 257": lambda lrc: gla_case(lrc, 1, 17, 2, 257, 257),
    "K = 257, V = 40, delta rule": lambda lrc: delta_case(lrc, 1, 33, 2, 257, 40),
    "K = 1, V = 129, delta rule": lambda lrc: delta_case(lrc, 3, 21, 1, 1, 129),
    "K = 3, V = 1000": lambda lrc: gla_case(lrc, 1, 13, 1, 3, 1000),
    "gates of -10^4 and 0": deep_gates,
    "T = 1000003, D = 1": long_scan,
    "B = 0": lambda lrc: empty(lrc, 0, 2),
    "H = 0": lambda lrc: empty(lrc, 2, 0),
    "T = 0": no_steps,
    "NaN stays in its sequence": isolated_nan,
    "packed sequences": packed,
    "angles at t = 20000": angles,
    "head groups": groups,
} | example_cases()

# z of lightnet is a logarithm: at 10^4 its last digit in f32 is 10^-3.
BOUNDS = {"lightnet: +-10^4 and 0": 2e-3}


def main():
    lrc = os.path.abspath(sys.argv[1])
    failed = 0
    for name, case in CASES.items():
        try:
            error = case(lrc)
        except RuntimeError as problem:
            print(problem, end="")
            error = np.inf
        bound = BOUNDS.get(name, BOUND)
        good = error <= bound
        failed += not good
        print(f"{name:36} {error:8.1e}  {bound:.0e}  {'ok' if good else 'BAD'}")
    print(f"{len(CASES) - failed} of {len(CASES)} good")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
