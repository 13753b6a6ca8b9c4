"""A channel that runs, seen and steered from each face: the dashboard's, the list of clients, our own pages."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from msgspec import Struct

from polycast.core.identity.scopes import Role
from tests.fakes.transmitter import Transmitter, transmitting
from tests.server import Client, Server

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN = "/polycast/v1/live/"
PATIENCE_S = 60


class Place(Struct, frozen=True):
    """A channel with two streams, and one that only administrators see."""

    provider: Transmitter
    news: dict[str, Any]
    secret: dict[str, Any]
    streams: list[int]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(owner: Client) -> AsyncIterator[Place]:
    async with transmitting() as provider:
        streams = []
        for name in ("one", "two"):
            sent = {"name": name, "url": provider.feed(name).url}
            streams.append((await owner.post("/api/channels/streams/", sent)).json()["id"])
        made = [
            (await owner.post("/api/channels/channels/", {"name": name, "channel_number": number, "streams": streams} | more)).json()
            for name, number, more in (("News", 1, {}), ("Secret", 2, {"user_level": 10}))
        ]  # fmt: skip
        yield Place(provider, made[0], made[1], streams)


class Watcher:
    """A player that reads in the background until its stream ends."""

    def __init__(self, server: Server, uuid: str, client: Client | None = None) -> None:
        self._url = f"{server.url}/proxy/ts/stream/{uuid}"
        self._server = server
        self._headers = client.headers if client else {}
        self.begun = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Watcher":
        self.task = asyncio.ensure_future(self._read())  # type: ignore[assignment]
        async with asyncio.timeout(PATIENCE_S):
            await self.begun.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.task is not None
        self.task.cancel()
        await asyncio.wait([self.task])

    async def ended(self) -> None:
        assert self.task is not None
        async with asyncio.timeout(PATIENCE_S):
            await self.task

    async def _read(self) -> None:
        async with self._server.session.get(self._url, headers=self._headers) as answer:
            assert answer.status == 200
            while await answer.content.readany():
                self.begun.set()


async def until(client: Client, path: str, told: Any) -> Any:
    """Ask until `told(body)` is true; the body."""
    async with asyncio.timeout(PATIENCE_S):
        while not told(body := (await client.get(path)).json()):
            await asyncio.sleep(0.1)
    return body


async def sessions(owner: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await owner.get(f"{OWN}sessions")).json()["items"]
    return found


class TestOurOwnPages:
    async def test_switch_a_channel_drop_a_client_and_stop_it(
        self, server: Server, owner: Client, place: Place
    ) -> None:
        uuid = place.news["uuid"]
        async with Watcher(server, uuid) as first, Watcher(server, uuid) as second:
            [shown] = await sessions(owner)
            assert (shown["uuid"], shown["stream"]["id"], len(shown["clients"])) == (uuid, place.streams[0], 2)
            switched = await owner.post(f"{OWN}sessions/{uuid}/switch", {"stream_id": place.streams[1]})
            assert switched.status == 204, switched.text()
            # Confirmed is what delivers; it takes over in the next turn.
            body = await until(
                owner, f"{OWN}sessions", lambda body: body["items"][0]["stream"]["id"] == place.streams[1]
            )
            shown = body["items"][0]
            unknown = await owner.post(f"{OWN}sessions/{uuid}/switch", {"stream_id": 9999})
            assert (unknown.status, unknown.json()["code"]) == (502, "unavailable")
            wrong = await owner.delete(f"{OWN}sessions/{uuid}/clients/nobody")
            assert (wrong.status, wrong.json()["code"]) == (404, "not_found")
            gone = shown["clients"][0]["id"]
            assert (await owner.delete(f"{OWN}sessions/{uuid}/clients/{gone}")).status == 204
            left = await until(owner, f"{OWN}sessions", lambda body: len(body["items"][0]["clients"]) == 1)
            assert left["items"][0]["clients"][0]["id"] != gone
            assert (await owner.delete(f"{OWN}sessions/{uuid}")).status == 204
            await asyncio.gather(first.ended(), second.ended())
        await until(owner, f"{OWN}sessions", lambda body: body["items"] == [])

    async def test_everybody_sees_what_is_on_air_in_their_own_line_up(
        self, server: Server, owner: Client, place: Place
    ) -> None:
        member = await server.client(Role.MEMBER)
        assert (await member.get(f"{OWN}on-air")).json() == {"items": []}
        async with Watcher(server, place.news["uuid"]), Watcher(server, place.secret["uuid"], owner):
            body = await until(owner, f"{OWN}on-air", lambda body: len(body["items"]) == 2)
            ids = [place.news["id"], place.secret["id"]]
            assert [(one["channel_id"], one["viewers"]) for one in body["items"]] == [(one, 1) for one in ids]
            assert [one["channel_id"] for one in (await member.get(f"{OWN}on-air")).json()["items"]] == ids[:1]
        await until(owner, f"{OWN}on-air", lambda body: body == {"items": []})


class TestTheDashboard:
    async def test_every_control_may_be_asked_about_without_doing_anything(
        self, server: Server, owner: Client, place: Place
    ) -> None:
        uuid = place.news["uuid"]
        async with Watcher(server, uuid):
            for path in ("stats/", "ts/metrics", "ts/status", *(
                f"ts/{word}/{uuid}" for word in ("status", "change_stream", "next_stream", "stop", "stop_client")
            )):  # fmt: skip
                answer = await owner.ask("OPTIONS", f"/proxy/{path}")
                assert (path, answer.status, list(answer.json())) == (path, 200, ["name"])
                refused = await (await server.client(Role.MEMBER)).ask("OPTIONS", f"/proxy/{path}")
                assert (path, refused.status) == (path, 403)
            assert (await server.ask("OPTIONS", f"/proxy/ts/stream/{uuid}")).status == 200
            assert len(await sessions(owner)) == 1

    async def test_a_channel_is_stopped_with_delete_as_well(self, server: Server, owner: Client, place: Place) -> None:
        uuid = place.news["uuid"]
        async with Watcher(server, uuid) as player:
            answer = await owner.delete(f"/proxy/ts/stop/{uuid}")
            assert (answer.status, answer.json()["channel_id"]) == (200, uuid)
            await player.ended()

    async def test_a_stream_that_does_not_begin_is_a_failed_switch(
        self, server: Server, owner: Client, place: Place
    ) -> None:
        uuid = place.news["uuid"]
        async with Watcher(server, uuid):
            answer = await owner.post(f"/proxy/ts/change_stream/{uuid}", {"url": f"{place.provider.base}/nothing"})
            assert (answer.status, list(answer.json())) == (502, ["error"])
            assert len(await sessions(owner)) == 1


class TestTheListOfClients:
    async def test_a_user_stops_their_own_stream_alone(self, server: Server, owner: Client, place: Place) -> None:
        member = await server.client(Role.MEMBER)
        async with Watcher(server, place.news["uuid"]), Watcher(server, place.news["uuid"], member) as own:
            mine = await until(member, "/api/connect/clients/", lambda body: body["count"] == 1)
            path = f"/api/connect/clients/{mine['results'][0]['id']}/"
            assert (await member.get(path)).json()["username"] == "member"
            assert (await member.delete(path)).status == 204
            await own.ended()
            await until(owner, "/api/connect/clients/", lambda body: body["count"] == 1)
