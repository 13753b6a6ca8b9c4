"""The catalogue's words: libraries, titles, files, and who looks at them."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from polycast.core.media import Probed


class Kind(StrEnum):
    """What an item is."""

    MOVIE = "movie"
    SHOW = "show"
    SEASON = "season"
    EPISODE = "episode"


class LibraryType(StrEnum):
    """What a library holds; decides how its names are read."""

    MOVIE = "movie"
    TV = "tv"
    PODCAST = "podcast"
    MIXED = "mixed"
    ANIME = "anime"
    HOME_VIDEO = "home_video"
    MUSIC = "music"


class ScanStatus(StrEnum):
    """What a library is doing."""

    IDLE = "idle"
    QUEUED = "queued"
    SCANNING = "scanning"
    ERROR = "error"


class ScanMode(StrEnum):
    """How thoroughly a scan looks."""

    QUICK = "quick"  # folders that changed
    FULL = "full"  # every file's size and time
    REFRESH_METADATA = "refresh_metadata"
    REPROBE = "reprobe"


class MatchStatus(StrEnum):
    """Whether an item is known to be what it is."""

    PENDING = "pending"
    MATCHED = "matched"
    PENDING_RETRY = "pending_retry"  # the provider did not answer
    UNMATCHED = "unmatched"  # a person is needed
    MANUAL = "manual"  # a person has chosen


MAIN: Final = "main"  # the role of a file that is the title itself, no extra


class Viewer(Struct, frozen=True, kw_only=True):
    """Who looks, as the stores' one visibility rule needs it. Made by `ViewerStore.of` inside the unit."""

    user_id: int | None
    profile_id: int | None = None  # a managed profile
    library_ids: tuple[int, ...] = ()  # what may be seen at all
    max_age: int | None = None
    block_unrated: bool = False
    is_manager: bool = False  # sees paths and what is not available

    @property
    def key(self) -> tuple[int, int]:
        """Whose progress counts: (user, profile or 0)."""
        return (self.user_id or 0, self.profile_id or 0)


class Library(Struct, frozen=True, kw_only=True):
    """A library and its folders."""

    id: int
    nanoid: str
    name: str
    type: LibraryType
    paths: list[str]
    enabled: bool
    language: str
    country: str
    scan_interval_minutes: int | None
    watch_enabled: bool
    prefer_local: bool
    trickplay: str
    detect_intros: bool
    item_count: int
    scan_status: ScanStatus
    scan_error: str
    last_scanned_at: datetime | None
    created_at: datetime
    updated_at: datetime


class MediaFile(Struct, frozen=True, kw_only=True):
    """One file of a library. `probed` is None until it was looked into, and when that failed."""

    id: int
    nanoid: str
    library_id: int
    item_id: int | None  # what it is of; of several episodes the first
    path: Path
    role: str  # "main", or the kind of an extra
    title: str
    size_bytes: int
    mtime_ns: int
    inode: int
    device: int
    fingerprint: str
    movie_hash: str
    is_available: bool
    missing_since: datetime | None
    probe_status: str  # pending, ok, failed
    probe_error: str
    probed: Probed | None
    duration_ms: int
    bitrate: int
    container: str
    video_codec: str
    audio_codec: str
    audio_channels: int
    width: int
    height: int
    resolution: str
    hdr: str
    edition: str
    part_index: int
    part_count: int
    added_at: datetime


class Item(Struct, frozen=True, kw_only=True):
    """A film, show, season or episode."""

    id: int
    nanoid: str
    uuid: str
    library_id: int
    kind: Kind
    parent_id: int | None
    top_id: int | None
    title: str
    title_key: str
    original_title: str
    original_language: str
    year: int | None
    released: date | None
    overview: str
    tagline: str
    runtime: int | None
    content_rating: str
    min_age: int | None
    season_number: int | None
    episode_number: int | None
    end_number: int | None
    absolute_number: int | None
    status: str
    ordering: str
    last_aired: date | None
    match_status: MatchStatus
    match_confidence: int
    tmdb: int | None
    imdb: str | None
    tvdb: int | None
    collection_tmdb: int | None
    collection_name: str
    rating: int | None
    popularity: int
    locked: list[str]
    images: dict[str, str]
    extra: dict[str, Any]
    is_available: bool
    is_shell: bool
    episode_count: int
    available_count: int
    height: int
    resolution: str
    hdr: str
    video_codec: str
    audio_codec: str
    audio_channels: int
    container: str
    file_size: int
    bitrate: int
    duration_ms: int
    added_at: datetime
    updated_at: datetime


class PlayableFile(Struct, frozen=True, kw_only=True):
    """A file that the caller may play now, with what it is of. Multi-part titles have their later parts in `parts`."""

    file: MediaFile
    item: Item
    show: Item | None  # of an episode
    library: Library
    parts: tuple[MediaFile, ...] = ()  # all parts in order; empty for a whole file
    versions: tuple[MediaFile, ...] = ()  # every file that is there of the same title, the best first

    @property
    def path(self) -> Path:
        return self.file.path
