"""What is on when, as the engine reads it: rotations, the grid, jingles, requests, the queue."""

from datetime import date, datetime, time
from typing import Literal

from msgspec import Struct

Block = Literal[
    "playlist", "track", "random_track", "category_tracks", "jingle", "random_jingle", "sandwich", "request", "wait", "relay"
]  # fmt: skip
Timing = Literal["soft", "strict", "back"]
CastType = Literal["playlist", "radioshow", "relay", "rotation"]


class TrackFilter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which tracks a `random_track` is drawn from; what is empty admits all."""

    category: int | None = None
    genre: str = ""
    artist: str = ""
    folder: str = ""
    not_played_minutes: int = 0
    added_days: int = 0


class RotationItem(Struct, frozen=True, kw_only=True):
    """One block of a rotation, or of a jingle block."""

    order: int = 0
    block: Block = "playlist"
    start_sec: int = 0  # of the hour, for a clock
    length: int = 0  # seconds of a clock's slot; minutes of a `wait`
    timing: Timing = "soft"
    playlist: int | None = None
    track: int | None = None
    jingle: int | None = None
    jingle_after: int | None = None  # the second slice of a sandwich
    category: int | None = None
    dj: int | None = None  # of a relay
    count: int = 0  # tracks; 0: the whole playlist
    weight: int = 1
    until: str = ""  # of a `wait`: "HH:MM" or ":MM"
    filters: TrackFilter = TrackFilter()


class Rotation(Struct, frozen=True, kw_only=True):
    """Playlists and blocks in turn."""

    id: int
    station_id: int
    name: str
    type: str  # weighted, sequential, clock
    shuffled: bool
    fallback_playlist_id: int | None
    items: list[RotationItem]


class GridEvent(Struct, frozen=True, kw_only=True):
    """Something at a time: once on a date, or on days of some weeks of each month."""

    id: int
    station_id: int
    name: str
    periodicity: str  # onetime, periodic
    cast_type: CastType
    break_track: bool
    start_playlist_from_beginning: bool
    start_date: date | None  # of a onetime event
    start_time: time  # local to `timezone`, seconds count
    finish_date: date | None
    finish_time: time | None
    weekdays: frozenset[int]  # 0 is Monday
    weeks: frozenset[int]  # 1 to 4; the days 29 to 31 are week 4 when all four are there
    playlist_id: int | None
    playlist_after_id: int | None
    rotation_after_id: int | None
    dj_id: int | None
    rotation_id: int | None
    allow_jingles: bool
    allow_song_requests: bool
    allow_jingles_after: bool
    allow_song_requests_after: bool
    color: str
    color2: str
    timezone: str


class Jingle(Struct, frozen=True, kw_only=True):
    """A short sound between tracks, or over them."""

    id: int
    station_id: int
    category_id: int | None
    name: str
    path: str  # below the account's `jingles`
    length_ms: int
    size_bytes: int
    gain_db: float | None
    created_at: datetime


class JingleScheme(Struct, frozen=True, kw_only=True):
    """When jingles are played, and which."""

    id: int
    station_id: int
    name: str
    enabled: bool
    jingle_id: int | None
    category_id: int | None
    block_id: int | None
    every_tracks: int  # 0: not so
    every_minutes: int
    minutes: list[int]  # of each hour
    times: list[time]
    date_from: date | None
    date_to: date | None
    weekdays: frozenset[int]
    interrupt: bool
    mix_level: int  # percent of the music's volume below the jingle; 0: it waits for the track's end
    random_from_category: bool
    no_repeat: bool


class JingleBlock(Struct, frozen=True, kw_only=True):
    """Several things in a row, played as one jingle."""

    id: int
    station_id: int
    name: str
    items: list[RotationItem]


class Queued(Struct, frozen=True, kw_only=True):
    """A track that its owner wants before the programme."""

    id: int
    station_id: int
    track_id: int
    immediately: bool
    added_at: datetime


class TrackRequest(Struct, frozen=True, kw_only=True):
    """A track that a listener wants."""

    id: int
    station_id: int
    track_id: int
    at: datetime
    played_at: datetime | None
    person: str
    message: str
    address: str
    moderated: bool  # accepted; only these are played


class Playlist(Struct, frozen=True, kw_only=True):
    """An ordered list of tracks. The default one holds all of its station."""

    id: int
    station_id: int
    name: str
    is_default: bool
    is_random: bool
    directory_name: str
    current_order: int  # where it goes on, when it is not random
    created_at: datetime
    tracks_num: int = 0
    duration_ms: int = 0


class Programme(Struct, frozen=True, kw_only=True):
    """All that decides what a station plays next, but for its tracks."""

    station_id: int
    playlists: list[Playlist]
    entries: dict[int, list[int]]  # playlist -> tracks, in order
    rotations: list[Rotation]
    grid: list[GridEvent]
    jingles: list[Jingle]
    schemes: list[JingleScheme]
    blocks: list[JingleBlock]
