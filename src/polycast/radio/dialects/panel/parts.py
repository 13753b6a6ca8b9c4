"""Rotations and jingles, the same five routes for each kind. Source: `specs/radio.md` 2.5, 3.14, 5.7, 5.10."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.errors import Invalid
from polycast.core.http import Answer, Request, Route, delete, get, line, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.music import single_file
from polycast.radio.dialects.panel.policies import CORS, PUBLIC, UPLOAD, WRITE
from polycast.radio.dialects.panel.sent import Line, Switch, Whole
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.jingles.service import ROOM, Parts, items_of

KINDS: Final = ("rotations", "jingles", "jingle_categories", "jingle_schemes", "jingle_blocks")
POINTERS: Final = {  # as the API spells them: as stored
    "fallback_playlist": "fallback_playlist_id",
    "category": "category_id",
    "jingle": "jingle_id",
    "block": "block_id",
}
DAYS: Final = 7


class PartSent(Struct, kw_only=True):
    """Each kind reads its own fields of these."""

    server: int | UnsetType = UNSET
    name: Line = UNSET
    type: Line = UNSET
    shuffled: Switch = UNSET
    fallback_playlist: int | None | UnsetType = UNSET
    items: Annotated[list[dict[str, Any]], Meta(max_length=500)] | UnsetType = UNSET
    category: int | None | UnsetType = UNSET
    jingle: int | None | UnsetType = UNSET
    block: int | None | UnsetType = UNSET
    enabled: Switch = UNSET
    every_tracks: Whole = UNSET
    every_minutes: Whole = UNSET
    minutes: Annotated[list[int], Meta(max_length=60)] | UnsetType = UNSET
    times: Annotated[list[Annotated[str, line(8)]], Meta(max_length=200)] | UnsetType = UNSET
    date_from: Line = UNSET
    date_to: Line = UNSET
    weekdays: Annotated[list[Annotated[int, Meta(ge=0, lt=DAYS)]], Meta(max_length=DAYS)] | UnsetType = UNSET
    interrupt: Switch = UNSET
    mix_level: Annotated[int, Meta(ge=0, le=100)] | None | UnsetType = UNSET
    random_from_category: Switch = UNSET
    no_repeat: Switch = UNSET


OWN: Final = {
    "rotations": ("name", "type", "shuffled", "fallback_playlist", "items"),
    "jingles": ("name", "category"),
    "jingle_categories": ("name",),
    "jingle_blocks": ("name", "items"),
    "jingle_schemes": (
        "name", "jingle", "category", "block", "enabled", "every_tracks", "every_minutes", "minutes", "times",
        "date_from", "date_to", "weekdays", "interrupt", "mix_level", "random_from_category", "no_repeat",
    ),
}  # fmt: skip


def values_of(kind: str, sent: PartSent) -> dict[str, Any]:
    """The columns of a part."""
    found: dict[str, Any] = {}
    for name in OWN[kind]:
        value = getattr(sent, name)
        if value is UNSET or (value is None and name not in POINTERS):
            continue
        if name == "items":
            value = items_of(value)
        if name == "weekdays":
            value = sum(1 << day for day in set(value))
        found[POINTERS.get(name, name)] = value
    return found


def shown(row: dict[str, Any]) -> wire.Shown:
    """A row as the API sends it; where a file lies is nobody's business."""
    columns = {column: name for name, column in POINTERS.items()}
    found: wire.Shown = {}
    for column, value in row.items():
        if column == "path":
            continue
        name = "server" if column == "station_id" else columns.get(column, column)
        if column == "weekdays":
            found[name] = [day for day in range(DAYS) if value >> day & 1]
        else:
            found[name] = wire.milliseconds(value) if isinstance(value, datetime) else msgspec.to_builtins(value)
    return found


def part_routes(kind: str) -> list[Route]:
    """List, one, and for its owner make, change and remove."""
    lists, ones = f"{V2}/{kind}/", f"{V2}/{kind}/{{pk}}/"

    @get(lists, policy=PUBLIC)
    async def page(caller: Caller, parts: Parts, server: int) -> Answer[list[wire.Shown]]:
        """Of a station, in the order of their making."""
        return Answer([shown(row) for row in await parts.of_station(caller, kind, server)], headers=CORS)

    @post(lists, policy=WRITE, sent=PartSent, status=201)
    async def create(caller: Caller, sent: PartSent, parts: Parts) -> wire.Shown:
        """Another one."""
        if sent.server is UNSET:
            raise Invalid.one("server", "required")
        return shown(await parts.create(caller, kind, sent.server, values_of(kind, sent)))

    @get(ones, policy=PUBLIC)
    async def one(caller: Caller, pk: int, parts: Parts) -> Answer[wire.Shown]:
        """One of them."""
        return Answer(shown(await parts.get(caller, kind, pk)), headers=CORS)

    @put(ones, policy=WRITE, sent=PartSent)
    async def change(caller: Caller, pk: int, sent: PartSent, parts: Parts) -> wire.Shown:
        """What is not sent stays."""
        return shown(await parts.update(caller, kind, pk, values_of(kind, sent)))

    @delete(ones, policy=WRITE, status=204)
    async def remove(caller: Caller, pk: int, parts: Parts) -> None:
        """What points at it is played no more."""
        await parts.delete(caller, kind, pk)

    # A jingle is made by its file.
    return [page, one, change, remove, *([create] if kind != "jingles" else [])]


@post(f"{V2}/jingles/", policy=UPLOAD, status=201, body_limit=ROOM + 1_000_000)
async def upload(caller: Caller, parts: Parts, request: Request) -> wire.Shown:
    """A multipart body: `server` before the file."""
    station, part = await single_file(request, ROOM + 1_000_000)
    return shown(await parts.upload(caller, station, filename=part.filename or "", chunks=part.chunks))


@get(f"{V2}/jingles/tree/", policy=PUBLIC)
async def tree(caller: Caller, parts: Parts, server: int) -> Answer[list[wire.Shown]]:
    """Categories with their jingles; those without one come last, under no name."""
    jingles = [shown(row) for row in await parts.of_station(caller, "jingles", server)]
    groups = [shown(row) for row in await parts.of_station(caller, "jingle_categories", server)]
    found = [one | {"jingles": [j for j in jingles if j["category"] == one["id"]]} for one in groups]
    loose = [one for one in jingles if one["category"] is None]
    return Answer([*found, *([{"id": None, "name": "", "jingles": loose}] if loose else [])], headers=CORS)


def routes() -> list[Route]:
    return [tree, upload, *[route for kind in KINDS for route in part_routes(kind)]]
