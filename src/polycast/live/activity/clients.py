"""Who watches now, and who has watched: administrators see all, others themselves."""

from typing import Protocol

from polycast.core.errors import NotFound, NotSignedIn
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database
from polycast.live.relay.store_clients import ClientRow, ClientStore


class Running(Protocol):
    """Ends what runs."""

    def stop_client(self, ref: str, client_id: str) -> None: ...


class Clients:
    """Live channels, films and catch-up in one list."""

    def __init__(self, *, db: Database, store: ClientStore, running: Running) -> None:
        self._db = db
        self._store = store
        self._running = running

    async def watching(self, caller: Caller) -> list[ClientRow]:
        """Those who watch now. Raises: NotSignedIn."""
        return await self._db.read(self._store.running, self._only(caller))

    async def get(self, caller: Caller, row_id: int) -> ClientRow:
        """Raises: NotFound, also for somebody else's."""
        only = self._only(caller)
        found = await self._db.read(self._store.get, row_id)
        if found is None or (only is not None and found.user_id != only):
            raise NotFound("Client")
        return found

    async def stop(self, caller: Caller, row_id: int) -> None:
        """End a stream. Raises: NotFound, also when it has ended."""
        found = await self.get(caller, row_id)
        if found.ended_at is not None:
            raise NotFound("Client")
        self._running.stop_client(found.channel_uuid, found.client_id)

    async def history(self, caller: Caller, *, limit: int, offset: int) -> tuple[list[ClientRow], int]:
        """Those who have watched, latest first, and how many there are."""
        return await self._db.read(self._store.history, self._only(caller), limit, offset)

    def _only(self, caller: Caller) -> int | None:
        """Whose may be seen: everybody's as None."""
        if caller.has(Scope.LIVE_ADMIN):
            return None
        if caller.user_id is None:
            raise NotSignedIn
        return caller.user_id
