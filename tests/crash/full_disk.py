"""I1, I8: the disk is full at any moment of a run: that is said, what was
committed is there, and with room again the run is carried on. Needs root, for
a small file system."""
import ctypes
import os
import subprocess
import sys
import time

import arena as arenas
import play as plays

CLONE_NEWNS = 0x20000
CANNOT_CREATE, CANNOT_WRITE, LOST = 73, 74, 69
SMALL_KIB = (400, 500, 700, 1000, 2000)
ROOM_KIB = 16000

rng = arenas.seeded()
figures = {"disks full": 0, "starts refused": 0, "halted": 0,
           "said why": 0, "redelivered": 0}


def mount(*words):
    return subprocess.run(("mount", *words), stderr=subprocess.PIPE,
                          check=False).returncode == 0


def need_mounts():
    """A file system of ours is seen by nobody else, and goes with us."""
    if (ctypes.CDLL(None).unshare(CLONE_NEWNS) != 0 or
            not mount("--make-rprivate", "/")):
        print("SKIP: this needs the right to mount")
        sys.exit(77)


def fill(arena, left):
    """Leave so many bytes of the disk."""
    with open(os.path.join(arena.state, "filler"), "ab", 0) as filler:
        disk = os.statvfs(arena.state)
        free = disk.f_bavail * disk.f_bsize
        try:
            filler.write(bytes(max(0, free - left)))
        except OSError:
            pass


def make_room(arena):
    filler = os.path.join(arena.state, "filler")
    if os.path.exists(filler):
        os.remove(filler)
    if not mount("-o", f"remount,size={ROOM_KIB}k", arena.state):
        raise arenas.Wrong("cannot make the disk larger")


def has_ballast(play):
    return os.path.exists(os.path.join(play.run["store"], "ballast"))


def carry_out(play):
    """Until the disk is full, which it may be from the beginning."""
    moment = time.monotonic() + rng.uniform(0, length)
    filled = rng.random() < 0.7
    starting = play.begin()
    starting.wait(arenas.GIVE_UP_S)
    begun = starting.returncode == 0
    _, errors = starting.communicate()
    if begun:
        play.collect()
        while filled and time.monotonic() < moment and play.is_running():
            time.sleep(0.002)
    elif starting.returncode not in (CANNOT_CREATE, CANNOT_WRITE):
        raise arenas.Wrong(f"start ends with {starting.returncode}: {errors}")
    elif "No space left" not in errors and "disk is full" not in errors:
        raise arenas.Wrong(f"start does not say why: {errors}")
    else:
        figures["starts refused"] += 1
    if filled:
        fill(play.arena, rng.choice((0, 4096, 20000)))
    play.await_collectors((0, 1, 2, LOST, CANNOT_WRITE))
    arenas.wait_until("it ends", lambda: play.arena.host() is None)


def judge(play):
    """What is there when the disk is full: how the run ended and why, if room
    was kept for that; others may have taken it."""
    if play.look() is None or play.run["state"] == "finished":
        return
    log = play.arena.expect((0,), "logs", play.run["run"])
    figures["halted"] += play.run["state"] == "halted"
    figures["said why"] += "full" in log or "No space left" in log
    if play.run["state"] != "halted" and has_ballast(play):
        raise arenas.Wrong(f"the run is {play.run['state']}: {log}")


def trial(arena):
    os.mkdir(arena.state, 0o700)
    if not mount("-t", "tmpfs", "-o",
                 f"size={rng.choice(SMALL_KIB)}k,mode=700", "none",
                 arena.state):
        raise arenas.Wrong("cannot mount")
    try:
        play = plays.Play(arena, rng, plays.JOB.replace("fill: 100",
                                                        "fill: 5000"))
        carry_out(play)
        judge(play)
        make_room(arena)
        play.finish()
    finally:
        for process in arena.processes():
            arena.kill(process.pid)
        subprocess.run(("umount", arena.state), check=True)
    figures["disks full"] += 1
    figures["redelivered"] += play.redelivered


need_mounts()
length = plays.measure(rng)
plays.repeat(200 if arenas.is_long else 5, trial, figures,
             "disks full")
if arenas.is_long and figures["said why"] < figures["halted"] / 2:
    print("FAIL: most logs do not say why the run has halted")
    sys.exit(1)
