"""The far end of a fork server: a warmed, single-threaded process that makes children, each of which gives up its rights.

The near end is `forks.Forks`. Talk on the control socket, one message a datagram: `F` with a descriptor makes a child
that serves on it and answers with its process id; `K<pid>` kills one. Talk on a child's socket: frames of a 4-byte
length and a body, descriptors beside the first byte.
"""

import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, NoReturn

from polycast.core.processes import confine
from polycast.core.processes.lasting import FarLine
from polycast.core.processes.wire import DESCRIPTORS, FRAME

FRAME_BYTES: Final = 64 * 1024  # of a request; descriptors carry what is larger
FAREWELL_S: Final = 0.5
LIMITS: Final = {"as": 4 * 1024**3, "fsize": 256 * 1024**2, "nofile": 64, "core": 0}

Serve = Callable[
    [bytes, Sequence[int]], bytes
]  # (request, open descriptors) -> answer; the descriptors are closed after
Talk = Callable[[socket.socket], None]  # what a child does with its line, from start to end
NICE: Final = 5


def serve_forks(control: socket.socket, parent: int, *, serve: Serve, warm: Callable[[], None]) -> None:
    """Make children until the near end goes away. `warm` must touch all that children use: they can import nothing."""

    def talk(near: socket.socket) -> None:
        while _answer(near, serve):
            pass

    _serve(control, parent, talk=talk, warm=warm, nice=NICE)


def serve_lasting(
    control: int, parent: int, *, talk: Callable[[FarLine], None], warm: Callable[[], None], nice: int = 0
) -> None:
    """As `serve_forks`, on an inherited socket's number, for children that stay: each runs `talk` until it returns."""
    with socket.socket(fileno=control) as line:
        _serve(line, parent, talk=lambda near: talk(FarLine(near)), warm=warm, nice=nice)


def _serve(control: socket.socket, parent: int, *, talk: Talk, warm: Callable[[], None], nice: int) -> None:
    confine.die_with_parent(parent)
    os.umask(0o077)
    os.nice(nice)
    warm()
    woken, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(waker)
    children: set[int] = set()
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            with suppress(BlockingIOError):
                os.read(woken, 4096)
            _reap(children)
        if control.fileno() in ready:
            message, descriptors, _, _ = socket.recv_fds(control, 64, 1)
            if not message:
                _part(children)
                return
            if message[:1] == b"F":
                _fork(control, descriptors[0], children, talk)
            elif int(message[1:]) in children:  # a number that was reaped may be somebody else's by now
                os.kill(int(message[1:]), signal.SIGKILL)


def _fork(control: socket.socket, descriptor: int, children: set[int], talk: Talk) -> None:
    here = os.getpid()
    child = os.fork()
    if child == 0:
        signal.set_wakeup_fd(-1)
        control.close()
        _be_child(descriptor, here, talk)
    os.close(descriptor)
    children.add(child)
    with suppress(OSError):  # who asked has gone; the next look at the line sees that
        control.send(str(child).encode())


def _reap(children: set[int]) -> None:
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            children.discard(found)


def _part(children: set[int]) -> None:
    """Wait for the children, whose sockets have been closed too, and kill who stays: an init may not reap orphans."""
    until = time.monotonic() + FAREWELL_S
    while children and time.monotonic() < until:
        _reap(children)
        time.sleep(0.005)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _be_child(descriptor: int, parent: int, talk: Talk) -> NoReturn:
    """Serve until the near end closes; a failure of any kind ends the process, and that is what the near end sees."""
    code = 1
    try:
        confine.die_with_parent(parent)
        for name, value in LIMITS.items():
            confine.limit(name, value)
        confine.drop_privileges()
        if confine.landlock_abi():
            confine.landlock()
        confine.filter_calls()
        with socket.socket(fileno=descriptor) as near:
            talk(near)
        code = 0
    finally:
        if (error := sys.exc_info()[1]) is not None:
            with suppress(OSError, ValueError):
                sys.stderr.write(f"media child: {type(error).__name__}: {error}\n")
        os._exit(code)  # nothing of what the server would do at its own end is this process's to do


def _answer(near: socket.socket, serve: Serve) -> bool:
    head, descriptors, _, _ = socket.recv_fds(near, FRAME.size + FRAME_BYTES, DESCRIPTORS)
    if not head:
        return False
    (size,) = FRAME.unpack_from(head)
    body = bytearray(head[FRAME.size :])
    while len(body) < size:
        fresh = near.recv(size - len(body))
        if not fresh:
            return False
        body += fresh
    try:
        answer = serve(bytes(body), descriptors)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    near.sendall(FRAME.pack(len(answer)) + answer)
    return True
