"""From bound sockets to answered requests, and an end that comes in time."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.server import Server

from polycast.front.protocol import Doorkeeper, Patience, PolycastProtocol

log = logging.getLogger("polycast.front")
MAX_SOCKET_MESSAGE: Final = 64 * 1024  # bytes
PING_EVERY: Final = 20.0  # seconds


class _Server(Server):
    """uvicorn's server, without its grip on signals: the composition root says when to stop."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    async def end(self, patience: Patience) -> None:
        """Wait for what was cancelled, then cut what is left."""
        tasks = set(self.server_state.tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=(patience.all_ends - patience.streams_end).total_seconds())
            if late:
                log.warning("%d requests did not end when they were told to", len(late))
        for connection in list(self.server_state.connections):
            connection.transport.abort()


@asynccontextmanager
async def serving(
    front: Any, sockets: Sequence[socket.socket], *, doorkeeper: Doorkeeper, backlog: int = 2048
) -> AsyncIterator[None]:
    """Answer on `sockets` (bound by `core/net`, closed at the end) for the length of the block, in the running loop.

    At its end no new connection is taken, streams end within 5 seconds and everything within 10 (`Patience`).
    """
    patience = doorkeeper.patience
    config = Config(
        app=front,
        interface="asgi3",
        http=partial(PolycastProtocol, doorkeeper=doorkeeper),  # type: ignore[arg-type]  # called, never subclassed
        ws="websockets-sansio",
        ws_max_size=MAX_SOCKET_MESSAGE,
        ws_ping_interval=PING_EVERY,
        ws_ping_timeout=PING_EVERY,
        lifespan="off",
        log_config=None,
        log_level=logging.CRITICAL,  # what uvicorn tells of requests, the front has told better
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=backlog,
        timeout_keep_alive=int(patience.idle.total_seconds()),
        timeout_graceful_shutdown=patience.streams_end.total_seconds(),  # type: ignore[arg-type]  # waits for it as it is
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(server.serve(sockets=list(sockets)))
        await server.is_up.wait()
        try:
            yield
        finally:
            server.should_exit = True
            await asyncio.shield(_ended(server, task, patience))


async def _ended(server: _Server, task: "asyncio.Task[None]", patience: Patience) -> None:
    await asyncio.wait([task])
    await server.end(patience)


async def serve(front: Any, sockets: Sequence[socket.socket], *, doorkeeper: Doorkeeper, stop: asyncio.Event) -> None:
    """`serving` until `stop` is set."""
    async with serving(front, sockets, doorkeeper=doorkeeper):
        await stop.wait()
