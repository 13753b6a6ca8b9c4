"""Accounts, their parts, and what is told about them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from msgspec import Struct

from polycast.core.events.model import Audience, Event
from polycast.core.identity.scopes import Scope


class AccountType(StrEnum):
    """Where an account's streams come from."""

    PLAYLIST = "STD"
    XTREAM = "XC"
    HDHOMERUN = "HDHR"
    FILE = "FILE"


class Status(StrEnum):
    """What an account is doing, or how its last refresh ended."""

    IDLE = "idle"
    FETCHING = "fetching"
    PARSING = "parsing"
    ERROR = "error"
    SUCCESS = "success"
    PENDING_SETUP = "pending_setup"
    DISABLED = "disabled"


class OrphanCleanup(StrEnum):
    """What a sync does with channels whose stream is gone."""

    ALWAYS = "always"
    PRESERVE_CUSTOMIZED = "preserve_customized"
    NEVER = "never"


class Account(Struct, frozen=True, kw_only=True):
    """A source of streams. Credentials are not in it: `has_*` says that they are set."""

    id: int
    name: str
    account_type: AccountType
    url: str  # masked
    file_path: str
    has_username: bool
    has_password: bool
    server_group_id: int | None
    max_streams: int
    is_active: bool
    locked: bool
    user_agent_id: int | None
    stream_profile_id: int | None
    refresh_hours: int
    cron: str
    stale_days: int
    priority: int
    status: Status
    last_message: str
    enable_vod: bool
    auto_enable_groups_live: bool
    auto_enable_groups_vod: bool
    auto_enable_groups_series: bool
    orphan_cleanup: OrphanCleanup
    custom_properties: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime | None
    scanned_at: datetime | None
    next_refresh_at: datetime | None
    stream_count: int
    is_held: bool


class AccountProfile(Struct, frozen=True, kw_only=True):
    """One way to use an account: its own limit of connections, and a rewriting of addresses."""

    id: int
    account_id: int
    name: str
    max_streams: int  # 0: no limit
    is_active: bool
    is_default: bool
    search_pattern: str
    replace_pattern: str
    expires_at: datetime | None
    user_info: Mapping[str, Any] | None  # of an Xtream login, without user name and password
    server_info: Mapping[str, Any] | None
    info_at: datetime | None
    custom_properties: Mapping[str, Any]


class AccountFilter(Struct, frozen=True, kw_only=True):
    """A rule for entries; the first that matches decides, none keeps."""

    id: int
    account_id: int
    filter_type: str  # group, name, url
    regex_pattern: str
    exclude: bool
    case_sensitive: bool
    position: int
    custom_properties: Mapping[str, Any]


class GroupAtAccount(Struct, frozen=True, kw_only=True):
    """How an account uses a group."""

    id: int
    account_id: int
    group_id: int
    group_name: str
    enabled: bool
    auto_channel_sync: bool
    sync_start: int | None  # thousandths
    sync_end: int | None
    category_id: str
    custom_properties: Mapping[str, Any]
    stream_count: int
    stale_at: datetime | None
    last_seen_at: datetime | None


class ServerGroup(Struct, frozen=True, kw_only=True):
    """Accounts of one group share connections per equal login."""

    id: int
    name: str


class AccountDetail(Struct, frozen=True, kw_only=True):
    """An account with its parts."""

    account: Account
    profiles: list[AccountProfile]
    filters: list[AccountFilter]
    groups: list[GroupAtAccount]


class _LiveEvent(Event, frozen=True, kw_only=True):
    name: ClassVar[str] = "live.source"

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_READ)


class SourceProgress(_LiveEvent, frozen=True, kw_only=True):
    """How far a refresh is. Told, not stored."""

    name: ClassVar[str] = "live.source_progress"
    coalesce: ClassVar[str | None] = "account_id"
    account_id: int
    action: str  # downloading, processing_groups, parsing
    progress: int  # 0-100
    status: str
    message: str = ""
    streams_processed: int = 0
    elapsed_seconds: float = 0


class SourceRefreshed(_LiveEvent, frozen=True, kw_only=True):
    """A refresh is complete."""

    name: ClassVar[str] = "live.source_refreshed"
    account_id: int
    account_name: str
    entries: int
    streams_created: int = 0
    streams_updated: int = 0
    streams_unchanged: int = 0
    streams_stale: int = 0
    streams_deleted: int = 0
    filtered: int = 0
    rejected: int = 0
    elapsed_seconds: float = 0
    groups_only: bool = False
    message: str = ""
    channels_created: int = 0
    channels_updated: int = 0
    channels_deleted: int = 0
    channels_failed: int = 0


class SourceFailed(_LiveEvent, frozen=True, kw_only=True):
    """A refresh ended without a change of the line-up. `held`: the drop guard waits for somebody to confirm."""

    name: ClassVar[str] = "live.source_failed"
    account_id: int
    account_name: str
    reason: str
    message: str
    held: bool = False


class AccountChanged(_LiveEvent, frozen=True, kw_only=True):
    """An account, or a part of it, was made, changed or deleted."""

    name: ClassVar[str] = "live.account_changed"
    account_id: int
    change: str  # created, updated, deleted


class StreamsRehashed(_LiveEvent, frozen=True, kw_only=True):
    """All streams have identities by the present setting."""

    name: ClassVar[str] = "live.streams_rehashed"
    streams: int
    merged: int


class RehashProgress(_LiveEvent, frozen=True, kw_only=True):
    """How far a rehash is. Told, not stored."""

    name: ClassVar[str] = "live.rehash_progress"
    coalesce: ClassVar[str | None] = ""
    action: str  # starting, processing, completed
    progress: int  # 0-100
    message: str = ""


class RefreshAccount(Struct, frozen=True):
    """Payload of `live.refresh_account`."""

    account_id: int
    groups_only: bool = False  # a new playlist: only its groups, for somebody to choose from
    accept_drop: bool = False  # somebody has confirmed that most entries are gone
    rehash_only: bool = False  # only give the streams their identities by the present setting


class RefreshInfo(Struct, frozen=True):
    """Payload of `live.refresh_account_info`."""

    profile_id: int


class AccountInfoRefreshed(_LiveEvent, frozen=True, kw_only=True):
    """What a panel says about a profile's login is known, or why not (`error`)."""

    name: ClassVar[str] = "live.account_info_refreshed"
    profile_id: int
    profile_name: str
    message: str = ""
    error: str | None = None


class DeleteAccount(Struct, frozen=True):
    """Payload of `live.delete_account`."""

    account_id: int
