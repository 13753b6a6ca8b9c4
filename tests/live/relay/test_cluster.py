"""Two servers on one database: one of them reads a channel, the other one reads from it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.command import Command, free_port
from tests.engines import POSTGRESQL, place
from tests.fakes.transmitter import Transmitter, transmitting
from tests.live.relay.test_killed import asked, read
from tests.server import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.needs_tool("postgresql")]


class Nodes:
    """Both servers, a provider, and a channel of it."""

    def __init__(self, one: Command, two: Command, session: aiohttp.ClientSession, provider: Transmitter) -> None:
        self.one = one
        self.two = two
        self.session = session
        self.provider = provider
        self.channel = ""
        self.streams: dict[str, int] = {}

    def watch(self, node: Command) -> Any:
        return self.session.get(f"{node.url}/proxy/ts/stream/{self.channel}", headers={"Authorization": ""})

    async def status(self, node: Command) -> Any:
        return await asked(self.session, "GET", f"{node.url}/proxy/ts/status")


@asynccontextmanager
async def cluster(tmp_path: Path) -> AsyncIterator[Nodes]:
    with place(POSTGRESQL, tmp_path) as settings:
        nodes = []
        for name in ("one", "two"):
            port = free_port()
            environ = {
                "POLYCAST_DATABASE_URL": settings.database_url or "",
                "POLYCAST_LIVE__NODE_ADDRESS": f"http://127.0.0.1:{port}",
            }
            nodes.append(Command(tmp_path / "data", port, tmp_path / f"{name}.log", environ))
        timeout = aiohttp.ClientTimeout(total=60)
        async with transmitting() as provider, aiohttp.ClientSession(timeout=timeout) as session:
            try:
                for node in nodes:  # one after the other: the first one makes the tables
                    await node.start()
                    await node.ready(session)
                found = Nodes(*nodes, session, provider)
                await _channel(found)
                yield found
            finally:
                for node in nodes:
                    await node.stop()


async def _channel(nodes: Nodes) -> None:
    sent = {"username": "owner", "password": PASSWORD}
    token = await asked(nodes.session, "POST", f"{nodes.one.url}/api/accounts/token/", json=sent)
    nodes.session.headers["Authorization"] = f"Bearer {token['access']}"
    for name in ("news", "two"):
        new = {"name": name, "url": nodes.provider.feed(name).url}
        stream = await asked(nodes.session, "POST", f"{nodes.one.url}/api/channels/streams/", json=new)
        nodes.streams[name] = stream["id"]
    sent_channel = {"name": "News", "streams": list(nodes.streams.values())}
    made = await asked(nodes.session, "POST", f"{nodes.one.url}/api/channels/channels/", json=sent_channel)
    nodes.channel = made["uuid"]


class TestAChannelIsWatchedOnBothNodes:
    async def test_the_provider_is_asked_once_and_the_second_goes_on_when_the_first_dies(self, tmp_path: Path) -> None:
        async with asyncio.timeout(90), cluster(tmp_path) as nodes:
            feed = nodes.provider.feed("news")
            async with nodes.watch(nodes.one) as first, nodes.watch(nodes.two) as second:
                await read(first, 100_000)
                await read(second, 100_000)
                assert (feed.connections, len(feed.requests)) == (1, 1)
                [shown] = (await nodes.status(nodes.two))["channels"]
                assert shown["url"] == f"{nodes.one.url}/proxy/ts/peer/{nodes.channel}?token=***"
                [shown] = (await nodes.status(nodes.one))["channels"]
                assert shown["client_count"] == 2
                await nodes.one.kill("supervisor")
                await read(second, 300_000)
                assert feed.connections == 1
                [shown] = (await nodes.status(nodes.two))["channels"]
                assert shown["url"] == feed.url

    # A load balancer sends the click to any node, whichever one reads the channel.
    async def test_the_one_that_only_hands_on_has_the_other_switch(self, tmp_path: Path) -> None:
        async with asyncio.timeout(90), cluster(tmp_path) as nodes:
            async with nodes.watch(nodes.one) as first, nodes.watch(nodes.two) as second:
                await asyncio.gather(read(first, 50_000), read(second, 50_000))
                path = f"{nodes.two.url}/proxy/ts/next_stream/{nodes.channel}"
                body = await asked(nodes.session, "POST", path)
                assert (body["previous_stream_id"], body["new_stream_id"]) == (
                    nodes.streams["news"],
                    nodes.streams["two"],
                )
                assert (body["owner"], body["worker_id"]) == (False, await owner_of(nodes))
                mark = nodes.provider.feed("two").mark
                await asyncio.gather(until(first, mark), until(second, mark))
            async with nodes.watch(nodes.one) as first:  # and one that has nobody watching can be asked too
                await read(first, 50_000)
                path = f"{nodes.two.url}/polycast/v1/live/sessions/{nodes.channel}/switch"
                async with nodes.session.post(path, json={"stream_id": nodes.streams["two"]}) as answer:
                    assert answer.status == 204, await answer.text()
                await until(first, mark)
                nodes.provider.feed("news").status = 500
                path = f"{nodes.two.url}/proxy/ts/change_stream/{nodes.channel}"
                async with nodes.session.post(path, json={"stream_id": nodes.streams["news"]}) as answer:
                    said = {"error": "The provider answered with status 500."}
                    assert (answer.status, await answer.json()) == (502, said)
                await until(first, mark)
                wishes = [{"wish": "made.up"}, {"wish": ""}]
                for wish in wishes:
                    async with nodes.session.post(
                        f"{nodes.one.url}/proxy/ts/peer/{nodes.channel}/switch", json=wish
                    ) as answer:
                        assert (answer.status, await answer.json()) == (404, {"error": "Channel was not found."})

    async def test_the_way_between_them_is_theirs_alone_and_stopping_ends_it_on_both(self, tmp_path: Path) -> None:
        async with asyncio.timeout(90), cluster(tmp_path) as nodes:
            async with nodes.watch(nodes.one) as first, nodes.watch(nodes.two) as second:
                await asyncio.gather(read(first, 50_000), read(second, 50_000))
                path = f"{nodes.one.url}/proxy/ts/peer/{nodes.channel}"
                for query in ("", "?token=", "?token=made.up"):
                    async with nodes.session.get(path + query) as answer:
                        assert (answer.status, await answer.json()) == (404, {"error": "Channel was not found."})
                await asked(nodes.session, "POST", f"{nodes.one.url}/proxy/ts/stop/{nodes.channel}")
                while await first.content.readany() or await second.content.readany():
                    pass
            assert nodes.provider.feed("news").connections == 0


async def owner_of(nodes: Nodes) -> str:
    """What the first node calls itself."""
    [shown] = (await nodes.status(nodes.one))["channels"]
    return str(shown["owner"])


async def until(answer: Any, mark: bytes) -> None:
    """Read until `mark` has come."""
    body = b""
    while mark not in body:
        chunk = await answer.content.readany()
        assert chunk, "the stream has ended"
        body = body[-188:] + chunk
