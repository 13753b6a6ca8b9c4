"""Frames as all forked children have them, on the child's side of the socket pair."""

import socket
from typing import Final

from polycast.core.processes.wire import FRAME

FRAME_BYTES: Final = 16 * 1024 * 1024


def send(far: socket.socket, body: bytes) -> None:
    """One frame. Raises: OSError."""
    far.sendall(FRAME.pack(len(body)) + body)


def receive(far: socket.socket) -> bytes:
    """The next frame. Raises: EOFError when the other end is gone or talks nonsense; OSError."""
    (size,) = FRAME.unpack(_exactly(far, FRAME.size))
    if size > FRAME_BYTES:
        raise EOFError
    return _exactly(far, size)


def _exactly(far: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        fresh = far.recv(size - len(found))
        if not fresh:
            raise EOFError
        found += fresh
    return bytes(found)
