"""Looking titles up: which of a provider's is ours, and everything it knows of it. The second step of the fourth phase."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.errors import NotFound, PolycastError, Unavailable
from polycast.core.jobs import Run
from polycast.core.net import IMAGE, Outbound
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Kind, Library, MatchStatus, ScanMode
from polycast.library.metadata.artwork import Artwork
from polycast.library.metadata.model import Facts
from polycast.library.metadata.scoring import SURE, Candidate, choice, ranked
from polycast.library.metadata.store import FactStore
from polycast.library.metadata.writing import FactWriter
from polycast.library.providers.tmdb.client import Tmdb
from polycast.library.scanning.model import Counts
from polycast.library.scanning.store_match import MatchStore

WAITS: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
SHOWN: Final = ("poster", "backdrop", "logo")
KEPT: Final = 10


class Lookup:
    """Asks TMDB about titles."""

    def __init__(
        self, *, db: Database, facts: FactStore, titles: MatchStore, writer: FactWriter, tmdb: Tmdb, artwork: Artwork,
        pictures: Callable[[], Outbound], pictures_url: Callable[[], str], clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._facts = facts
        self._titles = titles
        self._writer = writer
        self._tmdb = tmdb
        self._artwork = artwork
        self._pictures = pictures
        self._pictures_url = pictures_url
        self._clock = clock

    async def run(self, library: Library, item_ids: list[int], *, mode: ScanMode, run: Run, counts: Counts) -> set[int]:
        """See `enriching.Step`. Everything pending is looked up, not only what the scan has touched."""
        if not self._tmdb.has_key:
            return set()
        statuses = [MatchStatus.PENDING.value, MatchStatus.PENDING_RETRY.value]
        if mode is ScanMode.REFRESH_METADATA:
            statuses += [MatchStatus.MATCHED.value, MatchStatus.UNMATCHED.value]
        rows = await self._db.read(self._facts.pending, library.id, statuses, self._clock.now())
        changed: set[int] = set()
        for place, row in enumerate(rows):
            run.check()
            changed |= await self.look_up(library, row)
            await run.progress(place + 1, len(rows), "enrich")
        return changed

    async def look_up(self, library: Library, row: Any, *, tmdb: int | None = None, manual: bool = False) -> set[int]:
        """One title, by its ids or its name; with `tmdb` it is that one, chosen by a person if `manual`."""
        try:
            if tmdb is None:
                tmdb, confidence, found = await self._which(library, row)
            else:
                confidence, found = 1.0, []
            if tmdb is None:
                await self._db.write(self._unknown, row.id, found)
                return {int(row.id)}
            facts = await self._tmdb.details(row.kind, tmdb, language=library.language, country=library.country)
        except NotFound:
            await self._db.write(self._unknown, row.id, [])
            return {int(row.id)}
        except Unavailable:
            await self._db.write(self._later, row)
            return {int(row.id)}
        status = MatchStatus.MANUAL if manual else MatchStatus.MATCHED
        changed = await self._db.write(self._known, library, row, facts, status, confidence)
        await self._fetch(row.id, facts)
        return changed

    async def candidates(self, kind: str, title: str, year: int | None, *, language: str) -> list[Candidate]:
        """What TMDB offers for a name, the likeliest first. Raises: Unavailable."""
        results = await self._tmdb.search(kind, title, year, language=language)
        found = [
            Candidate(
                id=one.id, title=one.title or one.name, original_title=one.original_title or one.original_name,
                year=_year(one.release_date or one.first_air_date), popularity=one.popularity,
                overview=one.overview or "", poster=one.poster_path or "",
            )
            for one in results
        ]  # fmt: skip
        return [_confident(one, points) for points, one in ranked(title, year, found)]

    async def _which(self, library: Library, row: Any) -> tuple[int | None, float, list[Candidate]]:
        if row.tmdb is not None:
            return row.tmdb, 1.0, []
        if row.imdb is not None or row.tvdb is not None:
            known = await self._tmdb.by_other(row.kind, imdb=row.imdb, tvdb=row.tvdb, language=library.language)
            if known is not None:
                return known, 1.0, []
        seen: dict[int, Candidate] = {}
        for year in dict.fromkeys((row.year, None)):
            for one in await self.candidates(row.kind, row.title, year, language=library.language):
                seen.setdefault(one.id, one)
            order = ranked(row.title, row.year, list(seen.values()))
            chosen = choice(order)
            if chosen is not None and (chosen[1] >= SURE or year is None):
                return chosen[0].id, chosen[1], []
        order = ranked(row.title, row.year, list(seen.values()))
        return None, 0.0, [_confident(one, points) for points, one in order[:KEPT]]

    def _known(
        self, unit: Unit, library: Library, row: Any, facts: Facts, status: MatchStatus, confidence: float
    ) -> set[int]:
        same = None
        if row.kind == Kind.MOVIE.value and facts.ids.tmdb is not None:
            same = self._facts.with_tmdb(unit, library.id, row.kind, facts.ids.tmdb, but=row.id)
        if same is not None:  # another name of a film that is here: its files are versions of it
            self._titles.absorb(unit, row.id, same)
            return self._titles.settle(unit, [same], self._clock.now()) | {int(row.id)}
        changed = self._writer.write_in(
            unit, row.id, facts, match_status=status.value, match_confidence=round(confidence * 1000), candidates=None,
            retry_at=None, tries=0, refreshed_at=self._clock.now(),
        )  # fmt: skip
        if row.kind == Kind.SHOW.value:
            changed |= self._titles.settle(unit, [row.id], self._clock.now())
        return changed

    def _unknown(self, unit: Unit, item_id: int, found: Sequence[Candidate]) -> None:
        told = [
            {"id": one.id, "title": one.title, "year": one.year, "confidence": round(one.confidence, 3)}
            for one in found
        ]
        self._facts.update(
            unit, item_id, match_status=MatchStatus.UNMATCHED.value, candidates=told, retry_at=None,
            refreshed_at=self._clock.now(),
        )  # fmt: skip

    def _later(self, unit: Unit, row: Any) -> None:
        wait = WAITS[min(row.tries, len(WAITS) - 1)]
        self._facts.update(
            unit, row.id, match_status=MatchStatus.PENDING_RETRY.value, tries=row.tries + 1,
            retry_at=self._clock.now() + wait,
        )  # fmt: skip

    async def _fetch(self, item_id: int, facts: Facts) -> None:
        """The best picture of each kind; what is chosen or local stays."""
        row = await self._db.read(self._facts.row, item_id)
        if row is None or "images" in row.locked:
            return
        shown = await self._db.read(self._facts.pictures, item_id)
        local = {one.kind for one in shown if one.source in ("local", "upload") and one.sha256}
        chosen: dict[str, str] = {}
        for kind in SHOWN:
            best = max((one for one in facts.pictures if one.kind == kind), key=lambda one: one.score, default=None)
            if best is None or kind in local:
                continue
            if name := await self.fetch(best.origin):
                chosen[kind] = name
        if chosen:
            await self._db.write(self._facts.set_pictures, item_id, chosen)

    async def fetch(self, path: str) -> str:
        """A picture of TMDB's, kept; "" when it cannot be had."""
        try:
            got = await self._pictures().fetch(self._pictures_url() + path, limits=IMAGE)
            return await self._artwork.keep(got.body) if got.status == 200 else ""
        except PolycastError:
            return ""


def _confident(one: Candidate, points: float) -> Candidate:
    return Candidate(
        id=one.id, title=one.title, original_title=one.original_title, year=one.year, popularity=one.popularity,
        overview=one.overview, poster=one.poster, confidence=points,
    )  # fmt: skip


def _year(text: str | None) -> int | None:
    return int(text[:4]) if text and text[:4].isdigit() else None
