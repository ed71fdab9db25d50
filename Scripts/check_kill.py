#!/usr/bin/env python3
"""Kills training runs at random moments, resumes them and compares the results bit for bit.

usage: Scripts/check_kill.py [--kills 200] [--seed 1] [--spindle .build/release/spindle]

Trains a small network once without interruption, with a checkpoint after every epoch. Then starts
the same run again and again, each in a folder of its own, kills it with SIGKILL at a random moment,
resumes it from its checkpoint to the end, and compares every tensor of the last checkpoint with
the uninterrupted run's. A run killed before its first checkpoint is started anew, and counted.
Prints the counts; exits 1 where a resume failed or a bit differs. 200 kills take some minutes."""

import argparse
import collections
import json
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

CHECKPOINT = "run.safetensors"
# Shuffled samples, a short last batch, dropout, a schedule, the best parameters.
CONFIGURATION = {
    "network": {
        "time_step": 0.001,
        "layers": [
            {
                "kind": "lif", "neurons": 24, "topology": "RC", "tau": 0.02,
                "surrogate": {"kind": "fast_sigmoid", "slope": 5},
                "weights": {"kind": "normal", "standard_deviation": 0.4},
                "recurrent_weights": {"kind": "glorot_normal", "gain": 1},
            },
            {"kind": "li", "neurons": 2, "tau": 0.02, "dropout": 0.2},
        ],
    },
    "data": {
        "generator": {
            "kind": "delayed_cue", "cues": 2, "cue_steps": 10, "delay_steps": 20,
            "recall_steps": 10, "samples": 200,
        },
        "split": {"train": 0.7, "validation": 0.15, "test": 0.15},
    },
    "loss": "mean_membrane_cross_entropy",
    "optimizer": {"kind": "adam", "learning_rate": 0.005},
    "regularization": [{"kind": "rate_upper_bound", "bound": 0.2, "strength": 0.3}],
    "schedule": "cosine",
    "clipping": {"kind": "norm", "limit": 1},
    "training": {"epochs": 40, "batch": 32, "seed": 1},
    "checkpoint": {"path": CHECKPOINT, "every": 1},
}


def tensors(path):
    """Type, shape and bytes of each tensor of a safetensors file, but for the epochs' wall times."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    header.pop("history.seconds", None)
    data = content[8 + length :]
    return {
        name: (entry["dtype"], entry["shape"], data[slice(*entry["data_offsets"])])
        for name, entry in header.items()
    }


def difference(found, expected):
    """The first tensor that differs, as a text; None where none does."""
    if found.keys() != expected.keys():
        return f"tensors {sorted(found.keys() ^ expected.keys())}"
    for name in sorted(found):
        if found[name] != expected[name]:
            return f"tensor {name}"
    return None


def run(command, folder):
    """Runs to the end; the error's text, or None."""
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if result.returncode == 0:
        return None
    return f"{command[1]} ended with {result.returncode}: {result.stderr.strip()[-300:]}"


def start_and_kill(command, folder, seconds):
    """Whether the process still ran when it was killed."""
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="runs to kill and resume")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--spindle", help="the command; without it a release build is made")
    options = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parent.parent
    if options.spindle is None:
        subprocess.run(
            ["swift", "build", "-c", "release", "--product", "spindle"], cwd=root, check=True)
    spindle = str(pathlib.Path(options.spindle or root / ".build/release/spindle").resolve())
    train = [spindle, "train", "run.json", "--quiet"]
    resume = [spindle, "resume", CHECKPOINT, "--quiet"]
    moments = random.Random(options.seed)
    counts = collections.Counter()
    failures = []
    with tempfile.TemporaryDirectory() as temporary:
        def folder(name):
            path = pathlib.Path(temporary) / name
            path.mkdir()
            (path / "run.json").write_text(json.dumps(CONFIGURATION))
            return path

        whole = folder("whole")
        begin = time.monotonic()
        error = run(train, whole)
        length = time.monotonic() - begin
        if error:
            sys.exit(f"the uninterrupted run failed: {error}")
        expected = tensors(whole / CHECKPOINT)
        while counts["resumed"] < options.kills and len(failures) < 10:
            place = folder(f"run{counts['started']}")
            counts["started"] += 1
            seconds = moments.uniform(0, length)
            if not start_and_kill(train, place, seconds):
                # It was faster than the first; a run that ended was not killed.
                counts["ended before the kill"] += 1
                shutil.rmtree(place)
                continue
            counts["killed"] += 1
            counts["left a temporary file"] += any(place.glob(".spindle-*"))
            if (place / CHECKPOINT).exists():
                counts["resumed"] += 1
                error = run(resume, place)
            else:
                counts["killed before the first checkpoint"] += 1
                error = run(train, place)
            error = error or difference(tensors(place / CHECKPOINT), expected)
            if error:
                failures.append(f"killed after {seconds:.4f} s: {error}")
            shutil.rmtree(place)
    print(f"an uninterrupted run takes {length:.2f} s")
    for what, count in counts.items():
        print(f"{what}: {count}")
    for failure in failures:
        print(failure)
    print(f"failed: {len(failures)}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
