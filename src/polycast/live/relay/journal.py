"""What is written down about running channels: gathered in memory, stored by turns, so that bytes never wait for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.storage import Database, Unit
from polycast.live.activity.events import SystemEvents
from polycast.live.relay.model import Target
from polycast.live.relay.store import RelayStore

MOST: Final = 5_000  # notes that wait; older ones are dropped when the database does not take them

Note = Callable[[Unit], None]


class Journal:
    """Events, health and stats on their way to their rows."""

    def __init__(self, *, db: Database, store: RelayStore, events: SystemEvents, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._events = events
        self._clock = clock
        self._notes: deque[Note] = deque(maxlen=MOST)
        self._flushing = asyncio.Lock()

    def event(self, event_type: str, target: Target, **details: Any) -> None:
        """Add to the ring of system events."""
        at = self._clock.now()
        uuid = target.ref if target.channel_id is not None else ""
        self._notes.append(
            lambda unit: self._events.add_in(unit, event_type, at=at, uuid=uuid, name=target.name, details=details)
        )

    def health(self, stream_id: int, *, failed: bool) -> None:
        """A stream has failed, or has played for a good while."""
        now = self._clock.now()
        if stream_id:
            self._notes.append(lambda unit: self._store.set_health(unit, stream_id, failed=failed, now=now))

    def stats(self, stream_id: int, stats: Mapping[str, Any]) -> None:
        """What a stream consists of."""
        now = self._clock.now()
        if stream_id:
            self._notes.append(lambda unit: self._store.set_stats(unit, stream_id, stats, now))

    def note(self, note: Note) -> None:
        """Anything else that is to be stored."""
        self._notes.append(note)

    async def flush(self) -> None:
        """Store what has gathered, and return once all of it stands, also what another turn has just taken."""
        async with self._flushing:
            if not self._notes:
                return
            taken = list(self._notes)
            self._notes.clear()
            await self._db.write(_apply, taken)


def _apply(unit: Unit, notes: list[Note]) -> None:
    for note in notes:
        note(unit)
