"""Reading what has happened."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.monitor.history.model import Activity, Filter, Page
from polycast.monitor.history.store import ActivityStore

EXPORT_PIECE: Final = 500
RATE_KEPT: Final = timedelta(seconds=2)


class History:
    """The lines of all servers."""

    def __init__(self, *, db: Database, store: ActivityStore, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._clock = clock
        self._rates: dict[str, int] = {}
        self._rates_at: timedelta | None = None

    async def page(self, caller: Caller, wanted: Filter, *, offset: int, limit: int, newest_first: bool = True) -> Page:
        """A cut of what matches."""
        caller.require(Scope.MONITOR_READ)
        return await self._db.read(self._store.page, wanted, offset=offset, limit=limit, newest_first=newest_first)

    async def recent(self, *, since: datetime | None, limit: int) -> list[Activity]:
        """Newest first, of all servers."""
        return await self._db.read(self._store.recent, since=since, limit=limit)

    async def clients(self, caller: Caller, wanted: Filter) -> list[tuple[str, int]]:
        """Devices and how often each was seen."""
        caller.require(Scope.MONITOR_READ)
        return await self._db.read(self._store.clients, wanted)

    async def rate(self, dvr_id: str) -> float:
        """Lines of the last hour at one server; read at most every two seconds for all."""
        now = self._clock.monotonic()
        if self._rates_at is None or now - self._rates_at > RATE_KEPT:
            self._rates_at = now
            since = self._clock.now() - timedelta(hours=1)
            self._rates = await self._db.read(self._store.counts_since, since)
        return float(self._rates.get(dvr_id, 0))

    async def export(self, caller: Caller, wanted: Filter) -> AsyncIterator[list[Activity]]:
        """Everything that matches, oldest first, in pieces; no transaction is open between two."""
        caller.require(Scope.MONITOR_READ)
        last: tuple[datetime, int] | None = None
        while True:
            rows = await self._db.read(self._store.after, wanted, last, EXPORT_PIECE)
            if not rows:
                return
            last = (rows[-1][1].at, rows[-1][0])
            yield [activity for _, activity in rows]

    async def clear(self, caller: Caller, *, dvr_id: str = "", before: datetime | None = None) -> int:
        """Delete lines; how many."""
        caller.require(Scope.MONITOR_WRITE)
        total = 0
        while count := await self._db.write(self._clear, dvr_id, before):
            total += count
        self._rates_at = None
        return total

    def _clear(self, unit: Unit, dvr_id: str, before: datetime | None) -> int:
        return self._store.clear(unit, dvr_id=dvr_id, before=before)
