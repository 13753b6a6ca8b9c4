"""Time, as a collaborator: the wall clock in UTC, the monotonic clock, and waiting. Tests bring their own."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        ...

    def monotonic(self) -> timedelta:
        """Time since some start; only differences mean anything, and they never run backwards."""
        ...

    async def sleep(self, span: timedelta) -> None:
        """Wait for `span` of monotonic time."""
        ...


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> timedelta:
        return timedelta(seconds=time.monotonic())

    async def sleep(self, span: timedelta) -> None:
        await asyncio.sleep(span.total_seconds())
