"""How often a provider may be asked: a window that never holds more than the limit, smaller after a 429."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Final

from polycast.acquire.config.units import Rate
from polycast.acquire.providers.errors import ProviderError, Trouble
from polycast.core.clock import Clock

HALVED_FOR: Final = timedelta(minutes=5)
FIRST_REST: Final = timedelta(seconds=1)
LONGEST_REST: Final = timedelta(seconds=60)
MARGIN: Final = timedelta(milliseconds=100)  # their clock starts when our request arrives
LONGEST_WAIT: Final = timedelta(minutes=10)


class CallClass(StrEnum):
    """What a call counts against."""

    API = "api"
    CREATE = "create"
    REPAIR = "repair"
    DOWNLOAD = "download"


class Window:
    """At most `rate.count` calls in any stretch of `rate.per`. `share` is this process's part of it."""

    def __init__(self, rate: Rate, clock: Clock, *, share: float = 1.0, jitter: Callable[[], float]) -> None:
        self._count = max(1, int(rate.count * share))
        self._per = rate.per + MARGIN
        self._clock = clock
        self._jitter = jitter
        self._calls: deque[timedelta] = deque()
        self._halved_until = timedelta()
        self._rest_until = timedelta()
        self._rests = 0
        self._turn = asyncio.Lock()

    async def enter(self, patience: timedelta = LONGEST_WAIT) -> None:
        """Wait for our turn, in order. Raises: ProviderError (BACK_OFF), when it would take longer than `patience`."""
        async with self._turn:
            waited = timedelta()
            while (wait := self._wait()) > timedelta():
                waited += wait
                if waited > patience:
                    raise ProviderError(
                        Trouble.BACK_OFF,
                        "The provider's limit is reached; it is asked again later.",
                        retry_after=max(1, round(wait.total_seconds())),
                    )
                await self._clock.sleep(wait)
            self._calls.append(self._clock.monotonic())

    def _wait(self) -> timedelta:
        now = self._clock.monotonic()
        while self._calls and self._calls[0] <= now - self._per:
            self._calls.popleft()
        if now < self._rest_until:
            return self._rest_until - now
        count = max(1, self._count // 2) if now < self._halved_until else self._count
        return self._calls[-count] + self._per - now if len(self._calls) >= count else timedelta()

    def refused(self, retry_after: int | None) -> None:
        """The provider said 429: rest as long as it asks, or doubling; half the rate for a while."""
        now = self._clock.monotonic()
        doubled = min(FIRST_REST * 2**self._rests, LONGEST_REST) * (0.75 + self._jitter() / 2)
        self._rest_until = max(self._rest_until, now + (timedelta(seconds=retry_after) if retry_after else doubled))
        self._halved_until = now + HALVED_FOR
        self._rests = min(self._rests + 1, 10)

    def passed(self) -> None:
        self._rests = 0

    @property
    def is_halved(self) -> bool:
        """Somebody else may be using the same key."""
        return self._clock.monotonic() < self._halved_until


class Windows:
    """The windows of one account, by class."""

    def __init__(self, clock: Clock, *, share: float, jitter: Callable[[], float]) -> None:
        self._clock = clock
        self._share = share
        self._jitter = jitter
        self._windows: dict[tuple[str, CallClass], Window] = {}
        self._rates: dict[CallClass, Rate] = {}

    def set(self, rates: dict[CallClass, Rate]) -> None:
        """Take over the configured rates; a class without one of its own counts as API."""
        if rates != self._rates:
            self._windows.clear()
            self._rates = dict(rates)

    def of(self, key: str, kind: CallClass) -> list[Window]:
        """What a call of this class with this key has to pass."""
        kinds = [kind] if kind in self._rates else [CallClass.API]
        if kind is CallClass.CREATE and kind in self._rates:
            kinds.append(CallClass.API)
        return [self._window(key, one) for one in kinds if one in self._rates]

    def _window(self, key: str, kind: CallClass) -> Window:
        if (key, kind) not in self._windows:
            self._windows[key, kind] = Window(self._rates[kind], self._clock, share=self._share, jitter=self._jitter)
        return self._windows[key, kind]
