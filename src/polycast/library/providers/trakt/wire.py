"""What Trakt answers, as much of it as we read. Source: trakt.docs.apiary.io."""

from datetime import datetime
from typing import Any

from msgspec import Struct, field


class DeviceCode(Struct, kw_only=True):
    """What somebody types at Trakt so that we may act for them."""

    device_code: str
    user_code: str
    verification_url: str
    expires_in: int  # seconds
    interval: int = 5


class Tokens(Struct, kw_only=True):
    """How we act for somebody. `created_at` in seconds since 1970."""

    access_token: str
    refresh_token: str
    expires_in: int
    created_at: int = 0


class Who(Struct, kw_only=True):
    """Somebody."""

    username: str = ""


class UserSettings(Struct, kw_only=True):
    """Of whom we act for."""

    user: Who = field(default_factory=Who)


class Ids(Struct, kw_only=True):
    """Names of a title elsewhere."""

    tmdb: int | None = None
    imdb: str | None = None
    tvdb: int | None = None


class Title(Struct, kw_only=True):
    """A film or a show."""

    title: str | None = ""
    year: int | None = None
    ids: Ids = field(default_factory=Ids)


class WatchedEpisode(Struct, kw_only=True):
    """An episode somebody has seen."""

    number: int
    plays: int = 1
    last_watched_at: datetime | None = None


class WatchedSeason(Struct, kw_only=True):
    """Of a season."""

    number: int
    episodes: list[WatchedEpisode] = []


class Watched(Struct, kw_only=True):
    """A film or a show somebody has seen (some of)."""

    plays: int = 1
    last_watched_at: datetime | None = None
    movie: Title | None = None
    show: Title | None = None
    seasons: list[WatchedSeason] = []


class Scrobbled(Struct, kw_only=True):
    """What became of a scrobble: "start", "pause", "scrobble" (it counts as seen)."""

    action: str = ""


Activities = dict[str, Any]  # {"movies": {"watched_at": "..."}, "episodes": {...}, ...}
