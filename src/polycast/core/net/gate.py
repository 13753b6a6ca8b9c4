"""One gate for each outside host: how many exchanges at once, and a rest after too many failures.

One host that is down must not slow another, nor be hammered. Source: specs/security.md 4.1(8).
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Busy
from polycast.core.net.errors import Unreachable

FAILURES: Final = 5
WINDOW: Final = timedelta(seconds=60)
REST: Final = timedelta(seconds=30)
GATES: Final = 2048


class HostState(Struct, frozen=True, kw_only=True):
    """How one outside host is doing, for the status page."""

    owner: str
    host: str
    is_resting: bool
    failures: int  # in the last minute
    open_exchanges: int


class Gate:
    """The gate of one host, for one owner."""

    def __init__(self, clock: Clock, *, owner: str, host: str) -> None:
        self._clock = clock
        self._owner = owner
        self._host = host
        self._failures: deque[timedelta] = deque(maxlen=FAILURES)
        self._rest_until: timedelta | None = None
        self._is_probing = False
        self._open = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def is_idle(self) -> bool:
        """Whether it can be forgotten."""
        return not (self._open or self._waiting or self._rest_until)

    def state(self) -> HostState:
        self._forget_old()
        return HostState(
            owner=self._owner,
            host=self._host,
            is_resting=self._rest_until is not None,
            failures=len(self._failures),
            open_exchanges=self._open,
        )

    @asynccontextmanager
    async def entered(self, at_once: int, patience: timedelta) -> AsyncIterator[None]:
        """One exchange; `at_once` 0 is any number.

        Raises: Unreachable ("resting"); Busy after `patience` in the queue.
        """
        is_probe = self._admit()
        try:
            await self._enter(at_once, patience)
            try:
                yield
            finally:
                self._leave()
        finally:
            self._is_probing = self._is_probing and not is_probe

    def failed(self) -> None:
        """The host failed; the fifth time in a minute, or while it is on probation, it rests."""
        self._forget_old()
        self._failures.append(self._clock.monotonic())
        if self._rest_until is not None or len(self._failures) >= FAILURES:
            self._rest_until = self._clock.monotonic() + REST

    def succeeded(self) -> None:
        self._failures.clear()
        self._rest_until = None

    def _admit(self) -> bool:
        """Refuse while the host rests; afterwards let one exchange through to try it."""
        if self._rest_until is None:
            return False
        left = self._rest_until - self._clock.monotonic()
        if left > timedelta(0) or self._is_probing:
            raise Unreachable(
                "The server has failed several times; it is left alone for a moment.",
                reason="resting",
                retry_after=max(1, round(left.total_seconds())),
            )
        self._is_probing = True
        return True

    async def _enter(self, at_once: int, patience: timedelta) -> None:
        if not at_once or self._open < at_once:
            self._open += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        has_turn = False
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await turn  # whoever leaves hands its place over
                has_turn = True
        except TimeoutError:
            raise Busy("Too many requests wait for this server.", retry_after=5) from None
        finally:
            if not has_turn and turn.done() and not turn.cancelled():
                self._leave()  # handed over at the very moment we gave up
            elif turn in self._waiting:
                self._waiting.remove(turn)

    def _leave(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._open -= 1

    def _forget_old(self) -> None:
        horizon = self._clock.monotonic() - WINDOW
        while self._failures and self._failures[0] <= horizon:
            self._failures.popleft()


class Gates:
    """All gates; the longest unused idle ones are forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._gates: OrderedDict[tuple[str, str, int], Gate] = OrderedDict()

    def of(self, owner: str, host: str, port: int) -> Gate:
        """The gate of `host` and `port` for `owner`: what one user provokes closes no other's way."""
        key = (owner, host, port)
        gate = self._gates.get(key)
        if gate is None:
            self._shrink()
            gate = self._gates[key] = Gate(self._clock, owner=owner, host=f"{host}:{port}")
        self._gates.move_to_end(key)
        return gate

    def states(self) -> list[HostState]:
        return [gate.state() for gate in self._gates.values()]

    def _shrink(self) -> None:
        if len(self._gates) < GATES:
            return
        for key in [key for key, gate in self._gates.items() if gate.is_idle][: GATES // 8]:
            del self._gates[key]
