"""Watching one Channels DVR server: its event stream, a look every 15 seconds, and what must be found out in between.

Source: specs/monitor.md 5.1, 5.2.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from polycast.core.errors import PolycastError
from polycast.core.net import BadAnswer, Trust, Via, jitter
from polycast.monitor.alerts.context import Looked
from polycast.monitor.providers.channels.client import QUICK, ChannelsClient, Line
from polycast.monitor.providers.channels.wire import Disk, Job
from polycast.monitor.recordings.model import Lifecycle
from polycast.monitor.servers.model import Server
from polycast.monitor.sessions.model import Session, SessionEnded, SessionFact, SessionKind, SessionMoved
from polycast.monitor.sessions.tracker import Tracker
from polycast.monitor.watch import showing
from polycast.monitor.watch.lineups import Lineup, compared, read_lineup
from polycast.monitor.watch.logs import LINES, LogTail, news
from polycast.monitor.watch.lookups import Lookups
from polycast.monitor.watch.ports import Tools
from polycast.monitor.watch.recordings import Recordings
from polycast.monitor.watch.reporting import Reporting
from polycast.monitor.watch.state import ServerState

POLL: Final = timedelta(seconds=15)
TICK: Final = timedelta(seconds=2)
LOG: Final = timedelta(seconds=60)
LINEUP: Final = timedelta(hours=1)
LIBRARY: Final = timedelta(seconds=900)
RECENT: Final = timedelta(seconds=30)  # a stream that spoke within it survives one failed probe
LATE: Final = timedelta(seconds=120)  # what began during a longer outage is history, not news
FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(seconds=60)
STALLED: Final = timedelta(minutes=30)


class ChannelsWatcher:
    """One server."""

    def __init__(
        self,
        server: Server,
        tools: Tools,
        *,
        state: ServerState,
        sessions: Iterable[Session],
        recordings: Iterable[Lifecycle],
    ) -> None:
        via = Via(verify_tls=server.verify_tls)
        out = tools.net.client(Trust.SOURCE, owner=f"monitor.{server.dvr_id}", limits=QUICK, via=via)
        self._client = ChannelsClient(out, server.url, key=tools.key_of(server), clock=tools.clock)
        self.state = state
        self._server = server
        self._tools = tools
        self._tracker = Tracker(server.dvr_id, sessions)
        self.reporting = Reporting(server, state, tools)
        self._lookups = Lookups(self._client, tools.clock)
        self._recordings = Recordings(server, tools, self._client, self._lookups, self.reporting, state, recordings)
        self._reading: asyncio.Task[None] | None = None
        self._failures = 0
        self._wake = asyncio.Event()
        self._stream_ended_at: datetime | None = state.seen_before
        self._changes = 0

    async def run(self) -> None:
        """Until cancelled. A part that fails ends all of it: the supervisor starts it again."""
        self.state.task_alive = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._stream())
                group.create_task(self._poll())
                group.create_task(self._library())
                group.create_task(self._tick())
                group.create_task(self._read_log())
                group.create_task(self._compare_lineup())
        finally:
            self.state.task_alive = False
            self.state.stream_open = False

    async def _stream(self) -> None:
        """Keep the event stream open; what was missed while it was not is made up for first."""
        wait = FIRST_WAIT
        while True:
            asked: int | None = None
            before = self.state.freshness_at
            self._reading = asyncio.create_task(self._listen())
            try:
                await self._reading
            except asyncio.CancelledError:
                if not self._reading.cancelled() or _is_cancelled():
                    self._reading.cancel()
                    raise
            except PolycastError as error:
                self.state.errors += 1
                self.state.error = str(error)
                asked = error.retry_after if isinstance(error, BadAnswer) else None
                self._count_failure(error)
            finally:
                self.state.stream_open = False
            self._wake.set()  # is the server gone, or only its stream?
            self.state.reconnects += 1
            self._stream_ended_at = self.state.freshness_at
            if self.state.freshness_at != before:
                wait = FIRST_WAIT
            await self._tools.clock.sleep(
                timedelta(seconds=asked) if asked is not None else wait * (0.9 + 0.2 * jitter())
            )
            wait = wait if asked is not None else min(wait * 2, LONGEST_WAIT)

    async def _listen(self) -> None:
        async with self._client.listening() as lines:
            self.state.stream_open = True
            self.reporting.reached()
            self.state.fresh("watchdog", self._tools.clock.now())
            await self._resync()
            async for line in lines:
                if line is None:
                    continue
                now = self._tools.clock.now()
                self.state.events += 1
                self.state.event_at = now
                self.state.fresh("event", now)
                await self._heard(line, now)

    async def _heard(self, line: Line, now: datetime) -> None:
        if line.type == "activities.set":
            before = self._tracker.recording_changes
            await self._tell(self._tracker.heard(line.name, line.value, now))
            if self._tracker.recording_changes != before:
                self._show()
                self.reporting.changed()
        elif line.type.startswith("jobs."):
            await self._recordings.job_changed(line.name, is_new=line.type != "jobs.deleted")
            self._show()
        elif line.type == "programs.set":
            await self._recordings.program_set(line.name, line.value)
            self._show()
        elif line.type != "hello":
            self.state.filtered += 1

    async def _resync(self) -> None:
        """What the stream did not tell while it was away."""
        now = self._tools.clock.now()
        away = None if self._stream_ended_at is None else now - self._stream_ended_at
        dvr = await self._client.dvr()
        self._disk(dvr.disk)
        is_late = away is None or away > LATE
        await self._tell(self._tracker.listed(dvr.activity, self._tools.clock.now(), is_late=is_late))
        self._show()
        with suppress(PolycastError):
            await self._recordings.relist()
            self._show()

    async def _poll(self) -> None:
        """A sign of life, the disk and the activity, every 15 seconds."""
        while True:
            started = self._tools.clock.monotonic()
            try:
                status = await self._client.status()
                self.reporting.versioned(status.version)
                self.state.name = status.name or self.state.name
                self._note_start(status.started_at)
                self.state.latency_ms = (self._tools.clock.monotonic() - started) // timedelta(milliseconds=1)
                self._failures = 0
                self.reporting.reached()
                self.state.fresh("poll", self._tools.clock.now())
                await self._look()
            except PolycastError as error:
                self.state.errors += 1
                self._failed(str(error))
            self.reporting.figures()
            await self._pause()

    async def _pause(self) -> None:
        """Until the next look is due, or the stream breaks."""
        self._wake.clear()
        sleeping = asyncio.ensure_future(self._tools.clock.sleep(POLL))
        waking = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()

    def _disk(self, disk: Disk | None) -> None:
        if disk is not None:
            self.reporting.disk(disk.total_bytes, disk.free_bytes, disk.path)
        else:
            self.state.disk_total = self.state.disk_free = None

    async def _look(self) -> None:
        dvr = await self._client.dvr()
        self._disk(dvr.disk)
        facts = self._tracker.listed(dvr.activity, self._tools.clock.now())
        self._changes = self._changes + 1 if facts else self._changes
        await self._tell(facts)
        self._show()
        self._unstall()

    def _unstall(self) -> None:
        """A stream that says nothing for half an hour while things happen is dead, whatever TCP says."""
        if self._changes < 2 or self.state.event_at is None or self._reading is None:
            return
        if self._tools.clock.now() - self.state.event_at > STALLED:
            self._changes = 0
            self._reading.cancel()

    def _failed(self, why: str) -> None:
        self._failures += 1
        now = self._tools.clock.now()
        is_recent = self.state.event_at is not None and now - self.state.event_at < RECENT
        if self._failures < 2 and is_recent and self.state.stream_open:
            return
        self.reporting.lost(why)
        if self._reading is not None and self.state.stream_open:
            self._reading.cancel()

    def _count_failure(self, error: PolycastError) -> None:
        """A stream that cannot be opened says as much as a probe that fails, once the probes have failed too."""
        if not self.state.connected or self.state.connection_status == "unknown":
            self.reporting.lost(str(error))

    async def _library(self) -> None:
        """How much it holds, every quarter of an hour; what cannot be counted keeps its last figure."""
        while True:
            await self._tools.clock.sleep(TICK)
            if not self.state.connected:
                continue
            for what in ("shows", "movies", "episodes"):
                with suppress(PolycastError):
                    setattr(self.state, what, await self._client.count(what))
            await self._tools.clock.sleep(LIBRARY)

    async def _read_log(self) -> None:
        """The end of its log every minute, while somebody has rules for it."""
        tail = LogTail()
        while True:
            await self._tools.clock.sleep(TICK)
            if self.state.connected and any(rule.enabled for rule in self.reporting.prefs.log_rules):
                with suppress(PolycastError):
                    lines = tail.fresh(await self._client.log(LINES))
                    for what in news(lines, self.reporting.prefs.log_rules):
                        self.reporting.happened(what)
                await self._tools.clock.sleep(LOG)

    async def _compare_lineup(self) -> None:
        """Its channels every hour, when the settings want it."""
        before: Lineup | None = None
        while True:
            await self._tools.clock.sleep(TICK)
            if self.state.connected and self.reporting.prefs.lineup_watch:
                with suppress(PolycastError):
                    after = read_lineup(await self._client.devices())
                    for what in compared(before, after) if before is not None else []:
                        self.reporting.happened(what)
                    before = after
                    await self._tools.clock.sleep(LINEUP)

    async def _tick(self) -> None:
        while True:
            await self._tools.clock.sleep(TICK)
            now = self._tools.clock.now()
            if self.state.connection_status == "offline":
                self.reporting.still_lost()
                continue
            await self._tell(self._tracker.expire(now))
            await self._ripen(now)
            await self._recordings.resolve()

    async def _ripen(self, now: datetime) -> None:
        wait = timedelta(seconds=self.reporting.prefs.cw_min_watch_seconds)
        if not wait:
            return
        for session in self._tracker.sessions:
            is_channel = session.kind is SessionKind.CHANNEL and session.alerted_at is None
            if is_channel and wait <= now - session.started_at < wait + LATE:
                looked = await self._lookups.about(session, self.reporting.prefs)
                self._tracker.keep(self.reporting.ripe(session, looked))

    async def _tell(self, facts: Sequence[SessionFact]) -> None:
        for fact in facts:
            self.state.stream_count = self._tracker.stream_count(self._tools.clock.now())
            looked = Looked()
            if not isinstance(fact, SessionEnded) and not (
                isinstance(fact, SessionMoved) and self._is_quiet(fact.session)
            ):
                looked = await self._lookups.about(fact.session, self.reporting.prefs)
            elif isinstance(fact, SessionMoved):
                continue
            session = self.reporting.session(fact, looked)
            if not isinstance(fact, SessionEnded):
                self._tracker.keep(session)
        if facts:
            self._show()

    def _is_quiet(self, session: Session) -> bool:
        """Whether a file that goes on need not be looked at: it was told within the cooldown, or never."""
        cooldown = timedelta(seconds=self.reporting.prefs.vod_alert_cooldown)
        return session.alerted_at is None or self._tools.clock.now() - session.alerted_at < cooldown

    def _note_start(self, started_at: datetime | None) -> None:
        before = self.state.started_at
        if started_at is None:
            return
        self.state.started_at = started_at
        if before is not None and started_at - before > timedelta(seconds=5):
            text = f"{self._server.shown_name} was restarted"
            self.reporting.noted("Server Restarted", text)

    def _show(self) -> None:
        showing.show(self.state, self._tracker, self._lookups, self._recordings, now=self._tools.clock.now())

    async def reaches(self, path: str) -> bool:
        """Whether a path answers: for the connection tests."""
        return await self._client.reaches(path)

    @property
    def jobs(self) -> list[Job]:
        return self._recordings.book.jobs


def _is_cancelled() -> bool:
    """Whether our own task is being cancelled, and not only the one we wait for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
