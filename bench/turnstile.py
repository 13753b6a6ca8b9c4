"""How long a single write waits beside a bulk import in another process, on one SQLite file.

    .venv/bin/python -m bench.turnstile [--seconds 10]

Prints the milliseconds of a durable single-row write alone and beside the import (p50, p95, longest), and the rows a
second of the import alone and beside the writes. The input is made from a counter; there is no seed.
"""

import argparse
import asyncio
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import Column, Table, Text

from polycast.core.clock import SystemClock
from polycast.core.storage import Database, Key, StorageSettings, Unit, metadata, open_storage

SPAWN = multiprocessing.get_context("spawn")
TABLES = metadata("bench")
entries = Table("bench_entries", TABLES, Column("id", Key, primary_key=True), Column("url", Text), Column("name", Text))
notes = Table("bench_notes", TABLES, Column("id", Key, primary_key=True), Column("text", Text))
PAUSE_SECONDS = 0.02  # between two single writes: a busy web process, not a flood


class Nobody:
    """No queue, no outbox and no search: only the database is measured."""

    def put(self, unit: Unit, job: str, payload: Struct, *, due: datetime | None, priority: int, by: int | None) -> int:
        raise NotImplementedError(job)

    def publish(self, unit: Unit, event: Any) -> None:
        raise NotImplementedError

    def index(self, unit: Unit, ref: str, words: Any, audience: Any) -> None:
        raise NotImplementedError(ref)


def database(folder: Path) -> Any:
    settings = StorageSettings(data_dir=folder)
    nobody = Nobody()
    return open_storage(
        settings, metadatas=[TABLES], enqueuer=nobody, publisher=nobody, indexer=nobody, clock=SystemClock()
    )


def add_entries(unit: Unit, numbers: Sequence[int]) -> None:
    rows = [(f"http://provider.invalid/live/user/pass/{n}.ts", f"Channel {n} with a usual name") for n in numbers]
    unit.insert_rows(entries, ["url", "name"], rows)


def import_until(folder: Path, began: Event, stop: Event, rates: "Queue[float]") -> None:
    def numbers() -> Iterator[int]:
        number = 0
        while not stop.is_set():
            yield from range(number, number + 1000)
            number += 1000
            began.set()

    async def run() -> None:
        async with database(folder) as db:
            start = time.monotonic()
            count = await db.write_bulk(add_entries, numbers())
            rates.put(count / (time.monotonic() - start))

    asyncio.run(run())


async def single_writes(db: Database, seconds: float) -> list[float]:
    """The milliseconds that each took."""
    took = list[float]()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        await db.write(Unit.insert, notes, text="A user has changed a favourite.")
        took.append((time.monotonic() - start) * 1000)
        await asyncio.sleep(PAUSE_SECONDS)
    return took


async def beside_an_import(folder: Path, db: Database, seconds: float, *, writing: bool) -> tuple[list[float], float]:
    began, stop, rates = SPAWN.Event(), SPAWN.Event(), SPAWN.Queue()
    child = SPAWN.Process(target=import_until, args=(folder, began, stop, rates))
    child.start()
    await asyncio.to_thread(began.wait)
    took = await single_writes(db, seconds) if writing else []
    if not writing:
        await asyncio.sleep(seconds)
    stop.set()
    rate = await asyncio.to_thread(rates.get)
    await asyncio.to_thread(child.join)
    return took, rate


def shown(took: list[float]) -> str:
    cuts = statistics.quantiles(took, n=100)
    return f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, longest {max(took):.1f} ms, {len(took)} writes"


async def measure(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with database(folder) as db:
            await db.write(lambda unit: TABLES.create_all(unit.connection))
            print(f"single write, alone:             {shown(await single_writes(db, seconds))}")
            _, rate = await beside_an_import(folder, db, seconds, writing=False)
            print(f"import, alone:                   {rate:,.0f} rows/s")
            took, rate = await beside_an_import(folder, db, seconds, writing=True)
            print(f"single write, beside the import: {shown(took)}")
            print(f"import, beside the writes:       {rate:,.0f} rows/s")
            start = time.monotonic()
            for _ in range(1000):
                await db.write(Unit.insert, notes, text="one after the other")
            print(f"single writes, back to back:     {1000 / (time.monotonic() - start):,.0f} /s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    asyncio.run(measure(parser.parse_args().seconds))
