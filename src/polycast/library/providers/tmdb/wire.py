"""What TMDB answers, as much of it as we read. Source: developer.themoviedb.org, v3."""

from msgspec import Struct, field


class Found(Struct, kw_only=True):
    """A result of a search: a film or a show."""

    id: int
    title: str = ""
    name: str = ""
    original_title: str = ""
    original_name: str = ""
    release_date: str | None = ""
    first_air_date: str | None = ""
    overview: str | None = ""
    poster_path: str | None = None
    popularity: float = 0.0
    vote_average: float = 0.0
    vote_count: int = 0
    media_type: str = ""
    genre_ids: list[int] = []


class FoundPage(Struct, kw_only=True):
    """A page of results."""

    results: list[Found] = []
    page: int = 1
    total_pages: int = 1


class Named(Struct, kw_only=True):
    """A genre, keyword, company."""

    id: int = 0
    name: str = ""


class Country(Struct, kw_only=True):
    """A country."""

    iso_3166_1: str = ""


class Somebody(Struct, kw_only=True):
    """Cast or crew."""

    id: int
    name: str = ""
    character: str | None = ""
    job: str | None = ""
    department: str | None = ""
    order: int = 999
    profile_path: str | None = None
    roles: list["Part"] = []
    jobs: list["Part"] = []


class Part(Struct, kw_only=True):
    """A role or job over a whole show."""

    character: str = ""
    job: str = ""


class Credits(Struct, kw_only=True):
    """Who made it."""

    cast: list[Somebody] = []
    crew: list[Somebody] = []


class ExternalIds(Struct, kw_only=True):
    """Names elsewhere."""

    imdb_id: str | None = None
    tvdb_id: int | None = None


class Release(Struct, kw_only=True):
    """A release in a country."""

    certification: str = ""


class Releases(Struct, kw_only=True):
    """Releases in one country."""

    iso_3166_1: str = ""
    release_dates: list[Release] = []
    rating: str = ""


class ReleaseList(Struct, kw_only=True):
    """Releases, or content ratings, by country."""

    results: list[Releases] = []


class Image(Struct, kw_only=True):
    """A picture."""

    file_path: str
    width: int = 0
    height: int = 0
    iso_639_1: str | None = None
    vote_average: float = 0.0


class Images(Struct, kw_only=True):
    """Pictures by kind."""

    posters: list[Image] = []
    backdrops: list[Image] = []
    logos: list[Image] = []


class Keywords(Struct, kw_only=True):
    """Keywords: of films under one name, of shows under the other."""

    keywords: list[Named] = []
    results: list[Named] = []


class Belongs(Struct, kw_only=True):
    """A franchise."""

    id: int
    name: str = ""


class Translation(Struct, kw_only=True):
    """A title in another language."""

    title: str = ""
    name: str = ""
    overview: str = ""


class Translated(Struct, kw_only=True):
    """A translation."""

    iso_639_1: str = ""
    data: Translation = field(default_factory=Translation)


class Translations(Struct, kw_only=True):
    """All of them."""

    translations: list[Translated] = []


class Episode(Struct, kw_only=True):
    """An episode."""

    id: int = 0
    season_number: int = 0
    episode_number: int = 0
    name: str | None = ""
    overview: str | None = ""
    air_date: str | None = ""
    runtime: int | None = None
    still_path: str | None = None
    vote_average: float = 0.0


class Season(Struct, kw_only=True):
    """A season; its episodes only when it was asked for by itself."""

    season_number: int = 0
    name: str | None = ""
    overview: str | None = ""
    air_date: str | None = ""
    poster_path: str | None = None
    episode_count: int = 0
    episodes: list[Episode] = []


class Details(Struct, kw_only=True):
    """A film or a show with all that rides along."""

    id: int
    title: str = ""
    name: str = ""
    original_title: str = ""
    original_name: str = ""
    original_language: str = ""
    release_date: str | None = ""
    first_air_date: str | None = ""
    last_air_date: str | None = ""
    overview: str | None = ""
    tagline: str | None = ""
    runtime: int | None = None
    episode_run_time: list[int] = []
    status: str = ""
    genres: list[Named] = []
    production_companies: list[Named] = []
    production_countries: list[Country] = []
    networks: list[Named] = []
    belongs_to_collection: Belongs | None = None
    imdb_id: str | None = None
    popularity: float = 0.0
    vote_average: float = 0.0
    vote_count: int = 0
    poster_path: str | None = None
    backdrop_path: str | None = None
    credits: Credits = field(default_factory=Credits)
    aggregate_credits: Credits = field(default_factory=Credits)
    external_ids: ExternalIds = field(default_factory=ExternalIds)
    release_dates: ReleaseList = field(default_factory=ReleaseList)
    content_ratings: ReleaseList = field(default_factory=ReleaseList)
    images: Images = field(default_factory=Images)
    keywords: Keywords = field(default_factory=Keywords)
    translations: Translations = field(default_factory=Translations)
    seasons: list[Season] = []


class ByOtherId(Struct, kw_only=True):
    """What another provider's id means."""

    movie_results: list[Found] = []
    tv_results: list[Found] = []
