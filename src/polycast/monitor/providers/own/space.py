"""How full the disk under our own files is."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from polycast.core.clock import Clock

KEPT: Final = timedelta(seconds=60)


class Space:
    """Of the first folder that is there; looked at once a minute."""

    def __init__(self, folders: Callable[[], Sequence[Path]], clock: Clock) -> None:
        self._folders = folders
        self._clock = clock
        self._at: timedelta | None = None
        self._found: tuple[int | None, int | None] = (None, None)

    async def now(self) -> tuple[int | None, int | None]:
        """Total and free bytes; None without a folder."""
        now = self._clock.monotonic()
        if self._at is None or now - self._at > KEPT:
            self._at = now
            self._found = await asyncio.to_thread(_look, tuple(self._folders()))
        return self._found


def _look(folders: Sequence[Path]) -> tuple[int | None, int | None]:
    for folder in folders:
        try:
            usage = shutil.disk_usage(folder)
        except OSError:
            continue
        return usage.total, usage.free
    return None, None
