"""Files as they are cut: their entry points, looked up once and kept."""

import asyncio
from collections import OrderedDict
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.media import CannotCut, Cuts, Keyframes
from polycast.core.storage import Database
from polycast.library.playback.plan import Plan, by_keyframes, evenly
from polycast.library.playback.store import LookStore
from polycast.library.playback.supply import Film
from polycast.library.probing.model import Probed

KEPT: Final = 64
SCANNED_BYTES: Final = 8 * 1024**3  # a larger file without an index is encoded anew and not read through first
KIND: Final = "keyframes"
_decoder: Final = msgspec.msgpack.Decoder(Keyframes)


class Films:
    """Plans of files."""

    def __init__(self, *, db: Database, store: LookStore, cuts: Cuts, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._cuts = cuts
        self._clock = clock
        self._known: OrderedDict[str, Film] = OrderedDict()
        self._looking: dict[int, asyncio.Lock] = {}

    async def film(
        self, file_id: int, path: Path, probed: Probed, *, size: int, mtime_ns: int, length: timedelta
    ) -> Film:
        """A file with its plan; `keyframes` is None when its pictures cannot be entered for copying.

        Raises: NotFound, when the file is gone, and what `Media.ask` raises.
        """
        name = f"{file_id}-{size:x}-{mtime_ns:x}-{length // timedelta(seconds=1)}"
        known = self._known.get(name)
        if known is not None:
            self._known.move_to_end(name)
            return known
        async with self._looking.setdefault(file_id, asyncio.Lock()):
            if name not in self._known:
                self._known[name] = await self._made(name, file_id, path, probed, size, mtime_ns, length)
        self._looking.pop(file_id, None)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return self._known[name]

    async def keyframes(
        self, file_id: int, path: Path, probed: Probed, *, size: int, mtime_ns: int
    ) -> Keyframes | None:
        """The entry points of a file's pictures, from what is known or from a look into it."""
        video = probed.video
        if video is None:
            return None
        stored = await self._db.read(lambda unit: self._store.look(unit, file_id, KIND, size=size, mtime_ns=mtime_ns))
        if stored is not None:
            found = _decoder.decode(stored)
            return found if found.ticks else None
        keyframes = await self._looked(path, video.index, size)
        content = msgspec.msgpack.encode(keyframes or _none())
        now = self._clock.now()
        await self._db.write(
            lambda unit: self._store.keep(unit, file_id, KIND, content, size=size, mtime_ns=mtime_ns, made_at=now)
        )
        return keyframes

    async def _looked(self, path: Path, stream: int, size: int) -> Keyframes | None:
        found = await self._cuts.keyframes(path, stream)
        if found is None and size <= SCANNED_BYTES:
            try:
                found = await self._cuts.keyframes(path, stream, may_scan=True)
            except CannotCut:
                return None
        return found if found is not None and found.ticks else None

    async def _made(
        self, name: str, file_id: int, path: Path, probed: Probed, size: int, mtime_ns: int, length: timedelta
    ) -> Film:
        keyframes = await self.keyframes(file_id, path, probed, size=size, mtime_ns=mtime_ns)
        duration = probed.duration or timedelta(seconds=1)
        plan: Plan
        if keyframes is not None:
            plan = by_keyframes(keyframes, length=length, duration=duration)
        else:
            plan = evenly(duration, length=length)
        return Film(name=name, path=path, plan=plan, keyframes=keyframes)


def _none() -> Keyframes:
    return Keyframes(ticks=[], by_dts=False, shift=0, numerator=1, denominator=1, origin_us=0, end_us=0)
