"""The core's backups under ids that this API can give out before one is made."""

import re
from typing import Final

from msgspec import Struct

from polycast.core.backups import Backup, Backups
from polycast.core.errors import Conflict, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.jobs import JobRow, JobState, Queue

ASKED: Final = re.compile(r"job-([0-9]{1,15})")
NAME: Final = "core.create_backup"
LIVING: Final = (JobState.WAITING, JobState.RUNNING)


class Made(Struct, frozen=True, kw_only=True):
    """A backup, or one that is being made."""

    id: str
    backup: Backup | None
    status: str  # pending, running, completed, failed
    error: str = ""


class BackupRuns:
    """Backups and the jobs that make them."""

    def __init__(self, *, backups: Backups, queue: Queue) -> None:
        self._backups = backups
        self._queue = queue

    async def all(self, caller: Caller) -> list[Made]:
        """Those that are made, the youngest first. Raises: NotAllowed."""
        return [_made(one.name, one) for one in await self._backups.list(caller)]

    async def start(self, caller: Caller) -> str:
        """Have one made; its id until it has a name. Raises: NotAllowed; Conflict while one is made."""
        if any(one.name == NAME for one in await self._queue.list(states=LIVING, limit=500)):
            raise Conflict("A backup is being made.", reason="running")
        return f"job-{await self._backups.enqueue(caller)}"

    async def get(self, caller: Caller, backup_id: str) -> Made:
        """By its name, or by the id under which it was asked for. Raises: NotAllowed; NotFound."""
        found = await self._backups.list(caller)
        asked = ASKED.fullmatch(backup_id)
        if asked is None:
            return next((_made(backup_id, one) for one in found if one.name == backup_id), None) or _missing()
        job = await self._queue.get(int(asked[1]))
        if job.name != NAME:
            raise NotFound("The backup")
        return Made(id=backup_id, backup=_of(job, found), status=STATES[job.state], error=job.error)

    async def name(self, caller: Caller, backup_id: str) -> str:
        """The name of one that is made. Raises: NotAllowed; NotFound; Conflict while it is made."""
        made = await self.get(caller, backup_id)
        if made.backup is None:
            raise Conflict("This backup is not made yet, or has failed.", reason=made.status)
        return made.backup.name


STATES: Final = {
    JobState.WAITING: "pending", JobState.RUNNING: "running", JobState.DONE: "completed", JobState.FAILED: "failed",
    JobState.CANCELLED: "failed",
}  # fmt: skip


def _of(job: JobRow, found: list[Backup]) -> Backup | None:
    """The backup that a job has made: the first after its start."""
    if job.state is not JobState.DONE or job.started_at is None or job.ended_at is None:
        return None
    made = [one for one in found if job.started_at.replace(microsecond=0) <= one.made_at <= job.ended_at]
    return min(made, key=lambda one: one.made_at, default=None)


def _made(backup_id: str, one: Backup) -> Made:
    return Made(id=backup_id, backup=one, status="failed" if one.problem else "completed", error=one.problem)


def _missing() -> Made:
    raise NotFound("The backup")
