"""The rooms of live TV, each built from the core and from those that it needs."""

from polycast.core.events import Event, Listener
from polycast.core.house import Core
from polycast.core.jobs import Job
from polycast.core.module import Daemon
from polycast.live.activity.listening import Listening
from polycast.live.guide.dummies import Dummies
from polycast.live.guide.room import Guide
from polycast.live.guide.store_guided import GuidedStore
from polycast.live.guide.store_pages import PageStore
from polycast.live.guide.store_sources import SourceStore
from polycast.live.lineup.room import LineUp
from polycast.live.outputs.guidebook import GuideBook
from polycast.live.outputs.now import OnNow
from polycast.live.outputs.room import Outputs
from polycast.live.people.service import People
from polycast.live.people.store import PersonStore
from polycast.live.preferences.listeners import listeners as rehashing
from polycast.live.preferences.model import PreferencesChanged
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from polycast.live.relay.room import Relay
from polycast.live.settings import LiveSettings
from polycast.live.sources.room import Sources


class Rooms:
    """Everything live TV consists of below its dialects."""

    def __init__(self, core: Core) -> None:
        self._clock = core.clock
        self.people = People(db=core.db, store=PersonStore())
        self.preferences = Preferences(db=core.db, store=SettingsStore())
        self.lineup = self._lineup(core)
        self.sources = self._sources(core)
        self.guide = self._guide(core)
        self.outputs = self._outputs(core)
        self.relay = self._relay(core)
        self.now = self._now(core)

    def _lineup(self, core: Core) -> LineUp:
        return LineUp(
            db=core.db,
            viewers=self.people,
            clock=core.clock,
            ids=core.ids,
            data_dir=core.data_dir,
            pictures=core.images,
            net=core.net,
            preferences=self.preferences,
        )

    def _sources(self, core: Core) -> Sources:
        return Sources(
            db=core.db,
            secrets=core.secrets,
            net=core.net,
            preferences=self.preferences,
            teller=core.events,
            clock=core.clock,
            zone=core.zone(),
            data_dir=core.data_dir,
            after=self.lineup.sync,
            channels=self.lineup.sync,
        )

    def _guide(self, core: Core) -> Guide:
        return Guide(
            db=core.db,
            viewers=self.people,
            preferences=self.preferences,
            assigner=self.lineup.bulk,
            pictures=core.images,
            ids=core.ids,
            secrets=core.secrets,
            net=core.net,
            teller=core.events,
            clock=core.clock,
            zone=core.zone(),
            data_dir=core.data_dir,
        )

    def _outputs(self, core: Core) -> Outputs:
        return Outputs(
            db=core.db,
            preferences=self.preferences,
            people=self.people,
            guide=guide_book(core),
            clock=core.clock,
            data_dir=core.data_dir,
            public_url=lambda: core.settings.core.public_url or None,
        )

    def _relay(self, core: Core) -> Relay:
        return Relay(
            db=core.db,
            net=core.net,
            processes=core.processes,
            media=core.media,
            preferences=self.preferences,
            upstreams=self.sources.upstreams,
            people=self.people,
            teller=core.events,
            clock=core.clock,
            tokens=core.tokens,
            node=core.node,
            address=_address(core),
        )

    def _now(self, core: Core) -> OnNow:
        return OnNow(
            db=core.db,
            lineups=self.outputs.lineups,
            programmes=self.guide.programmes,
            guided=GuidedStore(),
            clock=core.clock,
        )

    def jobs(self) -> list[Job]:
        """The worker's part."""
        return [*self.sources.jobs(), *self.guide.jobs(), *self.lineup.jobs()]

    def daemons(self) -> list[Daemon]:
        """The web process's part."""
        return [*self.outputs.daemons(), *self.relay.daemons()]

    def listeners(self) -> list[Listener]:
        """What happens after something has happened."""
        noting = Listening(events=self.relay.events, clock=self._clock)
        return [
            *rehashing(),
            *noting.listeners(),
            *self.guide.listeners(),
            *self.outputs.listeners(),
            *self.relay.listeners(),
        ]

    def events(self) -> list[type[Event]]:
        """What is published or told."""
        parts = (self.sources.events(), self.guide.events(), self.lineup.events(), self.outputs.events())
        return [*[event for part in parts for event in part], *self.relay.publishes(), PreferencesChanged]


def _address(core: Core) -> str:
    """Where other nodes reach this one; empty for a server that has none."""
    if not core.settings.core.database_url.plain:
        return ""
    return core.settings.of(LiveSettings).node_address.rstrip("/") or f"http://{core.node}"


def guide_book(core: Core) -> GuideBook:
    """The guide, as the outputs read it."""
    sources, guided = SourceStore(), GuidedStore()
    return GuideBook(db=core.db, pages=PageStore(), guided=guided, dummies=Dummies(sources=sources, guided=guided))
