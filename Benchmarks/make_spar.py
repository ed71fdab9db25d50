#!/usr/bin/env python3
"""Makes the files of the SPAR benchmark: shoulder exercises told by a watch, five folds by subject.

    pip download --no-deps seglearn==1.2.5 && Benchmarks/make_spar.py seglearn-1.2.5-*.whl FOLDER

The data are those that seglearn 1.2.5 (BSD 3-Clause) ships: 140 recordings of ten people, seven
exercises, acceleration and rotation in three axes at 50 Hz (Burns et al. 2018, arXiv 1802.01489).
Each recording is cut into windows of 4 s, half of each in the next, and two samples become their mean:
`input` float32 [windows, 100, 6], `labels` int32, `subject` int32. Fold k tests on the people whose
place among the ten, in the order of their numbers, is k or k + 5, and trains on the other eight:
FOLDER/spar-train-k.safetensors and FOLDER/spar-test-k.safetensors.

Needs numpy and safetensors. The wheel's array is a pickle, which runs what it says: take the wheel from
PyPI.
"""
import argparse
import io
import os
import zipfile

import numpy as np
from safetensors.numpy import save_file

FOLDS, WIDTH, SHIFT, MERGED = 5, 200, 100, 2


def recordings(wheel):
    with zipfile.ZipFile(wheel) as archive:
        raw = archive.read("seglearn/data/watch_dataset.npy")
    data = np.load(io.BytesIO(raw), allow_pickle=True).item()
    return data["X"], np.asarray(data["y"]), np.asarray(data["subject"])


def windows(recordings):
    """Input, label and subject of every window."""
    input, labels, subjects = [], [], []
    for x, label, subject in zip(*recordings):
        for begin in range(0, len(x) - WIDTH + 1, SHIFT):
            window = x[begin : begin + WIDTH].reshape(WIDTH // MERGED, MERGED, -1).mean(axis=1)
            input.append(window.astype(np.float32))
            labels.append(int(label))
            subjects.append(int(subject))
    # save_file writes an array's memory as it lies.
    input = np.ascontiguousarray(np.stack(input))
    return input, np.array(labels, np.int32), np.array(subjects, np.int32)


def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("wheel")
    p.add_argument("folder")
    args = p.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    input, labels, subjects = windows(recordings(args.wheel))
    fold = np.searchsorted(np.unique(subjects), subjects) % FOLDS
    for k in range(FOLDS):
        for name, chosen in [("train", fold != k), ("test", fold == k)]:
            path = os.path.join(args.folder, f"spar-{name}-{k}.safetensors")
            save_file(
                {
                    "input": np.ascontiguousarray(input[chosen]),
                    "labels": labels[chosen],
                    "subject": subjects[chosen],
                },
                path,
            )
            people = ", ".join(map(str, np.unique(subjects[chosen])))
            print(f"{path}: {chosen.sum()} windows of the people {people}")


if __name__ == "__main__":
    main()
