"""The queue with its worker and its events, put together as the server does it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from polycast.core.clock import Clock, SystemClock
from polycast.core.events import Events, Outbox, Pokes
from polycast.core.events.store import TABLES as EVENT_TABLES
from polycast.core.ids import RandomIds
from polycast.core.jobs import Job, JobBook, Queue, Worker, WorkerSettings
from polycast.core.jobs.store import TABLES as JOB_TABLES
from polycast.core.storage import Database, StorageSettings, Unit
from tests.engines import connected, create_tables

TABLES = [JOB_TABLES, EVENT_TABLES]
HIDDEN = "hunter2"


def redact(text: str) -> str:
    """Stands for the log's redaction."""
    return text.replace(HIDDEN, "[redacted]")


class Item(Struct, frozen=True):
    """A payload."""

    id: int


class House:
    """One process's rooms around one database."""

    def __init__(self, db: Database, book: JobBook, outbox: Outbox, pokes: Pokes, clock: Clock) -> None:
        self.db = db
        self.book = book
        self.outbox = outbox
        self.pokes = pokes
        self.clock = clock
        self.queue = Queue(db=db, book=book, clock=clock)
        self.events = Events(db=db, outbox=outbox, pokes=pokes, clock=clock, ids=RandomIds(), node="test")

    async def put(self, job: str, payload: Struct, **kw: object) -> int:
        """Enqueue in a unit of its own."""
        return await self.db.write(_enqueue, job, payload, **kw)

    def worker(self, name: str = "one", *, lease: timedelta = timedelta(seconds=30)) -> Worker:
        """A worker of this house."""
        settings = WorkerSettings(name=name, zone=lambda: ZoneInfo("Europe/Berlin"), lease=lease, heartbeat=lease / 3)
        return Worker(
            db=self.db,
            book=self.book,
            outbox=self.outbox,
            pokes=self.pokes,
            clock=self.clock,
            ids=RandomIds(),
            redact=redact,
            settings=settings,
        )


def _enqueue(unit: Unit, job: str, payload: Struct, /, **kw: object) -> int:
    return unit.enqueue(job, payload, **kw)  # type: ignore[arg-type]


@asynccontextmanager
async def house(
    settings: StorageSettings, jobs: Sequence[Job] = (), *, clock: Clock | None = None, fresh: bool = True
) -> AsyncIterator[House]:
    """The rooms, with nothing running yet; `fresh` makes the tables."""
    clock = clock or SystemClock()
    pokes = Pokes()
    outbox = Outbox(clock=clock, pokes=pokes)
    book = JobBook(clock=clock, outbox=outbox, pokes=pokes)
    book.register(jobs)
    async with connected(settings, metadatas=TABLES, enqueuer=book, publisher=outbox, clock=clock) as db:
        if fresh:
            await db.write(create_tables, TABLES)
        yield House(db, book, outbox, pokes, clock)


@asynccontextmanager
async def running(*runs: Callable[[], object]) -> AsyncIterator[None]:
    """Each `run` in a task for the length of the block, cancelled at its end."""
    tasks = [asyncio.ensure_future(run()) for run in runs]  # type: ignore[call-overload]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended
