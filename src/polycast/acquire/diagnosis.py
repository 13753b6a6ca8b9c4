"""The last lines of this module's log, for whoever looks for what is wrong."""

import asyncio
import logging
from collections import deque
from typing import Final

from msgspec import Struct

from polycast.core.log import KnownSecrets, RedactingFormatter, Redactor, TextFormatter

KEPT: Final = 1_000
LOGGER: Final = "polycast.acquire"


class Line(Struct, frozen=True):
    """One record, redacted."""

    id: int
    at: int  # seconds since 1970
    level: str
    message: str  # as the server's log has the whole line


class RecentLog(logging.Handler):
    """Of the web process, redacted as the server's own log is. A daemon: it listens from start to stop."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[Line] = deque(maxlen=KEPT)
        self._count = 0
        self._own = TextFormatter(Redactor(KnownSecrets()))

    async def run(self) -> None:
        """Until cancelled."""
        logger = logging.getLogger(LOGGER)
        logger.addHandler(self)
        logging.getLogger(f"{LOGGER}.log").info("the log of acquisition begins")
        try:
            await asyncio.Event().wait()
        finally:
            logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line as the server writes it, whose formatter knows every secret in use."""
        formatters = (handler.formatter for handler in logging.getLogger().handlers)
        known = next((one for one in formatters if isinstance(one, RedactingFormatter)), self._own)
        self._lines.append(Line(self._count, int(record.created), record.levelname, known.format(record)))
        self._count += 1

    def kept(self) -> list[Line]:
        """The youngest last."""
        return list(self._lines)

    def lines(self, most: int = KEPT) -> list[str]:
        """The youngest last."""
        return [line.message for line in self._lines][-most:]
