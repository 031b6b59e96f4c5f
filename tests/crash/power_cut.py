"""I1, I2: the power fails at any moment of a run: what was confirmed is on the
disk. Needs root and loop devices; only in the long version."""
import ctypes
import fcntl
import os
import shutil
import signal
import struct
import subprocess
import sys
import time

import arena as arenas
import play as plays

CLONE_NEWNS = 0x20000
EXT4_IOC_SHUTDOWN = 0x8004587d  # 2: without flushing the journal
NOLOGFLUSH = struct.pack("I", 2)
DISK_MIB = 64

rng = arenas.seeded()
figures = {"power cuts": 0, "before there was a run": 0, "runs": 0,
           "redelivered": 0}


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(77)


def command(*words):
    return subprocess.run(words, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False).returncode == 0


def need_disk(image):
    if not arenas.is_long:
        skip("only in make check-long")
    if shutil.which("mkfs.ext4") is None:
        skip("there is no mkfs.ext4")
    if (ctypes.CDLL(None).unshare(CLONE_NEWNS) != 0 or
            not command("mount", "--make-rprivate", "/")):
        skip("this needs the right to mount")
    with open(image, "wb") as file:
        file.truncate(DISK_MIB << 20)
    os.mkdir(image + ".mounted")
    if not (command("mkfs.ext4", "-q", image) and mount(image)):
        skip("there are no loop devices")
    unmount(image)


def mount(image):
    return command("mount", "-o", "loop", image, image + ".mounted")


def unmount(image):
    if not command("umount", image + ".mounted"):
        raise arenas.Wrong("cannot unmount")


def cut_power(image):
    """Nothing that is not on the disk gets there any more."""
    folder = os.open(image + ".mounted", os.O_RDONLY)
    try:
        fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, NOLOGFLUSH)
    finally:
        os.close(folder)


def stop_all(arena):
    """Nobody lives on when the power fails: an ext4 that was shut down tells
    some who do that their data is safe when it is not."""
    for process in arena.processes():
        try:
            os.kill(process.pid, signal.SIGSTOP)
        except ProcessLookupError:
            pass
    time.sleep(0.003)


def carry_out(arena, play, image):
    moment = time.monotonic() + rng.uniform(0, length)
    starting = play.begin()
    while starting.poll() is None and time.monotonic() < moment:
        time.sleep(0.001)
    if starting.poll() == 0:
        play.collect()
    while time.monotonic() < moment and play.is_running():
        time.sleep(0.002)
    stop_all(arena)
    cut_power(image)
    for process in arena.processes():
        arena.kill(process.pid)
    starting.communicate()
    play.await_collectors((0, 1, 2, 69, 74, -9))
    arenas.wait_until("all processes end", lambda: not arena.processes())
    unmount(image)
    if not mount(image):
        raise arenas.Wrong("cannot mount again")
    figures["power cuts"] += 1
    figures["before there was a run"] += play.look() is None


def trial(arena):
    """Only the store is on that disk; the ledger knows what was confirmed."""
    if not mount(image):
        raise arenas.Wrong("cannot mount")
    arena.state = os.path.join(image + ".mounted", "state")
    arena.env["XDG_STATE_HOME"] = arena.state
    try:
        play = plays.Play(arena, rng)
        play.program = True
        carry_out(arena, play, image)
        play.finish()
        shutil.rmtree(arena.state)
    finally:
        for process in arena.processes():
            arena.kill(process.pid)
        unmount(image)
    figures["runs"] += 1
    figures["redelivered"] += play.redelivered


with arenas.Arena() as disk:
    image = os.path.join(disk.folder, "disk")
    need_disk(image)
    length = plays.measure(rng)
    plays.repeat(40, trial, figures, "power cuts")
