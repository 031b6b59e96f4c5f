"""What the ledger of a trial says, held against what is promised: every call
has exactly one outcome, no result is lost, none is given to anybody after its
acknowledgement was confirmed, what is given again is marked and the same."""
import os
import sqlite3

from arena import Wrong

ACKNOWLEDGED = 4


class Items:
    """What collectors have got, in the order in which they did.

    values  by item's number: what it was
    places  by stage, index and place of the value: the item's number
    """

    def __init__(self):
        self.values = {}
        self.places = {}
        self.sure = set()
        self.redelivered = 0
        self.causes = {}

    def take(self, words):
        number, stage, index, k, ended, cause, again, value = words
        number, again = int(number), again == "1"
        call = stage, int(index)
        place = *call, int(k)
        if number in self.sure:
            raise Wrong(f"item {number} is given after its acknowledgement")
        if self.values.get(number, (place, value)) != (place, value):
            raise Wrong(f"item {number} is another one when given again")
        if number in self.values and not again:
            raise Wrong(f"item {number} is given again without a mark")
        if self.places.setdefault(place, number) != number:
            raise Wrong(f"{place} is item {number} and another one")
        self.values[number] = place, value
        self.redelivered += again
        if ended == "1":
            self.causes[call] = cause

    def confirm(self, got):
        self.sure.update(got)


class Ledger:
    """items, and how often each call was begun."""

    def __init__(self, path):
        self.items = Items()
        self.begun = {}
        self.got = {}
        with open(path) as lines:
            for line in lines:
                self.read(line.split())

    def read(self, words):
        what, words = words[0], words[1:]
        if what == "overlap":
            raise Wrong(f"two attempts of {words} are alive at once")
        if what == "begin":
            self.begin((words[0], int(words[1])))
        elif what == "got":
            self.got.setdefault(words[0], []).append(int(words[1]))
            self.items.take(words[1:])
        elif what == "sure":
            self.items.confirm(self.got[words[0]])

    def begin(self, call):
        if call in self.items.causes:
            raise Wrong(f"{call} is run again after its outcome was told")
        self.begun[call] = self.begun.get(call, 0) + 1

    def expect_bounded(self, attempts):
        for call, count in self.begun.items():
            if count > attempts:
                raise Wrong(f"{call} was begun {count} times")


def expect_items(items, expected):
    """EXPECTED: by stage, how many calls there are and values each gives."""
    wanted = {(stage, index, k) for stage, (calls, values) in expected.items()
              for index in range(calls) for k in range(values)}
    got = set(items.places)
    failed = {call for call, cause in items.causes.items() if cause != "ok"}
    for place in sorted(wanted - got):
        if place[:2] not in failed:
            raise Wrong(f"{place} is lost")
    for place in sorted(got - wanted):
        if place[2] >= 0:
            raise Wrong(f"{place} came from nowhere")


def expect_record(folder, expected):
    """The record of the run whose store is in FOLDER has one outcome for each
    call; returns how many are not ok. Nobody may have the store open."""
    db = sqlite3.connect(os.path.join(folder, "run.db"))
    try:
        if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise Wrong("the record is damaged")
        rows = db.execute("SELECT name, position, cause FROM call "
                          "JOIN stage ON stage.id = call.stage").fetchall()
        left = db.execute("SELECT count(*) FROM item WHERE delivery < ?",
                          (ACKNOWLEDGED,)).fetchone()[0]
    finally:
        db.close()
    wanted = sorted((stage, index) for stage, (calls, _) in expected.items()
                    for index in range(calls))
    if sorted(row[:2] for row in rows) != wanted:
        raise Wrong(f"{len(rows)} records of {len(wanted)} calls")
    if any(cause is None for _, _, cause in rows):
        raise Wrong("a call has no outcome")
    if left:
        raise Wrong(f"{left} items are not acknowledged")
    return sum(cause != 0 for _, _, cause in rows)
