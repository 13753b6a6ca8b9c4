"""A recording's life, from its plan to its one result. Source: specs/monitor.md 2.6."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from msgspec import Struct

from polycast.core.events import Audience, Event
from polycast.core.identity.scopes import Scope

KEPT: Final = timedelta(days=14)
AHEAD: Final = timedelta(seconds=30)  # a job that starts sooner was not planned, it was pressed
GRACE: Final = timedelta(seconds=180)  # a start may be this late
BETWEEN_DENIALS: Final = timedelta(seconds=30)
DENIALS: Final = 2
STILL_PROCESSING: Final = timedelta(seconds=600)
LONGEST_PROCESSING: Final = timedelta(hours=6)


class Stage(StrEnum):
    """Where it is."""

    SCHEDULED = "scheduled"
    RECORDING = "recording"
    PROCESSING = "processing"  # the file is there, its checks are not done
    SETTLED = "settled"


class Outcome(StrEnum):
    """Its one result."""

    COMPLETED = "completed"
    STOPPED = "stopped"  # ended by hand, the file kept
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    MISSED = "missed"
    FAILED = "failed"


PRIORITY: Final[Mapping[Outcome, int]] = {
    Outcome.MISSED: 1,
    Outcome.COMPLETED: 2,
    Outcome.CANCELLED: 3,
    Outcome.INTERRUPTED: 3,
    Outcome.STOPPED: 3,
    Outcome.SKIPPED: 4,
    Outcome.FAILED: 5,
}


class Lifecycle(Struct, frozen=True, kw_only=True):
    """One recording. Its key is server, job and start: ids of jobs are used again."""

    dvr_id: str
    job_id: str
    starts_at: datetime
    ends_at: datetime
    title: str = ""
    episode_title: str = ""
    channel_number: str = ""
    channel_name: str = ""
    image_url: str = ""
    summary: str = ""
    program_id: str = ""
    state: Stage = Stage.SCHEDULED
    outcome: Outcome | None = None
    was_scheduled: bool = False
    file_id: str = ""
    error: str = ""
    denials: int = 0
    denied_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    seen_at: datetime

    @property
    def key(self) -> tuple[str, datetime]:
        return self.job_id, self.starts_at


class RecordingFact(Struct, frozen=True, kw_only=True):
    """A recording has moved on. `word` is what people are told: `Scheduled`, `Recording (Manual)`, `Completed` ...

    `is_silent`: history and pages only, nobody is told. `word` is empty when there is nothing to say at all.
    """

    recording: Lifecycle
    word: str = ""
    kind: str = ""  # scheduled, started, or the outcome
    note: str = ""
    is_silent: bool = False


class RecordingChanged(Event, frozen=True, kw_only=True):
    """A recording was planned, began, or came to its end."""

    name: ClassVar[str] = "monitor.recording_changed"

    dvr_id: str
    job_id: str
    title: str
    channel_name: str
    state: str
    outcome: str
    starts_at: datetime
    ends_at: datetime

    def audience(self) -> Audience:
        return Audience(scope=Scope.MONITOR_READ)
