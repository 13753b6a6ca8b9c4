"""`/proxy/ts/...` and `/proxy/stats/`: what runs, and its control.

Real clients: Home Assistant "ha-dispatcharr" (polls the status, asks OPTIONS whether it may, stops channels and
clients), "dispatcharr_sensor", dispatcharr-mcp. Source: `specs/live.md` 3.14 and 7.2.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from polycast.core.clock import Clock
from polycast.core.errors import NotFound, Unavailable
from polycast.core.http import Reader, Request, Response
from polycast.core.identity.caller import Caller
from polycast.core.metrics import TEXT_TYPE
from polycast.live.dialects.rest.errors import Refused
from polycast.live.dialects.streams.metrics import measured
from polycast.live.relay.owners import Peers
from polycast.live.relay.service import Relays
from polycast.live.relay.session import Session
from polycast.live.relay.statuses import detailed_status
from polycast.live.relay.switching import Switched, Wish
from polycast.live.relay.views import basic_status, session_view

NOBODY: Final = "00000000-0000-0000-0000-000000000000"  # asked about by a dashboard that tries its rights
BODY_LIMIT: Final = 64 * 1024


class ChangeStream(Struct, frozen=True):
    """Which stream from now on: one of the channel's, or any address."""

    stream_id: int | UnsetType | None = UNSET
    url: str | UnsetType | None = UNSET
    user_agent: str | UnsetType | None = UNSET


class StopClient(Struct, frozen=True):
    """Whose stream ends."""

    client_id: str | UnsetType | None = UNSET


class PeerWish(Struct, frozen=True):
    """What another node of the cluster has signed."""

    wish: str


class ControlRoutes:
    """The endpoints. `node` is what the original calls a worker."""

    def __init__(self, relays: Relays, peers: Peers, *, clock: Clock, node: str) -> None:
        self._relays = relays
        self._peers = peers
        self._clock = clock
        self._node = node
        self._change = Reader(ChangeStream, lenient_text=True)
        self._stop_client = Reader(StopClient, lenient_text=True)
        self._peer_wish = Reader(PeerWish)

    async def status(self, request: Request, caller: Caller) -> Response:
        """Everything that runs."""
        now = self._clock.now()
        found = [basic_status(session_view(one, now, self._node), now) for one in self._relays.sessions]
        return answer({"channels": found, "count": len(found)})

    async def detail(self, request: Request, caller: Caller) -> Response:
        """One channel. Raises: NotFound, when it does not run."""
        session = self._session(request)
        now = self._clock.now()
        return answer(detailed_status(session_view(session, now, self._node), session, now))

    async def stats(self, request: Request, caller: Caller) -> Response:
        """All kinds of streams at once."""
        now = self._clock.now()
        live = [basic_status(session_view(one, now, self._node), now) for one in self._relays.sessions]
        empty = {"vod_connections": [], "total_connections": 0, "timestamp": now.timestamp()}
        return answer(
            {
                "live": {"channels": live, "count": len(live)},
                "vod": empty,
                "catchup": {"timeshift_sessions": [], "total_connections": 0, "timestamp": now.timestamp()},
                "timestamp": now.timestamp(),
            }
        )

    async def metrics(self, request: Request, caller: Caller) -> Response:
        """What runs, for Prometheus."""
        return Response(measured(self._relays), headers={"content-type": TEXT_TYPE, "cache-control": "no-store"})

    async def change(self, request: Request, caller: Caller) -> Response:
        """Another stream from now on, confirmed once it delivers."""
        sent = await self._change.body(request.scope, request.receive, BODY_LIMIT)
        ref = str(request.path_params["ref"])
        stream_id = sent.stream_id if isinstance(sent.stream_id, int) else None
        url = sent.url if isinstance(sent.url, str) else ""
        if stream_id is None and not url:
            raise Refused("Either stream_id or url must be provided", status=400)
        agent = sent.user_agent if isinstance(sent.user_agent, str) and sent.user_agent else None
        wish = Wish(ref=ref, stream_id=stream_id, url="" if stream_id is not None else url, user_agent=agent)
        chosen = await self._switched(wish)
        return answer(
            {
                "message": "Stream changed successfully",
                "channel": ref,
                "url": chosen.url,
                "owner": not chosen.node,
                "worker_id": chosen.node or self._node,
                "stream_id": chosen.stream_id or None,
            }
        )

    async def following(self, request: Request, caller: Caller) -> Response:
        """The next stream in the order of failover."""
        ref = str(request.path_params["ref"])
        try:
            others = await self._relays.ways(ref)
        except NotFound:
            raise _unknown(ref) from None
        if others < 2:
            raise Refused("No alternate streams available for this channel", status=404)
        chosen = await self._switched(Wish(ref=ref))
        return answer(
            {
                "message": "Stream switched to next available",
                "channel": ref,
                "previous_stream_id": chosen.before,
                "new_stream_id": chosen.stream_id or None,
                "new_url": chosen.url,
                "owner": not chosen.node,
                "worker_id": chosen.node or self._node,
            }
        )

    async def peer_switch(self, request: Request, caller: Caller) -> Response:
        """Another node's wish for a channel that this one reads. Raises: NotFound, for who is no node."""
        sent = await self._peer_wish.body(request.scope, request.receive, BODY_LIMIT)
        wish = self._peers.wish(str(request.path_params["ref"]), sent.wish)
        try:
            chosen = await self._relays.switch_here(wish)  # handed on once, never in a circle
        except TimeoutError:
            raise Unavailable("Stream change was not confirmed in time") from None
        return Response(msgspec.json.encode(chosen), media_type="application/json")

    async def stop(self, request: Request, caller: Caller) -> Response:
        """End a channel for everybody."""
        session = self._session(request)
        before = await self._relays.stop(session.target.ref)
        return answer({"message": "Channel stopped", "channel_id": session.target.ref, "previous_state": before.value})

    async def stop_client(self, request: Request, caller: Caller) -> Response:
        """End one client's stream."""
        sent = await self._stop_client.body(request.scope, request.receive, BODY_LIMIT)
        if not isinstance(sent.client_id, str) or not sent.client_id:
            raise Refused("No client_id provided", status=400)
        session = self._session(request)
        try:
            self._relays.stop_client(session.target.ref, sent.client_id)
        except NotFound:
            raise Refused("Client not found", status=404) from None
        return answer(
            {
                "message": "Client stopped",
                "channel_id": session.target.ref,
                "client_id": sent.client_id,
                "locally_processed": True,
            }
        )

    async def may(self, request: Request, caller: Caller) -> Response:
        """OPTIONS: whether the caller may control at all; the channel need not exist."""
        return answer({"name": "Live proxy"})

    def _session(self, request: Request) -> Session:
        ref = str(request.path_params["ref"])
        try:
            return self._relays.session(ref)
        except NotFound:
            raise _unknown(ref) from None

    async def _switched(self, wish: Wish) -> Switched:
        try:
            return await self._relays.switch(wish)
        except NotFound:
            raise _unknown(wish.ref) from None
        except Unavailable as error:
            raise Refused(error.message, status=502) from error
        except TimeoutError:
            raise Refused("Stream change was not confirmed in time", status=504) from None


def _unknown(ref: str) -> Refused:
    return Refused(f"Channel {ref} not found", status=404)


def answer(body: Mapping[str, Any]) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(body), media_type="application/json")
