"""Confined children that stay: both ends of their line. Frames of a 4-byte length and a body, descriptors beside them.

`Line` is the server's end, `FarLine` the child's. The child is made by `Forks.hold`; see `forked.serve_lasting`.
"""

import asyncio
import os
import select
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Final

from polycast.core.processes.wire import DESCRIPTORS, FRAME

READ_BYTES: Final = 256 * 1024
FRAME_MOST: Final = 8 * 1024 * 1024  # bytes of one frame, either way
WAITING_MOST: Final = 4 * 1024 * 1024  # bytes that wait for a child before `tell` refuses


class Frames:
    """Bytes in, whole frames out."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, fresh: bytes) -> list[bytes]:
        """The frames that are complete now. Raises: EOFError for one that is longer than any may be."""
        rest = self._rest
        rest += fresh
        found: list[bytes] = []
        at = 0
        while len(rest) - at >= FRAME.size:
            (size,) = FRAME.unpack_from(rest, at)
            if size > FRAME_MOST:
                raise EOFError("a frame too long")
            if len(rest) - at - FRAME.size < size:
                break
            at += FRAME.size
            found.append(bytes(rest[at : at + size]))
            at += size
        if at:
            del rest[:at]
        return found


class Line:
    """The server's end of a child that stays. Whoever got it closes it; the child ends with it."""

    def __init__(self, near: socket.socket, pid: int, *, gone: Callable[["Line"], None]) -> None:
        self.pid = pid
        self._near = near
        self._gone = gone
        self._waiting: deque[tuple[bytes, tuple[int, ...]]] = deque()
        self._waiting_bytes = 0
        self._is_writing = False
        self.is_closed = False

    def tell(self, body: bytes, fds: Sequence[int] = ()) -> bool:
        """Send a frame as soon as there is room; False when the child takes nothing any more.

        The descriptors stay the caller's: they are copied here. At most `DESCRIPTORS` of them.
        """
        if self.is_closed or self._waiting_bytes > WAITING_MOST:
            return False
        copies = tuple(os.dup(fd) for fd in fds[:DESCRIPTORS])
        self._waiting.append((FRAME.pack(len(body)) + body, copies))
        self._waiting_bytes += FRAME.size + len(body)
        if not self._is_writing:
            self._write()
        return True

    async def frames(self) -> AsyncIterator[bytes]:
        """What the child says, until it ends or the line is closed."""
        loop, frames = asyncio.get_running_loop(), Frames()
        while not self.is_closed:
            try:
                fresh = await loop.sock_recv(self._near, READ_BYTES)
            except OSError:
                return
            if not fresh:
                return
            for frame in frames.feed(fresh):
                yield frame

    def close(self) -> None:
        """Hang up; the child is killed, which harms nothing: it holds nothing but what it was told."""
        if self.is_closed:
            return
        self.is_closed = True
        with suppress(OSError, ValueError):
            asyncio.get_running_loop().remove_writer(self._near)
        with suppress(OSError):
            self._near.shutdown(socket.SHUT_RDWR)  # wakes who reads
        while self._waiting:
            _close_all(self._waiting.popleft()[1])
        asyncio.get_running_loop().call_soon(self._near.close)
        self._gone(self)

    def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            body, copies = self._waiting[0]
            try:
                sent = socket.send_fds(self._near, [body], copies) if copies else self._near.send(body)
            except BlockingIOError:
                if not self._is_writing:
                    self._is_writing = True
                    loop.add_writer(self._near, self._write)
                return
            except OSError:
                break
            _close_all(copies)
            self._waiting_bytes -= sent
            if sent < len(body):
                self._waiting[0] = (body[sent:], ())
            else:
                self._waiting.popleft()
        else:
            if self._is_writing:
                self._is_writing = False
                loop.remove_writer(self._near)
            return
        self.close()


class FarLine:
    """The child's end. Blocking; one thread reads, any may `tell`."""

    def __init__(self, far: socket.socket) -> None:
        self._far = far
        self._rest = Frames()
        self._descriptors: deque[int] = deque()

    def heard(self, wait_s: float) -> list[bytes]:
        """The frames that have come, after at most `wait_s` seconds. Raises: EOFError when the server hung up."""
        found: list[bytes] = []
        while select.select([self._far], [], [], 0 if found else wait_s)[0]:
            fresh, descriptors, _, _ = socket.recv_fds(self._far, READ_BYTES, DESCRIPTORS)
            self._descriptors.extend(descriptors)
            if not fresh:
                raise EOFError("the line is closed")
            found += self._rest.feed(fresh)
            if not found:
                wait_s = 0
        return found

    def descriptor(self) -> int:
        """The next descriptor that came along, in the order they were sent. Raises: IndexError."""
        return self._descriptors.popleft()

    def tell(self, body: bytes) -> None:
        """Send a frame, waiting for room. Raises: OSError when the server has hung up."""
        self._far.sendall(FRAME.pack(len(body)) + body)


def _close_all(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
