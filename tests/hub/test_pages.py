"""Users, settings, jobs, home, activity and the stream of events, as our pages ask for them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from polycast.core.identity.scopes import Role
from tests.hub.people import left_open, signed_in
from tests.server import PASSWORD, Client, Server, running

READERS = ("/polycast/v1/users", "/polycast/v1/settings", "/polycast/v1/jobs", "/polycast/v1/activity")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as server:
        yield server


@pytest.fixture
async def owner(server: Server) -> Client:
    return await server.client(Role.OWNER)


class TestWhoMayLook:
    @pytest.mark.parametrize("path", READERS)
    async def test_nobody_in_particular_may_not(self, server: Server, path: str) -> None:
        assert (await server.get(path)).status == 401

    @pytest.mark.parametrize("path", READERS)
    async def test_a_member_may_not(self, server: Server, path: str) -> None:
        member = await server.client(Role.MEMBER)
        assert (await member.get(path)).status == 403

    @pytest.mark.parametrize("path", READERS)
    async def test_the_owner_may(self, owner: Client, path: str) -> None:
        assert (await owner.get(path)).status == 200


class TestUsers:
    @pytest.fixture
    async def owner(self, server: Server) -> Client:
        return await signed_in(server)

    async def test_one_is_made_changed_found_and_deleted(self, owner: Client) -> None:
        sent = {"username": "ben", "password": PASSWORD, "role": "member", "first_name": "Ben", "last_name": "de Vries"}
        ben = (await owner.post("/polycast/v1/users", sent)).json()
        assert (ben["first_name"], ben["last_name"], ben["stream_limit"]) == ("Ben", "de Vries", 0)
        path = f"/polycast/v1/users/{ben['id']}"
        changed = (await owner.patch(path, {"stream_limit": 2, "first_name": "Benno", "role": "guest"})).json()
        assert (changed["stream_limit"], changed["first_name"], changed["role"]) == (2, "Benno", "guest")
        found = (await owner.get("/polycast/v1/users?search=ben")).json()["items"]
        assert [user["username"] for user in found] == ["ben"]
        assert (await owner.delete(path)).status == 204
        assert (await owner.patch(path, {"role": "member"})).status == 404

    async def test_every_wrong_field_is_told(self, owner: Client) -> None:
        refused = await owner.post("/polycast/v1/users", {"username": "", "role": "emperor"})
        assert refused.status == 400
        told = {problem["path"]: problem["code"] for problem in refused.json()["problems"]}
        assert told == {"username": "blank", "password": "required", "role": "not_a_choice"}

    async def test_lists_go_on_at_their_cursor(self, owner: Client) -> None:
        for name in ("ben", "cleo", "dora"):
            await owner.post("/polycast/v1/users", {"username": name, "password": PASSWORD, "role": "guest"})
        first = (await owner.get("/polycast/v1/users?limit=2")).json()
        rest = (await owner.get(f"/polycast/v1/users?limit=2&cursor={first['next']}")).json()
        assert [u["username"] for u in first["items"] + rest["items"]] == ["owner", "ben", "cleo", "dora"]
        assert rest["next"] is None


class TestWhatNeedsThePasswordOnceMore:
    """A browser somebody left open must not make an owner, nor change whose house it is."""

    DELICATE = (
        ("POST", "/polycast/v1/users", {"username": "eve", "password": PASSWORD, "role": "owner"}),
        ("PATCH", "/polycast/v1/users/1", {"role": "owner"}),
        ("DELETE", "/polycast/v1/users/1", None),
        ("POST", "/polycast/v1/users/1/password", {"new": "another-harbour-8"}),
    )

    @pytest.mark.parametrize(("method", "path", "sent"), DELICATE)
    async def test_is_refused_to_an_open_browser_and_to_a_key(
        self, server: Server, owner: Client, method: str, path: str, sent: object
    ) -> None:
        browser = await left_open(server)
        for client in (browser, owner):
            refused = await client.ask(method, path, json=sent)
            assert (refused.status, refused.json()["type"]) == (403, "polycast:not_allowed/fresh")

    async def test_is_done_after_the_password_and_not_after_a_wrong_one(self, server: Server) -> None:
        browser = await left_open(server)
        sent = {"username": "ben", "password": PASSWORD, "role": "admin"}
        assert (await browser.post("/polycast/v1/session/confirm", {"password": "wrong-horse-1"})).status == 401
        assert (await browser.post("/polycast/v1/users", sent)).status == 403
        assert (await browser.post("/polycast/v1/session/confirm", {"password": PASSWORD})).status == 204
        assert (await browser.post("/polycast/v1/users", sent)).status == 200


class TestSettings:
    async def test_a_change_shows_and_is_told_in_the_activity(self, server: Server, owner: Client) -> None:
        changed = await owner.patch("/polycast/v1/settings", {"values": {"net.user_agent": "Me/1"}})
        fields = {field["key"]: field for section in changed.json()["sections"] for field in section["fields"]}
        assert (fields["net.user_agent"]["value"], fields["net.user_agent"]["changed"]) == ("Me/1", True)
        assert fields["data_dir"]["locked"] is True
        happened = (await owner.get("/polycast/v1/activity")).json()["items"]
        assert happened[0]["text"] == "Settings were changed: net.user_agent"

    async def test_a_value_that_does_not_fit_names_its_setting(self, owner: Client) -> None:
        refused = await owner.patch("/polycast/v1/settings", {"values": {"net.connections_per_host": 0, "nope": 1}})
        assert refused.status == 400
        assert {problem["path"] for problem in refused.json()["problems"]} == {"net.connections_per_host", "nope"}


class TestHome:
    async def test_the_owner_sees_how_the_server_is(self, owner: Client) -> None:
        page = (await owner.get("/polycast/v1/home")).json()
        assert [line["state"] for line in page["health"]] == ["ok"] * len(page["health"])
        assert page["disks"][0]["total_bytes"] > 0

    async def test_a_guest_sees_what_is_on_and_nothing_of_the_server(self, server: Server) -> None:
        guest = await server.client(Role.GUEST)
        page = (await guest.get("/polycast/v1/home")).json()
        assert (page["health"], page["disks"], page["counts"]) == ([], [], {})


class TestTheStreamOfEvents:
    async def test_it_greets_and_tells_what_happens(self, server: Server, owner: Client) -> None:
        async with server.session.get(f"{server.url}/polycast/v1/events", headers=owner.headers) as stream:
            assert await next_event(stream) == ("hello", None)
            await owner.patch("/polycast/v1/settings", {"values": {"net.user_agent": "Me/2"}})
            name, number = await next_event(stream)
        assert name == "core.settings_changed"
        assert number is not None

    async def test_what_was_missed_is_told_after_the_last_id(self, server: Server, owner: Client) -> None:
        for agent in ("a", "b"):
            await owner.patch("/polycast/v1/settings", {"values": {"net.user_agent": agent}})
        rows = (await owner.get("/polycast/v1/activity?search=settings")).json()["items"]
        headers = owner.headers | {"Last-Event-ID": str(rows[1]["id"])}
        async with server.session.get(f"{server.url}/polycast/v1/events", headers=headers) as stream:
            assert await next_event(stream) == ("hello", None)
            assert await next_event(stream) == ("core.settings_changed", rows[0]["id"])

    # A page asks for its lists before its line stands: what falls between would never be heard of.
    async def test_what_happened_since_the_session_was_asked_for_is_told(self, server: Server, owner: Client) -> None:
        known = (await owner.get("/polycast/v1/session")).json()["event"]
        await owner.patch("/polycast/v1/settings", {"values": {"net.user_agent": "Between/1"}})
        async with server.session.get(
            f"{server.url}/polycast/v1/events?after={known}", headers=owner.headers
        ) as stream:
            assert await next_event(stream) == ("hello", None)
            name, number = await next_event(stream)
        assert (name, number) == ("core.settings_changed", known + 1)

    async def test_it_ends_when_the_key_behind_it_is_revoked(self, server: Server, owner: Client) -> None:
        made = (await owner.post("/polycast/v1/me/keys", {"name": "x", "scopes": ["core:read"]})).json()
        headers = {"Authorization": f"Bearer {made['secret']}"}
        async with server.session.get(f"{server.url}/polycast/v1/events", headers=headers) as stream:
            assert await next_event(stream) == ("hello", None)
            await owner.delete(f"/polycast/v1/me/keys/{made['key']['id']}")
            async with asyncio.timeout(10):
                assert await stream.content.read() == b""


async def next_event(stream: aiohttp.ClientResponse) -> tuple[str, int | None]:
    """Name and id of the next event; beats are passed over, and what is told without an id: meters and progress."""
    name, number = "", None
    async with asyncio.timeout(30):
        while line := await stream.content.readline():
            word, _, value = line.decode().rstrip("\n").partition(": ")
            if word == "event":
                name = value
            if word == "id":
                number = int(value)
            if not word and (number is not None or name == "hello"):
                return name, number
    raise AssertionError("the stream has ended")
