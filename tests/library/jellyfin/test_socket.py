"""The socket of Jellyfin's face: who may have it, what it tells, and when it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import pytest
import pytest_asyncio

from polycast.core.identity.scopes import Role
from tests.library.media import film, put
from tests.library.world import World, library, world
from tests.server import PASSWORD, Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S: Final = 60


class Ear:
    """A client's end of a socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def hear(self, kind: str) -> Any:
        """The data of the next message of a kind; others are passed over."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self.socket.receive()
                assert message.type is aiohttp.WSMsgType.TEXT, message
                found = message.json()
                assert len(found["MessageId"]) == 32
                if found["MessageType"] == kind:
                    return found.get("Data")

    async def end(self) -> int | None:
        """Read on until the server closes; its code."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self.socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        return self.socket.close_code


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with world(tmp_path_factory.mktemp("house"), library__settle_s="0") as found:
        await library(found, "Films", "movie", found.films)
        yield found


async def signed_in(house: World, user: str, device: str) -> dict[str, Any]:
    """What a client knows after it has signed in."""
    head = {"authorization": f'MediaBrowser Client="ear", Device="{device}", DeviceId="{device}", Version="1"'}
    sent = {"Username": user, "Pw": PASSWORD}
    answer = await house.server.post("/Users/AuthenticateByName", sent, headers=head)
    assert answer.status == 200
    found: dict[str, Any] = answer.json()
    return found


@asynccontextmanager
async def listening(house: World, token: str, path: str = "/socket") -> AsyncIterator[Ear]:
    """A socket that has been greeted."""
    async with house.server.session.ws_connect(f"{house.server.url}{path}?ApiKey={token}") as socket:
        ear = Ear(socket)
        assert await ear.hear("ForceKeepAlive") == 60
        yield ear


async def first_film(client: Client) -> str:
    found = (await client.get("/Items?Recursive=true&IncludeItemTypes=Movie&Limit=1")).json()
    name: str = found["Items"][0]["Id"]
    return name


class TestWhoMayHaveIt:
    async def test_nobody_without_a_token(self, house: World) -> None:
        for query in ("", "?ApiKey=wrong", "?api_key="):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await house.server.session.ws_connect(f"{house.server.url}/socket{query}")
            assert refused.value.status == 401

    async def test_every_address_and_every_case_of_it(self, house: World) -> None:
        token = (await signed_in(house, "owner", "places"))["AccessToken"]
        for path in ("/websocket", "/jellyfin/Socket", "/emby/socket", "/jellyfin/websocket"):
            async with listening(house, token, path):
                pass


class TestWhatItTells:
    async def test_it_answers_signs_of_life_and_nothing_that_makes_no_sense(self, house: World) -> None:
        async with listening(house, (await signed_in(house, "owner", "life"))["AccessToken"]) as ear:
            for text in ("", "{", "[]", "7", '{"MessageType":"SessionsStart","Data":"x,-1,9999999999"}', "\0" * 1000):
                await ear.socket.send_str(text)
            await ear.socket.send_json({"MessageType": "KeepAlive"})
            await ear.hear("KeepAlive")

    async def test_a_mark_is_told_to_its_user_alone(self, house: World) -> None:
        name = await first_film(house.owner)
        mine = await signed_in(house, "owner", "marks")
        other = await signed_in(house, "member", "marks")
        async with listening(house, mine["AccessToken"]) as ear, listening(house, other["AccessToken"]) as deaf:
            await house.owner.post(f"/UserFavoriteItems/{name}")
            told = await ear.hear("UserDataChanged")
            await deaf.socket.send_json({"MessageType": "KeepAlive"})
            nothing = (await deaf.socket.receive()).json()
        assert told["UserId"] == mine["User"]["Id"]
        assert [(one["ItemId"], one["IsFavorite"]) for one in told["UserDataList"]] == [(name, True)]
        assert nothing["MessageType"] == "KeepAlive"

    async def test_new_titles_are_told_to_those_who_may_see_them(self, house: World) -> None:
        mine, other = [(await signed_in(house, who, "titles"))["AccessToken"] for who in ("owner", "member")]
        [view] = (await house.owner.get("/UserViews")).json()["Items"]
        async with listening(house, mine) as ear, listening(house, other) as deaf:
            put(house.films, "Alien (1979)/Alien (1979).mkv", film(tone=377))
            libraries = (await house.owner.get("/v1/libraries")).json()["items"]
            await house.owner.post(f"/v1/libraries/{libraries[0]['id']}/scan")
            while not (told := await ear.hear("LibraryChanged"))["ItemsAdded"]:
                pass  # an older title was touched
            await deaf.socket.send_json({"MessageType": "KeepAlive"})
            nothing = (await deaf.socket.receive()).json()
        [added] = told["ItemsAdded"]
        shown = (await house.owner.get(f"/Items/{added}")).json()
        assert (shown["Name"], told["CollectionFolders"], told["FoldersAddedTo"]) == (
            "Alien",
            [view["Id"]],
            [view["Id"]],
        )
        assert nothing["MessageType"] == "KeepAlive"


class TestOrders:
    async def test_a_page_of_ours_pauses_a_player(self, house: World) -> None:
        given = await signed_in(house, "owner", "player")
        head = {"x-emby-token": given["AccessToken"]}
        name = await first_film(house.owner)
        info = (await house.server.post(f"/Items/{name}/PlaybackInfo", {}, headers=head)).json()
        session = info["PlaySessionId"]
        async with listening(house, given["AccessToken"]) as ear:
            await house.owner.post(f"/v1/playback/sessions/{session}/command", {"command": "seek", "position": 3.5})
            told = await ear.hear("Playstate")
            await house.owner.post(f"/v1/playback/sessions/{session}/command", {"command": "message", "text": "Tea"})
            said = await ear.hear("GeneralCommand")
        assert told == {"Command": "Seek", "SeekPositionTicks": 35_000_000}
        assert said == {"Name": "DisplayMessage", "Arguments": {"Text": "Tea"}}

    async def test_what_is_no_order_is_refused(self, house: World) -> None:
        device = (await signed_in(house, "owner", "orders"))["SessionInfo"]["Id"]
        for path, sent in (
            ("Playing?playCommand=PlayNow", {}),
            (f"Playing?playCommand=Dance&itemIds={'0' * 32}", {}),
            ("Playing/Explode", {}),
            ("Command/Format", {}),
            ("Command", {"Name": 7}),
            ("Message", {"Header": "only"}),
        ):
            answer = await house.owner.post(f"/Sessions/{device}/{path}", sent)
            assert (answer.status, answer.body) == (400, b""), path
        assert (await house.owner.post(f"/Sessions/{'0' * 32}/Message", {"Text": "x"})).status == 404
        assert (await house.owner.post("/Sessions/nobody/Message", {"Text": "x"})).status == 404

    async def test_another_users_device_is_not_there(self, house: World) -> None:
        device = (await signed_in(house, "owner", "private"))["SessionInfo"]["Id"]
        answer = await house.member.post(f"/Sessions/{device}/Playing/Pause")
        assert answer.status == 404


class TestWhenItEnds:
    async def test_signing_out_ends_it(self, house: World) -> None:
        token = (await signed_in(house, "owner", "leaving"))["AccessToken"]
        async with listening(house, token) as ear:
            assert (await house.server.post("/Sessions/Logout", headers={"x-emby-token": token})).status == 204
            assert await ear.end() == 4401

    async def test_a_guest_of_the_house_may_listen_too(self, house: World) -> None:
        await house.server.client(Role.GUEST)
        async with listening(house, (await signed_in(house, "guest", "guest"))["AccessToken"]) as ear:
            await ear.socket.send_json({"MessageType": "KeepAlive"})
            await ear.hear("KeepAlive")
