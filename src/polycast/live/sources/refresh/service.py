"""The refresh of an account, from the fetch to the report. Source: `specs/live.md` 5.1."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.jobs.model import Cancelled, Run, Tick
from polycast.core.storage import Database, Unit
from polycast.live.sources.accounts.state import AccountState, Loaded
from polycast.live.sources.model import RefreshAccount, SourceFailed, SourceRefreshed, Status
from polycast.live.sources.ports import AfterImport, Imported, Synced, Teller
from polycast.live.sources.refresh.apart import Ask, read_apart, suits
from polycast.live.sources.refresh.fetch import Fetches
from polycast.live.sources.refresh.importing import Importer
from polycast.live.sources.refresh.meter import Meter
from polycast.live.sources.refresh.readings import weighed
from polycast.live.sources.refresh.rehash import Rehash
from polycast.live.sources.refresh.scan import Candidate, Groups, Moved, Scan
from polycast.live.sources.refresh.settling import GroupSettling
from polycast.live.sources.refresh.terms import PLAYLISTS, asked_of, groups_of, login_in, scan_of, shape_of
from polycast.live.sources.refresh.work import Held, NothingUsable, Work

DROP_LIMIT: Final = 0.5  # share of entries that may vanish between two refreshes without anybody being asked


class Refreshes:
    """Refreshes accounts. Its methods are jobs."""

    def __init__(
        self,
        *,
        db: Database,
        importer: Importer,
        settling: GroupSettling,
        state: AccountState,
        fetches: Fetches,
        rehash: Rehash,
        after: AfterImport,
        teller: Teller,
        clock: Clock,
    ) -> None:
        self._db = db
        self._settling = settling
        self._state = state
        self._fetches = fetches
        self._rehash = rehash
        self._after = after
        self._teller = teller
        self._clock = clock
        self._importer = importer

    async def refresh(self, payload: RefreshAccount, run: Run) -> None:
        """Fetch, compare, write. A failure leaves the streams as they were and is told on the account.

        Raises: whatever went wrong, once it is recorded.
        """
        loaded = await self._db.read(self._state.load, payload.account_id)
        if loaded is None or not (loaded.account.is_active or payload.rehash_only):
            return
        if loaded.account.locked or payload.rehash_only:
            await self._rehash.account(loaded, run)
            return
        meter = Meter(payload.account_id, teller=self._teller, clock=self._clock, run=run)
        is_told = False
        try:
            await self._refresh(await self._begin(loaded, payload, run, meter))
            is_told = True
        except Cancelled:
            await self._fail(loaded, meter, "cancelled", "The refresh was stopped.")
            is_told = True
            raise
        except PolycastError as error:
            await self._fail(loaded, meter, error.code, error.message)
            is_told = True
            raise
        finally:
            if not is_told:  # a fault of ours, or the worker stops: no account may look busy for ever
                await asyncio.shield(self._fail(loaded, meter, "failed", "The refresh failed; the log says why."))
            await run.thread(self._fetches.discard, payload.account_id)

    async def refresh_due(self, payload: Tick, run: Run) -> None:
        """Queue a refresh of each account whose time has come."""
        await self._db.write(self._enqueue_due)

    def _enqueue_due(self, unit: Unit) -> None:
        now = self._clock.now()
        for account_id in self._state.store.due(unit, now):
            unit.enqueue("live.refresh_account", RefreshAccount(account_id=account_id))
            self._state.plan_next(unit, account_id, now)

    async def _begin(self, loaded: Loaded, payload: RefreshAccount, run: Run, meter: Meter) -> Work:
        await self._db.write(self._state.say, loaded.account.id, Status.FETCHING, "Fetching")
        meter.say("downloading", 0, Status.FETCHING)
        keys = await self._rehash.account(loaded, run)
        groups = groups_of(loaded)
        return Work(
            payload=payload,
            run=run,
            now=self._clock.now(),
            started=self._clock.monotonic(),
            loaded=loaded,
            keys=keys,
            groups=groups,
            trusts=loaded.shape_digest == shape_of(loaded, groups, keys),
            meter=meter,
        )

    async def _refresh(self, work: Work) -> None:
        work.material = await self._fetches.fetch(
            asked_of(work.loaded, may_skip=work.trusts, groups_only=work.payload.groups_only),
            work.run,
            work.meter.downloaded,
        )
        await self._db.write(self._state.keep_fetched, work.loaded, work.material, work.now)
        await self._db.write(self._state.say, work.account_id, Status.PARSING, "Reading entries")
        if work.payload.groups_only:
            await self._settling.only_groups(work)
            return
        _guard(work)
        if work.trusts and _is_same(work):
            await self._importer.index_left_over(work.target, work.run)
            work.outcome.deleted = await self._importer.sweep(work.target)
        else:
            await self._import(work)
            await self._settling.settle(work, self._importer)
        await self._db.write(self._state.scanned, work.account_id, work.now)
        synced = await self._after.imported(
            Imported(account_id=work.account_id, scanned_at=work.now, has_changed=work.outcome.has_changed), work.run
        )
        done = self._report(work, synced)
        await self._db.write(self._complete, work, done)
        work.meter.say("parsing", 100, Status.SUCCESS, done.message, work.entries)

    async def _import(self, work: Work) -> None:
        await self._learn_login(work)
        known = await self._importer.known(work.account_id)
        scan = scan_of(work.loaded, known, work.groups, work.keys, trusts=work.trusts, check=work.run.check)
        work.scan = scan
        work.meter.follow(scan, work.entries)
        async with self._reading(work, scan) as items:
            work.outcome = await self._importer.write(work.target, scan, items, work.run)
        if not work.tally.entries:
            raise NothingUsable("No entry of the playlist can be used; nothing was changed.")

    @asynccontextmanager
    async def _reading(self, work: Work, scan: Scan) -> AsyncIterator[Iterator[Candidate | Moved]]:
        """What has to be written. What is new and big is read by a process of its own; most of the rest ends early."""
        if scan.known or work.kind not in PLAYLISTS or not await work.run.thread(suits, work.path, work.entries):
            yield self._items(work, scan)
            return
        ask = Ask(work.account_id, work.keys, work.loaded.login)
        async with read_apart(work.path, ask, work.tally) as parts:
            yield scan.parsed(parts)

    def _items(self, work: Work, scan: Scan) -> Iterator[Candidate | Moved]:
        blocks = self._fetches.blocks(work.path)
        return weighed(scan, work.kind, work.path, blocks, work.material.categories or {}, work.tally)

    async def _learn_login(self, work: Work) -> None:
        """Find the login in stream addresses where the account itself names none, so that it is not stored in each."""
        if work.loaded.login is not None or work.kind not in PLAYLISTS:
            return
        login = await work.run.thread(login_in, self._fetches.blocks(work.path))
        if login is not None:
            await self._db.write(self._state.keep_login, work.account_id, login)
            work.loaded = replace(work.loaded, login=login)
            work.trusts = False

    def _report(self, work: Work, synced: Synced) -> SourceRefreshed:
        seconds = (self._clock.monotonic() - work.started).total_seconds()
        account, outcome = work.loaded.account, work.outcome
        return SourceRefreshed(
            account_id=account.id,
            account_name=account.name,
            entries=work.entries,
            streams_created=outcome.created,
            streams_updated=outcome.updated,
            streams_unchanged=work.scan.progress.unchanged if work.scan else account.stream_count,
            streams_stale=outcome.stale,
            streams_deleted=outcome.deleted,
            filtered=work.scan.progress.filtered if work.scan else 0,
            rejected=sum(work.tally.rejected.values()),
            elapsed_seconds=round(seconds, 3),
            message=_summary(work, seconds),
            channels_created=synced.created,
            channels_updated=synced.updated,
            channels_deleted=synced.deleted,
            channels_failed=synced.failed,
        )

    def _complete(self, unit: Unit, work: Work, done: SourceRefreshed) -> None:
        """The last write of a good refresh. The shape is made of what this import went by: a change of settings made
        meanwhile differs from it, and the next refresh looks at everything again."""
        groups = Groups(work.groups.enabled, enable_new=work.loaded.account.auto_enable_groups_live)
        shape = shape_of(work.loaded, groups, work.keys)
        self._state.complete(unit, work.loaded, work.material, shape=shape, message=done.message, now=self._clock.now())
        unit.publish(done)

    async def _fail(self, loaded: Loaded, meter: Meter, reason: str, message: str) -> None:
        await self._db.write(self._failed, loaded, reason, message)
        meter.say("parsing", 100, Status.ERROR, message)

    def _failed(self, unit: Unit, loaded: Loaded, reason: str, message: str) -> None:
        account, held = loaded.account, reason == Held.code
        self._state.fail(unit, account.id, message, held=held, now=self._clock.now())
        unit.publish(
            SourceFailed(account_id=account.id, account_name=account.name, reason=reason, message=message, held=held)
        )


def _guard(work: Work) -> None:
    """Raises: NothingUsable, Held."""
    if work.material.survey is None:
        return
    entries, before = work.entries, work.loaded.entry_count
    if not entries:
        raise NothingUsable("The source gives no entry at all; nothing was changed.")
    if not work.payload.accept_drop and entries < before * (1 - DROP_LIMIT):
        raise Held(
            f"Held back: only {entries:,} of {before:,} entries are left. Nothing was changed; confirm to take it over."
        )


def _is_same(work: Work) -> bool:
    """Whether the source says what it said at the last complete import."""
    survey = work.material.survey
    return survey is None or survey.digest == work.loaded.content_digest


def _summary(work: Work, seconds: float) -> str:
    did = work.outcome
    text = (
        f"{did.created:,} new, {did.updated:,} changed, {did.stale:,} missing, {did.deleted:,} removed "
        f"in {seconds:.1f} s."
    )
    rejected = ", ".join(f"{count:,} {reason}" for reason, count in sorted(work.tally.rejected.items()))
    return f"{text} Rejected: {rejected}." if rejected else text
