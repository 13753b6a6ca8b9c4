"""Settings, test mail, the machine's numbers, mail templates, packages, licence. Source: `specs/radio.md` 3.9 to 3.12."""

import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from polycast.core.identity.scopes import Role
from tests.fakes.mail_server import mail_server
from tests.radio.admin.test_people import PNG
from tests.radio.world import FORBIDDEN, NO_FLAGS, NO_LIMITS, NOBODY, NOT_FOUND, World, hosting

pytestmark = pytest.mark.asyncio(loop_scope="module")
SETTINGS = "/api/v1/settings/"
PUBLIC = {"company_logo": "", "company_name": "", "company_favicon": "", "copyright": ""}
NO_SMTP = {
    "smtp_host": "",
    "smtp_port": None,
    "smtp_username": "",
    "smtp_password": "",
    "smtp_sender": "",
    "smtp_tls": False,
    "smtp_ssl": False,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with hosting(tmp_path_factory.mktemp("company")) as world:
        yield world


class TestSettings:
    async def test_who_sees_what(self, world: World) -> None:
        sent = {"company_name": "Lab", "smtp_host": "127.0.0.1", "smtp_password": "hidden-one", "smtp_tls": "on"}
        got = await world.admin.ask("PUT", SETTINGS, data=sent)
        whole = PUBLIC | NO_SMTP | {
            "company_name": "Lab", "smtp_host": "127.0.0.1", "smtp_password": "********", "smtp_tls": True,
        }  # fmt: skip
        assert (got.status, got.json()) == (200, whole)
        assert (await world.server.get(SETTINGS)).json() == PUBLIC | {"company_name": "Lab"}
        shown = (await world.admin.get(SETTINGS)).json()
        assert {name: shown[name] for name in whole} == whole
        assert (shown["port_pool_min"], shown["block_size"]) == (world.first_port, 20)
        tenant = await world.server.client(Role.BROADCASTER)
        assert (await tenant.get(SETTINGS)).json() == PUBLIC | NO_SMTP | {"company_name": "Lab"}
        assert "hidden-one" not in str(shown)

    async def test_the_mask_sent_back_keeps_the_password(self, world: World) -> None:
        await world.admin.put(SETTINGS, {"smtp_password": "first-one", "smtp_tls": False})
        await world.admin.put(SETTINGS, {"smtp_password": "********"})
        assert (await world.admin.patch(SETTINGS, {})).json()["smtp_password"] == "********"
        assert (await world.admin.patch(SETTINGS, {"smtp_password": ""})).json()["smtp_password"] == ""

    async def test_what_is_wrong(self, world: World) -> None:
        for method in ("PUT", "PATCH"):
            got = await world.admin.ask(method, SETTINGS, json={"smtp_tls": True, "smtp_ssl": True})
            assert (got.status, got.json()) == (400, {"smtp_tls": ["conflict"]})
            got = await world.admin.ask(method, SETTINGS, json={"smtp_port": 70000})
            assert (got.status, got.json()) == (400, {"smtp_port": ["max_value"]})

    async def test_who_may_not(self, world: World) -> None:
        tenant = await world.server.client(Role.BROADCASTER)
        assert (await tenant.put(SETTINGS, {})).json() == FORBIDDEN
        assert (await tenant.post(f"{SETTINGS}test_email/", {})).json() == FORBIDDEN
        assert (await world.server.put(SETTINGS, {})).json() == NOBODY

    async def test_a_logo(self, world: World) -> None:
        form = aiohttp.FormData()
        form.add_field("company_logo", PNG, filename="logo.png", content_type="image/png")
        got = (await world.admin.ask("PUT", SETTINGS, data=form)).json()
        assert re.fullmatch(r"/media/company/logo-[0-9a-f]{12}\.png", got["company_logo"])
        shown = await world.server.get(got["company_logo"])
        assert (shown.status, shown.body) == (200, PNG)
        form = aiohttp.FormData()
        form.add_field("company_logo", b"GIF89a nothing", filename="logo.png", content_type="image/png")
        got = await world.admin.ask("PUT", SETTINGS, data=form)
        assert (got.status, got.json()) == (400, {"company_logo": ["invalid_image"]})
        await world.admin.put(SETTINGS, {"company_name": ""})


class TestTestMail:
    async def test_by_every_way_to_a_server(self, world: World, tmp_path: Any) -> None:
        async with mail_server(tmp_path) as box:
            await world.admin.put(SETTINGS, {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_sender": "a@b.org"})
            sent = {
                "subject": "Hi\r\nBcc: x@example.com",
                "recipient": "you@example.com",
                "body": "{{ username }}Hallo",
            }
            got = await world.admin.post(f"{SETTINGS}test_email/", sent)
            assert (got.status, got.json()) == (200, {})
            [mail] = box.taken
            assert (mail["To"], mail["Bcc"], mail.get_content().strip()) == ("you@example.com", None, "Hallo")

    async def test_the_servers_own_words_on_failure(self, world: World, tmp_path: Any) -> None:
        async with mail_server(tmp_path) as box:
            box.refuses = "550 no such user"
            await world.admin.put(SETTINGS, {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_sender": "a@b.org"})
            sent = {"subject": "Hi", "recipient": "you@example.com", "body": "Hallo"}
            got = await world.admin.post(f"{SETTINGS}test_email/", sent)
            assert (got.status, set(got.json())) == (400, {"non_field_errors", "smtp_exception"})
            assert got.json()["non_field_errors"] == ["email_failed"]
            assert "550" in got.json()["smtp_exception"]
        got = await world.admin.post(f"{SETTINGS}test_email/", sent | {"recipient": "nobody"})
        assert (got.status, got.json()) == (400, {"recipient": ["invalid"]})


class TestTheMachine:
    async def test_what_does_not_change(self, world: World) -> None:
        got = (await world.admin.get(f"{SETTINGS}permanent_stats/")).json()
        assert list(got) == ["hostname", "ip", "os", "cpu_cores", "cpu_model"]
        assert all(isinstance(value, str) and value for value in got.values())
        assert int(got["cpu_cores"]) > 0

    async def test_what_changes(self, world: World) -> None:
        got = (await world.admin.get(f"{SETTINGS}dynamic_stats/")).json()
        assert {name: type(value).__name__ for name, value in got.items()} == {
            "broadsters_num": "int", "resellers_num": "int", "listeners_num": "int", "r_kbps": "float",
            "t_kbps": "float", "du_free": "int", "du_free_readable": "str", "du_total": "int",
            "du_total_readable": "str", "uptime": "str", "ram_free_megabytes": "int", "ram_total_megabytes": "int",
            "cpu_load": "str",
        }  # fmt: skip
        assert re.fullmatch(r" \d\d:\d\d:\d\d up (\d+ days?|\d+:\d\d|\d+ min)", got["uptime"])
        assert re.fullmatch(r"\d+\.\d\d", got["cpu_load"])
        assert 0 < got["du_free"] < got["du_total"]
        assert 0 < got["ram_free_megabytes"] < got["ram_total_megabytes"]


class TestMailTemplates:
    MAILS = "/api/v1/templates/email/"

    async def test_kinds(self, world: World) -> None:
        got = (await world.admin.get(f"{self.MAILS}types/")).json()
        assert got[0] == ["account_created", "Account created"]
        assert len(got) == 15

    async def test_ones_own_words_come_before_ours(self, world: World) -> None:
        one = {"language": "de", "email_type": "account_created"}
        ours = (await world.admin.get(self.MAILS, params=one)).json()
        assert ours["subject"] == "Ihr Radio-Konto {{ username }}"
        sent = one | {"subject": "Hallo {{ username }}", "body": "<b>{{ company_name }}</b>"}
        got = await world.admin.put(self.MAILS, sent)
        assert (got.status, got.json()) == (200, sent | {"owner": 1})
        assert (await world.admin.get(self.MAILS, params=one)).json() == sent | {"owner": 1}
        rows = (await world.admin.get(self.MAILS, params={"language": "de"})).json()
        assert len(rows) == 15
        assert sent | {"owner": 1} in rows

    async def test_what_is_wrong(self, world: World) -> None:
        got = await world.admin.put(self.MAILS, {"email_type": "spam", "subject": "x", "body": "y"})
        assert (got.status, got.json()) == (400, {"email_type": ["invalid_choice"]})
        got = await world.admin.get(self.MAILS, params={"email_type": "spam"})
        assert (got.status, got.json()) == (400, {"email_type": ["invalid_choice"]})
        got = await world.admin.put(self.MAILS, {"email_type": "test"})
        assert (got.status, got.json()) == (400, {"subject": ["required"], "body": ["required"]})
        assert (await world.server.get(self.MAILS)).status == 401


class TestPackages:
    @pytest.mark.parametrize("word", ["broadcasters", "resellers"])
    async def test_their_life(self, world: World, word: str) -> None:
        place = f"/api/v1/templates/{word}/"
        name = f"standard {word}"
        sent = {"name": name, "limit_stations": 1, "limit_listeners": 500, "server_type": "icecast"}
        made = await world.admin.post(place, sent | {"youtube_streaming_enabled": True})
        shown = made.json()
        own = {"limit_accounts": 0}
        if word == "broadcasters":
            own = {"limit_stations": 1, "limit_streams": 0, "server_type": "icecast"}  # type: ignore[dict-item]
        shared = {name: 0 for name in NO_LIMITS if name not in ("limit_stations", "limit_streams")}
        whole = NO_FLAGS | shared | own | {"pk": shown["pk"], "id": shown["pk"], "name": name, "limit_listeners": 500}
        assert (made.status, shown) == (201, whole | {"youtube_streaming_enabled": True})
        mine = f"{place}{shown['pk']}/"
        assert (await world.admin.get(mine)).json() == shown
        assert shown in (await world.admin.get(place)).json()
        for method in ("PUT", "PATCH"):
            got = await world.admin.ask(method, mine, data={"limit_du": "9", "youtube_streaming_enabled": ""})
            assert got.json() == shown | {"limit_du": 9, "youtube_streaming_enabled": False}
            got = await world.admin.ask(method, mine, json={"limit_du": "x"})
            assert (got.status, got.json()) == (400, {"limit_du": ["invalid"]})
        other = "resellers" if word == "broadcasters" else "broadcasters"
        for path in (place, f"/api/v1/templates/{other}/"):
            got = await world.admin.post(path, {"name": name.upper()})
            assert (got.status, got.json()) == (400, {"name": ["unique"]})
        assert (await world.admin.post(place, {"name": "no_template"})).json() == {"name": ["invalid"]}
        assert (await world.admin.post(place, {})).json() == {"name": ["required"]}
        assert (await world.admin.delete(mine)).status == 204
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            got = await world.admin.ask(method, mine, json={} if method in ("PUT", "PATCH") else None)
            assert (got.status, got.json()) == (404, NOT_FOUND)

    async def test_resellers_read_those_for_broadcasters(self, world: World) -> None:
        await world.reseller("packager")
        client = await world.signed_in("packager", "respass")
        assert (await client.get("/api/v1/templates/broadcasters/")).status == 200
        assert (await client.get("/api/v1/templates/resellers/")).json() == FORBIDDEN
        assert (await client.post("/api/v1/templates/broadcasters/", {"name": "mine"})).json() == FORBIDDEN


class TestTheLicence:
    async def test_any_key_will_do(self, world: World) -> None:
        place = "/api/v1/license/"
        none = await world.admin.get(place)
        assert (none.status, none.json()) == (400, {"license": ["not_found"]})
        entered = (await world.admin.put(place, {"license_key": "ABCD-1234-efgh"})).json()
        assert entered == {
            "key": "ABCD-1234-efgh",
            "local_key": entered["local_key"],
            "version": entered["version"],
            "data": {"valid": 1, "expires": None, "max_accounts": 0},
        }
        assert (await world.admin.get(place)).json() == {
            "sc": True,
            "key": "ABCD-1234-efgh",
            "version": entered["version"],
            "last_version": None,
            "info": {"valid": True, "expires": None, "max_accounts": 0},
            "changes": [],
            "update_available": False,
        }
        got = await world.admin.put(place, {"license_key": "bad key"})
        assert (got.status, got.json()) == (400, {"license_key": ["invalid"]})
