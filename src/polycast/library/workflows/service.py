"""Starting, watching and ending runs. The core's queue does the work; here is what people see of it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, NotFound, PolycastError
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.ids import Ids
from polycast.core.jobs import Cancelled, Job, JobRow, JobState, Queue, Run, Tick
from polycast.core.storage import Database, Unit
from polycast.library.workflows.model import ENDED, Progress, Status, Workflow
from polycast.library.workflows.store import WorkflowStore

KEPT: Final = timedelta(days=30)
OF_JOB: Final = {
    JobState.WAITING: Status.PENDING,
    JobState.RUNNING: Status.RUNNING,
    JobState.DONE: Status.COMPLETED,
    JobState.FAILED: Status.FAILED,
    JobState.CANCELLED: Status.CANCELLED,
}


class Seen(Struct, frozen=True, kw_only=True):
    """A run with how far it is."""

    workflow: Workflow
    status: Status
    progress: Progress
    children: int = 0
    attempts: int = 0


class Workflows:
    """Runs of long work."""

    def __init__(self, *, db: Database, store: WorkflowStore, queue: Queue, clock: Clock, ids: Ids) -> None:
        self._db = db
        self._store = store
        self._queue = queue
        self._clock = clock
        self._ids = ids

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name="library.tidy_workflows", payload=Tick, run=self.clean, every=timedelta(hours=1),
                title="Settle and forget old runs")
        ]  # fmt: skip

    def start_in(
        self,
        unit: Unit,
        kind: str,
        title: str,
        *,
        job: str,
        payload: Callable[[int], Struct],
        subject: str = "",
        given: Any = None,
        by: int | None = None,
        parent: int | None = None,
        priority: int = 0,
    ) -> Workflow:
        """Put a run in the queue; `payload` is given its key. `subject`: what no other living run of this type is about.

        Raises: Conflict ("running"), carrying the living run's name as `running`.
        """
        if subject and (living := self.living_in(unit, kind, subject)) is not None:
            raise AlreadyRunning(living.nanoid)
        key = self._store.insert(
            unit,
            nanoid=self._ids.nanoid(),
            type=kind,
            title=title,
            subject=subject,
            status=Status.PENDING.value,
            parent_id=parent,
            input=msgspec.to_builtins(given) if given is not None else {},
            created_by=by,
            created_at=self._clock.now(),
        )
        job_id = unit.enqueue(job, payload(key), by=by, priority=priority)
        self._store.update(unit, key, job_id=job_id)
        found = self._store.get(unit, key)
        if found is None:
            raise LookupError("a row just added is not there")
        return found

    def living_in(self, unit: Unit, kind: str, subject: str) -> Workflow | None:
        """The run of this type and subject that waits or runs."""
        return self._store.living(unit, kind, subject)

    def adopt_in(self, unit: Unit, living: Workflow) -> bool:
        """Whether a run that we queued ourselves may pass for one that is asked for now: once."""
        if not isinstance(living.input, dict) or not living.input.get("adoptable"):
            return False
        self._store.update(unit, living.id, input=living.input | {"adoptable": False})
        return True

    async def run(self, workflow_id: int, run: Run, work: Callable[[], Awaitable[Any]], *, attempts: int = 1) -> None:
        """Do the work of a run inside its job, and note how it went. `attempts`: how many its job has."""
        await self._db.write(self._begin, workflow_id)
        try:
            result = await work()
        except Cancelled:
            await self._db.write(self._end, workflow_id, Status.CANCELLED, None, "")
            raise
        except PolycastError as error:
            if run.attempt >= attempts:
                await self._db.write(self._end, workflow_id, Status.FAILED, None, error.message)
            raise
        await self._db.write(self._end, workflow_id, Status.COMPLETED, result, "")

    async def page(
        self, caller: Caller, *, status: str | None, kind: str | None, before: int | None, limit: int
    ) -> list[Seen]:
        """The youngest first. Raises: NotAllowed, without `library:write`."""
        caller.require(Scope.LIBRARY_WRITE)
        found = await self._db.read(self._store.page, status=status, kind=kind, before=before, limit=limit)
        children = await self._db.read(self._store.children, [one.id for one in found])
        return [await self._seen(one, children.get(one.id, 0)) for one in found]

    async def counts(self) -> dict[str, int]:
        """How many there are by status."""
        return await self._db.read(self._store.counts)

    async def get(self, caller: Caller, nanoid: str) -> Seen:
        """Raises: NotFound; NotAllowed."""
        caller.require(Scope.LIBRARY_WRITE)
        return await self._seen(await self._require(nanoid))

    async def living(self, kind: str, subject: str) -> Seen | None:
        """The run of this type and subject that waits or runs, with its progress."""
        found = await self._db.read(self._store.living, kind, subject)
        return None if found is None else await self._seen(found)

    async def name_of(self, workflow_id: int) -> str:
        """What a run is called in APIs; "" when it is gone."""
        found = await self._db.read(self._store.get, workflow_id)
        return "" if found is None else found.nanoid

    async def of_job(self, caller: Caller, job_id: int) -> Seen:
        """The run that a job does. Raises: NotFound when it does none; NotAllowed."""
        caller.require(Scope.LIBRARY_WRITE)
        found = await self._db.read(self._store.by_job, job_id)
        if found is None:
            raise NotFound("The run")
        return await self._seen(found)

    async def cancel(self, caller: Caller, nanoid: str) -> None:
        """Raises: NotFound; Conflict, when it has ended."""
        caller.require(Scope.LIBRARY_WRITE)
        found = await self._require(nanoid)
        if found.status in ENDED or found.job_id is None:
            raise Conflict("This run has ended.", reason="ended")
        job = await self._queue.cancel(found.job_id)
        if job.state is JobState.CANCELLED:
            await self._db.write(self._end, found.id, Status.CANCELLED, None, "")

    async def retry(self, caller: Caller, nanoid: str) -> None:
        """Run a failed or cancelled one again. Raises: NotFound; Conflict."""
        caller.require(Scope.LIBRARY_WRITE)
        found = await self._require(nanoid)
        if found.job_id is None or found.status not in {Status.FAILED, Status.CANCELLED}:
            raise Conflict("Only a run that failed or was cancelled can be tried again.", reason="state")
        await self._queue.retry(found.job_id)
        await self._db.write(self._again, found.id)

    async def clean(self, _tick: Tick, run: Run) -> None:
        """The job that forgets old runs and settles those whose job died."""
        now = self._clock.now()
        await self._db.write(self._store.drop_ended, now - KEPT)
        for one in await self._db.read(self._store.page, status=None, kind=None, before=None, limit=200):
            run.check()
            seen = await self._seen(one)
            if one.finished_at is None and seen.status in ENDED:
                await self._db.write(self._end, one.id, seen.status, None, one.error)

    async def _require(self, nanoid: str) -> Workflow:
        found = await self._db.read(self._store.by_nanoid, nanoid)
        if found is None:
            raise NotFound("The run")
        return found

    async def _seen(self, one: Workflow, children: int = 0) -> Seen:
        if one.finished_at is not None or one.job_id is None:
            return Seen(workflow=one, status=one.status, progress=Progress(), children=children)
        try:
            job = await self._queue.get(one.job_id)
        except NotFound:
            return Seen(workflow=one, status=Status.FAILED, progress=Progress(), children=children)
        return Seen(
            workflow=one, status=OF_JOB[job.state], progress=_progress(job), children=children, attempts=job.attempt
        )

    def _begin(self, unit: Unit, workflow_id: int) -> None:
        self._store.update(unit, workflow_id, status=Status.RUNNING.value, started_at=self._clock.now(), error="")

    def _again(self, unit: Unit, workflow_id: int) -> None:
        self._store.update(unit, workflow_id, status=Status.PENDING.value, finished_at=None, error="")

    def _end(self, unit: Unit, workflow_id: int, status: Status, result: Any, error: str) -> None:
        told = msgspec.to_builtins(result) if result is not None else None
        self._store.update(
            unit, workflow_id, status=status.value, finished_at=self._clock.now(), result=told, error=error
        )


class AlreadyRunning(Conflict):
    """The same work waits or runs; `workflow` is its name."""

    def __init__(self, workflow: str) -> None:
        super().__init__("This is already running.", reason="running")
        self.workflow = workflow


def _progress(job: JobRow) -> Progress:
    return Progress(phase=job.note, current=job.done, total=job.total)
