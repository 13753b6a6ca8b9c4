"""Telling how far a refresh is, twice a second at most."""

import asyncio
from datetime import timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.jobs.model import Run
from polycast.live.sources.model import SourceProgress, Status
from polycast.live.sources.ports import Teller
from polycast.live.sources.refresh.scan import Scan

TELL_EVERY: Final = timedelta(milliseconds=500)
LONGEST_TELLING: Final = 5.0  # seconds the scan waits for its loop; it goes on without


class Meter:
    """How far one step of a refresh is. Made on the loop."""

    def __init__(self, account_id: int, *, teller: Teller, clock: Clock, run: Run) -> None:
        self._account_id = account_id
        self._teller = teller
        self._clock = clock
        self._run = run
        self._loop = asyncio.get_running_loop()
        self._started = self._told = clock.monotonic()

    def say(self, action: str, percent: int, status: Status, message: str = "", done: int = 0) -> None:
        """Tell now. On the loop."""
        self._told = self._clock.monotonic()
        seconds = (self._told - self._started).total_seconds()
        self._teller.tell(
            SourceProgress(
                account_id=self._account_id,
                action=action,
                progress=percent,
                status=status.value,
                message=message,
                streams_processed=done,
                elapsed_seconds=round(seconds, 1),
            )
        )

    def downloaded(self, done: int, total: int | None) -> None:
        """Progress of `Outbound.save`. On the loop."""
        if self._is_time():
            self.say("downloading", _percent(done, total), Status.FETCHING)

    def follow(self, scan: Scan, total: int | None) -> None:
        """Tell what `scan` does, from its thread, each time it looks whether to go on."""

        def look() -> None:
            if self._is_time():
                told = asyncio.run_coroutine_threadsafe(self._scanned(scan.progress.entries, total), self._loop)
                told.result(LONGEST_TELLING)

        scan.watch(look)

    async def _scanned(self, done: int, total: int | None) -> None:
        self.say("parsing", _percent(done, total), Status.PARSING, done=done)
        await self._run.progress(done, total, "entries")

    def _is_time(self) -> bool:
        return self._clock.monotonic() - self._told >= TELL_EVERY


def _percent(done: int, total: int | None) -> int:
    return min(99, 100 * done // total) if total else 0
