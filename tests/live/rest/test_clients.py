"""The calls that real clients make, in their order, against the whole server. Source: `specs/live.md` 7.2."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from openapi_spec_validator import validate

from polycast.core.identity.scopes import Role
from tests.fakes.transmitter import Feed, transmitting
from tests.server import PASSWORD, Client, Server, running

CHANNELS = "/api/channels/channels/"
NOBODY = str(uuid.UUID(int=0))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as server:
        yield server


async def channel_of(owner: Client, name: str, url: str, number: float = 1) -> dict[str, Any]:
    """A channel with one stream of its own."""
    stream = await owner.post("/api/channels/streams/", {"name": name, "url": url})
    assert stream.status == 201, stream.text()
    sent = {"stream_id": stream.json()["id"], "channel_number": number, "name": name}
    channel = await owner.post(f"{CHANNELS}from-stream/", sent)
    assert channel.status == 201, channel.text()
    found: dict[str, Any] = channel.json()
    return found


@asynccontextmanager
async def watching(server: Server, feed: Feed, channel: dict[str, Any]) -> AsyncIterator[aiohttp.ClientResponse]:
    """A player on the channel, as soon as it has got bytes."""
    url = f"{server.url}/proxy/ts/stream/{channel['uuid']}"
    async with server.session.get(url, headers={"User-Agent": "Player/1"}) as player:
        assert player.status == 200
        assert await player.content.readany()
        await feed.asked()
        yield player


async def until_gone(client: Client, path: str) -> int:
    """Ask as ha-dispatcharr does: four times at most, a second apart."""
    status = (await client.get(path)).status
    for _ in range(3):
        if status != 404:
            await asyncio.sleep(1)  # the client's own rhythm
            status = (await client.get(path)).status
    return status


class TestHomeAssistantsDispatcharrIntegration:
    """bttfw/ha-dispatcharr: an API key, no redirects, strict about what it gets."""

    async def test_setting_up(self, server: Server) -> None:
        owner = await server.client()
        me = (await owner.get("/api/accounts/users/me/")).json()
        assert {"id", "user_level", "api_key"} <= set(me)
        assert me["user_level"] == 10
        version = (await owner.get("/api/core/version/")).json()["version"]
        assert tuple(int(part) for part in version.split(".")) >= (0, 28, 0)
        for path in (f"/proxy/ts/stop/{NOBODY}", f"/proxy/ts/stop_client/{NOBODY}"):
            assert (await owner.ask("OPTIONS", path)).status in range(200, 300)
            member = await server.client(Role.MEMBER)
            assert (await member.ask("OPTIONS", path)).status == 403

    async def test_looking_around_with_nothing_on(self, server: Server) -> None:
        owner = await server.client()
        assert (await owner.get("/proxy/ts/status")).json() == {"channels": [], "count": 0}
        assert (await owner.get(f"/proxy/ts/status/{uuid.uuid4()}")).status == 404
        assert (await owner.post(f"{CHANNELS}by-uuids/", {"uuids": []})).json() == []
        assert (await owner.post("/api/epg/current-programs/", {"channel_uuids": []})).json() == []
        assert {"id", "username"} <= set((await owner.get("/api/accounts/users/")).json()[0])
        assert (await owner.get("/api/core/outputprofiles/")).json() == []
        [account] = (await owner.get("/api/m3u/accounts/")).json()
        assert {"id", "name"} <= set(account["profiles"][0])

    async def test_watching_over_a_channel_and_stopping_it(self, server: Server) -> None:
        owner = await server.client()
        async with transmitting() as provider:
            feed = provider.feed("one")
            channel = await channel_of(owner, "One", feed.url)
            async with watching(server, feed, channel):
                status = (await owner.get("/proxy/ts/status")).json()
                assert status["count"] == len(status["channels"]) == 1
                [running_one] = status["channels"]
                assert running_one["channel_id"] == channel["uuid"]
                assert str(uuid.UUID(running_one["channel_id"])) == channel["uuid"]
                assert {"state", "channel_name", "client_count", "m3u_profile_id", "stream_profile"} <= set(running_one)
                assert running_one["clients"][0]["user_agent"] == "Player/1"
                detail = (await owner.get(f"/proxy/ts/status/{channel['uuid']}")).json()
                assert detail["client_count"] == len(detail["clients"]) == 1
                [found] = (await owner.post(f"{CHANNELS}by-uuids/", {"uuids": [channel["uuid"]]})).json()
                assert {"id", "uuid", "name", "effective_name", "logo_id", "effective_logo_id"} <= set(found)
                stopped = await owner.post(f"/proxy/ts/stop/{channel['uuid']}")
                assert stopped.status == 200
                assert await until_gone(owner, f"/proxy/ts/status/{channel['uuid']}") == 404

    async def test_sending_one_client_away(self, server: Server) -> None:
        owner = await server.client()
        async with transmitting() as provider:
            feed = provider.feed("one")
            channel = await channel_of(owner, "One", feed.url)
            async with watching(server, feed, channel):
                detail = (await owner.get(f"/proxy/ts/status/{channel['uuid']}")).json()
                client_id = detail["clients"][0]["client_id"]
                sent = await owner.post(f"/proxy/ts/stop_client/{channel['uuid']}", {"client_id": client_id})
                assert (sent.status, sent.json()["client_id"]) == (200, client_id)
                assert await until_gone(owner, f"/proxy/ts/status/{channel['uuid']}") == 404

    async def test_losing_its_key(self, server: Server) -> None:
        lost = Client(server.url, server.session, {"X-API-Key": "gone"})
        for path in ("/api/accounts/users/me/", "/proxy/ts/status"):
            assert (await lost.get(path)).status == 401


class TestHomeAssistantsDispatcharrSensor:
    """lyfesaver74/dispatcharr_sensor: a JWT, and the whole guide on every poll."""

    async def test_a_poll(self, server: Server) -> None:
        owner = await server.client()
        token = (await server.post("/api/accounts/token/", {"username": "owner", "password": PASSWORD})).json()[
            "access"
        ]
        sensor = Client(server.url, server.session, {"Authorization": f"Bearer {token}"})
        async with transmitting() as provider:
            feed = provider.feed("one")
            channel = await channel_of(owner, "One", feed.url)
            async with watching(server, feed, channel):
                [status] = (await sensor.get("/proxy/ts/status")).json()["channels"]
                wanted = {"channel_id", "stream_name", "channel_name", "client_count", "resolution", "video_codec"}
                assert wanted <= set(status) | {"resolution", "video_codec"}  # known once the picture was looked at
                guide = ET.fromstring((await sensor.get("/output/epg")).text())
                assert [one.get("id") for one in guide.iter("channel")] == ["1"]
                assert [one.findtext("display-name") for one in guide.iter("channel")] == ["One"]


class TestKodi:
    """pvr.dispatcharr-unofficial and pvr.dispatcharr."""

    async def test_signing_in_and_getting_a_key(self, server: Server) -> None:
        await server.client()
        sent = {"username": "owner", "password": PASSWORD}
        tokens = (await server.post("/api/accounts/token/", sent)).json()
        bearer = {"Authorization": f"Bearer {tokens['access']}"}
        made = await server.post("/api/accounts/api-keys/generate/", headers=bearer)
        assert made.status == 201
        kodi = Client(server.url, server.session, {"X-API-Key": made.json()["key"]})
        assert (await kodi.get("/api/accounts/users/me/")).json()["username"] == "owner"
        again = await server.post("/api/accounts/token/refresh/", {"refresh": tokens["refresh"]})
        assert list(again.json()) == ["access"]

    async def test_reading_channels_and_groups(self, server: Server) -> None:
        owner = await server.client()
        made = await channel_of(owner, "One", "http://tv.example/1.ts")
        answer = await owner.get(CHANNELS)
        assert answer.body.lstrip()[:1] == b"["
        [channel] = answer.json()
        assert {"id", "uuid", "name", "channel_number", "channel_group_id", "tvg_id", "logo_id"} <= set(channel)
        assert (channel["uuid"], int(channel["channel_number"])) == (made["uuid"], 1)
        assert (channel["is_catchup"], channel["catchup_days"]) == (False, 0)
        groups = (await owner.get("/api/channels/groups/")).json()
        assert channel["channel_group_id"] in [group["id"] for group in groups]
        guide = await owner.get("/output/epg?prev_days=2")
        assert b'<channel id="1">' in guide.body

    async def test_looking_for_recordings_and_rules(self, server: Server) -> None:
        owner = await server.client()
        for path in ("recordings", "recurring-rules"):
            assert (await owner.get(f"/api/channels/{path}/")).body == b"[]"
        assert (await owner.get("/api/channels/series-rules/")).json() == {"rules": []}
        for method, path in (("POST", "recordings/"), ("DELETE", "series-rules/bbc.uk/"), ("POST", "recurring-rules/")):
            assert (await owner.ask(method, f"/api/channels/{path}", json={})).status == 501

    async def test_listening(self, server: Server) -> None:
        await server.client()
        token = (await server.post("/api/accounts/token/", {"username": "owner", "password": PASSWORD})).json()[
            "access"
        ]
        for path in ("/ws/", "/ws"):
            async with server.session.ws_connect(f"{server.url}{path}?token={token}") as socket:
                assert (await socket.receive_json())["type"] == "connection_established"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await server.session.ws_connect(f"{server.url}/ws/?token=nope")
        assert refused.value.status == 403


class TestAnMcpServer:
    """dispatcharr-mcp: `Authorization: ApiKey`, and nearly everything there is."""

    async def test_its_lists(self, server: Server) -> None:
        owner = await server.client()
        agent = Client(server.url, server.session, {"Authorization": f"ApiKey {owner.headers['X-API-Key']}"})
        paths = [
            "channels/channels/",
            "channels/channels/summary/",
            "channels/channels/ids/",
            "channels/groups/",
            "channels/streams/",
            "channels/profiles/",
            "channels/recordings/",
            "channels/series-rules/",
            "channels/recurring-rules/",
            "epg/sources/",
            "epg/epgdata/",
            "epg/programs/",
            "epg/grid/",
            "m3u/accounts/",
            "vod/movies/",
            "vod/series/",
            "vod/episodes/",
            "vod/categories/",
            "core/settings/",
            "core/streamprofiles/",
            "core/system-events/",
            "core/version/",
            "connect/logs/",
            "connect/integrations/",
            "hdhr/devices/",
            "backups/",
        ]
        statuses = {path: (await agent.get(f"/api/{path}")).status for path in paths}
        assert statuses == dict.fromkeys(paths, 200)

    async def test_bodies_that_are_not_there(self, server: Server) -> None:
        owner = await server.client()
        for action in ("match-epg", "set-names-from-epg", "set-tvg-ids-from-epg", "set-logos-from-epg"):
            answer = await owner.ask("POST", f"{CHANNELS}{action}/")
            assert answer.status in (200, 202), (action, answer.text())


class TestAGeneratorOfClients:
    async def test_gets_a_valid_document_of_everything(self, server: Server) -> None:
        document = (await server.get("/api/schema/")).json()
        validate(document)
        assert document["openapi"].startswith("3.0.")
        for path in (
            "/api/channels/",
            "/api/channels/channels/{channel_id}/",
            "/api/epg/grid/",
            "/api/connect/clients/",
        ):
            assert path in document["paths"]
        swagger = await server.get("/api/swagger.json")
        assert swagger.json() == document

    async def test_finds_every_list_it_names(self, server: Server) -> None:
        owner = await server.client()
        paths = (await owner.get("/api/schema/")).json()["paths"]
        asked = {
            path: (await owner.get(path)).status
            for path, methods in paths.items()
            if "get" in methods and "{" not in path and not _needs_a_question(methods["get"])
        }
        assert {path: status for path, status in asked.items() if status != 200} == {}


def _needs_a_question(operation: dict[str, Any]) -> bool:
    return any(one.get("required") for one in operation.get("parameters", [])) or "preview" in operation["operationId"]
