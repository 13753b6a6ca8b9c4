"""A lease: what only one node does at a time.

Time is each node's own monotonic clock: a lease has run out when its beat stood still for `LEASE` under the eyes of
another node. So neither a jump of a wall clock nor two that differ make two holders.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from polycast.core.clock import Clock
from polycast.core.events import store
from polycast.core.events.store import Held
from polycast.core.ids import Ids

if TYPE_CHECKING:
    from polycast.core.storage import Database

LEASE: Final = timedelta(seconds=30)
HEARTBEAT: Final = timedelta(seconds=10)


class Lease:
    """The right to do `name`, for one process. `owner` is the same before and after a restart of that process, and
    nobody else's: it takes over from its own earlier life at once."""

    def __init__(
        self, *, db: Database, clock: Clock, ids: Ids, name: str, owner: str, length: timedelta = LEASE
    ) -> None:
        self._db = db
        self._clock = clock
        self._name = name
        self._owner = owner
        self._length = length
        self._heartbeat = min(HEARTBEAT, length / 3)
        self._life = ids.uuid()
        self._renewed: timedelta | None = None  # when we last began to renew it with success
        self._seen: tuple[Held, timedelta] | None = None  # somebody else's, and since when it stands still

    async def hold(self) -> bool:
        """Whether we may go on. Renews when due, takes the lease when it is free or its holder is gone.

        Cheap: at most one read while another holds it, nothing between two heartbeats while we do.
        """
        now = self._clock.monotonic()
        if self._renewed is not None and now - self._renewed < self._heartbeat:
            return True
        held = await self._db.read(store.holder, self._name)
        if held is not None and held.life != self._life and not self._is_free(held, now):
            self._renewed = None
            return False
        taken = await self._db.write(store.take, self._name, was=held, owner=self._owner, life=self._life)
        self._renewed = now if taken else None
        return taken

    async def drop(self) -> None:
        """Give it back, so that another takes it at once."""
        self._renewed = None
        await self._db.write(store.give_back, self._name, life=self._life)

    def _is_free(self, held: Held, now: timedelta) -> bool:
        if held.owner == self._owner:
            return True
        if self._seen is None or self._seen[0] != held:
            self._seen = (held, now)
        return now - self._seen[1] >= self._length
