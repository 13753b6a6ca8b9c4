"""A destination that keeps failing is left alone for a while; then one message tries it."""

from datetime import timedelta
from typing import Final

FAILURES: Final = 5
REST: Final = timedelta(seconds=300)


class Breaker:
    """Of one destination; times are monotonic."""

    def __init__(self) -> None:
        self._failures = 0
        self._rests_until: timedelta | None = None

    def is_open(self, now: timedelta) -> bool:
        """Whether messages are kept back now."""
        return self._rests_until is not None and now < self._rests_until

    def left(self, now: timedelta) -> timedelta:
        return max(timedelta(), (self._rests_until or now) - now)

    def failed(self, now: timedelta) -> None:
        """The fifth in a row, or the one that tried after a rest, begins a rest."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._rests_until = now + REST

    def succeeded(self) -> None:
        self._failures, self._rests_until = 0, None
