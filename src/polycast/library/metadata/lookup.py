"""Looking titles up: which of a provider's is ours, and everything it knows of it. The second step of the fourth phase."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import Busy, NotFound, PolycastError, Unavailable
from polycast.core.jobs import Run
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Kind, Library, MatchStatus, ScanMode
from polycast.library.metadata.artwork import Artwork
from polycast.library.metadata.model import Facts
from polycast.library.metadata.pictures import Pictures
from polycast.library.metadata.ports import TitleProvider
from polycast.library.metadata.scoring import SURE, Candidate, choice, ranked
from polycast.library.metadata.store import FactStore
from polycast.library.metadata.writing import FactWriter
from polycast.library.scanning.model import Counts
from polycast.library.scanning.names import Ids
from polycast.library.scanning.store_match import MatchStore

WAITS: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
SHOWN: Final = ("poster", "backdrop", "logo")
KEPT: Final = 10


class Chosen(Struct, frozen=True):
    """Which of a provider's titles it is."""

    provider: str
    id: int
    is_manual: bool = False


class _Match(Struct, frozen=True):
    """Which one it is, or those that it could be."""

    provider: str
    id: int | None
    confidence: float
    others: list[Candidate]


class Lookup:
    """Asks providers about titles: the wanted one first, another when that one does not know."""

    def __init__(
        self, *, db: Database, facts: FactStore, titles: MatchStore, writer: FactWriter, artwork: Artwork,
        providers: Callable[[str], Sequence[TitleProvider]], pictures: Pictures, clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._facts = facts
        self._titles = titles
        self._writer = writer
        self._artwork = artwork
        self._providers = providers  # of "movie", "show": the wanted one first
        self._pictures = pictures
        self._clock = clock

    async def run(self, library: Library, item_ids: list[int], *, mode: ScanMode, run: Run, counts: Counts) -> set[int]:
        """See `enriching.Step`. Everything pending is looked up, not only what the scan has touched."""
        if not self.can_look_up:
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

    @property
    def can_look_up(self) -> bool:
        """Whether any provider has a key."""
        return any(one.has_key for kind in ("movie", "show") for one in self._providers(kind))

    async def look_up(self, library: Library, row: Any, *, chosen: Chosen | None = None) -> set[int]:
        """One title, by its ids or its name; `chosen` is the one that it is, said by a person."""
        try:
            found = await self._which(library, row) if chosen is None else _Match(chosen.provider, chosen.id, 1.0, [])
            if found.id is None:
                await self._db.write(self._unknown, row.id, found.others)
                return {int(row.id)}
            provider = self._provider(row.kind, found.provider)
            facts = await provider.details(row.kind, found.id, language=library.language, country=library.country)
        except NotFound:
            await self._db.write(self._unknown, row.id, [])
            return {int(row.id)}
        except (Unavailable, Busy):
            await self._db.write(self._later, row)
            return {int(row.id)}
        status = MatchStatus.MANUAL if chosen is not None and chosen.is_manual else MatchStatus.MATCHED
        changed = await self._db.write(self._known, library, row, facts, status, found.confidence)
        await self._fetch(row.id, facts)
        return changed

    async def candidates(
        self, kind: str, title: str, year: int | None, *, language: str, provider: str | None = None
    ) -> list[Candidate]:
        """What a provider offers for a name, the likeliest first. Raises: Unavailable, also without its key; Busy."""
        wanted = provider or next((one.name for one in self._able(kind)), "")
        return await self._offered(self._provider(kind, wanted), kind, title, year, language)

    async def _offered(
        self, provider: TitleProvider, kind: str, title: str, year: int | None, language: str
    ) -> list[Candidate]:
        found = await provider.offers(kind, title, year, language=language)
        return [_confident(one, points) for points, one in ranked(title, year, found)]

    def _provider(self, kind: str, name: str) -> TitleProvider:
        """Raises: Unavailable, when it has lost its key."""
        for one in self._able(kind):
            if one.name == name:
                return one
        raise Unavailable("There is no key for this provider.")

    def _able(self, kind: str) -> list[TitleProvider]:
        return [one for one in self._providers(kind) if one.has_key]

    async def _which(self, library: Library, row: Any) -> _Match:
        """By ids with any provider that knows them; else by name, the second provider when the first is not sure.

        Raises: Unavailable, Busy, only when nobody could tell.
        """
        ids = Ids(tmdb=row.tmdb, imdb=row.imdb, tvdb=row.tvdb)
        able, failure = self._able(row.kind), None
        rest: list[Candidate] = []
        for provider in able:
            try:
                if ids and (known := await provider.by_ids(row.kind, ids, language=library.language)) is not None:
                    return _Match(provider.name, known, 1.0, [])
                found = await self._by_name(provider, library, row)
            except NotFound:
                continue
            except (Unavailable, Busy) as error:
                failure = failure or error
                continue
            if found.id is not None:
                return found
            rest += found.others
        if failure is not None:
            raise failure
        return _Match("", None, 0.0, rest[: 2 * KEPT])

    async def _by_name(self, provider: TitleProvider, library: Library, row: Any) -> _Match:
        seen: dict[int, Candidate] = {}
        for year in dict.fromkeys((row.year, None)):
            for one in await self._offered(provider, row.kind, row.title, year, library.language):
                seen.setdefault(one.id, one)
            order = ranked(row.title, row.year, list(seen.values()))
            chosen = choice(order)
            if chosen is not None and (chosen[1] >= SURE or year is None):
                return _Match(provider.name, chosen[0].id, chosen[1], [])
        order = ranked(row.title, row.year, list(seen.values()))
        return _Match(provider.name, None, 0.0, [_confident(one, points) for points, one in order[:KEPT]])

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
            {
                "provider": one.provider,
                "id": one.id,
                "title": one.title,
                "year": one.year,
                "confidence": round(one.confidence, 3),
            }
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
            if name := await self.fetch(best.source, best.origin):
                chosen[kind] = name
        if chosen:
            await self._db.write(self._facts.set_pictures, item_id, chosen)

    async def fetch(self, source: str, origin: str) -> str:
        """A provider's picture, kept; "" when it cannot be had."""
        try:
            content = await self._pictures.fetch(source, origin)
            return await self._artwork.keep(content) if content else ""
        except PolycastError:
            return ""


def _confident(one: Candidate, points: float) -> Candidate:
    return replace(one, confidence=points)
