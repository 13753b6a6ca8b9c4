"""What our own pages ask."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from polycast.core.identity.scopes import Role
from tests.acquire.world import World, world_of
from tests.fakes.arr import Arr, arr_server
from tests.fakes.real_debrid import RealDebrid, real_debrid
from tests.fakes.releases import release

pytestmark = pytest.mark.asyncio(loop_scope="module")
BASE = "/polycast/v1/acquire"


class Place:
    def __init__(self, world: World, debrid: RealDebrid, arr: Arr) -> None:
        self.world = world
        self.debrid = debrid
        self.arr = arr


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with real_debrid() as debrid, arr_server() as arr:
        account = {
            "provider": "realdebrid",
            "name": "realdebrid",
            "api_key": "rd-key-canary",
            "base_url": debrid.base_url,
        }
        async with world_of(tmp_path_factory.mktemp("own"), debrids=[account]) as world:
            yield Place(world, debrid, arr)


class TestDownloads:
    async def test_lines_are_added_each_for_itself(self, place: Place) -> None:
        made = place.debrid.know(release("Own.Page.Film", (("movie.mkv", 30_000),)))
        answer = await place.world.owner.post(
            f"{BASE}/transfers", {"text": f"{made.magnet}\nnonsense\n", "category": "radarr"}
        )
        found = answer.json()["items"]
        assert [(one["name"], bool(one["error"])) for one in found] == [(made.name, False), ("", True)]
        await place.world.until(made.info_hash, "pausedUP")
        page = (await place.world.owner.get(f"{BASE}/transfers", params={"search": "own film"})).json()
        assert [(one["id"], one["state"]) for one in page["items"]] == [(made.info_hash, "done")]
        for what in ("pause", "resume", "retry", "delete"):
            done = await place.world.owner.post(f"{BASE}/transfers/change", {"ids": [made.info_hash], "what": what})
            assert done.status == 200, done.text()

    async def test_wrong_requests(self, place: Place) -> None:
        assert (await place.world.owner.get(f"{BASE}/transfers", params={"sort": "colour"})).status == 400
        unknown = await place.world.owner.post(f"{BASE}/transfers/change", {"ids": ["0" * 40], "what": "pause"})
        assert unknown.status == 404
        assert (await place.world.owner.post(f"{BASE}/transfers", {"text": "x", "account": "nobody"})).status == 400
        member = await place.world.server.client(Role.MEMBER)
        assert (await member.post(f"{BASE}/transfers", {"text": "x"})).status == 403


class TestTheTree:
    async def test_from_groups_to_bytes(self, place: Place) -> None:
        made = place.debrid.know(release("Tree.Film", (("movie.mkv", 30_000),)))
        await place.world.acquired(made.magnet)
        groups = (await place.world.owner.get(f"{BASE}/tree")).json()["items"]
        assert groups[0]["id"] == "__all__"
        found = (await place.world.owner.get(f"{BASE}/tree", params={"group": "radarr", "search": "tree"})).json()
        assert [one["name"] for one in found["items"]] == [made.name]
        files = await place.world.owner.get(f"{BASE}/tree", params={"group": "radarr", "folder": made.name})
        [file] = files.json()["items"]
        assert (await place.world.owner.get(file["link"])).body == made.files[0][1]
        assert (await place.world.owner.get(f"{BASE}/tree", params={"group": "none"})).status == 404


class TestAccounts:
    async def test_they_are_listed_tested_and_read(self, place: Place) -> None:
        tested = await place.world.owner.post(f"{BASE}/accounts/realdebrid/test")
        assert tested.json() == {"ok": True, "text": ""}
        [shown] = (await place.world.owner.get(f"{BASE}/accounts")).json()["items"]
        assert (shown["username"], shown["slots_limit"], shown["error"]) == ("tester", 10, "")
        assert (await place.world.owner.post(f"{BASE}/accounts/realdebrid/sync")).status == 204
        await place.world.server.idle()
        assert (await place.world.owner.post(f"{BASE}/accounts/nobody/test")).status == 404
        saved = await place.world.owner.post(f"{BASE}/accounts", {"provider": "torbox", "api_key": "tb-canary"})
        assert [one["name"] for one in saved.json()["items"]] == ["realdebrid", "torbox"]
        assert "canary" not in saved.text()
        assert (await place.world.owner.delete(f"{BASE}/accounts/torbox")).status == 204
        assert (await place.world.owner.delete(f"{BASE}/accounts/torbox")).status == 404


class TestArrs:
    async def test_one_is_added_and_tested_from_address_to_folder(self, place: Place) -> None:
        sent = {"name": "radarr", "host": place.arr.url, "token": place.arr.key}
        made = (await place.world.owner.post(f"{BASE}/arrs", sent)).json()
        assert (made["kind"], made["state"], made["has_token"]) == ("radarr", "active", True)
        checks = (await place.world.owner.post(f"{BASE}/arrs/{made['id']}/test")).json()["items"]
        assert [(one["step"], one["ok"]) for one in checks] == [
            ("reach", True),
            ("client", True),
            ("category", True),
            ("folder", True),
        ]
        assert (await place.world.owner.delete(f"{BASE}/arrs/{made['id']}")).status == 204
        assert (await place.world.owner.post(f"{BASE}/arrs/{made['id']}/test")).status == 404

    async def test_a_wrong_key_is_told(self, place: Place) -> None:
        sent = {"name": "sonarr", "host": place.arr.url, "token": "wrong"}
        made = (await place.world.owner.post(f"{BASE}/arrs", sent)).json()
        checks = (await place.world.owner.post(f"{BASE}/arrs/{made['id']}/test")).json()["items"]
        assert [one["ok"] for one in checks] == [False]
        await place.world.owner.delete(f"{BASE}/arrs/{made['id']}")

    async def test_one_that_knocks_is_let_in_by_hand(self, place: Place) -> None:
        form = {"username": place.arr.url, "password": place.arr.key}
        asked = len(place.arr.calls)
        first = await place.world.server.ask("POST", "/api/v2/auth/login", data=form)
        assert first.text() == "Fails."
        assert len(place.arr.calls) == asked
        [row] = [
            one for one in (await place.world.owner.get(f"{BASE}/arrs")).json()["items"] if one["state"] == "pending"
        ]
        approved = (await place.world.owner.post(f"{BASE}/arrs/{row['id']}/approve")).json()
        assert (approved["kind"], approved["state"], approved["source"]) == ("radarr", "active", "auto")
        second = await place.world.server.ask("POST", "/api/v2/auth/login", data=form)
        assert second.text() == "Ok."
        sid = second.headers["set-cookie"].partition(";")[0]
        listed = await place.world.server.get("/api/v2/torrents/info", headers={"Cookie": sid})
        assert listed.status == 200
        wrong = await place.world.server.ask("POST", "/api/v2/auth/login", data={**form, "password": "other"})
        assert wrong.text() == "Fails."
        await place.world.owner.delete(f"{BASE}/arrs/{row['id']}")


class TestAnArrIsTold:
    async def test_it_is_asked_what_it_sees_and_to_look(self, place: Place) -> None:
        await place.world.owner.post(f"{BASE}/arrs", {"name": "radarr", "host": place.arr.url, "token": place.arr.key})
        made = place.debrid.know(release("Seen.Film", (("movie.mkv", 20_000),)))
        place.arr.sees_everything = False
        await place.world.bearer.ask("POST", "/api/v2/torrents/add", data={"urls": made.magnet, "category": "radarr"})
        await place.world.until(made.info_hash, "moving")
        shown: Any = {}
        async with asyncio.timeout(10):
            while not shown.get("last_error"):
                shown = (await place.world.bearer.get(f"/api/torrents/{made.info_hash}")).json()
        assert "cannot see" in shown["last_error"]
        place.arr.sees_everything = True
        await place.world.owner.post(f"{BASE}/transfers/change", {"ids": [made.info_hash], "what": "retry"})
        await place.world.until(made.info_hash, "pausedUP")
        await place.world.server.idle()
        assert "RefreshMonitoredDownloads" in place.arr.commands

    async def test_a_failure_of_ours_makes_it_search_again(self, place: Place) -> None:
        made = place.debrid.know(release("Dead.Film", (("movie.mkv", 20_000),)))
        place.debrid.infringing.add(made.info_hash)
        place.arr.queue = [{"id": 7, "downloadId": made.info_hash.upper(), "title": made.name, "status": "warning"}]
        await place.world.bearer.ask("POST", "/api/v2/torrents/add", data={"urls": made.magnet, "category": "radarr"})
        await place.world.server.idle()
        assert place.arr.dropped == [{"ids": [7], "blocklist": "true", "skipRedownload": "false"}]


class TestRepairAndSettings:
    async def test_repair(self, place: Place) -> None:
        started = await place.world.owner.post(f"{BASE}/repair", {"everything": True})
        assert started.status == 200, started.text()
        await place.world.server.idle()
        shown = (await place.world.owner.get(f"{BASE}/repair")).json()
        assert shown["runs"][0]["status"] == "completed"
        assert (await place.world.owner.post(f"{BASE}/repair/stop")).status == 404
        assert (await place.world.owner.post(f"{BASE}/repair/none/process")).status == 404

    async def test_settings(self, place: Place) -> None:
        before = (await place.world.owner.get(f"{BASE}/settings")).json()
        saved = await place.world.owner.patch(f"{BASE}/settings", {"values": {"repair_schedule": "04:30"}})
        assert saved.json() == before | {"repair_schedule": "04:30"}
        wrong = await place.world.owner.patch(f"{BASE}/settings", {"values": {"max_active_downloads": 0}})
        assert wrong.status == 400
        assert (await place.world.owner.patch(f"{BASE}/settings", {"values": {"colour": 1}})).status == 400


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("POST", "accounts", {"provider": "nobody", "name": "x", "api_key": "k"}, 400),
        ("POST", "accounts", {"provider": "torbox", "name": "x", "api_key": " "}, 400),
        ("POST", "accounts/nobody/sync", {}, 404),
        ("POST", "arrs", {"name": "../up", "host": "http://x", "token": "k"}, 400),
        ("POST", "arrs", {"name": "x", "host": "ftp://x", "token": "k"}, 400),
        ("POST", "arrs/999999/approve", {}, 404),
        ("DELETE", "arrs/999999", None, 404),
        ("POST", "repair", [1], 400),
        ("POST", "repair/none/process", {}, 404),
        ("POST", "repair/stop", {}, 404),
    ],
)
async def test_what_is_not_there_or_cannot_be(place: Place, method: str, path: str, sent: object, status: int) -> None:
    answer = await place.world.owner.ask(method, f"{BASE}/{path}", json=sent)
    assert answer.status == status, answer.text()
