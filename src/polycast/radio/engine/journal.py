"""What the engine writes down. The sound never waits for it: entries queue up and are written in turn."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

from polycast.core.errors import PolycastError
from polycast.core.storage import Database
from polycast.radio.engine.store import unless_gone

QUEUE: Final = 5000

log = logging.getLogger("polycast.radio")


class Journal:
    """Writes in order, in the background."""

    def __init__(self, *, db: Database) -> None:
        self._db = db
        self._queue: asyncio.Queue[tuple[Callable[..., Any], tuple[Any, ...], Callable[[Any], None] | None]]
        self._queue = asyncio.Queue(QUEUE)

    def put(self, write: Callable[..., Any], *values: Any, then: Callable[[Any], None] | None = None) -> None:
        """Have `write(unit, *values)` done; `then` gets what it returned. Dropped when the database is far behind."""
        try:
            self._queue.put_nowait((write, values, then))
        except asyncio.QueueFull:
            log.warning("the radio's journal is full; an entry is lost")

    async def run(self) -> None:
        """Until cancelled; what is left then is written."""
        try:
            while True:
                await self._one(*await self._queue.get())
        finally:
            await asyncio.shield(self._rest())

    async def _rest(self) -> None:
        while not self._queue.empty():
            await self._one(*self._queue.get_nowait())

    async def _one(
        self, write: Callable[..., Any], values: tuple[Any, ...], then: Callable[[Any], None] | None
    ) -> None:
        try:
            found = await self._db.write(unless_gone, write, values)
        except PolycastError as error:
            log.warning("the radio's journal could not write: %s", error)
            return
        finally:
            self._queue.task_done()
        if then is not None:
            then(found)

    async def idle(self) -> None:
        """Return once all is written."""
        await self._queue.join()
