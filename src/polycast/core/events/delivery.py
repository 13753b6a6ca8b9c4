"""Listeners that get each event once: stored cursor, one commit for what they do and the move, one node at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import Storage
from polycast.core.events import store
from polycast.core.events.lease import Lease
from polycast.core.events.model import Listener
from polycast.core.events.store import Stored

if TYPE_CHECKING:
    from polycast.core.storage import Database
    from polycast.core.storage.unit import Unit

MOST_FAILURES: Final = 20  # then the listener is parked: it waits for a restart or a person
BATCH: Final = 100  # events read at once
LONGEST_UNIT: Final = timedelta(milliseconds=25)  # other writers wait meanwhile
FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(minutes=5)
LONGEST_ERROR: Final = 300  # characters kept

log = logging.getLogger("polycast.events")


class Moved(Exception):
    """Somebody else has moved the cursor."""


class _Place:
    """How far one listener is, as this process remembers it."""

    def __init__(self, listener: Listener, position: int, failures: int, *, is_parked: bool) -> None:
        self.listener = listener
        self.position = position
        self.failures = failures
        self.is_parked = is_parked
        self.is_behind = True
        self.retry_at: timedelta | None = None  # monotonic


class Deliveries:
    """Serves the ONCE listeners while this process holds the lease."""

    def __init__(self, *, db: Database, clock: Clock, lease: Lease) -> None:
        self._db = db
        self._clock = clock
        self._lease = lease
        self._listeners: dict[str, Listener] = {}
        self._places: dict[str, _Place] | None = None  # None: not read since we got the lease
        self._looked = 0  # id up to which we know what there is
        self._turn = asyncio.Lock()

    def register(self, listeners: Sequence[Listener]) -> None:
        """Add listeners. Raises: ValueError for a name that is taken."""
        for listener in listeners:
            if listener.name in self._listeners:
                raise ValueError(f"two listeners are called {listener.name}")
            self._listeners[listener.name] = listener
        self._places = None

    @property
    def listeners(self) -> Mapping[str, Listener]:
        """By name."""
        return self._listeners

    async def begin(self) -> None:
        """Give new listeners their cursor. What was published before a listener existed is not for it."""
        if self._listeners:
            await self._db.write(store.begin, list(self._listeners))

    async def round(self) -> None:
        """Deliver everything that is due, if the lease is ours."""
        async with self._turn:
            if not self._listeners:
                return
            try:
                if await self._lease.hold():
                    await self._deliver()
                else:
                    self._places = None
            except Storage as error:  # the database's trouble is no listener's failure
                log.warning("events wait: %s", error)

    async def stop(self) -> None:
        """Give the lease back."""
        if self._places is not None:
            await self._lease.drop()
            self._places = None

    def forget(self) -> None:
        """Read the cursors again before the next delivery."""
        self._places = None

    async def _deliver(self) -> None:
        places = self._places
        if places is None:
            places = self._places = await self._read_places()
            self._looked = min((place.position for place in places.values()), default=0)
        news = await self._db.read(store.news, self._looked)
        for place in places.values():
            if news.get(place.listener.event.name, 0) > place.position:
                place.is_behind = True
        self._looked = max(news.values(), default=self._looked)
        for place in places.values():
            if place.is_behind and not self._is_waiting(place):
                try:
                    await self._catch_up(place)
                except Moved:
                    self._places = None
                    return

    def _is_waiting(self, place: _Place) -> bool:
        return place.retry_at is not None and self._clock.monotonic() < place.retry_at

    async def _read_places(self) -> dict[str, _Place]:
        """A parked listener is tried once more: we have just started, perhaps in a release that mends it."""
        found = {cursor.listener: cursor for cursor in await self._db.read(store.cursors)}
        return {
            name: _Place(listener, found[name].position, found[name].failures, is_parked=False)
            for name, listener in self._listeners.items()
            if name in found
        }

    async def _catch_up(self, place: _Place) -> None:
        listener = place.listener
        batch = 1 if place.failures else BATCH
        while events := await self._db.read(store.after, place.position, limit=batch, name=listener.event.name):
            try:
                place.position = await self._db.write(self._apply, listener, place.position, events)
            except (Moved, Storage):
                raise
            except Exception as error:  # noqa: BLE001 # a runner of listeners: one failure must not stop the others
                if len(events) > 1:  # one of them is to blame: alone, it shows itself
                    batch = 1
                    continue
                await self._stumble(place, events[0], error)
                return
            place.failures = 0
            place.is_parked = False
            place.retry_at = None
        place.is_behind = False

    def _apply(self, unit: Unit, listener: Listener, position: int, events: Sequence[Stored]) -> int:
        if listener.once is None or store.position(unit, listener.name) != position:
            raise Moved
        started = self._clock.monotonic()
        handled = position
        for event in events:
            listener.once(unit, msgspec.json.decode(event.body, type=listener.event))
            handled = event.id
            if self._clock.monotonic() - started > LONGEST_UNIT:
                break
        store.move(unit, listener.name, handled)
        return handled

    async def _stumble(self, place: _Place, event: Stored, error: Exception) -> None:
        place.failures += 1
        name = place.listener.name
        log.warning("%s failed at event %d (%s), time %d", name, event.id, event.name, place.failures, exc_info=error)
        parked_at = self._clock.now() if place.failures >= MOST_FAILURES else None
        text = f"event {event.id} ({event.name}): {type(error).__name__}"
        await self._db.write(store.stumble, name, at=place.position, error=text[:LONGEST_ERROR], parked_at=parked_at)
        place.retry_at = self._clock.monotonic() + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(place.failures - 1, 20))
        if parked_at is not None:
            log.error("%s is parked after %d failures", name, place.failures)
            place.retry_at = timedelta.max
