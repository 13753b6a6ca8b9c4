"""Keeps what fails in one station away from all the others."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from polycast.core.clock import Clock

WAIT: Final = timedelta(seconds=5)

log = logging.getLogger("polycast.radio")


async def guarded(run: Callable[[], Awaitable[None]], *, clock: Clock, what: str) -> None:
    """Run until cancelled; what fails is told once in the log and begun again."""
    while True:
        try:
            await run()
        except Exception:
            log.exception("%s failed; it is started again", what)
        await clock.sleep(WAIT)
