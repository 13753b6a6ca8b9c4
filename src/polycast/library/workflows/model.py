"""What a run of long work looks like to people."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

PHASES = ("discover", "probe", "match", "enrich")


class Status(StrEnum):
    """Where a run is in its life."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED})


class Workflow(Struct, frozen=True, kw_only=True):
    """A run."""

    id: int
    nanoid: str
    type: str
    title: str
    subject: str
    status: Status
    job_id: int | None
    parent_id: int | None
    input: Any
    result: Any
    error: str
    created_by: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Progress(Struct, frozen=True, kw_only=True):
    """How far a run is."""

    phase: str = ""
    current: int = 0
    total: int | None = None
