"""Streams as dialects and other features see them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import UNSET, Struct, UnsetType


class Stream(Struct, frozen=True, kw_only=True):
    """One stream of an account. `url` is for answers: every credential in it is `***`."""

    id: int
    account_id: int
    group_id: int | None
    name: str
    url: str
    tvg_id: str
    logo_url: str
    provider_id: int | None
    number: int | None  # thousandths
    is_adult: bool
    is_catchup: bool
    catchup_days: int
    is_custom: bool
    enabled: bool
    is_stale: bool
    last_seen_at: datetime
    local_file: str | None
    stream_profile_id: int | None
    attributes: Mapping[str, Any]
    hash: str  # 64 hexadecimal digits
    stats: Mapping[str, Any] | None
    stats_updated_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Order(StrEnum):
    """What a list of streams is sorted by."""

    NAME = "name"
    GROUP = "channel_group__name"
    ACCOUNT = "m3u_account__name"
    TVG_ID = "tvg_id"


class StreamQuery(Struct, frozen=True, kw_only=True):
    """Which streams, and in which order; all given conditions must hold. Empty tuples and None do not restrict."""

    search: str = ""  # in the stream's or its group's name
    name: str = ""  # in the stream's name
    groups: tuple[str, ...] = ()  # names, or ids as digits
    group_name: str = ""  # in the group's name
    account_ids: tuple[int, ...] = ()
    account_name: str = ""  # in the account's name
    account_is_active: bool | None = None
    tvg_id: str = ""
    assigned: int | None = None  # streams of this channel
    unassigned: bool = False
    hide_stale: bool = False
    is_catchup: bool = False
    enabled: bool | None = None
    is_custom: bool | None = None
    order: Order = Order.NAME
    descending: bool = True


class StreamPage(Struct, frozen=True, kw_only=True):
    """Part of a list."""

    items: list[Stream]
    count: int  # of all that match


class FilterOptions(Struct, frozen=True, kw_only=True):
    """What lists of streams can be narrowed to."""

    groups: list[str]
    accounts: list[tuple[int, str]]


class StreamForm(Struct, frozen=True, kw_only=True):
    """A custom stream, new or changed. Of a provider's stream only `enabled`, profile, logo and file can change."""

    name: str | UnsetType = UNSET
    url: str | None | UnsetType = UNSET
    group_id: int | None | UnsetType = UNSET
    tvg_id: str | None | UnsetType = UNSET
    logo_url: str | None | UnsetType = UNSET
    local_file: str | None | UnsetType = UNSET
    stream_profile_id: int | None | UnsetType = UNSET
    is_adult: bool | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class PreviewAsk(Struct, frozen=True, kw_only=True):
    """Expressions to try on the names of a group. Empty: not asked."""

    group: str
    account_id: int | None = None
    find: str = ""
    replace: str = ""
    match: str = ""
    exclude: str = ""
    limit: int = 10


class Preview(Struct, frozen=True, kw_only=True):
    """What expressions do to the names of a group. `*_error` is None when the expression is good or was not asked."""

    total_in_group: int
    total_scanned: int
    scan_limit_hit: bool
    find_matches: list[tuple[str, str]]  # before, after
    find_match_count: int
    filter_matches: list[tuple[str, bool]]
    filter_match_count: int
    exclude_matches: list[str]
    exclude_match_count: int
    find_error: str | None = None
    match_error: str | None = None
    exclude_error: str | None = None
