"""Passwords of encoders: compared in constant time, and only so often."""

from collections import deque
from collections.abc import Callable
from typing import Final

from polycast.radio.engine.ports import Tokens

FAILURES: Final = 3
WINDOW_S: Final = 60.0
KEPT_MOST: Final = 4096


class Turnstile:
    """Three wrong ones from an address within a minute, and it is not heard for a minute."""

    def __init__(self, tokens: Tokens, *, clock: Callable[[], float]) -> None:
        self._tokens = tokens
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}

    def is_refused(self, address: str) -> bool:
        """Whether it has to wait."""
        found = self._failures.get(address)
        if found is None:
            return False
        if self._clock() - found[-1] > WINDOW_S:
            del self._failures[address]
            return False
        return len(found) >= FAILURES and found[-1] - found[-FAILURES] <= WINDOW_S

    def same(self, given: str, kept: str) -> bool:
        """Whether it is the password; an empty one never is."""
        return bool(kept) and self._tokens.same(given, kept)

    def failed(self, address: str) -> None:
        """One more."""
        if len(self._failures) > KEPT_MOST:
            self._failures.pop(next(iter(self._failures)))
        self._failures.setdefault(address, deque(maxlen=FAILURES)).append(self._clock())
