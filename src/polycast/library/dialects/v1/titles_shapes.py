"""The shapes of titles in this API."""

from typing import Any

from polycast.library.dialects.v1.wire import Out

IMAGES = "/api/images"
SPATIAL = (("atmos", "Atmos"), ("dts:x", "DTS:X"), ("dtsx", "DTS:X"))


class ExternalIds(Out, frozen=True, kw_only=True):
    """Names of the title elsewhere."""

    tmdb: int | None = None
    imdb: str | None = None
    tvdb: int | None = None


class Rating(Out, frozen=True, kw_only=True):
    """What somebody thinks of it."""

    source: str
    value: float
    scale: int
    votes: int | None = None
    url: str | None = None


class UserState(Out, frozen=True, kw_only=True):
    """What the caller has seen of it. Positions in seconds."""

    watched: bool
    position: float
    percent: float
    play_count: int
    last_played_at: str | None
    in_watchlist: bool


class FileOut(Out, frozen=True, kw_only=True):
    """A version."""

    id: str
    edition: str | None
    resolution: str | None
    hdr_format: str | None
    video_codec: str | None
    audio_codec: str | None
    audio_channels: int | None
    container: str | None
    size: int
    duration: float | None
    bitrate: int | None
    parts: int


class Named(Out, frozen=True, kw_only=True):
    """A studio."""

    id: str
    name: str


class CollectionRef(Out, frozen=True, kw_only=True):
    """The franchise a film belongs to."""

    tmdb_id: int | None
    name: str | None


class Movie(Out, frozen=True, kw_only=True):
    """A film."""

    id: str
    library_id: str
    media_type: str = "movie"
    title: str
    sort_title: str
    original_title: str | None
    original_language: str | None
    year: int | None
    release_date: str | None
    overview: str | None
    tagline: str | None
    runtime: int | None
    content_rating: str | None
    min_age: int | None
    genres: list[str]
    studios: list[Named]
    countries: list[str]
    keywords: list[str]
    external_ids: ExternalIds
    ratings: list[Rating]
    images: dict[str, Any]
    match_status: str
    match_confidence: float
    locked_fields: list[str]
    is_shell: bool
    collection: CollectionRef
    added_at: str
    updated_at: str
    user_state: UserState
    files: list[FileOut]
    badges: list[str]


class NextEpisode(Out, frozen=True, kw_only=True):
    """Where to go on."""

    id: str
    season_number: int | None
    episode_number: int | None
    title: str
    position: float


class ShowState(Out, frozen=True, kw_only=True):
    """What the caller has seen of a show."""

    watched_episodes: int
    unwatched_episodes: int
    watched: bool
    in_watchlist: bool
    next_episode: NextEpisode | None = None


class Show(Out, frozen=True, kw_only=True):
    """A show."""

    id: str
    library_id: str
    media_type: str = "show"
    title: str
    sort_title: str
    original_title: str | None
    original_language: str | None
    year: int | None
    status: str | None
    overview: str | None
    first_air_date: str | None
    last_air_date: str | None
    runtime: int | None
    season_count: int
    episode_count: int
    available_episode_count: int
    networks: list[str]
    genres: list[str]
    keywords: list[str]
    content_rating: str | None
    min_age: int | None
    external_ids: ExternalIds
    images: dict[str, Any]
    ratings: list[Rating]
    episode_ordering: str
    match_status: str
    match_confidence: float
    locked_fields: list[str]
    is_shell: bool
    added_at: str
    updated_at: str
    user_state: ShowState
    badges: list[str]


class SeasonState(Out, frozen=True, kw_only=True):
    """What the caller has seen of a season."""

    watched_episodes: int
    watched: bool


class Season(Out, frozen=True, kw_only=True):
    """A season."""

    id: str
    show_id: str
    media_type: str = "season"
    season_number: int
    title: str
    overview: str | None
    air_date: str | None
    episode_count: int
    available_episode_count: int
    images: dict[str, Any]
    user_state: SeasonState


class Segment(Out, frozen=True, kw_only=True):
    """An intro, credits."""

    type: str
    start: float
    end: float
    source: str
    confidence: int


class Episode(Out, frozen=True, kw_only=True):
    """An episode."""

    id: str
    library_id: str
    show_id: str
    show_title: str
    media_type: str = "episode"
    season_number: int
    episode_number: int
    end_episode_number: int | None
    absolute_number: int | None
    title: str
    overview: str | None
    air_date: str | None
    runtime: int | None
    images: dict[str, Any]
    external_ids: ExternalIds
    ratings: list[Rating]
    files: list[FileOut]
    segments: list[Segment]
    missing: bool
    added_at: str
    user_state: UserState


class Card(Out, frozen=True, kw_only=True):
    """A title in rows and lists of mixed kinds."""

    id: str
    media_type: str
    title: str
    year: int | None
    images: dict[str, Any]
    library_id: str
    content_rating: str | None
    runtime: int | None
    added_at: str
    show_id: str | None = None
    show_title: str | None = None
    season_number: int | None = None
    episode_number: int | None = None
    user_state: UserState


class PersonRef(Out, frozen=True, kw_only=True):
    """Somebody."""

    id: str
    name: str
    image: str | None


class Cast(Out, frozen=True, kw_only=True):
    """A part played."""

    person: PersonRef
    character: str
    order: int


class Crew(Out, frozen=True, kw_only=True):
    """A job done."""

    person: PersonRef
    job: str
    department: str


class Credits(Out, frozen=True, kw_only=True):
    """Who made it."""

    cast: list[Cast]
    crew: list[Crew]
