"""What becomes of a job that stops running, by itself or with its worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from polycast.core.errors import Busy
from polycast.core.jobs import store
from polycast.core.jobs.book import JobBook
from polycast.core.jobs.model import JobChanged, JobRow, JobState, Retry
from polycast.core.jobs.store import Claim

if TYPE_CHECKING:
    from polycast.core.storage.unit import Unit

DIED: Final = "The worker died while it ran this job."


class Ending(Struct, frozen=True, kw_only=True):
    """How one run ended."""

    claim: Claim
    state: JobState  # WAITING: another attempt comes
    due_at: datetime | None = None  # of that attempt
    error: str = ""
    done: int = 0
    total: int | None = None
    note: str = ""
    is_uncounted: bool = False  # the attempt was ours to interrupt (the server stops), not the job's to fail


def apply(unit: Unit, ending: Ending, now: datetime) -> None:
    """Write it down and publish it, unless the job is not that worker's any more."""
    claim = ending.claim
    values: dict[str, object] = {
        "state": ending.state.value,
        "worker_id": None,
        "cancel": False,
        "done": ending.done,
        "total": ending.total,
        "note": ending.note,
        "error": ending.error,
    }
    if ending.state is JobState.WAITING:
        values["due_at"] = ending.due_at or now
        if ending.is_uncounted:
            values["attempt"] = claim.attempt - 1
    else:
        values["ended_at"] = now
    if store.mark(unit, claim, **values) and ending.state is not JobState.WAITING:
        unit.publish(event_of(ending))


def event_of(ending: Ending) -> JobChanged:
    """The event for a run that has ended."""
    claim = ending.claim
    return JobChanged(
        job_id=claim.id,
        job=claim.name,
        title=claim.title,
        state=ending.state,
        done=ending.done,
        total=ending.total,
        note=ending.note,
        error=ending.error,
        by_user_id=claim.by_user_id,
    )


def abandon(unit: Unit, worker_id: int, *, book: JobBook, now: datetime) -> int:
    """End a dead worker: its jobs wait again, but for those that have used up their attempts. How many jobs."""
    jobs = store.held(unit, worker_id)
    for claim in jobs:
        state = JobState.FAILED if claim.attempt >= claim.attempts else JobState.WAITING
        apply(unit, Ending(claim=claim, state=state, error=DIED), now)
    store.leave(unit, worker_id)
    if jobs:
        book.wake(unit)
    return len(jobs)


def wait_before(retry: Retry, attempt: int, *, luck: float, error: BaseException) -> timedelta:
    """How long after failed attempt number `attempt` (1 for the first) the next one comes; `luck` is 0 to 1.

    Doubled each time and spread by a quarter either way; what an outside service asked for is respected.
    """
    doubled: timedelta = retry.first_wait * 2 ** min(attempt - 1, 30)
    spread = min(retry.longest_wait, min(retry.longest_wait, doubled) * (0.75 + luck / 2))
    return max(spread, timedelta(seconds=error.retry_after)) if isinstance(error, Busy) else spread


def changed(job: JobRow) -> JobChanged:
    """The event for a row as it is."""
    return JobChanged(
        job_id=job.id,
        job=job.name,
        title=job.title,
        state=job.state,
        done=job.done,
        total=job.total,
        note=job.note,
        error=job.error,
        by_user_id=job.by_user_id,
    )
