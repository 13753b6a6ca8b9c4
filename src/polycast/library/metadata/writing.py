"""Bringing facts into titles, with respect for what people have locked."""

from datetime import date, timedelta
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.ids import Ids as NewIds
from polycast.core.storage import Unit, clean
from polycast.library.catalogue.model import Kind
from polycast.library.catalogue.store_items import EPOCH, days_of
from polycast.library.metadata.ages import min_age
from polycast.library.metadata.model import FIELDS, EpisodeFacts, Facts, SeasonFacts
from polycast.library.metadata.store import FactStore
from polycast.library.scanning.matching import MatchPhase, title_key

WORDS: Final = (("genre", "genres"), ("keyword", "keywords"), ("studio", "studios"), ("network", "networks"),
                ("country", "countries"))  # fmt: skip
STATUSES: Final = {
    "returning series": "returning", "continuing": "returning", "ended": "ended", "canceled": "canceled",
    "cancelled": "canceled", "in production": "in_production", "planned": "planned", "pilot": "pilot",
}  # fmt: skip


class FactWriter:
    """Writes facts into a title and what is below it."""

    def __init__(self, *, store: FactStore, matching: MatchPhase, clock: Clock, ids: NewIds) -> None:
        self._store = store
        self._matching = matching
        self._clock = clock
        self._ids = ids

    def write_in(self, unit: Unit, item_id: int, facts: Facts, *, fill: bool = False, **values: Any) -> set[int]:
        """Everything that `facts` says and nobody has locked; with `fill` only where nothing is said yet.

        `values`: further columns, written as they are. The keys of all that changed.
        """
        row = self._store.row(unit, item_id)
        if row is None:
            return set()
        locked = {FIELDS.get(name, name) for name in [*row.locked, *facts.locked]}
        told = {
            name: value
            for name, value in self._columns(row, facts).items()
            if name not in locked and not (fill and _is_said(row, name))
        }
        if facts.locked:
            told["locked"] = sorted({*row.locked, *facts.locked})
        self._store.update(unit, item_id, **told, **values, updated_at=self._clock.now())
        for kind, name in WORDS:
            if (words := getattr(facts, name)) and kind not in locked:
                self._store.set_words(unit, item_id, kind, words)
        if facts.people and "credits" not in locked:
            self._store.set_people(unit, item_id, facts.people, self._ids)
        if facts.ratings and "ratings" not in locked:
            self._store.set_ratings(unit, item_id, facts.ratings, self._clock.now())
        for one in facts.pictures:
            self._store.put_picture(unit, item_id, one, name="", nanoid=self._ids.nanoid())
        changed = {item_id}
        if row.kind == Kind.SHOW.value:
            changed |= self._below(unit, row, facts)
            again = self._store.row(unit, item_id)
            if again is not None:
                self._store.spread(unit, item_id, min_age=again.min_age, is_rated=again.is_rated)
        return changed

    def episodes_in(self, unit: Unit, show_id: int, found: list[EpisodeFacts]) -> set[int]:
        """What notes say of episodes that are there."""
        known = {(row.season_number, row.episode_number): row for row in self._store.episodes(unit, show_id)}
        changed = set()
        for one in found:
            row = known.get((one.season, one.number))
            if row is not None:
                self._episode(unit, row, one)
                changed.add(int(row.id))
        return changed

    def _columns(self, row: Any, facts: Facts) -> dict[str, Any]:
        told: dict[str, Any] = {
            "title": facts.title, "original_title": facts.original_title, "original_language": facts.original_language,
            "year": facts.year, "released": days_of(facts.released), "overview": facts.overview, "tagline": facts.tagline,
            "runtime": facts.runtime, "content_rating": facts.content_rating,
            "status": STATUSES.get(facts.status.lower(), facts.status), "last_aired": days_of(facts.last_aired),
            "tmdb": facts.ids.tmdb, "imdb": facts.ids.imdb, "tvdb": facts.ids.tvdb,
            "collection_tmdb": facts.collection_tmdb, "collection_name": facts.collection_name,
            "rating": None if facts.rating is None else round(facts.rating * 100),
            "popularity": None if facts.popularity is None else round(facts.popularity * 1000),
        }  # fmt: skip
        told = {name: value for name, value in told.items() if value not in (None, "")}
        if facts.title or facts.sort_title:
            told["title_key"] = title_key(facts.sort_title or facts.title)
        if facts.content_rating:
            age = facts.min_age if facts.min_age is not None else min_age(facts.content_rating)
            told |= {"min_age": age, "is_rated": age is not None}
        if facts.aliases:
            told["extra"] = row.extra | {"aliases": list(facts.aliases)[:30]}
        return told

    def _below(self, unit: Unit, show: Any, facts: Facts) -> set[int]:
        changed: set[int] = set()
        seasons = {row.season_number: row for row in self._store.seasons(unit, show.id)}
        episodes = {(row.season_number, row.episode_number): row for row in self._store.episodes(unit, show.id)}
        dates = {one.aired: one for season in facts.seasons for one in season.episodes if one.aired is not None}
        for season in facts.seasons:
            row = seasons.get(season.number)
            if row is None and not season.episodes:
                continue
            season_id = (
                row.id
                if row is not None
                else self._matching.season_in(unit, show.library_id, show.id, season.number, self._clock.now())
            )
            self._season(unit, season_id, season)
            changed.add(int(season_id))
            for one in season.episodes:
                known = episodes.get((one.season, one.number))
                episode_id = (
                    known.id
                    if known is not None
                    else self._matching.episode_in(
                        unit,
                        show.library_id,
                        show.id,
                        season_id,
                        one.season,
                        one.number,
                        self._clock.now(),
                        title=one.title,
                    )
                )
                fresh = known if known is not None else self._store.row(unit, episode_id)
                if fresh is not None:
                    self._episode(unit, fresh, one)
                changed.add(int(episode_id))
        for row in episodes.values():  # named by the day they were aired
            aired = (
                dates.get(_day_of(row) or EPOCH) if row.season_number is not None and row.season_number > 1900 else None
            )
            if aired is not None:
                self._episode(unit, row, aired)
                changed.add(int(row.id))
        return changed

    def _season(self, unit: Unit, season_id: int, one: SeasonFacts) -> None:
        row = self._store.row(unit, season_id)
        if row is None:
            return
        told: dict[str, Any] = {
            "title": clean(one.title, 300),
            "overview": one.overview,
            "released": days_of(one.aired),
        }
        told = {name: value for name, value in told.items() if value not in (None, "") and name not in row.locked}
        self._store.update(unit, season_id, **told, updated_at=self._clock.now())

    def _episode(self, unit: Unit, row: Any, one: EpisodeFacts) -> None:
        locked = {FIELDS.get(name, name) for name in row.locked}
        told: dict[str, Any] = {
            "title": clean(one.title, 300), "overview": one.overview, "released": days_of(one.aired),
            "runtime": one.runtime, "tmdb": one.tmdb, "absolute_number": one.absolute,
            "rating": None if one.rating is None else round(one.rating * 100),
        }  # fmt: skip
        told = {name: value for name, value in told.items() if value not in (None, "") and name not in locked}
        if "title" in told:
            told["title_key"] = title_key(told["title"])
        self._store.update(unit, row.id, **told, match_status="matched", updated_at=self._clock.now())


def _is_said(row: Any, name: str) -> bool:
    value = row._mapping[name]
    return value not in (None, "", [], {}, 0)


def _day_of(row: Any) -> date | None:
    return None if row.released is None else EPOCH + timedelta(days=row.released)
