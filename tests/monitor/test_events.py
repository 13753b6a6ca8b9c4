"""The event stream, as `EventSource` and `sseclient` read it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from polycast.core.identity.scopes import Role
from tests.monitor.world import World, world
from tests.server import PASSWORD, Client, Server, running


async def read(here: World, path: str, wanted: str, **headers: str) -> tuple[str, dict[str, Any]]:
    """Id and body of the first event of the type `wanted`."""
    async with asyncio.timeout(60):
        async with here.server.session.get(here.server.url + path, headers=here.owner.headers | headers) as got:
            assert got.headers["content-type"].startswith("text/event-stream")
            fields: dict[str, str] = {}
            async for raw in got.content:
                name, _, value = raw.decode().rstrip("\n").partition(": ")
                fields[name] = value
                if not name and fields.get("event") == wanted:
                    return fields.get("id", ""), json.loads(fields["data"])
                fields = {} if not name else fields
    raise AssertionError("the stream ended")


class TestTheEventStream:
    async def test_a_session_is_told_as_it_happens_and_again_to_those_who_come_back(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            reading = asyncio.ensure_future(
                read(here, f"/api/v1/monitor/events?dvr_id={here.dvr_id}&types=session", "session.ended")
            )
            await asyncio.sleep(0)
            key = here.dvr.watch("206", "ESPN", "Apple TV")
            here.dvr.stop(key)
            _, again = await read(here, "/api/v1/monitor/events", "session.started", **{"Last-Event-ID": "1"})
            ended_id, body = await reading
            assert (again["device"], again["title"]) == ("Apple TV", "ESPN")
            assert (body["change"], body["dvr_id"], body["end_reason"]) == ("ended", here.dvr_id, "ended")
            assert int(ended_id) > 0
            wrong = await here.owner.get("/api/v1/monitor/events", headers={"Last-Event-ID": "x"})
            assert wrong.status == 422
            assert (await here.server.get("/api/v1/monitor/events")).status == 401


async def connected(server: Server, client: Client, query: str = "", **headers: str) -> aiohttp.ClientWebSocketResponse:
    url = f"{server.url}/api/v1/monitor/events/ws{query}"
    return await server.session.ws_connect(url, headers=client.headers | headers)


class TestTheSocket:
    async def test_it_tells_the_same_as_the_stream(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            socket = await connected(here.server, here.owner, "?types=session")
            async with asyncio.timeout(60):
                assert await socket.receive_json() == {"id": None, "type": "hello", "data": {}}
                key = here.dvr.watch("206", "ESPN", "Apple TV")
                here.dvr.stop(key)
                first, second = await socket.receive_json(), await socket.receive_json()
                assert (first["type"], first["data"]["device"]) == ("session.started", "Apple TV")
                assert (second["type"], second["data"]["dvr_id"]) == ("session.ended", here.dvr_id)
                again = await connected(here.server, here.owner, f"?types=session&last_event_id={first['id']}")
                await again.receive_json()
                assert (await again.receive_json())["type"] == "session.ended"
                await socket.send_str("nobody reads this")
                await socket.close()
                await again.close()

    async def test_a_credential_that_ends_ends_it_too(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            for wrong, query in ((Client(server.url, server.session, {}), ""), (owner, "?last_event_id=x")):
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await connected(server, wrong, query)
                assert refused.value.status == (401 if not query else 422)
            made = (await owner.post("/api/v1/auth/api-keys", {"name": "Wall"})).json()
            login = await server.post("/api/v1/auth/login", {"username": "owner", "password": PASSWORD})
            cookie = login.headers["set-cookie"].partition(";")[0]
            page = Client(server.url, server.session, {"Cookie": cookie})
            with pytest.raises(aiohttp.WSServerHandshakeError) as foreign:
                await connected(server, page, Origin="http://evil.invalid")
            assert foreign.value.status == 403
            by_key = await connected(server, Client(server.url, server.session, {"X-API-Key": made["key"]}))
            by_page = await connected(server, page, Origin=server.url)
            async with asyncio.timeout(60):
                for socket in (by_key, by_page):
                    assert (await socket.receive_json())["type"] == "hello"
                await owner.delete(f"/api/v1/auth/api-keys/{made['api_key']['id']}")
                assert (await by_key.receive()).data == 4401
                token = {"X-CSRF-Token": login.json()["csrf_token"]}
                assert (await page.post("/api/v1/auth/logout", headers=token)).status == 200
                assert (await by_page.receive()).data == 4401
