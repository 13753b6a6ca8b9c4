"""The dialect, put together."""

from collections.abc import Sequence
from typing import Final

from polycast.core.clock import Clock
from polycast.core.http import Authenticator, byte_dialect, byte_route
from polycast.core.http.dialects import ByteRoute
from polycast.core.identity.caller import Credential, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope
from polycast.core.module import Dialect, Slash
from polycast.live.dialects.rest.gate import Guarded, NetworkGate, Networks
from polycast.live.dialects.streams.control import ControlRoutes
from polycast.live.dialects.streams.errors import spell
from polycast.live.dialects.streams.live import LiveRoutes
from polycast.live.outputs.access import Endpoint
from polycast.live.relay.owners import Peers
from polycast.live.relay.segmenting import Segments
from polycast.live.relay.service import Relays

CLAIMS: Final = ("/proxy/*",)
CONTROL: Final = needs(Scope.LIVE_ADMIN)
PEER: Final = Policy(anonymous=True, rate=RateClass.BYTES)  # the address itself is signed
PLAY: Final = Guarded(
    kinds=frozenset({Credential.SESSION, Credential.JWT, Credential.API_KEY, Credential.DEVICE, Credential.SIGNED}),
    anonymous=True,
    in_query=True,
    rate=RateClass.BYTES,
    endpoint=Endpoint.STREAMS,
)


def streams_dialect(
    relays: Relays,
    peers: Peers,
    *,
    identity: Authenticator,
    networks: Networks,
    clock: Clock,
    node: str,
    routes: Sequence[ByteRoute] = (),
) -> Dialect:
    """Live bytes, and the control of what runs. `routes` are other rooms': films and catch-up."""
    app = byte_dialect(
        [*live_routes(relays, peers), *control_routes(relays, peers, clock, node), *routes],
        identity=NetworkGate(identity, networks),
        spell=spell,
    )
    return Dialect(name="live.streams", claims=CLAIMS, app=app, slash=Slash.EITHER, spell=spell)


def live_routes(relays: Relays, peers: Peers) -> list[ByteRoute]:
    """What players open."""
    live = LiveRoutes(relays, Segments(relays), peers)
    return [
        byte_route("/proxy/ts/stream/{ref}", live.stream, policy=PLAY, methods=["GET", "OPTIONS"]),
        byte_route("/proxy/ts/peer/{ref}", live.peer, policy=PEER),
        byte_route("/proxy/hls/{ref}/index.m3u8", live.hls_playlist, policy=PLAY),
        byte_route("/proxy/hls/{ref}/{name}", live.hls_segment, policy=PLAY),
    ]


def control_routes(relays: Relays, peers: Peers, clock: Clock, node: str) -> list[ByteRoute]:
    """What dashboards ask."""
    control = ControlRoutes(relays, peers, clock=clock, node=node)
    table = [
        ("/proxy/ts/status", control.status, ["GET"]),
        ("/proxy/ts/status/{ref}", control.detail, ["GET"]),
        ("/proxy/stats/", control.stats, ["GET"]),
        ("/proxy/ts/metrics", control.metrics, ["GET"]),
        ("/proxy/ts/change_stream/{ref}", control.change, ["POST"]),
        ("/proxy/ts/next_stream/{ref}", control.following, ["POST"]),
        ("/proxy/ts/stop/{ref}", control.stop, ["POST", "DELETE"]),
        ("/proxy/ts/stop_client/{ref}", control.stop_client, ["POST"]),
    ]
    found = [byte_route(path, endpoint, policy=CONTROL, methods=methods) for path, endpoint, methods in table]
    found.append(byte_route("/proxy/ts/peer/{ref}/switch", control.peer_switch, policy=PEER, methods=["POST"]))
    return [*found, *(byte_route(path, control.may, policy=CONTROL, methods=["OPTIONS"]) for path, _, _ in table)]
