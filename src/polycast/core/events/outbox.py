"""Where events leave from: stored in the commit that made them true, or told without a trace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.events import store
from polycast.core.events.model import Audience, Event
from polycast.core.events.pokes import LONGEST_FRAME, Pokes

if TYPE_CHECKING:
    from asyncio import TimerHandle

    from polycast.core.storage.unit import Unit

STORED: Final = "core.events"  # topic: there is something new in the outbox
TOLD: Final = "core.told"  # topic: JSON list of Told
TELL_GAP: Final = timedelta(milliseconds=100)  # messages of one key within it are joined
MOST_WAITING: Final = 4096  # keys told within one gap; more are lost


class Told(Struct, frozen=True, kw_only=True):
    """A message that is not stored."""

    name: str
    at: datetime
    body: msgspec.Raw
    audience: Audience


class Outbox:
    """Storage's `Publisher`, and the way for messages that are not worth storing. Needs no database to be built."""

    def __init__(self, *, clock: Clock, pokes: Pokes) -> None:
        self._clock = clock
        self._pokes = pokes
        self._open: WeakKeyDictionary[Unit, list[Event]] = WeakKeyDictionary()
        self._waiting: dict[tuple[str, object], Told] = {}
        self._timer: TimerHandle | None = None
        self._flushed_at = timedelta(days=-1)

    def publish(self, unit: Unit, event: Event) -> None:
        """Store `event` with `unit`'s commit. Ids follow the commits: the rows are written as the last thing in it."""
        collected = self._open.get(unit)
        if collected is None:
            collected = self._open[unit] = []
            unit.before_commit(lambda: self._write(unit))
        collected.append(event)

    def tell(self, event: Event) -> None:
        """Send `event` to whoever listens right now; from any thread. May be lost.

        Within 100 ms only the last one is sent of those that agree in the field `Event.coalesce`.
        """
        told = Told(
            name=event.name,
            at=self._clock.now(),
            body=msgspec.Raw(msgspec.json.encode(event)),
            audience=event.audience(),
        )
        self._pokes.on_loop(self._collect, (event.name, _key(event)), told)

    def flush(self) -> None:
        """Send what waits, now. Only on the loop."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = list(self._waiting.values()), {}
        self._flushed_at = self._clock.monotonic()
        for payload in _packed(waiting):
            self._pokes.poke(TOLD, payload)

    def _write(self, unit: Unit) -> None:
        now = self._clock.now()
        rows = [store.row_of(e.name, now, msgspec.json.encode(e), e.audience()) for e in self._open.pop(unit)]
        # On PostgreSQL ids are drawn before commits are ordered: a reader past id 2 would never see a late id 1.
        unit.lock(STORED)
        store.add(unit, rows)
        unit.notify(STORED)
        unit.after_commit(self._committed)

    def _committed(self) -> None:
        if not self._pokes.on_loop(self._send):
            self._pokes.poke(STORED, far=False)

    def _send(self) -> None:
        """What was told before the commit goes first: "half done" must not arrive after "done"."""
        if self._waiting:
            self.flush()
        self._pokes.poke(STORED, far=False)

    def _collect(self, key: tuple[str, object], told: Told) -> None:
        if len(self._waiting) >= MOST_WAITING and key not in self._waiting:
            return
        self._waiting[key] = told
        if self._timer is None:
            wait = max(timedelta(), self._flushed_at + TELL_GAP - self._clock.monotonic())
            self._timer = self._pokes.later(wait, self.flush)


def _key(event: Event) -> object:
    if event.coalesce is None:
        return object()  # joined with nothing
    return getattr(event, event.coalesce) if event.coalesce else None


def _packed(messages: Sequence[Told]) -> list[bytes]:
    """The messages as JSON lists, each short enough for a frame."""
    room = LONGEST_FRAME - 256
    packed: list[bytes] = []
    batch: list[bytes] = []
    size = 0
    for one in map(msgspec.json.encode, messages):
        if batch and size + len(one) > room:
            packed.append(b"[" + b",".join(batch) + b"]")
            batch, size = [], 0
        batch.append(one)
        size += len(one) + 1
    if batch:
        packed.append(b"[" + b",".join(batch) + b"]")
    return packed
