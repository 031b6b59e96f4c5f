"""I1, I8: the system calls that write the store fail, once or from then on: it
is said clearly, and what was committed is there when the run is carried on."""
import sys

import arena as arenas
import struck

NAMES = ("mkdir", "openat", "pwrite64", "ftruncate", "fsync", "fdatasync",
         "rename", "write", "bind", "listen")
ERRORS = ("EIO", "ENOSPC")
CANNOT_WRITE = 74
SAID = range(64, 79)

struck.need_strace()
rng = arenas.seeded()
figures = {"failures": 0, "starts refused": 0, "runs halted": 0,
           "unharmed": 0}


def expect_said(status, errors):
    """A start that has failed gives a reason, in a line."""
    if status not in SAID or not errors.startswith("drover: "):
        raise arenas.Wrong(f"start ends with {status}: \"{errors}\"")


def expect_log(play):
    with open(f"{play.run['store']}/log") as log:
        if "drover: " not in log.read():
            raise arenas.Wrong("it has ended, and its log says nothing")


def fail_at(arena, name, number, error, more):
    play = struck.Struck(arena, rng)
    status, errors = play.carry_out(
        ("-e", f"trace={name}", "-e",
         f"inject={name}:error={error}:when={number}{more}"),
        (0, 1, 2, struck.LOST, CANNOT_WRITE))
    figures["failures"] += play.was_failed()
    if status != 0:
        expect_said(status, errors)
        figures["starts refused"] += 1
    elif play.look()["state"] == "finished":
        figures["unharmed"] += 1
    else:
        expect_log(play)
        figures["runs halted"] += 1
    play.finish()


with arenas.Arena() as first:
    steps = struck.steps(first, rng, NAMES, 1 if arenas.is_long else 59)
for name, number in steps:
    error = rng.choice(ERRORS)
    # By write(2) it is said, too, what goes wrong.
    more = "" if name == "write" else rng.choice(("", "+"))
    try:
        with arenas.Arena() as arena:
            fail_at(arena, name, number, error, more)
    except arenas.Wrong as wrong:
        print(f"FAIL: {name} number {number}{more}, {error}: {wrong}")
        sys.exit(1)
print(", ".join(f"{value} {name}" for name, value in figures.items()))
