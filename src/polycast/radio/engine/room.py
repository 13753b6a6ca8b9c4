"""The engine, built: what others ask of it, its daemon, and what it listens to."""

from collections.abc import Callable, Sequence

from polycast.core.clock import Clock
from polycast.core.events import Event, Listener
from polycast.core.ids import Ids
from polycast.core.module import Daemon
from polycast.core.net import Net
from polycast.core.processes import Processes
from polycast.core.storage import Database
from polycast.radio.engine.air import Airing
from polycast.radio.engine.events import PUBLISHED, TrackMeasured
from polycast.radio.engine.listening import Listening
from polycast.radio.engine.model import Teller
from polycast.radio.engine.ports import Geo, Tokens, Usage
from polycast.radio.engine.service import Engine, House
from polycast.radio.engine.store import AudienceStore
from polycast.radio.events import (
    AccountChanged,
    AccountRemoved,
    AccountResumed,
    AccountSuspended,
    ProgrammeChanged,
    QueueChanged,
    StationChanged,
    StationRemoved,
    StationTold,
)
from polycast.radio.stations.service import Setups


class EngineRoom:
    """Of the web process. `air` is what panels read."""

    def __init__(
        self,
        *,
        setups: Setups,
        db: Database,
        usage: Usage,
        tokens: Tokens,
        geo: Geo,
        clock: Clock,
        ids: Ids,
        teller: Teller,
        net: Net,
        processes: Processes,
        allowed: Callable[[], tuple[str, ...]],
        host: str,
        own: Callable[[list[int]], None],
    ) -> None:
        house = House(
            setups=setups,
            db=db,
            usage=usage,
            audience=AudienceStore(),
            tokens=tokens,
            geo=geo,
            clock=clock,
            ids=ids,
            teller=teller,
            net=net,
            processes=processes,
            allowed=allowed,
            host=host,
        )
        self.engine = Engine(house, own=own)
        self.listening = Listening(self.engine)
        self.air = Airing(self.engine, clock=clock)

    def daemons(self) -> list[Daemon]:
        """The one that has everything on air."""
        return [Daemon(name="radio.engine", run=self.engine.run)]

    def listeners(self) -> list[Listener]:
        """What changes what is on air."""
        return [
            Listener(name="radio.engine_account_changed", event=AccountChanged, here=self._poked),
            Listener(name="radio.engine_account_suspended", event=AccountSuspended, here=self._hushed),
            Listener(name="radio.engine_account_resumed", event=AccountResumed, here=self._poked),
            Listener(name="radio.engine_account_removed", event=AccountRemoved, here=self._hushed),
            Listener(name="radio.engine_station_changed", event=StationChanged, here=self._changed),
            Listener(name="radio.engine_station_removed", event=StationRemoved, here=self._changed),
            Listener(name="radio.engine_programme_changed", event=ProgrammeChanged, here=self._replanned),
            Listener(name="radio.engine_queue_changed", event=QueueChanged, here=self._wished),
            Listener(name="radio.engine_track_measured", event=TrackMeasured, here=self._measured),
            Listener(name="radio.engine_station_told", event=StationTold, here=self._told),
        ]

    def events(self) -> Sequence[type[Event]]:
        """What it tells."""
        return PUBLISHED

    async def _poked(self, event: AccountChanged | AccountResumed) -> None:
        self.engine.poke(event.account_id)

    async def _hushed(self, event: AccountSuspended | AccountRemoved) -> None:
        self.engine.hush(event.account_id)

    async def _changed(self, event: StationChanged | StationRemoved) -> None:
        self.engine.shelves.forget(event.station_id)
        self.engine.poke(event.account_id)

    async def _replanned(self, event: ProgrammeChanged) -> None:
        self.engine.replan(event.station_id)

    async def _measured(self, event: TrackMeasured) -> None:
        self.engine.shelves.forget(event.station_id)  # what is cued already stays: only its loudness is new

    async def _wished(self, event: QueueChanged) -> None:
        self.engine.wish(event.station_id)

    async def _told(self, event: StationTold) -> None:
        self.engine.tell(event.station_id, event.what, event.target_id)
