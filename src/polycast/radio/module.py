"""The only public door of radio hosting: what it is built from, and what it adds to the house."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from polycast.core.house import Core
from polycast.core.module import BackupPart, HealthLine, Module
from polycast.radio.building import Rooms
from polycast.radio.dialects.voices import Voices
from polycast.radio.settings import RadioSettings
from polycast.radio.tables import METADATA

MIGRATIONS: Final = Path(__file__).parent / "migrations"


class Radio:
    """Radio hosting."""

    BACKUP: ClassVar[BackupPart] = BackupPart(name="radio")

    def __init__(self, core: Core) -> None:
        self._rooms = Rooms(core)
        self._voices = Voices(core, self._rooms) if core.is_web else None

    def module(self) -> Module:
        """What the house needs to know."""
        rooms = self._rooms
        return Module(
            name="radio",
            tables=METADATA,
            migrations=MIGRATIONS,
            settings=RadioSettings,
            dialects=self._voices.dialects() if self._voices else (),
            daemons=rooms.daemons(),
            jobs=rooms.jobs(),
            listens=rooms.listeners(),
            publishes=rooms.events(),
            backup=self.BACKUP,
            health=self._health,
        )

    async def _health(self) -> Sequence[HealthLine]:
        return [HealthLine(name="radio", ok=True, text="ready")]
