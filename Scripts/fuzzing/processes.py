"""Processes with limits of time and memory."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

SECONDS = 10
SECONDS_OF_TRAINING = 2
MEMORY = 2 << 30

FAILED = "failures"
# How a run may end, by its status; by a signal that it was sent; in any other way.
STATUS = {0: "done", 1: "ended with 1", 2: "refused"}
ENDS = [*STATUS.values(), "interrupted", FAILED]
SANITIZER = re.compile(
    r"(Address|UndefinedBehavior|Leak|Thread)Sanitizer|runtime error:|Fatal error|\*\*\* Signal")


class Run:
    """What became of a process."""

    def __init__(self, command, end, reason, output):
        self.command, self.end, self.reason, self.output = command, end, reason, output


class Group:
    """A control group of Linux with a limit of memory; of either version."""

    def __init__(self):
        second = pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists()
        root = pathlib.Path("/sys/fs/cgroup" if second else "/sys/fs/cgroup/memory")
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="spindle-fuzz-", dir=root))
        limit = "memory.max" if second else "memory.limit_in_bytes"
        (self.path / limit).write_text(str(MEMORY))
        self.members = str(self.path / "cgroup.procs")

    def enter(self):
        with open(self.members, "w") as file:
            file.write(str(os.getpid()))

    def close(self):
        for _ in range(100):
            try:
                return self.path.rmdir()
            except OSError:
                time.sleep(0.02)


class Runner:
    """Runs the command, one process at a time."""

    def __init__(self, spindle):
        self.spindle = spindle
        try:
            self.group = Group()
        except OSError:
            self.group = None
        self.environment = dict(
            os.environ, SPINDLE_GNUPLOT="false", SPINDLE_FORCE_THREADS="1",
            # As malloc of the system, which the core checks; little kept of what was freed.
            ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=16",
            SWIFT_BACKTRACE="enable=no")

    def close(self):
        if self.group:
            self.group.close()

    def good(self, arguments, folder):
        """Runs what must succeed."""
        run = self.run(arguments, folder, trains=False)
        if run.end != "done":
            raise SystemExit(f"fuzz: {arguments} on good files: {run.reason}\n{run.output}")

    def run(self, arguments, folder, trains):
        command = [self.spindle, *arguments]
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, env=self.environment, start_new_session=True,
                preexec_fn=self.group.enter if self.group else None)
            reason, interrupted = self.wait(process, trains)
            # Nothing that it started may outlive it.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            output.seek(0)
            text = output.read(1 << 22).decode(errors="replace")
        status = process.returncode
        if reason is None and SANITIZER.search(text):
            reason = f"status {status} with a sanitizer's or a runtime's report"
        if reason is None and interrupted and status == -signal.SIGINT:
            return Run(command, "interrupted", "interrupted", text)
        if reason is None and status in STATUS:
            return Run(command, STATUS[status], STATUS[status], text)
        return Run(command, FAILED, reason or f"status {status}", text)

    def wait(self, process, trains):
        """Waits for the end: (what went wrong or None, whether the process was interrupted)."""
        start = time.monotonic()
        interrupted = False
        while True:
            try:
                process.wait(0.02)
                return None, interrupted
            except subprocess.TimeoutExpired:
                pass
            seconds = time.monotonic() - start
            if trains and not interrupted and seconds > SECONDS_OF_TRAINING:
                interrupted = True
                process.send_signal(signal.SIGINT)
            reason = None
            if seconds > SECONDS:
                reason = f"more than {SECONDS} s"
            elif not self.group and resident(process.pid) > MEMORY:
                reason = f"more than {MEMORY >> 20} MB"
            if reason:
                process.kill()
                process.wait()
                return reason, interrupted


def resident(pid):
    """Bytes in memory; 0 of a process that ended."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s*(\d+) kB", text)
    return int(found[1]) * 1024 if found else 0
