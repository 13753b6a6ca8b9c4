"""The queue: takes entries to providers, watches them there, and finishes them. One daemon, a task for each entry."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Protocol

from polycast.acquire.actions.service import ActionFailed, Actions, NotYet
from polycast.acquire.catalogue.model import AT_PROVIDER, Action, Detail, Entry, State, Status
from polycast.acquire.config.service import Configs
from polycast.acquire.config.units import span
from polycast.acquire.providers.accounts import Accounts, Live
from polycast.acquire.providers.errors import ProviderError, Trouble
from polycast.acquire.providers.model import RemoteItem
from polycast.acquire.transfers.events import Progressed
from polycast.acquire.transfers.finishing import Finishing
from polycast.acquire.transfers.packed import Packs
from polycast.acquire.transfers.records import Records
from polycast.acquire.transfers.submitting import Refused, Submitting, state_of
from polycast.acquire.transfers.verdicts import Verdict, Verdicts
from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.events import Events

AT_ONCE: Final = 20  # entries on their way to a provider
LOOK: Final = timedelta(seconds=1)
YOUNG: Final = timedelta(seconds=20)
OLDER: Final = timedelta(minutes=2)
STALLED_AFTER: Final = timedelta(minutes=5)

Work = Callable[[Entry], Coroutine[Any, Any, None]]
log = logging.getLogger("polycast.acquire.queue")


class Import(Protocol):
    """Takes in entries of one protocol by itself."""

    async def take(self, entry: Entry) -> Refused | None:
        """None when its files can be read now."""
        ...


class TransferQueue:
    """Of the node that holds its lease. Everything it knows is in the rows; a restart goes on where it was."""

    def __init__(
        self,
        *,
        configs: Configs,
        accounts: Accounts,
        records: Records,
        submitting: Submitting,
        packs: Packs,
        actions: Actions,
        finishing: Finishing,
        verdicts: Verdicts,
        imports: Mapping[str, Import],
        events: Events,
        clock: Clock,
    ) -> None:
        self._configs = configs
        self._accounts = accounts
        self._records = records
        self._submitting = submitting
        self._packs = packs
        self._actions = actions
        self._finishing = finishing
        self._verdicts = verdicts
        self._imports = imports
        self._events = events
        self._clock = clock
        self._bell = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._submits = asyncio.Semaphore(AT_ONCE)
        self._moving = 0
        self._looked: dict[str, timedelta] = {}

    def ring(self) -> None:
        """There is something to do."""
        self._bell.set()

    async def stop(self, info_hash: str) -> None:
        """Nothing more is done for this entry by the task that may have it."""
        task = self._tasks.get(info_hash)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self._bell.clear()
                await self._look()
                try:
                    async with asyncio.timeout(LOOK.total_seconds()):
                        await self._bell.wait()
                except TimeoutError:
                    continue
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            self._tasks.clear()

    async def _look(self) -> None:
        entries = await self._records.unfinished()
        config = await self._configs.read()
        now = self._clock.now()
        for entry in entries:
            if (
                entry.info_hash in self._tasks
                or entry.is_paused
                or (entry.retry_at is not None and entry.retry_at > now)
            ):
                continue
            if entry.state is State.QUEUED:
                self._start(entry, self._submit)
            elif entry.state is State.MOVING and self._moving < config.max_active_downloads:
                self._moving += 1
                self._start(entry, self._move)
        watched = [entry for entry in entries if entry.state in AT_PROVIDER and entry.info_hash not in self._tasks]
        await self._watch(watched, span(config.refresh_interval, path="refresh_interval") or timedelta(seconds=30))

    def _start(self, entry: Entry, work: Work) -> None:
        task = asyncio.ensure_future(self._guarded(entry, work))
        self._tasks[entry.info_hash] = task
        task.add_done_callback(lambda _: self._ended(entry.info_hash))

    def _ended(self, info_hash: str) -> None:
        self._tasks.pop(info_hash, None)
        self._bell.set()

    async def _guarded(self, entry: Entry, work: Work) -> None:
        """One entry's fault is its own: it is marked, and the queue goes on."""
        [result] = await asyncio.gather(work(entry), return_exceptions=True)
        if result is None:
            return
        if isinstance(result, asyncio.CancelledError):
            raise result
        log.error("an entry failed in the queue", exc_info=result)
        why = result.message if isinstance(result, PolycastError) else "an internal fault; the log has it"
        await self._records.failed(entry, why, "internal")
        self._verdicts.tell(entry.info_hash, Verdict.WAITING)

    async def _submit(self, entry: Entry) -> None:
        if entry.protocol in self._imports:
            await self._import(entry, self._imports[entry.protocol])
            return
        async with self._submits:
            found = await self._submitting.submit(entry)
        if isinstance(found, Refused):
            if found.is_final:
                await self._records.failed(entry, found.why, found.code)
                await self._finishing.failed(entry, found.why)
            else:
                await self._records.waits(entry, found.why)
            self._verdicts.tell(entry.info_hash, Verdict.REFUSED if found.is_final else Verdict.WAITING)
            return
        await self._records.taken(entry, found.live.name, found.item, found.files, state=state_of(found.item))
        self._verdicts.tell(entry.info_hash, Verdict.TAKEN)

    async def _import(self, entry: Entry, imported: Import) -> None:
        """What no provider has to be asked for."""
        async with self._submits:
            refused = await imported.take(entry)
        if refused is None:
            self._verdicts.tell(entry.info_hash, Verdict.TAKEN)
        elif refused.is_final:
            await self._records.failed(entry, refused.why, refused.code)
            await self._finishing.failed(entry, refused.why)
            self._verdicts.tell(entry.info_hash, Verdict.REFUSED)
        else:
            await self._records.waits(entry, refused.why)
            self._verdicts.tell(entry.info_hash, Verdict.WAITING)

    async def _move(self, entry: Entry) -> None:
        """The local part."""
        try:
            detail = await self._records.detail(entry.info_hash)
            if await self._finishing.split(detail):
                return
            try:
                await self._actions.run(detail)
            except NotYet as why:
                await self._records.change(
                    entry, State.MOVING, error=str(why), error_code=why.code, retry_at=self._clock.now() + why.after
                )
                return
            except ActionFailed as error:
                await self._records.failed(entry, error.message, error.word)
                await self._finishing.failed(entry, error.message)
                return
            finished = await self._records.done(entry)
            if finished is not None:
                await self._finishing.finished(finished)
                self._start_warming(detail)
        finally:
            self._moving -= 1

    def _start_warming(self, detail: Detail) -> None:
        """Whoever imports it looks into each file at once: its address is asked for before. Nobody waits for that."""
        name = f"warm {detail.entry.info_hash}"
        if name not in self._tasks:
            task = asyncio.ensure_future(self._warmed(detail))
            self._tasks[name] = task
            task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def _warmed(self, detail: Detail) -> None:
        if (await self._configs.read()).skip_pre_cache or detail.entry.action is not Action.SYMLINK:
            return
        try:
            await self._actions.warm(detail)
        except PolycastError as error:
            log.info("%s cannot be read yet: %s", detail.entry.name, error.message)

    async def _watch(self, entries: Sequence[Entry], slowest: timedelta) -> None:
        """One list call for each account that has something due."""
        now = self._clock.monotonic()
        by_provider: dict[str, list[Entry]] = {}
        for entry in entries:
            by_provider.setdefault(entry.active_provider, []).append(entry)
        for provider, waiting in by_provider.items():
            if now - self._looked.get(provider, -slowest) < min(self._pace(entry, slowest) for entry in waiting):
                continue
            self._looked[provider] = now
            live = await self._accounts.named(provider)
            if live is None:
                for entry in waiting:
                    await self._records.waits(entry, f"{provider} is not configured any more")
                continue
            self._start_watch(live, waiting)

    def _pace(self, entry: Entry, slowest: timedelta) -> timedelta:
        age = self._clock.now() - (entry.moved_at or entry.added_at)
        if age < YOUNG:
            return min(timedelta(seconds=2), slowest)
        return min(timedelta(seconds=10), slowest) if age < OLDER else slowest

    def _start_watch(self, live: Live, waiting: Sequence[Entry]) -> None:
        name = f"watch {live.name}"
        if name in self._tasks:
            return
        task = asyncio.ensure_future(self._watched(live, waiting))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._ended(name))

    async def _watched(self, live: Live, waiting: Sequence[Entry]) -> None:
        [result] = await asyncio.gather(self._watch_one(live, waiting), return_exceptions=True)
        if isinstance(result, asyncio.CancelledError):
            raise result
        if isinstance(result, ProviderError):
            await self._accounts.failed(live, result)
        elif isinstance(result, BaseException):
            log.error("watching %s failed", live.name, exc_info=result)

    async def _watch_one(self, live: Live, waiting: Sequence[Entry]) -> None:
        by_hash = {entry.info_hash: entry for entry in waiting}
        found: dict[str, RemoteItem] = {}
        async for page in live.provider.items():
            found |= {
                item.info_hash: item for item in page if item.info_hash in by_hash and item.info_hash not in found
            }
            if len(found) == len(by_hash):
                break
        for info_hash, entry in by_hash.items():
            if info_hash in found:
                await self._seen(live, entry, found[info_hash])
            else:
                await self._elsewhere(live, entry, "the provider has lost it")

    async def _seen(self, live: Live, entry: Entry, item: RemoteItem) -> None:
        config = await self._configs.read()
        if item.status in (Status.ERROR, Status.DEAD):
            await self._elsewhere(live, entry, item.error or "it failed at the provider", drop=item.id)
            return
        if item.needs_selection or item.status is Status.DOWNLOADED:
            item = await self._submitting.selected(live, await live.provider.item(item.id), config)
        if item.status is Status.DOWNLOADED:
            files = await self._packs.files(live, item, config)
            if not files:
                await self._elsewhere(live, entry, "no eligible files", drop=item.id)
                return
            await self._records.taken(entry, live.name, item, files, state=State.MOVING)
            return
        limit = span(config.remove_stalled_after, path="remove_stalled_after")
        quiet = self._clock.now() - (entry.moved_at or entry.added_at)
        if limit is not None and quiet > limit and item.status is not Status.QUEUED:
            await self._elsewhere(live, entry, "it has stalled for too long", drop=item.id, ends=True)
            return
        is_still = item.status is Status.DOWNLOADING and not (item.speed_bps and item.seeders)
        state = State.STALLED if is_still and quiet > STALLED_AFTER else state_of(item)
        await self._records.moved(entry, item, state)
        self._events.tell(
            Progressed(
                info_hash=entry.info_hash,
                state=state.value,
                progress=item.progress,
                speed_bps=item.speed_bps,
                seeders=item.seeders,
            )
        )

    async def _elsewhere(self, live: Live, entry: Entry, why: str, *, drop: str = "", ends: bool = False) -> None:
        """This account does not get it: another one, or an error with all reasons."""
        if drop:
            try:
                await live.provider.delete(drop)
            except ProviderError as error:
                if error.trouble is Trouble.ACCOUNT:
                    await self._accounts.failed(live, error)
        detail = await self._records.detail(entry.info_hash)
        await self._records.drop_placement(detail, live.name)
        found = (
            Refused(why="", code="dead", is_final=True)
            if ends
            else await self._submitting.submit(entry, but=[live.name])
        )
        if isinstance(found, Refused):
            reason = f"{live.name}: {why}" + (f"; {found.why}" if found.why and found.code != "no_account" else "")
            if found.is_final:
                await self._records.failed(entry, reason, "dead")
                await self._finishing.failed(entry, reason)
            else:
                await self._records.waits(entry, reason)
            return
        await self._records.taken(entry, found.live.name, found.item, found.files, state=state_of(found.item))
