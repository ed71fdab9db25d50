"""Writes the weights of a network of Spindle with the reference implementation of safetensors.

    python Scripts/make_weights_golden.py Tests/SpindleTests/Golden/weights.safetensors

Needs numpy and safetensors. `WeightFileTests` saves the same network and expects the same bytes.
"""

import sys

import numpy
from safetensors.numpy import save_file

SUMMARY = [
    "time step 0.001 s",
    "layer 0: synapse 3 to 2, bias",
    "layer 1: lif 2, RC, reset subtraction attached, surrogate fast_sigmoid of slope 1.0",
    "layer 2: synapse 2 to 1",
    "layer 3: li 1",
]


def main() -> None:
    # Every value is exact in float32.
    tensors = {
        "0.weight": numpy.arange(6).reshape(3, 2) / 4 - 0.5,
        "0.bias": [-0.0, 2.0**-149],
        "1.recurrent_weight": [[0.0, 1.5], [-0.25, 2.0**100]],
        "1.tau": [0.015625, 0.03125],
        "1.threshold": [1.0, 0.5],
        "2.weight": [[8.0], [-9.0]],
        "3.tau": [0.0078125],
    }
    save_file(
        {name: numpy.asarray(values, dtype="<f4") for name, values in tensors.items()},
        sys.argv[1],
        {"spindle.network": "\n".join(SUMMARY)},
    )


if __name__ == "__main__":
    main()
