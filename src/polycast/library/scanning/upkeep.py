"""Letting go of files that have been gone for long, and of titles that nothing is left of."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.jobs import Job, Run, Tick
from polycast.core.storage import Database, Unit
from polycast.library.metadata.search import TitleIndex
from polycast.library.scanning.store import ScanStore
from polycast.library.scanning.store_match import MatchStore
from polycast.library.settings import LibrarySettings

AT_ONCE: Final = 200


class Upkeep:
    """Rows of files go a month after their files; what people have seen of them stays."""

    def __init__(
        self, *, db: Database, store: ScanStore, titles: MatchStore, index: TitleIndex, clock: Clock,
        settings: Callable[[], LibrarySettings],
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._titles = titles
        self._index = index
        self._clock = clock
        self._settings = settings

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name="library.purge_missing", payload=Tick, run=self.purge, every=timedelta(hours=6),
                title="Let go of files that are long gone")
        ]  # fmt: skip

    async def purge(self, _tick: Tick, run: Run) -> None:
        """The job."""
        while await self._db.write(self._purge):
            run.check()

    def _purge(self, unit: Unit) -> bool:
        before = self._clock.now() - timedelta(days=self._settings().missing_days)
        owners = self._store.purge_missing(unit, before, limit=AT_ONCE)
        if not owners:
            return False
        empty = self._titles.empty_leaves(unit, owners)
        above = {row.top_id for key in empty if (row := self._titles.row(unit, key)) is not None and row.top_id != key}
        for key in empty:
            self._titles.drop(unit, key)
        touched = self._titles.settle(unit, above | (set(owners) - set(empty)), self._clock.now())
        self._index.put_in(unit, sorted(touched | set(empty)))
        return True
