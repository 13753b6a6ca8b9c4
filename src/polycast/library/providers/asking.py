"""What all clients of outside services share: whose turn it is, what was answered before, and words for failures."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

from polycast.core.clock import Clock
from polycast.core.errors import Busy, NotFound, Unavailable
from polycast.core.net import NO_BODY, BadAnswer, Body, Outbound, Unreachable

T = TypeVar("T")
REMEMBERED: Final = 2_000
DETAILS: Final = timedelta(hours=24)
SEARCH: Final = timedelta(hours=6)
TREND: Final = timedelta(hours=3)
QUOTA_WAIT: Final = 60  # seconds, when a service says "too often" but not how long


class NoKey(Unavailable):
    """Nobody has given us a key for the service."""


class BadKey(Unavailable):
    """The service does not take the key, or not the token made with it."""


class Asker:
    """Questions to one service. `service` is its name for people; `between` the least time from one to the next.

    Retries, time-outs and resting after failures are `Outbound`'s.
    """

    def __init__(self, service: str, *, out: Callable[[], Outbound], clock: Clock, between: timedelta) -> None:
        self.service = service
        self._out = out
        self._clock = clock
        self._between = between
        self._turn = asyncio.Lock()
        self._next = timedelta()
        self._known: OrderedDict[str, tuple[timedelta, Any]] = OrderedDict()

    async def get(
        self, url: str, kind: type[T], *, params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None, secret: Mapping[str, str] | None = None, life: timedelta = timedelta(),
    ) -> T:  # fmt: skip
        """What is there, remembered for `life`. `secret` are parameters that make no difference to the answer: keys.

        Raises: NotFound; BadKey; Busy with the time to wait; Unavailable.
        """
        asked = dict(params or {})
        name = f"{url}?{sorted(asked.items())}"
        known = self._known.get(name)
        if known is not None and self._clock.monotonic() < known[0]:
            self._known.move_to_end(name)
            return known[1]  # type: ignore[no-any-return]
        answer = await self.send("GET", url, kind, params=asked | dict(secret or {}), headers=headers)
        if life:
            self._known[name] = (self._clock.monotonic() + life, answer)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return answer

    async def send(
        self, method: str, url: str, kind: type[T], *, params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None, body: Body = NO_BODY,
    ) -> T:  # fmt: skip
        """An answer that is not remembered. Raises: as `get`."""
        await self._wait()
        try:
            return await self._out().json(method, url, type=kind, params=params, headers=headers, body=body)
        except BadAnswer as error:
            raise self._refused(error) from error
        except Unreachable as error:
            raise Unavailable(f"{self.service} cannot be reached.") from error

    async def fetch(self, method: str, url: str, *, headers: Mapping[str, str] | None = None) -> None:
        """Ask where no body is answered. Raises: as `get`."""
        await self._wait()
        try:
            got = await self._out().fetch(url, method=method, headers=headers)
        except Unreachable as error:
            raise Unavailable(f"{self.service} cannot be reached.") from error
        if not 200 <= got.status < 300:
            raise self._refused(BadAnswer("refused", reason="status", status=got.status))

    def _refused(self, error: BadAnswer) -> Exception:
        match error.status:
            case 404:
                return NotFound("The title")
            case 401 | 403:
                return BadKey(f"{self.service} does not take the key.")
            case 420 | 429:
                wait = error.retry_after or QUOTA_WAIT
                return Busy(f"{self.service} wants to be asked less often.", retry_after=wait)
        return Unavailable(f"{self.service} does not answer as it should.")

    async def _wait(self) -> None:
        """Whoever asks: one after the other, not faster than the service likes."""
        async with self._turn:
            now = self._clock.monotonic()
            if now < self._next:
                await self._clock.sleep(self._next - now)
            self._next = max(now, self._next) + self._between
