"""Tests that people press: through the real way out, told as failed unless somebody confirmed the delivery."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.ids import Ids
from polycast.monitor.alerts.context import Context, Looked
from polycast.monitor.alerts.engine import Engine
from polycast.monitor.alerts.model import Alert, AlertKind, Told
from polycast.monitor.alerts.severity import GIB, Severity
from polycast.monitor.alerts.teller import Item, Teller
from polycast.monitor.outbox.model import Destination, Result
from polycast.monitor.outbox.office import Office
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.providers.channels.wire import Airing, Channel, Recorded
from polycast.monitor.recordings.model import Lifecycle, RecordingFact
from polycast.monitor.servers.model import Server
from polycast.monitor.servers.service import Servers
from polycast.monitor.sessions.model import Session, SessionKind
from polycast.monitor.watch.channels import ChannelsWatcher
from polycast.monitor.watch.ports import Tools
from polycast.monitor.watch.supervisor import Supervisor

PATHS: Final = (
    "/status",
    "/dvr/events/subscribe",
    "/dvr",
    "/api/v1/channels",
    "/devices/ANY/guide/xmltv",
    "/api/v1/all",
)
RECORDINGS: Final[Mapping[str, tuple[str, str]]] = {
    "Test Recording Events Alert": ("started", "Recording (Scheduled)"),
    "Test Recording Scheduled Alert": ("scheduled", "Scheduled"),
    "Test Recording Started Alert": ("started", "Recording (Manual)"),
    "Test Recording Completed Alert": ("completed", "Completed"),
    "Test Recording Stopped Alert": ("stopped", "Stopped"),
    "Test Recording Cancelled Alert": ("cancelled", "Cancelled"),
}


class Outcome(Struct, frozen=True, kw_only=True):
    """What a test came to."""

    test_name: str
    success: bool
    message: str


class Trials:
    """All tests by their names."""

    def __init__(
        self,
        *,
        servers: Servers,
        supervisor: Supervisor,
        engine: Engine,
        teller: Teller,
        office: Office,
        book: PreferencesBook,
        tools: Tools,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._servers = servers
        self._supervisor = supervisor
        self._engine = engine
        self._teller = teller
        self._office = office
        self._book = book
        self._tools = tools
        self._clock = clock
        self._ids = ids

    async def run(self, name: str, dvr_id: str = "") -> Outcome:
        """Run the test called `name` against one server, else the first."""
        servers = [one for one in await self._servers.active() if one.enabled and dvr_id in ("", one.dvr_id)]
        if not servers:
            return Outcome(test_name=name, success=False, message="No enabled DVR is configured.")
        if name in ("Test Connectivity", "Test API Endpoints"):
            paths = PATHS[:2] if name == "Test Connectivity" else PATHS
            return await self._reach(name, servers[0], paths)
        told = self._told(name, servers[0])
        if told is None:
            return Outcome(test_name=name, success=False, message=f"Unknown test: {name}")
        if told.alert is None:
            return Outcome(test_name=name, success=False, message="There is nothing to send.")
        self._teller.put(Item(told=Told(activity=told.activity)))
        places = None
        if told.alert.kind is AlertKind.DISK and (override := self._book.now.ds_test_route_override):
            places = [Destination(channel="custom", address=override)]
        return _judged(name, await self._office.deliver_now(told.alert, places))

    async def to(self, place: Destination) -> Result | None:
        """One message to one destination."""
        alert = Alert(
            kind=AlertKind.RULE, event_type="test", dvr_id="", dvr_name="", title="Test notification",
            text="If you can read this, notifications reach you.", at=self._clock.now(), is_test=True,
        )  # fmt: skip
        results = await self._office.deliver_now(alert, [place])
        return results[0][1] if results else None

    async def _reach(self, name: str, server: Server, paths: tuple[str, ...]) -> Outcome:
        watcher = self._supervisor.watcher(server.dvr_id)
        if not isinstance(watcher, ChannelsWatcher):
            return Outcome(test_name=name, success=False, message="The DVR is not watched here.")
        failed: list[str] = []
        for path in paths:
            try:
                if not await watcher.reaches(path):
                    failed.append(path)
            except PolycastError as error:
                failed.append(f"{path} ({error.message})")
        if failed:
            return Outcome(test_name=name, success=False, message="No answer from " + ", ".join(failed))
        return Outcome(
            test_name=name, success=True, message=f"{server.shown_name} answered on all {len(paths)} endpoints."
        )

    def _told(self, name: str, server: Server) -> Told | None:
        context = self._context(server)
        if name == "Test Disk Space Alert":
            total = 2000 * GIB
            return self._engine.disk_told(Severity.WARNING, total, total // 20, "/shares/DVR", context, is_test=True)
        if name in RECORDINGS:
            kind, word = RECORDINGS[name]
            return self._engine.recording(
                RecordingFact(recording=self._recording(context), word=word, kind=kind), context, is_test=True
            )
        if name == "Test Channel Watching Alert":
            return self._watching(context, _channel_session(context))
        if name == "Test VOD Watching Alert":
            return self._watching(context, _vod_session(context))
        return None

    def _watching(self, context: Context, session: Session) -> Told:
        return self._engine.test_session(session, context)

    def _context(self, server: Server) -> Context:
        now = self._clock.now()
        airing = Airing(title="SportsCenter", starts_at=now, ends_at=now + timedelta(hours=1), image="")
        return Context(
            server=server, prefs=self._book.for_server(server.overrides), now=now, zone=self._tools.zone(),
            stream_count=1, looked=Looked(
                channel=Channel(id="ESPN", number="206", name="ESPN"), airing=airing,
                file=Recorded(id="1", title="Test Show", season=1, episode=2, episode_title="Pilot",
                              duration=timedelta(minutes=30), summary="A test."),
            ),
        )  # fmt: skip

    def _recording(self, context: Context) -> Lifecycle:
        return Lifecycle(
            dvr_id=context.server.dvr_id, job_id=f"test-{self._ids.nanoid()}", starts_at=context.now,
            ends_at=context.now + timedelta(minutes=30), title="Test Recording", channel_number="206",
            was_scheduled=True, seen_at=context.now,
        )  # fmt: skip


def _judged(name: str, results: list[tuple[Destination, Result]]) -> Outcome:
    if not results:
        return Outcome(test_name=name, success=False, message="No notification destination is configured.")
    failed = [f"{place.channel}: {result.text}" for place, result in results if not result.ok]
    good = [place.channel for place, result in results if result.ok]
    if failed:
        return Outcome(test_name=name, success=False, message="Not delivered to " + "; ".join(failed))
    return Outcome(test_name=name, success=True, message="Delivered to " + ", ".join(good) + ".")


def _channel_session(context: Context) -> Session:
    return Session(
        dvr_id=context.server.dvr_id, kind=SessionKind.CHANNEL, key="test", track="test", channel_number="206",
        channel_name="ESPN", device="Test Device", ip="192.168.1.45", source="Test", started_at=context.now,
        seen_at=context.now,
    )  # fmt: skip


def _vod_session(context: Context) -> Session:
    return Session(
        dvr_id=context.server.dvr_id, kind=SessionKind.VOD, key="test", track="test", title="Test Show",
        device="Test Device", ip="192.168.1.45", file_id="1", position=timedelta(minutes=4), started_at=context.now,
        seen_at=context.now,
    )  # fmt: skip
