"""Ratings of others for titles that are known: with each scan, and a part of the library each day."""

from datetime import timedelta
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.errors import Busy, NotFound, Unavailable
from polycast.core.jobs import Job, Run, Tick
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Library, ScanMode
from polycast.library.metadata.model import Rated
from polycast.library.metadata.store_ratings import RatingStore
from polycast.library.providers.mdblist.client import AT_ONCE, MdbList
from polycast.library.scanning.model import Counts

OLD: Final = timedelta(days=30)
A_DAY: Final = 2_000  # titles; the free quota is a thousand questions of ten
DAILY: Final = timedelta(days=1)


class RatingStep:
    """A step of the fourth phase, and a job."""

    def __init__(self, *, db: Database, store: RatingStore, client: MdbList, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._client = client
        self._clock = clock

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name="library.backfill_ratings", payload=Tick, run=self.backfill, every=DAILY, timeout=timedelta(hours=2),
                title="Bring ratings up to date")
        ]  # fmt: skip

    async def run(self, library: Library, item_ids: list[int], *, mode: ScanMode, run: Run, counts: Counts) -> set[int]:
        """See `enriching.Step`. A service that does not answer costs nothing but its ratings."""
        del library, mode, counts
        if not self._client.has_key:
            return set()
        before = self._clock.now() - OLD
        rows = await self._db.read(self._store.unrated, before=before, among=item_ids, limit=A_DAY)
        try:
            return await self._rate(rows, run)
        except (Unavailable, Busy):
            return set()

    async def backfill(self, _tick: Tick, run: Run) -> None:
        """The job. Raises: Unavailable, Busy: it is tried again tomorrow."""
        if self._client.has_key:
            rows = await self._db.read(self._store.unrated, before=self._clock.now() - OLD, among=None, limit=A_DAY)
            await self._rate(rows, run)

    async def _rate(self, rows: list[Any], run: Run) -> set[int]:
        changed: set[int] = set()
        for kind in ("movie", "show"):
            some = [row for row in rows if row.kind == kind]
            for start in range(0, len(some), AT_ONCE):
                run.check()
                batch = some[start : start + AT_ONCE]
                try:
                    found = await self._client.ratings(kind, [row.tmdb for row in batch])
                except NotFound:
                    found = {}
                changed |= await self._db.write(self._keep, batch, found)
        return changed

    def _keep(self, unit: Unit, rows: list[Any], found: dict[int, tuple[Rated, ...]]) -> set[int]:
        for row in rows:
            self._store.put(unit, row.id, found.get(row.tmdb, ()), self._clock.now())
        return {int(row.id) for row in rows if found.get(row.tmdb)}
