"""The fourth phase: notes and pictures beside the files, providers, search."""

from typing import Final, Protocol

from polycast.core.jobs import Run
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Library, ScanMode
from polycast.library.metadata.search import TitleIndex
from polycast.library.scanning.model import Counts

AT_ONCE: Final = 50


class Step(Protocol):
    """Something that is found out about titles."""

    async def run(self, library: Library, item_ids: list[int], *, mode: ScanMode, run: Run, counts: Counts) -> set[int]:
        """Do it for these; the keys of what was changed besides."""
        ...


class EnrichPhase:
    """One step after the other over what a scan has touched, then the search."""

    def __init__(self, *, db: Database, steps: list[Step], index: TitleIndex) -> None:
        self._db = db
        self._steps = steps
        self._index = index

    async def run(self, library: Library, mode: ScanMode, run: Run, counts: Counts, *, touched: set[int]) -> None:
        """See `scanning.ports.Enricher`."""
        for step in self._steps:
            touched |= await step.run(library, sorted(touched), mode=mode, run=run, counts=counts)
        everything = sorted(touched)
        for start in range(0, len(everything), AT_ONCE):
            run.check()
            await self._db.write(self._put, everything[start : start + AT_ONCE])
            await run.progress(min(start + AT_ONCE, len(everything)), len(everything), "enrich")

    def _put(self, unit: Unit, item_ids: list[int]) -> None:
        self._index.put_in(unit, item_ids)
