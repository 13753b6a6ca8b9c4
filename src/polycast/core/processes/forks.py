"""Children that are made in a millisecond, hold no rights, and are given open descriptors to work on."""

import asyncio
import logging
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

from polycast.core.errors import Unavailable
from polycast.core.processes.forked import FRAME_BYTES
from polycast.core.processes.lasting import Line
from polycast.core.processes.wire import FRAME

log = logging.getLogger("polycast.processes")

ANSWER_BYTES: Final = 8 * 1024 * 1024
IDLE: Final = timedelta(seconds=60)
USES: Final = 2000  # of one child; decoders leak
START: Final = timedelta(seconds=20)


class Crashed(Exception):
    """The child died over a request, or had to be killed: `was_killed` says that it took too long."""

    def __init__(self, *, was_killed: bool) -> None:
        super().__init__("a media child was killed" if was_killed else "a media child died")
        self.was_killed = was_killed


class _Child:
    def __init__(self, near: socket.socket, pid: int) -> None:
        self.near = near
        self.pid = pid
        self.uses = 0


class Forks:
    """A pool of confined children behind one warmed fork server; both come when needed and go when idle.

    `module` is run with `python -m` and gets a control socket's number and our process id: see `forked.serve_forks`.
    """

    def __init__(self, module: str, *, size: int, idle: timedelta = IDLE) -> None:
        self._module = module
        self._seats = asyncio.Semaphore(size)
        self._starting = asyncio.Lock()
        self._idle_s = idle.total_seconds()
        self._server: Process | None = None
        self._control: socket.socket | None = None
        self._children: list[_Child] = []  # that wait for work
        self._timer: asyncio.TimerHandle | None = None
        self._busy = 0
        self._lines: set[Line] = set()
        self._forking: set[asyncio.Future[_Child]] = set()
        self._ended: list[Process] = []
        self._is_closed = False

    async def ask(self, request: bytes, *, fds: Sequence[int] = (), timeout: timedelta) -> bytes:
        """A child's answer. The descriptors stay ours. Raises: Crashed, Unavailable when no child can be made."""
        if len(request) > FRAME_BYTES:
            raise ValueError("a request to a media child is small; pass a descriptor")
        async with self._seats:
            self._busy += 1
            self._stop_timer()
            try:
                child = self._children.pop() if self._children else await self._made()
                return await self._talk(child, request, fds, timeout)
            finally:
                self._less_busy()

    async def hold(self) -> Line:
        """A child of its own that stays until its line is closed; for modules that `serve_lasting`. Takes no seat.

        Raises: Unavailable when none can be made.
        """
        self._busy += 1
        self._stop_timer()
        try:
            child = await self._made()
        except (Unavailable, asyncio.CancelledError):
            self._less_busy()
            raise
        line = Line(child.near, child.pid, gone=self._hung_up)
        self._lines.add(line)
        return line

    async def _made(self) -> _Child:
        """A new child. A cancelled caller must not leave the server's answer behind: the next would take it for its own."""
        forking = asyncio.ensure_future(self._fork())
        self._forking.add(forking)
        forking.add_done_callback(self._forking.discard)
        try:
            return await asyncio.shield(forking)
        except asyncio.CancelledError:
            self._busy += 1
            forking.add_done_callback(self._unwanted)
            raise

    def _unwanted(self, forking: "asyncio.Future[_Child]") -> None:
        if not forking.cancelled() and forking.exception() is None:
            self._drop(forking.result(), kill=True)
        self._less_busy()

    def _hung_up(self, line: Line) -> None:
        if line in self._lines:
            self._lines.discard(line)
            if self._control is not None:
                with suppress(OSError):
                    self._control.send(b"K%d" % line.pid)
            self._less_busy()

    def _less_busy(self) -> None:
        self._busy -= 1
        if self._busy == 0:
            self._timer = asyncio.get_running_loop().call_later(self._idle_s, self._rest)

    async def _talk(self, child: _Child, request: bytes, fds: Sequence[int], timeout: timedelta) -> bytes:
        is_well = False
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                socket.send_fds(child.near, [FRAME.pack(len(request)), request], list(fds))
                answer = await _frame(child.near)
                is_well = True
        except TimeoutError as error:
            raise Crashed(was_killed=True) from error
        except (ConnectionError, BlockingIOError, EOFError) as error:
            raise Crashed(was_killed=False) from error
        finally:
            child.uses += 1
            if is_well and child.uses < USES and not self._is_closed:
                self._children.append(child)
            else:
                self._drop(child, kill=not is_well)
        return answer

    async def _fork(self) -> _Child:
        async with self._starting:
            for _ in range(2):  # a server that was killed is replaced once
                if self._is_closed:  # nobody would end what began now
                    break
                control = await self._start()
                if (child := await self._asked_for(control)) is not None:
                    return child
                self._rest()
        raise Unavailable("The media tools cannot be started.")

    async def _asked_for(self, control: socket.socket) -> _Child | None:
        """A child of the running server; None when it does not answer."""
        near, far = socket.socketpair()
        child = None
        with far:
            near.setblocking(False)
            try:
                async with asyncio.timeout(START.total_seconds()):
                    socket.send_fds(control, [b"F"], [far.fileno()])
                    said = await asyncio.get_running_loop().sock_recv(control, 64)
                if said and not self._is_closed:
                    child = _Child(near, int(said))
            except (OSError, TimeoutError):
                pass
            finally:  # also when the wait is cancelled
                if child is None:
                    near.close()
        return child

    async def _start(self) -> socket.socket:
        if self._control is not None and self._server is not None and self._server.returncode is None:
            return self._control
        self._rest()
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        near.setblocking(False)
        self._control = near  # from here on `_rest` closes it
        with far:
            self._server = await asyncio.create_subprocess_exec(
                sys.executable,
                "-s",
                "-P",
                "-m",
                self._module,
                str(far.fileno()),
                str(os.getpid()),
                stdin=DEVNULL,
                stdout=DEVNULL,
                pass_fds=(far.fileno(),),
                env={"PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
                cwd="/",
                start_new_session=True,
            )
        return near

    def _drop(self, child: _Child, *, kill: bool) -> None:
        child.near.close()
        if kill and self._control is not None:
            with suppress(OSError):
                self._control.send(b"K%d" % child.pid)

    def _rest(self) -> None:
        """Let everybody go home: server and children end when their sockets close."""
        self._stop_timer()
        for child in self._children:
            child.near.close()
        self._children.clear()
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._server is not None:
            self._ended = [server for server in self._ended if server.returncode is None]
            self._ended.append(self._server)
            self._server = None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def close(self) -> None:
        """End the server and every child, and wait until they are gone."""
        self._is_closed = True
        if self._forking:
            _, late = await asyncio.wait(self._forking, timeout=START.total_seconds())
            for forking in late:
                forking.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for line in list(self._lines):
            line.close()
        self._rest()
        for server in self._ended:
            try:
                async with asyncio.timeout(2):
                    await server.wait()
            except TimeoutError:
                log.warning("the fork server had to be killed")
                server.kill()
                await server.wait()
        self._ended.clear()


@asynccontextmanager
async def open_forks(module: str, *, size: int, idle: timedelta = IDLE) -> AsyncIterator[Forks]:
    """A pool for the length of the block."""
    forks = Forks(module, size=size, idle=idle)
    try:
        yield forks
    finally:
        await forks.close()


async def _frame(near: socket.socket) -> bytes:
    loop = asyncio.get_running_loop()
    found = bytearray(await _some(loop, near))
    while len(found) < FRAME.size:
        found += await _some(loop, near)
    (size,) = FRAME.unpack_from(found)
    if size > ANSWER_BYTES:
        raise EOFError
    while len(found) < FRAME.size + size:
        found += await _some(loop, near)
    return bytes(found[FRAME.size :])


async def _some(loop: asyncio.AbstractEventLoop, near: socket.socket) -> bytes:
    fresh = await loop.sock_recv(near, 256 * 1024)
    if not fresh:
        raise EOFError
    return fresh
