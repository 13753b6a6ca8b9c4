"""Accounts of the hosting business: who they are, what they may, and how far they have come."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from msgspec import UNSET, Struct, UnsetType

LIMITS: Final = (
    "limit_stations",
    "limit_streams",
    "limit_listeners",
    "limit_bitrate",
    "limit_du",
    "limit_traffic",
)
FEATURES: Final = (
    "youtube_streaming_enabled",
    "fb_streaming_enabled",
    "vk_streaming_enabled",
    "tg_streaming_enabled",
    "geoblocking_enabled",
    "stereo_tool_enabled",
    "url_branding_enabled",
    "website_enabled",
    "tts_enabled",
    "podcasts_enabled",
    "save_dj_streams_enabled",
)
SERVER_TYPES: Final = ("icecast-kh", "icecast", "shoutcast1", "shoutcast2", "shoutcast2.6")
DEFAULT_IMAGE: Final = "/media/user/user_default.png"
MB: Final = 1_000_000  # bytes; what `limit_du` and `limit_traffic` count in


class Kind(StrEnum):
    """Which of the three an account is."""

    ADMIN = "admin"
    RESELLER = "reseller"
    BROADCASTER = "broadcaster"


class Status(IntEnum):
    """Where an account is in its life. 1 and 3 are known to real clients."""

    BEING_CREATED = 0
    BEING_DELETED = 1
    ACTIVE = 2
    SUSPENDED = 3


class Limits(Struct, frozen=True, kw_only=True):
    """0 is no limit."""

    limit_accounts: int = 0  # of a reseller only
    limit_stations: int = 0
    limit_streams: int = 0
    limit_listeners: int = 0
    limit_bitrate: int = 0  # kbit/s
    limit_du: int = 0  # MB
    limit_traffic: int = 0  # MB a month


class Features(Struct, frozen=True, kw_only=True):
    """What an account may use."""

    youtube_streaming_enabled: bool = False
    fb_streaming_enabled: bool = False
    vk_streaming_enabled: bool = False
    tg_streaming_enabled: bool = False
    geoblocking_enabled: bool = False
    stereo_tool_enabled: bool = False
    url_branding_enabled: bool = False
    website_enabled: bool = False
    tts_enabled: bool = False
    podcasts_enabled: bool = False
    save_dj_streams_enabled: bool = False


class Ports(Struct, frozen=True, kw_only=True):
    """An account's block; 0 where it has none."""

    panel_port: int = 0
    default_channel_port: int = 0
    port_range_min: int = 0  # inclusive
    port_range_max: int = 0  # inclusive


class Backup(Struct, frozen=True, kw_only=True):
    """What is known of an account's backup."""

    status: int = 0
    auto_type: int = 0
    auto_when: int = 0
    quick: bool = False
    at: datetime | None = None
    due_at: datetime | None = None


class Account(Struct, frozen=True, kw_only=True):
    """An admin, a reseller or a broadcaster."""

    id: int  # the user's
    kind: Kind
    username: str
    first_name: str
    email: str
    image: str = DEFAULT_IMAGE
    owner_id: int | None = None
    status: Status = Status.ACTIVE
    status_error: str = ""
    suspend_reason: str = ""
    server_type: str = "icecast"
    ports: Ports = Ports()
    limits: Limits = Limits()
    features: Features = Features()
    backup: Backup = Backup()
    branded_url: str | None = None
    branded_url_status: int = 0
    station_name: str = ""
    website_url: str = ""
    language: str = "en"
    timezone: str = "UTC"
    du_bytes: int = 0
    traffic_bytes: int = 0  # in the month that `traffic_month` names
    traffic_month: str = ""
    traffic_told: int = 0
    token_epoch: int = 0
    login_at: datetime | None = None
    joined_at: datetime

    @property
    def is_admin(self) -> bool:
        return self.kind is Kind.ADMIN

    @property
    def is_silenced(self) -> bool:
        """Whether nothing of it may be heard or written now."""
        return self.status in (Status.SUSPENDED, Status.BEING_DELETED)


class AccountChange(Struct, frozen=True, kw_only=True):
    """What to make or change of an account. Absent keeps, or takes the default of a new one."""

    username: str | UnsetType = UNSET  # of a new one only
    email: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    image: str | UnsetType = UNSET
    owner: int | None | UnsetType = UNSET  # an admin's to write
    server_type: str | UnsetType = UNSET
    panel_port: int | UnsetType = UNSET
    default_channel_port: int | UnsetType = UNSET
    port_range_min: int | UnsetType = UNSET
    port_range_max: int | UnsetType = UNSET
    limit_accounts: int | UnsetType = UNSET
    limit_stations: int | UnsetType = UNSET
    limit_streams: int | UnsetType = UNSET
    limit_listeners: int | UnsetType = UNSET
    limit_bitrate: int | UnsetType = UNSET
    limit_du: int | UnsetType = UNSET
    limit_traffic: int | UnsetType = UNSET
    youtube_streaming_enabled: bool | UnsetType = UNSET
    fb_streaming_enabled: bool | UnsetType = UNSET
    vk_streaming_enabled: bool | UnsetType = UNSET
    tg_streaming_enabled: bool | UnsetType = UNSET
    geoblocking_enabled: bool | UnsetType = UNSET
    stereo_tool_enabled: bool | UnsetType = UNSET
    url_branding_enabled: bool | UnsetType = UNSET
    website_enabled: bool | UnsetType = UNSET
    tts_enabled: bool | UnsetType = UNSET
    podcasts_enabled: bool | UnsetType = UNSET
    save_dj_streams_enabled: bool | UnsetType = UNSET
    branded_url: str | UnsetType = UNSET
    station_name: str | UnsetType = UNSET
    website_url: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET

    def __repr__(self) -> str:
        return "AccountChange()"
