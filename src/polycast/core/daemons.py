"""Keeps the daemons of all modules running: restarted with back-off, in a cluster each on one node."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import Storage
from polycast.core.events import Lease
from polycast.core.events.lease import LEASE
from polycast.core.ids import Ids
from polycast.core.module import Daemon, HealthLine
from polycast.core.storage import Database

FIRST_WAIT: Final = timedelta(milliseconds=500)
LONGEST_WAIT: Final = timedelta(seconds=30)
STEADY: Final = timedelta(minutes=1)  # one that ran this long starts again without a wait
LOOK: Final = timedelta(seconds=5)  # how often a lease is renewed, or asked for

log = logging.getLogger("polycast.daemons")


class Daemons:
    """All daemons of a web process. `node` is the same before and after a restart."""

    def __init__(self, daemons: Sequence[Daemon], *, db: Database, clock: Clock, ids: Ids, node: str) -> None:
        self._daemons = list(daemons)
        self._db = db
        self._clock = clock
        self._ids = ids
        self._node = node
        self._failing: dict[str, str] = {}

    async def run(self) -> None:
        """Run them until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for daemon in self._daemons:
                tasks.create_task(self._keep(daemon), name=daemon.name)

    async def health(self) -> Sequence[HealthLine]:
        """A line for each daemon that has failed and waits to be tried again."""
        return [HealthLine(name=name, ok=False, text=f"stopped: {why}") for name, why in self._failing.items()]

    async def _keep(self, daemon: Daemon) -> None:
        if daemon.everywhere:
            await self._restarting(daemon)
            return
        lease = Lease(db=self._db, clock=self._clock, ids=self._ids, name=daemon.name, owner=self._node)
        while True:
            if await self._holds(lease):
                await self._while_held(daemon, lease)
            await self._clock.sleep(LOOK)

    async def _while_held(self, daemon: Daemon, lease: Lease) -> None:
        running = asyncio.ensure_future(self._restarting(daemon))
        renewed = self._clock.monotonic()
        try:
            while True:
                asked = self._clock.monotonic()
                held = await self._holds(lease)
                if held:
                    renewed = asked
                elif held is False or asked - renewed >= LEASE - LOOK:
                    break  # while the database cannot be asked the lease is ours as long as nobody else can have it
                await asyncio.wait({running}, timeout=LOOK.total_seconds())
            log.warning("%s runs on another node now", daemon.name)
        finally:
            running.cancel()
            await asyncio.wait({running})

    async def _holds(self, lease: Lease) -> bool | None:
        """None when the database does not say."""
        try:
            return await lease.hold()
        except Storage as error:
            log.warning("leases wait: %s", error)
            return None

    async def _restarting(self, daemon: Daemon) -> None:
        wait = FIRST_WAIT
        while True:
            started = self._clock.monotonic()
            try:
                await daemon.run()
                return  # it had nothing to do
            except Exception as error:
                self._failing[daemon.name] = str(error) or type(error).__name__
                log.exception("%s failed; it is started again", daemon.name)
            wait = FIRST_WAIT if self._clock.monotonic() - started > STEADY else min(wait * 2, LONGEST_WAIT)
            await self._clock.sleep(wait)
            self._failing.pop(daemon.name, None)
