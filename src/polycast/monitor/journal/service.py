"""The watch's own log, kept in a file that its API shows: what its parts warn of, and what happened at the servers.

Every line goes through the house's redaction, with the watch's own secrets known to it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from polycast.core.clock import Clock
from polycast.core.log import KnownSecrets, Redactor, TextFormatter

NAME: Final = "channelwatch.log"
LOGGER: Final = "polycast.monitor"
FULL: Final = 2 * 1024 * 1024  # bytes; then the file becomes the older one of two
WAITING: Final = 5000  # lines not yet written; what comes beyond pushes out the oldest
EVERY: Final = timedelta(seconds=1)
MOST_LINES: Final = 1000


class Journal:
    """One in the web process. `keep_days` is how long the older file stays."""

    def __init__(self, folder: Path, known: KnownSecrets, *, clock: Clock, keep_days: Callable[[], int]) -> None:
        self.path = folder / NAME
        self._older = folder / f"{NAME}.1"
        self._clock = clock
        self._keep_days = keep_days
        self._formatter = TextFormatter(Redactor(known))
        self._waiting: deque[str] = deque(maxlen=WAITING)
        self._one_at_a_time = asyncio.Lock()

    def note(self, text: str, *args: object) -> None:
        """A line about something that happened."""
        self.take(logging.LogRecord(LOGGER, logging.INFO, "", 0, text, args, None))

    def take(self, record: logging.LogRecord) -> None:
        """A record of one of the watch's loggers, from any thread."""
        self._waiting.append(self._formatter.format(record))

    async def run(self) -> None:
        """Until cancelled; what waits then is written still."""
        handler = _Ear(self)
        logger = logging.getLogger(LOGGER)
        logger.addHandler(handler)
        try:
            while True:
                await self._clock.sleep(EVERY)
                await self.flush()
        finally:
            logger.removeHandler(handler)
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Write what waits."""
        async with self._one_at_a_time:
            if self._waiting:
                await asyncio.to_thread(self._write)

    async def tail(self, count: int) -> list[str]:
        """The last `count` lines, newest last."""
        await self.flush()
        return await asyncio.to_thread(self._read, count)

    async def size(self) -> int:
        """Bytes of the file; 0 when there is none."""
        await self.flush()
        return await asyncio.to_thread(_size, self.path)

    def _write(self) -> None:
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _size(self.path) > FULL:
            self.path.replace(self._older)
        with self.path.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
        if self._older.exists() and self._clock.now().timestamp() - self._older.stat().st_mtime > self._keep_days() * 86_400:  # fmt: skip
            self._older.unlink(missing_ok=True)

    def _read(self, count: int) -> list[str]:
        lines: deque[str] = deque(maxlen=count)
        for path in (self._older, self.path):
            if path.exists():
                with path.open(encoding="utf-8", errors="replace") as file:
                    lines.extend(line.rstrip("\n") for line in file)
        return list(lines)


class _Ear(logging.Handler):
    """Hands what is logged to the journal."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        self._journal.take(record)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
