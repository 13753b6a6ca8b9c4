"""A media child that does what its file's first word says: to see what the pool makes of it."""

import ctypes
import os
import socket
import sys
import time
from collections.abc import Sequence

from polycast.core.processes.forked import serve_forks


def serve(request: bytes, descriptors: Sequence[int]) -> bytes:
    word = os.pread(descriptors[0], 100, 0).split()[0] if descriptors else request
    if word == b"crash":
        ctypes.string_at(0)
    if word == b"hang":
        time.sleep(3600)
    if word == b"raise":
        raise RuntimeError("on purpose")
    if word == b"pid":
        return str(os.getpid()).encode()
    if word == b"escape":
        return _tries().encode()
    return b'{"type":"failed","reason":"' + word + b'"}'


def _tries() -> str:
    said = []
    for attempt in (
        lambda: open("/etc/passwd").close(),
        lambda: open("/tmp/escaped", "w").close(),
        lambda: socket.socket().close(),
        os.fork,
        lambda: os.listdir("/"),
    ):
        try:
            attempt()
            said.append("done")
        except OSError as error:
            said.append(type(error).__name__)
    return " ".join(said)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve_forks(control, int(sys.argv[2]), serve=serve, warm=lambda: None)
