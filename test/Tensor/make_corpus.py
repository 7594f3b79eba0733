#!/usr/bin/env python3
# Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes tensor files with numpy: good ones, and ones that are broken or lie.

usage: make_corpus.py DIRECTORY

DIRECTORY/good has files that lrc must read. Every tensor in them has the
elements 0, 1, 2, ... in C order; complex ones i - i*1j; bool ones i % 2.
DIRECTORY/broken has files that lrc must refuse; BrokenFilesTest.cpp says with
which message. Each file is below 2 KB.
"""

import io
import json
import os
import struct
import sys
import zipfile

import numpy as np

# The names that lrc gives to the dtypes; bf16 is made from f32 by hand.
DTYPES = {
    "f16": "f2", "f32": "f4", "f64": "f8", "c64": "c8", "c128": "c16",
    "i8": "i1", "i16": "i2", "i32": "i4", "i64": "i8",
    "u8": "u1", "u16": "u2", "u32": "u4", "u64": "u8", "bool": "b1",
}


def values(name, shape):
    count = int(np.prod(shape))
    ramp = np.arange(count).reshape(shape)
    if name == "bf16":
        bits = (ramp.astype("<f4").view("<u4") >> 16).astype("<u2")
        return bits.view("V2")
    if name in ("c64", "c128"):
        return (ramp - 1j * ramp).astype(DTYPES[name])
    if name == "bool":
        return (ramp % 2).astype(bool)
    return ramp.astype(DTYPES[name])


def npy(array, version=(1, 0)):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version, allow_pickle=True)
    return out.getvalue()


def raw_npy(header, data=b"", version=1):
    """A .npy file with any header text."""
    header = header.encode() if isinstance(header, str) else header
    size = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + size + header + data


def header(descr="'<f4'", order="False", shape="(2,)"):
    return ("{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n"
            % (descr, order, shape))


def npz(entries, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def zip64(entries):
    """An archive with the zip64 end record, whatever its size."""
    limit = zipfile.ZIP_FILECOUNT_LIMIT
    zipfile.ZIP_FILECOUNT_LIMIT = 0
    try:
        return npz(entries)
    finally:
        zipfile.ZIP_FILECOUNT_LIMIT = limit


def safetensors(head, data=b"", size=None):
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + data


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def patch(data, at, new):
    """`data` with the bytes from `at` on replaced."""
    at %= len(data)
    return data[:at] + new + data[at + len(new):]


def good_npy():
    files = {}
    shape = (2, 3, 4)
    for name in list(DTYPES) + ["bf16"]:
        array = values(name, shape)
        files[f"c_{name}.npy"] = npy(array)
        files[f"fortran_{name}.npy"] = npy(np.asfortranarray(array))
        files[f"v2_{name}.npy"] = npy(array, (2, 0))
        files[f"v3_{name}.npy"] = npy(array, (3, 0))
        if name != "bf16" and array.dtype.itemsize > 1:
            swapped = array.astype(array.dtype.newbyteorder(">"))
            files[f"big_{name}.npy"] = npy(swapped)
            files[f"bigfortran_{name}.npy"] = npy(np.asfortranarray(swapped))
    little_v2 = npy(values("bf16", shape)).replace(b"|V2", b"<V2")
    files["little_bf16.npy"] = little_v2
    for shape in [(), (5,), (0,), (3, 0, 2), (1, 1, 1, 1), (2,) * 6]:
        text = "x".join(map(str, shape)) or "scalar"
        files[f"shape_{text}.npy"] = npy(values("f32", shape))
    files["python2.npy"] = raw_npy(header(shape="(2L, 3L)"),
                                   npy(values("f32", (2, 3)))[-24:])
    return files


def good_archives():
    files = {}
    arrays = {name: values(name, (2, 3)) for name in list(DTYPES) + ["bf16"]}
    for file, save in (("all.npz", np.savez),
                       ("all_deflated.npz", np.savez_compressed)):
        out = io.BytesIO()
        save(out, **arrays)
        files[file] = out.getvalue()
    files["empty.npz"] = npz([])
    files["zip64.npz"] = zip64([("x.npy", npy(values("i32", (2, 3))))])
    files["zeros.npz"] = npz([("x.npy", npy(np.zeros((0, 2), "f4")))])
    comment = npz([("x.npy", npy(values("f32", (2, 3))))])
    files["comment.npz"] = patch(comment, -2, b"\x05\0") + b"hello"
    return files


def good_safetensors():
    head, data = {"__metadata__": {"format": "np"}}, b""
    for name in list(DTYPES) + ["bf16"]:
        if name == "c128":
            continue
        raw = values(name, (2, 3)).tobytes()
        head[name] = entry(name.upper(), (2, 3), (len(data),
                                                  len(data) + len(raw)))
        data += raw
    return {
        "all.safetensors": safetensors(head, data),
        "empty.safetensors": safetensors({}),
        "padded.safetensors": safetensors(b"{}      "),
        "zeros.safetensors":
            safetensors({"x": entry(shape=(0, 2), offsets=(0, 0))}),
    }


def broken_npy():
    plain = npy(values("f32", (2, 3)))
    eight = b"\0" * 8
    return {
        "empty": b"",
        "magic": b"\x93NUMPX" + plain[6:],
        "no_version": plain[:6],
        "version": patch(plain, 6, b"\x09"),
        "no_length": plain[:9],
        "no_length_v2": npy(values("f32", (2,)), (2, 0))[:11],
        "short_header": plain[:40],
        "huge_header_v2": b"\x93NUMPY\2\0" + b"\xff" * 4 + b"{}",
        "truncated": plain[:-1],
        "trailing": plain + b"x",
        "empty_dict": raw_npy("{}"),
        "not_dict": raw_npy("[1, 2, 3]"),
        "no_shape": raw_npy("{'descr': '<f4', 'fortran_order': False}"),
        "twice": raw_npy("{'descr': '<f4', 'descr': '<f8'}"),
        "unknown_key": raw_npy("{'colour': 'red'}"),
        "bad_order": raw_npy(header(order="Maybe"), eight),
        "open_string": raw_npy("{'descr"),
        "after_dict": raw_npy(header() + "import os", eight),
        "binary_header": raw_npy(b"{\x00\x1b[31m\xff"),
        "shape_number": raw_npy(header(shape="(2)"), eight),
        "shape_negative": raw_npy(header(shape="(-2,)"), eight),
        "shape_float": raw_npy(header(shape="(2.0,)"), eight),
        "shape_huge": raw_npy(header(shape="(99999999999999999999,)"), eight),
        "shape_overflow":
            raw_npy(header(shape="(4294967296, 4294967296)"), eight),
        # 2^61 * 2 * 4 = 2^64: a product that wraps to 0.
        "shape_wraps": raw_npy(header(shape="(2305843009213693952, 2)")),
        "zero_overflow":
            raw_npy(header(shape="(0, 4294967296, 4294967296)")),
        "shape_lies": raw_npy(header(shape="(1000000000000,)"), eight),
        "rank": raw_npy(header(shape="(%s)" % ("1, " * 65)), eight[:4]),
        "object": npy(np.array([None, {}], dtype=object)),
        "structured": npy(np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")])),
        "string": npy(np.array(["ab", "cd"])),
        "datetime": npy(np.array(["2020-01-01"], dtype="M8[D]")),
        "longdouble": raw_npy(header(descr="'<f16'"), eight * 4),
        "void": raw_npy(header(descr="'|V3'"), b"\0" * 6),
        "no_byte_order": raw_npy(header(descr="'|f4'"), eight),
        "big_bf16": raw_npy(header(descr="'>V2'"), b"\0" * 4),
        "nonsense_dtype": raw_npy(header(descr="'<q7'"), eight),
        "bool_byte": raw_npy(header(descr="'|b1'"), b"\1\2"),
    }


def broken_npz():
    array = npy(values("f32", (2, 3)))
    plain = npz([("x.npy", array)])
    deflated = npz([("x.npy", npy(np.zeros(64, "f4")))], zipfile.ZIP_DEFLATED)
    central = plain.index(b"PK\1\2")
    central_deflated = deflated.index(b"PK\1\2")
    big = zip64([("x.npy", array)])
    end64 = big.index(b"PK\6\6")
    locator = big.index(b"PK\6\7")
    two = npz([("x.npy", array), ("y.npy", array)])
    second = two.rindex(b"PK\1\2")
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive:
        archive.writestr("x.npy", array)
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr("x.npy", array)
    count = 1 << 40
    return {
        "empty": b"",
        "no_zip": b"hello, world" * 10,
        "truncated": plain[:-30],
        "truncated_end": plain[:-1],
        "trailing": plain + b"garbage",
        "not_npy": npz([("x.npy", b"hello, world")]),
        "other_entry": npz([("readme.txt", b"hello")]),
        "twice": twice.getvalue(),
        "crc": patch(plain, plain.index(array) + len(array) - 1, b"\x77"),
        # Sizes in the central directory that the entry does not have.
        "stored_size_lies": patch(plain, central + 24, struct.pack("<I", 9999)),
        "deflated_size_absurd":
            patch(deflated, central_deflated + 24, b"\0\0\0\x70"),
        "deflated_size_short":
            patch(deflated, central_deflated + 24, struct.pack("<I", 200)),
        "deflated_size_long":
            patch(deflated, central_deflated + 24, struct.pack("<I", 388)),
        # The header and the directory agree, but the stream does not.
        "deflated_stream_short": stream_lies(60),
        "deflated_stream_long": stream_lies(68),
        "deflated_data": patch(deflated, deflated.index(b"x.npy") + 5,
                               b"\xff" * 8),
        "compressed_size_lies":
            patch(patch(plain, central + 20, struct.pack("<I", 1 << 30)),
                  central + 24, struct.pack("<I", 1 << 30)),
        "method": npz([("x.npy", array)], zipfile.ZIP_BZIP2),
        "encrypted": patch(plain, central + 8, b"\1"),
        "entry_count": patch(plain, -22 + 8, struct.pack("<HH", 500, 500)),
        "zip64_count":
            patch(big, end64 + 24, struct.pack("<QQ", count, count)),
        "zip64_offset": patch(big, locator + 8, struct.pack("<Q", count)),
        "directory_offset": patch(plain, -22 + 16, struct.pack("<I", 1 << 30)),
        "local_offset":
            patch(plain, central + 42, struct.pack("<I", 1 << 30)),
        # Both names for the same bytes of the archive, many times over.
        "overlap": overlapping(npy(np.zeros(200, "f4"))),
        "in_entry": npz([("y.npy", array), ("x.npy", array[:-4])]),
        "shape_in_entry":
            npz([("x.npy", raw_npy(header(shape="(1000000000000,)")))]),
        "second_local": patch(two, second + 42, b"\x01"),
    }


def stream_lies(count):
    """64 elements by the header and the directory, `count` in the stream."""
    honest = npy(np.zeros(64, "f4"))
    data = honest[:128] + b"\0" * (4 * count)
    archive = npz([("x.npy", data)], zipfile.ZIP_DEFLATED)
    at = archive.index(b"PK\1\2")
    return patch(archive, at + 24, struct.pack("<I", len(honest)))


def overlapping(array):
    """An archive of three entries whose bytes are the same ones."""
    archive = npz([("a.npy", array)])
    central = archive.index(b"PK\1\2")
    end = archive.index(b"PK\5\6")
    row = archive[central:end]
    rows = b"".join(row.replace(b"a.npy", name)
                    for name in (b"a.npy", b"b.npy", b"c.npy"))
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 3, 3, len(rows), central, 0)
    return archive[:central] + rows + tail


def broken_safetensors():
    eight = b"\0" * 8
    plain = safetensors({"x": entry()}, eight)

    def one(data=eight, **fields):
        description = entry()
        description.update(fields)
        return safetensors({"x": description}, data)

    def without(key):
        description = entry()
        del description[key]
        return safetensors({"x": description}, eight)

    x = json.dumps(entry())
    return {
        "empty": b"",
        "short": b"\1\2\3",
        "header_lies": safetensors({"x": entry()}, eight, size=1 << 60),
        "header_max": b"\xff" * 8 + b"{}",
        "truncated_header": plain[:30],
        "truncated": plain[:-1],
        "trailing": plain + b"x",
        "not_json": safetensors(b"{hello}"),
        "not_object": safetensors(b"[1, 2]"),
        "json_utf8": safetensors(b'{"\xff\xfe": 1}'),
        "json_trailing": safetensors(b"{} x"),
        "json_deep": safetensors(b'{"x": ' + b"[" * 1500),
        "twice": safetensors(f'{{"x": {x}, "x": {x}}}'.encode(), eight),
        "twice_escaped":
            safetensors(f'{{"x": {x}, "\\u0078": {x}}}'.encode(), eight),
        "no_object": safetensors({"x": 3}),
        "no_dtype": without("dtype"),
        "no_shape": without("shape"),
        "no_offsets": without("data_offsets"),
        "dtype": one(dtype="F8_E4M3"),
        "c128": one(dtype="C128"),
        "shape_negative": one(shape=[-2]),
        "shape_fraction": one(shape=[2.5]),
        "shape_exponent": safetensors(
            b'{"x": {"dtype": "F32", "shape": [9223372036854775808.0], '
            b'"data_offsets": [0, 8]}}', eight),
        "shape_huge": one(shape=[1 << 63]),
        "shape_overflow": one(shape=[1 << 32, 1 << 32]),
        "shape_wraps": one(shape=[1 << 61, 2], data_offsets=[0, 0], data=b""),
        "shape_lies": one(shape=[3]),
        "rank": one(shape=[1] * 65),
        "offsets_order": one(data_offsets=[8, 0]),
        "offsets_beyond": one(data_offsets=[0, 1 << 62]),
        "offsets_negative": one(data_offsets=[-8, 0]),
        "offsets_three": one(data_offsets=[0, 4, 8]),
        "hole": one(data_offsets=[4, 12], data=b"\0" * 12),
        "overlap": safetensors({"x": entry(), "y": entry()}, eight),
        "bool_byte": one(dtype="BOOL", shape=[8], data=b"\1" * 7 + b"\2"),
    }


def write_all(directory, files):
    os.makedirs(directory, exist_ok=True)
    for name, data in files.items():
        with open(os.path.join(directory, name), "wb") as out:
            out.write(data)


def main():
    root = sys.argv[1]
    write_all(os.path.join(root, "good"),
              {**good_npy(), **good_archives(), **good_safetensors()})
    for extension, files in (("npy", broken_npy()), ("npz", broken_npz()),
                             ("safetensors", broken_safetensors())):
        named = {f"{name}.{extension}": data for name, data in files.items()}
        assert all(len(data) < 2048 for data in named.values())
        write_all(os.path.join(root, "broken"), named)


if __name__ == "__main__":
    main()
