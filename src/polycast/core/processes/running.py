"""Child processes: started confined, watched, always reaped."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct

from polycast.core.errors import TooLarge, Unavailable
from polycast.core.processes import confine
from polycast.core.processes.tools import Limits, Sandbox, Tool, Tools, best_sandbox, bubblewrap

GRACE: Final = timedelta(seconds=2)
LOOK_S: Final = 0.5
TAIL_LINES: Final = 40
LINE_BYTES: Final = 2000
PIPE_BYTES: Final = 256 * 1024
OUTPUT_BYTES: Final = 64 * 1024 * 1024
STANDARD: Final = Limits()


class Finished(Struct, frozen=True):
    """How a call ended."""

    code: int  # negative: killed by that signal
    output: bytes
    errors: str  # the last lines of standard error


class Running:
    """A child for the length of its block."""

    def __init__(self, process: Process, tail: deque[str]) -> None:
        self._process = process
        self._tail = tail

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.returncode

    @property
    def stdin(self) -> asyncio.StreamWriter:
        if self._process.stdin is None:
            raise RuntimeError("the child was started without a pipe to its input")
        return self._process.stdin

    @property
    def stdout(self) -> asyncio.StreamReader:
        if self._process.stdout is None:
            raise RuntimeError("the child was started without a pipe from its output")
        return self._process.stdout

    @property
    def stderr(self) -> asyncio.StreamReader:
        if self._process.stderr is None:
            raise RuntimeError("the child was started without a pipe from its errors")
        return self._process.stderr

    @property
    def errors(self) -> str:
        """The last lines of standard error so far, unless it was asked for as a pipe or a descriptor."""
        return "\n".join(self._tail)

    async def feed(self, content: bytes) -> bool:
        """Write to its input and wait until it has room; False when it reads no more."""
        try:
            self.stdin.write(content)
            await self.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    async def end_input(self) -> None:
        """Tell it that nothing follows."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.stdin.close()
            await self.stdin.wait_closed()

    async def chunks(self, size_bytes: int = PIPE_BYTES) -> AsyncIterator[bytes]:
        """Its output until the end, as it comes."""
        while chunk := await self.stdout.read(size_bytes):
            yield chunk

    async def wait(self) -> int:
        """Its code, once it has ended."""
        while self._process.returncode is None:
            # asyncio reports the end only when the pipes are closed too, and a grandchild may hold them open.
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._process.wait()
        return self._process.returncode

    def interrupt(self) -> None:
        """Ask it to finish what it writes and end: SIGINT, which ffmpeg answers by closing its files properly."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)


class Processes:
    """The only way to a child process. Call from the thread of the event loop: children die with the thread that made them."""

    def __init__(self, tools: Tools, *, sandbox: Sandbox | None = None, python: str = sys.executable) -> None:
        self.tools = tools
        self.sandbox = best_sandbox() if sandbox is None else sandbox
        self._python = python

    @asynccontextmanager
    async def running(
        self,
        tool: Tool,
        argv: Sequence[str],
        *,
        stdin: int = DEVNULL,
        stdout: int = DEVNULL,
        stderr: int | None = None,
        read: Sequence[Path] = (),
        write: Sequence[Path] = (),
        devices: Sequence[Path] = (),
        fds: Sequence[int] = (),
        cwd: Path | None = None,
        network: bool = False,
        limits: Limits = STANDARD,
        grace: timedelta = GRACE,
    ) -> AsyncIterator[Running]:
        """A confined child for the length of the block; its whole group is asked to end, killed after `grace`, reaped.

        `argv` are the arguments after the program's name. It may open `read` (files, or folders with all below), make
        and change files below `write`, use the open `fds` under their numbers, and nothing else. The three streams are
        PIPE, DEVNULL or a descriptor; without `stderr` its last lines are kept in `Running.errors`.

        Raises: Unavailable when it cannot start; TimeoutError at the end of a block that `limits.wall` has cut.
        """
        command = self._command(tool, argv, read, write, devices, network=network, limits=limits)
        tail: deque[str] = deque(maxlen=TAIL_LINES)
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=stdin,
                stdout=stdout,
                stderr=PIPE if stderr is None else stderr,
                pass_fds=tuple(fds),
                cwd=cwd or "/",
                env={"LC_ALL": "C.UTF-8"},
                start_new_session=True,
                limit=PIPE_BYTES,
            )
        except OSError as error:
            raise Unavailable(f"{tool.name} cannot be started.") from error
        listening = asyncio.ensure_future(_listen(process, tail)) if stderr is None else None
        try:
            async with asyncio.timeout(limits.wall.total_seconds() if limits.wall else None):
                yield Running(process, tail)
        finally:
            await _reap(process, grace, has_group=tool.starts_children or self.sandbox is Sandbox.NONE)
            if listening is not None:
                await asyncio.wait([listening], timeout=1)
                listening.cancel()

    async def run(
        self,
        tool: Tool,
        argv: Sequence[str],
        *,
        feed: bytes | None = None,
        output_bytes: int = OUTPUT_BYTES,
        read: Sequence[Path] = (),
        write: Sequence[Path] = (),
        devices: Sequence[Path] = (),
        fds: Sequence[int] = (),
        cwd: Path | None = None,
        network: bool = False,
        limits: Limits = STANDARD,
    ) -> Finished:
        """A confined child from start to end, whatever its exit code.

        Raises: Unavailable when it cannot start or runs longer than `limits.wall`; TooLarge for more than `output_bytes`.
        """
        try:
            async with self.running(
                tool,
                argv,
                stdin=DEVNULL if feed is None else PIPE,
                stdout=PIPE,
                read=read,
                write=write,
                devices=devices,
                fds=fds,
                cwd=cwd,
                network=network,
                limits=limits,
            ) as child:
                output = await _converse(child, feed, output_bytes)
                code = await child.wait()
        except TimeoutError as error:
            raise Unavailable(f"{tool.name} took too long.") from error
        return Finished(code, output, child.errors)

    def _command(
        self,
        tool: Tool,
        argv: Sequence[str],
        read: Sequence[Path],
        write: Sequence[Path],
        devices: Sequence[Path],
        *,
        network: bool,
        limits: Limits,
    ) -> list[str]:
        words = [self._python, "-I", "-S", confine.__file__, f"parent={os.getpid()}"]
        words += [f"limit={name}:{value}" for name, value in _bounds(limits)]
        if limits.nice:
            words.append(f"nice={limits.nice}")
        wrapped: list[str] = []
        if self.sandbox is Sandbox.LANDLOCK:
            words += ["landlock=1", "calls=1"]
            words += [f"read={path.absolute()}" for path in read]
            words += [f"write={path.absolute()}" for path in write]
            words += [f"device={path.absolute()}" for path in devices]
            words += [f"execute={path}" for path in (tool.path, *tool.needs)]
            words += ["network=1"] if network else []
            words += ["children=1"] if tool.starts_children else []
        elif self.sandbox is Sandbox.BUBBLEWRAP:
            wrapped = bubblewrap(tool, read=read, write=write, devices=devices, network=network)
        return [*words, "--", *wrapped, str(tool.path), *argv]


def _bounds(limits: Limits) -> list[tuple[str, int]]:
    bounds = [
        ("as", limits.memory_bytes),
        ("fsize", limits.file_bytes),
        ("nofile", limits.open_files),
        ("nproc", limits.processes),
        ("core", 0),
    ]
    if limits.cpu is not None:
        bounds.append(("cpu", max(1, int(limits.cpu.total_seconds()))))
    return bounds


async def _listen(process: Process, tail: deque[str]) -> None:
    if process.stderr is None:
        return
    rest = b""
    while fresh := await process.stderr.read(8192):
        # ffmpeg ends its progress lines with a carriage return.
        *lines, rest = (rest + fresh).replace(b"\r", b"\n").split(b"\n")
        rest = rest[-LINE_BYTES:]
        tail.extend(line[:LINE_BYTES].decode("utf-8", "replace") for line in lines if line.strip())
    if rest.strip():
        tail.append(rest.decode("utf-8", "replace"))


async def _converse(child: Running, feed: bytes | None, output_bytes: int) -> bytes:
    async with asyncio.TaskGroup() as group:
        if feed is not None:
            group.create_task(_feed(child, feed))
        reading = group.create_task(_collect(child, output_bytes + 1))
    if len(reading.result()) > output_bytes:
        raise TooLarge("A tool wrote more than expected.")
    return reading.result()


async def _collect(child: Running, output_bytes: int) -> bytes:
    found = bytearray()
    while len(found) < output_bytes and (fresh := await child.stdout.read(PIPE_BYTES)):
        found += fresh
    return bytes(found[:output_bytes])


async def _feed(child: Running, content: bytes) -> None:
    await child.feed(content)
    await child.end_input()


async def _reap(process: Process, grace: timedelta, *, has_group: bool) -> None:
    """End the child and all of its group. Runs to its end even when the task is cancelled meanwhile."""
    ending = asyncio.ensure_future(_end(process, grace, has_group=has_group))
    while not ending.done():
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            _signal(process, signal.SIGKILL)
            await asyncio.wait([ending])
            raise


async def _end(process: Process, grace: timedelta, *, has_group: bool) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        _signal(process, signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(grace.total_seconds()):
                await _drained(process)
    if process.returncode is None or has_group:  # the leader may have left children of its own in the group
        _signal(process, signal.SIGKILL)
    await _drained(process)


async def _drained(process: Process) -> None:
    """Wait for the end, reading on: a paused pipe would hide its end and keep the transport open."""
    with suppress(RuntimeError):  # somebody is reading still, which serves as well
        while process.stdout is not None and await process.stdout.read(PIPE_BYTES):
            pass
    await process.wait()


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
