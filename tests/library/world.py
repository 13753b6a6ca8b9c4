"""A server with a library of real files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from polycast.core.identity.scopes import Role
from tests.library.media import film, put
from tests.server import Client, Server, running


class World(Struct, frozen=True, kw_only=True):
    """What the tests walk through."""

    server: Server
    owner: Client
    member: Client
    films: Path
    shows: Path


@asynccontextmanager
async def world(tmp_path: Path, **settings: str) -> AsyncIterator[World]:
    """A running server, two folders with files, nothing scanned yet."""
    films, shows = tmp_path / "media" / "films", tmp_path / "media" / "shows"
    put(films, "Heat (1995)/Heat (1995).mkv", film(tone=300))
    put(films, "Up (2009)/Up (2009) 1080p.mkv", film(tone=310))
    put(films, "Up (2009)/trailers/Teaser.mp4", film("film.mp4", tone=320))
    put(films, "Brazil.1985.720p.BluRay.x264-GRP.mkv", film(tone=330))
    put(shows, "Scrubs (2001)/Season 1/Scrubs - S01E01 - My First Day.mkv", film(tone=340))
    put(shows, "Scrubs (2001)/Season 1/Scrubs - S01E02-E03.mkv", film(tone=350))
    put(shows, "Scrubs (2001)/Specials/Scrubs - S00E01.mkv", film(tone=360))
    async with running(tmp_path, **{"library__watch": "false", **settings}) as server:
        yield World(
            server=server,
            owner=await server.client(Role.OWNER),
            member=await server.client(Role.MEMBER),
            films=films,
            shows=shows,
        )


async def library(world: World, name: str, kind: str, *paths: Path) -> dict[str, Any]:
    """A library that was made and scanned."""
    made = await world.owner.post("/v1/libraries", {"name": name, "type": kind, "paths": [str(p) for p in paths]})
    assert made.status == 201, made.text()
    await world.server.idle()
    got = await world.owner.get(f"/v1/libraries/{made.json()['id']}")
    found: dict[str, Any] = got.json()
    return found
