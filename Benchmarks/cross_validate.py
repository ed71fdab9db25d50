#!/usr/bin/env python3
"""Chooses values of a configuration's keys by cross-validation on its training samples alone.

    Benchmarks/cross_validate.py --spindle .build/release/spindle japanese-vowels.json \\
        --set data.file=PATH/japanese-vowels-train.safetensors \\
        --try optimizer.learning_rate=0.002,0.005,0.01 --try training.epochs=30,60 --folds 10

Every combination of the values is trained on 80 % of the samples of data.file, with each class in the
same proportion, and measured on the other 20 %, --folds times with splits of their own (Monte Carlo
cross-validation); the same splits and seeds for each combination. data.test_file is not read. Prints
each combination with the mean accuracy, the error of that mean and the mean loss, the best last: the
highest accuracy, of equal ones the lowest loss.
"""
import argparse
import itertools
import json
import statistics
import subprocess
import sys


def parse():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("config")
    p.add_argument("--spindle", required=True, help="the command spindle")
    p.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    p.add_argument("--try", action="append", default=[], metavar="KEY=V1,V2", dest="tried")
    p.add_argument("--group", help="tensor of groups: no group is on both sides")
    p.add_argument("--folds", type=int, default=10)
    p.add_argument("--threads", type=int, default=1)
    return p.parse_args()


def run(args, changes, fold):
    """Accuracy and loss on the held-out samples."""
    split = {"train": 0.8, "validation": 0.2, "seed": fold}
    split.update({"group": args.group} if args.group else {"stratified": True})
    command = [args.spindle, "train", args.config, "--quiet", "--json", "--threads"]
    command += [str(args.threads)]
    for change in [
        *args.set, *changes, "data.split=" + json.dumps(split), "data.test_file=null",
        f"training.seed={fold}", "checkpoint=null", "report=null",
    ]:
        command += ["--set", change]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{changes}: {done.stderr.strip()}")
    result = json.loads(done.stdout)["evaluation"]
    return result["accuracy"], result["loss"]


def main():
    args = parse()
    options = []
    for text in args.tried:
        key, values = text.split("=", 1)
        options.append([f"{key}={value}" for value in values.split(",")])
    results = []
    for changes in itertools.product(*options):
        runs = [run(args, changes, fold) for fold in range(1, args.folds + 1)]
        accuracies, losses = zip(*runs)
        error = statistics.stdev(accuracies) / len(accuracies) ** 0.5 if len(runs) > 1 else 0
        mean, loss = statistics.fmean(accuracies), statistics.fmean(losses)
        results.append((mean, -loss, changes))
        print(f"{mean:.4f} +- {error:.4f}, loss {loss:.4f}: {' '.join(changes)}", flush=True)
    best = max(results)
    print(f"best: {best[0]:.4f}, loss {-best[1]:.4f}: {' '.join(best[2])}")


if __name__ == "__main__":
    main()
