#!/usr/bin/env python3
"""Makes the files of the Mackey-Glass benchmark: the value of a chaotic series some time ahead.

    Benchmarks/make_mackey_glass.py FOLDER

x' = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x (Mackey and Glass 1977), by Runge and Kutta's method of
fourth order with a step of 0.1 from x = 1.2, sampled once a unit of time after 1000 units. `input`
float32 [samples, 200, 1] is the series, less its mean and divided by its deviation over the training
part; `target` [samples, 200, 1] the same series 15 units later. FOLDER/mackey-glass-train.safetensors
has 100 pieces that follow one another, mackey-glass-test.safetensors 50 that come 1000 units later.

Needs numpy and safetensors.
"""
import argparse
import os

import numpy as np
from safetensors.numpy import save_file

DELAY, STEP, LEAD, STEPS = 17.0, 0.1, 1000, 200
TRAIN, TEST, GAP, AHEAD = 100, 50, 1000, 15


def series(count):
    """`count` values, one a unit of time."""
    per_unit, lag = round(1 / STEP), round(DELAY / STEP)
    x = np.full(lag + (LEAD + count) * per_unit + 1, 1.2)

    def slope(value, delayed):
        return 0.2 * delayed / (1 + delayed**10) - 0.1 * value

    for i in range(lag, len(x) - 1):
        # Half way between two steps the delayed value is the mean of its neighbours.
        before, after = x[i - lag], x[i - lag + 1]
        half = (before + after) / 2
        k1 = slope(x[i], before)
        k2 = slope(x[i] + STEP / 2 * k1, half)
        k3 = slope(x[i] + STEP / 2 * k2, half)
        k4 = slope(x[i] + STEP * k3, after)
        x[i + 1] = x[i] + STEP / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return x[lag + LEAD * per_unit :: per_unit][:count]


def save(path, x, samples):
    pieces = {
        "input": x[: samples * STEPS],
        "target": x[AHEAD : AHEAD + samples * STEPS],
    }
    save_file(
        {k: v.reshape(samples, STEPS, 1).astype(np.float32) for k, v in pieces.items()}, path
    )
    print(f"{path}: {samples} samples")


def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("folder")
    folder = p.parse_args().folder
    os.makedirs(folder, exist_ok=True)
    x = series((TRAIN + TEST) * STEPS + 2 * AHEAD + GAP)
    train = x[: TRAIN * STEPS]
    x = (x - train.mean()) / train.std()
    save(os.path.join(folder, "mackey-glass-train.safetensors"), x, TRAIN)
    begin = TRAIN * STEPS + AHEAD + GAP
    save(os.path.join(folder, "mackey-glass-test.safetensors"), x[begin:], TEST)


if __name__ == "__main__":
    main()
