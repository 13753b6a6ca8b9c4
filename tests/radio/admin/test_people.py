"""Signing in, one's own profile, forgotten passwords with real mail. Source: `specs/radio.md` 3.2, 3.5, 3.6."""

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from polycast.core.identity.scopes import Role
from tests.fakes.mail_server import MailBox, mail_server
from tests.radio.world import FORBIDDEN, IMAGE, NO_FLAGS, NO_LIMITS, NOBODY, World, hosting
from tests.server import PASSWORD, Client

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOGIN = "/api/v1/rest-auth/login/"
PROFILE = "/api/v1/user_profile/"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MailBox]:
    async with mail_server(tmp_path_factory.mktemp("mail")) as box:
        yield box


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory, box: MailBox) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("people")
    async with hosting(folder, public_url="https://radio.example") as world:
        smtp = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_sender": "Radio <radio@example.com>"}
        assert (await world.admin.put("/api/v1/settings/", smtp)).status == 200
        yield world


def profile(**fields: Any) -> dict[str, Any]:
    """A broadcaster's profile, whole."""
    plain = {"first_name": "", "image": IMAGE, "account_type": 2, "allows_reseller": False}
    return NO_FLAGS | NO_LIMITS | plain | fields


class TestTheLogin:
    async def test_the_same_token_until_it_is_given_up(self, world: World) -> None:
        made = await world.broadcaster("tokens")
        sent = {"username": "tokens", "password": "initpass"}
        first, second = [(await world.server.post(LOGIN, sent)).json() for _ in range(2)]
        mine = profile(pk=made["pk"], username="tokens", email="tokens@example.com")
        assert first == second == {"key": first["key"], "user": mine}
        assert re.fullmatch("[0-9a-f]{40}", first["key"])
        client = Client(world.server.url, world.server.session, {"Authorization": f"Token {first['key']}"})
        assert (await client.post("/api/v1/rest-auth/logout/")).json() == {"detail": "Successfully logged out."}
        assert (await client.get(PROFILE)).json() == {"detail": "Invalid token."}
        assert (await world.server.post(LOGIN, sent)).json()["key"] != first["key"]

    async def test_by_address_when_one_account_alone_has_it(self, world: World) -> None:
        await world.broadcaster("byaddress", email="Only.One@example.com")
        got = await world.server.post(LOGIN, {"email": "only.one@example.com", "password": "initpass"})
        assert got.json()["user"]["username"] == "byaddress"
        for name in ("twin1", "twin2"):
            await world.broadcaster(name, email="twins@example.com")
        got = await world.server.post(LOGIN, {"email": "twins@example.com", "password": "initpass"})
        assert got.status == 400

    async def test_an_admin_may_make_resellers(self, world: World) -> None:
        got = (await world.server.post(LOGIN, {"username": "owner", "password": PASSWORD})).json()["user"]
        assert (got["account_type"], got["allows_reseller"], got["youtube_streaming_enabled"]) == (0, True, True)

    @pytest.mark.parametrize(
        ("sent", "text"),
        [
            ({}, 'Must include "username" and "password".'),
            ({"username": "owner"}, 'Must include "username" and "password".'),
            ({"username": "owner", "password": "wrong-one"}, "Unable to log in with provided credentials."),
            ({"username": "nobody_at_all", "password": "x"}, "Unable to log in with provided credentials."),
        ],
    )
    async def test_wrong_pairs(self, world: World, sent: dict[str, str], text: str) -> None:
        got = await world.server.post(LOGIN, sent)
        assert (got.status, got.json()) == (400, {"non_field_errors": [text]})

    async def test_members_of_the_house_have_no_radio(self, world: World) -> None:
        await world.server.client(Role.MEMBER)
        got = await world.server.post(LOGIN, {"username": "member", "password": PASSWORD})
        assert (got.status, got.json()) == (403, FORBIDDEN)

    async def test_without_a_token(self, world: World) -> None:
        got = await world.server.post("/api/v1/rest-auth/logout/")
        assert (got.status, got.json()) == (401, NOBODY)
        for method in ("GET", "PUT", "PATCH"):
            got = await world.server.ask(method, "/api/v1/rest-auth/user/")
            assert (got.status, got.json()) == (401, NOBODY)

    async def test_a_foreign_basic_header_is_passed_over(self, world: World) -> None:
        got = await world.server.get("/api/v1/settings/", headers={"Authorization": "Basic YWRtaW46c2VjcmV0"})
        assert got.json() == {"company_logo": "", "company_name": "", "company_favicon": "", "copyright": ""}


class TestOnesOwnProfile:
    async def test_the_sample(self, world: World) -> None:
        made = await world.broadcaster("alice", email="user@example.com", password="oldpass")
        client = await world.signed_in("alice", "oldpass")
        mine = profile(pk=made["pk"], username="alice", email="user@example.com")
        assert (await client.get(PROFILE)).json() == mine
        sent = {"first_name": "Alicia", "password_current": "oldpass", "password": "newpass"}
        got = await client.put(PROFILE, sent | {"username": "bob", "account_type": 0})
        assert (got.status, got.json()) == (200, mine | {"first_name": "Alicia"})
        assert (await client.get(PROFILE)).status == 200
        assert (await client.get("/api/v1/rest-auth/user/")).json() == mine | {"first_name": "Alicia"}
        assert (await client.patch(PROFILE, {"language": "de"})).json() == mine | {"first_name": "Alicia"}
        await world.signed_in("alice", "newpass")

    @pytest.mark.parametrize(
        ("sent", "body"),
        [
            ({"password": "newpass"}, {"password_current": ["required"]}),
            ({"password_current": "initpass"}, {"password": ["required"]}),
            ({"password": "newpass", "password_current": "wrong"}, {"password_current": ["invalid"]}),
            ({"password": "12345", "password_current": "initpass"}, {"password": ["too_short"]}),
            ({"email": "no address"}, {"email": ["invalid"]}),
            ({"timezone": "Mars/Base"}, {"timezone": ["invalid"]}),
        ],
    )
    async def test_what_is_wrong(self, world: World, sent: dict[str, str], body: dict[str, Any]) -> None:
        client = await self.carol(world)
        for method, path in (("PUT", PROFILE), ("PATCH", PROFILE)):
            got = await client.ask(method, path, json=sent)
            assert (got.status, got.json()) == (400, body)

    async def carol(self, world: World) -> Client:
        if (await world.server.get("/api/v1/check_username/?username=carol", headers=world.admin.headers)).json()[
            "exists"
        ]:
            return await world.signed_in("carol", "initpass")
        await world.broadcaster("carol")
        return await world.signed_in("carol", "initpass")

    async def test_by_the_other_face(self, world: World) -> None:
        client = await self.carol(world)
        for method in ("PUT", "PATCH"):
            got = await client.ask(method, "/api/v1/rest-auth/user/", json={"first_name": method})
            assert got.json()["first_name"] == method
            got = await client.ask(method, "/api/v1/rest-auth/user/", json={"email": "x"})
            assert (got.status, got.json()) == (400, {"email": ["invalid"]})

    async def test_the_password_alone(self, world: World) -> None:
        await world.broadcaster("dora")
        client = await world.signed_in("dora", "initpass")
        change = "/api/v1/rest-auth/password/change/"
        got = await client.post(change, {"new_password1": "secret", "new_password2": "other1"})
        assert (got.status, got.json()) == (400, {"new_password2": ["mismatch"]})
        got = await client.post(change, {"new_password1": "secret"})
        assert (got.status, got.json()) == (400, {"new_password2": ["required"]})
        sent = {"new_password1": "secret", "new_password2": "secret"}
        assert (await client.post(change, sent | {"old_password": "nope-nope"})).json() == {"old_password": ["invalid"]}
        assert (await client.post(change, sent)).json() == {"detail": "New password has been saved."}
        await world.signed_in("dora", "secret")

    async def test_a_picture(self, world: World) -> None:
        client = await self.carol(world)
        form = aiohttp.FormData()
        form.add_field("first_name", "Carol")
        form.add_field("image", PNG, filename="../me.png", content_type="image/png")
        got = (await client.ask("PUT", PROFILE, data=form)).json()
        assert re.fullmatch(r"/media/user/\d+-[0-9a-f]{12}\.png", got["image"])
        shown = await world.server.get(got["image"])
        assert (shown.status, shown.body, shown.headers["content-type"]) == (200, PNG, "image/png")
        form = aiohttp.FormData()
        form.add_field("image", b"<script>", filename="me.png", content_type="image/png")
        got = await client.ask("PUT", PROFILE, data=form)
        assert (got.status, got.json()) == (400, {"image": ["invalid_image"]})

    async def test_a_resellers_tells_what_they_may_give(self, world: World) -> None:
        made = await world.reseller("rosa", limit_accounts=3)
        client = await world.signed_in("rosa", "respass")
        assert (await client.get(PROFILE)).json() == NO_FLAGS | {
            "pk": made["pk"], "username": "rosa", "email": "rosa@example.com", "first_name": "", "image": IMAGE,
            "accounts_current": 0, "limit_accounts": 3, "limit_listeners": 0, "limit_du": 0, "limit_bitrate": 0,
            "limit_traffic": 0, "account_type": 1, "allows_reseller": False,
        }  # fmt: skip


LINK = re.compile(r"https://radio\.example/app/reset/([^/\s]+)/(\S+)")
RESET, CONFIRM = "/api/v1/password_reset/", "/api/v1/password_reset_confirm/"


class TestForgottenPasswords:
    async def link(self, world: World, box: MailBox, name: str) -> tuple[str, str]:
        """The uid and token that are mailed to a new customer."""
        await world.broadcaster(name)
        got = await world.server.post(RESET, {"email": f"{name}@example.com"})
        assert (got.status, got.json()) == (200, {})
        await world.server.idle()
        mail = [one for one in box.taken if one["To"] == f"{name}@example.com"][-1]
        assert mail["Subject"] == "Set a new password"
        found = LINK.search(str(mail.get_content()))
        assert found is not None
        return found[1], found[2]

    async def test_the_mailed_link_works_once(self, world: World, box: MailBox) -> None:
        uid, token = await self.link(world, box, "forgetful")
        pk = base64.urlsafe_b64decode(uid + "=" * (-len(uid) % 4)).decode()
        padded = base64.b64encode(pk.encode()).decode()
        short = await world.server.post(CONFIRM, {"uid": uid, "token": token, "password": "12345"})
        assert (short.status, short.json()) == (400, {"password": ["too_short"]})
        got = await world.server.ask("POST", CONFIRM, data={"uid": padded, "token": token, "password": "brandnew"})
        assert (got.status, got.json()) == (200, {})
        await world.signed_in("forgetful", "brandnew")
        got = await world.server.post(CONFIRM, {"uid": uid, "token": token, "password": "again-now"})
        assert (got.status, got.json()) == (400, {"token": ["invalid"]})

    async def test_what_is_wrong(self, world: World) -> None:
        got = await world.server.post(RESET, {"email": "nobody@example.com"})
        assert (got.status, got.json()) == (400, {"email": ["user_not_found"]})
        got = await world.server.post(RESET, {})
        assert (got.status, got.json()) == (400, {"email": ["required"]})
        missing = {"uid": ["required"], "token": ["required"], "password": ["required"]}
        got = await world.server.post(CONFIRM, {})
        assert (got.status, got.json()) == (400, missing)
        got = await world.server.post(CONFIRM, {"uid": "OTk5OTk=", "token": "x-y", "password": "initpass"})
        assert (got.status, got.json()) == (400, {"uid": ["user_not_found"]})

    async def test_dj_rest_auths_face(self, world: World, tmp_path: Path) -> None:
        # A server of its own: strangers may ask five times a minute, and others have asked above.
        async with mail_server(tmp_path) as box, hosting(tmp_path, public_url="https://radio.example") as fresh:
            smtp = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_sender": "radio@example.com"}
            await fresh.admin.put("/api/v1/settings/", smtp)
            uid, token = await self.link(fresh, box, "djrest")
            reset, confirm = "/api/v1/rest-auth/password/reset/", "/api/v1/rest-auth/password/reset/confirm/"
            told = {"detail": "Password reset e-mail has been sent."}
            assert (await fresh.server.post(reset, {"email": "nobody@example.com"})).json() == told
            assert (await fresh.server.post(reset, {})).json() == {"email": ["required"]}
            got = await fresh.server.post(confirm, {"uid": uid})
            assert (got.status, got.json()) == (400, {"token": ["required"]})
            sent = {"uid": uid, "token": token, "new_password1": "brandnew", "new_password2": "brandnew"}
            got = await fresh.server.post(confirm, sent)
            assert got.json() == {"detail": "Password has been reset with the new password."}
            await fresh.signed_in("djrest", "brandnew")
            for _ in range(3):
                last = await fresh.server.post(RESET, {"email": "nobody@example.com"})
            assert last.status == 429

    async def test_the_letters_of_a_life(self, world: World, box: MailBox) -> None:
        made = await world.broadcaster("lettered")
        for verb in ("suspend", "unsuspend"):
            await world.admin.post(f"/api/v1/broadcasters/{made['pk']}/{verb}/")
        await world.admin.delete(f"/api/v1/broadcasters/{made['pk']}/")
        await world.server.idle()
        subjects = [one["Subject"] for one in box.taken if one["To"] == "lettered@example.com"]
        assert sorted(subjects) == sorted(
            [
                "Your radio account lettered",
                "Your radio account lettered is suspended",
                "Your radio account lettered is active again",
                "Your radio account lettered is deleted",
            ]
        )
