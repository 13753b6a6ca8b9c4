"""A hosting business to try things on: an admin, a reseller, a few customers."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from polycast.core.identity.scopes import Role
from tests.server import PASSWORD, Answer, Client, Server, running

NO_FLAGS: Final = {
    "youtube_streaming_enabled": False,
    "fb_streaming_enabled": False,
    "vk_streaming_enabled": False,
    "tg_streaming_enabled": False,
    "geoblocking_enabled": False,
    "stereo_tool_enabled": False,
    "url_branding_enabled": False,
    "website_enabled": False,
    "tts_enabled": False,
    "podcasts_enabled": False,
    "save_dj_streams_enabled": False,
}
NO_LIMITS: Final = {
    "limit_stations": 0,
    "limit_streams": 0,
    "limit_listeners": 0,
    "limit_bitrate": 0,
    "limit_du": 0,
    "limit_traffic": 0,
}
IMAGE: Final = "/media/user/user_default.png"
NOBODY: Final = {"detail": "Authentication credentials were not provided."}
FORBIDDEN: Final = {"detail": "You do not have permission to perform this action."}
NOT_FOUND: Final = {"detail": "Not found."}
REMOTE: Final = {"server_username": "owner", "server_password": PASSWORD}


def first_port() -> int:
    """Each test process has ports of its own: a second server on this machine would find the first one's taken."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return 20_000 + 1_000 * (int(worker) % 30) if worker.isdigit() else 20_000


class World:
    """A running server and those who work with it."""

    def __init__(self, server: Server, admin: Client) -> None:
        self.server = server
        self.admin = admin
        self.first_port = first_port()

    async def broadcaster(self, username: str, *, by: Client | None = None, **fields: Any) -> dict[str, Any]:
        """A customer, ready."""
        sent = {"username": username, "email": f"{username}@example.com", "password": "initpass"} | fields
        made = await (by or self.admin).post("/api/v1/broadcasters/", sent)
        assert made.status == 201, made.text()
        await self.server.idle()
        found: dict[str, Any] = made.json()
        return found

    async def reseller(self, username: str, **fields: Any) -> dict[str, Any]:
        sent = {"username": username, "email": f"{username}@example.com", "password": "respass"} | fields
        made = await self.admin.post("/api/v1/resellers/", sent)
        assert made.status == 201, made.text()
        found: dict[str, Any] = made.json()
        return found

    async def signed_in(self, username: str, password: str) -> Client:
        """Somebody with the token that the login gives."""
        got = await self.server.post("/api/v1/rest-auth/login/", {"username": username, "password": password})
        assert got.status == 200, got.text()
        return Client(self.server.url, self.server.session, {"Authorization": f"Token {got.json()['key']}"})

    async def remote(self, method: str, call: str, **fields: str) -> Answer:
        """A call as the WHMCS module makes it: a form, and a Basic header that means nothing here."""
        return await self.server.ask(
            method,
            f"/api/v1/{call}/",
            data=REMOTE | fields,
            headers={"Authorization": "Basic YWRtaW46c2VjcmV0"},
        )


@asynccontextmanager
async def hosting(folder: Path, **settings: str) -> AsyncIterator[World]:
    """A server with an admin called `owner`, for the length of the block. It keeps the books and plays nothing."""
    first = first_port()
    ports = {"radio__broadcast": "false", "radio__port_pool_min": str(first), "radio__port_pool_max": str(first + 999)}
    async with running(folder, **(ports | settings)) as server:
        yield World(server, await server.client(Role.OWNER))
