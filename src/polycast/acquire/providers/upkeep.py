"""Keeping up with the accounts: who we are there, and what they hold. In the worker; nothing here waits for anybody."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.acquire.catalogue.model import Action, Entry, NewFile, State, Status
from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.catalogue.store_parts import PartStore
from polycast.acquire.config.model import Config
from polycast.acquire.config.service import Configs
from polycast.acquire.config.units import span
from polycast.acquire.links.store import LinkStore
from polycast.acquire.providers.accounts import Accounts, Live
from polycast.acquire.providers.errors import ProviderError
from polycast.acquire.providers.model import RemoteItem
from polycast.acquire.providers.store import AccountStore
from polycast.acquire.transfers.events import LibraryChanged
from polycast.acquire.transfers.packed import Packs
from polycast.acquire.transfers.records import Records
from polycast.acquire.transfers.selection import folder_name
from polycast.core.clock import Clock
from polycast.core.jobs import Run, Tick
from polycast.core.storage import Database, Unit, clean

MISSES: Final = 2  # syncs in a row without it before a placement is dropped
BRAKE_PART: Final = 0.2  # of an account's items that one sync may drop without a second opinion
BRAKE_LEAST: Final = 5
CONFIRM_AFTER: Final = timedelta(minutes=10)
BATCH: Final = 50
TOLD_AT_ONCE: Final = 500
LINKS_KEPT: Final = timedelta(days=7)
DUE: Final = timedelta(minutes=10)


class SyncLibrary(Struct, frozen=True):
    """Payload: read everything that an account holds."""

    provider: str


class AccountView(Struct, frozen=True, kw_only=True):
    """An account as people see it."""

    name: str
    provider: str
    profile: Mapping[str, Any]
    error: str
    disabled_until: str | None
    looked_at: str | None
    synced_at: str | None
    items: int
    held_back: int
    placements: int
    bytes_served: int
    is_halved: bool
    calls: Mapping[str, int]


class Upkeep:
    """Of all accounts."""

    def __init__(
        self,
        *,
        db: Database,
        store: AccountStore,
        links: LinkStore,
        entries: EntryStore,
        parts: PartStore,
        records: Records,
        configs: Configs,
        accounts: Accounts,
        packs: Packs,
        clock: Clock,
    ) -> None:
        self._db = db
        self._store = store
        self._links = links
        self._entries = entries
        self._parts = parts
        self._records = records
        self._configs = configs
        self._accounts = accounts
        self._packs = packs
        self._clock = clock

    async def views(self) -> list[AccountView]:
        """As the rows have it; asks nobody."""
        rows = await self._db.read(self._store.all)
        placed = await self._db.read(self._parts.count_at)
        month = (self._clock.now() - timedelta(days=30)).date().isoformat()
        served = await self._db.read(self._store.served_since, month)
        found = []
        for live in await self._accounts.all():
            row = rows.get(live.name)
            now = self._clock.now()
            disabled = row is not None and row.disabled_until is not None and row.disabled_until > now
            found.append(
                AccountView(
                    name=live.name,
                    provider=live.config.provider,
                    profile=row.profile if row else {},
                    error=row.error if row else "",
                    disabled_until=row.disabled_until.isoformat() if row and disabled else None,
                    looked_at=row.looked_at.isoformat() if row and row.looked_at else None,
                    synced_at=row.synced_at.isoformat() if row and row.synced_at else None,
                    items=row.items if row else 0,
                    held_back=row.held_back if row else 0,
                    placements=placed.get(live.name, 0),
                    bytes_served=served.get(live.name, 0),
                    is_halved=any(window.is_halved for window in live.calls.windows()),
                    calls=dict(live.calls.made),
                )
            )
        return found

    async def look(self, payload: Tick, run: Run) -> None:
        """The job `acquire.look_at_accounts`: profile, slots, and whether a refused key works again."""
        for live in await self._accounts.all():
            run.check()
            await self.look_at(live)
        await self._db.write(self._links.purge, self._clock.now() - LINKS_KEPT)

    async def look_at(self, live: Live) -> str:
        """Ask one account who we are; what is wrong, if anything."""
        now = self._clock.now()
        try:
            account = await live.provider.account()
        except ProviderError as error:
            await self._accounts.failed(live, error)
            await self._db.write(self._store.put, live.name, error=error.message, looked_at=now)
            return error.message
        values = {"profile": msgspec.to_builtins(account), "error": "", "disabled_until": None, "looked_at": now}
        await self._db.write(self._store.put, live.name, **values)
        return ""

    async def due(self, payload: Tick, run: Run) -> None:
        """The job `acquire.sync_due_libraries`."""
        rows, now = await self._db.read(self._store.all), self._clock.now()
        for live in await self._accounts.all():
            every = span(live.config.torrents_refresh_interval, path="torrents_refresh_interval") or DUE
            row = rows.get(live.name)
            if row is None or row.synced_at is None or now - row.synced_at >= every:
                await self._db.write(self._enqueue, live.name)

    async def ask(self, provider: str) -> None:
        """Have an account's library read soon."""
        await self._db.write(self._enqueue, provider)

    def _enqueue(self, unit: Unit, provider: str) -> None:
        unit.enqueue("acquire.sync_library", SyncLibrary(provider))

    async def sync(self, payload: SyncLibrary, run: Run) -> None:
        """The job `acquire.sync_library`."""
        live = await self._accounts.named(payload.provider)
        if live is None:
            return
        try:
            items = await self._listed(live, run)
        except ProviderError as error:
            await self._accounts.failed(live, error)
            await self._db.write(self._store.put, live.name, error=error.message)
            return
        known = await self._db.read(self._parts.known_at, live.name)
        new = [item for item in items.values() if _is_new(item, known)]
        await self._take(live, new, run)
        held = await self._vanished(live, known, items)
        now = self._clock.now()
        await self._db.write(
            self._store.put, live.name, items=len(items), synced_at=now, held_back=held, held_at=now if held else None
        )

    async def _listed(self, live: Live, run: Run) -> dict[str, RemoteItem]:
        """By remote id; of several with one hash the youngest."""
        found: dict[str, RemoteItem] = {}
        by_hash: dict[str, str] = {}
        limit = live.config.limit
        async for page in live.provider.items():
            run.check()
            for item in page:
                if not item.info_hash or item.info_hash in by_hash:
                    continue
                by_hash[item.info_hash] = item.id
                found[item.id] = item
            await run.progress(len(found), None, live.name)
            if limit and len(found) >= limit:
                break
        return found

    async def _take(self, live: Live, new: Sequence[RemoteItem], run: Run) -> None:
        """Details of what is new, some at once, written in batches."""
        config = await self._configs.read()
        turns = asyncio.Semaphore(max(1, min(live.config.workers, 50)))

        async def detailed(item: RemoteItem) -> tuple[RemoteItem, list[NewFile]] | None:
            async with turns:
                try:
                    found = item if item.files else await live.provider.item(item.id)
                    return found, await self._packs.files(live, found, config)
                except ProviderError:
                    return None

        for at in range(0, len(new), BATCH):
            run.check()
            found = await asyncio.gather(*(detailed(item) for item in new[at : at + BATCH]))
            await self._db.write(self._write, live.name, [one for one in found if one is not None], config)
            await run.progress(at, len(new), live.name)

    def _write(
        self, unit: Unit, provider: str, items: Iterable[tuple[RemoteItem, list[NewFile]]], config: Config
    ) -> None:
        changed = []
        for item, files in items:
            if not files:
                continue
            entry = self._entries.by_hash(unit, item.info_hash)
            if entry is None:
                entry = self._foreign(unit, item, config)
            elif entry.state not in (State.DONE, State.MISSING) and entry.in_client:
                continue  # the queue's own
            self._records.placed_in(unit, entry, provider, item, files)
            values: dict[str, Any] = {"size_bytes": sum(file.size_bytes for file in files)}
            if entry.is_bad or not entry.active_provider:
                values |= {"is_bad": False, "active_provider": provider, "state": State.DONE.value}
            self._entries.update(unit, entry.id, **values)
            changed.append(entry.info_hash)
        for at in range(0, len(changed), TOLD_AT_ONCE):
            unit.publish(LibraryChanged(hashes=changed[at : at + TOLD_AT_ONCE]))

    def _foreign(self, unit: Unit, item: RemoteItem, config: Config) -> Entry:
        """An entry for something that was not added here."""
        now = self._clock.now()
        name = clean(item.name, 500) or item.info_hash
        original = clean(item.original_name, 500) or name
        entry = Entry(
            id=0,
            info_hash=item.info_hash,
            name=name,
            original_name=original,
            folder=folder_name(config, name=name, original=original, info_hash=item.info_hash),
            magnet=f"magnet:?xt=urn:btih:{item.info_hash}",
            state=State.DONE,
            in_client=False,
            progress=1.0,
            action=Action.NONE,
            save_path=config.download_folder,
            added_at=item.added_at or now,
            updated_at=now,
            completed_at=item.added_at or now,
        )
        return msgspec.structs.replace(entry, id=self._entries.insert(unit, entry))

    async def _vanished(
        self, live: Live, known: Mapping[str, tuple[str, int, str, int]], items: Mapping[str, RemoteItem]
    ) -> int:
        """Drop what has not been listed twice; many at once only after a second look. How many are held back."""
        gone = {remote: row for remote, row in known.items() if remote not in items}
        if not gone:
            return 0
        ripe = [row for row in gone.values() if row[3] + 1 >= MISSES]
        row = (await self._db.read(self._store.all)).get(live.name)
        many = len(ripe) > max(BRAKE_LEAST, BRAKE_PART * len(known))
        confirmed = (
            row is not None
            and row.held_back > 0
            and row.held_at is not None
            and self._clock.now() - row.held_at >= CONFIRM_AFTER
        )
        await self._db.write(self._parts.missed, [one[1] for one in gone.values()])
        if many and not confirmed:
            return len(ripe)
        await self._db.write(self._drop, ripe)
        return 0

    def _drop(self, unit: Unit, rows: Sequence[tuple[str, int, str, int]]) -> None:
        now, changed = self._clock.now(), []
        for info_hash, placement_id, _, _ in rows:
            self._parts.drop_placement(unit, placement_id, now)
            entry = self._entries.by_hash(unit, info_hash)
            if entry is None:
                continue
            left = [one for one in self._parts.placements(unit, [entry.id])[entry.id] if one.is_live]
            if left:
                self._entries.update(unit, entry.id, active_provider=left[0].provider)
            elif entry.in_client or entry.imported_at is not None:
                why = "no account has it any more"
                self._records.change_in(unit, entry, State.MISSING, is_bad=True, error=why, error_code="lost")
            else:
                self._entries.delete(unit, entry.id)
            changed.append(info_hash)
        for at in range(0, len(changed), TOLD_AT_ONCE):
            unit.publish(LibraryChanged(hashes=changed[at : at + TOLD_AT_ONCE]))


def _is_new(item: RemoteItem, known: Mapping[str, tuple[str, int, str, int]]) -> bool:
    if item.status is not Status.DOWNLOADED:
        return False
    row = known.get(item.id)
    return row is None or row[2] != item.fingerprint
