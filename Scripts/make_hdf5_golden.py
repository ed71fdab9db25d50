#!/usr/bin/env python3
"""Makes the files of Tests/SpindleHDF5Tests/Golden with PyPI's h5py.

What is in them follows from counting, so that the tests know it: element i of an array is i, or i / 4.
Each file "not-NAME.h5" has one thing that is not read.

    pip install h5py==3.16.0 numpy
    Scripts/make_hdf5_golden.py
"""
import pathlib

import h5py
import numpy as np

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "Tests/SpindleHDF5Tests/Golden"
NUMBERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]


def numbers(group):
    """Element i of each is i."""
    for kind in NUMBERS:
        group[f"little-{kind}"] = np.arange(5, dtype="<" + kind)
        group[f"big-{kind}"] = np.arange(5, dtype=">" + kind)
    group["bool"] = np.array([True, False, True])
    group["scalar"] = np.float32(2.5)
    group["empty"] = np.zeros((0, 3))
    group["null"] = h5py.Empty("f8")
    group["negative"] = np.array([-1, -128], dtype="i1")


def layouts(group):
    """Element i of each, in row-major order, is i / 4."""
    matrix = (np.arange(7 * 10, dtype="f8") / 4).reshape(7, 10)
    options = {
        "chunked": {}, "deflate": {"compression": "gzip"}, "fletcher32": {"fletcher32": True},
        "all": {"compression": "gzip", "shuffle": True, "fletcher32": True},
        "shuffle": {"compression": 9, "shuffle": True},
    }
    for name, filters in options.items():
        group.create_dataset(name, data=matrix, chunks=(3, 4), **filters)
    group.create_dataset("one-chunk", data=matrix, chunks=(7, 10), compression="gzip")
    group.create_dataset("cube", data=(np.arange(60, dtype="f4") / 4).reshape(3, 4, 5), chunks=(2, 3, 2))
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((4,))
    dataset = h5py.h5d.create(group.id, b"compact", h5py.h5t.IEEE_F64LE, space, compact)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(4, dtype="f8") / 4)


def fills(group):
    """What was never written is the fill value, here 7."""
    group.create_dataset("unwritten", (3, 2), "i4", fillvalue=7)
    partly = group.create_dataset("partly", (4, 4), "i4", chunks=(2, 2), fillvalue=7)
    partly[:2, :2] = 1


def texts(group):
    group["fixed"] = np.array([b"a", b"bc", b""], dtype="S2")
    group["variable"] = np.array(["lif", "é\U0001f9f5", ""], dtype=h5py.string_dtype())
    group["ascii"] = np.array(["lif", "li"], dtype=h5py.string_dtype("ascii"))
    group["one"] = "NIRGraph"
    spaces = h5py.h5t.C_S1.copy()
    spaces.set_size(4)
    spaces.set_strpad(h5py.h5t.STR_SPACEPAD)
    dataset = h5py.h5d.create(group.id, b"spaces", spaces, h5py.h5s.create_simple((2,)))
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"ab", b"abcd"], dtype="S4"))


def rows(group):
    """Row i has i numbers, 0, 1, ...; forty of them, over several heaps."""
    for kind in ["<f2", "<f4", "<f8", ">f4", "<u2", "<i8", ">i4"]:
        dataset = group.create_dataset(
            kind.replace("<", "little-").replace(">", "big-"), (40,), h5py.vlen_dtype(np.dtype(kind)))
        for index in range(40):
            dataset[index] = np.arange(index, dtype=kind)
    chunked = group.create_dataset(
        "chunked", (10,), h5py.vlen_dtype(np.dtype("u1")), chunks=(3,), maxshape=(None,))
    for index in range(10):
        chunked[index] = np.arange(index, dtype="u1")


def attributes(group):
    group.attrs["dt"] = 1e-3
    group.attrs["name"] = "NIRGraphData"
    group.attrs["shape"] = np.arange(3)


def contents(file):
    for name, fill in [("numbers", numbers), ("layouts", layouts), ("texts", texts), ("rows", rows),
                       ("fills", fills), ("attributes", attributes)]:
        fill(file.create_group(name))


def many(file, count=300):
    group = file.create_group("many")
    for index in range(count):
        group[f"{index}"] = index


def refused():
    def make(name, fill, **options):
        with h5py.File(GOLDEN / f"not-{name}.h5", "w", **options) as file:
            fill(file)

    latest = {"libver": ("v110", "v110")}
    make("dense-group", lambda f: many(f, 12), **latest)
    make("fixed-array", lambda f: f.create_dataset("x", data=np.arange(8.0), chunks=(2,)), **latest)
    make("extensible-array", lambda f: f.create_dataset("x", data=np.arange(8.0), chunks=(2,), maxshape=(None,)), **latest)
    make("compound", lambda f: f.create_dataset("x", data=np.zeros(2, dtype=[("t", "f4"), ("p", "i4")])))
    make("lzf", lambda f: f.create_dataset("x", data=np.arange(8.0), compression="lzf"))
    make("soft-link", lambda f: f.__setitem__("x", h5py.SoftLink("/elsewhere")))
    make("external-link", lambda f: f.__setitem__("x", h5py.ExternalLink("secret.h5", "/x")))
    make("external-storage", lambda f: f.create_dataset("x", (4,), "f8", external=[("secret.bin", 0, 32)]))

    def virtual(file):
        layout = h5py.VirtualLayout((4,), "f8")
        layout[:] = h5py.VirtualSource("secret.h5", "x", (4,))
        file.create_virtual_dataset("x", layout)

    make("virtual", virtual, **latest)

    def circle(file):
        inner = file.create_group("x").create_group("inner")
        inner["x"] = file["x"]

    make("circle", circle)


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, options in [("earliest", {}), ("v108", {"libver": ("v108", "v108")}),
                          ("v110", {"libver": ("v110", "v110")}), ("user-block", {"userblock_size": 1024})]:
        with h5py.File(GOLDEN / f"{name}.h5", "w", **options) as file:
            if name == "v110":
                # Chunks are found by other indexes there.
                for part, fill in [("numbers", numbers), ("texts", texts), ("attributes", attributes)]:
                    fill(file.create_group(part))
                file.create_dataset("one-chunk", data=(np.arange(70.0) / 4).reshape(7, 10), chunks=(7, 10), compression="gzip")
                file.create_dataset("one-plain", data=np.arange(70.0) / 4, chunks=(70,))
                early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                early.set_chunk((4, 4))
                early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
                dataset = h5py.h5d.create(file.id, b"implicit", h5py.h5t.IEEE_F64LE, h5py.h5s.create_simple((7, 10)), early)
                dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, (np.arange(70.0) / 4).reshape(7, 10))
            else:
                contents(file)
            if name == "earliest":
                many(file)
    refused()
