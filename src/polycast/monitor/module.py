"""The only public door of the watch: what it is built from, and what it adds to the house."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from polycast.core.house import Core
from polycast.core.module import BackupPart, HealthLine, Module
from polycast.monitor.building import Rooms
from polycast.monitor.dialects.voices import Voices
from polycast.monitor.settings import MonitorSettings
from polycast.monitor.tables import METADATA

MIGRATIONS: Final = Path(__file__).parent / "migrations"


class Monitor:
    """The watch."""

    BACKUP: ClassVar[BackupPart] = BackupPart(name="monitor")

    def __init__(self, core: Core) -> None:
        self._rooms = Rooms(core)
        self._voices = Voices(core, self._rooms) if core.is_web else None

    def module(self) -> Module:
        """What the house needs to know."""
        rooms = self._rooms
        return Module(
            name="monitor",
            tables=METADATA,
            migrations=MIGRATIONS,
            settings=MonitorSettings,
            dialects=self._voices.dialects() if self._voices else (),
            daemons=rooms.daemons(),
            jobs=rooms.jobs(),
            listens=rooms.listeners(),
            publishes=rooms.events(),
            backup=self.BACKUP,
            health=self._health,
        )

    async def _health(self) -> Sequence[HealthLine]:
        return await self._rooms.health()
