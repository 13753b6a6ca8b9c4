"""The pool of ports on this machine."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, Protocol

from polycast.core.net import Taken, listen
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.leases import free_blocks
from polycast.radio.accounts.model import Ports
from polycast.radio.accounts.store import AccountStore
from polycast.radio.settings import RadioSettings

CANDIDATES: Final = 4  # blocks: others may take the first while we look
TRIED: Final = 64  # blocks with a port that some other program holds, before we give up


class PairsInUse(Protocol):
    """Who knows the ports of channels and DJs."""

    def ports_of(self, unit: Unit, account_id: int) -> Collection[int]: ...


class Pool:
    """Finds free blocks: nobody's by our rows, and nobody's by the system."""

    def __init__(
        self, *, db: Database, store: AccountStore, pairs: PairsInUse, settings: Callable[[], RadioSettings], host: str
    ) -> None:
        self._db = db
        self._store = store
        self._pairs = pairs
        self._settings = settings
        self._host = host

    async def free(self) -> Sequence[Ports]:
        """A few blocks, the lowest first."""
        taken = await self._db.read(self._store.blocks)
        settings = self._settings()
        blocks = free_blocks(taken, first=settings.port_pool_min, last=settings.port_pool_max, size=settings.block_size)
        return await asyncio.to_thread(self._bindable, blocks)

    def used_in(self, unit: Unit, account_id: int) -> Collection[int]:
        """First ports of pairs."""
        return self._pairs.ports_of(unit, account_id)

    def _bindable(self, blocks: Iterable[Ports]) -> list[Ports]:
        found: list[Ports] = []
        for tried, block in enumerate(blocks):
            if len(found) >= CANDIDATES or tried >= TRIED:
                break
            wanted = (block.panel_port, block.default_channel_port, block.default_channel_port + 1)
            if all(self._is_free(port) for port in wanted):
                found.append(block)
        return found

    def _is_free(self, port: int) -> bool:
        try:
            opened = listen(self._host, port)
        except Taken:
            return False
        for one in opened:
            one.close()
        return True
