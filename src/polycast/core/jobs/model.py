"""What a job is, and what its method is given while it runs."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from msgspec import Struct

from polycast.core.events.model import Event

T = TypeVar("T")


class Lane(StrEnum):
    """Keeps short work moving: how many run at once is the lane's."""

    QUICK = "quick"  # 8: mail, webhooks, links
    NORMAL = "normal"  # 2: imports, scans
    MEDIA = "media"  # 1: analysis, transcodes


LANE_WIDTH: dict[Lane, int] = {Lane.QUICK: 8, Lane.NORMAL: 2, Lane.MEDIA: 1}


class Retry(Struct, frozen=True, kw_only=True):
    """How often, and after how long: `first_wait`, doubled with jitter, never above `longest_wait`."""

    attempts: int = 5
    first_wait: timedelta = timedelta(seconds=2)
    longest_wait: timedelta = timedelta(minutes=5)


class Tick(Struct, frozen=True):
    """The payload of jobs that come by schedule and need nothing."""


class Cancelled(Exception):
    """Raised inside a job by `Run.check` when somebody cancelled it."""


class Run(Protocol):
    """What a running job is given."""

    @property
    def job_id(self) -> int: ...
    @property
    def attempt(self) -> int:
        """1 for the first try."""
        ...

    @property
    def saved(self) -> bytes | None:
        """The value of the last `checkpoint` of an earlier attempt, JSON."""
        ...

    async def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tell how far it is. Cheap: joined to at most two messages a second."""
        ...

    async def checkpoint(self, value: Struct) -> None:
        """Store where to go on from, should this attempt die."""
        ...

    def check(self) -> None:
        """Raises: Cancelled, when the job has been cancelled or lost its lease. Callable from a thread."""
        ...

    async def thread(self, fn: Callable[..., T], *args: object) -> T:
        """Run blocking or heavy `fn` off the worker's loop."""
        ...


class Job(Struct, frozen=True, kw_only=True):
    """An entry in a module's list of jobs. It may run twice and must do no harm."""

    name: str  # "live.refresh_guide"
    payload: type[Struct]
    run: Callable[[Any, Run], Awaitable[None]]
    lane: Lane = Lane.NORMAL
    one_per: str | None = None  # payload field; a twin that waits or runs is returned instead ("" = one in all)
    timeout: timedelta = timedelta(minutes=20)
    retry: Retry = Retry()
    every: timedelta | None = None  # schedule: at this interval, or
    cron: str | None = None  # at these local times (server zone), five fields
    title: str = ""  # for people: "Refresh a guide"


class JobState(StrEnum):
    """Where a job is in its life."""

    WAITING = "waiting"  # for its time, a free place in its lane, or the next attempt
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # all attempts used up
    CANCELLED = "cancelled"


class JobRow(Struct, frozen=True, kw_only=True):
    """A job as people see it."""

    id: int
    name: str
    title: str
    state: JobState
    lane: Lane
    priority: int  # higher goes first within the lane
    created_at: datetime
    due_at: datetime
    started_at: datetime | None  # of the latest attempt
    ended_at: datetime | None
    attempt: int  # how many were begun
    attempts: int  # how many there may be
    done: int
    total: int | None
    note: str
    error: str  # of the latest attempt that failed, redacted, for people
    by_user_id: int | None
    key: str | None  # what no other living job shares
    payload: bytes  # JSON


class JobChanged(Event, frozen=True, kw_only=True):
    """A job has moved on. Published when it ends, told while it waits and runs."""

    name: ClassVar[str] = "core.job_changed"
    coalesce: ClassVar[str | None] = "job_id"

    job_id: int
    job: str  # its name
    title: str
    state: JobState
    done: int = 0
    total: int | None = None
    note: str = ""
    error: str = ""
    by_user_id: int | None = None
