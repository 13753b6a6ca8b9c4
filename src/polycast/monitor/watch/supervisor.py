"""Starts and ends the watchers: one for each server that is to be watched, each on its own. In the web process."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final, Protocol

from polycast.core.clock import Clock
from polycast.core.storage import Database
from polycast.monitor.recordings.model import KEPT, Lifecycle
from polycast.monitor.recordings.store import RecordingStore
from polycast.monitor.servers.model import Server
from polycast.monitor.servers.service import Servers
from polycast.monitor.sessions.model import EXPIRES, Session
from polycast.monitor.sessions.store import SessionStore
from polycast.monitor.watch.board import Board
from polycast.monitor.watch.reporting import Reporting
from polycast.monitor.watch.state import SNAPSHOT_EVERY, ServerState

FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(seconds=60)
STEADY: Final = timedelta(minutes=1)

log = logging.getLogger("polycast.monitor.watch")


class Watcher(Protocol):
    """Follows one server until it is cancelled."""

    reporting: Reporting

    async def run(self) -> None: ...


class Making(Protocol):
    """Makes the watcher of a server, whatever its kind."""

    def __call__(
        self, server: Server, state: ServerState, sessions: list[Session], recordings: list[Lifecycle]
    ) -> Watcher: ...


class Supervisor:
    """All watchers of this process. `beside` runs along with them: what writes and sends what they find."""

    def __init__(
        self,
        *,
        db: Database,
        servers: Servers,
        board: Board,
        sessions: SessionStore,
        recordings: RecordingStore,
        make: Making,
        always: list[Server],
        clock: Clock,
        before: Callable[[], Coroutine[Any, Any, None]],
        beside: list[Callable[[], Coroutine[Any, Any, None]]],
    ) -> None:
        self._db = db
        self._servers = servers
        self._board = board
        self._sessions = sessions
        self._recordings = recordings
        self._make = make
        self._always = always
        self._clock = clock
        self._before = before
        self._beside = beside
        self._changed = asyncio.Event()
        self._running: dict[str, tuple[Server, asyncio.Task[None]]] = {}
        self._watchers: dict[str, Watcher] = {}
        self._old: dict[str, ServerState] = {}

    def look_again(self) -> None:
        """The list of servers has changed."""
        self._servers.reread()
        self._changed.set()

    def restart_all(self) -> int:
        """Start every watcher afresh; how many."""
        for _, task in self._running.values():
            task.cancel()
        count = len(self._running)
        self._running.clear()
        self._changed.set()
        return count

    def watcher(self, dvr_id: str) -> Watcher | None:
        """The one that follows this server here."""
        return self._watchers.get(dvr_id)

    async def run(self) -> None:
        """Until cancelled."""
        self._old = await self._board.stored()
        self._board.is_ours = True
        try:
            await self._before()
            async with asyncio.TaskGroup() as group:
                for run in self._beside:
                    group.create_task(run())
                group.create_task(self._save())
                await self._reconcile(group)
        finally:
            self._board.is_ours = False
            await asyncio.shield(self._board.save())

    async def _reconcile(self, group: asyncio.TaskGroup) -> None:
        while True:
            self._changed.clear()
            servers = [*self._always, *await self._servers.active()]
            wanted = {server.dvr_id: server for server in servers if server.enabled}
            for dvr_id in [one for one in self._running if one not in wanted]:
                self._end(dvr_id)
            for dvr_id, server in wanted.items():
                self._start(group, dvr_id, server)
            self._board.has_started = True
            await self._changed.wait()

    def _start(self, group: asyncio.TaskGroup, dvr_id: str, server: Server) -> None:
        running = self._running.get(dvr_id)
        if running is not None and not running[1].done():
            if running[0].way == server.way:
                if (watcher := self._watchers.get(dvr_id)) is not None:
                    watcher.reporting.rename(server)
                self._running[dvr_id] = (server, running[1])
                return
            running[1].cancel()
        state = _restored(self._old.pop(dvr_id, None) or self._board.own().get(dvr_id))
        self._board.put(dvr_id, state)
        self._running[dvr_id] = (server, group.create_task(self._keep(server, state), name=f"monitor {dvr_id}"))

    def _end(self, dvr_id: str) -> None:
        self._running.pop(dvr_id)[1].cancel()
        self._watchers.pop(dvr_id, None)
        self._board.drop(dvr_id)

    async def _keep(self, server: Server, state: ServerState) -> None:
        """Run one watcher again and again; what it dies of is told, and touches nobody else."""
        wait = FIRST_WAIT
        while True:
            started = self._clock.monotonic()
            sessions, recordings = await self._known(server.dvr_id)
            watcher = self._make(server, state, sessions, recordings)
            self._watchers[server.dvr_id] = watcher
            task = asyncio.ensure_future(watcher.run())
            try:
                await asyncio.wait({task})
            finally:
                task.cancel()
                await asyncio.wait({task})
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("the watch of %s failed; it is started again", server.dvr_id, exc_info=error)
                state.error = "The watch failed; see the log."
            wait = FIRST_WAIT if self._clock.monotonic() - started > STEADY else min(wait * 2, LONGEST_WAIT)
            await self._clock.sleep(wait)

    async def _known(self, dvr_id: str) -> tuple[list[Session], list[Lifecycle]]:
        now = self._clock.now()
        running = await self._db.read(self._sessions.running, dvr_id)
        recordings = await self._db.read(self._recordings.since, dvr_id, now - KEPT)
        return [one for one in running if now - one.seen_at < EXPIRES], recordings

    async def _save(self) -> None:
        while True:
            await self._clock.sleep(SNAPSHOT_EVERY)
            await self._board.save()


def _restored(old: ServerState | None) -> ServerState:
    """A new state that remembers of the old one what does not go stale."""
    if old is None:
        return ServerState()
    return ServerState(
        event_at=old.event_at or old.freshness_at,
        seen_before=old.freshness_at,
        version=old.version,
        name=old.name,
        started_at=old.started_at,
        disk_total=old.disk_total,
        disk_free=old.disk_free,
        shows=old.shows,
        movies=old.movies,
        episodes=old.episodes,
    )
