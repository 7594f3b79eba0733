"""Compares the examples with other people's implementations.

    compare.py LRC [--dtype f64] [--only WORD] [--lrc-args="--schedule=.."]
    compare.py --reference-only

For every case of mapping.py it hands the golden inputs to `lrc run` and
compares outputs and final states; for every example it does the same with
random inputs, against reference.py. Prints one row per output, with the error
|y - ref| / |ref|, and exits 1 when one is above its bound. --reference-only
compares reference.py with the golden files: it needs no lrc and shows that the
mapping is right. LRC may also be given by the environment variable LRC.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import mapping
import random_inputs
import reference

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent / "examples"
F32_BOUND = 1e-5


def load(golden):
    """The arrays of a golden file, floating-point ones as float64."""
    with np.load(HERE / f"{golden}.npz") as arrays:
        return {name: arrays[name].astype(np.float64) for name in arrays}


def resolve(entries, arrays):
    take = lambda entry: arrays[entry] if isinstance(entry, str) else entry(arrays)
    return {name: take(entry) for name, entry in entries.items()}


def golden_cases(words):
    """(row label, example, inputs, options, expected, f64 bound)"""
    for case in mapping.CASES:
        if words and not {case.golden, case.example} & set(words):
            continue
        arrays = load(case.golden)
        inputs = resolve(case.inputs, arrays)
        expected = resolve(case.outputs, arrays)
        label = case.golden + (f" ({case.note})" if case.note else "")
        yield label, case.example, inputs, case.options, expected, case.bound


def random_cases(words):
    for label, example, inputs in random_inputs.cases():
        if words and example not in words:
            continue
        expected = getattr(reference, example)(**inputs)
        yield f"random: {label}", example, inputs, {}, expected, 1e-12


def narrow(x, dtype):
    x = np.asarray(x)
    if dtype == "f64":
        return x
    return x.astype(np.complex64 if np.iscomplexobj(x) else np.float32)


def run_lrc(lrc, example, inputs, options, dtype, extra):
    """What `lrc run` computes, or the text of its failure."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/in.npz", f"{folder}/out.npz"
        np.savez(source, **{n: narrow(x, dtype) for n, x in inputs.items()})
        command = [lrc, "run", str(EXAMPLES / f"{example}.dsf")]
        command += ["--in", source, "--out", target]
        for name, value in options.items():
            command += ["--set", f"{name}={value!r}"]
        done = subprocess.run(command + extra, capture_output=True, text=True)
        if done.returncode:
            return done.stderr.strip() or f"exit status {done.returncode}"
        with np.load(target) as arrays:
            return {name: arrays[name] for name in arrays}


def run_reference(example, inputs, options):
    return getattr(reference, example)(**inputs, **options)


def error(y, ref):
    if y.shape != ref.shape:
        return f"SHAPE {y.shape}, expected {ref.shape}"
    wide = np.complex128 if np.iscomplexobj(ref) else np.float64
    difference = np.linalg.norm((y.astype(wide) - ref).ravel())
    return difference / max(np.linalg.norm(ref.ravel()), 1e-300)


def report(label, example, name, found, bound):
    """Prints a row and says whether it is good; `found` may be a message."""
    failed = isinstance(found, str)
    good = not failed and found <= bound
    shown = "-" if failed else f"{found:.1e}"
    verdict = "ok" if good else found if failed else "VIOLATED"
    print(f"{label:64} {example:20} {name:4} {shown:>8} {bound:.0e}  {verdict}")
    return good


def check(case, dtype, run):
    """One row per expected output; lists which are good."""
    label, example, inputs, options, expected, bound = case
    label = f"{label} {dtype}"
    if dtype == "f32":
        bound = max(bound, F32_BOUND)
    got = run(example, inputs, options)
    if isinstance(got, str):
        return [report(label, example, "-", f"FAILED\n{got}", bound)]
    return [
        report(
            label,
            example,
            name,
            error(got[name], ref) if name in got else "MISSING",
            bound,
        )
        for name, ref in expected.items()
    ]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lrc", nargs="?", default=os.environ.get("LRC"))
    parser.add_argument("--reference-only", action="store_true")
    parser.add_argument("--dtype", choices=["f64", "f32"], action="append")
    parser.add_argument("--only", action="append", help="golden file or example")
    parser.add_argument("--lrc-args", default="", help="further options of lrc")
    options = parser.parse_args()
    if not options.lrc and not options.reference_only:
        parser.error("expected the path of lrc, or --reference-only")
    return options


def main():
    options = arguments()
    extra = shlex.split(options.lrc_args)
    print(f"{'file':64} {'example':20} {'out':4} {'error':>8} bound  ok")
    good = []
    cases = list(golden_cases(options.only))
    if options.reference_only:
        for case in cases:
            good += check(case, "f64", run_reference)
    else:
        cases += random_cases(options.only)
        for dtype in options.dtype or ["f64", "f32"]:
            run = lambda *args: run_lrc(options.lrc, *args, dtype, extra)
            for case in cases:
                good += check(case, dtype, run)
    print(f"{good.count(True)} of {len(good)} good")
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
