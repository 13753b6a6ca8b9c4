"""What the line-up tells others."""

from typing import ClassVar

from polycast.core.events.model import Audience, Event
from polycast.core.identity.scopes import Scope


class _LineUpEvent(Event, frozen=True, kw_only=True):
    """Seen by whoever may watch: every output depends on the line-up."""

    name: ClassVar[str] = "live.lineup"

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_READ)


class _NamedChannel(_LineUpEvent, frozen=True, kw_only=True):
    """One channel with its name, which is told to whom the channel may be shown."""

    name: ClassVar[str] = "live.lineup"
    channel_id: int
    channel_name: str = ""
    is_private: bool = False  # hidden, or for administrators alone

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_ADMIN if self.is_private else Scope.LIVE_READ)


class ChannelCreated(_NamedChannel, frozen=True, kw_only=True):
    name: ClassVar[str] = "live.channel_created"
    number: int | None = None  # thousandths


class ChannelChanged(_LineUpEvent, frozen=True, kw_only=True):
    name: ClassVar[str] = "live.channel_changed"
    channel_id: int


class ChannelDeleted(_NamedChannel, frozen=True, kw_only=True):
    """`uuid` lets the relay end what still plays."""

    name: ClassVar[str] = "live.channel_deleted"
    uuid: str


class ChannelsChanged(_LineUpEvent, frozen=True, kw_only=True):
    """Many at once: an import, a bulk edit, a new order. `channel_ids` is empty when they are too many to name."""

    name: ClassVar[str] = "live.channels_changed"
    count: int
    channel_ids: list[int] = []


class ChannelGuideSet(_LineUpEvent, frozen=True, kw_only=True):
    """Channels got another guide channel, whose programmes may have to be loaded."""

    name: ClassVar[str] = "live.channel_guide_set"
    guide_channel_ids: list[int]


class GroupChanged(_LineUpEvent, frozen=True, kw_only=True):
    name: ClassVar[str] = "live.group_changed"
    group_id: int


class LogoChanged(_LineUpEvent, frozen=True, kw_only=True):
    name: ClassVar[str] = "live.logo_changed"
    logo_id: int


class ProfileChanged(_LineUpEvent, frozen=True, kw_only=True):
    name: ClassVar[str] = "live.profile_changed"
    profile_id: int


PUBLISHED: tuple[type[Event], ...] = (
    ChannelCreated,
    ChannelChanged,
    ChannelDeleted,
    ChannelsChanged,
    ChannelGuideSet,
    GroupChanged,
    LogoChanged,
    ProfileChanged,
)
MOST_NAMED = 200  # channel ids that one event names
