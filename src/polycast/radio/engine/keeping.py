"""The ports of stations on air: opened when they are needed, closed when they are not, tried again while others hold them."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from polycast.core.net import Taken, listen
from polycast.radio.edge.connection import Connection
from polycast.radio.edge.door import Door
from polycast.radio.edge.ports import Place

AGAIN_S: Final = 30.0

log = logging.getLogger("polycast.radio")


class _Open(Struct):
    servers: list[asyncio.Server]
    place: Place


class Keeper:
    """Knows which ports are open. `host` as the server listens itself."""

    def __init__(self, *, host: str, door: Door, own: Callable[[list[int]], None], clock: Callable[[], float]) -> None:
        self.taken: dict[int, str] = {}  # port -> why it could not be opened
        self._host = host
        self._door = door
        self._own = own
        self._clock = clock
        self._open: dict[int, _Open] = {}
        self._again: dict[int, float] = {}

    async def keep(self, wanted: Mapping[int, Place]) -> None:
        """Let exactly these be open, each with the one after it, which v1 encoders add."""
        pairs = {port: place for first, place in wanted.items() for port in (first, first + 1)}
        pairs |= dict(wanted)
        for port in [one for one in self._open if one not in pairs or self._open[one].place is not pairs[one]]:
            self._close(port)
        for port in [one for one in self.taken if one not in pairs]:
            del self.taken[port]
        for port, place in pairs.items():
            if port not in self._open and self._clock() >= self._again.get(port, 0.0):
                await self._open_one(port, place)

    async def _open_one(self, port: int, place: Place) -> None:
        try:
            sockets = listen(self._host, port)
        except Taken as error:
            if port not in self.taken:
                log.warning("port %d cannot be opened: %s", port, error)
            self.taken[port] = str(error)
            self._again[port] = self._clock() + AGAIN_S
            return
        self.taken.pop(port, None)
        self._again.pop(port, None)
        self._own([port])
        loop = asyncio.get_running_loop()
        servers = [
            await loop.create_server(lambda: Connection(place, self._door), sock=one, backlog=2048) for one in sockets
        ]
        self._open[port] = _Open(servers, place)

    def _close(self, port: int) -> None:
        for server in self._open.pop(port).servers:
            server.close()

    def close(self) -> None:
        """All of them."""
        for port in list(self._open):
            self._close(port)

    @property
    def ports(self) -> list[int]:
        return sorted(self._open)
