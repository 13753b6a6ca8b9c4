"""The query parameters of lists of titles."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from polycast.library.catalogue.query import Sort, TitleQuery
from polycast.library.dialects.v1.wire import Paged, words_of

Short = Annotated[str, Meta(max_length=200)]
Year = Annotated[int, Meta(ge=1800, le=2200)]
TitleSort = Literal[
    "title", "year", "releaseDate", "addedAt", "rating", "runtime", "lastPlayedAt", "random", "fileSize", "bitrate"
]
RatingSource = Literal["imdb", "tmdb", "trakt", "metacritic", "letterboxd", "rt_critics", "rt_audience"]
DESCENDING = frozenset({"addedAt", "rating", "lastPlayedAt"})


class TitlesAsked(Paged, frozen=True, kw_only=True):
    """Filters and order of `GET /v1/movies` and `/v1/shows`."""

    library_id: Short | None = None
    genre: list[Short] = []
    keyword: list[Short] = []
    studio: list[Short] = []
    country: list[Short] = []
    network: list[Short] = []
    year: Year | None = None
    year_from: Year | None = None
    year_to: Year | None = None
    decade: Annotated[int, Meta(ge=1800, le=2200)] | None = None
    content_rating: list[Short] = []
    min_rating: Annotated[float, Meta(ge=0, le=100)] | None = None
    rating_source: RatingSource | None = None
    resolution: list[Short] = []
    hdr: list[Short] = []
    video_codec: list[Short] = []
    audio_codec: list[Short] = []
    language: Short | None = None
    person_id: Short | None = None
    collection_id: Short | None = None
    watched: bool | None = None
    in_progress: bool | None = None
    unmatched: bool | None = None
    added_after: datetime | None = None
    starts_with: Short = ""
    search: Short = ""
    sort: TitleSort = "title"
    order: Literal["asc", "desc"] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**31)] = 0

    def wanted(self, kind: str) -> TitleQuery:
        """As the catalogue is asked."""
        first, last = self.year_from, self.year_to
        if self.year is not None:
            first = last = self.year
        if self.decade is not None:
            first, last = self.decade // 10 * 10, self.decade // 10 * 10 + 9
        return TitleQuery(
            kinds=(kind,),
            library=self.library_id,
            genres=words_of(self.genre),
            keywords=words_of(self.keyword),
            studios=words_of(self.studio),
            countries=words_of(self.country),
            networks=words_of(self.network),
            year_from=first,
            year_to=last,
            content_ratings=words_of(self.content_rating),
            min_rating=self.min_rating,
            rating_source=self.rating_source,
            resolutions=words_of(self.resolution),
            hdr=words_of(self.hdr),
            video_codecs=words_of(self.video_codec),
            audio_codecs=words_of(self.audio_codec),
            language=self.language,
            person=self.person_id,
            collection=self.collection_id,
            watched=self.watched,
            in_progress=self.in_progress,
            unmatched=self.unmatched,
            added_after=self.added_after,
            starts_with=self.starts_with,
            search=self.search,
            sort=Sort(self.sort),
            descending=self.order == "desc" if self.order else self.sort in DESCENDING,
            seed=self.seed,
        )
