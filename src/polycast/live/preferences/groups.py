"""The groups of settings that clients know as `CoreSettings` rows, each a struct with the defaults of a new install.

Source: `specs/live.md` 2.5. Keys and units are the original's; what is ours beyond it says so.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Seconds300 = Annotated[float, Meta(ge=0, le=300)]


class StreamSettings(Struct, frozen=True, kw_only=True):
    """What streams and outputs use when nothing narrower says otherwise."""

    default_user_agent: int | None = None
    default_stream_profile: int | None = None
    m3u_hash_key: str = "url"  # comma-separated of name, url, tvg_id, m3u_id, group
    default_output_format: Literal["mpegts", "fmp4"] = "mpegts"
    hdhr_output_profile_id: int | None = None


class DvrSettings(Struct, frozen=True, kw_only=True):
    """Where recordings go and what happens around them."""

    tv_template: str = "TV_Shows/{show}/S{season:02d}E{episode:02d}.mkv"
    movie_template: str = "Movies/{title} ({year}).mkv"
    tv_fallback_dir: str = "TV_Shows"
    tv_fallback_template: str = "TV_Shows/{show}/{start}.mkv"
    movie_fallback_template: str = "Movies/{start}.mkv"
    comskip_enabled: bool = False
    comskip_custom_path: str = ""
    comskip_mode: Literal["cut", "mark"] = "cut"
    comskip_hw_accel: Literal["none", "cuvid", "hwassist"] = "none"
    pre_offset_minutes: Annotated[int, Meta(ge=0, le=1440)] = 0
    post_offset_minutes: Annotated[int, Meta(ge=0, le=1440)] = 0
    series_rules: list[dict[str, object]] = []


class ProxySettings(Struct, frozen=True, kw_only=True):
    """The constants of the relay, in seconds where no unit is named."""

    buffering_timeout: Seconds300 = 15
    buffering_speed: Annotated[float, Meta(ge=0.1, le=10)] = 1.0
    redis_chunk_ttl: Annotated[int, Meta(ge=10, le=3600)] = 60  # how much of the past the ring keeps
    channel_shutdown_delay: Seconds300 = 0
    channel_init_grace_period: Seconds300 = 60
    channel_client_wait_period: Seconds300 = 5
    new_client_behind_seconds: Annotated[float, Meta(ge=0, le=120)] = 5
    # Ours; the original has them in its code.
    start_buffer_ms: Annotated[int, Meta(ge=0, le=10_000)] = 400
    max_retries: Annotated[int, Meta(ge=0, le=20)] = 3
    max_reconnects: Annotated[int, Meta(ge=0, le=20)] = 3
    connect_timeout_s: Annotated[float, Meta(ge=0.5, le=60)] = 10
    no_data_timeout_s: Annotated[float, Meta(ge=0.5, le=60)] = 4  # a stall must be seen within 5
    max_stream_switches: Annotated[int, Meta(ge=0, le=100)] = 10


class BackupSettings(Struct, frozen=True, kw_only=True):
    """When the backups of this dialect are made."""

    enabled: bool = True
    frequency: Literal["daily", "weekly"] = "daily"
    time: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "03:00"
    day_of_week: Annotated[int, Meta(ge=0, le=6)] = 0  # 0 is Sunday
    retention_count: Annotated[int, Meta(ge=0, le=365)] = 3
    cron_expression: str = ""


class NetworkAccess(Struct, frozen=True, kw_only=True):
    """Comma-separated networks that may use each kind of endpoint; None for the default of that kind."""

    UI: str | None = None
    STREAMS: str | None = None
    XC_API: str | None = None
    M3U_EPG: str | None = None


class SystemSettings(Struct, frozen=True, kw_only=True):
    """The rest of the server, as this dialect sees it."""

    time_zone: str = "UTC"
    max_system_events: Annotated[int, Meta(ge=10, le=10_000)] = 100
    preferred_region: str | None = None
    auto_import_mapped_files: bool = True
    enable_ip_lookup: bool = True
    catchup_enabled: bool = True
    api_paginate_all: bool = False  # ours: the envelope on every list


class EpgSettings(Struct, frozen=True, kw_only=True):
    """How channel names are prepared for matching."""

    epg_match_mode: Literal["default", "advanced"] = "default"
    epg_match_ignore_prefixes: list[str] = []
    epg_match_ignore_suffixes: list[str] = []
    epg_match_ignore_custom: list[str] = []


class UserLimitSettings(Struct, frozen=True, kw_only=True):
    """What happens when a user is at the limit of concurrent streams."""

    terminate_on_limit_exceeded: bool = True
    prioritize_single_client_channels: bool = True
    ignore_same_channel_connections: bool = False
    terminate_oldest: bool = True


# key: (what the row is called, its struct); the order is that of the list clients get
GROUPS: dict[str, tuple[str, type[Struct]]] = {
    "stream_settings": ("Stream Settings", StreamSettings),
    "dvr_settings": ("DVR Settings", DvrSettings),
    "proxy_settings": ("Proxy Settings", ProxySettings),
    "backup_settings": ("Backup Settings", BackupSettings),
    "network_access": ("Network Access", NetworkAccess),
    "system_settings": ("System Settings", SystemSettings),
    "epg_settings": ("EPG Settings", EpgSettings),
    "user_limit_settings": ("User Limit Settings", UserLimitSettings),
}
KEY_OF: dict[type[Struct], str] = {struct: key for key, (_, struct) in GROUPS.items()}
