"""Puts jobs in the queue when their time has come: once in the whole cluster, never in bulk."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from polycast.core.clock import Clock
from polycast.core.errors import Storage
from polycast.core.jobs import store
from polycast.core.jobs.book import JobBook
from polycast.core.jobs.model import Job
from polycast.core.jobs.schedule import first_due, following, plan_of, replanned
from polycast.core.jobs.store import Schedule

if TYPE_CHECKING:
    from polycast.core.storage import Database
    from polycast.core.storage.unit import Unit

LOOK: Final = timedelta(seconds=1)
READ_EVERY: Final = timedelta(minutes=1)  # another node may have planned afresh

log = logging.getLogger("polycast.jobs")


class Scheduler:
    """One row for each job that comes by schedule; whoever finds it due enqueues the job and moves it on."""

    def __init__(self, *, db: Database, book: JobBook, clock: Clock, zone: Callable[[], ZoneInfo]) -> None:
        self._db = db
        self._book = book
        self._clock = clock
        self._zone = zone
        self._rows: dict[str, Schedule] = {}

    async def run(self) -> None:
        """Look each second until cancelled."""
        read_at: timedelta | None = None
        while True:
            try:
                now = self._clock.monotonic()
                if read_at is None or now - read_at >= READ_EVERY:
                    self._rows = await self._db.write(self._plan)
                    read_at = now
                await self.look()
            except Storage as error:
                log.warning("schedules wait: %s", error)
            await self._clock.sleep(LOOK)

    async def look(self) -> list[str]:
        """Enqueue what is due; the names of those jobs."""
        now = self._clock.now()
        if not any(row.due_at <= now or self._is_astray(row, now) for row in self._rows.values()):
            return []
        fired, self._rows = await self._db.write(self._fire)
        return fired

    async def begin(self) -> None:
        """Store the schedules of this release."""
        self._rows = await self._db.write(self._plan)

    def _scheduled(self) -> dict[str, Job]:
        return {job.name: job for job in self._book.jobs.values() if plan_of(job)}

    def _is_astray(self, row: Schedule, now: datetime) -> bool:
        job = self._book.jobs.get(row.job)
        if job is None or not plan_of(job):
            return False
        return replanned(job, due=row.due_at, fired=row.fired_at, now=now, zone=self._zone()) is not None

    def _plan(self, unit: Unit) -> dict[str, Schedule]:
        """Rows for jobs that are new or whose plan is another than stored; all rows."""
        now = self._clock.now()
        rows = store.schedules(unit)
        changed = [
            Schedule(job=name, plan=plan_of(job), due_at=first_due(job, now=now, zone=self._zone()), fired_at=None)
            for name, job in self._scheduled().items()
            if name not in rows or rows[name].plan != plan_of(job)
        ]
        store.plan(unit, changed)
        return rows | {row.job: row for row in changed}

    def _fire(self, unit: Unit) -> tuple[list[str], dict[str, Schedule]]:
        now, zone = self._clock.now(), self._zone()
        rows = store.schedules(unit)
        fired: list[str] = []
        changed: list[Schedule] = []
        for name, job in self._scheduled().items():
            row = rows.get(name)
            if row is None:
                continue
            if row.due_at <= now:
                self._book.put(unit, name, job.payload())
                fired.append(name)
                due = following(job, due=row.due_at, now=now, zone=zone)
                changed.append(Schedule(job=name, plan=row.plan, due_at=due, fired_at=now))
            elif due_again := replanned(job, due=row.due_at, fired=row.fired_at, now=now, zone=zone):
                changed.append(Schedule(job=name, plan=row.plan, due_at=due_again, fired_at=row.fired_at))
        store.plan(unit, changed)
        return fired, rows | {row.job: row for row in changed}
