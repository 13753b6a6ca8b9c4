"""What Xtream panels send. They are loose with types: numbers come as text, lists as objects, nothing as null."""

from typing import Any

from msgspec import Struct

Loose = int | str | float | bool | None


class UserInfo(Struct, kw_only=True):
    """`user_info` of `player_api.php`; the login itself is left out on purpose."""

    message: str | None = None
    auth: Loose = None
    status: str | None = None
    exp_date: Loose = None  # unix seconds, or ISO
    is_trial: Loose = None
    active_cons: Loose = None
    created_at: Loose = None
    max_connections: Loose = None
    allowed_output_formats: list[str] | None = None


class ServerInfo(Struct, kw_only=True):
    """`server_info`."""

    url: str | None = None
    port: Loose = None
    https_port: Loose = None
    server_protocol: str | None = None
    rtmp_port: Loose = None
    timezone: str | None = None
    timestamp_now: Loose = None
    time_now: str | None = None


class AccountInfo(Struct, kw_only=True):
    """The answer without an action."""

    user_info: UserInfo | None = None
    server_info: ServerInfo | None = None


class Category(Struct, kw_only=True):
    """An element of `get_live_categories`."""

    category_id: Loose = None
    category_name: str | None = None


class LiveStream(Struct, kw_only=True):
    """An element of `get_live_streams`."""

    stream_id: Loose = None
    num: Loose = None
    name: Any = None
    stream_icon: Any = None
    epg_channel_id: Any = None
    category_id: Loose = None
    category_ids: Any = None
    is_adult: Loose = None
    tv_archive: Loose = None
    tv_archive_duration: Loose = None
    added: Loose = None
    custom_sid: Any = None
    direct_source: Any = None


def whole(value: Any) -> int | None:
    """An integer of whatever spelling; None for anything else."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value == value and abs(value) < 2**53 else None  # noqa: PLR0124 - not a number
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) < 19:
        return int(value)
    return None


def text(value: Any) -> str:
    """Text of whatever was sent; "" for nothing and for lists and objects."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    return str(value)
