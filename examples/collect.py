#!/usr/bin/python3
"""Collect from the address of a background run: each result as a line of JSON, acknowledged
when it is written. Made from src/wire/PROTOCOL.md, without libdrover; needs python3-cbor2."""
import json
import socket
import struct
import sys

import cbor2

HELLO, TAKE, ACKNOWLEDGE = 0x50, 0x51, 0x52
WELCOME, ITEM, CONFIRMED, DRAINED, UNSERVED = 0x60, 0x61, 0x62, 0x63, 0x66
NAMES = ("number", "redelivered", "ended", "stage", "index", "args", "cause", "text", "code",
         "elapsed_ns", "cpu_us", "memory_kib", "has_value", "value")
server = socket.socket(socket.AF_UNIX)
server.connect(sys.argv[1])
stream = server.makefile("rwb")


def say(kind, *fields):
    body = cbor2.dumps(fields)
    stream.write(struct.pack(">IB3x", len(body), kind) + body)
    stream.flush()


say(HELLO, 4)
say(TAKE, 100, 0, 1)
while header := stream.read(8):
    size, kind = struct.unpack(">IB3x", header)
    fields = cbor2.loads(stream.read(size))
    if kind == ITEM:
        item = dict(zip(NAMES, fields))
        print(json.dumps(item, default=repr), flush=True)
        say(ACKNOWLEDGE, item["number"], item["number"])
        say(TAKE, 1, 0, 1)
    elif kind == UNSERVED:
        sys.exit(f"{sys.argv[1]}: {fields[1]}")
    elif kind == DRAINED:
        sys.exit(0)
sys.exit(f"{sys.argv[1]}: the connection was lost")
