"""Pictures that people put into `<data>/logos`: new ones become logos, changed ones are told of."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from polycast.core.clock import Clock
from polycast.core.jobs.model import Run, Tick
from polycast.core.storage import Database, Unit, clean
from polycast.live.folders import SourceFolders
from polycast.live.lineup.events import LogoChanged
from polycast.live.lineup.logos import LOCAL, TYPES, UPLOAD_LIMIT, is_picture
from polycast.live.lineup.store_logos import NAME_LIMIT, LogoStore
from polycast.live.preferences.groups import SystemSettings
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore

ENDINGS: Final = (*(f".{ending}" for ending in TYPES.values()), ".jpeg")
SEEN: Final = "logo_files"  # beside the groups of settings: names and times of the last look


class LogoFolder:
    """Looks into the folder. A logo that was deleted stays so until its file changes."""

    def __init__(
        self,
        *,
        db: Database,
        store: LogoStore,
        settings: SettingsStore,
        preferences: Preferences,
        data_dir: Path,
        clock: Clock,
    ) -> None:
        self._db = db
        self._store = store
        self._settings = settings
        self._preferences = preferences
        self._files = SourceFolders(data_dir, uploads="logos", watched="logos")
        self._clock = clock

    async def look(self, payload: Tick, run: Run) -> None:
        """The job `live.watch_logos`."""
        found = await asyncio.to_thread(self._files.found, ENDINGS)
        seen = await self._db.read(self._settings.value, SEEN)
        if found == seen or not (await self._preferences.group(SystemSettings)).auto_import_mapped_files:
            return
        changed = [name for name, stamp in found.items() if seen.get(name) != stamp]
        pictures = await asyncio.to_thread(lambda: [name for name in changed if self._is_picture(name)])
        await self._db.write(self._take, found, pictures)

    def _take(self, unit: Unit, found: Mapping[str, int], names: list[str]) -> None:
        wanted = {LOCAL + name: clean(Path(name).stem, NAME_LIMIT) or "Logo" for name in names}
        for logo_id in self._store.ensure(unit, wanted, self._clock.now()).values():
            unit.publish(LogoChanged(logo_id=logo_id))
        self._settings.put(unit, SEEN, "Logo files", found)

    def _is_picture(self, name: str) -> bool:
        path = self._files.watched / name
        try:
            return path.stat().st_size <= UPLOAD_LIMIT and is_picture(path.read_bytes())
        except OSError:  # it has gone meanwhile
            return False
