"""A customer who sets up a station, and another who may not."""

import io
from typing import Any, Final

import aiohttp

from tests.radio.songs import song
from tests.radio.world import World
from tests.server import Answer, Client

V2: Final = "/radio/api/v2"


class Station:
    """A customer with a station, somebody who owns it, and somebody else's."""

    def __init__(self, world: World, owner: Client, stranger: Client, server: int) -> None:
        self.world = world
        self.owner = owner
        self.other = stranger
        self.server = server
        self.public = world.server

    async def upload(self, name: str, content: bytes, *, folder: str = "/", by: Client | None = None) -> Answer:
        form = aiohttp.FormData(quote_fields=False)  # as browsers write names
        form.add_field("server_id", str(self.server))
        form.add_field("parent_dir", folder)
        form.add_field("filename", io.BytesIO(content), filename=name, content_type="audio/mpeg")
        return await (by or self.owner).ask("PUT", f"{V2}/mediafile/upload/", data=form)

    async def track(self, title: str, artist: str = "Lab") -> dict[str, Any]:
        got = await self.upload(f"{title}.mp3", song(title=title, artist=artist))
        assert got.status == 201, got.text()
        found: dict[str, Any] = got.json()
        return found

    async def playlist(self, name: str) -> dict[str, Any]:
        got = await self.owner.post(f"{V2}/playlists/", {"name": name, "server": self.server})
        assert got.status == 201, got.text()
        found: dict[str, Any] = got.json()
        return found

    async def status(self, method: str, path: str, sent: object = None, *, by: Client | None = None) -> tuple[int, Any]:
        """The status and the body of an answer."""
        got = await (by or self.owner).ask(method, f"{V2}/{path}", json=sent)
        return got.status, got.json() if got.body else None


async def customer(books: World, name: str, **fields: Any) -> Station:
    """A broadcaster called `name` with the station they begin with, and one called `other-...`."""
    made = await books.broadcaster(name, **fields)
    await books.broadcaster(f"not{name}")
    owner, other = [await books.signed_in(one, "initpass") for one in (name, f"not{name}")]
    [server] = (await owner.get(f"{V2}/servers/")).json()
    assert server["owner"] == made["pk"]
    return Station(books, owner, other, server["id"])
