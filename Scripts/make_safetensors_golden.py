"""Writes the golden files of SpindleTensorsTests with the reference implementations.

    python Scripts/make_safetensors_golden.py Tests/SpindleTensorsTests/Golden

Needs numpy, torch and safetensors. Running it again gives the same bytes but for the order of the
metadata in readable.safetensors, which the reference writer leaves to chance.
"""

import sys
from pathlib import Path

import numpy
import torch
from safetensors.torch import save_file

INFINITY = float("inf")
NAN = float("nan")
# The smallest subnormal binary16 and the largest, the smallest normal and the largest.
HALVES = [0.0, -0.0, 1.0, -1.5, 2.0**-24, 1023 * 2.0**-24, 2.0**-14, 65504.0, INFINITY, NAN]


def readable() -> dict[str, torch.Tensor]:
    """One tensor or more of every type that is read."""
    return {
        "float": torch.tensor([[0.0, -0.0, 1.5], [2.0**-149, -INFINITY, NAN]]),
        "double": torch.tensor([0.1, -1e300, 2.0**-1074], dtype=torch.float64),
        "half": torch.tensor(HALVES, dtype=torch.float16),
        "brain": torch.tensor([0.0, -1.0, 3.140625, 2.0**-133, INFINITY], dtype=torch.bfloat16),
        "int": torch.tensor([[-(2**31)], [2**31 - 1]], dtype=torch.int32),
        "long": torch.tensor([-(2**63), 2**63 - 1, 2**53 + 1], dtype=torch.int64),
        "byte": torch.tensor([0, 127, 255], dtype=torch.uint8),
        "scalar": torch.tensor(42.0),
        "empty": torch.zeros(0, 3),
        'näme "quoted" \\ \n \U0001f9f5': torch.tensor([7], dtype=torch.uint8),
    }


def writable() -> dict[str, torch.Tensor]:
    """The types that are written, named out of the order in which they are written."""
    return {
        "a": torch.tensor([1, 2, 3], dtype=torch.uint8),
        "b": torch.tensor([-1, 5], dtype=torch.int32),
        "ä": torch.tensor([[0.5, -0.25]]),
        "z": torch.tensor(3.0),
        "0": torch.zeros(2, 0),
    }


def write_numpy(directory: Path, name: str, version: tuple[int, int], array) -> None:
    with open(directory / f"{name}.npy", "wb") as file:
        numpy.lib.format.write_array(file, array, version=version)


def main() -> None:
    directory = Path(sys.argv[1])
    metadata = {"format": "pt", "note": 'line\n"quote" \\ é \U0001f9f5 \x01'}
    save_file(readable(), directory / "readable.safetensors", metadata)
    save_file(writable(), directory / "writable.safetensors", {"key": 'a/"b"\\\t\x1f é'})

    write_numpy(directory, "f4", (1, 0), numpy.array([[1.5, -2.0, 0.25]], dtype="<f4"))
    write_numpy(directory, "f8", (2, 0), numpy.array([0.1, -1e300], dtype="<f8"))
    write_numpy(directory, "i4", (3, 0), numpy.array([[[-1], [2**31 - 1]]], dtype="<i4"))
    write_numpy(directory, "i8", (1, 0), numpy.array(-(2**63), dtype="<i8"))
    write_numpy(directory, "u1", (1, 0), numpy.array([0, 255], dtype="u1"))
    write_numpy(directory, "b1", (1, 0), numpy.array([True, False], dtype="?"))
    write_numpy(directory, "empty", (1, 0), numpy.zeros((0, 4), dtype="<f4"))
    write_numpy(directory, "fortran", (1, 0), numpy.asfortranarray(numpy.eye(2, 3, dtype="<f4")))
    write_numpy(directory, "big", (1, 0), numpy.array([1.0], dtype=">f4"))
    write_numpy(directory, "record", (1, 0), numpy.zeros(1, dtype=[("x", "<f4")]))


if __name__ == "__main__":
    main()
