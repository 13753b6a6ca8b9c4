"""The worker: claims due jobs, runs them in lanes, and keeps the signs of life that leases go by."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from polycast.core.clock import Clock
from polycast.core.errors import Storage
from polycast.core.events.outbox import Outbox
from polycast.core.events.pokes import Bell, Pokes
from polycast.core.ids import Ids
from polycast.core.jobs import ending, store
from polycast.core.jobs.book import TOPIC, JobBook
from polycast.core.jobs.ending import Ending
from polycast.core.jobs.model import LANE_WIDTH, JobState, Lane
from polycast.core.jobs.running import Attempt, Runner, Why
from polycast.core.jobs.scheduler import Scheduler
from polycast.core.jobs.store import Claim

if TYPE_CHECKING:
    from polycast.core.storage import Database
    from polycast.core.storage.unit import Unit

LOOK: Final = timedelta(seconds=1)  # a poke may be lost
STORE_EVERY: Final = timedelta(seconds=2)  # progress, in the row
UNKNOWN_WAIT: Final = timedelta(minutes=1)  # for a worker of a newer release to take a job this one does not know

log = logging.getLogger("polycast.jobs")


class WorkerSettings(Struct, frozen=True, kw_only=True):
    """How a worker works. `name` is its own in the whole cluster, and the same after a restart."""

    name: str
    zone: Callable[[], ZoneInfo]  # of schedules
    lanes: Mapping[Lane, int] = field(default_factory=lambda: LANE_WIDTH)
    threads: int = 4  # for `Run.thread`
    lease: timedelta = timedelta(seconds=30)
    heartbeat: timedelta = timedelta(seconds=10)


class Turn(Struct, frozen=True, kw_only=True):
    """What one look at the queue brought."""

    claims: Sequence[Claim]
    cancelled: Sequence[int]


class Worker:
    """Runs jobs until it is cancelled.

    A worker has a row whose beat it moves. Another that sees the beat stand still for a lease, by its own monotonic
    clock, takes the jobs over; who cannot move its beat for as long stops its runs first. What a lost run still writes
    about itself is refused.
    """

    def __init__(
        self,
        *,
        db: Database,
        book: JobBook,
        outbox: Outbox,
        pokes: Pokes,
        clock: Clock,
        ids: Ids,
        redact: Callable[[str], str],
        settings: WorkerSettings,
    ) -> None:
        self._db = db
        self._book = book
        self._outbox = outbox
        self._pokes = pokes
        self._clock = clock
        self._settings = settings
        self._runner = Runner(clock=clock, ids=ids, redact=redact)
        self._scheduler = Scheduler(db=db, book=book, clock=clock, zone=settings.zone)
        self._id = 0
        self._beaten_at = timedelta()  # monotonic: when we last began a beat with success
        self._runs: dict[int, Attempt] = {}
        self._ended: list[Ending] = []
        self._stored_at = timedelta()
        self._asked = 0
        self._answered = 0
        self._answer = asyncio.Condition()
        self._bell: Bell | None = None
        self._standing: dict[int, tuple[int, timedelta]] = {}  # other workers: beat, and since when it stands still

    @property
    def id(self) -> int:
        """The row of this life of the worker; 0 before `run`."""
        return self._id

    async def run(self) -> None:
        """Work until cancelled; then what runs is given back for another worker."""
        with self._pokes.bell(TOPIC) as bell, _pool(self._settings.threads) as pool:
            self._bell = bell
            await self._enter()
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._beat())
                    tasks.create_task(self._scheduler.run())
                    await self._work(bell, tasks, pool)
            finally:
                self._bell = None
                await self._leave()

    async def idle(self) -> None:
        """Return once nothing runs here and nothing that is due waits. Retries and schedules of later do not count."""
        self._asked += 1
        number = self._asked
        async with self._answer:
            if self._bell is not None:
                self._bell.ring()
            await self._answer.wait_for(lambda: self._answered >= number)

    async def _work(self, bell: Bell, tasks: asyncio.TaskGroup, pool: ThreadPoolExecutor) -> None:
        while True:
            asked = self._asked
            is_more = False
            try:
                if self._ended or self._has_news() or await self._db.read(self._is_needed):
                    is_more = await self._turn(tasks, pool)
            except Storage as error:
                log.warning("jobs wait: %s", error)
                asked = self._answered
            if not is_more:
                if not self._runs and not self._ended:
                    await self._tell_idle(asked)
                await bell.wait(LOOK)

    async def _tell_idle(self, asked: int) -> None:
        async with self._answer:
            self._answered = asked
            self._answer.notify_all()

    def _has_news(self) -> bool:
        """Progress worth storing."""
        if self._clock.monotonic() - self._stored_at < STORE_EVERY:
            return False
        return any(run.is_changed for run in self._runs.values())

    def _free(self) -> dict[str, int]:
        """Places by lane, where there are any."""
        taken = Counter(run.claim.lane for run in self._runs.values())
        free = {lane.value: width - taken[lane.value] for lane, width in self._settings.lanes.items()}
        return {lane: count for lane, count in free.items() if count > 0}

    def _is_needed(self, unit: Unit) -> bool:
        now = self._clock.now()
        if any(store.is_due(unit, lane, now) for lane in self._free()):
            return True
        return bool(self._runs) and bool(store.cancelled(unit, self._id))

    async def _turn(self, tasks: asyncio.TaskGroup, pool: ThreadPoolExecutor) -> bool:
        """Write down what has ended and claim what is due, in one commit. Whether there may be more at once."""
        ended = tuple(self._ended)
        told = [run for run in self._runs.values() if run.is_changed] if self._has_news() else []
        free = self._free()
        turn = await self._db.write(self._settle, ended, told, free)
        del self._ended[: len(ended)]  # only now: what ended meanwhile stands behind them
        for one in ended:
            if one.state is JobState.WAITING:  # the others are published
                self._outbox.tell(ending.event_of(one))
        if told:
            self._stored_at = self._clock.monotonic()
            for run in told:
                run.is_changed = False
        for job_id in turn.cancelled:
            if job_id in self._runs:
                self._runs[job_id].stop(Why.ASKED)
        for claim in turn.claims:
            self._start(claim, tasks, pool)
        return bool(self._ended) or any(count and count >= free[lane] for lane, count in _by_lane(turn.claims).items())

    def _settle(self, unit: Unit, ended: Sequence[Ending], told: Sequence[Attempt], free: Mapping[str, int]) -> Turn:
        now = self._clock.now()
        for one in ended:
            ending.apply(unit, one, now)
        for run in told:
            store.mark(unit, run.claim, done=run.done, total=run.total, note=run.note)
        claims = [
            claim
            for lane, most in free.items()
            for claim in store.claim(unit, worker_id=self._id, lane=lane, most=most, now=now)
        ]
        return Turn(claims=claims, cancelled=store.cancelled(unit, self._id) if self._runs else [])

    def _start(self, claim: Claim, tasks: asyncio.TaskGroup, pool: ThreadPoolExecutor) -> None:
        run = Attempt(claim, db=self._db, outbox=self._outbox, clock=self._clock, pool=pool)
        self._runs[claim.id] = run
        run.task = tasks.create_task(self._run(run), name=f"job {claim.name} {claim.id}")
        run.tell()

    async def _run(self, run: Attempt) -> None:
        claim = run.claim
        job = self._book.jobs.get(claim.name)
        if job is None:
            later = self._clock.now() + UNKNOWN_WAIT
            text = "This release does not know the job."
            one = Ending(claim=claim, state=JobState.WAITING, due_at=later, error=text, is_uncounted=True)
        else:
            one = await self._runner.run(job, run)
        if self._runs.get(claim.id) is run:  # not a later one, claimed again after the lease was lost
            del self._runs[claim.id]
        self._ended.append(one)
        if self._bell is not None:
            self._bell.ring()

    async def _enter(self) -> None:
        started = self._clock.monotonic()
        self._id = await self._db.write(self._register)
        self._beaten_at = started
        await self._scheduler.begin()

    def _register(self, unit: Unit) -> int:
        """A new life. What an earlier one of the same name left behind waits for a worker again."""
        now = self._clock.now()
        for worker_id, (name, _) in store.workers(unit).items():
            if name == self._settings.name:
                ending.abandon(unit, worker_id, book=self._book, now=now)
        return store.enter(unit, self._settings.name, now)

    async def _leave(self) -> None:
        """Give back what was cut short, so that it need not wait for the lease."""
        ended, self._ended = self._ended, []
        await self._db.write(self._unregister, ended)

    def _unregister(self, unit: Unit, ended: Sequence[Ending]) -> None:
        now = self._clock.now()
        for one in ended:
            ending.apply(unit, one, now)
        ending.abandon(unit, self._id, book=self._book, now=now)

    async def _beat(self) -> None:
        while True:
            await self._clock.sleep(self._settings.heartbeat)
            started = self._clock.monotonic()
            try:
                alive = await self._db.write(store.beat, self._id, self._clock.now())
                if alive:
                    self._beaten_at = started
                    await self._watch(started)
            except Storage as error:
                log.warning("no sign of life could be written: %s", error)
                alive = self._clock.monotonic() - self._beaten_at < self._settings.lease - self._settings.heartbeat
            if not alive:
                await self._lose()

    async def _lose(self) -> None:
        """Others may have our jobs: stop them all, and begin anew."""
        log.error("the lease was lost; %d jobs are stopped", len(self._runs))
        for run in tuple(self._runs.values()):
            run.stop(Why.LOST)
        try:
            await self._enter()
        except Storage as error:
            log.warning("no new lease yet: %s", error)

    async def _watch(self, now: timedelta) -> None:
        """Take over from workers whose beat has stood still for a lease."""
        others = {key: row for key, row in (await self._db.read(store.workers)).items() if key != self._id}
        self._standing = {
            key: self._standing[key] if key in self._standing and self._standing[key][0] == beat else (beat, now)
            for key, (_, beat) in others.items()
        }
        for key, (beat, since) in self._standing.items():
            if now - since >= self._settings.lease:
                log.error("worker %s (%d) is gone since beat %d; its jobs are taken over", others[key][0], key, beat)
                await self._db.write(ending.abandon, key, book=self._book, now=self._clock.now())


class _Pool(ThreadPoolExecutor):
    """Threads that nobody waits for at the end: a job's thread that does not look at `check` must not hold up a stop."""

    def __exit__(self, *_: object) -> None:
        self.shutdown(wait=False, cancel_futures=True)


def _pool(threads: int) -> _Pool:
    return _Pool(threads, thread_name_prefix="polycast-job")


def _by_lane(claims: Sequence[Claim]) -> Counter[str]:
    return Counter(claim.lane for claim in claims)
