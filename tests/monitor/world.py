"""A running server with a Channels DVR server beside it, and waiting without guessing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from polycast.core.identity.scopes import Role
from tests.fakes.channels_dvr import ChannelsDvr, channels_dvr
from tests.fakes.http_upstream import Upstream
from tests.server import Client, Server, running

PATIENCE = 60.0  # a machine that others use too; waits are no measurements


class World(Struct):
    """Server, owner, DVR and a place that notifications go to."""

    server: Server
    owner: Client
    dvr: ChannelsDvr
    inbox: Upstream
    dvr_id: str
    asked: int = 0

    async def get(self, path: str, **options: Any) -> Any:
        """JSON of a GET; a new key before the old one's reads of a minute are used up."""
        self.asked += 1
        if self.asked % 100 == 0:
            self.owner = await self.server.client(Role.OWNER)
        return (await self.owner.get(path, **options)).json()

    async def dvr_get(self, path: str = "") -> Any:
        return await self.get(f"/api/v1/dvrs/{self.dvr_id}{path}")

    async def lines(self, **query: str) -> list[dict[str, Any]]:
        """History, oldest first."""
        path = f"/api/v1/dvrs/{self.dvr_id}/activity-history"
        return list((await self.get(path, params={"sort": "asc", "limit": "100", **query}))["items"])

    async def messages(self) -> list[str]:
        return [line["message"] for line in await self.lines()]


class Reader:
    """An owner who reads a lot: a new key before the old one's reads of a minute are used up."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._owner: Client | None = None
        self._asked = 0

    async def get(self, path: str) -> Any:
        """JSON."""
        if self._owner is None or self._asked % 100 == 99:
            self._owner = await self.server.client(Role.OWNER)
        self._asked += 1
        return (await self._owner.get(path)).json()


async def until(look: Callable[[], Awaitable[Any]], what: str = "it") -> Any:
    """The first true answer of `look`."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await look()):
            await asyncio.sleep(0.05)
        return found


@asynccontextmanager
async def world(tmp_path: Path, **settings: Any) -> AsyncIterator[World]:
    """The whole small world, connected: the DVR is watched, its event stream is open."""
    async with channels_dvr() as dvr, inbox() as box, running(tmp_path, **settings) as server:
        owner = await server.client(Role.OWNER)
        made = await owner.post("/api/v1/dvrs", {"host": "127.0.0.1", "port": dvr.port, "name": "Living Room"})
        assert made.status == 201, made.text()
        found = World(server=server, owner=owner, dvr=dvr, inbox=box, dvr_id=made.json()["id"])
        await until(lambda: opened(found), "the event stream")
        yield found


async def opened(world: World) -> bool:
    """The stream stands, and what was there before is known: what comes from now on is news."""
    if not world.dvr.open_streams or (await world.dvr_get())["monitoring_status"] != "healthy":
        return False
    [plan] = (await world.get("/api/v1/maintenance-windows", params={"dvr_id": world.dvr_id}))["dvrs"]
    return bool(plan["status"] == "available")


@asynccontextmanager
async def inbox() -> AsyncIterator[Upstream]:
    """An HTTP endpoint that takes all it is sent."""

    async def taken(_asked: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()

    box = Upstream()
    for path in ("/notify", "/hook", "/"):
        box.on(path, taken)
    await box.start()
    try:
        yield box
    finally:
        await box.stop()


async def trust_inbox(world: World, **more: Any) -> None:
    """Notifications go to the inbox by Apprise's own JSON service."""
    place = {"source": "apprise_custom", "scheme": "http", "host": "127.0.0.1", "port": world.inbox.port}
    hook = place | {"source": "webhook"}
    sent = {
        "trusted_notification_destinations": [place, hook],
        "apprise_custom": f"json://127.0.0.1:{world.inbox.port}/notify",
        **more,
    }
    answer = await world.owner.post("/api/settings", sent)
    assert answer.status == 200, answer.text()
