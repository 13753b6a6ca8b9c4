"""The database of one process: a thread that writes, four that read, and units of work handed to them."""

import asyncio
import contextvars
import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Engine, MetaData, Table
from sqlalchemy.exc import DBAPIError

from polycast.core.clock import Clock
from polycast.core.errors import Storage
from polycast.core.storage.adapter import Adapter
from polycast.core.storage.unit import Hooks, Unit

T = TypeVar("T")
P = ParamSpec("P")

READERS = 4
ATTEMPTS = 6  # the first and five more
FIRST_PAUSE_MS = 5
LONGEST_WAIT = timedelta(seconds=10)  # for our turn to write; then the caller is told to come again
LONGEST_READ = timedelta(seconds=1)
BULK_WORK = timedelta(milliseconds=25)
BULK_FIRST = 256  # rows of the first batch, before the speed is known
BULK_MOST = 10_000  # rows of a batch, however fast
BULK_SLICES = 8  # looks at the clock in a batch

log = logging.getLogger("polycast.core.storage")


class Database:
    """Runs units of work. A unit is a plain function whose first parameter is the open `Unit`."""

    def __init__(
        self,
        adapter: Adapter,
        *,
        hooks: Hooks,
        clock: Clock,
        metadatas: Sequence[MetaData] = (),
        longest_wait: timedelta = LONGEST_WAIT,
    ) -> None:
        self._adapter = adapter
        self._longest_wait = longest_wait
        self._hooks = hooks
        self._clock = clock
        self.tables: Mapping[str, Table] = {t.name: t for m in metadatas for t in m.sorted_tables}
        self._write_engine: Engine = adapter.writer()
        self._read_engine: Engine = adapter.readers(READERS)
        self._writer = ThreadPoolExecutor(1, "polycast-write")
        self._readers = ThreadPoolExecutor(READERS, "polycast-read")

    @property
    def engine_name(self) -> str:
        """`sqlite` or `postgresql`; only storage itself may ask."""
        return self._adapter.name

    async def read(self, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """Run `fn` on one state of the database, in a reader thread. It cannot write. Raises: Storage."""
        work = partial(self._read, lambda unit: fn(unit, *args, **kw), _name(fn))
        return await asyncio.get_running_loop().run_in_executor(self._readers, _in_context(work))

    async def write(self, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """Run `fn` in a serializable transaction and commit it; it may run twice.

        A caller that is cancelled stops a unit that waits, never one that runs.

        Raises: what `fn` raises, after a rollback; Storage, when the disk is full or our turn did not come.
        """
        started: Future[None] = Future()
        work = partial(self._write, started, lambda unit: fn(unit, *args, **kw))
        running = asyncio.get_running_loop().run_in_executor(self._writer, _in_context(work))
        try:
            done, _ = await asyncio.wait({running}, timeout=self._longest_wait.total_seconds())
            if not done and started.cancel():
                raise Storage("The database is busy; try again.", reason="locked", retry_after=2)
            if not done:
                await asyncio.wait({running})
        except (asyncio.CancelledError, Storage):
            started.cancel()
            running.add_done_callback(partial(_tell_unheard, _name(fn)))
            raise
        return await running

    async def write_bulk(self, apply: Callable[[Unit, Sequence[T]], None], items: Iterable[T]) -> int:
        """Hand all `items` to `apply` in batches, each committed after 25 ms of work; the number of items.

        Between batches others have their turn, so what was committed stays when a later batch fails. `items` is pulled
        in a thread of its own, outside the lock. Raises: what `apply` or `items` raise; Storage.
        """
        source = iter(items)
        loop = asyncio.get_running_loop()
        total, size, waiting = 0, BULK_FIRST, list[T]()
        puller = ThreadPoolExecutor(1, "polycast-bulk")
        try:
            while True:
                if len(waiting) < size:
                    pull = _in_context(partial(_pull, source, size - len(waiting)))
                    waiting += await loop.run_in_executor(puller, pull)
                if not waiting:
                    return total
                count, took = await self.write(self._batch, apply, waiting, max(1, size // BULK_SLICES))
                total += count
                del waiting[:count]
                # A quarter more than the last speed allows: the look at the clock ends a batch, not this guess.
                fits = int(1.25 * count * BULK_WORK / took) if took else BULK_MOST
                size = max(1, min(fits, 4 * size, BULK_MOST))
        finally:
            puller.shutdown(wait=False)

    def _batch(
        self, unit: Unit, apply: Callable[[Unit, Sequence[T]], None], items: Sequence[T], step: int
    ) -> tuple[int, timedelta]:
        start = self._clock.monotonic()
        for done in range(0, len(items), step):
            apply(unit, items[done : done + step])
            took = self._clock.monotonic() - start
            if took >= BULK_WORK:
                return min(len(items), done + step), took
        return len(items), self._clock.monotonic() - start

    async def close(self) -> None:
        """Let what runs end, then close the threads and connections; the writer last, which tidies the WAL."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._readers.shutdown()
        self._read_engine.dispose()
        self._writer.shutdown()
        self._write_engine.dispose()

    def _read(self, fn: Callable[[Unit], T], name: str) -> T:
        start = self._clock.monotonic()
        try:
            with self._read_engine.connect() as connection, connection.begin():
                return fn(Unit(connection, adapter=self._adapter, hooks=self._hooks))
        except DBAPIError as error:
            raise self._adapter.refusal(error) or error from error
        finally:
            took = self._clock.monotonic() - start
            if took > LONGEST_READ:
                log.warning("a read took %.1f s, more than the second it may: %s", took.total_seconds(), name)

    def _write(self, started: "Future[None]", fn: Callable[[Unit], T]) -> T:
        for attempt in range(ATTEMPTS):
            try:
                return self._write_once(started, fn)
            except DBAPIError as error:
                if attempt == ATTEMPTS - 1 or not self._adapter.is_conflict(error):
                    raise self._adapter.refusal(error) or error from error
            # Doubled and spread, or the same writers would meet again.
            span = FIRST_PAUSE_MS << attempt
            time.sleep(span * (1 + os.urandom(1)[0] / 256) / 1000)
        raise Storage("The database is busy; try again.", reason="locked", retry_after=1)

    def _write_once(self, started: "Future[None]", fn: Callable[[Unit], T]) -> T:
        with self._adapter.turn(), self._write_engine.connect() as connection, connection.begin():
            if not started.running() and not started.set_running_or_notify_cancel():
                return cast("T", None)  # nobody waits for it any more
            unit = Unit(connection, adapter=self._adapter, hooks=self._hooks)
            result = fn(unit)
            unit.finish()
        unit.committed()
        return result


def _pull(source: Any, count: int) -> list[Any]:
    return list(islice(source, count))


def _name(fn: Callable[..., object]) -> str:
    return f"{getattr(fn, '__module__', '?')}.{getattr(fn, '__qualname__', repr(fn))}"


def _in_context(work: Callable[[], T]) -> Callable[[], T]:
    """`work` with the caller's context variables, so that its log lines carry the request id."""
    return partial(contextvars.copy_context().run, work)


def _tell_unheard(name: str, running: "asyncio.Future[Any]") -> None:
    error = None if running.cancelled() else running.exception()
    if error is not None:
        log.warning("a unit failed after its caller had left: %s: %s", name, error)
