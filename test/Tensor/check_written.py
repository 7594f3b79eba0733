#!/usr/bin/env python3
# Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads files that lrc has written, and checks their values.

usage: check_written.py DIRECTORY

The directory has <dtype>.npy for each dtype, all.npz and all.safetensors, all
with the values of make_corpus.py in the shape (2, 3).
"""

import json
import os
import struct
import sys

import numpy as np

from make_corpus import DTYPES, values


def same(name, array):
    wanted = values(name, (2, 3))
    assert array.dtype == wanted.dtype, (name, array.dtype, wanted.dtype)
    assert array.shape == wanted.shape, (name, array.shape)
    assert array.tobytes() == wanted.tobytes(), (name, array, wanted)


def check_safetensors(path, names):
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<Q", data[:8])[0]
    assert size % 8 == 0, "the data is not aligned"
    head = json.loads(data[8:8 + size])
    assert list(head) == [name for name in names if name != "c128"]
    for name, entry in head.items():
        begin, end = entry["data_offsets"]
        raw = data[8 + size + begin:8 + size + end]
        assert entry["dtype"] == name.upper(), entry
        dtype = DTYPES.get(name, "V2")
        assert begin % np.dtype(dtype).itemsize == 0, "a tensor is not aligned"
        same(name, np.frombuffer(raw, dtype).reshape(entry["shape"]))


def main():
    root = sys.argv[1]
    names = ["f16", "bf16", "f32", "f64", "c64", "c128", "i8", "i16", "i32",
             "i64", "u8", "u16", "u32", "u64", "bool"]
    assert set(names) == set(DTYPES) | {"bf16"}
    for name in names:
        same(name, np.load(os.path.join(root, name + ".npy")))
    with np.load(os.path.join(root, "all.npz")) as archive:
        assert archive.files == names, archive.files
        for name in names:
            same(name, archive[name])
    check_safetensors(os.path.join(root, "all.safetensors"), names)


if __name__ == "__main__":
    main()
