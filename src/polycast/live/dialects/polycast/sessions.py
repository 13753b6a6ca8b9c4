"""What runs, for our own pages: `/polycast/v1/live/sessions`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Unavailable
from polycast.core.http import Route, delete, get, post
from polycast.core.identity.caller import Caller, needs
from polycast.core.identity.scopes import Scope
from polycast.live.dialects.polycast.wire import Named
from polycast.live.relay.service import Relays
from polycast.live.relay.switching import Wish
from polycast.live.relay.views import session_shape, session_view

WATCH = needs(Scope.LIVE_ADMIN)


class LiveClient(Struct, frozen=True, kw_only=True):
    """Somebody who watches."""

    id: str
    user: str
    address: str
    agent: str
    connected_at: datetime
    sent_bytes: int
    rate_bps: int
    behind_ms: int


class LiveSession(Struct, frozen=True, kw_only=True):
    """A running channel."""

    uuid: str
    channel_id: int
    number: str | None
    name: str
    logo_url: str | None
    state: str  # connecting, playing, stalled, switching, stopping, failed
    message: str
    stream: Named | None
    source: str
    streams: list[Named]
    started_at: datetime
    rate_bps: int
    received_bytes: int
    switches: int
    video: str
    audio: str
    clients: list[LiveClient]


class LiveSessions(Struct, frozen=True, kw_only=True):
    """Everything that runs."""

    items: list[LiveSession]


class SwitchTo(Struct, frozen=True, kw_only=True):
    """Which stream; null for the next one."""

    stream_id: int | None = None


def routes() -> Sequence[Route]:
    """Those of this file. They take the services `relays` and `clock`."""
    return [sessions, switch, stop, stop_client]


@get("/polycast/v1/live/sessions", policy=WATCH)
async def sessions(caller: Caller, relays: Relays, clock: Clock) -> LiveSessions:
    """Every running channel with its clients."""
    now = clock.now()
    found: list[Any] = []
    for session in relays.sessions:
        streams = await relays.streams(session.target)
        found.append(session_shape(session_view(session, now, ""), streams))
    return LiveSessions(items=msgspec.convert(found, list[LiveSession]))


@post("/polycast/v1/live/sessions/{uuid}/switch", policy=WATCH, sent=SwitchTo, status=204)
async def switch(caller: Caller, relays: Relays, uuid: str, sent: SwitchTo) -> None:
    """Go over to another stream; answered once it delivers."""
    try:
        await relays.switch(Wish(ref=uuid, stream_id=sent.stream_id))
    except TimeoutError as error:
        raise Unavailable("The other stream did not begin in time.") from error


@delete("/polycast/v1/live/sessions/{uuid}", policy=WATCH, status=204)
async def stop(caller: Caller, relays: Relays, uuid: str) -> None:
    """End a channel for everybody."""
    await relays.stop(uuid)


@delete("/polycast/v1/live/sessions/{uuid}/clients/{id}", policy=WATCH, status=204)
async def stop_client(caller: Caller, relays: Relays, uuid: str, id: str) -> None:
    """End one client's stream."""
    relays.stop_client(uuid, id)
