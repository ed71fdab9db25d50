"""Writes a network file of Spindle with the reference implementation of safetensors.

    python Scripts/make_weights_golden.py Tests/SpindleTests/Golden/weights.safetensors

Needs numpy and safetensors. `WeightFileTests` saves the same network and expects the same bytes.
"""

import json
import sys

import numpy
from safetensors.numpy import save_file

# Canonical: every key that applies, keys sorted, no spaces, numbers the shortest.
CONNECTION = {"dropout": 0, "train_weights": True, "weights": {"gain": 1, "kind": "kaiming_uniform"}}
NETWORK = {
    "format": "spindle-network",
    "version": 2,
    "inputs": 3,
    "time_step": 0.001,
    "layers": [
        CONNECTION
        | {
            "kind": "lif",
            "neurons": 2,
            "bias": True,
            "train_bias": True,
            "tau": [0.015625, 0.03125],
            "learn_tau": False,
            "threshold": [1, 0.5],
            "learn_threshold": False,
            "reset": "subtraction",
            "reset_gradient": "attached",
            "reset_timing": "immediate",
            "refractory_steps": 0,
            "surrogate": {"kind": "fast_sigmoid", "slope": 1},
            "topology": "RC",
            "recurrent_weights": {"gain": 1, "kind": "glorot_uniform"},
            "train_recurrent_weights": True,
        },
        CONNECTION
        | {"kind": "li", "neurons": 1, "bias": False, "tau": 0.0078125, "learn_tau": False},
    ],
}


def main() -> None:
    # Every value is exact in float32.
    tensors = {
        "0.weight": numpy.arange(6).reshape(3, 2) / 4 - 0.5,
        "0.bias": [-0.0, 2.0**-149],
        "0.recurrent_weight": [[0.0, 1.5], [-0.25, 2.0**100]],
        "0.tau": [0.015625, 0.03125],
        "0.threshold": [1.0, 0.5],
        "1.weight": [[8.0], [-9.0]],
        "1.tau": [0.0078125],
    }
    save_file(
        {name: numpy.asarray(values, dtype="<f4") for name, values in tensors.items()},
        sys.argv[1],
        {"spindle.network": json.dumps(NETWORK, sort_keys=True, separators=(",", ":"))},
    )


if __name__ == "__main__":
    main()
