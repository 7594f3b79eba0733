#!/usr/bin/env python3
"""Runs kernels of GPUs on the CPU and compares them with kernels of the CPU.

    emulate.py LRC CLANG SPEC.dsf...

Every recurrence is compiled for sm_90a, in f32 under each schedule and in bf16 in chunks,
which tensor cores compute, to LLVM IR. Instructions that a CPU lacks become calls of
emulator.c, which runs the threads of a block in several orders. Results are compared with
those of `lrc run --schedule sequential` in f32, and accesses of shared memory must be
ordered by barriers. f64 functions are emulated where there is a libdevice; accesses of more than 16 bytes at
once are not checked for their order.
"""

import ctypes
import os
import re
import subprocess
import sys
import tempfile
import zlib

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from analyzed import recurrences

LRC, CLANG = sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
BOUNDS = {"f32": 1e-4, "bf16": 3e-2}  # of sums in another order, of operands in 16 bits
CALLS = {
    "llvm.nvvm.read.ptx.sreg.tid.x": "emulated_thread",
    "llvm.nvvm.read.ptx.sreg.ctaid.x": "emulated_block",
    "llvm.nvvm.barrier.cta.sync.aligned.all": "emulated_barrier",
    "llvm.nvvm.barrier.cta.sync.aligned.count": "emulated_team_barrier",
    "llvm.nvvm.ex2.approx.ftz.f32": "emulated_exp2",
    "llvm.nvvm.add.rn.d": "emulated_add",
    "llvm.nvvm.mul.rn.d": "emulated_mul",
    "llvm.nvvm.rcp.approx.ftz.d": "emulated_reciprocal",
    "llvm.nvvm.d2i.hi": "emulated_high_word",
    "llvm.nvvm.d2i.lo": "emulated_low_word",
    "llvm.nvvm.lohi.i2d": "emulated_of_words",
    "llvm.nvvm.d2i.rn": "emulated_round",
    "llvm.nvvm.fabs.f64": "fabs",
    "llvm.nvvm.fabs.f32": "fabsf",
    "llvm.nvvm.shfl.sync.bfly.i32": "emulated_bfly",
    "llvm.nvvm.shfl.sync.up.i32": "emulated_up",
    "llvm.nvvm.bar.warp.sync": "emulated_meet",
    "llvm.nvvm.cp.async.cg.shared.global.16": "emulated_copy16",
    "llvm.nvvm.cp.async.ca.shared.global.16": "emulated_copy16",
    "llvm.nvvm.cp.async.ca.shared.global.8": "emulated_copy8",
    "llvm.nvvm.cp.async.ca.shared.global.4": "emulated_copy4",
    "llvm.nvvm.cp.async.commit.group": "emulated_copy_group",
    "llvm.nvvm.cp.async.wait.group": "emulated_copy_wait",
}


def struct_of(element, count):
    return "{ " + ", ".join([element] * count) + " }"


def loads_of_matrices():
    """Functions that return what the instruction does, of what emulator.c writes."""
    for count, transposed in ((4, 0), (4, 1), (2, 0), (2, 1)):
        name = f"llvm.nvvm.ldmatrix.sync.aligned.m8n8.x{count}.{'trans.' if transposed else ''}b16.p3"
        struct = struct_of("i32", count)
        lines = [f"define internal {struct} @loaded{count}{transposed}(ptr addrspace(3) %address) noinline {{",
                 f"  %words = alloca [{count} x i32]",
                 f"  call void @emulated_load_matrices(ptr %words, ptr addrspace(3) %address, i32 {count}, "
                 f"i32 {transposed})",
                 f"  %result = load {struct}, ptr %words", f"  ret {struct} %result", "}"]
        yield name, f"loaded{count}{transposed}", "\n".join(lines)


PRODUCT = """
declare void @emulated_load_matrices(ptr, ptr addrspace(3), i32, i32)
declare void @emulated_multiply(ptr, ptr, ptr, ptr)
declare i32 @emulated_transpose(i32)
declare void @emulated_unknown()
define internal { float, float, float, float } @multiplied(i32 %a, i32 %b, i32 %c, i32 %d, i32 %e, i32 %f, float %g,
    float %h, float %i, float %j) noinline {
  %result = alloca [4 x float]
  %lhs = alloca { i32, i32, i32, i32 }
  %rhs = alloca { i32, i32 }
  %sums = alloca { float, float, float, float }
""" + "".join(
    f"  %{place}{index} = getelementptr i32, ptr %{place}, i32 {index}\n  store {kind} %{name}, ptr %{place}{index}\n"
    for place, kind, names in (("lhs", "i32", "abcd"), ("rhs", "i32", "ef"), ("sums", "float", "ghij"))
    for index, name in enumerate(names)) + """
  call void @emulated_multiply(ptr %result, ptr %lhs, ptr %rhs, ptr %sums)
  %all = load { float, float, float, float }, ptr %result
  ret { float, float, float, float } %all
}
"""
SHARED = 1 << 18


class Race(RuntimeError):
    pass


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p)] + [(n, ctypes.c_int64) for n in ("batch", "time", "head", "slices")]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def build(ir, folder, barriers=True):
    """A library with the kernel, as code of this processor."""
    for name, call in CALLS.items():
        if not barriers:
            call = call.replace("emulated_barrier", "emulated_no_barrier")
            call = call.replace("emulated_team_barrier", "emulated_no_team_barrier")
        ir = ir.replace("@" + name, "@" + call)
    # How libdevice reduces angles beyond 10^5, which no test has.
    ir = re.sub(r'asm (sideeffect )?"\{[^"]*", "[^"]*"', "@emulated_unknown", ir)
    ir = re.sub(r'asm "movmatrix[^"]*", "[^"]*"', "@emulated_transpose", ir)
    ir = re.sub(r'asm "mma\.sync[^"]*", "[^"]*"', "@multiplied", ir)
    ir += PRODUCT
    for name, call, text in loads_of_matrices():
        ir = re.sub(r"^declare .*@" + re.escape(name) + r"\(.*$", "", ir, flags=re.M).replace("@" + name, "@" + call)
        ir += text + "\n"
    ir = re.sub(r"^target .*$", "", ir, flags=re.M)
    ir = re.sub(r"byval\(\[\d+ x i64\]\)", "", ir).replace('"nvvm.grid_constant"', "").replace(" immarg", "")
    ir = ir.replace("define ptx_kernel", "define")
    ir = re.sub(r"^(define void @kernel\(.*\)) local_unnamed_addr", r"\1 sanitize_thread", ir, flags=re.M)
    ir = re.sub(r"@lrc_shared = .*", f"@lrc_shared = dso_local addrspace(3) global [{SHARED} x i8] zeroinitializer, "
                "align 128", ir)
    if "@lrc_shared" not in ir:
        ir += f"@lrc_shared = dso_local addrspace(3) global [{SHARED} x i8] zeroinitializer, align 128\n"
    # What waits may not be moved.
    ir = re.sub(r"^(attributes #\d+ = \{).*(memory\(none\)|memory\(inaccessiblemem: readwrite\)).*$", r"\1 nounwind }",
                ir, flags=re.M)
    source, library = os.path.join(folder, "kernel.ll"), os.path.join(folder, "kernel.so")
    with open(source, "w", encoding="utf-8") as file:
        file.write(ir)
    code = os.path.join(folder, "kernel.o")
    for command in (["-fsanitize=thread", "-c", source, "-o", code],
                    ["-shared", code, os.path.join(HERE, "emulator.c"), "-o", library, "-lm"]):
        done = run(CLANG, "-O1", "-w", "-fPIC", *command)
        if done.returncode:
            raise RuntimeError(done.stderr[:400])
    emulator = ctypes.CDLL(library)
    emulator.emulated_race.restype = ctypes.c_char_p
    return emulator


def arguments_of(tiles):
    """(role, name, shape, element) of each argument, and the blocks."""
    line = re.search(r"tile\.kernel .*", tiles).group(0)
    blocks = int(re.search(r"blocks (\d+)", line).group(1))
    found = re.findall(r'(input|param|initial|output|final) "([^"]+)" %\w+: !tile\.ref<([^>]*>?)>', line)
    result = []
    for role, name, text in found:
        shape = [int(size) for size in re.findall(r"(\d+)x", text)]
        element = "complex" if "complex" in text else "bf16" if text.endswith("bf16") else "f32"
        result.append((role, name, shape, element))
    return result, blocks


def ranges_of(options):
    """What a recurrence declares of its inputs, by name: (lowest, highest)."""
    done = run(LRC, "compile", *options, "--emit=dsf")
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = re.findall(r"dsf\.in @(\S+) .* range #dsf\.interval<\w+ (\S+), \w+ (\S+)>", done.stdout)
    return {tensor: (float(low), float(high)) for tensor, low, high in found}


def draw(role, shape, is_complex, limits, random):
    low = {"param": 0.01, "initial": 0.2}.get(role, -0.5)
    high = low + (0.02 if role == "param" else 1)
    low, high = max(low, limits[0]), min(high, limits[1])
    values = random.uniform(low, high, shape + ([2] if is_complex else []))
    values = values.astype(np.float32)
    return values.view(np.complex64)[..., 0] if is_complex else values


def to_bf16(values):
    """The upper halves of f32, rounded to the nearest."""
    bits = values.view(np.uint32)
    return ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bf16(halves):
    return (halves.astype(np.uint32) << 16).view(np.float32)


def check(spec, name, sizes, schedule, steps, chunk, dtype, folder, barriers=True):
    """Worst relative error over tensors and orders; None where a schedule does not apply. An error where accesses of
    shared memory race: without `barriers`, they do."""
    heads = 2
    options = [spec, "--recurrence=" + name, "--target=sm_90a", "--schedule=" + schedule, "--dtype=" + dtype]
    options += ["--shape=" + ",".join(f"{d}={s}" for d, s in {**sizes, "B": 1, "H": heads}.items())]
    if schedule == "chunked":
        options += [f"--chunk={chunk}"]
    tiles = run(LRC, "compile", *options, "--emit=tile")
    if tiles.returncode:
        if "does not apply" in tiles.stderr:
            return None
        raise RuntimeError(tiles.stderr)
    ir = run(LRC, "compile", *options, "--emit=llvm", "--name=kernel")
    if ir.returncode:
        # f64 functions need libdevice, which is not there on every machine.
        if "libdevice" in ir.stderr:
            return None
        raise RuntimeError(ir.stderr)
    if re.search(r"^declare .*@__nv_", ir.stdout, re.M) or (dtype == "bf16" and "mma.sync" not in ir.stdout):
        return None
    arguments, blocks = arguments_of(tiles.stdout)
    ranges = ranges_of(options)
    random = np.random.default_rng(zlib.crc32(name.encode()))
    if not any(role == "input" for role, *_ in arguments):
        return None  # Nothing tells `lrc run` how many steps there are.
    leading = {"input": [1, steps, heads], "output": [1, steps, heads], "param": [heads], "initial": [1, heads],
               "final": [1, heads]}
    given, results, tensors, kept = {}, {}, [], []
    for role, tensor, shape, element in arguments:
        if not tensor.isidentifier():  # what is behind `delay`
            tensors.append(Tensor(None, 0, 0, 0, 1))
            continue
        full = leading[role] + shape
        if role in ("output", "final"):
            values = np.zeros(full, {"complex": np.complex64, "bf16": np.uint16}.get(element, np.float32))
            results[(role, tensor)] = values
        else:
            values = draw(role, full, element == "complex", ranges.get(tensor, (-np.inf, np.inf)), random)
            if element == "bf16":
                values = to_bf16(values)
            given[tensor] = from_bf16(values) if element == "bf16" else values
        kept.append(values)
        count = int(np.prod(shape, dtype=np.int64))
        strides = {"batch": 0 if role == "param" else count * heads * (steps if role in ("input", "output") else 1),
                   "time": count * heads if role in ("input", "output") else 0, "head": count}
        tensors.append(Tensor(values.ctypes.data, strides["batch"], strides["time"], strides["head"], heads))
    np.savez(os.path.join(folder, "in.npz"), **given)
    reference = run(LRC, "run", spec, "--recurrence=" + name, "--in", os.path.join(folder, "in.npz"), "--out",
                    os.path.join(folder, "out.npz"), "--schedule=sequential",
                    "--shape=" + ",".join(f"{d}={s}" for d, s in sizes.items()))
    if reference.returncode:
        raise RuntimeError(reference.stderr)
    expected = np.load(os.path.join(folder, "out.npz"))
    library = build(ir.stdout, folder, barriers)
    threads = int(re.search(r'"nvvm.reqntid"="(\d+)"', ir.stdout).group(1))
    call = (ctypes.c_int64 * (6 + 5 * len(tensors)))(1, steps, heads, 0, 0, 0)
    ctypes.memmove(ctypes.addressof(call) + 48, (Tensor * len(tensors))(*tensors), 40 * len(tensors))
    scratch = ctypes.create_string_buffer(1 << 26)
    worst = 0
    for order in (0, 1, 41):
        for values in results.values():
            values.view(np.uint8).fill(0xff)  # no numbers
        if library.emulate(call, scratch, heads * blocks, threads, SHARED, order):
            raise RuntimeError("threads wait for each other in vain")
        if library.emulated_race():
            raise Race(library.emulated_race().decode())
        for key, values in results.items():
            # States that callers never see are not returned.
            if key[1] not in expected:
                continue
            wanted = expected[key[1]]
            if values.dtype == np.uint16:
                values = from_bf16(values)
            difference = np.linalg.norm(values.ravel() - wanted.ravel()) / max(np.linalg.norm(wanted.ravel()), 1e-30)
            worst = max(worst, float("inf") if np.isnan(difference) else float(difference))
    return worst


def races_without_barriers():
    """Whether a kernel that lacks its barriers is found."""
    spec = os.path.join(os.path.dirname(os.path.dirname(HERE)), "examples", "simple_gla.dsf")
    with tempfile.TemporaryDirectory() as folder:
        try:
            check(spec, "simple_gla", {"K": 64, "V": 32}, "chunked", 99, 32, "bf16", folder, barriers=False)
        except Race:
            return True
    return False


def main():
    counts = dict.fromkeys(BOUNDS, 0)
    failures = 0
    for spec in sys.argv[3:]:
        for name, dims in recurrences(LRC, spec):
            # Sizes that are no multiples of anything, so that edges run; and larger ones, so that threads share what
            # each would have of a state, and inputs of several steps are loaded ahead.
            # In bf16 there are a few chunks, and some steps more.
            for schedule, steps, most, chunk, dtype in (
                    ("sequential", 5, (18, 34), 1, "f32"), ("chunked", 37, (18, 34), 16, "f32"),
                    ("sequential", 11, (64, 32), 1, "f32"), ("chunked", 99, (32, 64), 32, "bf16"),
                    ("chunked", 131, (128, 64), 64, "bf16")):
                sizes = {dim: most[index % 2] if size >= 64 else min(size, most[index % 2])
                         for index, (dim, size) in enumerate(dims.items())}
                with tempfile.TemporaryDirectory() as folder:
                    try:
                        error = check(spec, name, sizes, schedule, steps, chunk, dtype, folder)
                    except RuntimeError as problem:
                        error, text = float("inf"), str(problem).strip()[:300]
                    else:
                        text = ""
                if error is None:
                    continue
                counts[dtype] += 1
                if error > BOUNDS[dtype]:
                    failures += 1
                    print(f"{os.path.basename(spec)} {name} {schedule} {dtype} {sizes}: error {error:.1e} {text}", flush=True)
    if not races_without_barriers():
        failures += 1
        print("a kernel without barriers: no race was found")
    print(f"{sum(counts.values())} kernels emulated, {failures} failures")
    return 1 if failures or not all(counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
