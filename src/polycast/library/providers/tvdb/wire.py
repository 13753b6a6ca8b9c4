"""What TheTVDB answers, as much of it as we read. Source: thetvdb.github.io/v4-api."""

from typing import Generic, TypeVar

from msgspec import Struct, field

T = TypeVar("T")


class Links(Struct, kw_only=True):
    """Where the neighbours of a page are."""

    next: str | None = None


class Envelope(Struct, Generic[T], kw_only=True):
    """Around every answer."""

    data: T | None = None
    links: Links = field(default_factory=Links)


class Token(Struct, kw_only=True):
    """Of a login; good for about a month."""

    token: str


class Found(Struct, kw_only=True):
    """A result of a search."""

    tvdb_id: str = ""
    name: str = ""
    year: str | None = None
    type: str = ""
    overview: str | None = None
    image_url: str | None = None
    aliases: list[str] | None = None
    translations: dict[str, str] | None = None
    overviews: dict[str, str] | None = None


class Numbered(Struct, kw_only=True):
    """Something that is only pointed at."""

    id: int


class ByOther(Struct, kw_only=True):
    """A result of a search by somebody else's id."""

    series: Numbered | None = None
    movie: Numbered | None = None


class Named(Struct, kw_only=True):
    """A genre, company, status."""

    name: str | None = ""


class RemoteId(Struct, kw_only=True, rename="camel"):
    """A name elsewhere."""

    id: str = ""
    source_name: str | None = ""


class Artwork(Struct, kw_only=True):
    """A picture. `type` is one of /artwork/types."""

    image: str | None = ""
    type: int = 0
    language: str | None = None
    width: int | None = 0
    height: int | None = 0
    score: float | None = 0


class Character(Struct, kw_only=True, rename="camel"):
    """Somebody's part."""

    name: str | None = ""
    person_name: str | None = ""
    people_type: str | None = ""
    person_img_url: str | None = field(default="", name="personImgURL")
    sort: int | None = 0


class Rating(Struct, kw_only=True):
    """A content rating in one country."""

    name: str = ""
    country: str = ""


class NameIn(Struct, kw_only=True, rename="camel"):
    """A title in one language."""

    name: str | None = ""
    language: str = ""
    is_alias: bool | None = False


class OverviewIn(Struct, kw_only=True):
    """A description in one language."""

    overview: str | None = ""
    language: str = ""
    tagline: str | None = ""


class Translations(Struct, kw_only=True, rename="camel"):
    """In all languages."""

    name_translations: list[NameIn] | None = None
    overview_translations: list[OverviewIn] | None = None


class Companies(Struct, kw_only=True):
    """Of a film, by what they did."""

    studio: list[Named] | None = None
    production: list[Named] | None = None


class SeasonType(Struct, kw_only=True):
    """An order of episodes."""

    type: str = ""


class Season(Struct, kw_only=True):
    """A season in one of the orders."""

    number: int = 0
    name: str | None = ""
    image: str | None = ""
    type: SeasonType = field(default_factory=SeasonType)


class Release(Struct, kw_only=True):
    """The day a film came out somewhere."""

    date: str | None = ""


class Extended(Struct, kw_only=True, rename="camel"):
    """A series, or a film."""

    id: int
    name: str | None = ""
    year: str | None = None
    overview: str | None = ""
    original_language: str | None = ""
    original_country: str | None = ""
    first_aired: str | None = None
    last_aired: str | None = None
    first_release: Release | None = field(default=None, name="first_release")
    average_runtime: int | None = None
    runtime: int | None = None
    score: float | None = 0
    status: Named | None = None
    genres: list[Named] | None = None
    content_ratings: list[Rating] | None = None
    characters: list[Character] | None = None
    artworks: list[Artwork] | None = None
    remote_ids: list[RemoteId] | None = None
    translations: Translations | None = None
    seasons: list[Season] | None = None
    original_network: Named | None = None
    studios: list[Named] | None = None
    companies: Companies | list[Named] | None = None  # of a film an object; of a series a list


class Episode(Struct, kw_only=True, rename="camel"):
    """An episode in one of the orders."""

    id: int
    season_number: int = 0
    number: int = 0
    absolute_number: int | None = None
    name: str | None = ""
    overview: str | None = ""
    aired: str | None = None
    runtime: int | None = None
    image: str | None = ""


class EpisodePage(Struct, kw_only=True):
    """Some episodes."""

    episodes: list[Episode] | None = None
