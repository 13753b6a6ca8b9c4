"""A run from its first look to its last action. In the worker."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from polycast.acquire.arrs.owner import Report
from polycast.acquire.arrs.service import Arrs
from polycast.acquire.catalogue.model import Detail
from polycast.acquire.config.model import Config
from polycast.acquire.config.service import Configs
from polycast.acquire.config.units import span
from polycast.acquire.repair.library import Owned, look
from polycast.acquire.repair.model import Broken, Health, HealthStatus, RepairRun, RunStatus, Stage, Stats, Wish
from polycast.acquire.repair.probing import INCONCLUSIVE, Probes
from polycast.acquire.repair.searching import Searches
from polycast.acquire.repair.service import RunRepair
from polycast.acquire.repair.store import RepairStore
from polycast.acquire.transfers.mending import Mending
from polycast.acquire.transfers.records import Records
from polycast.core.clock import Clock
from polycast.core.errors import NotFound, PolycastError
from polycast.core.jobs import Run
from polycast.core.storage import Database, Unit

LADDER: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))  # after inconclusive looks
DELETIONS: Final = 50  # of an Arr's files in one run, or a tenth of what was looked at, unless confirmed
DELETED_PART: Final = 0.1
INCIDENT_PART: Final = 0.3  # of an account's probes that failed: the account is ill, not the files
INCIDENT_LEAST: Final = 10


class Stopped(Exception):
    """Somebody has cancelled the run."""


class Runner:
    """Carries out `acquire.run_repair`."""

    def __init__(
        self,
        *,
        db: Database,
        store: RepairStore,
        searches: Searches,
        records: Records,
        probes: Probes,
        mending: Mending,
        arrs: Arrs,
        configs: Configs,
        clock: Clock,
    ) -> None:
        self._db = db
        self._store = store
        self._searches = searches
        self._records = records
        self._probes = probes
        self._mending = mending
        self._arrs = arrs
        self._configs = configs
        self._clock = clock

    async def run(self, payload: RunRepair, run: Run) -> None:
        """The job `acquire.run_repair`."""
        found = await self._db.read(self._store.run, payload.run_id)
        if found is None or found.status is not RunStatus.RUNNING:
            return
        try:
            await self._run(found, run)
        except Stopped:
            await self._tell("repair_cancelled", found, "")
        except PolycastError as error:
            await self._end(found.run_id, RunStatus.FAILED, error=error.message)
            await self._tell("repair_failed", found, error.message)

    async def _run(self, found: RepairRun, run: Run) -> None:
        config = await self._configs.read()
        wish, run_id = found.wanted, found.run_id
        owned, unresolved = await self._owned(wish, config)
        hashes = await self._selected(wish, owned)
        fresh = set() if wish.ignores_last else await self._fresh(hashes, config)
        due = [one for one in hashes if one not in fresh]
        stats = Stats(candidates=len(hashes), skipped_fresh=len(fresh), unresolved=unresolved)
        await self._stage(run_id, Stage.PROBING, stats)
        broken, stats, failing = await self._probe(run_id, due, wish, stats, owned, run)
        await self._db.write(self._store.update, run_id, broken=broken, updated_at=self._clock.now())
        await self._check(run_id, run)
        if wish.fixes and broken:
            await self._stage(run_id, Stage.REPAIRING, stats)
            broken, stats = await self._repair(run_id, broken, wish, stats, failing, run)
        await self._stage(run_id, Stage.DONE, stats)
        await self._db.write(self._store.update, run_id, broken=broken)
        if not await self._end(run_id, RunStatus.COMPLETED):
            raise Stopped
        pending = any(not one.fixed for one in broken) and not wish.fixes
        await self._tell("repair_pending" if pending else "repair_complete", found, "")

    async def _owned(self, wish: Wish, config: Config) -> tuple[dict[tuple[str, str], Owned], int]:
        """Files of Arrs by folder and name. An Arr that does not answer is left out."""
        found: dict[tuple[str, str], Owned] = {}
        unresolved = 0
        if wish.source == "managed" and not wish.fixes:
            return found, 0
        for arr in await self._arrs.all():
            if arr.skip_repair or (wish.arr and arr.name != wish.arr):
                continue
            try:
                looked = await look(arr, self._arrs.client(arr), config, wish.media_ids)
            except PolycastError:
                continue
            unresolved += looked.unresolved
            found |= {(one.folder, one.file): one for one in looked.owned}
        return found, unresolved

    async def _selected(self, wish: Wish, owned: dict[tuple[str, str], Owned]) -> list[str]:
        everything = await self._db.read(self._store.candidates, wish.protocol)
        if wish.names:
            return [one for one in everything if one in wish.names]
        if wish.source != "arr" and not wish.arr:
            return everything
        folders = {folder for folder, _ in owned}
        details = [await self._records.detail(one) for one in everything]
        return [one.entry.info_hash for one in details if one.entry.folder in folders]

    async def _fresh(self, hashes: Sequence[str], config: Config) -> set[str]:
        """Those that were healthy lately and that nothing has happened to."""
        now = self._clock.now()
        every = span(config.repair.recheck_interval, path="repair.recheck_interval") or timedelta(days=7)
        known = await self._db.read(self._store.health_of, hashes)
        return {
            name
            for name, one in known.items()
            if not one.is_dirty
            and one.checked_at is not None
            and (
                (one.status is HealthStatus.HEALTHY and now - one.checked_at < every)
                or (one.status is HealthStatus.UNKNOWN and one.due_at is not None and one.due_at > now)
            )
        }

    async def _probe(
        self,
        run_id: str,
        hashes: Sequence[str],
        wish: Wish,
        stats: Stats,
        owned: dict[tuple[str, str], Owned],
        run: Run,
    ) -> tuple[list[Broken], Stats, set[str]]:
        turns = asyncio.Semaphore(max(1, min(wish.workers, 50)))
        probes: dict[str, list[bool]] = {}

        async def one(info_hash: str) -> tuple[Detail | None, list[Broken]]:
            async with turns:
                try:
                    detail = await self._records.detail(info_hash)
                except NotFound:
                    return None, []
                return detail, await self._probes.entry(detail, wish, probes)

        broken: list[Broken] = []
        for at in range(0, len(hashes), 50):
            await self._check(run_id, run)
            for detail, found in await asyncio.gather(*(one(name) for name in hashes[at : at + 50])):
                if detail is None:
                    continue
                proof = [file for file in found if file.reason not in INCONCLUSIVE]
                status = HealthStatus.BROKEN if proof else (HealthStatus.UNKNOWN if found else HealthStatus.HEALTHY)
                named = [_with_owner(file, detail, owned) for file in proof or found]
                await self._note(detail, status, named)
                broken += named if proof else []
                stats = replace(
                    stats,
                    probed=stats.probed + 1,
                    healthy=stats.healthy + (status is HealthStatus.HEALTHY),
                    broken=stats.broken + (status is HealthStatus.BROKEN),
                    unknown=stats.unknown + (status is HealthStatus.UNKNOWN),
                )
            await run.progress(at, len(hashes))
            await self._stage(run_id, Stage.PROBING, stats)
        failing = {
            name
            for name, results in probes.items()
            if len(results) >= INCIDENT_LEAST and results.count(False) > INCIDENT_PART * len(results)
        }
        return broken, stats, failing

    async def _repair(
        self, run_id: str, broken: Sequence[Broken], wish: Wish, stats: Stats, failing: set[str], run: Run
    ) -> tuple[list[Broken], Stats]:
        """Put back what can be; have the rest searched again, but never in masses."""
        by_hash: dict[str, list[Broken]] = {}
        for one in broken:
            by_hash.setdefault(one.info_hash, []).append(one)
        done: list[Broken] = []
        left: list[Broken] = []
        for files in by_hash.values():
            await self._check(run_id, run)
            if files[0].provider in failing:
                done += files
                stats = replace(stats, held_back=stats.held_back + 1)
                continue
            if await self._mended(run_id, files[0]):
                done += [replace(one, fixed=True) for one in files]
                stats = replace(stats, repaired=stats.repaired + 1)
            else:
                left += files
        known = [one for one in left if one.arr_name and await self._searches.is_done(one)]
        done += known  # its Arr looks for another already: the same file is never taken from it twice
        left = [one for one in left if one not in known]
        allowed = DELETIONS if not wish.confirmed else len(left)
        if not wish.confirmed:
            allowed = min(allowed, max(1, int(DELETED_PART * max(stats.probed, 10))))
        for one in left:
            held = bool(one.arr_name) and allowed <= 0
            if held or not one.arr_name:
                done.append(one)
                stats = replace(stats, repair_failed=stats.repair_failed + 1, held_back=stats.held_back + held)
                continue
            allowed -= 1
            fixed = await self._searched(run_id, one)
            done.append(replace(one, fixed=fixed))
            stats = replace(stats, repaired=stats.repaired + fixed, repair_failed=stats.repair_failed + (not fixed))
        return done, stats

    async def _mended(self, run_id: str, one: Broken) -> bool:
        action = await self._act(run_id, "reinsert", one)
        detail = await self._records.detail(one.info_hash)
        found = await self._mending.mend(detail, one.provider or detail.entry.active_provider)
        await self._acted(action, "" if found else "no account has it")
        if found is not None:
            await self._note(found, HealthStatus.HEALTHY, [], repaired=True)
        return found is not None

    async def _searched(self, run_id: str, one: Broken) -> bool:
        arr = await self._arrs.of_category(one.arr_name)
        if arr is None:
            return False
        action = await self._act(run_id, "research", one)
        error = await self._searches.search(arr, one)
        await self._acted(action, error)
        return not error

    async def _act(self, run_id: str, kind: str, one: Broken) -> int:
        return await self._db.write(
            self._store.act,
            run_id,
            kind=kind,
            info_hash=one.info_hash,
            protocol=one.protocol,
            status="running",
            started_at=self._clock.now(),
        )

    async def _acted(self, action: int, error: str) -> None:
        status = "failed" if error else "succeeded"
        await self._db.write(
            self._store.acted, action, status=status, error=error[:500], completed_at=self._clock.now()
        )

    async def _note(
        self, detail: Detail, status: HealthStatus, files: Sequence[Broken], *, repaired: bool = False
    ) -> None:
        known = (await self._db.read(self._store.health_of, [detail.entry.info_hash])).get(detail.entry.info_hash)
        now = self._clock.now()
        unknowns = (known.unknowns + 1 if known else 1) if status is HealthStatus.UNKNOWN else 0
        health = Health(
            entry_name=detail.entry.folder,
            info_hash=detail.entry.info_hash,
            protocol=detail.entry.protocol,
            status=status,
            previous_status=known.status.value if known else "",
            fingerprint=msgspec.json.encode([(file.name, file.size_bytes) for file in detail.files]).hex()[:64],
            file_count=len(detail.shown),
            broken_files=tuple(files),
            failure_reason=files[0].reason if files else "",
            checked_at=now,
            ok_at=now if status is HealthStatus.HEALTHY else (known.ok_at if known else None),
            failed_at=now if status is HealthStatus.BROKEN else (known.failed_at if known else None),
            repaired_at=now if repaired else (known.repaired_at if known else None),
            due_at=_due(now, unknowns),
            unknowns=unknowns,
            updated_at=now,
        )
        await self._db.write(self._store.put_health, health)

    async def _check(self, run_id: str, run: Run) -> None:
        """Raises: Stopped."""
        run.check()
        found = await self._db.read(self._store.run, run_id)
        if found is None or found.status is not RunStatus.RUNNING:
            raise Stopped

    async def _stage(self, run_id: str, stage: Stage, stats: Stats) -> None:
        await self._db.write(self._store.update, run_id, stage=stage.value, stats=stats, updated_at=self._clock.now())

    async def _end(self, run_id: str, status: RunStatus, *, error: str = "") -> bool:
        """Whether nobody has stopped it before."""
        now = self._clock.now()
        return await self._db.write(
            self._store.end, run_id, status=status.value, error=error[:500], completed_at=now, updated_at=now
        )

    async def _tell(self, event: str, found: RepairRun, error: str) -> None:
        report = Report(
            event=event,
            info_hash="",
            title=f"Repair {found.run_id[:8]}",
            category="",
            path="",
            provider="",
            error=error[:500],
            callback_url="",
        )
        await self._db.write(_report, report)


def _report(unit: Unit, report: Report) -> None:
    unit.enqueue("acquire.report", report)


def _due(now: datetime, unknowns: int) -> datetime | None:
    return now + LADDER[min(unknowns, len(LADDER)) - 1] if unknowns else None


def _with_owner(one: Broken, detail: Detail, owned: dict[tuple[str, str], Owned]) -> Broken:
    owner = owned.get((detail.entry.folder, one.file_name))
    if owner is None:
        return one
    return replace(
        one,
        arr_name=owner.arr,
        arr_kind=owner.kind,
        media_id=owner.media_id,
        episode_ids=owner.episode_ids,
        arr_file_id=owner.file_id,
        season_number=owner.season_number,
        source_path=owner.path,
    )
