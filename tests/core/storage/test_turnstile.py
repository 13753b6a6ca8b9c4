import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from sqlalchemy import select

from polycast.core.clock import SystemClock
from polycast.core.errors import Storage
from polycast.core.storage import Database, StorageSettings, Unit
from polycast.core.storage.sqlite import Sqlite
from polycast.core.storage.turnstile import Turnstile
from polycast.core.storage.unit import Hooks
from tests.core.storage.world import TABLES, add_film, codes, count_films, films
from tests.engines import Kept, connected, create_tables

SPAWN = multiprocessing.get_context("spawn")


class TickingClock:
    """A clock on which each look costs `step` of monotonic time, so that a batch ends after a number of looks."""

    def __init__(self, step: timedelta) -> None:
        self._step = step
        self._at = timedelta()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> timedelta:
        self._at += self._step
        return self._at

    async def sleep(self, span: timedelta) -> None:
        self._at += span


def add_films(unit: Unit, numbers: Sequence[int]) -> None:
    unit.insert_rows(films, ["code", "title"], [(f"bulk {n}", "Bulk") for n in numbers])


def bulk_in_a_process(settings: StorageSettings, began: Event, stop: Event) -> None:
    """An import that ends only when it is told to."""

    def numbers() -> Iterator[int]:
        number = 0
        while not stop.is_set():
            yield number
            number += 1
            if number == 2_000:
                began.set()

    async def run() -> None:
        async with connected(settings) as db:
            await db.write_bulk(add_films, numbers())

    asyncio.run(run())


def hold_in_a_process(folder: Path, told: Connection) -> None:
    """Takes the right to write, and never gives it back."""
    turnstile = Turnstile(folder / "polycast.db-turn", folder / "polycast.db-write")
    turnstile.open()
    with turnstile.passed():
        told.send("held")
        signal.pause()


def hold_turn_in_a_process(folder: Path, told: Connection) -> None:
    """Waits at the turnstile for a lock that never comes, and so holds `turn`."""
    turnstile = Turnstile(folder / "polycast.db-turn", folder / "polycast.db-write")
    turnstile.open()
    told.send("waiting")
    with turnstile.passed():
        signal.pause()


class TestABulkLoad:
    async def test_hands_over_every_item_once_and_in_order(self, db: Database) -> None:
        assert await db.write_bulk(add_films, range(3_333)) == 3_333
        assert await db.read(codes) == [f"bulk {n}" for n in range(3_333)]

    async def test_of_nothing_is_nothing(self, db: Database) -> None:
        assert await db.write_bulk(add_films, []) == 0

    async def test_commits_as_often_as_its_time_is_up(self, settings: StorageSettings, db: Database) -> None:
        commits = list[int]()

        def apply(unit: Unit, numbers: Sequence[int]) -> None:
            add_films(unit, numbers)
            unit.after_commit(lambda: commits.append(len(numbers)))

        async with connected(settings, clock=TickingClock(timedelta(milliseconds=30))) as slow:
            await slow.write_bulk(apply, range(100))
        assert sum(commits) == 100
        assert len(commits) > 2

    async def test_that_breaks_keeps_what_it_committed(self, settings: StorageSettings, db: Database) -> None:
        def numbers() -> Iterator[int]:
            yield from range(1_000)
            raise KeyError("the source broke")

        async with connected(settings, clock=TickingClock(timedelta(milliseconds=30))) as slow:
            with pytest.raises(KeyError):
                await slow.write_bulk(add_films, numbers())
        assert 0 < await db.read(count_films) <= 1_000

    # Fair by order, not by time: the import ends only after it was told to, which happens after the single writes.
    async def test_in_another_process_lets_single_writes_through(self, settings: StorageSettings, db: Database) -> None:
        began, stop = SPAWN.Event(), SPAWN.Event()
        child = SPAWN.Process(target=bulk_in_a_process, args=(settings, began, stop))
        child.start()
        try:
            await asyncio.to_thread(began.wait, 30)
            for number in range(5):
                await db.write(add_film, f"single {number}")
            assert child.is_alive()
        finally:
            stop.set()
            await asyncio.to_thread(child.join, 30)
        assert child.exitcode == 0
        found = await db.read(codes)
        assert [code for code in found if code.startswith("single")] == [f"single {n}" for n in range(5)]

    async def test_in_this_process_lets_single_writes_through(self, settings: StorageSettings) -> None:
        queued = threading.Event()
        first_batch = threading.Event()

        def apply(unit: Unit, numbers: Sequence[int]) -> None:
            add_films(unit, numbers)
            first_batch.set()
            assert queued.wait(10)

        async with connected(settings, clock=TickingClock(timedelta(milliseconds=30))) as db:
            await db.write(create_tables, [TABLES])
            bulk = asyncio.create_task(db.write_bulk(apply, range(500)))
            await asyncio.to_thread(first_batch.wait, 10)
            single = asyncio.create_task(db.write(add_film, "single"))
            await asyncio.sleep(0)
            queued.set()
            await asyncio.gather(bulk, single)
            last = await db.read(lambda unit: unit.execute(select(films.c.code).order_by(films.c.id.desc())).scalar())
        assert last == "bulk 499"


class TestAProcessThatDiesWhileItWrites:
    @pytest.fixture
    async def db(self, tmp_path: Path) -> Database:
        async with connected(StorageSettings(data_dir=tmp_path), metadatas=[TABLES]) as database:
            await database.write(create_tables, [TABLES])
            yield database

    async def test_lets_the_others_go_on(self, tmp_path: Path, db: Database) -> None:
        told, tell = SPAWN.Pipe(duplex=False)
        child = SPAWN.Process(target=hold_in_a_process, args=(tmp_path, tell))
        child.start()
        assert await asyncio.to_thread(told.recv) == "held"
        write = asyncio.create_task(db.write(add_film, "a"))
        os.kill(child.pid or 0, signal.SIGKILL)
        await write
        await asyncio.to_thread(child.join, 10)
        assert await db.read(codes) == ["a"]

    async def test_lets_the_others_go_on_when_it_was_next(self, tmp_path: Path, db: Database) -> None:
        holder = Turnstile(tmp_path / "polycast.db-turn", tmp_path / "polycast.db-write")
        holder.open()
        told, tell = SPAWN.Pipe(duplex=False)
        child = SPAWN.Process(target=hold_turn_in_a_process, args=(tmp_path, tell))
        with holder.passed():
            child.start()
            assert await asyncio.to_thread(told.recv) == "waiting"
            write = asyncio.create_task(db.write(add_film, "a"))
            await asyncio.sleep(0)
            os.kill(child.pid or 0, signal.SIGKILL)
            await asyncio.to_thread(child.join, 10)
        await write
        holder.close()
        assert await db.read(codes) == ["a"]


class TestAWriterThatNeverEnds:
    async def test_makes_others_give_up_after_a_while_and_reads_go_on(self, tmp_path: Path) -> None:
        adapter = Sqlite(tmp_path)
        adapter.prepare()
        kept = Kept()
        hooks = Hooks(enqueuer=kept, publisher=kept, indexer=kept)
        db = Database(adapter, hooks=hooks, clock=SystemClock(), longest_wait=timedelta(milliseconds=50))
        await db.write(create_tables, [TABLES])
        other = Turnstile(tmp_path / "polycast.db-turn", tmp_path / "polycast.db-write")
        other.open()
        with other.passed():
            with pytest.raises(Storage) as refused:
                await db.write(add_film, "too late")
            assert await db.read(count_films) == 0
        other.close()
        assert (refused.value.reason, refused.value.retry_after) == ("locked", 2)
        # What was refused does not happen later after all.
        await db.write(add_film, "in time")
        assert await db.read(codes) == ["in time"]
        await db.close()
        adapter.close()
