"""What would have to be made ahead of time so that devices play without work. Source: specs/library.md 3.23 and 5.6."""

from datetime import timedelta
from pathlib import PurePath
from typing import Final

import msgspec
from msgspec import Struct

from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.library.playback.deciding import decide
from polycast.library.playback.model import Asked, Profile
from polycast.library.playback.ports import PlayableFiles
from polycast.library.playback.profiles import ANDROID_TV, APPLE_TV, WEB
from polycast.library.playback.store_optimizing import OptimizingStore

DEVICES: Final[dict[str, Profile]] = {
    "apple_tv": APPLE_TV, "android_tv": ANDROID_TV, "web": WEB, "ios": APPLE_TV, "android": ANDROID_TV, "roku": WEB,
    "smart_tv": WEB, "playstation": WEB, "xbox": WEB, "mac": WEB, "windows": WEB, "firestick_select": ANDROID_TV,
}  # fmt: skip
COVERED: Final = 3  # the last tier that costs no encoder
BYTES_A_SECOND: Final = 5_000_000 // 8  # of a variant in 1080p
SPEED: Final = 4  # times real time, on the machine this is planned for
SHOWN: Final = 500  # rows of the matrix


class Goal(Struct, frozen=True, kw_only=True):
    """What people want: which devices, when, how much disk."""

    enabled: bool = False
    target_devices: tuple[str, ...] = ("web",)
    priority: str = "balanced"
    window_from: str = "01:00"
    window_to: str = "07:00"
    max_storage_gb: int = 500


class Gap(Struct, frozen=True, kw_only=True):
    """A title and a device that it does not play on without work."""

    item: str
    device: str
    mode: str


class Outlook(Struct, frozen=True, kw_only=True):
    """What a goal would take."""

    total: int
    items: int  # titles with a gap
    gaps: tuple[Gap, ...]
    estimated_bytes: int
    estimated: timedelta


class Optimizing:
    """Goals and what they would take. Nothing is encoded by asking."""

    def __init__(self, *, db: Database, store: OptimizingStore, files: PlayableFiles) -> None:
        self._db = db
        self._store = store
        self._files = files

    async def goal(self) -> Goal:
        found = await self._db.read(self._store.goal)
        return Goal() if found is None else msgspec.convert(found, Goal)

    async def counts(self) -> dict[str, tuple[int, int]]:
        """(how many, bytes) of copies by status."""
        return await self._db.read(self._store.counts)

    async def set_goal(self, goal: Goal) -> Goal:
        await self._db.write(self._store.set_goal, goal)
        return goal

    async def outlook(self, caller: Caller) -> Outlook:
        """Every title against every device of the goal."""
        goal = await self.goal()
        return await self._db.read(self._outlook, caller, goal)

    def _outlook(self, unit: Unit, caller: Caller, goal: Goal) -> Outlook:
        gaps: list[Gap] = []
        total, seconds = 0, 0.0
        titles: set[str] = set()
        for film in self._store.films(unit, self._files.viewer_in(unit, caller)):
            total += 1
            for device in goal.target_devices:
                mode = decide(film.probed, PurePath(film.path), DEVICES[device], Asked()).mode
                if mode.tier > COVERED:
                    gaps.append(Gap(item=film.item, device=device, mode=mode.value))
                    if film.item not in titles:
                        titles.add(film.item)
                        seconds += (film.probed.duration or timedelta()).total_seconds()
        return Outlook(
            total=total,
            items=len(titles),
            gaps=tuple(gaps[:SHOWN]),
            estimated_bytes=int(seconds * BYTES_A_SECOND),
            estimated=timedelta(seconds=seconds / SPEED),
        )
