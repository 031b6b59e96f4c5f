"""I10, I11: thousands of connections that send garbage, half of something or
nothing, and a collector that reads a byte a second, do not disturb a run; the
memory of the process that serves it stays bounded."""
import os
import socket
import struct
import sys
import threading
import time

import arena as arenas
import play as plays

HELLO = bytes((0, 0, 0, 2, 0x50, 0, 0, 0, 0x81, 4))
TAKE = bytes((0, 0, 0, 6, 0x51, 0, 0, 0, 0x83, 0x19, 0x10, 0, 1, 1))
AT_A_TIME = 40
MEMORY_KIB = 65536
JOB = plays.JOB.replace("fill: 100", "fill: 100000").replace(
    "range: [0, 150]", "range: [0, 400]")
EXPECTED = dict(plays.EXPECTED, b=(400, 1))

rng = arenas.seeded()


def send_something(connection):
    """One of the things that no collector sends."""
    kind = rng.randrange(6)
    if kind == 0:
        connection.sendall(rng.randbytes(rng.randrange(1, 200)))
    elif kind == 1:
        connection.sendall(HELLO[:rng.randrange(len(HELLO))])
    elif kind == 2:
        connection.sendall(HELLO + TAKE[:rng.randrange(len(TAKE))])
    elif kind == 3:
        connection.sendall(struct.pack(">IB3x", 0xffffffff, 0x50))
    elif kind == 4:
        connection.sendall(HELLO + struct.pack(
            ">IB3x", rng.randrange(1 << 24), rng.randrange(256)) +
            rng.randbytes(100))


def disturb(address, count):
    """Returns how many were turned away at once."""
    open_ones, refused = [], 0
    for _ in range(count):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(10)
        try:
            connection.connect(address)
            send_something(connection)
        except OSError:
            refused += 1
        open_ones.append(connection)
        if len(open_ones) > AT_A_TIME:
            open_ones.pop(rng.randrange(len(open_ones))).close()
    for connection in open_ones:
        connection.close()
    return refused


def dawdle(address, over):
    """Peek at everything, a byte a second."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        connection.sendall(HELLO + TAKE)
        while not over.wait(1):
            if not connection.recv(1):
                break


def peak_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def disturbed_run(arena, count):
    play = plays.Play(arena, rng, JOB, EXPECTED)
    play.program = True
    play.expect_begun(play.begin())
    host = arena.host()
    over = threading.Event()
    slow = threading.Thread(target=dawdle, args=(arena.address, over))
    slow.start()
    begin = time.monotonic()
    refused = disturb(arena.address, count)
    disturbed_s = time.monotonic() - begin
    play.collect()
    arenas.wait_until("all is acknowledged", lambda: all_acknowledged(play))
    peak = peak_kib(host)
    over.set()
    slow.join()
    play.finish()
    print(f"{count} connections in {disturbed_s:.1f} s, {refused} of them "
          f"refused, at most {peak} KiB of memory")
    if os.environ.get("sanitized") != "yes" and not 0 < peak < MEMORY_KIB:
        raise arenas.Wrong(f"the host has used {peak} KiB")


def all_acknowledged(play):
    run = play.look()
    wanted = sum(calls * values for calls, values in EXPECTED.values())
    return run["acknowledged"] == wanted


try:
    with arenas.Arena() as arena:
        disturbed_run(arena, 10000 if arenas.is_long else 500)
except arenas.Wrong as wrong:
    print(f"FAIL: {wrong}")
    sys.exit(1)
