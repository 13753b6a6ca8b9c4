"""Tokens of listeners, webhooks, news: the same five routes for each. Source: `specs/radio.md` 3.14."""

from datetime import datetime
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.errors import Invalid
from polycast.core.http import Answer, Route, delete, get, line, post, prose, put
from polycast.core.identity.caller import Caller
from polycast.radio.belongings.model import PUBLIC as SHOWN_TO_ALL
from polycast.radio.belongings.service import Belongings
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.policies import CORS, OWN, PUBLIC, WRITE
from polycast.radio.dialects.panel.sent import Line, Switch
from polycast.radio.dialects.panel.stations import V2

KINDS: Final = ("auth_listeners", "webhooks", "news")
NAMES: Final = {"expires": "expires_at", "date": "at"}  # as the API spells them: as stored


class BelongingSent(Struct, kw_only=True):
    """Each kind reads its own fields of these."""

    server: int | UnsetType = UNSET
    name: Line = UNSET
    token: Annotated[str, line(128, blank=True)] | UnsetType = UNSET
    active: Switch = UNSET
    expires: datetime | None | UnsetType = UNSET
    url: Annotated[str, line(512, blank=True)] | UnsetType = UNSET
    events: Annotated[list[Annotated[str, line(40)]], Meta(max_length=20)] | UnsetType = UNSET
    secret: Annotated[str, line(128, blank=True)] | UnsetType = UNSET
    title: Line = UNSET
    text: Annotated[str, prose(20_000)] | UnsetType = UNSET
    date: datetime | UnsetType = UNSET


OWN_FIELDS: Final = {
    "auth_listeners": ("name", "token", "active", "expires"),
    "webhooks": ("url", "events", "secret", "active"),
    "news": ("title", "text", "date"),
}


def values_of(kind: str, sent: BelongingSent) -> dict[str, Any]:
    """The columns of one."""
    found = {}
    for name in OWN_FIELDS[kind]:
        value = getattr(sent, name)
        if value is UNSET or (value is None and name != "expires"):
            continue
        if isinstance(value, datetime) and value.tzinfo is None:
            raise Invalid.one(name, "invalid")
        found[NAMES.get(name, name)] = value
    return found


def shown(row: dict[str, Any]) -> wire.Shown:
    """A row as the API sends it; moments in ms."""
    columns = {column: name for name, column in NAMES.items()} | {"station_id": "server"}
    return {
        columns.get(column, column): wire.milliseconds(value) if isinstance(value, datetime) else value
        for column, value in row.items()
    }


def belonging_routes(kind: str) -> list[Route]:
    """List, one, and for its owner make, change and remove."""
    lists, ones = f"{V2}/{kind}/", f"{V2}/{kind}/{{pk}}/"
    policy, headers = (PUBLIC, CORS) if kind in SHOWN_TO_ALL else (OWN, {})

    @get(lists, policy=policy)
    async def page(caller: Caller, belongings: Belongings, server: int) -> Answer[list[wire.Shown]]:
        """Of a station, in the order of their making."""
        return Answer([shown(row) for row in await belongings.of_station(caller, kind, server)], headers=headers)

    @post(lists, policy=WRITE, sent=BelongingSent, status=201)
    async def create(caller: Caller, sent: BelongingSent, belongings: Belongings) -> wire.Shown:
        """Another one."""
        if sent.server is UNSET:
            raise Invalid.one("server", "required")
        return shown(await belongings.create(caller, kind, sent.server, values_of(kind, sent)))

    @get(ones, policy=policy)
    async def one(caller: Caller, pk: int, belongings: Belongings) -> Answer[wire.Shown]:
        """One of them."""
        return Answer(shown(await belongings.get(caller, kind, pk)), headers=headers)

    @put(ones, policy=WRITE, sent=BelongingSent)
    async def change(caller: Caller, pk: int, sent: BelongingSent, belongings: Belongings) -> wire.Shown:
        """What is not sent stays."""
        return shown(await belongings.update(caller, kind, pk, values_of(kind, sent)))

    @delete(ones, policy=WRITE, status=204)
    async def remove(caller: Caller, pk: int, belongings: Belongings) -> None:
        """It is gone, and what it opened is shut."""
        await belongings.delete(caller, kind, pk)

    return [page, create, one, change, remove]


def routes() -> list[Route]:
    return [route for kind in KINDS for route in belonging_routes(kind)]
