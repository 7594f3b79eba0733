#!/usr/bin/env python3
"""Compiles every example for GPUs and has ptxas assemble it.

    gpu.py LRC EXAMPLE.dsf...

No GPU is needed. Each example is compiled in f32 and with 16-bit inputs, under
each schedule that it has, for sm_90a, and once for sm_80. A warning of ptxas and, for
the sizes of a usual head, more than 64 bytes of spilled registers are failures.
"""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from analyzed import recurrences

LRC = sys.argv[1]


def find_ptxas():
    for folder in [os.environ.get("CUDA_HOME", "") + "/bin", *os.environ["PATH"].split(":"), "/usr/local/cuda/bin"]:
        path = os.path.join(folder, "ptxas")
        if os.access(path, os.X_OK):
            return path
    return None


PTXAS = find_ptxas()


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def compile_one(job):
    spec, name, sizes, dtype, schedule, target = job
    shape = ",".join(f"{dim}={size}" for dim, size in sizes.items())
    with tempfile.TemporaryDirectory() as folder:
        ptx = os.path.join(folder, "kernel.ptx")
        options = [f"--shape={shape}"] if shape else []
        done = run(LRC, "compile", spec, "--recurrence=" + name, "--target=" + target, "--dtype=" + dtype,
                   "--schedule=" + schedule, "--emit=ptx", "-o", ptx, *options)
        if done.returncode:
            return None if "does not apply" in done.stderr else done.stderr
        if not PTXAS:
            return None
        done = run(PTXAS, "-arch=" + target, "-v", ptx, "-o", os.path.join(folder, "kernel.cubin"))
        if done.returncode or "warning" in done.stderr:
            return done.stderr
        spilled = sum(int(number) for number in re.findall(r"(\d+) bytes spill stores", done.stderr))
        usual = sizes.get("H") is not None
        return f"{spilled} bytes of registers are spilled" if usual and spilled > 64 else None


def main():
    jobs = []
    for spec in sys.argv[2:]:
        for name, sizes in recurrences(LRC, spec):
            for schedule in ("sequential", "chunked"):
                for dtype in ("f32", "bf16"):
                    jobs.append((spec, name, sizes, dtype, schedule, "sm_90a"))
            jobs.append((spec, name, sizes, "bf16", "auto", "sm_80"))
            if set(sizes) == {"K", "V"}:
                head = {"K": 128, "V": 128, "B": 8, "H": 16}
                jobs.append((spec, name, head, "bf16", "auto", "sm_90a"))
    failures = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for job, error in zip(jobs, pool.map(compile_one, jobs)):
            if error:
                failures += 1
                print(f"{os.path.basename(job[0])} {job[1]} {job[3]} {job[4]} {job[5]} {job[2]}: {error.strip()}")
    assembled = "assembled" if PTXAS else "compiled; ptxas was not found, nothing was assembled"
    print(f"{len(jobs)} kernels {assembled}, {failures} failures")
    return 1 if failures or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
