"""A job as our own API shows it."""

from datetime import datetime

from msgspec import Struct

from polycast.core.jobs.model import JobRow, JobState


class Job(Struct, frozen=True, kw_only=True):
    """A job as the tray shows it."""

    id: int
    name: str
    title: str
    state: JobState
    done: int
    total: int | None
    note: str
    error: str | None
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    attempt: int
    attempts: int
    by: str | None
    key: str | None

    @classmethod
    def of(cls, row: JobRow) -> "Job":
        return cls(
            id=row.id,
            name=row.name,
            title=row.title,
            state=row.state,
            done=row.done,
            total=row.total,
            note=row.note,
            error=row.error or None,
            due_at=row.due_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            attempt=row.attempt,
            attempts=row.attempts,
            by=None if row.by_user_id is None else str(row.by_user_id),
            key=row.key,
        )
