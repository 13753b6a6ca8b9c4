"""The table of jobs, the workers that hold them, and the schedules they come by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    exists,
    insert,
    select,
    text,
    update,
)

from polycast.core.jobs.model import JobRow, JobState, Lane
from polycast.core.storage.tables import metadata
from polycast.core.storage.types import Flag, Instant, Key

if TYPE_CHECKING:
    from polycast.core.storage.unit import Unit

TABLES: Final = metadata("core")

# Written out, not bound: only so do both planners see that a partial index serves.
WAITING: Final = text("core_jobs.state = 'waiting'")
RUNNING: Final = text("core_jobs.state = 'running'")
LIVING: Final = text("core_jobs.state IN ('waiting', 'running')")
ENDED: Final = text("core_jobs.ended_at IS NOT NULL")

JOBS: Final = Table(
    "core_jobs",
    TABLES,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("key", Text),
    Column("payload", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("attempt", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("note", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("saved", Text),  # JSON of the last checkpoint
    Column("by_user_id", BigInteger),
    Column("worker_id", BigInteger),  # who runs it
    Column("cancel", Flag, nullable=False),  # asked of a running job
    Index("ix_core_jobs_state_id", "state", "id"),
    Index(
        "ix_core_jobs_next",
        "lane",
        text("priority DESC"),
        "due_at",
        "id",
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    ),
    Index("uq_core_jobs_key", "key", unique=True, sqlite_where=LIVING, postgresql_where=LIVING),
    Index("ix_core_jobs_worker_id", "worker_id", sqlite_where=RUNNING, postgresql_where=RUNNING),
    Index("ix_core_jobs_ended_at", "ended_at", sqlite_where=ENDED, postgresql_where=ENDED),
)

WORKERS: Final = Table(
    "core_workers",
    TABLES,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("beat", BigInteger, nullable=False),
    Column("seen_at", Instant, nullable=False),  # for people; leases go by the beat
)
SCHEDULES: Final = Table(
    "core_schedules",
    TABLES,
    Column("job", Text, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("fired_at", Instant),  # the time it last came for
)


class Claim(Struct, frozen=True, kw_only=True):
    """A job that is ours to run."""

    id: int
    worker_id: int
    name: str
    title: str
    lane: str
    payload: bytes
    attempt: int  # 1 for the first
    attempts: int
    saved: bytes | None
    by_user_id: int | None


class Twin(Struct, frozen=True, kw_only=True):
    """A living job with the key asked for."""

    id: int
    is_fresh: bool  # it waits for its first attempt


class Schedule(Struct, frozen=True, kw_only=True):
    """When a job comes next."""

    job: str
    plan: str
    due_at: datetime
    fired_at: datetime | None


_ROW: Final = [JOBS.c[name] for name in JobRow.__struct_fields__]
_ADD: Final = insert(JOBS)
_TWIN: Final = select(JOBS.c.id, JOBS.c.state, JOBS.c.attempt).where(JOBS.c.key == bindparam("key"), LIVING)
_NEXT: Final = (
    select(
        JOBS.c.id,
        JOBS.c.name,
        JOBS.c.title,
        JOBS.c.lane,
        JOBS.c.payload,
        JOBS.c.attempt,
        JOBS.c.attempts,
        JOBS.c.saved,
        JOBS.c.by_user_id,
    )
    .where(WAITING, JOBS.c.lane == bindparam("in_lane"), JOBS.c.due_at <= bindparam("now"))
    .order_by(JOBS.c.priority.desc(), JOBS.c.due_at, JOBS.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKE: Final = (
    update(JOBS)
    .where(JOBS.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state="running",
        worker_id=bindparam("by_worker"),
        started_at=bindparam("now"),
        attempt=JOBS.c.attempt + 1,
        done=0,
        total=None,
        note="",
    )
)
_MARK: Final = update(JOBS).where(JOBS.c.id == bindparam("job_id"), JOBS.c.worker_id == bindparam("of_worker"), RUNNING)
_IS_DUE: Final = select(exists().where(WAITING, JOBS.c.lane == bindparam("in_lane"), JOBS.c.due_at <= bindparam("now")))
_CANCELLED: Final = select(JOBS.c.id).where(
    JOBS.c.worker_id == bindparam("of_worker"), RUNNING, JOBS.c.cancel.is_(True)
)


def add(unit: Unit, **values: Any) -> int:
    """A new job that waits; its id."""
    fresh = {"state": "waiting", "attempt": 0, "done": 0, "note": "", "error": "", "cancel": False}
    key = unit.execute(_ADD, {**values, **fresh}).inserted_primary_key
    if key is None:
        raise LookupError("the new job has no id")
    return int(key[0])


def twin(unit: Unit, key: str) -> Twin | None:
    """The job with `key` that waits or runs."""
    row = unit.execute(_TWIN, {"key": key}).first()
    return None if row is None else Twin(id=row.id, is_fresh=row.state == "waiting" and row.attempt == 0)


def hurry(unit: Unit, job_id: int, *, due: datetime, priority: int) -> None:
    """Bring a waiting job forward; never back."""
    unit.execute(update(JOBS).where(JOBS.c.id == job_id, WAITING, JOBS.c.due_at > due).values(due_at=due))
    unit.execute(update(JOBS).where(JOBS.c.id == job_id, WAITING, JOBS.c.priority < priority).values(priority=priority))


def claim(unit: Unit, *, worker_id: int, lane: str, most: int, now: datetime) -> list[Claim]:
    """Take up to `most` due jobs of `lane`: high priority first, then the longest due."""
    rows = unit.execute(_NEXT, {"in_lane": lane, "now": now, "most": most}).all()
    if rows:
        unit.execute(_TAKE, {"ids": [row.id for row in rows], "by_worker": worker_id, "now": now})
    return [_claim(row, worker_id, attempt=row.attempt + 1) for row in rows]


def mark(unit: Unit, claimed: Claim, /, **values: Any) -> bool:
    """Set columns of a job we run; False when it is not ours any more."""
    where = {"job_id": claimed.id, "of_worker": claimed.worker_id}
    return unit.execute(_MARK.values(**values), where).rowcount > 0


def is_due(unit: Unit, lane: str, now: datetime) -> bool:
    """Whether a job of `lane` could be claimed."""
    return bool(unit.execute(_IS_DUE, {"in_lane": lane, "now": now}).scalar())


def cancelled(unit: Unit, worker_id: int) -> list[int]:
    """The jobs of a worker that somebody wants stopped."""
    return list(unit.execute(_CANCELLED, {"of_worker": worker_id}).scalars())


def get(unit: Unit, job_id: int) -> JobRow | None:
    """One job."""
    row = unit.execute(select(*_ROW).where(JOBS.c.id == job_id)).first()
    return None if row is None else _job(row)


def page(unit: Unit, *, states: Collection[JobState] | None, limit: int, before: int | None) -> list[JobRow]:
    """The youngest jobs first, older than the id `before`, in one of `states`."""
    statement = select(*_ROW).order_by(JOBS.c.id.desc()).limit(limit)
    if states is not None:
        statement = statement.where(JOBS.c.state.in_([state.value for state in states]))
    if before is not None:
        statement = statement.where(JOBS.c.id < before)
    return [_job(row) for row in unit.execute(statement)]


def change(unit: Unit, job_id: int, was: JobState, **values: Any) -> bool:
    """Set columns of a job that is in state `was`; False when it is not."""
    changed = update(JOBS).where(JOBS.c.id == job_id, JOBS.c.state == was.value).values(**values)
    return unit.execute(changed).rowcount > 0


def counts(unit: Unit) -> list[tuple[str, int]]:
    """How many jobs wait and run: (state, number)."""
    rows = unit.execute(
        text("SELECT state, count(*) FROM core_jobs WHERE state IN ('waiting', 'running') GROUP BY state")
    )
    return [(row[0], row[1]) for row in rows]


def drop_ended(unit: Unit, before: datetime, *, limit: int) -> int:
    """Delete at most `limit` jobs that ended before that time; how many."""
    oldest = select(JOBS.c.id).where(ENDED, JOBS.c.ended_at < before).order_by(JOBS.c.ended_at).limit(limit)
    return unit.execute(delete(JOBS).where(JOBS.c.id.in_(oldest.scalar_subquery()))).rowcount


def enter(unit: Unit, name: str, now: datetime) -> int:
    """A new worker; its id."""
    return unit.insert(WORKERS, name=name, beat=0, seen_at=now)


def beat(unit: Unit, worker_id: int, now: datetime) -> bool:
    """A sign of life; False when the worker has been given up."""
    alive = update(WORKERS).where(WORKERS.c.id == worker_id).values(beat=WORKERS.c.beat + 1, seen_at=now)
    return unit.execute(alive).rowcount > 0


def workers(unit: Unit) -> Mapping[int, tuple[str, int]]:
    """Every worker's (name, beat) by its id."""
    return {row.id: (row.name, row.beat) for row in unit.execute(select(WORKERS.c.id, WORKERS.c.name, WORKERS.c.beat))}


def leave(unit: Unit, worker_id: int) -> None:
    """The worker is no more; its jobs must have been given back."""
    unit.execute(delete(WORKERS).where(WORKERS.c.id == worker_id))


def held(unit: Unit, worker_id: int) -> list[Claim]:
    """The jobs a worker runs."""
    columns = [JOBS.c[name] for name in Claim.__struct_fields__]
    rows = unit.execute(select(*columns).where(JOBS.c.worker_id == worker_id, RUNNING).order_by(JOBS.c.id))
    return [_claim(row, worker_id, attempt=row.attempt) for row in rows]


def schedules(unit: Unit) -> dict[str, Schedule]:
    """All of them, by the job's name."""
    return {row.job: Schedule(**row._mapping) for row in unit.execute(select(SCHEDULES))}


def plan(unit: Unit, rows: Sequence[Schedule]) -> None:
    """Store schedules, new or changed."""
    values = [{name: getattr(row, name) for name in Schedule.__struct_fields__} for row in rows]
    unit.upsert(SCHEDULES, values, key=["job"], update=["plan", "due_at", "fired_at"])


def _claim(row: Any, worker_id: int, *, attempt: int) -> Claim:
    return Claim(
        id=row.id,
        worker_id=worker_id,
        name=row.name,
        title=row.title,
        lane=row.lane,
        payload=row.payload.encode(),
        attempt=attempt,
        attempts=row.attempts,
        saved=None if row.saved is None else row.saved.encode(),
        by_user_id=row.by_user_id,
    )


def _job(row: Any) -> JobRow:
    values = dict(row._mapping)
    values.update(state=JobState(row.state), lane=Lane(row.lane), payload=row.payload.encode())
    return JobRow(**values)
