"""The rooms of radio hosting, each built from the core and from those that it needs."""

from polycast.core.events import Event, Listener
from polycast.core.house import Core
from polycast.core.jobs import Job
from polycast.core.module import Daemon
from polycast.radio.accounts.store_usage import UsageStore
from polycast.radio.business import Business
from polycast.radio.engine.loudness import Loudness
from polycast.radio.engine.ports import NoGeo
from polycast.radio.engine.room import EngineRoom
from polycast.radio.engine.store import AudienceStore
from polycast.radio.engine.upkeep import Upkeep
from polycast.radio.ports import Air, NoAir
from polycast.radio.settings import RadioSettings
from polycast.radio.stations.pulse import Pulse
from polycast.radio.stations.service import Setups
from polycast.radio.stations.store_programme import ProgrammeStore
from polycast.radio.stations.store_setup import SetupStore
from polycast.radio.studio import Studio


class Rooms:
    """Everything radio hosting consists of below its dialects."""

    def __init__(self, core: Core) -> None:
        self.setups = Setups(
            db=core.db, setups=SetupStore(core.secrets), programmes=ProgrammeStore(), data_dir=core.data_dir
        )
        self.engine = self._engine(core) if core.is_web and core.settings.of(RadioSettings).broadcast else None
        self.pulse = Pulse()
        self.upkeep = Upkeep(db=core.db, store=AudienceStore(), clock=core.clock)
        self.loudness = Loudness(db=core.db, store=AudienceStore(), setups=self.setups)
        self.air: Air = self.engine.air if self.engine is not None else NoAir()
        self.business = Business(core, air=self.air)
        self.studio = Studio(core, business=self.business, setups=self.setups)

    def _engine(self, core: Core) -> EngineRoom:
        return EngineRoom(
            setups=self.setups,
            db=core.db,
            usage=UsageStore(),
            tokens=core.tokens,
            geo=NoGeo(),
            clock=core.clock,
            ids=core.ids,
            teller=core.events,
            net=core.net,
            processes=core.processes,
            allowed=lambda: core.settings.of(RadioSettings).allowed_targets,
            host=core.settings.core.host,
            own=core.net.own,
        )

    def jobs(self) -> list[Job]:
        """The worker's part."""
        return [*self.business.jobs(), *self.studio.jobs(), *self.loudness.jobs(), *self.upkeep.jobs()]

    def daemons(self) -> list[Daemon]:
        """The web process's part."""
        return [*self.business.daemons(), *(self.engine.daemons() if self.engine is not None else ())]

    def listeners(self) -> list[Listener]:
        """What happens after something has happened."""
        if self.engine is None:
            return self.business.listeners()
        return [
            *self.business.listeners(),
            *self.engine.listeners(),
            *self.studio.hooks.listeners(),
            *self.pulse.listeners(),
        ]

    def events(self) -> list[type[Event]]:
        """What is published or told."""
        return [*self.business.events(), *(self.engine.events() if self.engine is not None else ())]
