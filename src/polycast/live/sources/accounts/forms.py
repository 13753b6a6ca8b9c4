"""What people send to make and change accounts and their parts. UNSET keeps; limits are checked by the services."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType


class AccountForm(Struct, frozen=True, kw_only=True):
    """An account, new or changed. A masked address or login, or an empty password, keeps what is stored."""

    name: str | UnsetType = UNSET
    account_type: str | UnsetType = UNSET
    url: str | None | UnsetType = UNSET
    file_path: str | None | UnsetType = UNSET
    username: str | None | UnsetType = UNSET
    password: str | None | UnsetType = UNSET
    server_group_id: int | None | UnsetType = UNSET
    max_streams: int | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    user_agent_id: int | None | UnsetType = UNSET
    stream_profile_id: int | None | UnsetType = UNSET
    refresh_hours: int | UnsetType = UNSET
    cron: str | None | UnsetType = UNSET
    stale_days: int | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    enable_vod: bool | UnsetType = UNSET
    auto_enable_groups_live: bool | UnsetType = UNSET
    auto_enable_groups_vod: bool | UnsetType = UNSET
    auto_enable_groups_series: bool | UnsetType = UNSET
    orphan_cleanup: str | UnsetType = UNSET
    custom_properties: Mapping[str, Any] | UnsetType = UNSET
    expires_at: datetime | None | UnsetType = UNSET  # of the default profile


class ProfileForm(Struct, frozen=True, kw_only=True):
    """A profile of an account."""

    name: str | UnsetType = UNSET
    max_streams: int | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    search_pattern: str | UnsetType = UNSET
    replace_pattern: str | UnsetType = UNSET
    expires_at: datetime | None | UnsetType = UNSET
    custom_properties: Mapping[str, Any] | UnsetType = UNSET


class FilterForm(Struct, frozen=True, kw_only=True):
    """A filter of an account."""

    filter_type: str | UnsetType = UNSET
    regex_pattern: str | UnsetType = UNSET
    exclude: bool | UnsetType = UNSET
    case_sensitive: bool | UnsetType = UNSET
    position: int | UnsetType = UNSET
    custom_properties: Mapping[str, Any] | UnsetType = UNSET


class GroupForm(Struct, frozen=True, kw_only=True):
    """How an account uses a group."""

    group_id: int
    enabled: bool | UnsetType = UNSET
    auto_channel_sync: bool | UnsetType = UNSET
    sync_start: int | None | UnsetType = UNSET  # thousandths
    sync_end: int | None | UnsetType = UNSET
    custom_properties: Mapping[str, Any] | UnsetType = UNSET


def given(form: Struct, *names: str) -> dict[str, Any]:
    """The named fields that were sent."""
    found = {name: getattr(form, name) for name in names}
    return {name: value for name, value in found.items() if value is not UNSET}
