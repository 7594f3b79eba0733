"""What `lrc run` writes, read back with numpy: shapes, dtypes and values.

    run.py LRC EXAMPLES FOLDER
"""

import os
import subprocess
import sys

import numpy as np

from make_tensors import gla, tensors

lrc, examples, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)


def run(arrays, *options, spec="gla.dsf"):
    source, target = f"{folder}/in.npz", f"{folder}/out.npz"
    np.savez(source, **arrays)
    command = [lrc, "run", f"{examples}/{spec}", "--in", source, "--out", target]
    subprocess.run(command + list(options), check=True, capture_output=True)
    with np.load(target) as results:
        return {name: results[name] for name in results}


def close(found, expected, dtype, bound=1e-5):
    assert found.dtype == dtype, f"{found.dtype}, expected {dtype}"
    assert found.shape == expected.shape, f"{found.shape}, expected {expected.shape}"
    error = np.linalg.norm((found - expected).ravel())
    assert error <= bound * np.linalg.norm(expected.ravel()), error


def outputs_follow_the_first_input():
    o, S = gla(**tensors())
    found = run(tensors())
    assert list(found) == ["o", "S"]
    close(found["o"], o, np.float32)
    close(found["S"], S, np.float32)
    wide = tensors(np.float64)
    o, S = gla(**wide)
    found = run(wide)
    close(found["o"], o, np.float64, 1e-12)
    close(found["S"], S, np.float64, 1e-12)


def one_wide_tensor_makes_wide_states():
    mixed = tensors()
    mixed["g"] = mixed["g"].astype(np.float64)
    o, S = gla(**mixed)
    found = run(mixed)
    close(found["o"], o, np.float32)
    close(found["S"], S, np.float64, 1e-12)


def dtype_converts():
    half = {n: x.astype(np.float16) for n, x in tensors().items()}
    o, S = gla(**half)
    found = run(tensors(), "--dtype", "f16,o=f32")
    close(found["o"], o, np.float32)
    close(found["S"], S, np.float32)


def scalars_are_set():
    o, S = gla(**tensors(), scale=0.75)
    close(run(tensors(), "--set", "scale=0.75")["o"], o, np.float32)
    with_tensor = dict(tensors(), scale=np.float32(0.75))
    close(run(with_tensor)["o"], o, np.float32)
    close(run(with_tensor, "--set", "scale=0.75,K=8")["o"], o, np.float32)
    per_head = np.array([1, 2, 3, 4], np.float32)
    found = run(dict(tensors(), scale=per_head))["o"]
    close(found, gla(**tensors(), scale=1)[0] * per_head[:, None], np.float32)


def without_heads():
    flat = {n: x[:, :, 0] for n, x in tensors().items()}
    o, S = gla(**{n: x[:, :, None] for n, x in flat.items()})
    found = run(flat)
    close(found["o"], o[:, :, 0], np.float32)
    close(found["S"], S[:, 0], np.float32)


def heads_are_shared():
    shared = tensors()
    shared["k"] = shared["k"][:, :, :2]
    shared["v"] = shared["v"][:, :, :1]
    shared["g"] = shared["g"][:, :, 0]
    full = dict(
        q=shared["q"],
        k=np.repeat(shared["k"], 2, axis=2),
        v=np.repeat(shared["v"], 4, axis=2),
        g=np.repeat(shared["g"][:, :, None], 4, axis=2),
    )
    o, S = gla(**full)
    found = run(shared)
    close(found["o"], o, np.float32)
    close(found["S"], S, np.float32)


def runs_continue_from_a_state():
    o, S = gla(**tensors())
    first = run({n: x[:, :4] for n, x in tensors().items()})
    rest = {n: x[:, 4:] for n, x in tensors().items()}
    found = run(dict(rest, S=first["S"]))
    close(found["o"], o[:, 4:], np.float32)
    close(found["S"], S, np.float32)


def packed_sequences():
    one = {n: x.reshape(1, 12, *x.shape[2:]) for n, x in tensors().items()}
    bounds = [0, 5, 5, 12]
    found = run(dict(one, cu_seqlens=np.array(bounds, np.int32)))
    pieces = [
        gla(**{n: x[:, a:b] for n, x in one.items()})
        for a, b in zip(bounds, bounds[1:])
    ]
    close(found["o"], np.concatenate([o for o, _ in pieces], 1), np.float32)
    close(found["S"], np.concatenate([S for _, S in pieces]), np.float32)


def other_layouts_in_the_file():
    odd = tensors()
    odd["q"] = np.asfortranarray(odd["q"])
    odd["v"] = odd["v"].astype(">f4")
    close(run(odd)["o"], gla(**tensors())[0], np.float32)


def nothing_to_do():
    for name, shape in dict(B=(0, 6, 4), T=(2, 0, 4), H=(2, 6, 0)).items():
        empty = {n: np.zeros(shape + x.shape[3:], x.dtype) for n, x in tensors().items()}
        found = run(empty)
        assert found["o"].shape == shape + (5,), name
        assert not found["S"].any(), name


def streams():
    np.savez(f"{folder}/in.npz", **tensors())
    with open(f"{folder}/in.npz", "rb") as source:
        command = [lrc, "run", f"{examples}/gla.dsf", "--in", "-", "--out", "-"]
        done = subprocess.run(command, stdin=source, capture_output=True, check=True)
    with open(f"{folder}/piped.npz", "wb") as target:
        target.write(done.stdout)
    with np.load(f"{folder}/piped.npz") as results:
        close(results["o"], gla(**tensors())[0], np.float32)


def a_npy_is_the_only_input():
    with open(f"{folder}/one.dsf", "w") as spec:
        spec.write("recurrence r {\n  in x\n  state h\n  h <- x + h\n  out y = h\n}\n")
    x = np.arange(6, dtype=np.float32).reshape(1, 6)
    np.save(f"{folder}/other.npy", x)
    for source in (f"{folder}/other.npy", "-"):
        with open(f"{folder}/other.npy", "rb") as stdin:
            command = [lrc, "run", f"{folder}/one.dsf", "--in", source]
            command += ["--out", f"{folder}/one.npz"]
            subprocess.run(command, stdin=stdin, check=True)
        with np.load(f"{folder}/one.npz") as results:
            close(results["y"], np.cumsum(x, 1), np.float32)


for case in (
    outputs_follow_the_first_input,
    one_wide_tensor_makes_wide_states,
    dtype_converts,
    scalars_are_set,
    without_heads,
    heads_are_shared,
    runs_continue_from_a_state,
    packed_sequences,
    other_layouts_in_the_file,
    nothing_to_do,
    streams,
    a_npy_is_the_only_input,
):
    case()
    print(f"{case.__name__}: ok")
