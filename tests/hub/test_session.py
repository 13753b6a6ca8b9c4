"""First run, signing in and out, and what is one's own, as our pages do it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from polycast.core.identity.scopes import Role
from tests.hub.people import browser
from tests.server import PASSWORD, Client, Server, running

ANNA = {"username": "anna", "password": PASSWORD, "email": "anna@example.org"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as server:
        yield server


class TestAServerNobodyOwnsYet:
    async def test_it_says_so_and_names_the_steps(self, server: Server) -> None:
        assert (await server.get("/polycast/v1/session")).json()["first_run"] is True
        assert (await server.get("/polycast/v1/first-run")).json() == {
            "needed": True,
            "code_required": False,
            "steps": [{"name": name, "state": "open"} for name in ("owner", "source", "guide", "watch")],
        }

    async def test_its_first_owner_is_signed_in_at_once(self, server: Server) -> None:
        anna = await browser(server, "/polycast/v1/first-run/owner", ANNA)
        seen = (await anna.get("/polycast/v1/session")).json()
        assert (seen["user"]["username"], seen["user"]["role"], seen["first_run"]) == ("anna", "owner", False)
        steps = (await anna.get("/polycast/v1/first-run")).json()["steps"]
        assert steps[0] == {"name": "owner", "state": "done"}

    async def test_there_is_no_second_first_owner(self, server: Server) -> None:
        await browser(server, "/polycast/v1/first-run/owner", ANNA)
        again = await server.post("/polycast/v1/first-run/owner", ANNA | {"username": "eve"})
        assert (again.status, again.json()["type"]) == (409, "polycast:conflict/exists")

    async def test_a_weak_password_is_told_beside_its_field(self, server: Server) -> None:
        refused = await server.post("/polycast/v1/first-run/owner", ANNA | {"password": "short"})
        assert refused.status == 400
        assert refused.headers["content-type"] == "application/problem+json"
        assert [problem["path"] for problem in refused.json()["problems"]] == ["password"]

    async def test_steps_are_skipped_and_taken_up_again(self, server: Server) -> None:
        anna = await browser(server, "/polycast/v1/first-run/owner", ANNA)
        skipped = await anna.post("/polycast/v1/first-run/steps/guide", {"state": "skipped"})
        assert skipped.json()["steps"][2] == {"name": "guide", "state": "skipped"}
        assert (await anna.post("/polycast/v1/first-run/steps/nap", {"state": "done"})).status == 404
        assert (await anna.post("/polycast/v1/first-run/steps/guide", {"state": "maybe"})).status == 400


class TestSomebodySignsIn:
    @pytest.fixture
    async def anna(self, server: Server) -> Client:
        await server.client(Role.OWNER, "anna")
        return await browser(server, "/polycast/v1/session", {"name": "anna", "password": PASSWORD})

    async def test_a_wrong_password_is_a_401_that_does_not_say_what_was_wrong(
        self, server: Server, anna: Client
    ) -> None:
        wrong = await server.post("/polycast/v1/session", {"name": "anna", "password": "wrong-horse-1"})
        unknown = await server.post("/polycast/v1/session", {"name": "nobody", "password": "wrong-horse-1"})
        assert wrong.status == unknown.status == 401
        kept = ("type", "title", "status", "detail", "code")
        assert [wrong.json()[name] for name in kept] == [unknown.json()[name] for name in kept]

    async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(self, server: Server, anna: Client) -> None:
        answer = await server.post("/polycast/v1/session", {"name": "anna", "password": PASSWORD})
        attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= attributes

    async def test_signing_out_ends_the_session(self, server: Server, anna: Client) -> None:
        assert (await anna.delete("/polycast/v1/session")).status == 204
        assert (await anna.get("/polycast/v1/me/sessions")).status == 401

    async def test_another_site_cannot_use_the_cookie(self, anna: Client) -> None:
        crossing = {"Origin": "https://evil.example"}
        refused = await anna.post("/polycast/v1/me/keys", {"name": "x", "scopes": []}, headers=crossing)
        assert (refused.status, refused.json()["type"]) == (403, "polycast:not_allowed/csrf")

    async def test_sessions_are_listed_and_ended_elsewhere(self, server: Server, anna: Client) -> None:
        phone = await browser(server, "/polycast/v1/session", {"name": "anna", "password": PASSWORD})
        rows = (await anna.get("/polycast/v1/me/sessions")).json()["items"]
        assert [row["is_current"] for row in rows].count(True) == 1
        assert len(rows) == 2
        assert (await anna.delete("/polycast/v1/me/sessions")).status == 204
        assert (await phone.get("/polycast/v1/me/sessions")).status == 401
        assert (await anna.get("/polycast/v1/me/sessions")).status == 200


class TestCredentialsForProgramsAndDevices:
    async def test_a_key_is_shown_once_and_works_until_it_is_revoked(self, server: Server) -> None:
        anna = await server.client(Role.OWNER, "anna")
        made = (await anna.post("/polycast/v1/me/keys", {"name": "Script", "scopes": ["live:read"]})).json()
        program = Client(server.url, server.session, {"Authorization": f"Bearer {made['secret']}"})
        assert (await program.get("/polycast/v1/me/keys")).status == 200
        assert (await program.get("/polycast/v1/users")).status == 403
        listed = (await anna.get("/polycast/v1/me/keys")).text()
        assert made["secret"] not in listed
        assert (await anna.delete(f"/polycast/v1/me/keys/{made['key']['id']}")).status == 204
        assert (await program.get("/polycast/v1/me/keys")).status == 401

    async def test_a_device_password_is_shown_once_and_is_no_login(self, server: Server) -> None:
        anna = await server.client(Role.OWNER, "anna")
        made = (await anna.post("/polycast/v1/me/devices", {"name": "TV"})).json()
        assert made["device"]["username"] == "anna"
        login = await server.post("/polycast/v1/session", {"name": "anna", "password": made["secret"]})
        assert login.status == 401
        assert [row["name"] for row in (await anna.get("/polycast/v1/me/devices")).json()["items"]] == ["TV"]
        assert (await anna.delete(f"/polycast/v1/me/devices/{made['device']['id']}")).status == 204
        assert (await anna.get("/polycast/v1/me/devices")).json()["items"] == []
