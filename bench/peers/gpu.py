#!/usr/bin/env python3
"""Times lrc's GPU kernels and flash-linear-attention's on the same tensors.

    python3 bench/peers/gpu.py --lrc build/lib/liblrc.so [--only gla] [--shapes S1,S3] [--schedule ...]

Needs a GPU, PyTorch, and for the peers the package flash-linear-attention. Each
case is checked first: both against each other, as a relative error of norms. Then
both are timed in turn, as medians of CUDA events over sets of tensors that together
are larger than the second cache. The floor is the larger of the time to move each
input and output once at the bandwidth of a copy measured in the same run, and that
of the recurrence's multiply-adds at the measured rate of a bf16 matrix product.
"""

import argparse
import math
import os
import statistics
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lrc_c

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SHAPES = {
    "S1": dict(B=8, T=4096, H=16, K=128, V=128),
    "S2": dict(B=1, T=32768, H=16, K=128, V=128),
    "S3": dict(B=8, T=2048, H=32, K=64, V=64),
    "decode": dict(B=64, T=1, H=16, K=128, V=128),
    "vector": dict(B=8, T=4096, D=2048),
    "mamba": dict(B=8, T=4096, D=4096, N=16),
}


def timed(call, sets, rounds=5, reps=10):
    """Median milliseconds of a call; each takes the next set."""
    for tensors in sets:
        call(tensors)
    torch.cuda.synchronize()
    times = []
    for _ in range(rounds):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for rep in range(reps):
            call(sets[rep % len(sets)])
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) / reps)
    return statistics.median(times)


def copy_bandwidth():
    source = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    milliseconds = timed(lambda _: target.copy_(source), [None])
    return 2 * source.numel() / milliseconds * 1e3


def product_rate():
    a = torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16)
    milliseconds = timed(lambda _: a @ a, [None])
    return 2 * 8192**3 / milliseconds * 1e3


def make_inputs(library, program, sizes, seed):
    """Tensors for what a recurrence declares; the peer takes the same."""
    generator = torch.Generator("cuda").manual_seed(seed)
    leading = [sizes[n] for n in ("B", "T", "H") if n in sizes]

    def normal(shape):
        return torch.randn(shape, device="cuda", generator=generator)

    t = {}
    declared = library.tensors(program, 0)
    for name, axes in declared.items():
        x = normal(leading + [sizes[axis] for axis in axes])
        if name == "g":
            # A logarithm of decays.
            x = F.logsigmoid(x)
        elif name == "beta":
            # A step size along keys of length one.
            x = torch.sigmoid(x)
        elif name in "qk" and "beta" in declared:
            x = F.normalize(x, dim=-1)
        # Gates of heads are f32, what is as large as the outputs is bf16.
        is_gate = name in ("g", "beta") and "H" in sizes
        t[name] = x if is_gate else x.to(torch.bfloat16)
    for name, axes in library.tensors(program, 1).items():
        # Rates of decay, where they are.
        t[name] = -0.5 - normal([sizes[axis] for axis in axes]).abs()
    return t


def peer_of(name, steps):
    try:
        if steps == 1:
            from fla.ops.gated_delta_rule import fused_recurrent_gated_delta_rule
            from fla.ops.gla import fused_recurrent_gla
            return {
                "gla": lambda t: fused_recurrent_gla(t["q"], t["k"], t["v"], gk=t["g"], initial_state=t["S"],
                                                     output_final_state=True),
                "gated_deltanet": lambda t: fused_recurrent_gated_delta_rule(
                    t["q"], t["k"], t["v"], g=t["g"], beta=t["beta"], initial_state=t["S"], output_final_state=True),
            }.get(name)
        from fla.ops.delta_rule import chunk_delta_rule
        from fla.ops.gated_delta_rule import chunk_gated_delta_rule
        from fla.ops.gla import chunk_gla
        from fla.ops.hgrn import chunk_hgrn
        from fla.ops.linear_attn import chunk_linear_attn
        from fla.ops.retention import chunk_retention
        from fla.ops.simple_gla import chunk_simple_gla
    except ImportError as error:
        print(f"# no peer: {error}", file=sys.stderr)
        return None
    return {
        "linear_attn": lambda t: chunk_linear_attn(t["q"], t["k"], t["v"], normalize=False),
        "retention": lambda t: chunk_retention(t["q"], t["k"], t["v"]),
        "simple_gla": lambda t: chunk_simple_gla(t["q"], t["k"], t["v"], g=t["g"]),
        "vector_scan": lambda t: chunk_hgrn(t["x"], t["g"]),
        "gla": lambda t: chunk_gla(t["q"], t["k"], t["v"], t["g"]),
        "deltanet": lambda t: chunk_delta_rule(t["q"], t["k"], t["v"], t["beta"]),
        "gated_deltanet": lambda t: chunk_gated_delta_rule(t["q"], t["k"], t["v"], t["g"], t["beta"]),
    }.get(name)


def bytes_of(tensors):
    return sum(x.numel() * x.element_size() for x in tensors.values())


def find_spec(name):
    for folder in (os.path.join(ROOT, "examples"), os.path.dirname(os.path.abspath(__file__))):
        path = os.path.join(folder, name + ".dsf")
        if os.path.exists(path):
            return path
    raise RuntimeError(f"no {name}.dsf")


def run_case(library, name, label, options, limits, with_peer):
    sizes = SHAPES[label]
    program = library.program(find_spec(name))
    one = make_inputs(library, program, sizes, 0)
    if label == "decode":
        one["S"] = torch.randn([sizes[n] for n in "BHKV"], device="cuda")
    like = one.get("v", one.get("u", one.get("x")))
    outputs = {"o": torch.full_like(like, float("nan"))}
    if label == "decode":
        outputs["S"] = torch.empty_like(one["S"])
    begin = time.perf_counter()
    kernel = library.kernel(program, one, target="cuda", **options)
    library.caller(kernel, one, outputs)()
    torch.cuda.synchronize()
    compile_ms = (time.perf_counter() - begin) * 1e3
    peer = peer_of(name, sizes["T"]) if with_peer else None
    error = float("nan")
    if peer:
        expected = peer(one)[0].float()
        error = float((outputs["o"].float() - expected).norm() / expected.norm())
    total = bytes_of(one) + bytes_of(outputs)
    count = max(2, -(-2 * 60_000_000 // total))
    sets = [one] + [{n: x.clone() for n, x in one.items()} for _ in range(count - 1)]
    callers = {}
    for index, tensors in enumerate(sets):
        callers[id(tensors)] = library.caller(kernel, tensors, {n: x.clone() for n, x in outputs.items()})
    ours = timed(lambda t: callers[id(t)](), sets)
    theirs = timed(peer, sets) if peer else float("nan")
    # q.S and k v: two multiply-adds for each element of a matrix state.
    flops = 4 * math.prod(sizes.values()) if "K" in sizes else 0
    floor = max(total / limits["bytes"], flops / limits["flops"]) * 1e3
    print(f"| {name} | {label} | {ours:.3f} | {theirs:.3f} | {floor:.3f} | {ours / floor:.1f} | "
          f"{theirs / ours:.2f} | {error:.1e} | {compile_ms:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lrc", default=os.path.join(ROOT, "build", "lib", "liblrc.so"))
    parser.add_argument("--only", default="linear_attn,retention,simple_gla,gla,deltanet,gated_deltanet")
    parser.add_argument("--shapes", default="S1,S3")
    parser.add_argument("--schedule", default="auto")
    parser.add_argument("--chunk", default="0")
    parser.add_argument("--no-peer", action="store_true")
    arguments = parser.parse_args()
    library = lrc_c.Library(arguments.lrc)
    limits = {"bytes": copy_bandwidth(), "flops": product_rate()}
    print(f"# {torch.cuda.get_device_name()}: copy {limits['bytes'] / 1e9:.0f} GB/s, "
          f"bf16 product {limits['flops'] / 1e12:.0f} TFLOP/s")
    print("| recurrence | shape | lrc ms | peer ms | floor ms | times the floor | peer / lrc | difference | compile ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for label in arguments.shapes.split(","):
        for name in arguments.only.split(","):
            options = {"schedule": arguments.schedule, "chunk": arguments.chunk}
            try:
                run_case(library, name, label, options, limits, not arguments.no_peer)
            except RuntimeError as error:
                print(f"| {name} | {label} | {error} |", flush=True)


if __name__ == "__main__":
    main()
