"""Accounts by the admin API: `specs/radio.md` 3.1, 3.3, 3.4 with their literal samples."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from polycast.core.identity.scopes import Role
from polycast.radio.accounts.model import Status
from polycast.radio.accounts.store import AccountStore
from polycast.radio.company.service import CompanyRoom
from polycast.radio.company.store import ValueStore
from polycast.radio.stations.store_setup import SetupStore
from tests.radio.world import FORBIDDEN, IMAGE, NO_FLAGS, NOBODY, NOT_FOUND, World, hosting
from tests.server import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")
ALL = "/api/v1/broadcasters/"
SAMPLE = {
    "username": "myradio",
    "email": "owner@example.com",
    "password": "initpass",
    "limit_stations": 1,
    "limit_listeners": 100,
    "server_type": "icecast",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with hosting(tmp_path_factory.mktemp("accounts")) as world:
        yield world


class TestTheSample:
    async def test_it_is_being_created_then_active(self, world: World) -> None:
        made = await world.admin.post(ALL, SAMPLE)
        shown = made.json()
        assert made.status == 201
        part = ("username", "email", "limit_stations", "limit_listeners", "server_type", "is_active", "account_status")
        assert [shown[name] for name in part] == ["myradio", "owner@example.com", 1, 100, "icecast", False, 0]
        assert shown["owner"]["username"] == "owner"
        await world.server.idle()
        after = (await world.admin.get(f"{ALL}{shown['pk']}/")).json()
        assert after == shown | {
            "is_active": True,
            "account_status": 2,
            "account_status_display": "Active",
            "stations_current": 1,
        }

    async def test_a_form_does_as_well(self, world: World) -> None:
        sent = {"username": "byform", "email": "f@example.com", "password": "initpass", "website_enabled": "on"}
        made = await world.admin.ask("POST", ALL, data=sent | {"tts_enabled": "no", "limit_du": ""})
        assert (made.status, made.json()["website_enabled"], made.json()["tts_enabled"]) == (201, True, False)

    async def test_a_first_station_is_there_with_a_channel_and_an_autodj(self, world: World) -> None:
        made = await world.broadcaster("stationed", first_name="Lab FM", limit_bitrate=64)
        [setup] = await world.server.house.core.db.read(_setups(world), made["pk"])
        assert (setup.station.title, setup.station.slug, setup.may_run) == ("Lab FM", "stationed", True)
        [channel], [dj] = setup.channels, setup.djs
        assert (channel.port, channel.mount_point, channel.bitrate) == (made["default_channel_port"], "/stream", 64)
        assert (dj.cat, dj.name) == ("auto", "AutoDJ")
        assert len(setup.secrets.channels[channel.id]) == 16


def _setups(world: World) -> Any:
    return SetupStore(world.server.house.core.secrets).of_account


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("fields", "body"),
        [
            ({}, {"username": ["required"], "email": ["required"], "password": ["required"]}),
            (
                {"username": "Bad", "email": "x", "password": "12345"},
                {"username": ["invalid"], "email": ["invalid"], "password": ["too_short"]},
            ),
            (SAMPLE | {"username": "owner"}, {"username": ["unique"]}),
            (SAMPLE | {"username": "media"}, {"username": ["invalid"]}),
            (SAMPLE | {"username": "typed", "server_type": "winamp"}, {"server_type": ["invalid_choice"]}),
            (SAMPLE | {"username": "lim", "limit_du": -1}, {"limit_du": ["min_value"]}),
            (SAMPLE | {"username": "lim", "limit_du": "many"}, {"limit_du": ["invalid"]}),
            (SAMPLE | {"username": "brand", "branded_url": "a.example.org"}, {"branded_url": ["feature_disabled"]}),
            (SAMPLE | {"username": "own", "owner": 999_999}, {"owner": ["does_not_exist"]}),
        ],
    )
    async def test_is_told_by_field(self, world: World, fields: dict[str, Any], body: dict[str, Any]) -> None:
        got = await world.admin.post(ALL, fields)
        assert (got.status, got.json()) == (400, body)

    async def test_branded_hosts(self, world: World) -> None:
        await world.broadcaster("branded", url_branding_enabled=True, branded_url="radio.example.org")
        for name, host, code in (("brand2", "radio.example.org", "unique"), ("brand3", "no host", "invalid")):
            sent = SAMPLE | {"username": name, "url_branding_enabled": True, "branded_url": host}
            got = await world.admin.post(ALL, sent)
            assert (got.status, got.json()) == (400, {"branded_url": [code]})

    async def test_ports_that_do_not_fit(self, world: World) -> None:
        one = await world.broadcaster("ported")
        two = await world.broadcaster("ported2")
        first, last = two["port_range_min"], two["port_range_max"]
        for sent, body in (
            ({"port_range_min": first, "port_range_max": last}, {"port_range_min": ["port_out_of_range", "range_overlap"], "default_channel_port": ["port_out_of_range"]}),
            ({"port_range_max": one["port_range_min"]}, {"port_range_max": ["range_too_small"]}),
            ({"panel_port": 80}, {"panel_port": ["port_out_of_range"]}),
            ({"panel_port": two["panel_port"]}, {"panel_port": ["port_busy"]}),
            ({"port_range_max": last}, {"port_range_min": ["range_overlap"]}),
        ):  # fmt: skip
            got = await world.admin.patch(f"{ALL}{one['pk']}/", sent)
            assert (got.status, got.json()) == (400, body), sent

    async def test_a_licence_may_cap_the_machine(self, world: World) -> None:
        count = len((await world.admin.get(ALL)).json())
        key = _company(world).capped_key(count)
        assert (await world.admin.put("/api/v1/license/", {"license_key": key})).json()["data"]["max_accounts"] == count
        got = await world.admin.post(ALL, SAMPLE | {"username": "onemore"})
        assert (got.status, got.json()) == (400, {"non_field_errors": ["licence_no_more_stations"]})
        await world.admin.put("/api/v1/license/", {"license_key": "any-other-key"})


def _company(world: World) -> CompanyRoom:
    """The room as whoever sells licences runs it."""
    core = world.server.house.core
    return CompanyRoom(
        db=core.db,
        store=ValueStore(),
        secrets=core.secrets,
        tokens=core.tokens,
        clock=core.clock,
        data_dir=core.data_dir,
        node=core.node,
    )


class TestChanges:
    async def test_patch_keeps_what_is_not_sent_and_passes_over_what_is_read_only(self, world: World) -> None:
        before = await world.broadcaster("patched", limit_du=100)
        sent = {"limit_listeners": 5, "username": "another", "account_status": 3, "du_current": 9, "account_type": 0}
        got = await world.admin.patch(f"{ALL}{before['pk']}/", sent)
        after = (await world.admin.get(f"{ALL}{before['pk']}/")).json()
        assert (got.status, got.json()) == (200, after)
        shown = {"is_active": True, "account_status": 2, "account_status_display": "Active", "stations_current": 1}
        assert after == before | shown | {"limit_listeners": 5, "owner": after["owner"]}

    async def test_put_wants_an_address(self, world: World) -> None:
        made = await world.broadcaster("putted", limit_du=100)
        place = f"{ALL}{made['pk']}/"
        assert (await world.admin.put(place, {"limit_du": 7})).json() == {"email": ["required"]}
        got = await world.admin.put(place, {"email": "new@example.com"})
        assert (got.status, got.json()["email"], got.json()["limit_du"]) == (200, "new@example.com", 100)

    async def test_a_password_ends_the_token(self, world: World) -> None:
        made = await world.broadcaster("tokened")
        inside = await world.signed_in("tokened", "initpass")
        assert (await inside.get("/api/v1/user_profile/")).status == 200
        await world.admin.patch(f"{ALL}{made['pk']}/", {"password": "newpass"})
        out = await inside.get("/api/v1/user_profile/")
        assert (out.status, out.json()) == (401, {"detail": "Invalid token."})
        again = await world.signed_in("tokened", "newpass")
        assert again.headers != inside.headers

    async def test_deleted_it_is_gone_with_its_files(self, world: World) -> None:
        made = await world.broadcaster("deleted")
        folder = world.server.house.core.data_dir / "radio" / "accounts" / str(made["pk"])
        assert (folder / "media").is_dir()
        assert (await world.admin.delete(f"{ALL}{made['pk']}/")).status == 204
        await world.server.idle()
        assert not folder.exists()
        got = await world.admin.get(f"{ALL}{made['pk']}/")
        assert (got.status, got.json()) == (404, NOT_FOUND)
        again = await world.broadcaster("deleted")
        assert again["pk"] != made["pk"]

    async def test_suspended_it_may_read_and_not_write(self, world: World) -> None:
        made = await world.broadcaster("silent")
        inside = await world.signed_in("silent", "initpass")
        for _ in range(2):
            assert (await world.admin.post(f"{ALL}{made['pk']}/suspend/")).json() == {}
        assert (await inside.get("/api/v1/user_profile/")).status == 200
        refused = await inside.put("/api/v1/user_profile/", {"first_name": "X"})
        assert (refused.status, refused.json()) == (403, {"detail": "account_suspended"})
        for _ in range(2):
            assert (await world.admin.post(f"{ALL}{made['pk']}/unsuspend/")).json() == {}
        assert (await inside.put("/api/v1/user_profile/", {"first_name": "X"})).status == 200

    async def test_while_it_is_being_made_or_deleted_it_is_busy(self, world: World) -> None:
        made = await world.broadcaster("hurried")
        for status in (Status.BEING_CREATED, Status.BEING_DELETED):
            await world.server.house.core.db.write(AccountStore().update, made["pk"], status=status.value)
            for verb in ("suspend", "unsuspend"):
                got = await world.admin.post(f"{ALL}{made['pk']}/{verb}/")
                assert (got.status, got.json()) == (400, {"non_field_errors": ["account_busy"]})

    async def test_what_happened_is_told(self, world: World) -> None:
        made = await world.broadcaster("eventful")
        await world.admin.post(f"{ALL}{made['pk']}/suspend/")
        await world.admin.post(f"{ALL}{made['pk']}/unsuspend/")
        assert (await world.admin.post(f"{ALL}{made['pk']}/restart/")).json() == {}
        got = (await world.admin.get(f"{ALL}{made['pk']}/events/")).json()
        assert [row["code"] for row in got] == ["restarted", "unsuspended", "suspended", "created"]
        assert (await world.admin.get(f"{ALL}{made['pk']}/usage/")).json() == []

    async def test_the_way_into_its_panel(self, world: World) -> None:
        made = await world.broadcaster("entered")
        got = (await world.admin.post(f"{ALL}{made['pk']}/login/")).json()
        assert got == {"url": f"{world.server.url}/radio", "token": got["token"]}


class TestLists:
    async def test_bare_or_in_pages(self, world: World) -> None:
        for number in range(3):
            await world.broadcaster(f"paged{number}")
        bare = (await world.admin.get(ALL, params={"search": "PAGED", "ordering": "-username"})).json()
        assert [row["username"] for row in bare] == ["paged2", "paged1", "paged0"]
        asked = {"search": "paged", "limit": "2"}
        first = (await world.admin.get(ALL, params=asked)).json()
        assert (first["count"], first["previous"], len(first["results"])) == (3, None, 2)
        assert first["next"] == f"{world.server.url}{ALL}?search=paged&limit=2&offset=2"
        second = (await world.admin.get(first["next"].removeprefix(world.server.url))).json()
        assert (second["next"], len(second["results"])) == (None, 1)
        assert second["previous"] == f"{world.server.url}{ALL}?search=paged&limit=2"

    async def test_a_limit_that_is_none(self, world: World) -> None:
        got = await world.admin.get(ALL, params={"limit": "x"})
        assert (got.status, got.json()) == (400, {"limit": ["invalid"]})

    async def test_without_a_slash_a_get_is_led_to_it(self, world: World) -> None:
        got = await world.admin.get("/api/v1/broadcasters")
        assert (got.status, got.headers["location"]) == (301, ALL)
        got = await world.admin.post("/api/v1/broadcasters", {})
        assert got.status == 400


class TestResellers:
    async def test_the_sample(self, world: World) -> None:
        sent = {"username": "newreseller", "email": "reseller@example.com", "password": "respass", "limit_accounts": 20}
        made = await world.admin.post("/api/v1/resellers/", sent)
        shown = made.json()
        assert (made.status, shown) == (201, NO_FLAGS | {
            "pk": shown["pk"], "username": "newreseller", "email": "reseller@example.com", "first_name": "",
            "image": IMAGE, "accounts_current": 0, "limit_accounts": 20, "limit_listeners": 0, "limit_du": 0,
            "limit_bitrate": 0, "limit_traffic": 0,
        })  # fmt: skip
        again = await world.admin.post("/api/v1/resellers/", sent | {"email": ""})
        assert (again.status, again.json()) == (400, {"email": ["required"], "username": ["unique"]})
        place = f"/api/v1/resellers/{shown['pk']}/"
        assert (await world.admin.get(place)).json() == shown
        assert (await world.admin.put(place, {"limit_du": 5})).json() == {"email": ["required"]}
        assert (await world.admin.put(place, {"email": "r@example.com"})).json() == shown | {"email": "r@example.com"}
        got = await world.admin.patch(place, {"limit_du": "x", "limit_bitrate": -1})
        assert (got.status, got.json()) == (400, {"limit_du": ["invalid"], "limit_bitrate": ["min_value"]})
        assert (await world.admin.patch(place, {"limit_du": 5})).json()["limit_du"] == 5
        rows = (await world.admin.get("/api/v1/resellers/")).json()
        assert "newreseller" in [row["username"] for row in rows]
        assert (await world.admin.delete(place)).status == 204
        for method in ("GET", "DELETE"):
            gone = await world.admin.ask(method, place)
            assert (gone.status, gone.json()) == (404, NOT_FOUND)
        for method in ("PUT", "PATCH"):
            assert (await world.admin.ask(method, place, json={"email": "r@example.com"})).status == 404
        assert (await world.admin.post(f"{place}login/")).status == 404

    async def test_they_give_away_no_more_than_they_have(self, world: World) -> None:
        limits = {"limit_accounts": 2, "limit_listeners": 100, "limit_du": 50, "limit_bitrate": 128}
        await world.reseller("frugal", **limits, tts_enabled=True)
        frugal = await world.signed_in("frugal", "respass")
        fits = {"limit_listeners": 60, "limit_du": 20, "limit_bitrate": 128}
        child = await world.broadcaster("child1", by=frugal, **fits, tts_enabled=True)
        for sent, body in (
            (fits | {"limit_listeners": 41}, {"limit_listeners": ["limit_exceeds_reseller"]}),
            (fits | {"limit_listeners": 40, "limit_du": 0}, {"limit_du": ["limit_exceeds_reseller"]}),
            (fits | {"limit_listeners": 40, "limit_bitrate": 192}, {"limit_bitrate": ["limit_exceeds_reseller"]}),
            (fits | {"limit_listeners": 40, "website_enabled": True}, {"website_enabled": ["feature_not_allowed"]}),
        ):
            got = await frugal.post(ALL, SAMPLE | {"username": "child2"} | sent)
            assert (got.status, got.json()) == (400, body), sent
        got = await frugal.patch(f"{ALL}{child['pk']}/", {"limit_listeners": 101})
        assert (got.status, got.json()) == (400, {"limit_listeners": ["limit_exceeds_reseller"]})
        await world.broadcaster("child2", by=frugal, **(fits | {"limit_listeners": 40}))
        got = await frugal.post(ALL, SAMPLE | {"username": "child3"} | fits | {"limit_listeners": 1})
        assert got.json()["non_field_errors"] == ["limit_exceeds_reseller"]
        assert (await frugal.get("/api/v1/user_profile/")).json()["accounts_current"] == 2

    async def test_with_accounts_they_stay_or_leave_them_to_another(self, world: World) -> None:
        leaving = await world.reseller("leaver")
        heir = await world.reseller("heir")
        child = await world.broadcaster("orphan", by=await world.signed_in("leaver", "respass"))
        place = f"/api/v1/resellers/{leaving['pk']}/"
        got = await world.admin.delete(place)
        assert (got.status, got.json()) == (400, {"non_field_errors": ["has_accounts"]})
        assert (await world.admin.delete(f"{place}?reassign_to={heir['pk']}")).status == 204
        assert (await world.admin.get(f"{ALL}{child['pk']}/")).json()["owner"]["username"] == "heir"

    async def test_an_admin_looks_after_them_with_their_own_token(self, world: World) -> None:
        made = await world.reseller("helped")
        got = (await world.admin.post(f"/api/v1/resellers/{made['pk']}/login/")).json()
        own = await world.server.post("/api/v1/rest-auth/login/", {"username": "helped", "password": "respass"})
        assert got == own.json()
        assert got["user"]["account_type"] == 1


class TestWhoMayWhat:
    async def test_strangers(self, world: World) -> None:
        got = await world.server.get(ALL)
        assert (got.status, got.json(), got.headers["www-authenticate"]) == (401, NOBODY, "Token")
        wrong = Client(world.server.url, world.server.session, {"Authorization": "Token nonsense"})
        got = await wrong.get(ALL)
        assert (got.status, got.json()) == (401, {"detail": "Invalid token."})

    @pytest.mark.parametrize("role", [Role.BROADCASTER, Role.MEMBER, Role.GUEST, Role.OPERATOR])
    async def test_who_has_no_business_here(self, world: World, role: Role) -> None:
        client = await world.server.client(role)
        for method, path in (("GET", ALL), ("POST", ALL), ("GET", "/api/v1/resellers/")):
            got = await client.ask(method, path, json={} if method == "POST" else None)
            assert (got.status, got.json()) == (403, FORBIDDEN), (method, path)

    async def test_one_resellers_accounts_are_nothing_to_another(self, world: World) -> None:
        await world.reseller("tenant_a")
        await world.reseller("tenant_b")
        a, b = [await world.signed_in(name, "respass") for name in ("tenant_a", "tenant_b")]
        mine = await world.broadcaster("of_a", by=a)
        place = f"{ALL}{mine['pk']}/"
        assert [row["username"] for row in (await b.get(ALL)).json()] == []
        assert [row["username"] for row in (await a.get(ALL)).json()] == ["of_a"]
        assert (await a.get(place)).status == 200
        for method, path in (
            ("GET", place), ("PUT", place), ("PATCH", place), ("DELETE", place), ("POST", f"{place}suspend/"),
            ("POST", f"{place}unsuspend/"), ("POST", f"{place}login/"), ("POST", f"{place}restart/"),
            ("GET", f"{place}usage/"), ("GET", f"{place}events/"),
        ):  # fmt: skip
            got = await b.ask(method, path, json={"email": "x@example.com"} if method in ("PUT", "PATCH") else None)
            assert (got.status, got.json()) == (404, NOT_FOUND), (method, path)
            gone = await world.admin.ask(
                method, path.replace(str(mine["pk"]), "99999"), json={"email": "x@example.com"}
            )
            assert (gone.status, gone.json()) == (404, NOT_FOUND), (method, path)
