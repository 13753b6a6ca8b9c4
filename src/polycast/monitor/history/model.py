"""What has happened, as it is kept and listed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from msgspec import Struct

from polycast.core.events import Audience, Event
from polycast.core.identity.scopes import Scope

DEDUPE: Final = timedelta(seconds=5)
ICONS: Final[Mapping[str, str]] = {
    "watching_channel": "tv",
    "watching_vod": "play",
    "recording_event": "video",
    "disk_alert": "alert-circle",
    "dvr_health": "alert-circle",
    "system": "cpu",
    "test_event": "bell",
}
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "channel": ("watching_channel", "stream_started"),
    "vod": ("watching_vod", "vod_playback"),
    "recording": (
        "recording_event",
        "recording_started",
        "recording_completed",
        "recording_stopped",
        "recording_cancelled",
        "recording_scheduled",
        "recording_updated",
    ),
    "disk": ("disk_alert",),
    "health": ("dvr_health",),
}


class Activity(Struct, frozen=True, kw_only=True):
    """One thing that happened at one server."""

    uuid: str
    dvr_id: str
    dvr_name: str
    event_type: str
    title: str
    message: str
    at: datetime
    icon: str = "bell"
    channel_name: str = ""
    channel_number: str = ""
    device_name: str = ""
    device_ip: str = ""
    program_title: str = ""
    image_url: str = ""
    stream_source: str = ""
    extra: Mapping[str, Any] = {}
    is_test: bool = False


class Filter(Struct, frozen=True, kw_only=True):
    """Which activities are wanted; empty fields want all."""

    dvr_id: str = ""
    types: tuple[str, ...] = ()
    search: str = ""
    client: str = ""
    since: datetime | None = None
    until: datetime | None = None
    is_test: bool | None = None


class Page(Struct, frozen=True, kw_only=True):
    """A cut of a list, and how long the whole is."""

    items: list[Activity]
    total: int


class ActivityAdded(Event, frozen=True, kw_only=True):
    """Something happened at a watched server."""

    name: ClassVar[str] = "monitor.activity_added"

    uuid: str
    dvr_id: str
    dvr_name: str
    event_type: str
    title: str
    message: str
    is_test: bool = False

    def audience(self) -> Audience:
        return Audience(scope=Scope.MONITOR_READ)


def types_of(word: str) -> tuple[str, ...]:
    """The event types a filter word stands for; empty for all. Any other word is itself."""
    lower = word.strip().lower()
    if lower in ("", "all"):
        return ()
    return GROUPS.get("recording" if lower == "recording-events" else lower, (lower,))


def device_key(name: str) -> str:
    """A device's name as it is compared: without regard to case, kind of blanks or Unicode form."""
    return " ".join(name.split()).casefold()
