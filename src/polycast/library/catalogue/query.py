"""What a list of titles may be narrowed and sorted by."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Sort(StrEnum):
    """The orders that lists offer."""

    TITLE = "title"
    YEAR = "year"
    RELEASE_DATE = "releaseDate"
    ADDED_AT = "addedAt"
    RATING = "rating"
    RUNTIME = "runtime"
    LAST_PLAYED_AT = "lastPlayedAt"
    RANDOM = "random"
    FILE_SIZE = "fileSize"
    BITRATE = "bitrate"


class TitleQuery(Struct, frozen=True, kw_only=True):
    """Which titles, in which order. Empty means any."""

    kinds: tuple[str, ...]
    library: str | None = None  # nanoid
    genres: tuple[str, ...] = ()  # any of them
    keywords: tuple[str, ...] = ()
    studios: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    content_ratings: tuple[str, ...] = ()
    min_rating: float | None = None
    rating_source: str | None = None
    resolutions: tuple[str, ...] = ()
    hdr: tuple[str, ...] = ()
    video_codecs: tuple[str, ...] = ()
    audio_codecs: tuple[str, ...] = ()
    language: str | None = None
    person: str | None = None  # nanoid
    collection: str | None = None  # nanoid
    watched: bool | None = None
    in_progress: bool | None = None
    favorite: bool | None = None
    unmatched: bool | None = None
    added_after: datetime | None = None
    starts_with: str = ""
    search: str = ""
    with_missing: bool = False
    top_id: int | None = None
    ids: tuple[int, ...] | None = None
    sort: Sort = Sort.TITLE
    descending: bool = False
    seed: int = 0


class Position(Struct, frozen=True, array_like=True):
    """Where a page ended: the sort value of its last row and its key."""

    value: int | str
    id: int
