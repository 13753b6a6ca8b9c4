"""Who may listen and who may ask: URL callbacks of stream servers, geo rules, relays, keys. Source: `specs/radio.md` 3.14, 4.11."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qs

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.errors import Invalid
from polycast.core.http import Answer, Route, delete, get, line, post, put
from polycast.core.identity.caller import Caller
from polycast.core.identity.keys.model import ApiKey, ApiKeyNew
from polycast.core.identity.service import Identity
from polycast.core.secrets import TokenForm
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.policies import OWN, PUBLIC, WRITE
from polycast.radio.dialects.panel.sent import Line
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.panel.gatekeeping import Gatekeeping, GeoRules
from polycast.radio.panel.service import Panel, StationView
from polycast.radio.ports import Air
from polycast.radio.stations.model import Dj

MADE_BY = "radio"  # of keys
CALL_MOST = 8192  # bytes of a callback


class CallSent(Struct, kw_only=True):
    """What a stream server says of a listener. Source: `specs/radio.md` 4.11."""

    action: str = ""
    mount: str = ""
    server: str = ""
    port: str = ""
    client: str = ""
    user: str = ""
    ip: str = ""
    agent: str = ""


class GeoSent(Struct, kw_only=True):
    server: int | UnsetType = UNSET
    mode: str = "off"
    countries: Annotated[list[Annotated[str, Meta(pattern="^[A-Z]{2}$")]], Meta(max_length=250)] = []
    ips: Annotated[list[Annotated[str, line(50)]], Meta(max_length=1000)] = []
    agents: Annotated[list[Annotated[str, line(100)]], Meta(max_length=200)] = []


class RelaySent(Struct, kw_only=True):
    server: int | UnsetType = UNSET
    name: Line = UNSET
    url: Line = UNSET
    meta: Line = UNSET


class KeySent(Struct, kw_only=True):
    name: Annotated[str, line(100, blank=True)] = ""
    expires: datetime | None = None


def _told(*, admitted: bool) -> Answer[None]:
    headers = {"icecast-auth-user": "1" if admitted else "0", "icecast-auth-message": "auth"}
    return Answer(None, headers=headers)


@get(f"{V2}/channels/{{pk}}/add_listener/", policy=PUBLIC)
async def listener_came(pk: int, panel: Panel) -> Answer[None]:
    """A stream server tells of a listener; everybody is welcome."""
    await panel.station_of_channel(pk)
    return _told(admitted=True)


@post(f"{V2}/channels/{{pk}}/add_listener/", policy=PUBLIC, sent=CallSent, body_limit=CALL_MOST)
async def listener_came_by_post(pk: int, sent: CallSent, panel: Panel) -> Answer[None]:
    """As GET."""
    await panel.station_of_channel(pk)
    return _told(admitted=True)


@get(f"{V2}/channels/{{pk}}/auth_listener/", policy=PUBLIC)
async def listener_asks(pk: int, gatekeeping: Gatekeeping, mount: str = "") -> Answer[None]:
    """Whether the token in the query of `mount` opens the channel."""
    return _told(admitted=await gatekeeping.admits(pk, token_in(mount)))


@post(f"{V2}/channels/{{pk}}/auth_listener/", policy=PUBLIC, sent=CallSent, body_limit=CALL_MOST)
async def listener_asks_by_post(pk: int, sent: CallSent, gatekeeping: Gatekeeping) -> Answer[None]:
    """As GET."""
    return _told(admitted=await gatekeeping.admits(pk, token_in(sent.mount)))


def token_in(mount: str) -> str:
    """`abc` of "/stream?abc" and of "/stream?token=abc"."""
    query = mount.partition("?")[2][:500]
    named = parse_qs(query).get("token")
    return named[0] if named else query


@get(f"{V2}/geo/", policy=OWN)
async def geo(caller: Caller, gatekeeping: Gatekeeping, server: int) -> GeoRules:
    """From where one may listen."""
    return await gatekeeping.geo(caller, server)


@put(f"{V2}/geo/", policy=WRITE, sent=GeoSent)
async def set_geo(caller: Caller, sent: GeoSent, gatekeeping: Gatekeeping, server: int | None = None) -> GeoRules:
    """All of it at once; `ips` and `agents` are always kept out."""
    station = sent.server if isinstance(sent.server, int) else server
    if station is None:
        raise Invalid.one("server", "required")
    rules = GeoRules(mode=sent.mode, countries=sent.countries, ips=sent.ips, agents=sent.agents)
    return await gatekeeping.set_geo(caller, station, rules)


def _relay(one: Dj, state: Any) -> wire.Shown:
    return {
        "id": one.id,
        "server": one.station_id,
        "name": one.name,
        "url": one.stream_url,
        "meta": one.metadata,
        "connected": state.connected if state else False,
        "on_air": state.on_air if state else False,
    }


def _relays(view: StationView, air: Air) -> list[wire.Shown]:
    states = {state.dj_id: state for state in air.djs(view.seen.station.id)}
    return [_relay(one, states.get(one.id)) for one in view.djs if one.cat == "server"]


def _values(sent: RelaySent) -> dict[str, Any]:
    names = {"name": sent.name, "stream_url": sent.url, "metadata": sent.meta}
    return {name: value for name, value in names.items() if value is not UNSET}


@get(f"{V2}/relays/", policy=OWN)
async def relays(caller: Caller, panel: Panel, air: Air, server: int) -> list[wire.Shown]:
    """Other stations that this one can take over."""
    await panel.own(caller, server)
    return _relays(await panel.station(caller, server), air)


@post(f"{V2}/relays/", policy=WRITE, sent=RelaySent, status=201)
async def create_relay(caller: Caller, sent: RelaySent, panel: Panel, air: Air) -> wire.Shown:
    """For the schedule and for clocks."""
    if sent.server is UNSET:
        raise Invalid.one("server", "required")
    relay_id = await panel.create_dj(caller, sent.server, {"cat": "server", **_values(sent)})
    return await _one_relay(caller, relay_id, panel, air)


@get(f"{V2}/relays/{{pk}}/", policy=OWN)
async def relay(caller: Caller, pk: int, panel: Panel, air: Air) -> wire.Shown:
    """One of them."""
    return await _one_relay(caller, pk, panel, air)


@put(f"{V2}/relays/{{pk}}/", policy=WRITE, sent=RelaySent)
async def update_relay(caller: Caller, pk: int, sent: RelaySent, panel: Panel, air: Air) -> wire.Shown:
    """What is not sent stays."""
    await _one_relay(caller, pk, panel, air)
    await panel.update_dj(caller, pk, _values(sent))
    return await _one_relay(caller, pk, panel, air)


@delete(f"{V2}/relays/{{pk}}/", policy=WRITE, status=204)
async def delete_relay(caller: Caller, pk: int, panel: Panel, air: Air) -> None:
    """What the schedule wanted of it falls silent."""
    await _one_relay(caller, pk, panel, air)
    await panel.delete_dj(caller, pk)


async def _one_relay(caller: Caller, pk: int, panel: Panel, air: Air) -> wire.Shown:
    """Raises: NotFound, also for a DJ of another kind."""
    station_id = await panel.relay_station(caller, pk)
    [found] = [row for row in _relays(await panel.station(caller, station_id), air) if row["id"] == pk]
    return found


def _key(one: ApiKey) -> wire.Shown:
    return {
        "id": one.id,
        "name": one.name,
        "prefix": one.prefix,
        "created": wire.milliseconds(one.created_at),
        "last_used": wire.milliseconds(one.used_at),
        "expires": wire.milliseconds(one.ends_at),
    }


@get(f"{V2}/api_keys/", policy=OWN)
async def keys(caller: Caller, identity: Identity) -> list[wire.Shown]:
    """One's own, without their text."""
    return [_key(one) for one in await identity.keys.list(caller)]


@post(f"{V2}/api_keys/", policy=WRITE, sent=KeySent, status=201)
async def create_key(caller: Caller, sent: KeySent, identity: Identity) -> wire.Shown:
    """Its text is in this answer and never again."""
    if not sent.name:
        raise Invalid.one("name", "required")
    if sent.expires is not None and sent.expires.tzinfo is None:
        raise Invalid.one("expires", "invalid")
    new = ApiKeyNew(name=sent.name, ends_at=sent.expires, made_by=MADE_BY, form=TokenForm.DOTTED)
    made = await identity.keys.create(caller, new)
    return _key(made.row) | {"key": made.key}


@delete(f"{V2}/api_keys/{{pk}}/", policy=WRITE, status=204)
async def revoke_key(caller: Caller, pk: int, identity: Identity) -> None:
    """It opens nothing from now on."""
    await identity.keys.revoke(caller, pk)


def routes() -> list[Route]:
    calls = [listener_came, listener_came_by_post, listener_asks, listener_asks_by_post]
    others = [relays, create_relay, relay, update_relay, delete_relay]
    return [*calls, geo, set_geo, *others, keys, create_key, revoke_key]
