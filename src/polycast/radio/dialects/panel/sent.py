"""Exactly what the broadcaster API takes."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.http import line, prose

Line = Annotated[str, line(255, blank=True)] | UnsetType
Prose = Annotated[str, prose(20_000)] | UnsetType
Switch = bool | None | UnsetType
Whole = Annotated[int, Meta(ge=0, le=2**31 - 1)] | None | UnsetType
Ids = Annotated[list[int], Meta(max_length=10_000)]


class StationSent(Struct, kw_only=True):
    title: Line = UNSET
    slug: Line = UNSET
    description: Prose = UNSET
    genre: Line = UNSET
    url_address: Line = UNSET
    minisite_display: Switch = UNSET
    password: Annotated[str, line(64, blank=True)] | UnsetType = UNSET
    timezone: Line = UNSET
    charset: Line = UNSET
    meta_format: Line = UNSET
    static_metadata: Line = UNSET
    autodj_enabled: Switch = UNSET
    crossfade_mode: Line = UNSET
    crossfade_sec: Annotated[float, Meta(ge=0, le=20)] | None | UnsetType = UNSET
    loudness_target: Annotated[float, Meta(ge=-40, le=0)] | None | UnsetType = UNSET
    random_mode: Line = UNSET
    resume_after_live: Line = UNSET
    trim_silence: Switch = UNSET
    eq_preset: Line = UNSET
    eq_gains: Annotated[list[float], Meta(max_length=10)] | UnsetType = UNSET
    dc_filter: Switch = UNSET
    requests_enabled: Switch = UNSET
    request_ip_timeout: Whole = UNSET
    request_track_timeout: Whole = UNSET
    requests_moderated: Switch = UNSET
    likes_enabled: Switch = UNSET
    public: Switch = UNSET
    geo_mode: Line = UNSET
    geo_countries: Annotated[list[Annotated[str, Meta(pattern="^[A-Z]{2}$")]], Meta(max_length=250)] | UnsetType = UNSET
    owner: int | None | UnsetType = UNSET  # an admin's or reseller's to write


class ChannelSent(Struct, kw_only=True):
    server: int | UnsetType = UNSET
    active: Switch = UNSET
    bitrate: Whole = UNSET
    listeners: Whole = UNSET
    s_type: Line = UNSET
    s_format: Line = UNSET
    port: Whole = UNSET
    mount_point: Line = UNSET
    fallback_mount: Line = UNSET
    public: Switch = UNSET
    autodj_enabled: Switch = UNSET
    proxy_enabled: Switch = UNSET
    ssl_proxy_enabled: Switch = UNSET
    allow_auth_listeners_only: Switch = UNSET
    queue_size: Annotated[int, Meta(ge=65_536, le=16_777_216)] | None | UnsetType = UNSET
    burst_size: Annotated[int, Meta(ge=0, le=1_048_576)] | None | UnsetType = UNSET
    redirect_url: Line = UNSET
    password: Annotated[str, line(64, blank=True)] | UnsetType = UNSET
    admin_password: Annotated[str, line(64, blank=True)] | UnsetType = UNSET
    youtube_stream_url: Line = UNSET
    youtube_stream_key: Line = UNSET
    youtube_stream_enabled: Switch = UNSET
    fb_stream_url: Line = UNSET
    fb_stream_key: Line = UNSET
    fb_stream_enabled: Switch = UNSET
    vk_stream_url: Line = UNSET
    vk_stream_key: Line = UNSET
    vk_stream_enabled: Switch = UNSET
    telegram_stream_url: Line = UNSET
    telegram_stream_key: Line = UNSET
    telegram_stream_enabled: Switch = UNSET
    rutube_stream_url: Line = UNSET
    rutube_stream_key: Line = UNSET
    rutube_stream_enabled: Switch = UNSET


class DjSent(Struct, kw_only=True):
    server: int | UnsetType = UNSET
    name: Line = UNSET
    username: Line = UNSET
    active: Switch = UNSET
    cat: Line = UNSET
    stream_url: Line = UNSET
    priority: Annotated[int, Meta(ge=0, le=999_999)] | None | UnsetType = UNSET
    metadata: Line = UNSET
    meta_source: Line = UNSET
    meta_charset: Line = UNSET
    volume_change: Annotated[int, Meta(ge=-100, le=400)] | None | UnsetType = UNSET
    do_recording: Switch = UNSET
    do_recording_hourly: Switch = UNSET
    enforce_schedule: Switch = UNSET
    buffer_ms: Annotated[int, Meta(ge=0, le=30_000)] | None | UnsetType = UNSET
    silence_seconds: Annotated[int, Meta(ge=0, le=3600)] | None | UnsetType = UNSET
    password: Annotated[str, line(64, blank=True)] | UnsetType = UNSET


class TrackSent(Struct, kw_only=True):
    author: Line = UNSET
    author_other: Line = UNSET
    title: Line = UNSET
    album: Line = UNSET
    genre: Line = UNSET
    performance_type: Line = UNSET
    composer: Line = UNSET
    lyricist: Line = UNSET
    publisher: Line = UNSET
    label: Line = UNSET
    year: Line = UNSET
    comment: Line = UNSET
    isrc: Line = UNSET
    requestable: Switch = UNSET
    disable_crossfade: Switch = UNSET


class PlaylistSent(Struct, kw_only=True):
    name: Line = UNSET
    is_random: Switch = UNSET
    directory_name: Line = UNSET
    server: int | UnsetType = UNSET
    m3u: Any = UNSET  # a file of a multipart form


class RecordingsSent(Struct, kw_only=True):
    dj: int
    recordings: Annotated[list[Annotated[str, line(255, blank=True)]], Meta(max_length=500)] = []


class NameSent(Struct, kw_only=True):
    new_name: Annotated[str, line(150, blank=True)] = ""


class MoveSent(Struct, kw_only=True):
    tracks: Ids
    position: Annotated[int, Meta(ge=1)]


class DropSent(Struct, kw_only=True):
    tracks: Ids
    fs: bool = False


class GridSent(Struct, kw_only=True):
    server: int | UnsetType = UNSET
    name: Line = UNSET
    periodicity: Line = UNSET
    cast_type: Line = UNSET
    break_track: Switch = UNSET
    start_playlist_from_beginning: Switch = UNSET
    start_date: Annotated[str, line(10, blank=True)] | None | UnsetType = UNSET
    start_time: Annotated[str, line(8, blank=True)] | None | UnsetType = UNSET
    finish_date: Annotated[str, line(10, blank=True)] | None | UnsetType = UNSET
    finish_time: Annotated[str, line(8, blank=True)] | None | UnsetType = UNSET
    wd_mon: Switch = UNSET
    wd_tue: Switch = UNSET
    wd_wed: Switch = UNSET
    wd_thu: Switch = UNSET
    wd_fri: Switch = UNSET
    wd_sat: Switch = UNSET
    wd_sun: Switch = UNSET
    week_1: Switch = UNSET
    week_2: Switch = UNSET
    week_3: Switch = UNSET
    week_4: Switch = UNSET
    playlist: int | None | UnsetType = UNSET
    playlist_after_radioshow: int | None | UnsetType = UNSET
    rotation_after_radioshow: int | None | UnsetType = UNSET
    dj: int | None | UnsetType = UNSET
    rotation: int | None | UnsetType = UNSET
    allow_jingles: Switch = UNSET
    allow_song_requests: Switch = UNSET
    allow_jingles_after: Switch = UNSET
    allow_song_requests_after: Switch = UNSET
    color: Line = UNSET
    color2: Line = UNSET
    local_time: Annotated[str, line(8, blank=True)] | None | UnsetType = UNSET
    timezone: Line = UNSET


class RequestSent(Struct, kw_only=True):
    server_id: int
    music_id: int
    person: Annotated[str, line(100, blank=True)] = ""
    message: Annotated[str, line(500, blank=True)] = ""
    ip_timeout: Whole = UNSET
    track_timeout: Whole = UNSET


class QueueSent(Struct, kw_only=True):
    server: int
    music_id: int
    immediately: bool = False


class TokenSent(Struct, kw_only=True):
    username: Annotated[str, Meta(max_length=255)] = ""
    password: Annotated[str, Meta(max_length=1024)] = ""

    def __repr__(self) -> str:
        return "TokenSent()"


def given(sent: Struct, *without: str) -> dict[str, Any]:
    """Fields that say something; an empty number or switch says nothing."""
    found = {}
    for name in sent.__struct_fields__:
        value = getattr(sent, name)
        if value is not UNSET and value is not None and name not in without:
            found[name] = value
    return found


def grid_values(sent: GridSent) -> dict[str, Any]:
    """The columns of an event."""
    found = given(sent, "server", "local_time")
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    if any(f"wd_{day}" in found for day in days):
        found["weekdays"] = sum(1 << bit for bit, day in enumerate(days) if found.pop(f"wd_{day}", False))
    if any(f"week_{week}" in found for week in range(1, 5)):
        found["weeks"] = sum(1 << (week - 1) for week in range(1, 5) if found.pop(f"week_{week}", False))
    names = {
        "playlist": "playlist_id",
        "playlist_after_radioshow": "playlist_after_id",
        "rotation_after_radioshow": "rotation_after_id",
        "dj": "dj_id",
        "rotation": "rotation_id",
    }
    for name, column in names.items():
        value = getattr(sent, name)
        found.pop(name, None)
        if value is not UNSET:
            found[column] = value
    if "start_time" not in found and isinstance(sent.local_time, str) and sent.local_time:
        found["start_time"] = sent.local_time
    return found
