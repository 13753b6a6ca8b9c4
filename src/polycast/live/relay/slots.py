"""Connections to providers as leases: rows, so that no crash can leak one and no two nodes take the same."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.storage import Database, Unit
from polycast.live.relay.store_slots import SlotStore
from polycast.live.sources.upstreams.service import Upstream

LOCK: Final = "live.slots"
VIEWING: Final = 50  # recordings come before viewing


class Lease(Struct, frozen=True, kw_only=True):
    """A taken connection and what it is for."""

    slot_id: int
    upstream: Upstream


class Slots:
    """Takes, renews and gives back. `node` is the same before and after a restart."""

    def __init__(self, *, db: Database, store: SlotStore, clock: Clock, node: str) -> None:
        self._db = db
        self._store = store
        self._clock = clock
        self._node = node

    async def take(self, holder: str, wanted: Sequence[Upstream], *, priority: int = VIEWING) -> Lease | None:
        """A connection for the first of `wanted` that has one free; None when all are in use."""
        return await self._db.write(self.take_in, holder, wanted, priority)

    def take_in(self, unit: Unit, holder: str, wanted: Sequence[Upstream], priority: int = VIEWING) -> Lease | None:
        """`take` inside a bigger unit."""
        unit.lock(LOCK)
        now = self._clock.now()
        chosen = next((one for one in wanted if self._store.is_free(unit, one, now)), None)
        if chosen is None:
            return None
        slot_id = self._store.insert(unit, holder, chosen, node=self._node, priority=priority, now=now)
        return Lease(slot_id=slot_id, upstream=chosen)

    async def release(self, lease: Lease) -> None:
        await self._db.write(self._store.drop, lease.slot_id)

    async def renew(self, leases: Sequence[Lease]) -> None:
        """Keep them for another while."""
        if leases:
            await self._db.write(self._store.renew, [lease.slot_id for lease in leases], self._clock.now())

    async def clear(self) -> None:
        """Forget what a former life of this node held, and what nobody renewed."""
        await self._db.write(self._store.clear, self._node, self._clock.now())

    async def used(self, account_profile_ids: Sequence[int]) -> dict[int, int]:
        """Connections in use by profile."""
        return await self._db.read(self._store.used, account_profile_ids, self._clock.now())
