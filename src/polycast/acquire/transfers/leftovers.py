"""Items that a crash has left at an account after nobody wanted them any more."""

from datetime import timedelta
from typing import Final

from polycast.acquire.catalogue.store_parts import PartStore
from polycast.acquire.providers.accounts import Accounts
from polycast.acquire.providers.errors import ProviderError
from polycast.acquire.transfers.submitting import left_at
from polycast.core.clock import Clock
from polycast.core.jobs import Run, Tick
from polycast.core.storage import Database

RIPE_AFTER: Final = timedelta(minutes=5)  # until then its own task may still be at work


class Leftovers:
    """Reads the intents that were written before each call; those of wanted entries are taken up by the queue itself."""

    def __init__(self, *, db: Database, parts: PartStore, accounts: Accounts, clock: Clock) -> None:
        self._db = db
        self._parts = parts
        self._accounts = accounts
        self._clock = clock

    async def clear(self, payload: Tick, run: Run) -> None:
        """The job `acquire.clear_leftovers`."""
        for info_hash, provider in await self._db.read(self._parts.ownerless, self._clock.now() - RIPE_AFTER):
            run.check()
            live = await self._accounts.named(provider)
            try:
                item = await left_at(live, info_hash) if live is not None else None
                if live is not None and item is not None:
                    await live.provider.delete(item.id)
            except ProviderError as error:
                if live is not None:
                    await self._accounts.failed(live, error)
                continue  # the intent stays, and with it the next try
            await self._db.write(self._parts.settled, info_hash, provider)
