"""The dialects of the watch, each given the rooms it speaks for."""

from collections.abc import Sequence

from polycast.core.house import Core
from polycast.core.module import Dialect
from polycast.core.net import HostList
from polycast.monitor.alerts.tests import Trials
from polycast.monitor.backups.service import Backups
from polycast.monitor.backups.taking import Taking
from polycast.monitor.building import Rooms
from polycast.monitor.dialects.channelwatch.app import rest_dialect
from polycast.monitor.dialects.channelwatch.gate import Gate
from polycast.monitor.dialects.channelwatch.system import Life
from polycast.monitor.dialects.channelwatch.views import Views
from polycast.monitor.discovery.mdns import Discovery
from polycast.monitor.ingest.service import Ingest
from polycast.monitor.outbox.safety import Safety
from polycast.monitor.people.service import People
from polycast.monitor.servers.probing import Prober
from polycast.monitor.servers.versions import Range
from polycast.monitor.settings import MonitorSettings
from polycast.monitor.updates.service import Updates


class Voices:
    """Everything by which the watch is reached."""

    def __init__(self, core: Core, rooms: Rooms) -> None:
        self._core = core
        self._rooms = rooms

    def dialects(self) -> Sequence[Dialect]:
        """One for each API that clients know."""
        gate = Gate(self._core.identity, self._rooms.modes, self._core.tokens)
        return [rest_dialect(identity=gate, services=self._services(gate))]

    def _services(self, gate: Gate) -> dict[str, object]:
        core, rooms = self._core, self._rooms
        return {
            "gate": gate,
            "views": self._views(),
            "servers": rooms.servers,
            "board": rooms.board,
            "book": rooms.book,
            "told": rooms.history,
            "charts": rooms.charts,
            "modes": rooms.modes,
            "vault": rooms.vault,
            "rules": rooms.rules,
            "incidents": rooms.incidents,
            "office": rooms.office,
            "deliveries": rooms.stores.deliveries,
            "store": rooms.stores.sessions,
            "recorded": rooms.stores.recordings,
            "supervisor": rooms.supervisor,
            "prober": Prober(
                net=core.net, clock=core.clock, servers=rooms.servers,
                trusted=lambda: HostList.of(core.settings.core.net.trusted_hosts),
            ),
            "discovery": Discovery(host=core.settings.core.host, clock=core.clock),
            "safety": Safety(senders=rooms.senders, book=rooms.book),
            "trials": self._trials(),
            "identity": core.identity,
            "tokens": core.tokens,
            "db": core.db,
            "clock": core.clock,
            "happened": core.events,
            "people": People(identity=core.identity, db=core.db),
            "journal": rooms.journal,
            "updates": Updates(
                net=core.net, clock=core.clock, address=lambda: core.settings.of(MonitorSettings).update_url
            ),
            "backups": self._backups(),
            "inbound": Ingest(
                book=rooms.book, servers=rooms.servers, teller=rooms.teller, tokens=core.tokens, clock=core.clock,
                ids=core.ids,
            ),
            "life": Life(started_at=core.clock.now()),
        }  # fmt: skip

    def _backups(self) -> Backups:
        core, rooms = self._core, self._rooms
        taking = Taking(
            db=core.db, book=rooms.book, servers=rooms.servers, rules=rooms.rules, activities=rooms.stores.activities,
            identity=core.identity, vault=rooms.vault, ids=core.ids,
        )  # fmt: skip
        return Backups(
            folder=core.data_dir / "monitor", db=core.db, book=rooms.book, servers=rooms.servers, history=rooms.history,
            sessions=rooms.stores.sessions, taking=taking, vault=rooms.vault, clock=core.clock,
        )  # fmt: skip

    def _views(self) -> Views:
        core, rooms = self._core, self._rooms

        def tested() -> Range:
            settings = core.settings.of(MonitorSettings)
            return Range(min=settings.tested_from, max=settings.tested_to)

        return Views(
            servers=rooms.servers,
            board=rooms.board,
            book=rooms.book,
            history=rooms.history,
            clock=core.clock,
            tested=tested,
            lists_all=lambda: core.settings.of(MonitorSettings).list_all_providers,
        )

    def _trials(self) -> Trials:
        core, rooms = self._core, self._rooms
        return Trials(
            servers=rooms.servers,
            supervisor=rooms.supervisor,
            engine=rooms.engine,
            teller=rooms.teller,
            office=rooms.office,
            book=rooms.book,
            tools=rooms.tools,
            clock=core.clock,
            ids=core.ids,
        )
