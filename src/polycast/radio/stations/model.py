"""Stations as the panel writes and the engine reads them."""

from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from polycast.radio.accounts.model import Features, Limits, Ports, Status

FORMATS: Final = ("mp3", "aac", "flac", "opus", "ogg")
BITRATES: Final = (24, 32, 64, 96, 128, 192, 256, 320)  # kbit/s, as offered
NETWORKS: Final = ("youtube", "fb", "vk", "telegram", "rutube")
DjKind = Literal["auto", "real", "ws", "server"]

# The folders of an account, below `<data>/radio/accounts/<id>`.
FOLDERS: Final = ("media", "jingles", "intro", "htdocs", "recordings", "podcasts", "covers")


class Station(Struct, frozen=True, kw_only=True):
    """One programme. v2 calls it a server."""

    id: int
    account_id: int
    slug: str
    title: str
    description: str = ""
    genre: str = ""
    image: str = ""
    url_address: str = ""
    is_default: bool = False
    is_started: bool = True  # what its owner wants; what is so, the engine knows
    is_paused: bool = False  # over `limit_stations`
    timezone: str = "UTC"
    charset: str = "UTF-8"
    meta_format: str = "{artist} - {title}"
    static_metadata: str = ""
    autodj_enabled: bool = True
    crossfade_mode: str = "smart"  # off, fade, mix, smart
    crossfade_sec: float = 3.0
    loudness_target: float = -14.0  # LUFS
    random_mode: str = "balanced"  # balanced, permutation
    resume_after_live: str = "resume"  # resume, next
    trim_silence: bool = True
    eq_preset: str = ""
    eq_gains: list[float] = []  # ten in dB, or none
    dc_filter: bool = True
    requests_enabled: bool = True
    request_ip_timeout: int = 300  # seconds
    request_track_timeout: int = 900  # seconds
    requests_moderated: bool = False
    request_every: int = 1  # at most one request in so many tracks
    likes_enabled: bool = True
    public: bool = True
    minisite_display: bool = False
    geo_mode: str = "off"  # off, allow, deny
    geo_countries: list[str] = []
    geo_networks: list[str] = []
    geo_agents: list[str] = []
    fallback_file: str = ""  # below the station's media folder
    widget: dict[str, str] = {}
    created_at: datetime


class Channel(Struct, frozen=True, kw_only=True):
    """One output of a station: a mount on a port."""

    id: int
    station_id: int
    active: bool = True
    is_paused: bool = False  # over `limit_streams`
    bitrate: int = 128  # kbit/s
    listeners: int = 0  # limit; 0: the account's is all
    s_type: str = "icecast"
    s_format: str = "mp3"
    port: int = 0  # port + 1 takes Shoutcast sources
    ssl_port: int = 0
    mount_point: str = "/stream"
    fallback_mount: str = ""
    public: bool = True
    autodj_enabled: bool = True
    centovacast_compatible: bool = False
    proxy_enabled: bool = True
    ssl_proxy_enabled: bool = True
    proxy_url_path: str = ""  # last part of /listen/<slug>/...
    allow_auth_listeners_only: bool = False
    hls_enabled: bool = True
    queue_size: int = 524288  # bytes
    burst_size: int = 131072  # bytes
    redirect_url: str = ""
    listeners_peak: int = 0
    traffic_bytes: int = 0
    traffic_month_bytes: int = 0
    traffic_month: str = ""
    created_at: datetime


class Restream(Struct, frozen=True, kw_only=True):
    """A channel's picture and sound on a social network. `key` is open: keep it out of logs and answers."""

    channel_id: int
    network: str  # one of NETWORKS
    url: str
    key: str
    enabled: bool
    image: str
    image_resolution: str

    def __repr__(self) -> str:
        return f"Restream({self.channel_id}, {self.network!r})"


class Dj(Struct, frozen=True, kw_only=True):
    """Somebody, or something, that may be on air."""

    id: int
    station_id: int
    name: str
    username: str = ""
    active: bool = True
    cat: DjKind = "real"
    port: int = 0  # 0: none; port + 1 is the DJ's too
    stream_url: str = ""  # of a relay
    priority: int = 0  # 0 is the highest
    metadata: str = ""
    meta_source: str = "stream"  # stream, fixed
    meta_charset: str = ""
    image: str = ""
    volume_change: int = 0  # percent
    do_recording: bool = False
    do_recording_hourly: bool = False
    enforce_schedule: bool = False
    buffer_ms: int = 2000
    silence_seconds: int = 30  # 0: silence is nothing to leave for
    dt_connect: datetime | None = None
    dt_disconnect: datetime | None = None
    created_at: datetime


class Secrets(Struct, frozen=True, kw_only=True):
    """A station's passwords, open: the edge compares with them in constant time and tells nobody."""

    station: str  # of sources that come to a channel directly
    channels: dict[int, str]  # a channel's own source password, else the station's
    admins: dict[int, str]  # a channel's admin password
    djs: dict[int, str]

    def __repr__(self) -> str:
        return "Secrets()"


class Owner(Struct, frozen=True, kw_only=True):
    """What the engine needs of the account behind a station."""

    id: int
    username: str
    status: Status
    server_type: str
    limits: Limits
    features: Features
    ports: Ports
    timezone: str
    traffic_bytes: int  # this month, as of the last flush
    traffic_month: str  # 2026-11, in the account's zone
    traffic_lifted: bool = False  # its limit was lifted by hand until the month is over

    @property
    def is_silenced(self) -> bool:
        return self.status is not Status.ACTIVE


class StationSetup(Struct, frozen=True, kw_only=True):
    """One station with all that the edge and the player are configured by."""

    owner: Owner
    station: Station
    channels: list[Channel]
    djs: list[Dj]
    restreams: list[Restream]
    secrets: Secrets

    @property
    def may_run(self) -> bool:
        """Whether it is to be on air at all."""
        return not self.owner.is_silenced and self.station.is_started and not self.station.is_paused


class Track(Struct, frozen=True, kw_only=True):
    """A piece of the library."""

    id: int
    station_id: int
    path: str  # below the station's media folder, or the http(s) address of a remote track
    is_remote: bool = False
    folder: str = "/"
    filename: str = ""
    author: str = ""
    author_other: str = ""
    title: str = ""
    album: str = ""
    genre: str = ""
    performance_type: str = ""
    composer: str = ""
    lyricist: str = ""
    publisher: str = ""
    label: str = ""
    year: str = ""
    comment: str = ""
    isrc: str = ""
    mbid: str = ""
    length_ms: int = 0
    samplerate: int = 0
    audio_format: str = "mp3"
    size_bytes: int = 0
    mtime: datetime
    added_at: datetime
    checksum: str = ""
    requestable: bool = True
    requests_number: int = 0
    human_up: int = 0
    human_down: int = 0
    auto_up: int = 0
    auto_down: int = 0
    image: str = ""
    gain_db: float | None = None
    loudness_lufs: float | None = None
    peak_value: float | None = None
    max_volume_db: float | None = None
    category_id: int | None = None
    cue_in: float | None = None
    cue_out: float | None = None
    region_start: float | None = None
    region_end: float | None = None
    region_status: str = ""
    disable_crossfade: bool = False
    has_waveform: bool = False
    state: str = "ready"  # new, ready, broken
    played_at: datetime | None = None

    @property
    def meta(self) -> str:
        """Author and title as listeners read them."""
        return f"{self.author} - {self.title}" if self.author and self.title else self.title or self.filename


class Played(Struct, frozen=True, kw_only=True):
    """A row of the history."""

    id: int = 0
    station_id: int
    at: datetime
    metadata: str
    author: str = ""
    author_other: str = ""
    title: str = ""
    album: str = ""
    genre: str = ""
    year: str = ""
    comment: str = ""
    performance_type: str = ""
    composer: str = ""
    lyricist: str = ""
    publisher: str = ""
    label: str = ""
    isrc: str = ""
    length_ms: int = 0
    dj_name: str = "AutoDJ"
    playlist_title: str = ""
    n_listeners: int = 0
    track_id: int | None = None
    jingle_id: int | None = None
    is_request: bool = False
    image: str = ""
    why: str = ""
