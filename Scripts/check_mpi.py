#!/usr/bin/env python3
"""Trains by mpirun in several processes and compares the results with one process bit for bit.

usage: Scripts/check_mpi.py [--ranks 1,2,3,4] [--kills 20] [--seed 1] [--spindle PATH]

Trains small versions of the examples braille (where its data are: the folder data of SPINDLE_SHARED,
or of shared beside the repository), delayed-memory and tutorial, samples of different length, and
windows of long samples, with dropout, clipping and penalties among them, in 8 parts: once in one process without mpirun,
then with each number of ranks of one thread, and with two ranks of two threads. Every tensor of the
checkpoints (parameters, moments, losses, metrics) must agree, and a run that another number of ranks
goes on with. Messages of the largest kind are cut by SPINDLE_MPI_LARGEST.

Then the ways to end: SIGUSR1, SIGINT, refusals, a rank that fails, and one of three ranks killed with
SIGKILL at random moments, --kills times: all must end within 30 s, and the checkpoint must resume to
the same bits. Prints what was done; exits 1 where anything differs.

PATH is a spindle built with the trait MPI; without it a release build is made in .build-mpi. Two
processors and Open MPI's mpirun are enough."""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import check_kill
from mpi_configurations import CHECKPOINT, ROOT, configurations

# Seconds in which all processes must have ended once one was killed.
PATIENCE = 30


def environment(**more):
    """That of mpirun, which asks root to say that it is meant.

    Without the setting of PMIx mpirun 4.1 can wait for ever, after all ranks have ended, for a lock in
    shared memory that a rank held when it was killed (openpmix, issue 1233)."""
    values = os.environ | {"OMP_NUM_THREADS": "1", "PMIX_MCA_gds": "hash"} | more
    if os.geteuid() == 0:
        values |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return values


def mpirun(ranks, command):
    """The command line; ranks may be more than processors."""
    return ["mpirun", "--oversubscribe", "--bind-to", "none", "-np", str(ranks)] + command


class Check:
    """What was tried, and what failed."""

    def __init__(self, spindle, folder):
        self.spindle = spindle
        self.folder = folder
        self.failures = []
        self.started = 0

    def place(self, configuration):
        """A folder of its own for a run."""
        self.started += 1
        path = self.folder / f"run{self.started}"
        path.mkdir()
        (path / "run.json").write_text(json.dumps(configuration))
        return path

    def fail(self, what):
        print(f"FAILED: {what}")
        self.failures.append(what)

    def run(self, command, place, expected=0, **more):
        """Runs to the end; standard error."""
        result = subprocess.run(
            command, cwd=place, capture_output=True, text=True, env=environment(**more), timeout=600)
        if result.returncode != expected:
            self.fail(f"{' '.join(command[-6:])} ended with {result.returncode}, not {expected}: "
                      f"{result.stderr.strip()[-400:]}")
        return result.stderr

    def compare(self, place, expected, what):
        """Whether a run left the checkpoint that is expected."""
        path = place / CHECKPOINT
        error = check_kill.difference(check_kill.tensors(path), expected) if path.exists() else (
            "there is no checkpoint")
        if error:
            self.fail(f"{what}: {error}")

    def sizes(self, name, configuration, ranks):
        """One configuration with every number of ranks; the last checkpoint's tensors."""
        whole = self.place(configuration)
        begin = time.monotonic()
        self.run([self.spindle, "train", "run.json", "--quiet"], whole)
        expected = check_kill.tensors(whole / CHECKPOINT)
        for count, threads in [(count, 1) for count in ranks] + [(2, 2)]:
            place = self.place(configuration)
            command = mpirun(count, [
                self.spindle, "train", "run.json", "--quiet", "--threads", str(threads)])
            self.run(command, place, OMP_NUM_THREADS=str(threads))
            self.compare(place, expected, f"{name}, {count} ranks of {threads} threads")
            shutil.rmtree(place)
        numbers = ", ".join(map(str, ranks))
        print(f"{name}: {numbers} ranks of one thread and 2 of two compared with one process, "
              f"{len(expected)} tensors, {time.monotonic() - begin:.1f} s")
        return expected

    def goes_on(self, name, configuration, expected, ranks):
        """A run under a constant learning rate that another number of ranks goes on with, by messages
        that are cut."""
        epochs = configuration["training"]["epochs"]
        place = self.place(configuration)
        first = ["--quiet", "--set", "training.epochs=1"]
        rest = ["--quiet", "--set", f"training.epochs={epochs}"]
        self.run(mpirun(ranks[-1], [self.spindle, "train", "run.json"] + first), place,
                 SPINDLE_MPI_LARGEST="1000")
        self.run(mpirun(2, [self.spindle, "resume", CHECKPOINT] + rest), place)
        self.compare(place, expected, f"{name}, {ranks[-1]} ranks and then 2")
        print(f"{name}: begun by {ranks[-1]} ranks in messages of 1000 bytes, ended by 2")

    def refusals(self, configuration):
        """One sentence, and status 2, for what cannot be."""
        place = self.place(configuration)
        spindle = self.spindle
        few = [spindle, "train", "run.json", "--set", "training.parts=2"]
        cases = [
            (mpirun(3, few), "--set training.parts=3"),
            (mpirun(2, [spindle, "eval", "nothing.safetensors"]), "spindle eval runs in one process"),
            (mpirun(2, [spindle, "train", "nothing.json"]), "nothing.json"),
            (mpirun(2, [spindle, "train", "run.json", "--nonsense"]), "Unknown option"),
            (mpirun(1, [spindle, "train", "run.json"])
             + [":", "-np", "1", spindle, "train", "nothing.json"], "rank 1 of 2: nothing.json"),
            (mpirun(1, [spindle, "train", "run.json"])
             + [":", "-np", "1", spindle, "train", "run.json", "--set", "training.seed=77"],
             "rank 1 has another configuration or data than rank 0"),
        ]
        for command, words in cases:
            error = self.run(command, place, expected=2)
            told = [line for line in error.splitlines() if line.startswith("Error: ")]
            if len(told) != 1 or words not in told[0]:
                self.fail(f"expected one sentence with \"{words}\", got {told}")
            if (place / CHECKPOINT).exists():
                self.fail(f"a refused run left a checkpoint: {words}")
        print(f"refused with one sentence each: {len(cases)}")


def children(pid):
    """The processes that one started."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return sorted(found)


class Endings:
    """Runs that are ended before their time, and gone on with."""

    RANKS = 3

    def __init__(self, check, configuration, moments):
        self.check = check
        self.moments = moments
        self.configuration = configuration
        self.train = mpirun(self.RANKS, [check.spindle, "train", "run.json", "--quiet"])
        whole = check.place(configuration)
        begin = time.monotonic()
        check.run(self.train, whole)
        self.length = time.monotonic() - begin
        self.expected = check_kill.tensors(whole / CHECKPOINT)
        self.counts = collections.Counter()

    def disturb(self, disturbance, trains=False):
        """Starts a run and disturbs it at a random moment, of its training where it `trains`; its
        folder, status, or None where it had ended before, and the seconds until all had ended."""
        place = self.check.place(self.configuration)
        process = subprocess.Popen(
            self.train, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment())
        deadline = time.monotonic() + self.length + PATIENCE
        while process.poll() is None and time.monotonic() < deadline and not (
                (place / CHECKPOINT).exists() if trains
                else len(children(process.pid)) == self.RANKS):
            time.sleep(0.01)
        time.sleep(self.moments.uniform(0, self.length / (10 if trains else 1)))
        ranks = children(process.pid)
        if process.poll() is not None or len(ranks) < self.RANKS:
            process.wait()
            return place, None, 0
        begin = time.monotonic()
        disturbance(process, ranks)
        try:
            status = process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.check.fail(f"not all had ended after {PATIENCE} s")
            process.kill()
            status = process.wait()
        left = [rank for rank in ranks if pathlib.Path(f"/proc/{rank}/exe").exists()]
        seconds = time.monotonic() - begin
        if left:
            self.check.fail(f"{len(left)} ranks outlived mpirun")
        return place, status, seconds

    def go_on(self, place, what):
        """Resumes in another number of processes and compares."""
        ranks = self.moments.choice([1, 2])
        command = [self.check.spindle]
        if (place / CHECKPOINT).exists():
            self.counts["resumed"] += 1
            command += ["resume", CHECKPOINT, "--quiet"]
        else:
            self.counts["ended before the first checkpoint"] += 1
            command += ["train", "run.json", "--quiet"]
        self.check.run(mpirun(ranks, command) if ranks > 1 else command, place)
        self.check.compare(place, self.expected, what)
        shutil.rmtree(place)

    def kill(self, kills):
        """Kills one of the ranks."""
        longest = 0.0
        while self.counts["killed"] < kills and len(self.check.failures) < 10:
            place, status, seconds = self.disturb(
                lambda process, ranks: os.kill(self.moments.choice(ranks), signal.SIGKILL))
            if status in (None, 0):
                # It had written all before it was killed.
                self.counts["ended before the kill"] += 1
                self.check.compare(place, self.expected, "a run that ended well")
                shutil.rmtree(place)
                continue
            self.counts["killed"] += 1
            longest = max(longest, seconds)
            self.go_on(place, "one of three ranks killed")
        print(f"one of three ranks killed {self.counts['killed']} times: all ended within "
              f"{longest:.1f} s; {dict(self.counts)}")

    def signals(self):
        """Asks mpirun to end."""
        for number in (signal.SIGUSR1, signal.SIGINT):
            place, status, seconds = self.disturb(
                lambda process, _: process.send_signal(number), trains=True)
            if status is not None and (status == 0) != (number == signal.SIGUSR1):
                self.check.fail(f"status {status} after {number.name}")
            self.go_on(place, number.name)
            print(f"{number.name}: all ended within {seconds:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ranks", default="1,2,3,4", help="numbers of ranks, with commas")
    parser.add_argument("--kills", type=int, default=20, help="runs of which a rank is killed")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--spindle", help="the command; without it a release build is made")
    options = parser.parse_args()
    ranks = options.ranks.split(",")
    if not all(text.isdigit() and int(text) > 0 for text in ranks):
        parser.error(f"expected numbers of ranks from 1 on, with commas, got {options.ranks}")
    ranks = [int(text) for text in ranks]
    if options.spindle and shutil.which(options.spindle) is None:
        parser.error(f"{options.spindle} is no program")
    if shutil.which("mpirun") is None:
        sys.exit("check_mpi: mpirun is not there; Debian has it in openmpi-bin")
    build = ROOT / ".build-mpi"
    if options.spindle is None:
        subprocess.run(
            ["swift", "build", "-c", "release", "--traits", "MPI", "--product", "spindle",
             "--scratch-path", build], cwd=ROOT, check=True)
    spindle = str(pathlib.Path(options.spindle or build / "release/spindle").resolve())
    with tempfile.TemporaryDirectory() as temporary:
        check = Check(spindle, pathlib.Path(temporary))
        known = configurations(spindle, check.folder)
        for name, configuration in known.items():
            expected = check.sizes(name, configuration, ranks)
            if name == "lengths":
                check.goes_on(name, configuration, expected, ranks)
        check.refusals(known["lengths"])
        long = json.loads(json.dumps(known["lengths"]))
        long["training"]["epochs"] = 60
        endings = Endings(check, long, random.Random(options.seed))
        endings.signals()
        endings.kill(options.kills)
    print(f"failed: {len(check.failures)}")
    sys.exit(1 if check.failures else 0)


if __name__ == "__main__":
    main()
