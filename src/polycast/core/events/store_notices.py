"""Pokes between nodes, over PostgreSQL's LISTEN and NOTIFY."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import psycopg

from polycast.core.clock import Clock
from polycast.core.events.outbox import STORED, TOLD

LONGEST: Final = 7_900  # bytes; PostgreSQL takes less than 8,000
MOST_WAITING: Final = 256
WAIT: Final = timedelta(seconds=2)  # before connecting again

log = logging.getLogger("polycast.events")


class PostgresNotices:
    """Two connections of a process: one listens, one tells. Commits notify by themselves (`Unit.notify`)."""

    def __init__(self, url: str, *, clock: Clock, topics: tuple[str, ...] = (STORED, TOLD, "core.jobs")) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._clock = clock
        self._topics = topics
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(MOST_WAITING)
        self._own: set[int] = set()  # backends that tell for us: we have heard that already

    def send(self, topic: str, payload: bytes) -> None:
        """Hand a poke over; dropped when too many wait. One that is too long goes as its topic alone."""
        if not self._waiting.full():
            self._waiting.put_nowait((topic, payload.decode() if len(payload) <= LONGEST else ""))

    async def run(self, heard: Callable[[str, bytes], None]) -> None:
        """Deliver what other nodes tell, and tell them, until cancelled; connects again when the server goes away."""
        while True:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._listen(heard))
                    tasks.create_task(self._tell())
            except* (psycopg.Error, OSError) as lost:
                log.warning("no word from other nodes for a moment: %s", lost.exceptions[0])
            await self._clock.sleep(WAIT)

    async def _listen(self, heard: Callable[[str, bytes], None]) -> None:
        async with await self._connect() as connection:
            for topic in self._topics:
                await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(topic)))
            async for notice in connection.notifies():
                if notice.pid not in self._own:
                    heard(notice.channel, notice.payload.encode())

    async def _tell(self) -> None:
        async with await self._connect() as connection:
            self._own = {connection.info.backend_pid}
            while True:
                topic, text = await self._waiting.get()
                await connection.execute("SELECT pg_notify(%s, %s)", (topic, text))

    async def _connect(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        return await psycopg.AsyncConnection.connect(self._url, autocommit=True, application_name="polycast pokes")
