"""A run that is killed, carried on and collected, as often as it takes."""
import collections
import json
import os
import subprocess
import sys
import time

import judge
from arena import GIVE_UP_S, Arena, Wrong, collector, drover, wait_until

JOB = """version: 1
plugins: {ledger: ledger}
workers: 3
stages:
  a:
    task: ledger.once
    each: {i: {range: [0, 16]}}
    with: {stage: a, pause_us: 5000}
  b:
    task: ledger.once
    worker: reused
    each: {i: {range: [0, 150]}}
    with: {stage: b, pause_us: 500, fill: 100}
  c:
    task: ledger.series
    each: {i: {range: [0, 6]}}
    with: {stage: c, pause_us: 2000, count: 5}
"""
EXPECTED = {"a": (16, 1), "b": (150, 1), "c": (6, 5)}


class Lines:
    """What `drover collect --output` has written, into several files when
    there were several at a time: a line for each result; all but one of those
    for the same are marked.

    sure  by place, how many lines it had when all collectors had ended well
    """

    def __init__(self, folder):
        self.folder = folder
        self.sure = collections.Counter()
        self.redelivered = 0

    def path(self, number):
        return os.path.join(self.folder, f"lines-{number}")

    def read(self):
        """The items that whole lines tell of."""
        for name in os.listdir(self.folder):
            if name.startswith("lines-"):
                with open(os.path.join(self.folder, name)) as file:
                    yield from (json.loads(line) for line in file
                                if line.endswith("\n"))

    def count(self):
        """By place, how many lines; what was promised of them is checked."""
        values = {}
        unmarked = collections.Counter()
        counts = collections.Counter()
        for item in self.read():
            again = item.pop("redelivered", False)
            k = item["value"]["k"] if item["value"] else -1
            place = item["stage"], item["index"], k
            if values.setdefault(place, item) != item:
                raise Wrong(f"{place} is another one when given again")
            counts[place] += 1
            unmarked[place] += not again
            if unmarked[place] > 1:
                raise Wrong(f"{place} is given again without a mark")
        self.redelivered = counts.total() - unmarked.total()
        return counts

    def confirm(self):
        counts = self.count()
        for place, count in self.sure.items():
            if counts[place] != count:
                raise Wrong(f"{place} is given after its acknowledgement")
        self.sure = counts


class Play:
    """One run in an arena.

    program  collected by collector.c, which notes all; else by drover itself
    """

    def __init__(self, arena, rng, job=JOB, expected=None):
        self.arena = arena
        self.rng = rng
        self.expected = expected or EXPECTED
        self.program = rng.random() < 0.6
        self.lines = Lines(arena.folder)
        self.collectors = []
        self.run = None
        self.attempts = 0
        arena.address = os.path.join(arena.folder, "at.socket")
        with open(arena.job, "w") as file:
            file.write(job)

    # --- Beginning

    def begin(self):
        """Start the run, or carry it on; does not wait."""
        self.attempts += 1
        words = ("start", "--at", self.arena.address, self.arena.job)
        if self.run is not None:
            words = ("resume", self.rng.choice(
                (self.run["run"], self.arena.address)))
        return self.arena.popen(drover, *words)

    def look(self):
        """Find out what became of a start that was killed."""
        runs = self.arena.runs()
        if len(runs) > 1:
            raise Wrong(f"{len(runs)} runs of one start")
        self.run = runs[0] if runs else None
        return self.run

    def expect_begun(self, starting):
        output, errors = starting.communicate(timeout=GIVE_UP_S)
        if starting.returncode != 0 or output != self.arena.address + "\n":
            raise Wrong(f"does not begin: {starting.returncode}, "
                        f"\"{output}\", {errors.strip()}")
        return self.look()

    def is_running(self):
        return os.path.exists(self.arena.address)

    def kill_host(self):
        """Returns whether there was one."""
        host = self.arena.host()
        return host is not None and self.arena.kill(host)

    # --- Collecting

    def collect(self):
        """Have one more collector."""
        if self.program:
            self.collectors.append(collector(self.arena,
                                             self.rng.choice((1, 1, 7, 50))))
        else:
            self.collectors.append(self.arena.popen(
                drover, "collect", "--output",
                self.lines.path(len(self.collectors)), self.arena.address))

    def await_collectors(self, allowed):
        statuses = set()
        for process in self.collectors:
            try:
                _, errors = process.communicate(timeout=GIVE_UP_S)
            except subprocess.TimeoutExpired:
                raise Wrong("a collector does not end") from None
            if process.returncode not in allowed:
                raise Wrong(f"a collector ends with {process.returncode}: "
                            f"{errors.strip()}")
            statuses.add(process.returncode)
        self.collectors = []
        if not self.program and statuses and statuses <= {0, 1, 2}:
            self.lines.confirm()

    def collect_all(self):
        """The last collector: all that is left."""
        self.await_collectors((0, 1, 2, 69))
        self.collect()
        self.await_collectors((0, 1, 2))

    # --- The end

    def finish(self):
        """Have it all done, and see that nothing is lost and nothing left."""
        if self.look() is None or self.run["state"] in ("killed", "halted"):
            self.expect_begun(self.begin())
        self.collect_all()
        wait_until("the run ends", lambda: self.arena.host() is None)
        if self.look()["state"] != "finished":
            raise Wrong(f"the run ends as {self.run['state']}")
        self.judge()

    def judge(self):
        """Returns how many calls have failed."""
        ledger = judge.Ledger(self.arena.ledger)
        ledger.expect_bounded(self.attempts)
        if self.program:
            judge.expect_items(ledger.items, self.expected)
            self.redelivered = ledger.items.redelivered
        else:
            self.redelivered = self.lines.redelivered
        self.arena.expect_nothing_left()
        failed = judge.expect_record(self.run["store"], self.expected)
        if not self.program:
            self.expect_lines(failed)
        return failed

    def expect_lines(self, failed):
        wanted = sum(calls * values
                     for calls, values in self.expected.values())
        there = sum(place[2] >= 0 for place in self.lines.sure)
        if there != wanted and not failed:
            raise Wrong(f"{there} lines of {wanted}")


def measure(rng):
    """How long a run takes that nobody disturbs, in seconds."""
    begin = time.monotonic()
    with Arena() as arena:
        play = Play(arena, rng)
        play.expect_begun(play.begin())
        play.collect()
        wait_until("the run ends", lambda: arena.host() is None)
        length = time.monotonic() - begin
        play.finish()
    return length


def repeat(count, trial, figures, counted="kills"):
    """Call TRIAL until that figure is COUNT; each in an arena of its own."""
    number = 0
    while figures[counted] < count:
        number += 1
        try:
            with Arena() as arena:
                trial(arena)
        except Wrong as wrong:
            print(f"alive were {arena.last_seen}")
            print(f"FAIL: trial {number}, after {figures}: {wrong}")
            sys.exit(1)
    print(", ".join(f"{value} {name}" for name, value in figures.items()))
