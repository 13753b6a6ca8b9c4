"""Live TV's only public door: what it is built from, and what it adds to the house."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from polycast.core.house import Core
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.module import BackupPart, HealthLine, Module
from polycast.live.building import Rooms
from polycast.live.dialects.voices import Voices
from polycast.live.lineup.model import EVERYTHING
from polycast.live.outputs.model import View
from polycast.live.outputs.now import NowPlaying
from polycast.live.settings import LiveSettings
from polycast.live.tables import METADATA

MIGRATIONS: Final = Path(__file__).parent / "migrations"


class Live:
    """Live TV. Others may use `people`, `on_now` and `counts`."""

    BACKUP: ClassVar[BackupPart] = BackupPart(name="live", skip_tables=("live_lineup_versions",))

    def __init__(self, core: Core) -> None:
        self._rooms = Rooms(core)
        self._voices = Voices(core, self._rooms, core.documents) if core.is_web else None
        self.people = self._rooms.people

    def module(self) -> Module:
        """What the house needs to know."""
        rooms = self._rooms
        return Module(
            name="live",
            tables=METADATA,
            migrations=MIGRATIONS,
            settings=LiveSettings,
            dialects=self._voices.dialects() if self._voices else (),
            daemons=[*rooms.daemons(), *(self._voices.daemons() if self._voices else ())],
            jobs=rooms.jobs(),
            listens=rooms.listeners(),
            publishes=rooms.events(),
            backup=self.BACKUP,
            health=self._health,
        )

    async def on_now(self, caller: Caller, *, limit: int) -> list[NowPlaying]:
        """The first channels of the caller's line-up with what runs on them."""
        return await self._rooms.now.of(caller, limit=limit)

    async def counts(self) -> dict[str, int]:
        """How many channels, streams and sources there are."""
        accounts = [one.account for one in await self._rooms.sources.accounts.all(SYSTEM)]
        lineup = await self._rooms.outputs.lineups.of(View(viewer=EVERYTHING))
        return {
            "channels": len(lineup.entries),
            "streams": sum(account.stream_count for account in accounts),
            "sources": sum(not account.locked for account in accounts),
        }

    def sent_bytes(self) -> int:
        """Bytes sent to live clients since the start of this process."""
        return self._rooms.relay.relays.total_sent_bytes()

    async def _health(self) -> Sequence[HealthLine]:
        lines = [HealthLine(name="live", ok=True, text="ready")]
        return lines + (await self._voices.health() if self._voices else [])
