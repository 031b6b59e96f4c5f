"""A small run at one of whose system calls strace strikes. It is attached to a
`drover start` that waits for its job, and follows forks, but no programs: so it
sees the background process, and no keepers."""
import collections
import os
import re
import shutil
import subprocess
import sys

import play as plays
from arena import GIVE_UP_S, Wrong, drover, wait_until

JOB = """version: 1
plugins: {ledger: ledger}
workers: 2
stages:
  a: {task: ledger.once, each: {i: {range: [0, 4]}}, with: {stage: a}}
  b:
    task: ledger.once
    worker: reused
    each: {i: {range: [0, 12]}}
    with: {stage: b, fill: 3000, pause_us: 2000}
  c:
    task: ledger.series
    each: {i: [0]}
    with: {stage: c, pause_us: 25000, count: 3}
"""
EXPECTED = {"a": (4, 1), "b": (12, 1), "c": (1, 3)}
LOST = 69


def waits_for_input(pid):
    with open(f"/proc/{pid}/wchan") as place:
        return "pipe" in place.read()


def need_strace():
    if os.environ.get("sanitized") == "yes":
        print("SKIP: looking for leaks does not work under strace")
        sys.exit(77)
    if shutil.which("strace") is None:
        print("SKIP: there is no strace")
        sys.exit(77)


class Struck(plays.Play):
    def __init__(self, arena, rng):
        super().__init__(arena, rng, JOB, EXPECTED)
        self.trace = os.path.join(arena.folder, "trace")

    def attach(self, starting, options):
        tracing = self.arena.popen(
            "strace", "-f", "-b", "execve", "-o", self.trace, *options, "-p",
            str(starting.pid))
        line = tracing.stderr.readline()
        if "attached" not in line:
            print(f"SKIP: strace cannot attach: {line.strip()}")
            sys.exit(77)
        return tracing

    def carry_out(self, options, statuses=(0, 1, 2, LOST)):
        """Begin under strace with these options, and collect until the end,
        whichever that is. Returns how the start ended."""
        self.attempts += 1
        starting = self.arena.popen(drover, "start", "--at",
                                    self.arena.address, "-",
                                    stdin=subprocess.PIPE)
        wait_until("it reads", lambda: waits_for_input(starting.pid))
        tracing = self.attach(starting, options)
        try:
            starting.stdin.write(JOB)
            starting.stdin.close()
            starting.stdin = None
        except BrokenPipeError:
            starting.stdin = None
        try:
            _, errors = starting.communicate(timeout=GIVE_UP_S)
            if self.is_running():
                self.collect()
                self.await_collectors(statuses)
            tracing.communicate(timeout=GIVE_UP_S)
        except subprocess.TimeoutExpired:
            raise Wrong(f"it does not end: {options}") from None
        return starting.returncode, errors.strip()

    def traced(self):
        with open(self.trace) as lines:
            return lines.read()

    def was_killed(self):
        return "killed by SIGKILL" in self.traced()

    def was_failed(self):
        return "(INJECTED)" in self.traced()


def count_calls(arena, rng, names):
    """How often the background process makes each of these system calls in a
    run that nobody disturbs."""
    play = Struck(arena, rng)
    play.carry_out(("-e", "trace=" + ",".join(names)))
    counts = collections.defaultdict(collections.Counter)
    for line in play.traced().splitlines():
        call = re.match(r"(\d+) +(\w+)\(", line)
        if call:
            counts[call[1]][call[2]] += 1
    play.finish()
    return max(counts.values(), key=lambda names: names["pwrite64"])


def steps(arena, rng, names, stride):
    """Each name with each number of a call, or every so many."""
    counts = count_calls(arena, rng, names)
    every = [(name, number + 1) for name in names
             for number in range(counts[name])]
    return every[rng.randrange(stride)::stride]
