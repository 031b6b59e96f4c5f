"""I1 to I5, I7: the background process is killed at each of the system calls
that make or change something, one after the other; then it is carried on."""
import sys

import arena as arenas
import struck

NAMES = ("openat", "mkdir", "write", "pwrite64", "ftruncate", "fsync",
         "fdatasync", "rename", "renameat2", "unlink", "unlinkat", "bind",
         "listen", "accept4", "sendto", "sendmsg", "recvmsg", "fcntl",
         "epoll_ctl", "clone", "clone3", "chdir", "dup2")

struck.need_strace()
rng = arenas.seeded()
figures = {"kills": 0, "steps": 0, "redelivered": 0}


def kill_at(arena, name, number):
    play = struck.Struck(arena, rng)
    play.carry_out(("-e", f"trace={name}", "-e",
                    f"inject={name}:signal=SIGKILL:when={number}"))
    figures["steps"] += 1
    figures["kills"] += play.was_killed()
    play.finish()
    figures["redelivered"] += play.redelivered


with arenas.Arena() as first:
    steps = struck.steps(first, rng, NAMES, 1 if arenas.is_long else 29)
for name, number in steps:
    try:
        with arenas.Arena() as arena:
            kill_at(arena, name, number)
    except arenas.Wrong as wrong:
        print(f"FAIL: {name} number {number}: {wrong}")
        sys.exit(1)
print(", ".join(f"{value} {name}" for name, value in figures.items()))
