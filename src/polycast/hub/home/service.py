"""What the home page shows."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.module import Health, HealthLine
from polycast.hub.ports import LiveNow, OnNow

SHOWN = 12


class HealthRow(Struct, frozen=True, kw_only=True):
    """How a part of the server is."""

    name: str
    state: str  # ok, degraded
    text: str


class Disk(Struct, frozen=True, kw_only=True):
    """A disk that we keep things on."""

    path: str
    used_bytes: int
    total_bytes: int


class HomePage(Struct, frozen=True, kw_only=True):
    """The whole page."""

    on_now: list[OnNow]
    health: list[HealthRow]
    disks: list[Disk]
    counts: dict[str, int]


class Home:
    """Put together from what the modules say."""

    def __init__(self, *, live: LiveNow, health: Mapping[str, Health], folders: Sequence[Path]) -> None:
        self._live = live
        self._health = dict(health)
        self._folders = list(folders)

    async def page(self, caller: Caller) -> HomePage:
        """What `caller` may see; the server's own state needs `core:read`."""
        on_now = await self._live.on_now(caller, limit=SHOWN) if caller.has(Scope.LIVE_PLAY) else []
        if not caller.has(Scope.CORE_READ):
            return HomePage(on_now=on_now, health=[], disks=[], counts={})
        lines = [line for health in self._health.values() for line in await health()]
        return HomePage(
            on_now=on_now,
            health=[_row(line) for line in lines],
            disks=await asyncio.to_thread(self._disks),
            counts=await self._live.counts(),
        )

    def _disks(self) -> list[Disk]:
        found: dict[int, Disk] = {}
        for folder in self._folders:
            if folder.exists():
                usage = shutil.disk_usage(folder)
                device = folder.stat().st_dev
                found.setdefault(
                    device, Disk(path=str(folder), used_bytes=usage.total - usage.free, total_bytes=usage.total)
                )
        return list(found.values())


def _row(line: HealthLine) -> HealthRow:
    return HealthRow(name=line.name, state="ok" if line.ok else "degraded", text=line.text)
