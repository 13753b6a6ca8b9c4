"""Servers, channels and DJs. Source: `specs/radio.md` 3.14."""

from msgspec import UNSET

from polycast.core.errors import Invalid
from polycast.core.http import Answer, Request, Route, delete, get, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.dialects.admin.addresses import Addresses
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.policies import CORS, PUBLIC, WRITE
from polycast.radio.dialects.panel.sent import ChannelSent, DjSent, StationSent, given
from polycast.radio.panel.service import Panel, StationView
from polycast.radio.ports import Air

V2 = "/radio/api/v2"
VERBS = ("start", "stop", "restart", "skip")


@get(f"{V2}/servers/", policy=PUBLIC)
async def servers(caller: Caller, panel: Panel, air: Air) -> Answer[list[wire.Shown]]:
    """One's own; the public ones for strangers."""
    return Answer([wire.station(view, air) for view in await panel.stations(caller)], headers=CORS)


@post(f"{V2}/servers/", policy=WRITE, sent=StationSent, status=201)
async def create_server(caller: Caller, sent: StationSent, panel: Panel, air: Air) -> wire.Shown:
    """A station with a default playlist and an AutoDJ; channels are added apart."""
    owner = sent.owner if isinstance(sent.owner, int) else None
    return wire.station(await panel.create_station(caller, given(sent, "owner"), owner=owner), air)


@get(f"{V2}/servers/{{pk}}/", policy=PUBLIC)
async def server(caller: Caller, pk: int, panel: Panel, air: Air) -> Answer[wire.Shown]:
    """One station."""
    return Answer(wire.station(await panel.station(caller, pk), air), headers=CORS)


@put(f"{V2}/servers/{{pk}}/", policy=WRITE, sent=StationSent)
async def update_server(caller: Caller, pk: int, sent: StationSent, panel: Panel, air: Air) -> wire.Shown:
    """What is not sent stays."""
    return wire.station(await panel.update_station(caller, pk, given(sent, "owner")), air)


@delete(f"{V2}/servers/{{pk}}/", policy=WRITE, status=204)
async def delete_server(caller: Caller, pk: int, panel: Panel) -> None:
    """With its music, playlists and history."""
    await panel.delete_station(caller, pk)


def _verb(verb: str) -> Route:
    @post(f"{V2}/servers/{{pk}}/{verb}/", policy=WRITE)
    async def told(caller: Caller, pk: int, panel: Panel) -> wire.Result:
        """Starts and stops last; a restart and a skip happen once."""
        await panel.tell(caller, pk, verb)
        return wire.Result()

    return told


@get(f"{V2}/channels/", policy=PUBLIC)
async def channels(
    caller: Caller, panel: Panel, air: Air, addresses: Addresses, request: Request, server: int | None = None
) -> Answer[list[wire.Shown]]:
    """Of one station, or of all that may be seen."""
    views = [await panel.station(caller, server)] if server is not None else await panel.stations(caller)
    base, host = addresses.base(request.scope), addresses.host(request.scope)
    rows = [wire.channel(view, one, air.load(one.id), base=base, host=host) for view in views for one in view.channels]
    return Answer(rows, headers=CORS)


@post(f"{V2}/channels/", policy=WRITE, sent=ChannelSent, status=201)
async def create_channel(
    caller: Caller, sent: ChannelSent, panel: Panel, air: Air, addresses: Addresses, request: Request
) -> wire.Shown:
    """Another output of a station."""
    if sent.server is UNSET:
        raise Invalid.one("server", "required")
    channel_id = await panel.create_channel(caller, sent.server, given(sent, "server"))
    return _channel(await panel.station(caller, sent.server), channel_id, air, addresses, request)


@get(f"{V2}/channels/{{pk}}/", policy=PUBLIC)
async def channel(
    caller: Caller, pk: int, panel: Panel, air: Air, addresses: Addresses, request: Request
) -> Answer[wire.Shown]:
    """One output."""
    view = await panel.station(caller, await panel.station_of_channel(pk))
    return Answer(_channel(view, pk, air, addresses, request), headers=CORS)


@put(f"{V2}/channels/{{pk}}/", policy=WRITE, sent=ChannelSent)
async def update_channel(  # a route's collaborators
    caller: Caller, pk: int, sent: ChannelSent, panel: Panel, air: Air, addresses: Addresses, request: Request
) -> wire.Shown:
    """What is not sent stays; listeners stay, unless the port changes."""
    one = await panel.update_channel(caller, pk, given(sent, "server"))
    return _channel(await panel.station(caller, one.station_id), pk, air, addresses, request)


@delete(f"{V2}/channels/{{pk}}/", policy=WRITE, status=204)
async def delete_channel(caller: Caller, pk: int, panel: Panel) -> None:
    """Its listeners are sent away."""
    await panel.delete_channel(caller, pk)


def _channel(view: StationView, channel_id: int, air: Air, addresses: Addresses, request: Request) -> wire.Shown:
    [one] = [found for found in view.channels if found.id == channel_id]
    base, host = addresses.base(request.scope), addresses.host(request.scope)
    return wire.channel(view, one, air.load(channel_id), base=base, host=host)


@get(f"{V2}/djs/", policy=PUBLIC)
async def djs(caller: Caller, panel: Panel, air: Air, server: int | None = None) -> Answer[list[wire.Shown]]:
    """In the order of their priority."""
    views = [await panel.station(caller, server)] if server is not None else await panel.stations(caller)
    return Answer([row for view in views for row in _djs(view, air)], headers=CORS)


@post(f"{V2}/djs/", policy=WRITE, sent=DjSent, status=201)
async def create_dj(caller: Caller, sent: DjSent, panel: Panel, air: Air) -> wire.Shown:
    """Somebody who may be on air; encoders connect to the port that the answer names."""
    if sent.server is UNSET:
        raise Invalid.one("server", "required")
    dj_id = await panel.create_dj(caller, sent.server, given(sent, "server"))
    return _dj(await panel.station(caller, sent.server), dj_id, air)


@get(f"{V2}/djs/{{pk}}/", policy=PUBLIC)
async def dj(caller: Caller, pk: int, panel: Panel, air: Air) -> Answer[wire.Shown]:
    """One of them."""
    view = await panel.station(caller, await panel.station_of_dj(pk))
    return Answer(_dj(view, pk, air), headers=CORS)


@put(f"{V2}/djs/{{pk}}/", policy=WRITE, sent=DjSent)
async def update_dj(caller: Caller, pk: int, sent: DjSent, panel: Panel, air: Air) -> wire.Shown:
    """What is not sent stays."""
    await panel.update_dj(caller, pk, given(sent, "server"))
    return _dj(await panel.station(caller, await panel.station_of_dj(pk)), pk, air)


@delete(f"{V2}/djs/{{pk}}/", policy=WRITE, status=204)
async def delete_dj(caller: Caller, pk: int, panel: Panel) -> None:
    """The AutoDJ stays."""
    await panel.delete_dj(caller, pk)


@post(f"{V2}/djs/{{pk}}/disconnect/", policy=WRITE)
async def disconnect(caller: Caller, pk: int, panel: Panel) -> wire.Result:
    """Send a DJ away; they may come again."""
    await panel.tell(caller, await panel.dj_station(caller, pk), "disconnect_dj", target=pk)
    return wire.Result()


@post(f"{V2}/djs/{{pk}}/next_track/", policy=WRITE)
async def next_track(caller: Caller, pk: int, panel: Panel) -> wire.Result:
    """The AutoDJ plays the next one."""
    await panel.tell(caller, await panel.dj_station(caller, pk), "skip", target=pk)
    return wire.Result()


@get(f"{V2}/catalog/free_port/", policy=WRITE)
async def free_port(caller: Caller, panel: Panel) -> dict[str, int]:
    """Of the account's block; the one after it is free too."""
    return {"port": await panel.free_port(caller)}


def _djs(view: StationView, air: Air) -> list[wire.Shown]:
    states = {state.dj_id: state for state in air.djs(view.seen.station.id)}
    return [wire.dj(view, one, states.get(one.id)) for one in view.djs]


def _dj(view: StationView, dj_id: int, air: Air) -> wire.Shown:
    [found] = [row for row in _djs(view, air) if row["id"] == dj_id]
    return found


def routes() -> list[Route]:
    return [
        servers,
        create_server,
        server,
        update_server,
        delete_server,
        *map(_verb, VERBS),
        channels,
        create_channel,
        channel,
        update_channel,
        delete_channel,
        djs,
        create_dj,
        dj,
        update_dj,
        delete_dj,
        disconnect,
        next_track,
        free_port,
    ]
