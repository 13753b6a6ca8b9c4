"""What a name says."""

from datetime import date
from enum import StrEnum

from msgspec import Struct


class NameKind(StrEnum):
    """What the name is of."""

    MOVIE = "movie"
    EPISODE = "episode"
    EXTRA = "extra"
    UNKNOWN = "unknown"


class Ids(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Names of a title elsewhere."""

    tmdb: int | None = None
    imdb: str | None = None
    tvdb: int | None = None

    def __bool__(self) -> bool:
        return self.tmdb is not None or self.imdb is not None or self.tvdb is not None

    def over(self, other: "Ids") -> "Ids":
        """These, and of the other what these lack."""
        return Ids(
            tmdb=self.tmdb if self.tmdb is not None else other.tmdb,
            imdb=self.imdb or other.imdb,
            tvdb=self.tvdb if self.tvdb is not None else other.tvdb,
        )


class Named(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was read. `title` is the film's or show's."""

    kind: NameKind
    title: str
    year: int | None = None
    ids: Ids = Ids()
    season: int | None = None
    episode: int | None = None
    end: int | None = None  # last episode of several
    absolute: int | None = None
    air_date: date | None = None
    episode_title: str = ""
    edition: str = ""
    part: int | None = None
    extra: str = ""  # kind of an extra
    three_d: str = ""
    is_special: bool = False
    group: str = ""  # what versions of one title share: the folder's name
