"""The calls of the public WHMCS module, literally. Source: `specs/radio.md` 3.8, 4.15."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.radio.world import IMAGE, NO_FLAGS, NO_LIMITS, REMOTE, World, hosting
from tests.server import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="module")
# What CreateAccount sends: flags raw (`on` or empty), every limit, whatever the package says.
CREATE = {
    "server_type": "icecast",
    "limit_stations": "1",
    "limit_streams": "2",
    "limit_listeners": "100",
    "limit_bitrate": "128",
    "limit_du": "5000",
    "limit_traffic": "",
    "youtube_streaming_enabled": "on",
    "fb_streaming_enabled": "",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with hosting(tmp_path_factory.mktemp("billing")) as world:
        yield world


async def created(world: World, username: str, **fields: str) -> None:
    sent = {"username": username, "email": "o@example.com", "password": "initpass", "template": "no_template"}
    got = await world.remote("POST", "remote_bcaster_create_from_template", **(sent | CREATE | fields))
    assert (got.status, got.json()) == (200, {})
    await world.server.idle()


async def details(world: World, username: str) -> dict[str, Any]:
    got = await world.remote("POST", "remote_get_details", username=username)
    assert got.status == 200, got.text()
    found: dict[str, Any] = got.json()
    return found


class TestALifeByWhmcs:
    async def test_an_account_is_made_whole(self, world: World) -> None:
        await created(world, "myradio")
        got = await details(world, "myradio")
        assert got.pop("date_joined").startswith("20")
        port = got["panel_port"]
        assert (port - world.first_port) % 20 == 0
        owner = {
            "pk": 1,
            "username": "owner",
            "email": "",
            "first_name": "",
            "image": IMAGE,
            "accounts_current": 1,
            "limit_accounts": 0,
            "limit_listeners": 0,
            "limit_du": 0,
            "limit_bitrate": 0,
            "limit_traffic": 0,
        } | NO_FLAGS
        assert got == NO_FLAGS | NO_LIMITS | {
            "pk": got["pk"],
            "username": "myradio",
            "email": "o@example.com",
            "first_name": "",
            "image": IMAGE,
            "owner": owner,
            "account_type": 2,
            "account_status": 2,
            "account_status_display": "Active",
            "is_active": True,
            "server_type": "icecast",
            "panel_port": port,
            "default_channel_port": port + 2,
            "port_range_min": port + 2,
            "port_range_max": port + 19,
            "stations_current": 1,
            "limit_stations": 1,
            "limit_streams": 2,
            "limit_listeners": 100,
            "limit_bitrate": 128,
            "limit_du": 5000,
            "youtube_streaming_enabled": True,
            "backup_status": 0,
            "backup_auto_type": 0,
            "backup_auto_when": 0,
            "backup_quick": False,
            "branded_url": "",
            "branded_url_status": 0,
            "listeners_current": 0,
            "du_current": 0,
            "traffic_current": 0,
            "station_name": "",
            "website_url": "",
            "language": "en",
            "timezone": "UTC",
            "suspend_reason": None,
            "error": "",
        }

    async def test_update_sends_php_booleans_and_gets_the_object(self, world: World) -> None:
        await created(world, "updated")
        got = await world.remote(
            "PATCH",
            "remote_update_client",
            username="updated",
            template="no_template",
            server_type="icecast-kh",
            limit_listeners="500",
            limit_traffic="0",
            youtube_streaming_enabled="0",
            fb_streaming_enabled="1",
            station_name="Lab FM",
        )
        assert got.status == 200
        shown = got.json()
        assert shown == await details(world, "updated")
        names = ("server_type", "limit_listeners", "youtube_streaming_enabled", "fb_streaming_enabled", "station_name")
        assert [shown[name] for name in names] == ["icecast-kh", 500, False, True, "Lab FM"]

    async def test_suspended_and_back(self, world: World) -> None:
        await created(world, "unpaid")
        for call, status, word in (
            ("remote_user_suspend", 3, "Suspended"),
            ("remote_user_suspend", 3, "Suspended"),
            ("remote_user_unsuspend", 2, "Active"),
        ):
            got = await world.remote("POST", call, username="unpaid")
            assert (got.status, got.json()) == (200, {})
            shown = await details(world, "unpaid")
            assert (shown["account_status"], shown["account_status_display"]) == (status, word)
            assert shown["suspend_reason"] == ("billing" if status == 3 else None)

    async def test_a_new_password_works_and_the_old_does_not(self, world: World) -> None:
        await created(world, "changed")
        got = await world.remote("PATCH", "remote_change_password", username="changed", new_password="second-one")
        assert (got.status, got.json()) == (200, {"success": True})
        await world.signed_in("changed", "second-one")
        old = await world.server.post("/api/v1/rest-auth/login/", {"username": "changed", "password": "initpass"})
        assert old.status == 400

    async def test_terminated_the_name_is_free_again(self, world: World) -> None:
        await created(world, "leaving")
        got = await world.remote("POST", "remote_user_delete", username="leaving")
        assert (got.status, got.json()) == (200, {})
        await world.server.idle()
        gone = await world.remote("POST", "remote_get_details", username="leaving")
        assert (gone.status, gone.json()) == (400, {"error": "user_not_found"})
        await created(world, "leaving")

    async def test_the_list_has_what_server_sync_reads(self, world: World) -> None:
        await created(world, "listed")
        got = await world.server.get("/api/v1/remote_get_all_broadcasters/", params=REMOTE)
        rows = {row["username"]: row for row in got.json()["broadcasters"]}
        assert rows["listed"] == await details(world, "listed") | {"password_plain": ""}

    async def test_single_sign_on_links_open_the_panel(self, world: World) -> None:
        await created(world, "ssouser")
        got = await world.remote("POST", "remote_user_login", username="ssouser")
        url = got.json()["url"]
        assert got.json() == {"url": url}
        assert url.startswith(f"{world.server.url}/radio/auth?t=eyJ")

    async def test_the_admins_own_token_is_a_login_token(self, world: World) -> None:
        for fields in (REMOTE, {"username": "owner", "password": PASSWORD}):
            got = await world.server.ask("POST", "/api/v1/remote_admin_login/", data=fields)
            token = got.json()["token"]
            assert (got.status, got.json(), len(token)) == (200, {"token": token}, 40)
            shown = await world.server.get("/api/v1/license/", headers={"Authorization": f"Token {token}"})
            assert shown.json() == {"license": ["not_found"]}


class TestPackages:
    async def test_only_what_the_request_really_says_goes_beyond_the_package(self, world: World) -> None:
        package = {"name": "small", "limit_listeners": 50, "limit_du": 100, "tts_enabled": True}
        assert (await world.admin.post("/api/v1/templates/broadcasters/", package)).status == 201
        await created(world, "packed", template="small", limit_listeners="0", limit_bitrate="64", tts_enabled="")
        shown = await details(world, "packed")
        assert (shown["limit_listeners"], shown["limit_du"], shown["limit_bitrate"]) == (50, 5000, 64)
        assert shown["tts_enabled"]
        assert shown["youtube_streaming_enabled"]

    async def test_a_package_for_resellers_makes_one(self, world: World) -> None:
        package = {"name": "reseller_basic", "limit_accounts": 7}
        assert (await world.admin.post("/api/v1/templates/resellers/", package)).status == 201
        await created(world, "newseller", template="reseller_basic")
        shown = await details(world, "newseller")
        assert (shown["username"], shown["limit_accounts"], shown["accounts_current"]) == ("newseller", 7, 0)

    async def test_another_package_overwrites_at_once(self, world: World) -> None:
        package = {"name": "large", "limit_listeners": 900}
        assert (await world.admin.post("/api/v1/templates/broadcasters/", package)).status == 201
        await created(world, "grown")
        for field in ("template", "configoption1"):
            got = await world.remote("PATCH", "remote_update_client", username="grown", **{field: "large"})
            assert (got.status, got.json()) == (200, {})
        shown = await details(world, "grown")
        assert (shown["limit_listeners"], shown["limit_du"], shown["youtube_streaming_enabled"]) == (900, 0, False)

    async def test_their_names_are_listed(self, world: World) -> None:
        got = (await world.remote("POST", "remote_get_templates")).json()
        assert set(got) == {"broadcaster_templates", "reseller_templates"}
        assert "no_template" not in got["broadcaster_templates"]


CALLS = [
    ("POST", "remote_admin_login"),
    ("POST", "remote_user_login"),
    ("PATCH", "remote_change_password"),
    ("POST", "remote_user_suspend"),
    ("POST", "remote_user_unsuspend"),
    ("POST", "remote_user_delete"),
    ("POST", "remote_bcaster_create_from_template"),
    ("POST", "remote_get_templates"),
    ("POST", "remote_get_details"),
    ("PATCH", "remote_update_client"),
    ("GET", "remote_get_all_broadcasters"),
]


class TestWrongCalls:
    @pytest.mark.parametrize(("method", "call"), CALLS)
    async def test_without_credentials(self, world: World, method: str, call: str) -> None:
        got = await world.server.ask(method, f"/api/v1/{call}/")
        assert (got.status, got.json()) == (400, {"error": "Username or password not set"})

    async def test_with_wrong_ones(self, world: World) -> None:
        sent = REMOTE | {"server_password": "not-the-password", "username": "myradio"}
        got = await world.server.ask("POST", "/api/v1/remote_user_delete/", data=sent)
        assert (got.status, got.json()) == (400, {"error": "Invalid credentials"})

    async def test_with_a_customers(self, world: World) -> None:
        await created(world, "curious")
        sent = {"server_username": "curious", "server_password": "initpass", "username": "myradio"}
        got = await world.server.ask("POST", "/api/v1/remote_get_details/", data=sent)
        assert (got.status, got.json()) == (400, {"error": "Invalid credentials"})

    @pytest.mark.parametrize(("method", "call"), CALLS[1:6] + CALLS[8:10])
    async def test_about_nobody(self, world: World, method: str, call: str) -> None:
        got = await world.remote(method, call, username="nobody_here", new_password="initpass")
        assert (got.status, got.json()) == (400, {"error": "user_not_found"})

    @pytest.mark.parametrize(
        ("fields", "word"),
        [
            ({"username": ""}, "empty_username"),
            ({"username": "owner"}, "username_unique"),
            ({"username": "Bad Name"}, "username_invalid"),
            ({"username": "nomail", "email": ""}, "email_required"),
            ({"username": "shortpw", "password": "12345"}, "password_too_short"),
            ({"username": "oddtype", "server_type": "winamp"}, "server_type_invalid_choice"),
            ({"username": "nopackage", "template": "gone"}, "invalid_params"),
            ({"username": "oddlimit", "limit_du": "many"}, "invalid_params"),
        ],
    )
    async def test_accounts_that_cannot_be(self, world: World, fields: dict[str, str], word: str) -> None:
        sent = {"email": "o@example.com", "password": "initpass", "template": "no_template"} | fields
        got = await world.remote("POST", "remote_bcaster_create_from_template", **sent)
        assert (got.status, got.json()) == (400, {"error": word})

    async def test_a_new_password_that_is_too_short(self, world: World) -> None:
        await created(world, "shorty")
        got = await world.remote("PATCH", "remote_change_password", username="shorty", new_password="12345")
        assert (got.status, got.json()) == (400, {"error": "password_too_short"})


class TestWhetherANameIsTaken:
    async def test_strangers_may_ask_five_times_a_minute(self, world: World) -> None:
        answers = [await world.server.get("/api/v1/check_username/", params={"username": name}) for name in NAMES]
        assert [got.status for got in answers] == [200] * 5 + [429]
        assert [got.json() for got in answers[:5]] == [{"exists": name == "owner"} for name in NAMES[:5]]
        assert int(answers[5].headers["retry-after"]) > 0


NAMES = ["owner", "free_one", "free_two", "free_three", "free_four", "free_five"]
