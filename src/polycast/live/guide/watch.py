"""Guide files that people put into `<data>/epgs`: what `folders.FolderWatch` makes of them."""

from collections.abc import Sequence

from polycast.core.identity.caller import SYSTEM
from polycast.core.storage import Unit
from polycast.live.folders import Known
from polycast.live.guide.files import ENDINGS
from polycast.live.guide.model import RefreshGuide, SourceForm
from polycast.live.guide.sources import GuideSources
from polycast.live.guide.store_sources import SourceStore


class WatchedGuides:
    """Guides of files."""

    endings: Sequence[str] = ENDINGS
    otherwise = "Guide"

    def __init__(self, *, sources: GuideSources, store: SourceStore) -> None:
        self._sources = sources
        self._store = store

    def known(self, unit: Unit) -> Sequence[Known]:
        return self._store.of_files(unit)

    def keep(self, unit: Unit, source_id: int, stamp: str) -> None:
        self._store.update(unit, source_id, {"etag": stamp})

    def refresh(self, unit: Unit, source_id: int) -> None:
        unit.enqueue("live.refresh_guide", RefreshGuide(source_id=source_id))

    async def names(self) -> set[str]:
        return {source.name for source in await self._sources.all(SYSTEM)}

    async def add(self, name: str, file_path: str) -> None:
        await self._sources.create(SYSTEM, SourceForm(name=name, file_path=file_path))
