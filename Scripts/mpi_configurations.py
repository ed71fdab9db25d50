"""The configurations that check_mpi.py trains, small versions of the examples among them."""

import copy
import json
import os
import pathlib
import random
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHECKPOINT = "run.safetensors"
PARTS = 8
PENALTY = {"kind": "rate_upper_bound", "bound": 0.05, "strength": 0.5}
SPLIT = {"train": 0.6, "validation": 0.2, "test": 0.2, "seed": 1}
CLIPPING = {"kind": "norm", "limit": 0.5}


def write_tensors(path, tensors):
    """A safetensors file of (name, dtype, shape, bytes)."""
    header, data = {}, b""
    for name, dtype, shape, content in tensors:
        place = [len(data), len(data) + len(content)]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": place}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write_utterances(path):
    """Samples of different length, of three classes."""
    numbers = random.Random(5)
    count, steps, units = 150, 24, 6
    classes = [index % 3 for index in range(count)]
    values = [
        numbers.gauss(0.6 if unit % 3 == classes[sample] else 0, 0.5)
        for sample in range(count) for _ in range(steps) for unit in range(units)]
    lengths = [numbers.randint(3, steps) for _ in range(count)]
    write_tensors(path, [
        ("input", "F32", [count, steps, units], struct.pack(f"<{len(values)}f", *values)),
        ("labels", "I32", [count], struct.pack(f"<{count}i", *classes)),
        ("lengths", "I32", [count], struct.pack(f"<{count}i", *lengths)),
    ])


def example(spindle, folder, name):
    """The configuration of an example."""
    place = folder / f"example-{name}"
    subprocess.run([spindle, "init", name, str(place)], check=True, capture_output=True)
    return json.loads((place / f"{name}.json").read_text())


def braille(spindle, folder):
    """Letters of a touch sensor; None where the data are not there."""
    data = pathlib.Path(os.environ.get("SPINDLE_SHARED", ROOT.parent / "shared")) / "data"
    if not (data / "braille.safetensors").exists():
        print(f"skipped: braille, whose data are not in {data}")
        return None
    found = example(spindle, folder, "braille")
    found["data"] |= {"file": str(data / "braille.safetensors"), "split": SPLIT}
    found["network"]["layers"][1]["dropout"] = 0.1
    found |= {"clipping": CLIPPING, "regularization": [PENALTY]}
    found["training"] = {"epochs": 1, "batch": 60, "seed": 1, "keep_best": True}
    return found


def memory(original):
    """A cue that is held: weights of classes, early stopping."""
    found = copy.deepcopy(original)
    found["data"]["generator"]["samples"] = 300
    found["data"]["split"] = SPLIT
    found["network"]["layers"][1]["dropout"] = 0.2
    found |= {"clipping": CLIPPING, "regularization": [PENALTY]}
    found["loss"]["class_weights"] = [1, 2, 1, 0.5]
    found["training"] = {
        "epochs": 2, "batch": 64, "seed": 1, "keep_best": True, "early_stopping": {"patience": 1}}
    return found


def tutorial(spindle, folder):
    """Eight tiles of 16 samples, and a last batch with fewer tiles than ranks."""
    found = example(spindle, folder, "tutorial")
    found["data"]["generator"]["samples"] = 300
    found["training"] = {"epochs": 8, "batch": 128, "seed": 11}
    found["clipping"] = {"kind": "value", "limit": 0.01}
    return found


def lengths(folder):
    """Samples of different length, of chips that differ."""
    utterances = folder / "utterances.safetensors"
    write_utterances(utterances)
    return {
        "network": {"layers": [
            {"kind": "lif", "neurons": 40, "topology": "RC", "tau": 0.01,
             "weights": {"kind": "kaiming_normal", "gain": 1},
             "recurrent_weights": {"kind": "kaiming_normal", "gain": 0.3},
             "hardware": {"mismatch": {"weights": 0.05}}},
            {"kind": "li", "neurons": 3, "tau": 0.01, "dropout": 0.3},
        ]},
        "data": {
            "file": str(utterances), "input": "input", "target": "labels", "lengths": "lengths",
            "transforms": ["standardize"], "split": SPLIT},
        "loss": "mean_membrane_cross_entropy",
        "optimizer": {"kind": "adamw", "learning_rate": 0.005, "weight_decay": 0.1},
        "clipping": CLIPPING, "regularization": [PENALTY],
        "training": {"epochs": 3, "batch": 33, "seed": 2},
    }


def windows(original):
    """Samples that are cut into windows, two of which update together."""
    found = copy.deepcopy(original)
    found["data"]["generator"]["samples"] = 120
    found["loss"] = "mean_membrane_cross_entropy"
    found["training"] = {
        "epochs": 2, "batch": 40, "seed": 3, "window": {"steps": 33, "update_every": 2}}
    return found


def configurations(spindle, folder):
    """All by name; each with what the core, the losses or the data do differently."""
    original = example(spindle, folder, "delayed-memory")
    found = {
        "braille": braille(spindle, folder), "delayed-memory": memory(original),
        "tutorial": tutorial(spindle, folder), "lengths": lengths(folder),
        "windows": windows(original),
    }
    found = {name: configuration for name, configuration in found.items() if configuration}
    for configuration in found.values():
        configuration["training"]["parts"] = PARTS
        configuration["checkpoint"] = {"path": CHECKPOINT, "every": 1}
        configuration.pop("report", None)
    return found
