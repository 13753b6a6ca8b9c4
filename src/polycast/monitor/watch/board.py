"""Where the states of all servers hang: written by the watchers of this process, or read from their last snapshots."""

from datetime import timedelta
from typing import Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.storage import Database
from polycast.monitor.servers.store import ServerStore
from polycast.monitor.watch.state import ServerState

OLD: Final = timedelta(seconds=2)  # snapshots of another node's watchers are read again after it


class Board:
    """States by `dvr_id`. Only the process that watches writes; reads never wait for a server."""

    def __init__(self, *, db: Database, store: ServerStore, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._clock = clock
        self._own: dict[str, ServerState] = {}
        self._others: dict[str, ServerState] = {}
        self._read_at: timedelta | None = None
        self.is_ours = False  # the watchers run here
        self.has_started = False

    def put(self, dvr_id: str, state: ServerState) -> None:
        """From now on this is the state of `dvr_id`; its watcher changes it in place."""
        self._own[dvr_id] = state

    def drop(self, dvr_id: str) -> None:
        """It is watched no more."""
        self._own.pop(dvr_id, None)
        self._others.pop(dvr_id, None)

    def own(self) -> dict[str, ServerState]:
        """What the watchers here know."""
        return dict(self._own)

    async def all(self) -> dict[str, ServerState]:
        """Every server's state, as far as anything is known."""
        if self.is_ours:
            return self._own
        now = self._clock.monotonic()
        if self._read_at is None or now - self._read_at > OLD:
            self._others = await self.stored()
            self._read_at = now
        return self._others

    async def of(self, dvr_id: str) -> ServerState | None:
        return (await self.all()).get(dvr_id)

    async def stored(self) -> dict[str, ServerState]:
        """The last snapshots; one that this version cannot read is none."""
        found: dict[str, ServerState] = {}
        for dvr_id, body in (await self._db.read(self._store.snapshots)).items():
            try:
                found[dvr_id] = msgspec.json.decode(body, type=ServerState)
            except msgspec.MsgspecError:
                continue
        return found

    async def save(self) -> None:
        """Write what the watchers here know, for other nodes and the next start."""
        bodies = {dvr_id: msgspec.json.encode(state).decode() for dvr_id, state in self._own.items()}
        if bodies:
            await self._db.write(self._store.put_snapshots, bodies, self._clock.now())
