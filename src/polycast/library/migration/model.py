"""What other servers tell, in our words."""

from datetime import datetime

from msgspec import Struct


class Server(Struct, frozen=True, kw_only=True):
    """Another server, as it names itself."""

    name: str
    version: str
    id: str


class ForeignLibrary(Struct, frozen=True, kw_only=True):
    """One of its libraries."""

    id: str
    name: str
    type: str  # movie, tv
    count: int


class ForeignUser(Struct, frozen=True, kw_only=True):
    """One of its users."""

    id: str
    name: str
    is_admin: bool


class Entry(Struct, frozen=True, kw_only=True):
    """A film or an episode, with what one user has seen of it."""

    kind: str  # movie, episode
    title: str
    year: int | None = None
    tmdb: int | None = None
    imdb: str | None = None
    tvdb: int | None = None
    show: str = ""
    show_tmdb: int | None = None
    show_imdb: str | None = None
    show_tvdb: int | None = None
    season: int | None = None
    episode: int | None = None
    path: str = ""
    watched: bool = False
    position_ms: int = 0
    duration_ms: int = 0
    plays: int = 0
    played_at: datetime | None = None
    is_favorite: bool = False


class ImportSource(Struct, frozen=True):
    """Payload of an import."""

    source_id: int
    workflow_id: int
    libraries: dict[str, int]  # theirs -> ours; 0 for whichever fits
    users: dict[str, int]  # theirs -> ours
    shells: bool = True
    conflict: str = "newest"


class Report(Struct, kw_only=True):
    """What became of everything."""

    entries: int = 0
    matched: int = 0
    written: int = 0
    kept: int = 0  # ours was newer
    shells: int = 0
    skipped: int = 0
