"""The relay, built: services for dialects and other features, the daemon and listeners for the module."""

from polycast.core.clock import Clock
from polycast.core.events.model import Event, Listener
from polycast.core.media import Media
from polycast.core.module import Daemon
from polycast.core.net import Net
from polycast.core.processes import Processes
from polycast.core.secrets import Tokens
from polycast.core.storage import Database
from polycast.live.activity.clients import Clients
from polycast.live.activity.events import SystemEvents
from polycast.live.activity.model import SystemEventAdded
from polycast.live.activity.store import SystemEventStore
from polycast.live.lineup.events import ChannelDeleted
from polycast.live.preferences.service import Preferences
from polycast.live.relay.candidates import Candidates
from polycast.live.relay.events import PUBLISHED, ChannelStopped
from polycast.live.relay.inputs import Inputs
from polycast.live.relay.journal import Journal
from polycast.live.relay.limits import UserLimits
from polycast.live.relay.looks import Looks
from polycast.live.relay.owners import Alone, Cluster, Peers
from polycast.live.relay.ports import Limits, Teller
from polycast.live.relay.service import Relays
from polycast.live.relay.session import Tools
from polycast.live.relay.slots import Slots
from polycast.live.relay.store import RelayStore
from polycast.live.relay.store_clients import ClientStore
from polycast.live.relay.store_slots import SlotStore
from polycast.live.relay.upkeep import Upkeep
from polycast.live.sources.upstreams.service import Upstreams


class Relay:
    """Everything about running channels. Others may use `relays`, `slots`, `events` and `clients`."""

    def __init__(
        self,
        *,
        db: Database,
        net: Net,
        processes: Processes,
        media: Media,
        preferences: Preferences,
        upstreams: Upstreams,
        people: Limits,
        teller: Teller,
        clock: Clock,
        tokens: Tokens,
        node: str,
        address: str = "",
    ) -> None:
        """`address` is where the other nodes of a cluster reach this one; empty for a server that is alone."""
        store, client_store = RelayStore(), ClientStore()
        self._node = node
        self.events = SystemEvents(db=db, store=SystemEventStore(), preferences=preferences, clock=clock)
        self.slots = Slots(db=db, store=SlotStore(), clock=clock, node=node)
        self.peers = Peers(tokens=tokens, net=net, node=node)
        self.journal = journal = Journal(db=db, store=store, events=self.events, clock=clock)
        candidates = Candidates(db=db, store=store, upstreams=upstreams, preferences=preferences, clock=clock)
        tools = Tools(
            candidates=candidates,
            slots=self.slots,
            inputs=Inputs(net=net, processes=processes),
            journal=journal,
            processes=processes,
            owners=Cluster(db=db, store=store, clock=clock, node=node, address=address) if address else Alone(),
            peers=self.peers,
            clock=clock,
        )
        upkeep = Upkeep(
            db=db,
            store=store,
            clients=client_store,
            slots=self.slots,
            journal=journal,
            events=self.events,
            looks=Looks(media=media, journal=journal),
            teller=teller,
            clock=clock,
            node=node,
            address=address,
        )
        limits = UserLimits(db=db, store=client_store, preferences=preferences, people=people, node=node)
        self.relays = Relays(tools=tools, upkeep=upkeep, limits=limits)
        self.clients = Clients(db=db, store=client_store, running=self.relays)

    def daemons(self) -> list[Daemon]:
        """What the web process runs."""
        return [Daemon(name="live.relay", run=self.relays.run, everywhere=True)]

    def listeners(self) -> list[Listener]:
        """What ends a channel from outside."""
        return [
            Listener(name="live.end_deleted_channel", event=ChannelDeleted, here=self._deleted),
            Listener(name="live.end_stopped_channel", event=ChannelStopped, here=self._stopped),
        ]

    def publishes(self) -> list[type[Event]]:
        return [*PUBLISHED, SystemEventAdded]

    async def _stopped(self, event: ChannelStopped) -> None:
        if event.node == self._node:
            return
        for session in self.relays.sessions:
            if session.target.ref == event.uuid:
                session.stop()

    async def _deleted(self, event: ChannelDeleted) -> None:
        for session in self.relays.sessions:
            if session.target.ref == event.uuid:
                session.stop()
