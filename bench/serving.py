"""Measured servers: an ASGI app under uvicorn in a forked process, on a loopback socket."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def served(make: Callable[[], Any], background: Callable[[], Any] | None = None) -> Iterator[tuple[int, int]]:
    """(port, process id) of a server running `make()`, and `background()` as a task beside it."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    child = os.fork()
    if child == 0:
        uvloop.run(_serve(listener, make, background))
        os._exit(0)
    port = listener.getsockname()[1]
    listener.close()
    try:
        yield port, child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def cpu_seconds(pid: int) -> float:
    """User and system time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def _serve(listener: socket.socket, make: Callable[[], Any], background: Callable[[], Any] | None) -> None:
    tasks = [asyncio.ensure_future(background())] if background else []
    config = uvicorn.Config(make(), log_config=None, http="httptools", lifespan="off", access_log=False)
    await uvicorn.Server(config).serve(sockets=[listener])
    for task in tasks:
        task.cancel()
