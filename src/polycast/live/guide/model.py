"""Guide sources, their channels, programmes, and what is told about them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from msgspec import UNSET, Struct, UnsetType

from polycast.core.events.model import Audience, Event
from polycast.core.identity.scopes import Scope

ID_EPOCH: Final = 1_577_836_800  # 2020-01-01, seconds since 1970
ID_BITS: Final = 30  # of a programme's id: seconds since then, until 2054
ID_MASK: Final = (1 << ID_BITS) - 1


class SourceType(StrEnum):
    """Where a guide comes from."""

    XMLTV = "xmltv"
    SCHEDULES_DIRECT = "schedules_direct"
    DUMMY = "dummy"


class SourceStatus(StrEnum):
    """What a source is doing, or how its last refresh ended."""

    IDLE = "idle"
    FETCHING = "fetching"
    PARSING = "parsing"
    ERROR = "error"
    SUCCESS = "success"
    DISABLED = "disabled"


class GuideSource(Struct, frozen=True, kw_only=True):
    """A source. Credentials are not in it."""

    id: int
    name: str
    source_type: SourceType
    url: str  # masked
    file_path: str
    has_username: bool
    has_password: bool
    is_active: bool
    refresh_hours: int
    cron: str
    priority: int
    status: SourceStatus
    last_message: str
    custom_properties: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime | None
    next_refresh_at: datetime | None
    channel_count: int
    programme_count: int
    has_channels: bool  # a channel of the line-up is mapped to it


class SourceForm(Struct, frozen=True, kw_only=True):
    """What somebody wants of a source; UNSET leaves a field as it is."""

    name: str | UnsetType = UNSET
    source_type: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    file_path: str | UnsetType = UNSET
    username: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    refresh_hours: int | UnsetType = UNSET
    cron: str | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    custom_properties: Mapping[str, Any] | UnsetType = UNSET


class GuideChannel(Struct, frozen=True, kw_only=True):
    """A channel as a guide names it."""

    id: int
    source_id: int
    tvg_id: str
    name: str
    icon_url: str


class Airing(Struct, array_like=True, gc=False):
    """A programme as it is stored. Times are unix seconds."""

    start: int
    end: int
    title: str
    sub_title: str = ""
    description: str = ""
    extras: dict[str, Any] | None = None  # `custom_properties` of specs/live.md 5.3


class Programme(Struct, frozen=True, gc=False):
    """A programme of a guide channel, or one that was made up for a channel without a guide (`owner` 0, text id)."""

    id: int | str
    owner: int  # the guide channel
    airing: Airing

    @property
    def start_at(self) -> datetime:
        return datetime.fromtimestamp(self.airing.start, UTC)

    @property
    def end_at(self) -> datetime:
        return datetime.fromtimestamp(self.airing.end, UTC)

    @property
    def extras(self) -> Mapping[str, Any]:
        return self.airing.extras or {}


def programme_id(guide_channel_id: int, start: int) -> int:
    """The id of the programme of that guide channel that begins then: the same after each refresh. Below 2^53."""
    return (guide_channel_id << ID_BITS) | ((start - ID_EPOCH) & ID_MASK)


def programme_of(found: int) -> tuple[int, int]:
    """Guide channel and start of a programme's id."""
    return found >> ID_BITS, (found & ID_MASK) + ID_EPOCH


class RefreshGuide(Struct, frozen=True):
    """Payload of `live.refresh_guide`."""

    source_id: int
    force: bool = False  # read it again although nothing seems to have changed


class LoadGuide(Struct, frozen=True):
    """Payload of `live.load_guide`: read the programmes of channels that were mapped since."""

    source_id: int
    guide_channel_ids: list[int] = []  # these too, though nobody is mapped to them: somebody wants to look at them


class _GuideEvent(Event, frozen=True, kw_only=True):
    name: ClassVar[str] = "live.guide"

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_READ)


class GuideProgress(_GuideEvent, frozen=True, kw_only=True):
    """How far a refresh is. Told, not stored."""

    name: ClassVar[str] = "live.guide_progress"
    coalesce: ClassVar[str | None] = "source_id"
    source_id: int
    action: str  # downloading, parsing_channels, parsing_programs
    progress: int  # 0-100
    status: str
    message: str = ""


class GuideRefreshed(_GuideEvent, frozen=True, kw_only=True):
    """A refresh is complete. `guide_channel_ids` have other programmes than before (empty when too many to name)."""

    name: ClassVar[str] = "live.guide_refreshed"
    source_id: int
    source_name: str
    channels: int
    programmes: int
    changed: int  # guide channels whose programmes differ now
    warnings: int = 0
    elapsed_seconds: float = 0
    message: str = ""
    guide_channel_ids: list[int] = []


class GuideFailed(_GuideEvent, frozen=True, kw_only=True):
    """A refresh ended; the guide is as it was."""

    name: ClassVar[str] = "live.guide_failed"
    source_id: int
    source_name: str
    reason: str
    message: str


class GuideSourceChanged(_GuideEvent, frozen=True, kw_only=True):
    """A source was made, changed or deleted."""

    name: ClassVar[str] = "live.guide_source_changed"
    source_id: int
    change: str  # created, updated, deleted


PUBLISHED: tuple[type[Event], ...] = (GuideProgress, GuideRefreshed, GuideFailed, GuideSourceChanged)
MOST_NAMED: Final = 500  # guide channels that one event names
