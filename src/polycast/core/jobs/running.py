"""One attempt at a job: what its method is given, and what became of it."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Gone, Invalid, NotBuilt, PolycastError
from polycast.core.events.outbox import Outbox
from polycast.core.ids import Ids
from polycast.core.jobs import store
from polycast.core.jobs.ending import Ending, wait_before
from polycast.core.jobs.model import Cancelled, Job, JobChanged, JobState
from polycast.core.jobs.store import Claim

if TYPE_CHECKING:
    from polycast.core.storage import Database

T = TypeVar("T")

TELL_EVERY: Final = timedelta(milliseconds=500)
THREAD_GRACE: Final = timedelta(seconds=1)  # for a thread to see that its job was cancelled
LONGEST_NOTE: Final = 200  # characters
LONGEST_ERROR: Final = 500

log = logging.getLogger("polycast.jobs")


class Why(Enum):
    """Why a run is to stop."""

    ASKED = "asked"
    LOST = "lost"  # the lease: another worker may run the job already


class Attempt:
    """The `Run` of one attempt."""

    def __init__(self, claim: Claim, *, db: Database, outbox: Outbox, clock: Clock, pool: Executor) -> None:
        self.claim = claim
        self.done = 0
        self.total: int | None = None
        self.note = ""
        self.why: Why | None = None
        self.is_changed = False  # progress that is not stored yet
        self.task: asyncio.Task[None] | None = None
        self._is_over = False
        self._db = db
        self._outbox = outbox
        self._clock = clock
        self._pool = pool
        self._told_at: timedelta | None = None

    @property
    def job_id(self) -> int:
        return self.claim.id

    @property
    def attempt(self) -> int:
        return self.claim.attempt

    @property
    def saved(self) -> bytes | None:
        return self.claim.saved

    async def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.check()
        self.done, self.total, self.note = done, total, note[:LONGEST_NOTE]
        self.is_changed = True
        now = self._clock.monotonic()
        if self._told_at is None or now - self._told_at >= TELL_EVERY:
            self._told_at = now
            self.tell()
        await asyncio.sleep(0)

    async def checkpoint(self, value: Struct) -> None:
        saved = msgspec.json.encode(value).decode()
        if not await self._db.write(store.mark, self.claim, saved=saved):
            self.stop(Why.LOST)
        self.check()

    def check(self) -> None:
        if self.why is not None or self._is_over:
            raise Cancelled

    async def thread(self, fn: Callable[..., T], *args: object) -> T:
        self.check()
        work = partial(contextvars.copy_context().run, fn, *args)
        running = asyncio.get_running_loop().run_in_executor(self._pool, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self._is_over = True  # `check` tells the thread
            running.add_done_callback(_forget)
            await asyncio.wait({running}, timeout=THREAD_GRACE.total_seconds())
            raise

    def stop(self, why: Why) -> None:
        """Cancel the run; only on the loop."""
        if self.why is None:
            self.why = why
            if self.task is not None:
                self.task.cancel()

    def tell(self) -> None:
        """Tell whoever listens how far it is."""
        self._outbox.tell(
            JobChanged(
                job_id=self.claim.id,
                job=self.claim.name,
                title=self.claim.title,
                state=JobState.RUNNING,
                done=self.done,
                total=self.total,
                note=self.note,
                by_user_id=self.claim.by_user_id,
            )
        )


class Runner:
    """Runs an attempt to its end, whatever that is."""

    def __init__(self, *, clock: Clock, ids: Ids, redact: Callable[[str], str]) -> None:
        self._clock = clock
        self._ids = ids
        self._redact = redact

    async def run(self, job: Job, attempt: Attempt) -> Ending:
        """How it ended. A job that ends because the worker stops waits for another one, its attempt not counted."""
        limit = asyncio.timeout(job.timeout.total_seconds())
        try:
            payload = msgspec.json.decode(attempt.claim.payload, type=job.payload)
            async with limit:
                await job.run(payload, attempt)
        except Cancelled:
            return self._stopped(attempt, Why.ASKED)
        except asyncio.CancelledError:
            return self._stopped(attempt, Why.LOST)
        except Exception as error:  # noqa: BLE001 # the runner of jobs: whatever a job raises is its failure
            if limit.expired():
                return self._failed(job, attempt, error, f"It took longer than {job.timeout}.")
            return self._failed(job, attempt, error, self.told(error))
        return self._ending(attempt, JobState.DONE)

    def told(self, error: BaseException) -> str:
        """The error as people may read it: redacted and short."""
        if isinstance(error, BaseExceptionGroup):
            return "; ".join(self.told(one) for one in error.exceptions[:3])[:LONGEST_ERROR]
        if isinstance(error, PolycastError):
            return self._redact(error.message)[:LONGEST_ERROR]
        return self._redact(f"{type(error).__name__}: {error}")[:LONGEST_ERROR]

    def _stopped(self, attempt: Attempt, otherwise: Why) -> Ending:
        if (attempt.why or otherwise) is Why.ASKED:
            return self._ending(attempt, JobState.CANCELLED)
        return self._ending(attempt, JobState.WAITING, is_uncounted=True)

    def _failed(self, job: Job, attempt: Attempt, error: Exception, text: str) -> Ending:
        claim = attempt.claim
        log.warning("%s %d failed, attempt %d of %d: %s", claim.name, claim.id, claim.attempt, claim.attempts, text)
        log.debug("%s %d failed here", claim.name, claim.id, exc_info=error)
        # What is wrong with the input will be so the next time.
        if claim.attempt >= claim.attempts or isinstance(error, Invalid | Gone | NotBuilt):
            return self._ending(attempt, JobState.FAILED, error=text)
        luck = int(self._ids.uuid()[:8], 16) / 0xFFFFFFFF
        wait = wait_before(job.retry, claim.attempt, luck=luck, error=error)
        return self._ending(attempt, JobState.WAITING, error=text, wait=wait)

    def _ending(
        self,
        attempt: Attempt,
        state: JobState,
        *,
        error: str = "",
        wait: timedelta = timedelta(),
        is_uncounted: bool = False,
    ) -> Ending:
        return Ending(
            claim=attempt.claim,
            state=state,
            due_at=self._clock.now() + wait,
            error=error,
            done=attempt.done,
            total=attempt.total,
            note=attempt.note,
            is_uncounted=is_uncounted,
        )


def _forget(running: asyncio.Future[T]) -> None:
    if not running.cancelled():
        running.exception()  # seen: nobody waits for it any more
