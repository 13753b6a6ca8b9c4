"""Finding an account that takes an entry: cached first, then in the order of the configuration."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, Protocol

from msgspec import Struct

from polycast.acquire.catalogue.model import Entry, NewFile, State, Status
from polycast.acquire.config.model import Config
from polycast.acquire.config.service import Configs
from polycast.acquire.providers.accounts import Accounts, Live
from polycast.acquire.providers.errors import PASSING, ProviderError, Trouble
from polycast.acquire.providers.model import RemoteItem
from polycast.acquire.torrents.reading import magnet_of, read_magnet
from polycast.acquire.transfers.packed import Packs
from polycast.acquire.transfers.records import Records
from polycast.acquire.transfers.selection import NO_FILES, is_video, is_wanted
from polycast.core.clock import Clock

CACHE_LOOK: Final = 2.0  # seconds
RESOLVE_LOOKS: Final = 3  # a magnet whose files are not known yet is asked for so often
RESOLVE_WAIT: Final = timedelta(seconds=1)
SLOT_WAIT: Final = timedelta(seconds=30)


class Wishes(Protocol):
    """What the program behind a category wants."""

    async def download_uncached(self, category: str) -> bool | None: ...

    async def selected_debrid(self, category: str) -> str: ...


class Taken(Struct, frozen=True, kw_only=True):
    """An account has taken it."""

    live: Live
    item: RemoteItem
    files: tuple[NewFile, ...]


class Refused(Struct, frozen=True, kw_only=True):
    """No account takes it; `is_final` when asking again would not help."""

    why: str
    code: str
    is_final: bool


class Submitting:
    """Carries one entry to a provider."""

    def __init__(
        self, *, configs: Configs, accounts: Accounts, records: Records, packs: Packs, wishes: Wishes, clock: Clock
    ) -> None:
        self._packs = packs
        self._configs = configs
        self._accounts = accounts
        self._records = records
        self._wishes = wishes
        self._clock = clock
        self._full_until: dict[str, timedelta] = {}

    async def submit(self, entry: Entry, *, but: Sequence[str] = (), only: str = "") -> Taken | Refused:
        """Ask the accounts that come into question, one after the other; `but` are left out, `only` one is asked."""
        config = await self._configs.read()
        candidates, reasons = await self._candidates(entry, but, only)
        if not candidates and not reasons:
            return Refused(why="no debrid account is configured", code="no_account", is_final=True)
        is_final = bool(candidates) or not reasons
        for live in await self._cached_first(candidates, entry):
            if not entry.is_forced and self._full_until.get(live.name, timedelta()) > self._clock.monotonic():
                reasons[live.name] = "too many active downloads"
                is_final = False
                continue
            try:
                found = await self._try(live, entry, config)
            except ProviderError as error:
                await self._accounts.failed(live, error)
                reasons[live.name] = error.message
                is_final = is_final and error.trouble not in PASSING
                if error.trouble is Trouble.SLOTS:
                    self._full_until[live.name] = self._clock.monotonic() + SLOT_WAIT
                continue
            if isinstance(found, Taken):
                return found
            reasons[live.name] = found
            if found == NO_FILES:
                return Refused(why=NO_FILES, code="no_eligible_files", is_final=True)
        why = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        return Refused(why=why, code="refused" if is_final else "waiting", is_final=is_final)

    async def _candidates(self, entry: Entry, but: Sequence[str], only: str) -> tuple[list[Live], dict[str, str]]:
        usable, disabled = await self._accounts.usable()
        wanted = only or entry.options.debrid or await self._wishes.selected_debrid(entry.category)
        if wanted:
            usable = [live for live in usable if live.name == wanted]
            disabled = {name: why for name, why in disabled.items() if name == wanted}
        return [live for live in usable if live.name not in but], dict(disabled)

    async def _cached_first(self, candidates: list[Live], entry: Entry) -> list[Live]:
        askable = [live for live in candidates if live.provider.abilities.can_check_cache]
        if len(candidates) < 2 or not askable:
            return candidates
        answers = await asyncio.gather(*(self._is_cached(live, entry.info_hash) for live in askable))
        first = {live.name for live, is_cached in zip(askable, answers, strict=True) if is_cached}
        return sorted(candidates, key=lambda live: live.name not in first)

    async def _is_cached(self, live: Live, info_hash: str) -> bool:
        try:
            async with asyncio.timeout(CACHE_LOOK):
                return (await live.provider.cached([info_hash])).get(info_hash, False)
        except (ProviderError, TimeoutError):
            return False

    async def _try(self, live: Live, entry: Entry, config: Config) -> Taken | str:
        """Taken, or why not. Raises: ProviderError."""
        if await self._is_full(live, entry):
            raise ProviderError(Trouble.SLOTS, "too many active downloads")
        item = await self._item(live, entry, config)
        keep = False
        try:
            item = await self.selected(live, item, config)
            if item.status in (Status.ERROR, Status.DEAD):
                raise ProviderError(Trouble.REFUSED, item.error or "the torrent is dead or damaged")
            if live.config.unpack_rar and await self._packs.is_closed(live, item):
                item = await self._only_videos(live, entry, item, config)
            files = await self._packs.files(live, item, config)
            if not files and (item.files or item.status is Status.DOWNLOADED):
                return NO_FILES
            if item.status is not Status.DOWNLOADED and not await self._may_wait(live, entry):
                return "not cached"
            keep = True
            return Taken(live=live, item=item, files=tuple(files))
        finally:
            if not keep:
                await self._drop(live, item)
                await self._records.settled(entry, live.name)

    async def _is_full(self, live: Live, entry: Entry) -> bool:
        if entry.is_forced or not live.config.minimum_free_slot:
            return False
        account = await live.provider.account()
        if account.slots_limit is None:
            return False
        return account.slots_limit - account.slots_used <= live.config.minimum_free_slot

    async def _item(self, live: Live, entry: Entry, config: Config) -> RemoteItem:
        """Added now, or by a call whose answer a crash or a broken connection has kept from us: never twice."""
        was_cut_off = await self._records.intend(entry, live.name)
        try:
            found = await left_at(live, entry.info_hash) if was_cut_off else None
            return await self._added(live, entry, config) if found is None else await live.provider.item(found.id)
        except ProviderError as error:
            if error.trouble is not Trouble.RETRY:  # it has said no; otherwise nobody knows what it did
                await self._records.settled(entry, live.name)
            raise

    async def _added(self, live: Live, entry: Entry, config: Config) -> RemoteItem:
        content = await self._records.torrent(entry)
        if content is not None and live.provider.abilities.takes_files:
            added = await live.provider.add_file(content, f"{entry.info_hash}.torrent")
        else:
            bare = config.always_rm_tracker_urls or entry.options.rm_tracker_urls
            magnet = magnet_of(read_magnet(entry.magnet), with_trackers=not bare)
            added = await live.provider.add_magnet(magnet)
        return added if isinstance(added, RemoteItem) else await live.provider.item(added)

    async def selected(self, live: Live, item: RemoteItem, config: Config) -> RemoteItem:
        """The item once its files are chosen, or as it is when they are still unknown after a few looks."""
        for _ in range(RESOLVE_LOOKS):
            if item.needs_selection:
                ids = [file.id for file in item.files if is_wanted(file.path, file.size_bytes, config)]
                if not ids:
                    return item
                await live.provider.select(item, ids)
                return await live.provider.item(item.id)
            if item.status is not Status.WAITING or not live.provider.abilities.needs_selection:
                return item
            await self._clock.sleep(RESOLVE_WAIT)
            item = await live.provider.item(item.id)
        return item

    async def _only_videos(self, live: Live, entry: Entry, item: RemoteItem, config: Config) -> RemoteItem:
        """The same torrent again with its largest film alone: one file is not put into an archive."""
        films = [file for file in item.files if is_video(file.path) and is_wanted(file.path, file.size_bytes, config)]
        if not films or not live.provider.abilities.needs_selection:
            return item
        await live.provider.delete(item.id)
        again = await self._added(live, entry, config)
        for _ in range(RESOLVE_LOOKS):
            if again.needs_selection:
                largest = max(films, key=lambda file: file.size_bytes)
                await live.provider.select(again, [file.id for file in again.files if file.path == largest.path])
                break
            await self._clock.sleep(RESOLVE_WAIT)
            again = await live.provider.item(again.id)
        return await live.provider.item(again.id)

    async def _may_wait(self, live: Live, entry: Entry) -> bool:
        if entry.options.download_uncached is not None:
            return entry.options.download_uncached
        wish = await self._wishes.download_uncached(entry.category)
        return live.config.download_uncached if wish is None else wish

    async def _drop(self, live: Live, item: RemoteItem) -> None:
        try:
            await live.provider.delete(item.id)
        except ProviderError as error:
            await self._accounts.failed(live, error)


async def left_at(live: Live, info_hash: str) -> RemoteItem | None:
    """The item of a hash that an account holds, if it does. Raises: ProviderError."""
    async for page in live.provider.items():
        for item in page:
            if item.info_hash == info_hash:
                return item
    return None


def state_of(item: RemoteItem) -> State:
    """Where an entry is whose item is like this."""
    if item.status is Status.DOWNLOADED:
        return State.MOVING
    return State.RESOLVING if item.status is Status.WAITING else State.DOWNLOADING
