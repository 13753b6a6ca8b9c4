"""From what a watcher sees to what is told: the part that is the same for every kind of server."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from polycast.monitor.alerts.context import Context, Looked
from polycast.monitor.alerts.model import Happening, Told
from polycast.monitor.alerts.teller import Item
from polycast.monitor.preferences.model import Preferences
from polycast.monitor.recordings.model import RecordingFact
from polycast.monitor.servers.model import Server
from polycast.monitor.sessions.model import Session, SessionEnded, SessionFact, SessionStarted
from polycast.monitor.watch.outage import Outages
from polycast.monitor.watch.ports import Tools
from polycast.monitor.watch.state import ServerChanged, ServerState

TELL_GAP: Final = timedelta(milliseconds=500)


class Reporting:
    """Of one server."""

    def __init__(self, server: Server, state: ServerState, tools: Tools) -> None:
        self._server = server
        self._state = state
        self._tools = tools
        self._outages = Outages(tools.engine.cooldowns, server.dvr_id, tools.clock.now())
        self._disk_seen_at: datetime | None = None

    def rename(self, server: Server) -> None:
        """The server's name or overrides changed."""
        self._server = server

    @property
    def prefs(self) -> Preferences:
        return self._tools.book.for_server(self._server.overrides)

    def context(self, looked: Looked | None = None) -> Context:
        """As things are now."""
        return Context(
            server=self._server,
            prefs=self.prefs,
            now=self._tools.clock.now(),
            zone=self._tools.zone(),
            stream_count=self._state.stream_count,
            version=self._state.version,
            looked=looked or Looked(),
        )

    def session(self, fact: SessionFact, looked: Looked) -> Session:
        """Tell of a viewing; returned as it is now remembered."""
        context, session = self.context(looked), fact.session
        if isinstance(fact, SessionEnded):
            self._tools.teller.put(Item(session=session))
            self.changed()
            return session
        if isinstance(fact, SessionStarted):
            session = _named(session, looked)
            told = self._tools.engine.session_started(session, context, is_late=fact.is_late)
        else:
            told = self._tools.engine.session_moved(session, context)
        if told.alert is not None:
            session = replace(session, alerted_at=context.now, alerted_position=session.position)
            self._state.alert_events += 1
        if told.activity is not None:
            session = replace(session, image_url=told.activity.image_url)
        if isinstance(fact, SessionStarted) or told.alert is not None:
            self._tools.teller.put(Item(told=told, session=session))
        self.changed()
        return session

    def ripe(self, session: Session, looked: Looked) -> Session:
        """A viewing has lasted for as long as the settings ask for: now it is told, once."""
        context = self.context(looked)
        alert = self._tools.engine.channel_alert(session, context, None)
        told = replace(session, alerted_at=context.now)
        self._tools.teller.put(Item(told=Told(alert=alert), session=told))
        return told

    def recordings(self, facts: Sequence[RecordingFact], looked: Looked | None = None) -> None:
        """Tell of recordings."""
        for fact in facts:
            told = self._tools.engine.recording(fact, self.context(looked))
            self._tools.teller.put(Item(told=told, recording=fact.recording))
        if facts:
            self.changed()

    def disk(self, total: int, free: int, path: str) -> None:
        """A disk was looked at; judged every two minutes, and not before the start's grace is over."""
        now = self._tools.clock.now()
        self._state.disk_total, self._state.disk_free = total, free
        if self._disk_seen_at is None:
            self._disk_seen_at = now - DISK_EVERY + timedelta(seconds=self.prefs.ds_startup_grace_seconds)
        if now - self._disk_seen_at < DISK_EVERY:
            return
        self._disk_seen_at = now
        told = self._tools.engine.disk(total, free, path, self.context())
        self._put(told)

    def reached(self) -> None:
        """The server answered."""
        now, state = self._tools.clock.now(), self._state
        was = state.connection_status
        state.connected, state.alerts_paused, state.error, state.connection_status = True, False, "", "online"
        state.offline_since = None
        state.checked_at = now
        if was != "online":
            state.online_since = now
            self.changed()
        outage = self._outages.up(now)
        if outage is not None:
            self._put(self._tools.engine.health(is_up=True, outage=outage, error="", context=self.context()))

    def lost(self, why: str) -> None:
        """The server did not answer; told once it has been away for as long as the settings say."""
        now, state = self._tools.clock.now(), self._state
        was = state.connection_status
        state.connected, state.alerts_paused, state.connection_status, state.error = False, True, "offline", why
        state.checked_at = now
        if was != "offline":
            state.offline_since = now
            self.changed()
        self.still_lost()

    def still_lost(self) -> None:
        """Time has passed and the server is still away."""
        delay = timedelta(seconds=self.prefs.dvr_health_alert_delay_seconds)
        outage = self._outages.down(self._tools.clock.now(), delay)
        if outage is not None:
            told = self._tools.engine.health(
                is_up=False, outage=outage, error=self._state.error, context=self.context()
            )
            self._put(told)

    def versioned(self, version: str) -> None:
        """Its version is known; a change is a line of history."""
        before, self._state.version = self._state.version, version or self._state.version
        if before and version and before != version:
            text = f"{self._server.shown_name} was upgraded from {before} to {version}"
            self._put(
                self._tools.engine.noted(
                    "system", "Server Upgraded", text, self.context(), before=before, after=version
                )
            )

    def noted(self, title: str, text: str) -> None:
        """A line of history that nobody is told."""
        self._put(self._tools.engine.noted("system", title, text, self.context()))

    def happened(self, what: Happening) -> None:
        """Something about the server itself."""
        self._put(self._tools.engine.happened(what, self.context()))

    def figures(self) -> None:
        """Let the rules look at the server's figures."""
        state, now = self._state, self._tools.clock.now()
        figures: dict[str, float] = {"streams": state.stream_count, "latency_ms": state.latency_ms}
        if state.disk_total and state.disk_free is not None:
            figures["disk_free_percent"] = state.disk_free / state.disk_total * 100
        if state.freshness_at is not None:
            figures["freshness_age"] = (now - state.freshness_at).total_seconds()
        name = self._server.shown_name
        for alert in self._tools.rules.alerts_of_figures(self._server.dvr_id, name, figures, now):
            self._tools.teller.put(Item(told=Told(alert=alert)))

    def changed(self) -> None:
        """Pages should look again."""
        self._tools.tell(ServerChanged(dvr_id=self._server.dvr_id))

    def _put(self, told: Told) -> None:
        if told.activity is not None or told.alert is not None:
            self._tools.teller.put(Item(told=told))
            self._state.alert_events += told.alert is not None
            self.changed()


DISK_EVERY: Final = timedelta(seconds=120)


def _named(session: Session, looked: Looked) -> Session:
    """With the names that the server knows and the activity does not say."""
    name = session.channel_name or (looked.channel.name if looked.channel is not None else "")
    title = session.title or (looked.airing.title if looked.airing is not None else "")
    if looked.file is not None and looked.file.title:
        title = title or looked.file.title
    return replace(session, channel_name=name, title=title)
