#!/usr/bin/python3
"""Collect from the address of a background run: each result as a line of JSON, acknowledged
when it is written. Made from src/wire/PROTOCOL.md, without libdrover; needs python3-cbor2."""
import json
import socket
import sys

import cbor2

HELLO, TAKE, ACKNOWLEDGE, ITEM, DRAINED, UNSERVED = 0x50, 0x51, 0x52, 0x61, 0x63, 0x66
NAMES = ("number", "redelivered", "ended", "stage", "index", "args", "cause", "text", "code",
         "elapsed_ns", "cpu_us", "memory_kib", "has_value", "value")
if len(sys.argv) != 2:
    print(f"usage: {sys.argv[0]} ADDRESS", file=sys.stderr)
    sys.exit(64)
server = socket.socket(socket.AF_UNIX)

def say(kind, *fields):
    body = cbor2.dumps(fields)
    server.sendall(len(body).to_bytes(4, "big") + bytes([kind, 0, 0, 0]) + body)

try:
    server.connect(sys.argv[1])
    stream = server.makefile("rb")
    say(HELLO, 4)
    say(TAKE, 100, 0, 1)
    while header := stream.read(8):
        kind, fields = header[4], cbor2.loads(stream.read(int.from_bytes(header[:4], "big")))
        if kind == ITEM:
            print(json.dumps(dict(zip(NAMES, fields)), default=repr), flush=True)
            say(ACKNOWLEDGE, fields[0], fields[0])
            say(TAKE, 1, 0, 1)
        elif kind == DRAINED:
            sys.exit(0)
        elif kind == UNSERVED:
            raise OSError(fields[1])
    raise OSError("the connection was lost")
except OSError as error:
    print(f"{sys.argv[1]}: {error}", file=sys.stderr)
    sys.exit(69)
