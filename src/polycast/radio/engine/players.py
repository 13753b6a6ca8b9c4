"""Player processes: one for each station, forked from a warmed server, confined, spoken to over a line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from polycast.core.processes.forks import Forks, open_forks
from polycast.core.processes.lasting import Line

CHILD: Final = "polycast.radio.player.child"


class Players:
    """Makes them. Made by `open_players`."""

    def __init__(self, forks: Forks) -> None:
        self._forks = forks

    async def start(self) -> Line:
        """A new one, which does nothing until it is set up. Raises: Unavailable."""
        return await self._forks.hold()


@asynccontextmanager
async def open_players() -> AsyncIterator[Players]:
    """For the length of the block; every player ends with it."""
    async with open_forks(CHILD, size=1) as forks:
        yield Players(forks)
