"""Putting an entry back at a provider that has lost it, or at another one."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from polycast.acquire.catalogue.model import Detail, State
from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.config.service import Configs
from polycast.acquire.providers.accounts import Accounts
from polycast.acquire.providers.errors import ProviderError
from polycast.acquire.transfers.records import Records
from polycast.acquire.transfers.submitting import Refused, Submitting
from polycast.core.clock import Clock
from polycast.core.storage import Database, Unit

TRIES: Final = 3  # a day and provider
DAY: Final = timedelta(hours=24)
AT_ONCE: Final = 4


class Mending:
    """Re-inserts: the same account first, then the others, never more often than makes sense."""

    def __init__(
        self,
        *,
        db: Database,
        entries: EntryStore,
        records: Records,
        submitting: Submitting,
        accounts: Accounts,
        configs: Configs,
        clock: Clock,
    ) -> None:
        self._configs = configs
        self._db = db
        self._entries = entries
        self._records = records
        self._submitting = submitting
        self._accounts = accounts
        self._clock = clock
        self._locks: dict[str, asyncio.Lock] = {}
        self._tried: dict[tuple[str, str], list[timedelta]] = {}

    async def mend(self, detail: Detail, provider: str) -> Detail | None:
        """The entry as it is afterwards; None when nobody has it, and it is marked bad then."""
        info_hash = detail.entry.info_hash
        lock = self._locks.setdefault(info_hash, asyncio.Lock())
        async with lock:
            now = await self._records.detail(info_hash)
            if _ids(now) != _ids(detail):  # somebody else has just done it
                return now
            found = await self._mend(now, provider)
        if not lock.locked():
            self._locks.pop(info_hash, None)
        return found

    async def _mend(self, detail: Detail, provider: str) -> Detail | None:
        entry = detail.entry
        if not entry.magnet or not self._may(entry.info_hash, provider):
            await self._bad(detail, provider)
            return None
        await self._drop_remote(detail, provider)
        await self._records.drop_placement(detail, provider)
        config = await self._configs.read()
        found = await self._submitting.submit(entry, only=provider if config.skip_auto_move else "")
        if isinstance(found, Refused) or found.item.status.value != "downloaded":
            await self._bad(detail, provider)
            return None
        await self._records.taken(entry, found.live.name, found.item, found.files, state=State.DONE)
        return await self._records.detail(entry.info_hash)

    def _may(self, info_hash: str, provider: str) -> bool:
        now = self._clock.monotonic()
        tries = [at for at in self._tried.get((info_hash, provider), []) if now - at < DAY]
        if len(tries) >= TRIES:
            return False
        self._tried[info_hash, provider] = [*tries, now]
        return True

    async def _drop_remote(self, detail: Detail, provider: str) -> None:
        live = await self._accounts.named(provider)
        placement = next((one for one in detail.placements if one.provider == provider), None)
        if live is None or placement is None:
            return
        try:
            await live.provider.delete(placement.remote_id)
        except ProviderError as error:
            await self._accounts.failed(live, error)

    async def _bad(self, detail: Detail, provider: str) -> None:
        await self._db.write(self._mark, detail.entry.id, provider)

    def _mark(self, unit: Unit, entry_id: int, provider: str) -> None:
        entry = self._entries.by_id(unit, entry_id)
        if entry is not None:
            why = f"{provider} has lost it, and no account has it"
            self._records.change_in(unit, entry, entry.state, is_bad=True, error=why, error_code="lost")


def _ids(detail: Detail) -> Sequence[tuple[str, str]]:
    return [(one.provider, one.remote_id) for one in detail.placements]
