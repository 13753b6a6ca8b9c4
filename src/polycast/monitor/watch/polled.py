"""Watching a server that has to be asked: every few seconds who watches, more rarely the rest."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from polycast.core.errors import PolycastError
from polycast.core.net import jitter
from polycast.monitor.alerts.context import Looked
from polycast.monitor.alerts.model import Happening
from polycast.monitor.servers.model import Server
from polycast.monitor.sessions.model import (
    Session,
    SessionEnded,
    SessionFact,
    SessionKind,
    SessionMoved,
    SessionStarted,
)
from polycast.monitor.watch.ports import Tools
from polycast.monitor.watch.reporting import Reporting
from polycast.monitor.watch.state import NowRecording, Planned, ServerState, Watching

EVERY: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(seconds=60)
LATE: Final = timedelta(seconds=120)
SECOND: Final = timedelta(seconds=1)


class Viewing(Struct, frozen=True, kw_only=True):
    """Somebody who watches, as a server tells it."""

    key: str
    kind: SessionKind
    title: str = ""
    channel_number: str = ""
    channel_name: str = ""
    device: str = ""
    user: str = ""
    ip: str = ""
    source: str = ""  # "Direct play", "Transcode"
    file_id: str = ""
    position: timedelta = timedelta()


class Seen(Struct, frozen=True, kw_only=True):
    """Everything one look finds."""

    version: str = ""
    name: str = ""
    viewings: list[Viewing] = []
    recording: list[NowRecording] = []
    planned: list[Planned] = []
    disk_total: int | None = None
    disk_free: int | None = None
    shows: int | None = None
    movies: int | None = None
    episodes: int | None = None
    details: dict[str, str] = {}
    happened: list[Happening] = []  # since the last look


class Adapter(Protocol):
    """How one kind of server is asked."""

    async def look(self) -> Seen:
        """Raises: Unreachable, BadAnswer, Forbidden, Busy."""
        ...


class PolledWatcher:
    """One server."""

    def __init__(
        self,
        server: Server,
        tools: Tools,
        adapter: Adapter,
        *,
        state: ServerState,
        sessions: Iterable[Session],
        every: timedelta = EVERY,
    ) -> None:
        self.state = state
        self.reporting = Reporting(server, state, tools)
        self._server = server
        self._tools = tools
        self._adapter = adapter
        self._sessions = {session.key: session for session in sessions}
        self._seen_at = state.seen_before
        self._every = every

    async def run(self) -> None:
        """Until cancelled."""
        self.state.task_alive = True
        wait = self._every
        try:
            while True:
                started = self._tools.clock.monotonic()
                try:
                    seen = await self._adapter.look()
                except PolycastError as error:
                    self.state.errors += 1
                    self.reporting.lost(error.message)
                    wait = min(wait * 2, LONGEST_WAIT)
                else:
                    self.state.latency_ms = (self._tools.clock.monotonic() - started) // timedelta(milliseconds=1)
                    self._take(seen)
                    wait = self._every
                self.reporting.figures()
                await self._tools.clock.sleep(wait * (0.9 + 0.2 * jitter()))
        finally:
            self.state.task_alive = False

    def _take(self, seen: Seen) -> None:
        now = self._tools.clock.now()
        state = self.state
        self.reporting.versioned(seen.version)
        state.name = seen.name or state.name
        is_late = self._seen_at is None or now - self._seen_at > LATE
        self._seen_at = now
        state.fresh("poll", now)
        self.reporting.reached()
        facts = self._compare(seen.viewings, is_late=is_late)
        state.stream_count = len({one.who for one in self._sessions.values()}) + len(seen.recording)
        if facts:
            state.event_at = now
            state.events += len(facts)
        for fact in facts:
            session = self.reporting.session(fact, Looked())
            if not isinstance(fact, SessionEnded):
                self._sessions[session.key] = session
        for what in seen.happened:
            state.events += 1
            self.reporting.happened(what)
        self._show(seen)
        if seen.disk_total is not None and seen.disk_free is not None:
            self.reporting.disk(seen.disk_total, seen.disk_free, "")

    def _compare(self, viewings: list[Viewing], *, is_late: bool) -> list[SessionFact]:
        now = self._tools.clock.now()
        facts: list[SessionFact] = []
        there = {viewing.key: viewing for viewing in viewings}
        for key, session in list(self._sessions.items()):
            viewing = there.get(key)
            if viewing is None or _what(viewing) != _of(session):
                del self._sessions[key]
                reason = "ended" if viewing is None else "zapped"
                facts.append(SessionEnded(session=replace(session, ended_at=now, end_reason=reason)))
        for key, viewing in there.items():
            known = self._sessions.get(key)
            if known is None:
                facts.append(SessionStarted(session=self._session(viewing), is_late=is_late))
            else:
                moved = replace(known, seen_at=now, position=viewing.position)
                self._sessions[key] = moved
                if moved.kind is SessionKind.VOD:
                    facts.append(SessionMoved(session=moved))
        return facts

    def _session(self, viewing: Viewing) -> Session:
        now = self._tools.clock.now()
        who = viewing.device or viewing.user or viewing.ip
        what = (
            f"ch{viewing.channel_number or viewing.channel_name}"
            if viewing.kind is SessionKind.CHANNEL
            else f"vod{viewing.file_id}"
        )
        return Session(
            dvr_id=self._server.dvr_id,
            kind=viewing.kind,
            key=viewing.key,
            track=f"{what}-{who}",
            title=viewing.title,
            channel_number=viewing.channel_number,
            channel_name=viewing.channel_name,
            device=viewing.device or viewing.user,
            user_name=viewing.user,
            ip=viewing.ip,
            source=viewing.source,
            file_id=viewing.file_id,
            position=viewing.position,
            started_at=now,
            seen_at=now,
        )

    def _show(self, seen: Seen) -> None:
        state = self.state
        state.watching = [
            Watching(
                key=one.key, kind=one.kind.value, device=one.who, channel=one.what, number=one.channel_number,
                ip=one.ip, source=one.source, user=one.user_name, title=one.title, position_s=one.position // SECOND,
                since=one.started_at,
            )
            for one in self._sessions.values()
        ]  # fmt: skip
        state.recording, state.planned = list(seen.recording), list(seen.planned)
        state.plan_known_at = self._tools.clock.now()
        state.session_count = len(self._sessions) + len(seen.recording)
        state.activity_count = state.session_count
        for name in ("shows", "movies", "episodes"):
            if (count := getattr(seen, name)) is not None:
                setattr(state, name, count)
        state.details = dict(seen.details)


def _what(viewing: Viewing) -> tuple[str, str]:
    return viewing.file_id, viewing.channel_number or viewing.channel_name


def _of(session: Session) -> tuple[str, str]:
    return session.file_id, session.channel_number or session.channel_name
