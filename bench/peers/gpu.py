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
import os
import statistics
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lrc_c

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SHAPES = {"S1": (8, 4096, 16, 128, 128), "S2": (1, 32768, 16, 128, 128), "S3": (8, 2048, 32, 64, 64),
          "decode": (64, 1, 16, 128, 128)}


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


def make_inputs(declared, shape, seed):
    """Tensors for the inputs that a recurrence declares; the peer takes the same."""
    batch, steps, heads, keys, values = shape
    generator = torch.Generator("cuda").manual_seed(seed)

    def normal(*sizes):
        return torch.randn(batch, steps, heads, *sizes, device="cuda", generator=generator)

    half = lambda x: x.to(torch.bfloat16)
    t = {"q": half(normal(keys)), "k": half(normal(keys)), "v": half(normal(values))}
    if "beta" in declared:
        # A step size along keys of length one.
        t["q"], t["k"] = (half(F.normalize(t[n].float(), dim=-1)) for n in "qk")
        t["beta"] = torch.sigmoid(normal())
    if "g" in declared:
        # A logarithm of decays: one number, or one for each key.
        t["g"] = F.logsigmoid(normal(*[keys] * declared["g"]))
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
        "gla": lambda t: chunk_gla(t["q"], t["k"], t["v"], t["g"]),
        "deltanet": lambda t: chunk_delta_rule(t["q"], t["k"], t["v"], t["beta"]),
        "gated_deltanet": lambda t: chunk_gated_delta_rule(t["q"], t["k"], t["v"], t["g"], t["beta"]),
    }.get(name)


def bytes_of(tensors):
    return sum(x.numel() * x.element_size() for x in tensors.values())


def run_case(library, name, label, options, limits, with_peer):
    shape = SHAPES[label]
    batch, steps, heads, keys, values = shape
    program = library.program(os.path.join(ROOT, "examples", name + ".dsf"))
    one = make_inputs(library.inputs(program), shape, 0)
    if label == "decode":
        one["S"] = torch.randn(batch, heads, keys, values, device="cuda")
    outputs = {"o": torch.full((batch, steps, heads, values), float("nan"), device="cuda", dtype=torch.bfloat16)}
    if label == "decode":
        outputs["S"] = torch.empty_like(one["S"])
    begin = time.perf_counter()
    kernel = library.kernel(program, one, target="cuda", **options)
    library.caller(kernel, one, outputs)()
    torch.cuda.synchronize()
    compile_ms = (time.perf_counter() - begin) * 1e3
    peer = peer_of(name, steps) if with_peer else None
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
    # q.S and k v: two multiply-adds for each element of the state.
    flops = 4 * batch * steps * heads * keys * values
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
