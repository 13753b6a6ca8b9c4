"""Runs of the encoder: ffmpeg writes on from a segment while somebody watches, and waits when it is far ahead."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Busy, PolycastError, Unavailable
from polycast.core.media import BadBoxes, Pieces, begins, delay, moved, timescale
from polycast.core.processes import PIPE, Limits, Processes, Running
from polycast.library.playback.encoding import Encoder, encode_argv
from polycast.library.playback.model import VideoPlan
from polycast.library.playback.plan import SECOND, Plan
from polycast.library.playback.shelf import Shelf

log = logging.getLogger("polycast.library.playback")

WAIT: Final = timedelta(seconds=30)  # how long a request is held
NEAR: Final = 8  # segments: nearer to the head than this, waiting is quicker than a new run
AHEAD_US: Final = 90 * SECOND  # the throttle: the pipe is not read while the head is further on
IDLE: Final = timedelta(minutes=2)  # a run that nobody asks ends, its segments stay
TRIES: Final = 3  # runs that a request waits for, when one after the other is stopped
AROUND: Final = 2  # runs of one film in one quality

Spawn = Callable[[Coroutine[Any, Any, None]], None]


class EncodeJob(Struct, frozen=True, kw_only=True):
    """A film in a quality."""

    key: str  # of the shelf
    path: Path
    plan: Plan
    video: VideoPlan


class EncodeRun:
    """One ffmpeg, from a segment on."""

    def __init__(self, job: EncodeJob, first: int, clock: Clock) -> None:
        self.job = job
        self.first = first
        self.head = first  # the next segment to come
        self.wanted = first
        self.asked_at = clock.monotonic()
        self.viewers: set[str] = set()
        self.failure: PolycastError | None = None
        self.ended = False
        self.news = asyncio.Condition()
        self.stopping = asyncio.Event()

    def covers(self, number: int) -> bool:
        """Whether waiting for a segment makes sense."""
        return not self.ended and not self.stopping.is_set() and self.first <= number <= self.head + NEAR

    async def told(self) -> None:
        async with self.news:
            self.news.notify_all()


class Runs:
    """All encoders of this process. `slots` bounds them; `spawn` starts what must live as long as the process."""

    def __init__(
        self, *, processes: Processes, shelf: Shelf, clock: Clock, slots: int, encoder: Callable[[], Encoder]
    ) -> None:
        self._processes = processes
        self._shelf = shelf
        self._clock = clock
        self._slots = slots
        self._encoder = encoder
        self._runs: list[EncodeRun] = []

    @property
    def running(self) -> list[EncodeRun]:
        return [run for run in self._runs if not run.ended]

    async def piece(self, job: EncodeJob, number: int, viewer: str, spawn: Spawn) -> bytes:
        """A segment's pictures, from the shelf, a run on its way there, or a new run. `viewer` is who asks.

        Raises: Busy, when all slots are taken or it takes too long; Unavailable, when the film cannot be encoded.
        """
        for _ in range(TRIES):
            found = await self._shelf.get(job.key, _name(number))
            run = self._run_for(job, number)
            if run is not None:
                run.asked_at = self._clock.monotonic()
                run.viewers.add(viewer)
                if run.wanted != number:
                    run.wanted = number
                    await run.told()
            if found is not None:
                return found
            if run is None:
                run = self._start(job, number, viewer, spawn)
            made = await self._waited(run, job, number)
            if made is not None:
                return made
        raise Busy("The segment is not ready yet.", retry_after=1)

    async def dismiss(self, viewer: str) -> None:
        """Somebody has stopped watching."""
        for run in self.running:
            if viewer in run.viewers:
                run.viewers.discard(viewer)
                if not run.viewers:
                    run.stopping.set()
                    await run.told()

    async def tidy(self) -> None:
        """End the runs that nobody asks any more."""
        now = self._clock.monotonic()
        for run in self.running:
            if now - run.asked_at > IDLE:
                run.stopping.set()
                await run.told()

    def _run_for(self, job: EncodeJob, number: int) -> EncodeRun | None:
        mine = [run for run in self.running if run.job.key == job.key and run.covers(number)]
        return min(mine, key=lambda run: abs(run.head - number), default=None)

    def _start(self, job: EncodeJob, number: int, viewer: str, spawn: Spawn) -> EncodeRun:
        self._leave(job, viewer)
        alive = [run for run in self.running if not run.stopping.is_set()]
        if len(alive) >= self._slots:
            raise Busy("All transcoders are busy.", retry_after=5)
        run = EncodeRun(job, number, self._clock)
        run.viewers.add(viewer)
        self._runs = [*self.running, run]
        spawn(self._live(run))
        return run

    def _leave(self, job: EncodeJob, viewer: str) -> None:
        """Who seeks or changes quality leaves a run behind; one that nobody else needs ends, and frees its slot."""
        mine = [run for run in self.running if run.job.key == job.key and not run.stopping.is_set()]
        for run in self.running:
            run.viewers.discard(viewer)
            if not run.viewers:
                run.stopping.set()
        left = sorted((run for run in mine if run.viewers), key=lambda run: run.asked_at)
        for old in left[: max(0, len(left) - AROUND + 1)]:
            old.stopping.set()

    async def _waited(self, run: EncodeRun, job: EncodeJob, number: int) -> bytes | None:
        """None: the run was stopped before it came to the segment, as others of its viewers left."""
        try:
            async with asyncio.timeout(WAIT.total_seconds()), run.news:
                while True:
                    found = await self._shelf.get(job.key, _name(number))
                    if found is not None:
                        return found
                    if run.failure is not None:
                        raise run.failure
                    if run.head <= number and run.stopping.is_set():
                        return None
                    if run.ended or run.head > number:
                        return b""  # the film has no picture in that span
                    await run.news.wait()
        except TimeoutError as error:
            raise Busy("The segment is not ready yet.", retry_after=1) from error

    async def _live(self, run: EncodeRun) -> None:
        try:
            await self._encode(run)
        except (Unavailable, BadBoxes, OSError) as error:
            log.warning("encoding failed: %s", error)
            run.failure = Unavailable("This file cannot be transcoded.")
        finally:
            run.ended = True
            self._runs = [one for one in self._runs if one is not run]
            await run.told()

    async def _encode(self, run: EncodeRun) -> None:
        job = run.job
        argv = encode_argv(job.path, job.plan, job.video, run.first, self._encoder())
        limits = Limits(file_bytes=0, nice=1)
        async with self._processes.running(
            self._processes.tools.ffmpeg, argv, stdout=PIPE, read=[job.path], limits=limits
        ) as child:
            stopping = asyncio.ensure_future(run.stopping.wait())
            reading = asyncio.ensure_future(self._read(run, child))
            try:
                await asyncio.wait({stopping, reading}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()
                reading.cancel()
                await asyncio.wait({stopping, reading})
            if not reading.cancelled():
                reading.result()
                if await child.wait() != 0:
                    log.info("ffmpeg: %s", child.errors[-500:])
                    if run.head == run.first:
                        raise Unavailable("ffmpeg gave up.")

    async def _read(self, run: EncodeRun, child: Running) -> None:
        pieces = Pieces()
        shift = None
        async for chunk in child.chunks():
            for fragment in pieces.feed(chunk):
                if shift is None:
                    shift = await self._shift(run, pieces.init)
                await self._keep(run, moved(fragment, shift), pieces.init, shift)
            while run.head < run.job.plan.count and self._is_far_ahead(run):
                async with run.news:
                    await run.news.wait()

    async def _shift(self, run: EncodeRun, init: bytes) -> int:
        """Store the first init of all; how far this run's times stand from it."""
        shared = await self._shelf.get(run.job.key, "init")
        if shared is None:
            await self._shelf.put(run.job.key, "init", init)
            return 0
        return delay(shared) - delay(init)

    async def _keep(self, run: EncodeRun, fragment: bytes, init: bytes, shift: int) -> None:
        at = (begins(fragment, init) - shift) * SECOND // timescale(init)
        number = max(run.head, run.job.plan.at(timedelta(microseconds=at + SECOND // 200)))
        await self._shelf.put(run.job.key, _name(number), fragment)
        run.head = number + 1
        await run.told()

    def _is_far_ahead(self, run: EncodeRun) -> bool:
        plan = run.job.plan
        head = plan.start(min(run.head, plan.count - 1))
        return head - plan.start(min(run.wanted, plan.count - 1)) > AHEAD_US


def _name(number: int) -> str:
    return f"{number}.m4s"
