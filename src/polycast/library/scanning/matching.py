"""The third phase: which title each file is of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.ids import Ids as NewIds
from polycast.core.jobs import Run
from polycast.core.storage import Database, Unit, clean, fold, sort_key
from polycast.library.catalogue.model import Kind, Library, MatchStatus
from polycast.library.catalogue.store_items import days_of
from polycast.library.scanning.model import Counts
from polycast.library.scanning.names import Ids, Named, NameKind
from polycast.library.scanning.store import ScanStore
from polycast.library.scanning.store_match import MatchStore

PAGE: Final = 64
TITLE: Final = 300
ARTICLES: Final = ("the ", "a ", "an ", "der ", "die ", "das ", "le ", "la ", "les ", "el ", "los ", "las ", "il ")
MANY: Final = 200  # episodes that one file may hold


class Known(Struct):
    """What one unit has found already: neighbours in a folder are of the same show."""

    shows: dict[tuple[str, Ids], int] = {}
    seasons: dict[tuple[int, int], int] = {}


class MatchPhase:
    """Finds or makes the title of each new file, by what its name says. What it is called elsewhere comes later."""

    def __init__(self, *, db: Database, store: ScanStore, titles: MatchStore, clock: Clock, ids: NewIds) -> None:
        self._db = db
        self._store = store
        self._titles = titles
        self._clock = clock
        self._ids = ids
        self._named = msgspec.json.Decoder(Named)

    async def run(self, library: Library, run: Run, counts: Counts) -> set[int]:
        """The keys of titles that got files."""
        touched: set[int] = set()
        total = await self._db.read(self._store.count_to_match, library.id)
        done = 0
        await run.progress(0, total, "match")
        for extras in (False, True):
            after = 0
            while rows := await self._db.read(self._store.to_match, library.id, extras=extras, after=after, limit=PAGE):
                run.check()
                after = rows[-1].id
                touched |= await self._db.write(self._assign, library, rows, counts)
                done += len(rows)
                await run.progress(done, total, "match")
        return touched

    def settle_in(self, unit: Unit, item_ids: Sequence[int]) -> set[int]:
        """Bring titles up to date with their files, in `unit`; all that were looked at."""
        return self._titles.settle(unit, item_ids, self._clock.now())

    def _assign(self, unit: Unit, library: Library, rows: Sequence[Any], counts: Counts) -> set[int]:
        touched: set[int] = set()
        told: list[dict[str, Any]] = []
        known = Known()
        for row in rows:
            named = self._named.decode(row.parsed)
            found = self._of(unit, library, named, row, known)
            if found:
                first, *more = found
                told.append(
                    {
                        "key": row.id,
                        "item_id": first,
                        "edition": named.edition,
                        "three_d": named.three_d,
                        "part_index": named.part or 0,
                    }
                )
                if more:
                    self._titles.hold(unit, row.id, more)
                touched.update(found)
                counts.matched += 1
        self._titles.assign(unit, told)
        # Now, not at the end: what was found can be browsed and played while the scan goes on.
        return self._titles.settle(unit, touched, self._clock.now()) if touched else touched

    def _of(self, unit: Unit, library: Library, named: Named, row: Any, known: Known) -> list[int]:
        """The keys of what the file is of; several for episodes in one file, none for an extra without an owner."""
        if named.kind is NameKind.EPISODE and (named.title or named.ids):
            return self._episodes(unit, library, named, row.added_at, known)
        if named.kind is NameKind.EXTRA:
            return self._owner(unit, library, named)
        return [self._movie(unit, library, named, row)]

    def _movie(self, unit: Unit, library: Library, named: Named, row: Any) -> int:
        title = clean(named.title, TITLE) or "Untitled"
        match_key = movie_key(title, named.year)
        if library.type.value == "home_video":
            match_key = f"home|{row.path}"
        return self._found(
            unit, library, Kind.MOVIE, named.ids, match_key, title=title, year=named.year, added_at=row.added_at
        )

    def _owner(self, unit: Unit, library: Library, named: Named) -> list[int]:
        key = movie_key(clean(named.title, TITLE), named.year)
        for kind in (Kind.MOVIE, Kind.SHOW):
            found = self._titles.find(unit, library.id, kind, named.ids, key)
            if found is None and named.year is not None:
                found = self._titles.find(unit, library.id, kind, Ids(), movie_key(named.title, None))
            if found is not None:
                return [found.id]
        return []

    def _episodes(self, unit: Unit, library: Library, named: Named, added_at: datetime, known: Known) -> list[int]:
        title = clean(named.title, TITLE) or "Untitled"
        called = (movie_key(title, named.year), named.ids)
        if (show := known.shows.get(called)) is None:
            show = known.shows[called] = self._found(
                unit, library, Kind.SHOW, named.ids, called[0], title=title, year=named.year, added_at=added_at,
                ordering="aired",
            )  # fmt: skip
        season, numbers = _numbers(named)
        if (season_id := known.seasons.get((show, season))) is None:
            season_id = known.seasons[show, season] = self.season_in(unit, library.id, show, season, added_at)
        found: list[int] = []
        for number in numbers:
            said = clean(named.episode_title, TITLE) if len(numbers) == 1 else ""
            found.append(
                self.episode_in(
                    unit,
                    library.id,
                    show,
                    season_id,
                    season,
                    number,
                    added_at,
                    title=said,
                    end_number=numbers[-1] if len(numbers) > 1 and number == numbers[0] else None,
                    absolute_number=number if named.absolute is not None else None,
                    released=days_of(named.air_date),
                )
            )
        return found

    def season_in(self, unit: Unit, library_id: int, show_id: int, number: int, at: datetime) -> int:
        """The season of a show, made when there is none."""
        title = "Specials" if number == 0 else f"Season {number}"
        key = f"{show_id}|s{number}"
        present = self._titles.find(unit, library_id, Kind.SEASON, Ids(), key)
        if present is not None:
            return int(present.id)
        return self._made(
            unit, library_id, Kind.SEASON, key, title=title, added_at=at, parent_id=show_id, top_id=show_id,
            season_number=number, match_status=MatchStatus.MATCHED.value,
        )  # fmt: skip

    def episode_in(
        self, unit: Unit, library_id: int, show_id: int, season_id: int, season: int, number: int, at: datetime,
        *, title: str = "", **values: Any,
    ) -> int:  # fmt: skip
        """An episode of a show, made when there is none."""
        key = f"{show_id}|s{season}e{number}"
        present = self._titles.find(unit, library_id, Kind.EPISODE, Ids(), key)
        if present is not None:
            if values.get("end_number") and present.end_number is None:
                self._titles.update(unit, present.id, end_number=values["end_number"])
            if not present.is_available:
                self._titles.update(unit, present.id, added_at=at)
            return int(present.id)
        return self._made(
            unit, library_id, Kind.EPISODE, key, title=title or f"Episode {number}", added_at=at, parent_id=season_id,
            top_id=show_id, season_number=season, episode_number=number, match_status=MatchStatus.PENDING.value, **values,
        )  # fmt: skip

    def _found(
        self, unit: Unit, library: Library, kind: Kind, ids: Ids, match_key: str, *, title: str, year: int | None,
        added_at: datetime, **values: Any,
    ) -> int:  # fmt: skip
        present = self._titles.find(unit, library.id, kind, ids, match_key)
        if present is not None:
            known = Ids(tmdb=present.tmdb, imdb=present.imdb, tvdb=present.tvdb)
            if not contradicts(ids, known):
                fresh = {name: value for name in ("tmdb", "imdb", "tvdb") if (value := getattr(ids, name)) is not None}
                fresh = {name: value for name, value in fresh.items() if getattr(known, name) is None}
                if fresh and present.match_status == MatchStatus.PENDING.value:
                    self._titles.update(unit, present.id, **fresh)
                return int(present.id)
            match_key = f"{match_key}|{ids.tmdb or ids.imdb or ids.tvdb}"  # another title of the same name and year
        return self._made(
            unit, library.id, kind, match_key, title=title, added_at=added_at, year=year, tmdb=ids.tmdb, imdb=ids.imdb,
            tvdb=ids.tvdb, match_status=MatchStatus.PENDING.value, **values,
        )  # fmt: skip

    def _made(
        self, unit: Unit, library_id: int, kind: Kind, match_key: str, *, title: str, added_at: datetime, **values: Any
    ) -> int:
        now = self._clock.now()
        if kind in (Kind.SEASON, Kind.EPISODE):
            show = self._titles.row(unit, values["top_id"])
            if show is not None:  # what the visibility rule reads
                values |= {"min_age": show.min_age, "is_rated": show.is_rated}
        return self._titles.insert(
            unit,
            nanoid=self._ids.nanoid(),
            uuid=self._ids.uuid().replace("-", ""),
            library_id=library_id,
            kind=kind.value,
            match_key=match_key,
            title=title,
            title_key=title_key(title),
            locked=[],
            images={},
            extra={},
            added_at=added_at,
            updated_at=now,
            **values,
        )


def title_key(title: str) -> str:
    """What lists sort by: without the article at its start."""
    low = title.casefold()
    for article in ARTICLES:
        if low.startswith(article) and len(low) > len(article):
            return sort_key(title[len(article) :])
    return sort_key(title)


def movie_key(title: str, year: int | None) -> str:
    """What a film or show is, by its name alone."""
    return f"{fold(clean(title, TITLE))}|{year or ''}"


def contradicts(ids: Ids, known: Ids) -> bool:
    """Whether both name the same provider and mean different titles."""
    pairs = ((ids.tmdb, known.tmdb), (ids.imdb, known.imdb), (ids.tvdb, known.tvdb))
    return any(one is not None and other is not None and one != other for one, other in pairs)


def _numbers(named: Named) -> tuple[int, list[int]]:
    """Season and episodes. One that was aired on a day has its year for a season, and month and day for a number."""
    if named.air_date is not None:
        return named.air_date.year, [named.air_date.month * 100 + named.air_date.day]
    season = named.season if named.season is not None else 1
    first = named.episode if named.episode is not None else named.absolute or 0
    last = named.end or first
    return season, list(range(first, min(last, first + MANY) + 1))
