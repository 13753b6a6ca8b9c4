"""Guide files that people put into a folder: new ones become sources, changed ones are read again."""

import asyncio

from polycast.core.identity.caller import SYSTEM
from polycast.core.jobs.model import Run, Tick
from polycast.core.storage import Database, Unit
from polycast.live.folders import free_name
from polycast.live.guide.files import ENDINGS, GuideFiles
from polycast.live.guide.model import RefreshGuide, SourceForm
from polycast.live.guide.sources import GuideSources
from polycast.live.guide.store_sources import SourceStore
from polycast.live.preferences.groups import SystemSettings
from polycast.live.preferences.service import Preferences


class GuideWatch:
    """Looks into `<data>/epgs`."""

    def __init__(
        self, *, db: Database, sources: GuideSources, store: SourceStore, files: GuideFiles, preferences: Preferences
    ) -> None:
        self._db = db
        self._sources = sources
        self._store = store
        self._files = files
        self._preferences = preferences

    async def look(self, payload: Tick, run: Run) -> None:
        """The job `live.watch_guide_files`."""
        found = await asyncio.to_thread(self._files.found, ENDINGS)
        if not found:
            return
        known = await self._db.write(self._enqueue_changed, found)
        settings = await self._db.read(self._preferences.group_in, SystemSettings)
        if not settings.auto_import_mapped_files:
            return
        for name in sorted(found.keys() - known):
            taken = {source.name for source in await self._sources.all(SYSTEM)}
            form = SourceForm(name=free_name(name, taken, otherwise="Guide"), file_path=self._files.stored(name))
            await self._sources.create(SYSTEM, form)

    def _enqueue_changed(self, unit: Unit, found: dict[str, int]) -> set[str]:
        """Queue sources whose file has another time than at the last look; names of files that have a source."""
        known: set[str] = set()
        for source_id, file_path, stamp, is_active in self._store.of_files(unit):
            name = self._files.holds(file_path, found)
            if name is None:
                continue
            known.add(name)
            if is_active and stamp != str(found[name]):
                # Remembered at once, so that a file that cannot be read is not tried every twenty seconds.
                self._store.update(unit, source_id, {"etag": str(found[name])})
                unit.enqueue("live.refresh_guide", RefreshGuide(source_id=source_id))
        return known
