"""Tensor files that do not suit examples/gla.dsf, or are broken.

    broken_tensors.py LRC EXAMPLES FOLDER

Each must be refused with exit status 2 and one error, which has the words that
stand beside it here, and leave no output file.
"""

import os
import struct
import subprocess
import sys

import numpy as np

from make_tensors import tensors

lrc, examples, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)


def without(*names):
    return {n: x for n, x in tensors().items() if n not in names}


def replaced(**arrays):
    return dict(tensors(), **arrays)


def ones(*shape, dtype=np.float32):
    return np.ones(shape, dtype)


def bounds(*values, dtype=np.int32):
    one = {n: x.reshape(1, 12, *x.shape[2:]) for n, x in tensors().items()}
    return dict(one, cu_seqlens=np.array(values, dtype))


# What the file holds, and what the error says.
MISMATCHES = [
    # Names.
    ({}, "missing input q [B, T, H, K], input k"),
    (without("g"), "missing input g [B, T, H, K]"),
    (dict(without("g"), G=tensors()["g"]), "missing input g [B, T, H, K] (is it G?)"),
    # Rank.
    (replaced(q=ones(2, 6)), "q: expected shape [B, T, H, K] or [B, T, K], got [2, 6]"),
    (replaced(v=ones(1, 2, 6, 4, 5)), "v: expected shape [B, T, H, V] or [B, T, V]"),
    (replaced(q=np.float32(3)), "q: expected shape [B, T, H, K] or [B, T, K], got []"),
    (replaced(S=ones(8, 5)), "S: expected shape [B, H, K, V] or [B, K, V], got [8, 5]"),
    (replaced(scale=ones(4, 1)), "scale: expected shape [H] or [], got [4, 1]"),
    # Sizes that contradict each other.
    (replaced(k=ones(2, 6, 4, 7)), "k: expected shape [B, T, H, K] with K = 8 (from q), got [2, 6, 4, 7]"),
    (replaced(g=ones(3, 6, 4, 8)), "g: expected shape [B, T, H, K] with B = 2 (from q), got [3, 6, 4, 8]"),
    (replaced(v=ones(2, 5, 4, 5)), "v: expected shape [B, T, H, V] with T = 6 (from q), got [2, 5, 4, 5]"),
    (replaced(k=ones(2, 6, 3, 8)), "k: expected a number of heads that divides H = 4 (from q), got 3"),
    (replaced(k=ones(2, 6, 0, 8)), "k: expected a number of heads that divides H = 4 (from q), got 0"),
    (replaced(scale=ones(3)), "scale: expected a number of heads that divides H = 4 (from q), got 3"),
    (replaced(S=ones(2, 4, 8, 6)), "S: expected shape [B, H, K, V] with V = 5 (from v), got [2, 4, 8, 6]"),
    (replaced(S=ones(1, 4, 8, 5)), "S: expected shape [B, H, K, V] with B = 2 (from q), got [1, 4, 8, 5]"),
    (replaced(q=ones(2, 6, 4, 0)), "q: expected K to be at least 1, got shape [2, 6, 4, 0]"),
    # Element types.
    (replaced(q=ones(2, 6, 4, 8, dtype=np.int32)), "q: expected f16, bf16, f32 or f64, got i32; convert it to a floating-point type"),
    (replaced(v=ones(2, 6, 4, 5, dtype=np.uint8)), "v: expected f16, bf16, f32 or f64, got u8"),
    (replaced(v=ones(2, 6, 4, 5, dtype=bool)), "v: expected f16, bf16, f32 or f64, got bool"),
    (replaced(v=ones(2, 6, 4, 5, dtype=np.complex64)), "v: expected real numbers, got complex64; pass its real part"),
    (replaced(q=np.full((2, 6, 4, 8), "x")), "dtype"),
    # Packed sequences.
    (bounds(0, 5, 12, dtype=np.float32), "cu_seqlens: expected i32 or i64, got f32"),
    (bounds(1, 5, 12), "cu_seqlens: expected the first boundary to be 0, got 1"),
    (bounds(0, 7, 5, 12), "cu_seqlens: expected boundaries in ascending order, got 7 and 5"),
    (bounds(0, 5, 11), "cu_seqlens: expected the last boundary to be T = 12 (from q), got 11"),
    (bounds(), "cu_seqlens: expected shape [N + 1] for N sequences, got [0]"),
    (replaced(cu_seqlens=np.array([0, 6])), "cu_seqlens: expected a batch of 1, got B = 2 (from q)"),
    (dict(bounds(0, 5, 12), S=ones(3, 4, 8, 5)), "S: expected shape [N, H, K, V] with N = 2 (from cu_seqlens)"),
]


def saved():
    path = f"{folder}/good.npz"
    np.savez(path, **tensors())
    with open(path, "rb") as file:
        return file.read()


def flipped(data, word, position):
    """The byte at `position` behind the first `word`, changed."""
    at = data.index(word) + position
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def npy(header):
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(64)


# Bytes of a file, its name, and what the error says.
FILES = [
    (b"", "empty.npz", "empty.npz"),
    (b"PK", "short.npz", "short.npz"),
    (saved()[:-40], "truncated.npz", "truncated.npz"),
    (saved()[: len(saved()) // 2], "half.npz", "half.npz"),
    (saved()[1:], "shifted.npz", "shifted.npz"),
    (flipped(saved(), b"NUMPY", 0), "magic.npz", "magic"),
    (flipped(saved(), b"NUMPY", 300), "checksum.npz", "q"),
    (b"\x93NUMPY", "header.npy", "header.npy"),
    (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (999, 999)}"), "lies.npy", "lies.npy"),
    (npy("{'descr': '<f4', 'shape': (4, 4)}"), "key.npy", "fortran_order"),
    (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-4, 4)}"), "negative.npy", "negative.npy"),
    (struct.pack("<Q", 1 << 60) + b"{}", "long.safetensors", "long.safetensors"),
    (struct.pack("<Q", 8) + b"{'q': 1}", "json.safetensors", "json.safetensors"),
    (b"text", "file.txt", "unknown tensor file extension '.txt'"),
]


def refused(path, words):
    """What is wrong with how `lrc run` refuses the file; empty if nothing."""
    target = f"{folder}/out.npz"
    before = set(os.listdir(folder))
    command = [lrc, "run", f"{examples}/gla.dsf", "--in", path, "--out", target]
    done = subprocess.run(command, capture_output=True, text=True)
    problems = []
    if done.returncode != 2:
        problems.append(f"exit status {done.returncode}")
    if done.stdout or done.stderr.count("error:") != 1:
        problems.append("expected one error")
    if words not in done.stderr:
        problems.append(f"expected '{words}'")
    if set(os.listdir(folder)) != before:
        problems.append("a file was left behind")
    return problems and [*problems, done.stderr.strip()]


def cases():
    for number, (arrays, words) in enumerate(MISMATCHES):
        path = f"{folder}/mismatch{number}.npz"
        np.savez(path, **arrays)
        yield path, words
    for data, name, words in FILES:
        path = f"{folder}/{name}"
        with open(path, "wb") as file:
            file.write(data)
        yield path, words
    yield f"{folder}/absent.npz", "absent.npz"
    yield folder, "unknown tensor file extension"


def main():
    all_cases = list(cases())
    bad = 0
    for path, words in all_cases:
        problems = refused(path, words)
        if problems:
            bad += 1
            print(os.path.basename(path), "; ".join(problems), sep=": ")
    print(f"{len(all_cases)} files, {bad} not refused as they should be")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
