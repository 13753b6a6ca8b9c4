"""Room kept for the worst day: a file that is given up when the disk is full, so that the database can still be written.

Source: specs/security.md 4.2, "disk full".
"""

import asyncio
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from polycast.core.clock import Clock
from polycast.core.events.model import Audience
from polycast.core.identity.scopes import Scope
from polycast.core.module import HealthLine
from polycast.core.notify import Level, Notify
from polycast.core.storage import Database, Unit

FILE: Final = "ballast"
LOOK: Final = timedelta(seconds=5)
LOW: Final = 32 * 1024 * 1024  # bytes free; below, the ballast goes
PLENTY: Final = 4  # times its own size must be free before it is laid down (again)
NEWS: Final = "core.disk_full"

log = logging.getLogger("polycast.storage")


class Ballast:
    """Watches the free space of the data directory. One a node; `size_bytes` 0 keeps no file but still tells."""

    def __init__(
        self,
        data_dir: Path,
        *,
        size_bytes: int,
        db: Database,
        notify: Notify,
        clock: Clock,
        free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        self._folder = data_dir
        self._file = data_dir / FILE
        self._size = size_bytes
        self._db = db
        self._notify = notify
        self._clock = clock
        self._free = free
        self._is_told: bool | None = None  # not known: an earlier process may have

    async def run(self) -> None:
        """Look every few seconds, until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(LOOK)

    async def look(self) -> None:
        """Give the ballast up, lay it down again, tell people: whatever is due."""
        free = await asyncio.to_thread(self._free, self._folder)
        if free < LOW:
            if await asyncio.to_thread(self._drop):
                log.error("the disk of the data directory is full; the reserve of %d MiB is given up", self._size >> 20)
            if not self._is_told:
                await self._db.write(self._tell)
                self._is_told = True
        elif free > PLENTY * max(self._size, LOW):
            await asyncio.to_thread(self._lay)
            if self._is_told is not False:
                await self._db.write(self._notify.withdraw, NEWS)
                self._is_told = False

    async def health(self) -> Sequence[HealthLine]:
        """A line when there is no room."""
        free = await asyncio.to_thread(self._free, self._folder)
        if free >= LOW:
            return []
        text = f"Only {free >> 20} MiB are free for the data directory. Delete something, or make the disk larger."
        return [HealthLine(name="disk", ok=False, text=text)]

    def _tell(self, unit: Unit) -> None:
        self._notify.add(
            unit,
            "The disk is full",
            text="Nothing new can be kept in the data directory until there is room. What plays goes on playing.",
            audience=Audience(scope=Scope.LIVE_ADMIN),
            level=Level.ERROR,
            key=NEWS,
        )

    def _drop(self) -> bool:
        try:
            self._file.unlink()
        except FileNotFoundError:
            return False
        return True

    def _lay(self) -> None:
        """Real blocks, not a hole. A disk that cannot do it is no reason to fail."""
        if not self._size or self._file.exists():
            return
        with suppress(OSError):
            handle = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(handle, 0, self._size)
            finally:
                os.close(handle)
