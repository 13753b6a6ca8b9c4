"""What somebody does with their own account by better-auth's routes: the good answer, and the wrong request."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from polycast.core.identity.scopes import Role
from tests.server import PASSWORD, Client, Server, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEW = "harbour-of-walnuts-9"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with running(tmp_path_factory.mktemp("server")) as found:
        await found.client(Role.OWNER)
        yield found


async def signed_in(server: Server, name: str, password: str = PASSWORD) -> Client:
    """A fresh session of a member of that name."""
    answer = await server.post("/api/auth/sign-in/email", {"email": name, "password": password})
    assert answer.status == 200, answer.text()
    return Client(server.url, server.session, {"Authorization": f"Bearer {answer.json()['token']}"})


async def somebody(server: Server, name: str) -> Client:
    await server.client(Role.MEMBER, name)
    return await signed_in(server, name)


async def user_of(client: Client) -> dict[str, Any] | None:
    found = (await client.get("/api/auth/get-session")).json()
    return None if found is None else dict(found["user"])


class TestSessions:
    async def test_one_ends_another_by_its_name(self, server: Server) -> None:
        here, there = await somebody(server, "ann"), await signed_in(server, "ann")
        listed = (await here.get("/api/auth/list-sessions")).json()
        mine = (await there.get("/api/auth/get-session")).json()["session"]
        wrong = await here.post("/api/auth/revoke-session", {"token": 7})
        done = await here.post("/api/auth/revoke-session", {"token": mine["token"]})
        assert len(listed) == 2
        assert (done.status, done.json(), wrong.status) == (200, {"status": True}, 400)
        assert (await user_of(there), (await user_of(here) or {})["name"]) == (None, "ann")

    async def test_all_others_end_and_then_all(self, server: Server) -> None:
        here, there = await somebody(server, "bob"), await signed_in(server, "bob")
        assert (await here.post("/api/auth/revoke-other-sessions")).json() == {"status": True}
        assert (await user_of(there), await user_of(here) is None) == (None, False)
        assert (await here.post("/api/auth/revoke-sessions")).json() == {"status": True}
        assert await user_of(here) is None

    async def test_nobody_has_none(self, server: Server) -> None:
        for method, path in (
            ("GET", "/api/auth/list-sessions"),
            ("POST", "/api/auth/revoke-sessions"),
            ("POST", "/api/auth/revoke-other-sessions"),
        ):
            assert (await server.ask(method, path)).status == 401, path
        assert (await server.get("/api/auth/ok")).json() == {"ok": True}


class TestTheAccount:
    async def test_its_name_and_address_are_changed(self, server: Server) -> None:
        client = await somebody(server, "cat")
        named = await client.post("/api/auth/update-user", {"name": "Cathy"})
        moved = await client.post("/api/auth/change-email", {"newEmail": "cathy@example.org"})
        taken = await client.post("/api/auth/change-email", {"newEmail": "no address"})
        empty = await client.post("/api/auth/update-user", {"name": ""})
        user = await user_of(client) or {}
        assert (named.json(), moved.json()) == ({"status": True}, {"status": True})
        assert (user["name"], user["email"]) == ("Cathy", "cathy@example.org")
        assert (taken.status in (400, 422), empty.status in (400, 422)) == (True, True), (taken.text(), empty.text())

    async def test_its_password_is_changed_by_who_knows_it(self, server: Server) -> None:
        client = await somebody(server, "dan")
        sent = {"currentPassword": "not this one", "newPassword": NEW}
        wrong = await client.post("/api/auth/change-password", sent)
        short = await client.post("/api/auth/change-password", {"currentPassword": PASSWORD, "newPassword": "x"})
        done = await client.post("/api/auth/change-password", {"currentPassword": PASSWORD, "newPassword": NEW})
        old = await server.post("/api/auth/sign-in/email", {"email": "dan", "password": PASSWORD})
        assert (wrong.status, wrong.json()["code"]) == (400, "INVALID_PASSWORD")
        assert (short.status, short.json()["code"]) == (400, "PASSWORD_TOO_SHORT")
        assert (done.status, done.json()["user"]["name"], old.status) == (200, "dan", 401)
        assert (await user_of(await signed_in(server, "dan", NEW)) or {})["name"] == "dan"

    async def test_it_is_removed_by_who_knows_its_password(self, server: Server) -> None:
        client = await somebody(server, "eve")
        wrong = await client.post("/api/auth/delete-user", {"password": "not this one"})
        done = await client.post("/api/auth/delete-user", {"password": PASSWORD})
        gone = await server.post("/api/auth/sign-in/email", {"email": "eve", "password": PASSWORD})
        assert wrong.status in (400, 401)
        assert (done.json(), gone.status) == ({"success": True}, 401)
        assert await user_of(client) is None
