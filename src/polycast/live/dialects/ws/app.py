"""The dialect: one socket, refused with 403 to whoever may not have it."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import Busy, PolycastError
from polycast.core.events import Events
from polycast.core.http import Authenticator, WebSocket, headers_of, json_dialect, status_of, websocket
from polycast.core.identity.caller import Caller, Policy
from polycast.core.jobs import Queue
from polycast.core.module import Dialect, Slash, Spelled
from polycast.live.dialects.rest.gate import NetworkGate, Networks
from polycast.live.dialects.ws.feed import Feed

MOST: Final = 500  # sockets of this process
WITH_QUERY: Final = Policy(in_query=True)


class Sockets:
    """How many there are."""

    def __init__(self) -> None:
        self.open = 0


@websocket("/ws/", policy=WITH_QUERY)
async def feed(socket: WebSocket, caller: Caller, events: Events, queue: Queue, clock: Clock, sockets: Sockets) -> None:
    """What happens, as it happens."""
    if sockets.open >= MOST:
        raise Busy("There are too many open connections.", retry_after=10)
    sockets.open += 1
    try:
        await Feed(socket, caller, events=events, queue=queue, clock=clock).run()
    finally:
        sockets.open -= 1


def ws_dialect(*, events: Events, queue: Queue, clock: Clock, identity: Authenticator, networks: Networks) -> Dialect:
    """`/ws/`; the network list is that of the pages."""
    app = json_dialect(
        [feed],
        services={"events": events, "queue": queue, "clock": clock, "sockets": Sockets()},
        identity=NetworkGate(identity, networks),
        spell=spell,
    )
    return Dialect(name="live.ws", claims=["/ws"], app=app, slash=Slash.EITHER, spell=spell)


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """The original refuses the handshake with 403, whatever is missing."""
    status = status_of(error)
    if status == 401:
        status = 403
    return Spelled(status=status, body=msgspec.json.encode({"detail": error.message}), headers=headers_of(error))
