"""A running server as its users know it: an owner's token, a download folder, and how to wait for a transfer."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from polycast.acquire.providers.upkeep import SyncLibrary
from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.keys.model import ApiKeyNew
from polycast.core.identity.scopes import Role
from tests.server import Client, Server, running


class World:
    """A server, and clients of it."""

    def __init__(self, server: Server, owner: Client, token: str, folder: Path) -> None:
        self.server = server
        self.owner = owner
        self.token = token
        self.bearer = Client(server.url, server.session, {"Authorization": f"Bearer {token}"})
        self.folder = folder  # the download folder

    @property
    def url(self) -> str:
        return self.server.url

    async def configure(self, **values: Any) -> None:
        """Change the configuration through the service, as `POST /api/config` does."""
        listeners = [one for module in self.server.house.modules for one in module.listens]
        rereads: Any = next(one for one in listeners if one.name == "acquire.reread_config")
        await rereads.here.__self__.change(SYSTEM, values)
        await self.server.idle()

    async def debrids(self) -> list[dict[str, Any]]:
        """The configured accounts, secrets included."""
        answer = await self.owner.get("/api/config", params={"reveal": "true"})
        found: list[dict[str, Any]] = answer.json()["debrids"]
        return found

    @staticmethod
    def enqueue_sync(unit: Any, provider: str) -> None:
        """Have an account's library read now."""
        unit.enqueue("acquire.sync_library", SyncLibrary(provider))

    async def until(self, info_hash: str, *states: str, seconds: float = 10) -> dict[str, Any]:
        """The entry as `torrents/info` shows it, once it has one of `states`. Waits for events, not for time."""
        async with asyncio.timeout(seconds):
            while True:
                answer = await self.bearer.get("/api/v2/torrents/info", params={"hashes": info_hash})
                found: list[dict[str, Any]] = answer.json()
                if found and found[0]["state"] in states:
                    return found[0]
                await asyncio.sleep(0.02)

    async def acquired(self, magnet: str, category: str = "radarr", **form: str) -> dict[str, Any]:
        """Add and wait until it is there."""
        answer = await self.bearer.ask(
            "POST", "/api/v2/torrents/add", data={"urls": magnet, "category": category, **form}
        )
        assert (answer.status, answer.text()) == (200, "Ok.")
        found = await self.until(magnet.partition("btih:")[2][:40], "pausedUP")
        await self.server.idle()
        return found


@asynccontextmanager
async def world_of(tmp_path: Path, *, host: Mapping[str, Any] | None = None, **config: Any) -> AsyncIterator[World]:
    """A server with this configuration; `host` as `running` takes settings."""
    folder = tmp_path / "downloads"
    async with running(tmp_path, **(host or {})) as server:
        owner = await server.client(Role.OWNER)
        users, keys = server.house.core.identity.users, server.house.core.identity.keys
        user = await users.find("owner")
        assert user is not None
        made = await keys.create(SYSTEM, ApiKeyNew(name="acquire"), user_id=user.id)
        world = World(server, owner, made.key, folder)
        await world.configure(download_folder=str(folder), **config)
        yield world
