"""Asking TMDB: twenty questions a second at most, answers remembered, the key never shown."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final, TypeVar

import msgspec

from polycast.core.clock import Clock
from polycast.core.net import Outbound
from polycast.library.metadata.ages import min_age
from polycast.library.metadata.model import EpisodeFacts, Facts, Person, Picture, Rated, SeasonFacts
from polycast.library.metadata.scoring import Candidate
from polycast.library.providers.asking import DETAILS, SEARCH, TREND, Asker, NoKey
from polycast.library.providers.tmdb import wire
from polycast.library.scanning.names import Ids

T = TypeVar("T")
BASE: Final = "https://api.themoviedb.org/3"
MOVIE_PARTS: Final = "credits,external_ids,release_dates,images,keywords,translations"
SHOW_PARTS: Final = "aggregate_credits,external_ids,content_ratings,images,keywords,translations"
SEASONS_AT_ONCE: Final = 14  # with the six parts above: twenty ride along at most
BETWEEN: Final = timedelta(milliseconds=50)
MOST_CAST: Final = 30
JOBS: Final = frozenset({"Director", "Writer", "Screenplay", "Creator", "Producer", "Original Music Composer", "Novel"})


class Tmdb:
    """A client. `key` is asked each time, so that a new one counts at once."""

    name: Final = "tmdb"

    def __init__(
        self, *, out: Callable[[], Outbound], key: Callable[[], str], base: Callable[[], str], clock: Clock
    ) -> None:
        self._asker = Asker("TMDB", out=out, clock=clock, between=BETWEEN)
        self._key = key
        self._base = base

    @property
    def has_key(self) -> bool:
        return bool(self._key())

    async def offers(self, kind: str, title: str, year: int | None, *, language: str) -> list[Candidate]:
        """Films or shows of that name. Raises: Unavailable; Busy."""
        params = {"query": title, "language": language, "include_adult": "false"}
        if year is not None:
            params["year" if kind == "movie" else "first_air_date_year"] = str(year)
        word = "movie" if kind == "movie" else "tv"
        found = await self._ask(f"/search/{word}", params, wire.FoundPage, SEARCH)
        return [_candidate(one) for one in found.results]

    async def by_ids(self, kind: str, ids: Ids, *, language: str) -> int | None:
        """TMDB's id for its own or another provider's. Raises: Unavailable; Busy."""
        if ids.tmdb is not None:
            return ids.tmdb
        for value, source in ((ids.imdb, "imdb_id"), (ids.tvdb, "tvdb_id")):
            if value is None:
                continue
            params = {"external_source": source, "language": language}
            found = await self._ask(f"/find/{value}", params, wire.ByOtherId, DETAILS)
            results = found.movie_results if kind == "movie" else found.tv_results
            if results:
                return results[0].id
        return None

    async def details(self, kind: str, key: int, *, language: str, country: str) -> Facts:
        """Everything of a film, or of a show with its seasons. Raises: NotFound; Unavailable."""
        if kind == "movie":
            params = {
                "append_to_response": MOVIE_PARTS,
                "language": language,
                "include_image_language": _images(language),
            }
            return facts_of(await self._ask(f"/movie/{key}", params, wire.Details, DETAILS), (), country, language)
        params = {"append_to_response": SHOW_PARTS, "language": language, "include_image_language": _images(language)}
        found = await self._ask(f"/tv/{key}", params, wire.Details, DETAILS)
        numbers = [one.season_number for one in found.seasons][:60]
        seasons: list[wire.Season] = []
        for start in range(0, len(numbers), SEASONS_AT_ONCE):
            some = numbers[start : start + SEASONS_AT_ONCE]
            told = {"append_to_response": ",".join(f"season/{number}" for number in some), "language": language}
            answer = await self._ask(f"/tv/{key}", told, dict[str, Any], DETAILS)
            seasons += _seasons(answer, some)
        return facts_of(found, seasons, country, language)

    async def listed(self, path: str, *, page: int, language: str, **params: str) -> wire.FoundPage:
        """A list: `/trending/all/week`, `/movie/popular`. Raises: Unavailable."""
        return await self._ask(path, {"page": str(page), "language": language, **params}, wire.FoundPage, TREND)

    async def check(self) -> str:
        """Whether the key is good. Raises: Unavailable."""
        await self._ask("/configuration", {}, dict[str, Any], timedelta())
        return "The key is good."

    async def _ask(self, path: str, params: Mapping[str, str], kind: type[T], life: timedelta) -> T:
        key = self._key()
        if not key:
            raise NoKey("There is no key for TMDB.")
        is_token = len(key) > 40  # a read token of v4; a key of v3 has 32 digits
        headers = {"Authorization": f"Bearer {key}"} if is_token else {}
        secret = {} if is_token else {"api_key": key}
        return await self._asker.get(
            self._base() + path, kind, params=params, headers=headers, secret=secret, life=life
        )


def _candidate(one: wire.Found) -> Candidate:
    released = _day(one.release_date or one.first_air_date)
    return Candidate(
        id=one.id, title=one.title or one.name, original_title=one.original_title or one.original_name,
        year=released.year if released else None, popularity=one.popularity, overview=one.overview or "",
        poster=one.poster_path or "",
    )  # fmt: skip


def facts_of(one: wire.Details, seasons: Any, country: str, language: str) -> Facts:
    """A film or show as we keep it."""
    is_show = bool(one.name)
    released = _day(one.first_air_date if is_show else one.release_date)
    rating = _certification(one, country)
    rated = (Rated(source="tmdb", value=one.vote_average, votes=one.vote_count),) if one.vote_count else ()
    overview = one.overview or _translated(one, "en")
    runtime = one.runtime or (one.episode_run_time[0] if one.episode_run_time else None)
    return Facts(
        ids=Ids(tmdb=one.id, imdb=one.imdb_id or one.external_ids.imdb_id or None, tvdb=one.external_ids.tvdb_id),
        title=one.name if is_show else one.title,
        original_title=one.original_name if is_show else one.original_title,
        original_language=one.original_language,
        year=released.year if released else None,
        released=released,
        last_aired=_day(one.last_air_date),
        overview=overview,
        tagline=one.tagline or "",
        runtime=runtime or None,
        content_rating=rating,
        min_age=min_age(rating) if rating else None,
        status=one.status if is_show else "",
        genres=tuple(genre.name for genre in one.genres),
        keywords=tuple(word.name for word in [*one.keywords.keywords, *one.keywords.results])[:50],
        studios=tuple(company.name for company in one.production_companies)[:10],
        networks=tuple(network.name for network in one.networks)[:10],
        countries=tuple(land.iso_3166_1 for land in one.production_countries)[:10],
        collection_tmdb=one.belongs_to_collection.id if one.belongs_to_collection else None,
        collection_name=one.belongs_to_collection.name if one.belongs_to_collection else "",
        rating=one.vote_average or None,
        popularity=one.popularity,
        ratings=rated,
        people=_people(one),
        pictures=_pictures(one, language),
        aliases=tuple(
            dict.fromkeys(
                t.data.title or t.data.name for t in one.translations.translations if t.data.title or t.data.name
            )
        )[:30],
        seasons=tuple(_season(season) for season in seasons),
    )


def _season(one: wire.Season) -> SeasonFacts:
    return SeasonFacts(
        number=one.season_number,
        title=one.name or "",
        overview=one.overview or "",
        aired=_day(one.air_date),
        poster=one.poster_path or "",
        episodes=tuple(
            EpisodeFacts(
                season=one.season_number,
                number=e.episode_number,
                title=e.name or "",
                overview=e.overview or "",
                aired=_day(e.air_date),
                runtime=e.runtime,
                tmdb=e.id,
                rating=e.vote_average or None,
                still=e.still_path or "",
            )
            for e in one.episodes
        ),
    )


def _seasons(answer: Mapping[str, Any], numbers: list[int]) -> list[wire.Season]:
    told = [answer.get(f"season/{number}") for number in numbers]
    return [msgspec.convert(one, wire.Season) for one in told if isinstance(one, dict)]


def _people(one: wire.Details) -> tuple[Person, ...]:
    credits_ = one.aggregate_credits if one.aggregate_credits.cast or one.aggregate_credits.crew else one.credits
    cast = sorted(credits_.cast, key=lambda who: who.order)[:MOST_CAST]
    found = [
        Person(name=who.name, character=who.character or (who.roles[0].character if who.roles else ""), position=place,
               tmdb=who.id, image="")
        for place, who in enumerate(cast)
        if who.name
    ]  # fmt: skip
    crew = [(who, who.job or (who.jobs[0].job if who.jobs else "")) for who in credits_.crew]
    found += [
        Person(name=who.name, kind="crew", job=job, department=who.department or "", position=place, tmdb=who.id)
        for place, (who, job) in enumerate((who, job) for who, job in crew if job in JOBS and who.name)
    ]
    return tuple(found[:60])


def _pictures(one: wire.Details, language: str) -> tuple[Picture, ...]:
    found: list[Picture] = []
    short = language.split("-", maxsplit=1)[0]
    for kind, some, wanted in (
        ("poster", one.images.posters, (short, "en", None)),
        ("backdrop", one.images.backdrops, (None, short, "en")),
        ("logo", one.images.logos, (short, "en", None)),
    ):
        for place, picture in enumerate(some[:20]):
            rank = wanted.index(picture.iso_639_1) if picture.iso_639_1 in wanted else 3
            found.append(
                Picture(kind=kind, source="tmdb", origin=picture.file_path, language=picture.iso_639_1 or "",
                        width=picture.width, height=picture.height, score=1000 - 200 * rank - place)
            )  # fmt: skip
    for kind, path in (("poster", one.poster_path), ("backdrop", one.backdrop_path)):
        if path and not any(picture.origin.endswith(path) for picture in found):
            found.append(Picture(kind=kind, source="tmdb", origin=path, score=900))
    return tuple(found)


def _certification(one: wire.Details, country: str) -> str:
    """The wanted country's; else the strictest that is known."""
    told: dict[str, str] = {}
    for land in [*one.release_dates.results, *one.content_ratings.results]:
        words = [release.certification for release in land.release_dates if release.certification] or [land.rating]
        if words and words[0]:
            told.setdefault(land.iso_3166_1, words[0])
    if country in told:
        return told[country]
    aged = {word: age for word in told.values() if (age := min_age(word)) is not None}
    return max(aged, key=lambda word: aged[word]) if aged else ""


def _translated(one: wire.Details, language: str) -> str:
    return next((t.data.overview for t in one.translations.translations if t.iso_639_1 == language), "")


def _images(language: str) -> str:
    short = language.split("-", maxsplit=1)[0]
    return f"{short},null" if short == "en" else f"{short},en,null"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
