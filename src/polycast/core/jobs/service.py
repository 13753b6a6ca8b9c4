"""The queue as services and pages use it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, NotFound
from polycast.core.jobs import ending, store
from polycast.core.jobs.book import JobBook
from polycast.core.jobs.model import Job, JobRow, JobState

if TYPE_CHECKING:
    from polycast.core.storage import Database
    from polycast.core.storage.unit import Unit

KEPT: Final = timedelta(days=7)  # ended jobs
LONGEST_PAGE: Final = 500


class Queue:
    """Every job that waits, runs or has ended in the last 7 days. Who may see or stop one is the caller's to check."""

    def __init__(self, *, db: Database, book: JobBook, clock: Clock) -> None:
        self._db = db
        self._book = book
        self._clock = clock

    def register(self, jobs: Iterable[Job]) -> None:
        """Add jobs, before workers run. Raises: ValueError for a name that is taken."""
        self._book.register(jobs)

    def put(
        self,
        unit: Unit,
        job: str,
        payload: Struct,
        *,
        due: datetime | None = None,
        priority: int = 0,
        by: int | None = None,
    ) -> int:
        """Add a job in `unit`; the same as `unit.enqueue`."""
        return self._book.put(unit, job, payload, due=due, priority=priority, by=by)

    async def list(
        self, *, states: Collection[JobState | str] | None = None, limit: int = 50, before: int | None = None
    ) -> list[JobRow]:
        """The youngest first; `before` is the last id of the page before. At most 500."""
        wanted = None if states is None else [JobState(state) for state in states]
        return await self._db.read(store.page, states=wanted, limit=min(limit, LONGEST_PAGE), before=before)

    async def get(self, job_id: int) -> JobRow:
        """Raises: NotFound."""
        return await self._db.read(self._require, job_id)

    async def counts(self) -> dict[JobState, int]:
        """How many jobs wait and run."""
        return {JobState(state): count for state, count in await self._db.read(store.counts)}

    async def cancel(self, job_id: int) -> JobRow:
        """Stop a job: at once when it waits, within two seconds when it runs.

        Raises: NotFound; Conflict when it has ended.
        """
        return await self._db.write(self._cancel, job_id)

    async def retry(self, job_id: int) -> JobRow:
        """Run a job now that failed, was cancelled, or waits for its next attempt; with all its attempts again.

        Raises: NotFound; Conflict when it runs or is done, or when a twin of it waits or runs.
        """
        return await self._db.write(self._retry, job_id)

    async def abandon(self, worker_id: int) -> int:
        """A worker is known to be dead: its jobs wait for another at once. How many there were."""
        return await self._db.write(ending.abandon, worker_id, book=self._book, now=self._clock.now())

    async def clean(self, *, limit: int = 2_000) -> int:
        """Delete at most `limit` jobs that ended more than 7 days ago; how many."""
        return await self._db.write(store.drop_ended, self._clock.now() - KEPT, limit=limit)

    def _require(self, unit: Unit, job_id: int) -> JobRow:
        found = store.get(unit, job_id)
        if found is None:
            raise NotFound("The job")
        return found

    def _cancel(self, unit: Unit, job_id: int) -> JobRow:
        job = self._require(unit, job_id)
        if job.state is JobState.WAITING:
            store.change(unit, job_id, job.state, state="cancelled", ended_at=self._clock.now())
            job = self._require(unit, job_id)
            unit.publish(ending.changed(job))
            return job
        if job.state is JobState.RUNNING:
            store.change(unit, job_id, job.state, cancel=True)
            self._book.wake(unit)
            return job
        raise Conflict("The job has ended.", reason="ended")

    def _retry(self, unit: Unit, job_id: int) -> JobRow:
        job = self._require(unit, job_id)
        if job.state in {JobState.RUNNING, JobState.DONE}:
            raise Conflict("Only a job that has failed, was cancelled or waits can be tried again.", reason=job.state)
        if job.state is not JobState.WAITING and job.key is not None and store.twin(unit, job.key) is not None:
            raise Conflict("The same job waits or runs already.", reason="twin")
        now = self._clock.now()
        afresh = {"state": "waiting", "due_at": now, "ended_at": None, "attempt": 0, "cancel": False, "error": ""}
        store.change(unit, job_id, job.state, **afresh)
        self._book.wake(unit)
        return self._require(unit, job_id)
