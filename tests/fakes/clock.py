"""Time that stands still until a test moves it."""

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class FakeClock:
    """A clock moved by hand. `sleep` returns once the clock has been moved far enough."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._passed = timedelta()
        self._sleepers: list[tuple[timedelta, asyncio.Event]] = []

    def now(self) -> datetime:
        return self._start + self._passed

    def monotonic(self) -> timedelta:
        return self._passed

    async def sleep(self, span: timedelta) -> None:
        if span <= timedelta():
            await asyncio.sleep(0)
            return
        woken = asyncio.Event()
        self._sleepers.append((self._passed + span, woken))
        await woken.wait()

    @property
    def asleep(self) -> int:
        """How many sleep right now."""
        return len(self._sleepers)

    def move(self, span: timedelta) -> None:
        """Let `span` pass and wake whoever slept until then."""
        self._passed += span
        for until, woken in list(self._sleepers):
            if until <= self._passed:
                self._sleepers.remove((until, woken))
                woken.set()
