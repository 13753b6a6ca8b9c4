"""Somebody watching something, live or past."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from msgspec import Struct

from polycast.core.events import Audience, Event
from polycast.core.identity.scopes import Scope

EXPIRES: Final = timedelta(hours=4)  # without an update
UNSEEN: Final = timedelta(seconds=300)  # then it no longer counts as a stream


class SessionKind(StrEnum):
    """What is watched."""

    CHANNEL = "channel"
    VOD = "vod"


class Session(Struct, frozen=True, kw_only=True):
    """One viewing. Server, key and start are its own."""

    dvr_id: str
    kind: SessionKind
    key: str  # upstream's name of it
    track: str
    title: str = ""
    channel_number: str = ""
    channel_name: str = ""
    device: str = ""
    user_name: str = ""
    ip: str = ""
    source: str = ""
    resolution: str = ""
    file_id: str = ""
    image_url: str = ""
    position: timedelta = timedelta()
    alerted_at: datetime | None = None
    alerted_position: timedelta = timedelta()
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None
    end_reason: str = ""
    activity_uuid: str = ""

    @property
    def who(self) -> str:
        """The device as people know it, else its address."""
        return self.device or self.ip or "Unknown"

    @property
    def what(self) -> str:
        """What is watched, as a message says it."""
        if self.kind is SessionKind.VOD:
            return self.title or "Unknown"
        return self.channel_name or (
            f"Channel {self.channel_number}" if self.channel_number else self.title or "Unknown"
        )

    @property
    def watched(self) -> timedelta:
        return max(timedelta(), (self.ended_at or self.seen_at) - self.started_at)


class SessionStarted(Struct, frozen=True, kw_only=True):
    """A viewing began. `is_late`: it was found after an outage that was too long to tell about it."""

    session: Session
    is_late: bool = False


class SessionMoved(Struct, frozen=True, kw_only=True):
    """A viewing of a file went on; perhaps far enough to be told again."""

    session: Session


class SessionEnded(Struct, frozen=True, kw_only=True):
    """A viewing is over."""

    session: Session


SessionFact = SessionStarted | SessionMoved | SessionEnded


class SessionChanged(Event, frozen=True, kw_only=True):
    """A viewing began, went on or ended, for pages that show them."""

    name: ClassVar[str] = "monitor.session_changed"
    coalesce: ClassVar[str | None] = "key"

    key: str
    dvr_id: str
    kind: str
    change: str  # started, updated, ended
    title: str
    channel_name: str
    device: str
    started_at: datetime
    position_s: int = 0
    watched_s: int = 0
    end_reason: str = ""

    def audience(self) -> Audience:
        return Audience(scope=Scope.MONITOR_READ)
