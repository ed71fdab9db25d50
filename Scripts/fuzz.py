#!/usr/bin/env python3
"""Feeds mutated files to the command and requires that it neither crashes, hangs nor takes all memory.

usage: Scripts/fuzz.py --spindle PATH [--kinds NAME ...] [--seconds 600] [--seed 1] [--jobs 1]
                       [--keep out/fuzz]

Kinds: configurations, checkpoints, npy, safetensors, csv, cases. Of each, good files are made by the
command itself and changed at random: bytes, JSON values, numbers of headers, lengths, lines. A
command that reads the kind (train, eval, resume, predict, crosscheck, golden, tutorial) is run on each
in a process of its own, in a folder of its own. It must end within 10 s with status 0, 1 or 2 and
without a word of a sanitizer. What trains is asked to end (SIGINT) after 2 s, as a configuration may
well ask for a billion epochs; a command that has not begun to train may end by that signal.

2 GB of memory are the limit. As root the process runs in a control group of Linux with that limit,
which the command knows and heeds; else its resident memory is watched. (A limit of address space would
be of no use: the address sanitizer's shadow takes terabytes.)

PATH is best a build with the address sanitizer:

    swift build --sanitize=address --product spindle --scratch-path .build-asan -Xcc -O1

What fails is kept with its command line and output in the folder of --keep. The same seed makes the
same mutations. Prints counts; exits 1 where something failed."""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from fuzzing import kinds, processes  # noqa: E402


class Counts(collections.Counter):
    """How many runs of a kind ended how."""

    def line(self, kind):
        runs = sum(self[word] for word in processes.ENDS)
        ends = ", ".join(f"{self[word]} {word}" for word in processes.ENDS)
        return f"| {kind} | {self['files']} | {runs} | {ends} |"


def prepare(good, place):
    """A trial's folder: good files, a folder and a pipe that nobody writes to."""
    shutil.copytree(good, place)
    (place / "folder").mkdir()
    os.mkfifo(place / "pipe")


def keep(folder, place, run):
    """Copies the folder of a run that failed, with what was run and what came of it."""
    folder.mkdir(parents=True, exist_ok=True)
    number = sum(1 for _ in folder.iterdir())
    shutil.copytree(place, folder / f"{number}", ignore=shutil.ignore_patterns("pipe"))
    (folder / f"{number}" / "RUN.txt").write_text(
        f"{' '.join(map(repr, run.command))}\n{run.reason}\n{run.output[-20000:]}\n", errors="replace")
    print(f"{run.reason}: {folder / str(number)}: {run.command[1:]}", flush=True)


def fuzz(kind, job, options):
    """Runs one kind for its time; the counts."""
    counts = Counts()
    chance = random.Random(f"{options.seed} {kind} {job}")
    with tempfile.TemporaryDirectory(prefix="spindle-fuzz-") as temporary:
        runner = processes.Runner(options.spindle)
        try:
            good = pathlib.Path(temporary) / "good"
            good.mkdir()
            subject = kinds.KINDS[kind](good, runner)
            end = time.monotonic() + options.seconds
            while time.monotonic() < end:
                place = pathlib.Path(temporary) / "trial"
                prepare(good, place)
                trial = subject.trial(place, chance)
                counts["files"] += 1
                run = runner.run(trial.command, place, trains=trial.trains)
                if trial.repair and trial.repair(run.output):
                    # The first run told what the file lacked.
                    counts[run.end] += 1
                    run = runner.run(trial.command, place, trains=trial.trains)
                counts[run.end] += 1
                if run.end == processes.FAILED:
                    keep(pathlib.Path(options.keep) / kind, place, run)
                shutil.rmtree(place)
        finally:
            runner.close()
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spindle", required=True, help="the command")
    parser.add_argument("--kinds", nargs="*", default=list(kinds.KINDS), choices=list(kinds.KINDS))
    parser.add_argument("--seconds", type=float, default=600, help="for each kind")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations")
    parser.add_argument("--jobs", type=int, default=1, help="processes of one kind at a time")
    parser.add_argument("--keep", default="out/fuzz", help="the folder for what fails")
    options = parser.parse_args()
    options.spindle = str(pathlib.Path(options.spindle).resolve(strict=True))
    failed = False
    print("| kind | files | runs | ends |\n| --- | --- | --- | --- |", flush=True)
    for kind in options.kinds:
        counts = Counts()
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            jobs = [pool.submit(fuzz, kind, job, options) for job in range(options.jobs)]
            for job in jobs:
                counts.update(job.result())
        print(counts.line(kind), flush=True)
        failed = failed or counts[processes.FAILED] > 0
        if options.seconds >= 60 and not (counts["done"] and counts["refused"]):
            print(f"{kind}: the mutations are too mild or too wild", flush=True)
            failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
