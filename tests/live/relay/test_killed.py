"""A server that dies while somebody watches: not one connection to the provider is lost to the next life."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.command import Command, serving
from tests.fakes.http_upstream import ok, upstream
from tests.fakes.transmitter import transmitting
from tests.server import PASSWORD

LOOK_S = 0.05


async def asked(session: aiohttp.ClientSession, method: str, url: str, **options: Any) -> Any:
    async with session.request(method, url, **options) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json()


async def channel_with_one_connection(session: aiohttp.ClientSession, command: Command, playlist: str) -> str:
    """The UUID of a channel whose account lets one connection through."""
    sent = {"username": "owner", "password": PASSWORD}
    token = await asked(session, "POST", f"{command.url}/api/accounts/token/", json=sent)
    session.headers["Authorization"] = f"Bearer {token['access']}"
    new = {"name": "Provider", "server_url": playlist, "max_streams": 1}
    account = await asked(session, "POST", f"{command.url}/api/m3u/accounts/", json=new)
    status = ""
    while status != "pending_setup":
        status = (await asked(session, "GET", f"{command.url}/api/m3u/accounts/{account['id']}/"))["status"]
        await asyncio.sleep(LOOK_S)
    await asked(session, "POST", f"{command.url}/api/m3u/refresh/{account['id']}/")
    streams: list[Any] = []
    while not streams:
        streams = (await asked(session, "GET", f"{command.url}/api/channels/streams/?page_size=5"))["results"]
        await asyncio.sleep(LOOK_S)
    new = {"name": "News", "streams": [streams[0]["id"]]}
    return str((await asked(session, "POST", f"{command.url}/api/channels/channels/", json=new))["uuid"])


async def read(answer: aiohttp.ClientResponse, size: int) -> None:
    while size > 0:
        chunk = await answer.content.readany()
        assert chunk, "the stream has ended"
        size -= len(chunk)


@pytest.mark.slow
class TestAServerIsKilledWhileSomebodyWatches:
    @pytest.mark.parametrize("role", ["web", "supervisor"])
    async def test_the_only_connection_is_free_in_its_next_life(self, tmp_path: Path, role: str) -> None:
        async with (
            asyncio.timeout(60),
            transmitting() as provider,
            upstream() as lists,
            serving(tmp_path) as command,
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session,
        ):
            entry = f'#EXTM3U\n#EXTINF:-1 group-title="One",News\n{provider.feed("news").url}\n'
            lists.on("/list.m3u", ok(entry.encode(), "audio/x-mpegurl"))
            await command.ready(session)
            channel = await channel_with_one_connection(session, command, lists.url("/list.m3u"))
            stream = f"{command.url}/proxy/ts/stream/{channel}"
            async with session.get(stream) as answer:
                await read(answer, 50_000)
                before = command.pids()[role]
                assert await command.kill(role)
                with pytest.raises((aiohttp.ClientError, AssertionError)):
                    await read(answer, 1 << 40)
            if role == "supervisor":
                await command.start()
            while command.pids().get(role, before) == before:
                await asyncio.sleep(LOOK_S)
            await command.ready(session)
            async with session.get(stream) as answer:
                assert answer.status == 200, await answer.text()
                await read(answer, 50_000)
                [row] = [one for one in await accounts(session, command) if one["name"] == "Provider"]
                assert [profile["current_viewers"] for profile in row["profiles"]] == [1]
            while True:
                [row] = [one for one in await accounts(session, command) if one["name"] == "Provider"]
                if [profile["current_viewers"] for profile in row["profiles"]] == [0]:
                    break
                await asyncio.sleep(LOOK_S)


async def accounts(session: aiohttp.ClientSession, command: Command) -> list[Any]:
    return list(await asked(session, "GET", f"{command.url}/api/m3u/accounts/"))
