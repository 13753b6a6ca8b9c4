"""Claims and finishes a second: `python -m bench.jobs [JOBS]`, on SQLite and, where it answers, PostgreSQL.

Each job is put in a unit of its own kind of size (100 a unit), then one worker with its usual lanes runs them all; the
time is the worker's, from its first claim to its last commit, each end published as an event.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from msgspec import Struct
from tests.core.jobs.world import house, running
from tests.engines import POSTGRESQL, SQLITE, place

from polycast.core.jobs import Job, Lane, Run
from polycast.core.storage import Unit

A_UNIT = 100


class Nothing(Struct, frozen=True):
    """The payload."""

    id: int


async def nothing(payload: Nothing, run: Run) -> None:
    """The job."""


def enqueue(unit: Unit, first: int) -> None:
    """A unit's worth of jobs."""
    for number in range(first, first + A_UNIT):
        unit.enqueue("bench.nothing", Nothing(number))


async def measure(engine: str, count: int) -> float:
    """Jobs a second on `engine`."""
    with tempfile.TemporaryDirectory() as folder, place(engine, Path(folder)) as settings:
        job = Job(name="bench.nothing", payload=Nothing, run=nothing, lane=Lane.QUICK)
        async with house(settings, [job]) as it:
            for first in range(0, count, A_UNIT):
                await it.db.write(enqueue, first)
            worker = it.worker()
            started = time.perf_counter()
            async with running(worker.run):
                await worker.idle()
                return count / (time.perf_counter() - started)


def main() -> None:
    """Print a line for each engine."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    for engine in (SQLITE, POSTGRESQL):
        rates = sorted(asyncio.run(measure(engine, count)) for _ in range(3))
        print(f"jobs {engine}: {rates[1]:.0f} claims and finishes a second (median of 3, {count} jobs)")


if __name__ == "__main__":
    main()
