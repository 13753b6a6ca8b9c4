"""Starting, stopping and deciding about runs."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from msgspec import Struct

from polycast.acquire.arrs.service import Arrs
from polycast.acquire.config.service import Configs
from polycast.acquire.config.units import span
from polycast.acquire.repair.model import Health, RepairRun, RunStatus, Stage, Stats, Wish
from polycast.acquire.repair.store import RepairStore
from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.identity.scopes import Scope
from polycast.core.ids import Ids
from polycast.core.jobs import Queue, Run, Tick
from polycast.core.storage import Database, Unit

CLOCK_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
STALE_AFTER: Final = timedelta(hours=6)


class RunRepair(Struct, frozen=True):
    """Payload: carry out a run."""

    run_id: str


class Repairs:
    """One run at a time."""

    def __init__(
        self,
        *,
        db: Database,
        store: RepairStore,
        configs: Configs,
        arrs: Arrs,
        queue: Queue,
        ids: Ids,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._db = db
        self._store = store
        self._configs = configs
        self._arrs = arrs
        self._queue = queue
        self._ids = ids
        self._clock = clock
        self._zone = zone

    async def start(self, caller: Caller, wish: Wish, *, trigger: str = "manual") -> RepairRun:
        """Raises: NotFound for an unknown Arr; Conflict, with the id of the one that runs as its reason."""
        caller.require(Scope.ACQUIRE_WRITE)
        if wish.arr and await self._arrs.of_category(wish.arr) is None:
            raise NotFound("The Arr")
        return await self._db.write(self._start, wish, trigger)

    def _start(self, unit: Unit, wish: Wish, trigger: str) -> RepairRun:
        now = self._clock.now()
        running = self._store.running(unit)
        if running is not None and now - running.updated_at < STALE_AFTER:
            raise Conflict(f"A repair runs already: {running.run_id}", reason=running.run_id)
        if running is not None:
            self._store.update(
                unit, running.run_id, status=RunStatus.CANCELLED.value, cancel_reason="it died", completed_at=now
            )
        run = RepairRun(
            run_id=self._ids.uuid(),
            trigger=trigger,
            status=RunStatus.RUNNING,
            stage=Stage.SELECTING,
            wanted=wish,
            stats=Stats(),
            source=wish.source,
            started_at=now,
            updated_at=now,
        )
        self._store.insert(unit, run)
        unit.enqueue("acquire.run_repair", RunRepair(run.run_id))
        return run

    async def process(self, caller: Caller, run_id: str) -> RepairRun:
        """Repair what a run has found: a run of its own. Raises: NotFound; Conflict, when it is not pending."""
        caller.require(Scope.ACQUIRE_WRITE)
        run = await self.get(run_id)
        if not run.is_pending:
            raise Conflict("This run has nothing that waits for a decision.", reason="not_pending")
        names = tuple(dict.fromkeys(one.info_hash for one in run.broken if not one.fixed))
        started = await self.start(caller, Wish(names=names, fixes=True, ignores_last=True, confirmed=True))
        await self._db.write(self._store.update, run_id, wanted=Wish(**{**_fields(run.wanted), "fixes": True}))
        return started

    async def fix(self, caller: Caller, names: Sequence[str] | None) -> RepairRun:
        """Repair entries that are known to be broken; all of them for None."""
        known = await self._db.read(self._store.health, status="broken")
        chosen = [one.info_hash for one in known if names is None or one.entry_name in names]
        if not chosen:
            raise NotFound("A broken entry")
        return await self.start(caller, Wish(names=tuple(chosen), fixes=True, ignores_last=True))

    async def stop(self, caller: Caller, run_id: str | None = None) -> None:
        """Raises: NotFound, when none runs."""
        caller.require(Scope.ACQUIRE_WRITE)
        running = await self._db.read(self._store.running)
        if running is None or (run_id is not None and running.run_id != run_id):
            raise NotFound("A running repair")
        now = self._clock.now()
        await self._db.write(
            self._store.update,
            running.run_id,
            status=RunStatus.CANCELLED.value,
            cancel_reason=f"stopped by {caller.username}",
            completed_at=now,
            updated_at=now,
        )

    async def get(self, run_id: str) -> RepairRun:
        """Raises: NotFound."""
        run = await self._db.read(self._store.run, run_id)
        if run is None:
            raise NotFound("The repair run")
        return run

    async def runs(self) -> list[RepairRun]:
        return await self._db.read(self._store.runs)

    async def actions(self, run_id: str) -> list[Any]:
        return await self._db.read(self._store.actions, run_id)

    async def forget(self, caller: Caller, ids: Sequence[str] | None) -> int:
        caller.require(Scope.ACQUIRE_WRITE)
        return await self._db.write(self._store.forget, ids)

    async def health(self, *, status: str = "", name: str = "") -> list[Health]:
        return await self._db.read(self._store.health, status=status, name=name)

    async def counts(self) -> dict[str, int]:
        return await self._db.read(self._store.counts)

    async def clear(
        self, caller: Caller, *, statuses: Sequence[str] | None = None, names: Sequence[str] | None = None
    ) -> int:
        """Forget what is known of entries; nothing is deleted anywhere."""
        caller.require(Scope.ACQUIRE_WRITE)
        return await self._db.write(self._store.clear, statuses=statuses, names=names)

    async def dirty(self, info_hash: str, reason: str) -> None:
        await self._db.write(self._store.dirty, info_hash, reason, self._clock.now())

    async def next_at(self) -> datetime | None:
        """When the schedule starts the next run."""
        config = (await self._configs.read()).repair
        if not config.enabled or not config.schedule:
            return None
        runs = await self.runs()
        last = next((run.started_at for run in runs if run.trigger == "scheduled"), None)
        return next_run(config.schedule, last, self._clock.now(), self._zone)

    async def due(self, payload: Tick, run: Run) -> None:
        """The job `acquire.start_due_repair`."""
        config = (await self._configs.read()).repair
        at = await self.next_at()
        if at is None or at > self._clock.now() or await self._db.read(self._store.running) is not None:
            return
        wish = Wish(
            source=config.source,
            fixes=config.auto_repair,
            strategy=config.strategy,
            workers=config.workers,
            protocol="torrent" if config.skip_nzb_repair else "all",
        )
        await self.start(SYSTEM, wish, trigger="scheduled")


def _fields(wish: Wish) -> dict[str, Any]:
    return {name: getattr(wish, name) for name in Wish.__struct_fields__}


def next_run(schedule: str, last: datetime | None, now: datetime, zone: ZoneInfo) -> datetime:
    """`HH:MM`, five cron fields, or a duration. Raises: Invalid."""
    text = schedule.strip()
    if (found := CLOCK_TIME.fullmatch(text)) is not None:
        text = f"{int(found[2])} {int(found[1])} * * *"
    if len(text.split()) == 5:
        try:
            return next(CronSim(text, (last or now - timedelta(minutes=5)).astimezone(zone)))
        except (CronSimError, StopIteration) as error:
            raise Invalid.one("repair.schedule", "schedule", "This is no schedule.") from error
    every = span(text, path="repair.schedule")
    if every is None:
        raise Invalid.one("repair.schedule", "schedule", "This is no schedule.")
    return now if last is None else last + every
