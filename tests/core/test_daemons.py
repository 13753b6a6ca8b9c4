"""Daemons go on while the database is busy, and give way when their lease has really run out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from polycast.core.clock import SystemClock
from polycast.core.daemons import Daemons
from polycast.core.errors import Storage
from polycast.core.events.lease import HEARTBEAT, LEASE
from polycast.core.ids import RandomIds
from polycast.core.module import Daemon
from polycast.core.storage import Database
from tests.fakes.clock import FakeClock
from tests.server import running


class Busy(Database):
    """A database that can be made to refuse."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.is_busy = False
        self._asked = asyncio.Condition()
        self._refusals = self._answers = 0

    async def refused(self, times: int) -> None:
        """Return when it has refused so often from now on."""
        wanted = self._refusals + times
        async with self._asked:
            await asyncio.wait_for(self._asked.wait_for(lambda: self._refusals >= wanted), 10)

    async def answered(self) -> None:
        wanted = self._answers + 1
        async with self._asked:
            await asyncio.wait_for(self._asked.wait_for(lambda: self._answers >= wanted), 10)

    async def read(self, fn, *args, **options):
        return await self._ask(self._db.read, fn, *args, **options)

    async def write(self, fn, *args, **options):
        return await self._ask(self._db.write, fn, *args, **options)

    async def _ask(self, ask, fn, *args, **options):
        async with self._asked:
            self._refusals += self.is_busy
            self._asked.notify_all()
        if self.is_busy:
            raise Storage("The database is busy; try again.", reason="locked", retry_after=2)
        found = await ask(fn, *args, **options)
        async with self._asked:
            self._answers += 1
            self._asked.notify_all()
        return found


class Counter:
    """A daemon that says whether it runs."""

    def __init__(self) -> None:
        self.starts = 0
        self.is_running = asyncio.Event()
        self.stopped = asyncio.Event()

    async def run(self) -> None:
        self.starts += 1
        self.is_running.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.is_running.clear()
            self.stopped.set()


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Busy]:
    async with running(tmp_path) as server:
        yield Busy(server.house.core.db)


class TestABusyDatabase:
    async def test_stops_no_daemon_before_its_lease_is_over(self, db: Busy, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("polycast.core.daemons.LOOK", timedelta(milliseconds=5))
        clock, counter = FakeClock(), Counter()
        daemons = Daemons([Daemon(name="test.one", run=counter.run)], db=db, clock=clock, ids=RandomIds(), node="here")
        task = asyncio.ensure_future(daemons.run())
        try:
            await counter.is_running.wait()
            db.is_busy = True
            clock.move(HEARTBEAT)
            await db.refused(3)
            assert (counter.is_running.is_set(), task.done()) == (True, False)
            db.is_busy = False
            await db.answered()
            assert (counter.starts, counter.is_running.is_set()) == (1, True)
            db.is_busy = True
            clock.move(LEASE)
            await db.refused(1)
            await asyncio.wait_for(counter.stopped.wait(), 10)
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def test_keeps_nobody_from_beginning_later(self, db: Busy) -> None:
        counter = Counter()
        db.is_busy = True
        daemons = Daemons(
            [Daemon(name="test.one", run=counter.run)], db=db, clock=Quick(), ids=RandomIds(), node="here"
        )
        task = asyncio.ensure_future(daemons.run())
        try:
            await asyncio.sleep(0.05)
            assert not task.done()
            db.is_busy = False
            await asyncio.wait_for(counter.is_running.wait(), 10)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class Quick(SystemClock):
    """Waits a hundredth of what it is asked to."""

    async def sleep(self, span: timedelta) -> None:
        await super().sleep(span / 100)
