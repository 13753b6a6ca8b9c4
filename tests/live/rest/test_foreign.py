"""What belongs to somebody else, or is not for everybody's eyes, is not there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from polycast.core.identity.scopes import Role
from tests.fakes.transmitter import transmitting
from tests.server import Client, Server, running

NOT_FOUND = {"detail": "Not found."}
CHANNELS = "/api/channels/channels/"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as made:
        yield made


async def made(client: Client, path: str, **fields: Any) -> Any:
    answer = await client.post(path, json=fields)
    assert answer.status == 201, answer.text()
    return answer.json()


class TestAMemberAsks:
    async def test_for_channels_of_administrators_alone(self, server: Server) -> None:
        owner, member = await server.client(), await server.client(Role.MEMBER)
        stream = await made(owner, "/api/channels/streams/", name="HBO", url="http://a.example/1.ts")
        secret = await made(owner, CHANNELS, name="Secret", user_level=10, streams=[stream["id"]])
        number = secret["id"]
        for path in (f"{CHANNELS}{number}/", f"/api/channels/{number}/", f"{CHANNELS}{number}/streams/",
                     f"{CHANNELS}{number}/streams/stats/"):  # fmt: skip
            assert (await owner.get(path)).status == 200
            answer = await member.get(path)
            assert (answer.status, answer.json()) == (404, NOT_FOUND), path
        found = await member.post(f"{CHANNELS}by-uuids/", json={"uuids": [secret["uuid"]]})
        assert (found.status, found.json()) == (200, [])
        assert (await member.get(f"{CHANNELS}ids/")).json() == []
        assert (await member.get(f"{CHANNELS}?page=1")).json()["count"] == 0

    async def test_for_who_else_watches(self, server: Server) -> None:
        owner, member = await server.client(), await server.client(Role.MEMBER)
        async with transmitting() as provider:
            stream = await made(owner, "/api/channels/streams/", name="News", url=provider.feed("news").url)
            channel = await made(owner, CHANNELS, name="News", streams=[stream["id"]])
            url = f"{server.url}/proxy/ts/stream/{channel['uuid']}"
            async with asyncio.timeout(30), server.session.get(url, headers=owner.headers) as answer:
                await answer.content.readany()
                while not (watching := (await owner.get("/api/connect/clients/")).json()["results"]):
                    await answer.content.readany()
                assert (await member.get("/api/connect/clients/")).json()["results"] == []
                path = f"/api/connect/clients/{watching[0]['id']}/"
                for got in (await member.get(path), await member.delete(path)):
                    assert (got.status, got.json()) == (404, NOT_FOUND)
                assert (await owner.get(path)).status == 200
                assert await answer.content.readany()

    async def test_for_the_end_of_another_s_key(self, server: Server) -> None:
        owner, member = await server.client(), await server.client(Role.MEMBER)
        key = (await owner.get("/api/accounts/api-keys/")).json()["keys"][0]
        got = await member.post("/api/accounts/api-keys/revoke/", json={"id": key["id"]})
        assert (got.status, got.json()) == (404, NOT_FOUND)
        assert (await owner.get("/api/accounts/users/me/")).status == 200
