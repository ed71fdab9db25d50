#!/usr/bin/env python3
"""Trains a configuration once for each seed and tells how the results spread.

    Benchmarks/run_seeds.py --spindle .build/release/spindle --seeds 1-5 \\
        --set data.file=PATH/braille.safetensors --vary data.split.seed --vary training.seed \\
        DIR/braille.json

For each seed it prints the mean loss of the last epochs, the accuracy of the evaluation where there
is one, and the wall time of the whole process; then the quantiles over all seeds. Neither
checkpoint nor report is kept.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


def parse():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("config")
    p.add_argument("--spindle", required=True, help="the command spindle")
    p.add_argument("--seeds", default="1-5", help="as in 1-24")
    p.add_argument("--vary", action="append", metavar="KEY", help="default: training.seed")
    p.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    p.add_argument("--last", type=int, default=50, help="epochs of the mean loss")
    p.add_argument("--threads", type=int)
    return p.parse_args()


def run(args, seed):
    """One training run: mean loss of the last epochs, accuracy or None, seconds."""
    command = [args.spindle, "train", args.config, "--quiet", "--json", "--set", "report=null"]
    for key in args.vary or ["training.seed"]:
        command += ["--set", f"{key}={seed}"]
    for change in args.set:
        command += ["--set", change]
    if args.threads:
        command += ["--threads", str(args.threads)]
    with tempfile.TemporaryDirectory() as folder:
        command += ["--checkpoint", os.path.join(folder, "run.safetensors")]
        begin = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        seconds = time.perf_counter() - begin
    if done.returncode != 0:
        sys.exit(f"seed {seed}: {done.stderr.strip()}")
    result = json.loads(done.stdout)
    losses = [epoch["loss"] for epoch in result["history"][-args.last :]]
    return statistics.fmean(losses), result["evaluation"].get("accuracy"), seconds


def spread(name, values, digits):
    q = sorted(values)
    deviation = statistics.stdev(q) if len(q) > 1 else 0
    figures = [("mean", statistics.fmean(q)), ("sd", deviation), ("min", q[0]),
               ("median", statistics.median(q)), ("max", q[-1])]
    print(f"{name}: " + ", ".join(f"{label} {x:.{digits}f}" for label, x in figures))


def main():
    args = parse()
    first, _, last = args.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    runs = []
    for seed in seeds:
        loss, accuracy, seconds = run(args, seed)
        runs.append((loss, accuracy, seconds))
        told = "" if accuracy is None else f", accuracy {accuracy:.4f}"
        print(f"seed {seed}: loss {loss:.4f}{told}, {seconds:.2f} s", flush=True)
    spread(f"loss, mean of the last {args.last} epochs", [r[0] for r in runs], 4)
    if all(r[1] is not None for r in runs):
        spread("accuracy", [r[1] for r in runs], 4)
    spread("seconds", [r[2] for r in runs], 2)


if __name__ == "__main__":
    main()
