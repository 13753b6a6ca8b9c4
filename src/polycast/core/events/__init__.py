"""Events: facts that leave with the commit that made them true."""

from polycast.core.events.hub import Resync, Sent
from polycast.core.events.lease import Lease
from polycast.core.events.model import Audience, Delivery, Event, Listener
from polycast.core.events.outbox import Outbox
from polycast.core.events.pokes import Pokes, link_pair
from polycast.core.events.service import Events, Parked

__all__ = [
    "Audience",
    "Delivery",
    "Event",
    "Events",
    "Lease",
    "Listener",
    "Outbox",
    "Parked",
    "Pokes",
    "Resync",
    "Sent",
    "link_pair",
]
