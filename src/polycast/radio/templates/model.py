"""Packages: limits and features that an account is given at once."""

from msgspec import UNSET, Struct, UnsetType

from polycast.radio.accounts.model import Features, Kind, Limits


class Template(Struct, frozen=True, kw_only=True):
    """A package for broadcasters or for resellers."""

    id: int
    kind: Kind
    name: str
    server_type: str = "icecast"
    limits: Limits = Limits()
    features: Features = Features()


class TemplateChange(Struct, frozen=True, kw_only=True):
    """Absent keeps, or takes the default of a new one."""

    name: str | UnsetType = UNSET
    server_type: str | UnsetType = UNSET
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
