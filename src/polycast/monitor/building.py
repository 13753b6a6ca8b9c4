"""The rooms of the watch, each built from the core and from those that it needs."""

from zoneinfo import ZoneInfo

import polycast
from polycast.core.events import Event, Listener
from polycast.core.house import Core
from polycast.core.identity.events import CredentialEnded
from polycast.core.jobs import Job
from polycast.core.module import Daemon, HealthLine
from polycast.core.net import HostList
from polycast.core.storage import Unit
from polycast.monitor.access.modes import Modes
from polycast.monitor.alerts.cooldowns import Cooldowns
from polycast.monitor.alerts.engine import Engine
from polycast.monitor.alerts.incidents import IncidentChanged, Incidents
from polycast.monitor.alerts.rulebook import Rulebook
from polycast.monitor.alerts.store_cooldowns import CooldownStore
from polycast.monitor.alerts.store_rules import IncidentStore, RuleStore
from polycast.monitor.alerts.teller import Stores, Teller
from polycast.monitor.history.charts import Charts
from polycast.monitor.history.model import ActivityAdded
from polycast.monitor.history.service import History
from polycast.monitor.history.store import ActivityStore
from polycast.monitor.history.store_samples import SampleStore
from polycast.monitor.jobs import Upkeep, jobs
from polycast.monitor.journal.service import Journal
from polycast.monitor.mqtt.service import Broadcast
from polycast.monitor.outbox.housekeeping import Housekeeping
from polycast.monitor.outbox.model import DeliveryChanged
from polycast.monitor.outbox.office import Office
from polycast.monitor.outbox.planning import Planner
from polycast.monitor.outbox.senders import Senders
from polycast.monitor.outbox.store import DeliveryStore
from polycast.monitor.preferences.model import MonitorPreferencesChanged
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.preferences.store import PreferenceStore
from polycast.monitor.providers.own.adapter import OwnLive
from polycast.monitor.providers.own.library import OwnLibrary
from polycast.monitor.providers.own.radio import OwnRadio
from polycast.monitor.providers.own.servers import LIBRARY, LIVE, OWN, RADIO, TRANSFERS
from polycast.monitor.providers.own.space import Space
from polycast.monitor.providers.own.transfers import OwnTransfers
from polycast.monitor.recordings.model import Lifecycle, RecordingChanged
from polycast.monitor.recordings.store import RecordingStore
from polycast.monitor.servers.model import Server, ServersChanged
from polycast.monitor.servers.service import Servers
from polycast.monitor.servers.start import Start
from polycast.monitor.servers.store import ServerStore
from polycast.monitor.sessions.model import Session, SessionChanged
from polycast.monitor.sessions.store import SessionStore
from polycast.monitor.settings import MonitorSettings
from polycast.monitor.vault import Vault
from polycast.monitor.watch.board import Board
from polycast.monitor.watch.making import make_watcher
from polycast.monitor.watch.meters import register
from polycast.monitor.watch.polled import Adapter
from polycast.monitor.watch.ports import Tools
from polycast.monitor.watch.state import ServerChanged, ServerState, health_of
from polycast.monitor.watch.supervisor import Supervisor, Watcher


class Rooms:
    """Everything the watch consists of below its dialects."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.vault = Vault(core.data_dir / "monitor")
        self.server_store = ServerStore()
        self.stores = Stores(
            activities=ActivityStore(),
            sessions=SessionStore(),
            recordings=RecordingStore(),
            deliveries=DeliveryStore(),
            cooldowns=CooldownStore(),
        )
        self.samples = SampleStore()
        self.incident_store = IncidentStore()
        self.book = PreferencesBook(
            db=core.db, store=PreferenceStore(), vault=self.vault, tokens=core.tokens, clock=core.clock, ids=core.ids
        )
        self.servers = self._servers(core)
        self.board = Board(db=core.db, store=self.server_store, clock=core.clock)
        self.history = History(db=core.db, store=self.stores.activities, clock=core.clock)
        self.charts = Charts(db=core.db, samples=self.samples, stores=self.stores, board=self.board, clock=core.clock)
        self.cooldowns = Cooldowns()
        self.engine = Engine(cooldowns=self.cooldowns, new_id=core.ids.uuid)
        self.rules = Rulebook(db=core.db, store=RuleStore(), clock=core.clock, zone=self.zone)
        self.incidents = Incidents(db=core.db, store=self.incident_store, clock=core.clock)
        self.planner = Planner(new_id=core.ids.uuid)
        self.modes = Modes(
            db=core.db,
            identity=core.identity,
            book=self.book,
            servers=self.servers,
            is_disabled=lambda: core.settings.of(MonitorSettings).disable_auth,
        )
        self.upkeep = Upkeep(
            db=core.db, book=self.book, stores=self.stores, servers=self.servers, samples=self.samples,
            incidents=self.incident_store, clock=core.clock,
        )  # fmt: skip
        if core.is_web:
            self._open_watch(core)

    def _servers(self, core: Core) -> Servers:
        return Servers(
            db=core.db,
            store=self.server_store,
            vault=self.vault,
            clock=core.clock,
            trusted=lambda: HostList.of(core.settings.core.net.trusted_hosts),
            forget=self._forget,
        )

    def _open_watch(self, core: Core) -> None:
        """What only the web process has: watchers, and the way out for messages."""
        self.journal = Journal(
            core.data_dir / "monitor", self.vault.known, clock=core.clock,
            keep_days=lambda: self.book.now.log_retention_days,
        )  # fmt: skip
        self._open_own(core)
        self.senders = Senders(
            net=core.net,
            messengers=core.messengers,
            clock=core.clock,
            trusted_hosts=lambda: core.settings.core.net.trusted_hosts,
            instance_url=lambda: core.settings.core.public_url or "http://localhost:8501",
        )
        self.office = Office(
            db=core.db, store=self.stores.deliveries, planner=self.planner, senders=self.senders,
            prefs=lambda: self.book.now, clock=core.clock, metrics=core.metrics,
        )  # fmt: skip
        self.teller = Teller(
            db=core.db, stores=self.stores, book=self.book, planner=self.planner, office=self.office,
            cooldowns=self.cooldowns, rules=self.rules, incidents=self.incidents, clock=core.clock, ids=core.ids,
            metrics=core.metrics, journal=self.journal,
        )  # fmt: skip
        self.tools = Tools(
            net=core.net, clock=core.clock, book=self.book, engine=self.engine, teller=self.teller, rules=self.rules,
            metrics=core.metrics, zone=self.zone, tell=core.events.tell, key_of=self.servers.key_of,
        )  # fmt: skip
        self.housekeeping = Housekeeping(
            db=core.db, stores=self.stores, book=self.book, planner=self.planner, office=self.office,
            board=self.board, servers=self.servers, charts=self.charts, net=core.net, clock=core.clock,
        )  # fmt: skip
        self.broadcast = Broadcast(
            net=core.net, book=self.book, servers=self.servers, board=self.board, clock=core.clock,
            node=lambda: core.node,
        )  # fmt: skip
        register(core.metrics, self.board, lambda: self.servers.known, core.clock)
        self.start = Start(servers=self.servers, modes=self.modes, book=self.book, settings=core.settings, db=core.db)
        self.supervisor = Supervisor(
            db=core.db, servers=self.servers, board=self.board, sessions=self.stores.sessions,
            recordings=self.stores.recordings, make=self._watcher, always=list(OWN), clock=core.clock, before=self._before,
            beside=[self.teller.run, self.office.run, self.charts.run, self.housekeeping.run, self.journal.run, self.broadcast.run],
        )  # fmt: skip

    def _open_own(self, core: Core) -> None:
        """What hears of our own modules."""
        data = Space(lambda: [core.data_dir], core.clock)
        media = Space(lambda: [*core.settings.core.media_dirs, core.data_dir], core.clock)

        async def name_of(user_id: int) -> str:
            found = await core.db.read(core.identity.users.find_in, user_id)
            return found.username if found is not None else ""

        live = OwnLive(polycast.__version__, data)
        library = OwnLibrary(polycast.__version__, media, core.clock, name_of)
        radio = OwnRadio(polycast.__version__)
        transfers = OwnTransfers(polycast.__version__, data)
        self._own: dict[str, Adapter] = {
            LIVE.dvr_id: live, LIBRARY.dvr_id: library, RADIO.dvr_id: radio, TRANSFERS.dvr_id: transfers,
        }  # fmt: skip
        self._heard = [*live.listeners(), *library.listeners(), *radio.listeners(), *transfers.listeners()]

    def _watcher(
        self, server: Server, state: ServerState, sessions: list[Session], recordings: list[Lifecycle]
    ) -> Watcher:
        return make_watcher(server, state, sessions, recordings, self.tools, self._own)

    async def _before(self) -> None:
        await self.book.load()
        await self.start.run()
        await self.teller.restore()

    async def health(self) -> list[HealthLine]:
        """A line for the watch, and one for each server that cannot be asked because its key is lost."""
        states, now = await self.board.all(), self._core.clock.now()
        servers = [server for server in await self.servers.active() if server.enabled]
        stale = self.book.now.monitor_stale_seconds
        away = [
            server.shown_name
            for server in servers
            if not health_of(server, states.get(server.dvr_id), now=now, stale_s=stale).ready
        ]
        text = f"{len(servers)} servers are watched."
        lines = [
            HealthLine(name="monitor", ok=True, text=text if not away else f"{text} Not well: {', '.join(away)[:300]}")
        ]
        if self._core.is_web and self.broadcast.problem:
            lines.append(HealthLine(name="monitor.mqtt", ok=False, text=f"The MQTT broker is not told: {self.broadcast.problem[:300]}"))  # fmt: skip
        lost = [server.shown_name for server in servers if self.vault.is_lost(server.api_key)]
        if lost:
            lines.append(HealthLine(name="monitor.keys", ok=False, text=f"Enter the keys of these servers again: {', '.join(lost)[:300]}"))  # fmt: skip
        return lines

    def zone(self) -> ZoneInfo:
        """The zone that texts are in."""
        return ZoneInfo(self.book.now.tz)

    def _forget(self, unit: Unit, dvr_id: str) -> None:
        """A server is removed for good: all that is kept of it goes too."""
        while self.stores.activities.clear(unit, dvr_id=dvr_id):
            pass
        self.stores.sessions.drop_of(unit, dvr_id)
        self.stores.recordings.drop_of(unit, dvr_id)
        self.stores.deliveries.drop_of(unit, dvr_id)
        self.stores.cooldowns.drop_of(unit, dvr_id)
        self.samples.drop_of(unit, dvr_id)
        self.incident_store.drop_of(unit, dvr_id)
        self.cooldowns.drop(dvr_id)

    def jobs(self) -> list[Job]:
        """The worker's part."""
        return jobs(self.upkeep)

    def daemons(self) -> list[Daemon]:
        """The web process's part."""
        return [Daemon(name="monitor.watch", run=self.supervisor.run)] if self._core.is_web else []

    def listeners(self) -> list[Listener]:
        """What happens after something has happened."""
        return [
            Listener(name="monitor.reread_servers", event=ServersChanged, here=self._servers_changed),
            Listener(name="monitor.reread_settings", event=MonitorPreferencesChanged, here=self._settings_changed),
            Listener(name="monitor.reread_keys", event=CredentialEnded, here=self._credential_ended),
            *(self._heard if self._core.is_web else []),
        ]

    async def _servers_changed(self, event: ServersChanged) -> None:
        self.supervisor.look_again()

    async def _settings_changed(self, event: MonitorPreferencesChanged) -> None:
        self.book.reread()
        await self.book.load()

    async def _credential_ended(self, event: CredentialEnded) -> None:
        self.modes.reread()

    def events(self) -> list[type[Event]]:
        """What is published or told."""
        return [
            ServersChanged,
            ServerChanged,
            SessionChanged,
            RecordingChanged,
            ActivityAdded,
            DeliveryChanged,
            IncidentChanged,
            MonitorPreferencesChanged,
        ]
