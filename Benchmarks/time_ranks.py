#!/usr/bin/env python3
"""Times training steps in two processes of one thread against one process of one thread.

usage: Benchmarks/time_ranks.py [--rounds 5] [--seconds 3] [--ranks 2] [WORKLOAD ...]

The two take turns, on a machine that does nothing else and has a processor for each process. Prints
the medians over the rounds, their ratio, and what a step sends beside what is computed on paper
(CSources/CSpindle/core/ranks.c has the formula). Builds spindle-bench with the trait MPI."""

import argparse
import json
import math
import os
import pathlib
import re
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Parameters that one piece of an update has.
PIECE = int(re.search(r"#define PIECE (\d+)",
                      (ROOT / "CSources/CSpindle/core/plan.h").read_text()).group(1))


def bytes_on_paper(workload, ranks, parts):
    """Of all ranks in a step, as the core's comment says, of a network of one layer without a bias
    under the loss of mean rates."""
    inputs, hidden = workload["inputs"], workload["hidden"]
    matrices = [inputs * hidden] + ([hidden * hidden] if workload["topology"] == "RC" else [])
    # Time constants and thresholds, which are not learned, go with them.
    parameters = sum(matrices) + 2 * hidden
    pieces = sum(math.ceil(count / PIECE) for count in matrices)
    others = ranks - 1
    lanes = math.ceil(hidden / 16) * 16
    counts = 8 * workload["steps"] * lanes * others
    tallies = 8 * 2 * ranks * others
    return (4 * parameters * parts * others / ranks + 4 * parameters * others
            + 8 * pieces * others + counts + tallies)


def run(command):
    """The JSON line that a command prints."""
    values = dict(os.environ, OMP_NUM_THREADS="1")
    if os.geteuid() == 0:
        values |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    result = subprocess.run(command, env=values, capture_output=True, text=True, check=True)
    return json.loads(result.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workloads", nargs="*", default=["W3", "W4"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--parts", type=int, default=4, help="of a batch, for both")
    options = parser.parse_args()
    known = json.loads(
        (ROOT / "Benchmarks/Sources/SpindleBench/workloads.json").read_text())
    for name in options.workloads:
        if name not in known:
            parser.error(f"there is no workload {name}; there are {', '.join(known)}")
    subprocess.run(
        ["swift", "build", "-c", "release", "--package-path", ROOT / "Benchmarks", "--scratch-path",
         ROOT / "Benchmarks/.build-mpi", "--traits", "MPI", "--product", "spindle-bench"], check=True)
    bench = str(ROOT / "Benchmarks/.build-mpi/release/spindle-bench")
    for name in options.workloads:
        command = [bench, name, "--threads", "1", "--json", "--seconds", str(options.seconds),
                   "--parts", str(options.parts)]
        together = ["mpirun", "--bind-to", "core", "-np", str(options.ranks)] + command
        rounds = [(run(command), run(together)) for _ in range(options.rounds)]
        one, all_ranks = (statistics.median(pair[place]["step_s"] for pair in rounds)
                          for place in (0, 1))
        ratios = sorted(pair[0]["step_s"] / pair[1]["step_s"] for pair in rounds)
        sent = rounds[0][1]["bytes_sent"]
        paper = bytes_on_paper(known[name], options.ranks, options.parts)
        print(f"{name}: one process {one * 1e3:.2f} ms, {options.ranks} processes "
              f"{all_ranks * 1e3:.2f} ms, {statistics.median(ratios):.2f} times as fast "
              f"({ratios[0]:.2f} to {ratios[-1]:.2f}); a step sends {sent} bytes, "
              f"{paper:.0f} on paper")


if __name__ == "__main__":
    main()
