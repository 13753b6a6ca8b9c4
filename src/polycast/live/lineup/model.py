"""Channels as the module sees them, whichever face a client knows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

DEFAULT_GROUP: Final = "Default Group"
ADMIN_LEVEL: Final = 10  # of channels that administrators alone see
ALL_PROFILES: Final = 0  # in a list of profile ids: every one there is


class Facts(Struct, frozen=True):
    """What a sync may write and an override may cover. `number` in thousandths."""

    name: str
    number: int | None
    group_id: int | None
    logo_id: int | None
    tvg_id: str
    tvc_guide_stationid: str
    guide_channel_id: int | None
    stream_profile_id: int | None


class Override(Struct, frozen=True):
    """What somebody wants instead of what the sync says; None: nothing."""

    name: str | None = None
    number: int | None = None
    group_id: int | None = None
    logo_id: int | None = None
    tvg_id: str | None = None
    tvc_guide_stationid: str | None = None
    guide_channel_id: int | None = None
    stream_profile_id: int | None = None

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, name) is None for name in FACTS)


FACTS: Final = Facts.__struct_fields__


class SourceStream(Struct, frozen=True, kw_only=True):
    """The stream that a sync made a channel from."""

    id: int
    name: str
    account_id: int
    account_name: str


class Channel(Struct, frozen=True, kw_only=True):
    """One channel of the line-up."""

    id: int
    uuid: str
    base: Facts
    override: Override | None
    effective: Facts  # override ?? base, field by field
    user_level: int  # 0, 1, 10: who may see it
    is_adult: bool
    is_radio: bool
    is_catchup: bool
    catchup_days: int
    is_hidden: bool
    auto_created: bool
    auto_account_id: int | None
    auto_account_name: str | None
    created_at: datetime
    updated_at: datetime
    stream_ids: tuple[int, ...]  # in the order of failover
    source: SourceStream | None = None  # of an auto-created channel: its first stream


class ChannelPage(Struct, frozen=True, kw_only=True):
    """Part of a list of channels, and what its answer tells besides."""

    items: list[Channel]
    count: int
    has_unguided: bool  # some channel of the whole line-up has no guide


class ChannelNew(Struct, frozen=True, kw_only=True):
    """A channel to be made. Without a number it gets the next free one."""

    name: str
    number: int | None = None
    group_id: int | None = None
    logo_id: int | None = None
    tvg_id: str = ""
    tvc_guide_stationid: str = ""
    guide_channel_id: int | None = None
    stream_profile_id: int | None = None
    user_level: int = 0
    is_adult: bool = False
    is_radio: bool = False
    is_hidden: bool = False
    stream_ids: Sequence[int] = ()
    profile_ids: Sequence[int] | None = None  # None or with 0: all; empty: none


class OverridePatch(Struct, frozen=True, kw_only=True):
    """Fields of an override to set; None clears one, UNSET leaves it."""

    name: str | None | UnsetType = UNSET
    number: int | None | UnsetType = UNSET
    group_id: int | None | UnsetType = UNSET
    logo_id: int | None | UnsetType = UNSET
    tvg_id: str | None | UnsetType = UNSET
    tvc_guide_stationid: str | None | UnsetType = UNSET
    guide_channel_id: int | None | UnsetType = UNSET
    stream_profile_id: int | None | UnsetType = UNSET


class ChannelPatch(Struct, frozen=True, kw_only=True):
    """What of a channel is to change; UNSET leaves it. `override=None` drops the override."""

    name: str | UnsetType = UNSET
    number: int | None | UnsetType = UNSET
    group_id: int | None | UnsetType = UNSET
    logo_id: int | None | UnsetType = UNSET
    tvg_id: str | UnsetType = UNSET
    tvc_guide_stationid: str | UnsetType = UNSET
    guide_channel_id: int | None | UnsetType = UNSET
    stream_profile_id: int | None | UnsetType = UNSET
    user_level: int | UnsetType = UNSET
    is_adult: bool | UnsetType = UNSET
    is_radio: bool | UnsetType = UNSET
    is_hidden: bool | UnsetType = UNSET
    stream_ids: Sequence[int] | UnsetType = UNSET
    override: OverridePatch | None | UnsetType = UNSET


class Visibility(StrEnum):
    """Which channels a list holds."""

    ACTIVE = "active"
    HIDDEN = "hidden"
    ALL = "all"


class Viewer(Struct, frozen=True, kw_only=True):
    """What one identity may see of the line-up (`specs/live.md` 2.1)."""

    level: int = 10
    hides_adult: bool = False
    profile_ids: frozenset[int] = frozenset()  # empty: not held to any

    @property
    def sees_all(self) -> bool:
        return self.level >= 10 and not self.hides_adult and not self.profile_ids


EVERYTHING: Final = Viewer()


class ChannelQuery(Struct, frozen=True, kw_only=True):
    """Filters of a list of channels; they combine with AND."""

    viewer: Viewer = EVERYTHING
    search: str = ""  # in the name or the group's name
    name: str = ""
    groups: Sequence[str] = ()  # ids or exact names
    guide_sources: Sequence[str] = ()  # names; "null" for channels without a guide
    profile_id: int | None = None
    show_disabled: bool = False  # with profile_id: those switched off in it too
    only_streamless: bool = False
    only_stale: bool = False
    only_overridden: bool = False
    only_catchup: bool = False
    only_without_guide: bool = False
    visibility: Visibility = Visibility.ACTIVE
    enabled: bool | None = None  # the inverse of hidden; given, it takes the place of `visibility`
    group_id: int | None = None
    ids: Sequence[int] | None = None
    order: str = "number"  # number, name, group, guide; "-" before it turns it round


class GroupAccount(Struct, frozen=True, kw_only=True):
    """How an account uses a group."""

    account_id: int
    group_id: int
    enabled: bool
    auto_channel_sync: bool
    sync_start: int | None  # thousandths
    sync_end: int | None
    category_id: str
    custom_properties: Mapping[str, Any]
    is_stale: bool
    last_seen_at: datetime | None
    stream_count: int


class ChannelGroup(Struct, frozen=True, kw_only=True):
    """A group of channels and streams."""

    id: int
    name: str
    channel_count: int = 0
    accounts: tuple[GroupAccount, ...] = ()

    @property
    def account_count(self) -> int:
        return len(self.accounts)


class ChannelProfile(Struct, frozen=True, kw_only=True):
    """A selection of channels, for users and outputs."""

    id: int
    name: str
    channel_ids: tuple[int, ...]  # those switched on in it, by id


class Logo(Struct, frozen=True, kw_only=True):
    """A picture of a channel: remote, or a file below `<data>/logos`."""

    id: int
    name: str
    url: str
    channel_count: int
    channel_names: tuple[str, ...]  # the first five


class GuideName(Struct, frozen=True, kw_only=True):
    """A guide channel by name, and whose it is."""

    id: int
    name: str
    source: str


class ChannelRow(Struct, frozen=True, kw_only=True):
    """A channel with what stands beside it."""

    channel: Channel
    group: str | None
    logo_source: str | None  # where its logo comes from
    guide: GuideName | None
    problem: str | None  # why it may not play, for people
