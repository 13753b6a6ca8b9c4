"""The only public door of acquisition: what it is built from, and what it adds to the house."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from polycast.acquire.building import Rooms
from polycast.acquire.dialects.voices import Voices
from polycast.acquire.settings import AcquireSettings
from polycast.acquire.tables import METADATA
from polycast.acquire.work import jobs
from polycast.core.house import Core
from polycast.core.module import BackupPart, HealthLine, Module

MIGRATIONS: Final = Path(__file__).parent / "migrations"


class Acquire:
    """Acquisition."""

    BACKUP: ClassVar[BackupPart] = BackupPart(name="acquire")

    def __init__(self, core: Core) -> None:
        self._rooms = Rooms(core)
        self._voices = Voices(core, self._rooms) if core.is_web else None

    def module(self) -> Module:
        """What the house needs to know."""
        rooms = self._rooms
        return Module(
            name="acquire",
            tables=METADATA,
            migrations=MIGRATIONS,
            settings=AcquireSettings,
            dialects=self._voices.dialects() if self._voices else (),
            daemons=rooms.daemons(),
            jobs=jobs(rooms),
            listens=rooms.listeners(),
            publishes=rooms.events(),
            backup=self.BACKUP,
            health=self._health,
        )

    async def _health(self) -> Sequence[HealthLine]:
        return [HealthLine(name="acquire", ok=True, text="ready")]
