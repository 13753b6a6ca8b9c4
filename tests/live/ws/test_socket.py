"""`/ws/` as clients of the original use it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from polycast.core.events.model import Audience, Event
from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.keys.model import ApiKeyNew
from polycast.core.identity.scopes import Role, Scope
from polycast.core.identity.users.model import UserNew
from polycast.core.notify import Level
from polycast.core.storage import Unit
from polycast.live.dialects.ws.app import ws_dialect
from polycast.live.relay.events import ChannelStats
from polycast.live.sources.model import SourceFailed, SourceProgress, SourceRefreshed
from tests.fakes.asgi import AsgiClient, AsgiSocket
from tests.fakes.clock import FakeClock
from tests.live.rest.world import World, opened
from tests.server import PASSWORD

CONNECTED = {
    "type": "connection_established",
    "data": {"success": True, "message": "WebSocket connection established successfully"},
}


class Line:
    """A world with the socket's dialect in front."""

    def __init__(self, world: World) -> None:
        core = world.core
        self.world = world
        self.app = ws_dialect(
            events=core.events, queue=core.queue, clock=core.clock, identity=core.identity, networks=world.access
        ).app

    async def key(self, role: Role = Role.OWNER) -> str:
        users, keys = self.world.core.identity.users, self.world.core.identity.keys
        user = await users.find(role.value) or await users.create(
            SYSTEM, UserNew(username=role.value, password=PASSWORD, role=role)
        )
        return (await keys.create(SYSTEM, ApiKeyNew(name="socket"), user_id=user.id)).key

    async def open(self, role: Role = Role.OWNER) -> AsgiSocket:
        return AsgiClient(self.app).socket("/ws/", headers={"x-api-key": await self.key(role)})

    async def publish(self, event: Event) -> None:
        await self.world.core.db.write(Unit.publish, event)

    def tell(self, event: Event) -> None:
        self.world.core.events.tell(event)


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with opened(tmp_path) as world:
        yield Line(world)


async def said(socket: AsgiSocket) -> Any:
    """The next text of the server."""
    message = await socket.message()
    if message["type"] == "websocket.accept":
        message = await socket.message()
    assert message["type"] == "websocket.send", message
    return msgspec.json.decode(message["text"])


async def updates(socket: AsgiSocket, count: int) -> list[Any]:
    """What the next pushes carry."""
    found = [await said(socket) for _ in range(count)]
    assert {update["type"] for update in found} == {"update"}
    return [update["data"] for update in found]


class TestComingIn:
    @pytest.mark.parametrize("spelling", ["token", "api_key", "x-api-key", "bearer", "apikey", "protocol", "no slash"])
    async def test_is_possible_in_every_way_a_client_has(self, line: Line, spelling: str) -> None:
        key = await line.key()
        target, headers = {
            "token": (f"/ws/?token={key}", {}),
            "api_key": (f"/ws/?api_key={key}", {}),
            "x-api-key": ("/ws/", {"x-api-key": key}),
            "bearer": ("/ws/", {"authorization": f"Bearer {key}"}),
            "apikey": ("/ws/", {"authorization": f"ApiKey {key}"}),
            "protocol": ("/ws/", {"sec-websocket-protocol": f"bearer, {key}"}),
            "no slash": (f"/ws?token={key}", {}),
        }[spelling]
        async with AsgiClient(line.app).socket(target, headers=headers) as socket:
            accepted = await socket.message()
            assert accepted["type"] == "websocket.accept"
            assert accepted["subprotocol"] == ("bearer" if spelling == "protocol" else None)
            assert await said(socket) == CONNECTED

    async def test_works_with_a_token_of_a_sign_in(self, line: Line) -> None:
        await line.key()
        sent = {"username": "owner", "password": PASSWORD}
        token = (await line.world.client().post("/api/accounts/token/", json=sent)).json()["access"]
        async with AsgiClient(line.app).socket(f"/ws/?token={token}") as socket:
            assert await said(socket) == CONNECTED

    @pytest.mark.parametrize("target", ["/ws/", "/ws/?token=nope", "/ws/?api_key=nope", "/ws/?token=e30.e30.e30"])
    async def test_is_refused_with_403_and_never_accepted(self, line: Line, target: str) -> None:
        async with AsgiClient(line.app).socket(target) as socket:
            first = await socket.message()
            assert (first["type"], first["status"]) == ("websocket.http.response.start", 403)

    async def test_is_refused_to_a_foreign_page_with_a_cookie(self, line: Line) -> None:
        identity = line.world.core.identity
        await line.key()
        signed_in = await identity.sign_in("owner", PASSWORD, kind="ui", address="127.0.0.1")
        cookie = identity.sessions.cookie(signed_in, secure=False)
        headers = {"cookie": f"{cookie.name}={cookie.value}", "origin": "http://evil.example"}
        async with AsgiClient(line.app).socket("/ws/", headers=headers) as socket:
            assert (await socket.message())["status"] == 403


class TestARefresh:
    async def test_is_told_from_its_beginning_to_its_end(self, line: Line) -> None:
        async with await line.open(Role.MEMBER) as socket:
            assert await said(socket) == CONNECTED
            line.tell(
                SourceProgress(account_id=3, action="downloading", progress=10, status="fetching", streams_processed=0)
            )
            [progress] = await updates(socket, 1)
            assert (progress["type"], progress["account"], progress["action"]) == ("m3u_refresh", 3, "downloading")
            await line.publish(
                SourceRefreshed(account_id=3, account_name="TV", entries=9, streams_created=4, message="Done")
            )
            [done] = await updates(socket, 1)
            assert (done["status"], done["progress"], done["streams_created"]) == ("success", 100, 4)
            await line.publish(SourceFailed(account_id=3, account_name="TV", reason="unavailable", message="No answer"))
            failed, other = await updates(socket, 2)
            assert (failed["type"], failed["status"], failed["error"]) == ("m3u_refresh", "error", "No answer")
            assert other["type"] == "account_refresh_error"

    async def test_is_told_at_most_twice_a_second(self, tmp_path: Path) -> None:
        clock = FakeClock()
        async with opened(tmp_path, clock=clock) as world:
            line = Line(world)
            async with await line.open() as socket:
                assert await said(socket) == CONNECTED
                for progress in (10, 20, 30):
                    line.tell(SourceProgress(account_id=3, action="parsing", progress=progress, status="parsing"))
                    await world.core.events.idle()
                await line.publish(SourceRefreshed(account_id=3, account_name="TV", entries=9))
                first, last = await updates(socket, 2)
                assert (first["progress"], last["progress"]) == (10, 100)


class TestWhatOnlyAdministratorsHear:
    async def test_statistics(self, line: Line) -> None:
        async with await line.open(Role.OWNER) as admin, await line.open(Role.MEMBER) as member:
            assert await said(admin) == await said(member) == CONNECTED
            line.tell(ChannelStats(channels=[], count=0))
            line.tell(SourceProgress(account_id=1, action="parsing", progress=5, status="parsing"))
            stats, _ = await updates(admin, 2)
            assert stats == {"success": True, "type": "channel_stats", "stats": '{"channels":[],"count":0}'}
            [only] = await updates(member, 1)
            assert only["type"] == "m3u_refresh"

    async def test_news_for_them(self, line: Line) -> None:
        def add(unit: Unit) -> None:
            notify = line.world.core.notify
            notify.add(unit, "Full", audience=Audience(scope=Scope.LIVE_ADMIN), level=Level.ERROR)
            notify.add(unit, "Hello", audience=Audience())

        async with await line.open(Role.OWNER) as admin, await line.open(Role.MEMBER) as member:
            assert await said(admin) == await said(member) == CONNECTED
            await line.world.core.db.write(add)
            theirs, everybody = await updates(admin, 2)
            assert (theirs["type"], theirs["notification"]["admin_only"]) == ("system_notification", True)
            [only] = await updates(member, 1)
            assert only == everybody
            assert (only["notification"]["title"], only["notification"]["admin_only"]) == ("Hello", False)


class TestAsking:
    async def test_a_rewriting_is_tried(self, line: Line) -> None:
        sent = {
            "type": "m3u_profile_test",
            "url": "http://a/live/u1/p1/7.ts?x=<b>",
            "search": "u1/(p1)",
            "replace": "u2/$1x",
        }
        async with await line.open() as socket:
            assert await said(socket) == CONNECTED
            await socket.send_text(msgspec.json.encode(sent).decode())
            answer = await said(socket)
            assert answer == {
                "data": {
                    "type": "m3u_profile_test",
                    "search_preview": "http://a/live/<mark>u1/p1</mark>/7.ts?x=&lt;b&gt;",
                    "result": "http://a/live/u2/p1x/7.ts?x=<b>",
                }
            }

    async def test_a_pattern_that_would_take_for_ever_is_stopped(self, line: Line) -> None:
        sent = {"type": "m3u_profile_test", "url": "a" * 5000 + "!", "search": "(a|aa)+$", "replace": ""}
        async with await line.open() as socket:
            assert await said(socket) == CONNECTED
            await socket.send_text(msgspec.json.encode(sent).decode())
            answer = await said(socket)
            assert answer["data"]["result"] == sent["url"]

    async def test_only_some_types_may_be_asked_for(self, line: Line) -> None:
        async with await line.open() as socket:
            assert await said(socket) == CONNECTED
            await socket.send_text('{"type":"subscribe","events":["channel_stats"]}')
            await socket.send_text('{"type":"ping"}')
            assert await said(socket) == {"type": "pong"}
            line.tell(SourceProgress(account_id=1, action="parsing", progress=5, status="parsing"))
            line.tell(ChannelStats(channels=[], count=0))
            [only] = await updates(socket, 1)
            assert only["type"] == "channel_stats"

    @pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"type":"unknown"}', "x" * 40_000, '{"type":5}'])
    async def test_what_nobody_understands_is_ignored(self, line: Line, text: str) -> None:
        async with await line.open() as socket:
            assert await said(socket) == CONNECTED
            await socket.send_text(text)
            await socket.send_text('{"type":"ping"}')
            assert await said(socket) == {"type": "pong"}

    async def test_members_try_no_rewritings(self, line: Line) -> None:
        async with await line.open(Role.MEMBER) as socket:
            assert await said(socket) == CONNECTED
            await socket.send_text('{"type":"m3u_profile_test","url":"a","search":"a","replace":"b"}')
            await socket.send_text('{"type":"ping"}')
            assert await said(socket) == {"type": "pong"}


class TestTheEnd:
    async def test_of_the_key_is_the_end_of_the_socket(self, line: Line) -> None:
        key = await line.key()
        identity = line.world.core.identity
        async with AsgiClient(line.app).socket(f"/ws/?api_key={key}") as socket:
            assert await said(socket) == CONNECTED
            [row] = await identity.keys.list(SYSTEM, user_id=(await identity.users.list(SYSTEM))[0].id)
            await identity.keys.revoke(SYSTEM, row.id)
            closed = await asyncio.wait_for(socket.message(), 5)
            assert (closed["type"], closed["code"]) == ("websocket.close", 4401)

    async def test_of_another_key_is_not(self, line: Line) -> None:
        key, other = await line.key(), await line.key()
        identity = line.world.core.identity
        async with AsgiClient(line.app).socket(f"/ws/?api_key={key}") as socket:
            assert await said(socket) == CONNECTED
            user = (await identity.users.list(SYSTEM))[0]
            [row] = [one for one in await identity.keys.list(SYSTEM, user_id=user.id) if other.startswith(one.prefix)]
            await identity.keys.revoke(SYSTEM, row.id)
            line.tell(ChannelStats(channels=[], count=0))
            [stats] = await updates(socket, 1)
            assert stats["type"] == "channel_stats"
