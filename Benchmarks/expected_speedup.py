#!/usr/bin/env python3
"""Computes how much faster several nodes should train than one, on paper.

usage: Benchmarks/expected_speedup.py [--cores 16] [--batch 1024] [--parts 16]

A step of one node takes what one core takes (measured: `spindle-bench W3 W4 --threads 1`, times the
batch over the workload's) over the cores, times the work of the most loaded thread over the mean.
Of R nodes, each a rank, a step takes the R-th part of that, and what follows for the ranks to talk:

    bytes     4 W (R - 1) / R (P / R + 1), sent by each rank and received by each, both at once
    messages  (R - 1) in the exchange of slices, and ceil(log2 R) in each of three gatherings
    seconds   8 bytes / bandwidth + messages latency

with W parameters and P parts (CSources/CSpindle/core/ranks.c). Nothing is sent while anything is
computed. Latencies are those of MPI over TCP on Ethernet and over InfiniBand, as usually measured."""

import argparse
import math

# Parameters, the workload's batch, and seconds of its step on one core of an AMD EPYC with AVX-512
# (README.md: the time of two threads, 1.95 times as fast as one).
WORKLOADS = {"W3": (700 * 256 + 256 * 256, 256, 0.0312 * 1.95),
             "W4": (700 * 1024 + 1024 * 1024, 128, 0.191 * 1.95)}
# Bits a second, and seconds of a message.
NETWORKS = {"10 Gbit/s": (10e9, 25e-6), "100 Gbit/s": (100e9, 2.5e-6)}
# The most loaded of 16 threads over the mean.
IMBALANCE = 1.15


def count(text):
    """A number of something, from 1 on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 on, got {number}")
    return number


def talk(parameters, ranks, parts, network):
    """Seconds that the ranks of a step talk."""
    bandwidth, latency = NETWORKS[network]
    sent = 4 * parameters * (ranks - 1) / ranks * (parts / ranks + 1)
    messages = ranks - 1 + 3 * math.ceil(math.log2(ranks))
    return 8 * sent / bandwidth + messages * latency


def speedup(name, ranks, network, options):
    parameters, batch, seconds = WORKLOADS[name]
    node = seconds * options.batch / batch / options.cores * IMBALANCE
    return node / (node / ranks + talk(parameters, ranks, options.parts, network))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=count, default=16, help="of a node")
    parser.add_argument("--batch", type=count, default=1024, help="samples of a step, of all nodes")
    parser.add_argument("--parts", type=count, default=16, help="of the batch")
    options = parser.parse_args()
    columns = [(name, network) for name in WORKLOADS for network in NETWORKS]
    print("| nodes | " + " | ".join(", ".join(column) for column in columns) + " |")
    print("| ---: |" + " ---: |" * len(columns))
    for ranks in (2, 4, 8, 16):
        cells = [f"{speedup(name, ranks, network, options):.1f}" for name, network in columns]
        print(f"| {ranks} | " + " | ".join(cells) + " |")
    for name, (parameters, batch, seconds) in WORKLOADS.items():
        node = seconds * options.batch / batch / options.cores * IMBALANCE
        print(f"{name}: {parameters} parameters, {node * 1e3:.1f} ms a step of one node")


if __name__ == "__main__":
    main()
