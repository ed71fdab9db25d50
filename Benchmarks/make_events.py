#!/usr/bin/env python3
"""Makes a file of many events in the layout of SHD, to measure how fast it is read.

    Benchmarks/make_events.py FILE.h5 [--events 16000000] [--samples 8000]
    command time -v spindle train JOB.json --set data.file=FILE.h5 --quiet

Times are float16 seconds within 1 s, units uint16 below 700. Needs h5py and numpy.
"""
import argparse

import h5py
import numpy as np


def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("file")
    p.add_argument("--events", type=int, default=16_000_000)
    p.add_argument("--samples", type=int, default=8000)
    args = p.parse_args()
    random = np.random.default_rng(1)
    sizes = np.full(args.samples, args.events // args.samples)
    sizes[: args.events % args.samples] += 1
    with h5py.File(args.file, "w") as file:
        spikes = file.create_group("spikes")
        rows = (args.samples,)
        times = spikes.create_dataset("times", rows, h5py.vlen_dtype(np.float16))
        units = spikes.create_dataset("units", rows, h5py.vlen_dtype(np.uint16))
        for i, size in enumerate(sizes):
            times[i] = np.sort(random.random(size)).astype(np.float16)
            units[i] = random.integers(0, 700, size).astype(np.uint16)
        file["labels"] = random.integers(0, 20, args.samples).astype(np.uint16)


if __name__ == "__main__":
    main()
