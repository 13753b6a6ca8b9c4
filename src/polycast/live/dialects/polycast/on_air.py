"""Which channels run on this node, for whoever may watch: `/polycast/v1/live/on-air`."""

from collections.abc import Sequence

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.http import Route, get
from polycast.core.identity.caller import Caller, needs
from polycast.core.identity.scopes import Scope
from polycast.live.outputs.room import Outputs
from polycast.live.relay.service import Relays
from polycast.live.relay.views import session_shape, session_view


class OnAir(Struct, frozen=True, kw_only=True):
    """A running channel, as `live.on_air_changed` tells of it."""

    channel_id: int
    state: str  # as in `LiveSession`
    viewers: int


class OnAirList(Struct, frozen=True, kw_only=True):
    """Those of the caller's line-up."""

    items: list[OnAir]


def routes() -> Sequence[Route]:
    """Takes the services `relays`, `outputs` and `clock`."""
    return [on_air]


@get("/polycast/v1/live/on-air", policy=needs(Scope.LIVE_PLAY))
async def on_air(caller: Caller, relays: Relays, outputs: Outputs, clock: Clock) -> OnAirList:
    """The channels that run; a switch to one of them needs no further connection."""
    running = {one.target.channel_id: one for one in relays.sessions if one.target.channel_id is not None}
    if not running:
        return OnAirList(items=[])
    lineup = await outputs.lineups.of(await outputs.lineups.view(caller))
    now = clock.now()
    found = []
    for channel_id in (entry.id for entry in lineup.entries if entry.id in running):
        view = session_view(running[channel_id], now, "")
        found.append(OnAir(channel_id=channel_id, state=str(session_shape(view)["state"]), viewers=len(view.clients)))
    return OnAirList(items=found)
