"""What is known of a title, from wherever: notes, tags in files, providers."""

from datetime import date
from typing import Final

from msgspec import Struct

from polycast.library.scanning.names import Ids


class Person(Struct, frozen=True, kw_only=True):
    """Somebody's part."""

    name: str
    kind: str = "cast"  # cast, crew
    character: str = ""
    job: str = ""
    department: str = ""
    position: int = 0
    tmdb: int | None = None
    image: str = ""  # where a provider has it


class Rated(Struct, frozen=True, kw_only=True):
    """A rating in its own scale."""

    source: str
    value: float
    scale: int = 10
    votes: int | None = None
    url: str = ""


class Picture(Struct, frozen=True, kw_only=True):
    """A picture that could be shown."""

    kind: str
    source: str  # local, embedded, tmdb, generated, upload
    origin: str  # a path, or a provider's address
    language: str = ""
    width: int = 0
    height: int = 0
    score: int = 0


class EpisodeFacts(Struct, frozen=True, kw_only=True):
    """An episode."""

    season: int
    number: int
    title: str = ""
    overview: str = ""
    aired: date | None = None
    runtime: int | None = None
    tmdb: int | None = None
    rating: float | None = None
    still: str = ""
    absolute: int | None = None


class SeasonFacts(Struct, frozen=True, kw_only=True):
    """A season."""

    number: int
    title: str = ""
    overview: str = ""
    aired: date | None = None
    poster: str = ""
    episodes: tuple[EpisodeFacts, ...] = ()


class Facts(Struct, frozen=True, kw_only=True):
    """Everything known of a film or show. None and "" say nothing."""

    ids: Ids = Ids()
    title: str = ""
    sort_title: str = ""
    original_title: str = ""
    original_language: str = ""
    year: int | None = None
    released: date | None = None
    last_aired: date | None = None
    overview: str = ""
    tagline: str = ""
    runtime: int | None = None
    content_rating: str = ""
    min_age: int | None = None
    status: str = ""
    genres: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    studios: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    collection_tmdb: int | None = None
    collection_name: str = ""
    rating: float | None = None  # 0-10
    popularity: float | None = None
    ratings: tuple[Rated, ...] = ()
    people: tuple[Person, ...] = ()
    pictures: tuple[Picture, ...] = ()
    aliases: tuple[str, ...] = ()
    seasons: tuple[SeasonFacts, ...] = ()
    locked: tuple[str, ...] = ()


FIELDS: Final = {  # as clients name what may be locked -> as it is stored
    "title": "title", "sortTitle": "title_key", "originalTitle": "original_title", "year": "year", "overview": "overview",
    "tagline": "tagline", "runtime": "runtime", "contentRating": "content_rating", "releaseDate": "released",
    "genres": "genre", "keywords": "keyword", "studios": "studio", "networks": "network", "countries": "country",
    "status": "status", "credits": "credits", "images": "images", "ratings": "ratings",
}  # fmt: skip
