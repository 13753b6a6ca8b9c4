"""The reference's own calls, literally, and what goes wrong with them."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from polycast.core.identity.scopes import Role
from tests.acquire.world import World, world_of
from tests.fakes.real_debrid import RealDebrid, real_debrid
from tests.fakes.releases import Release, release
from tests.server import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")
UNKNOWN = "0" * 40
ACCOUNT = {"provider": "torbox", "api_key": "k"}


class Place:
    def __init__(self, world: World, debrid: RealDebrid) -> None:
        self.world = world
        self.debrid = debrid
        self.count = 0

    @property
    def bearer(self) -> Client:
        return self.world.bearer

    def release(self) -> Release:
        self.count += 1
        return self.debrid.know(release(f"Reference.Film.{self.count}", (("movie.mkv", 40_000),)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with real_debrid() as debrid:
        account = {
            "provider": "realdebrid",
            "name": "realdebrid",
            "api_key": "rd-key-canary",
            "base_url": debrid.base_url,
        }
        async with world_of(tmp_path_factory.mktemp("rest"), debrids=[account]) as world:
            yield Place(world, debrid)


def refused(code: int, text: str) -> dict[str, Any]:
    return {"error": text, "code": code, "status": code}


class TestTheReference:
    async def test_version_needs_nothing(self, place: Place) -> None:
        answer = await place.world.server.get("/version")
        assert (answer.status, answer.json()) == (200, {"version": "1.0.0", "channel": "stable"})
        assert (await place.world.server.get("/acquire/version")).body == answer.body

    async def test_config_is_read_masked_and_changed_in_part(self, place: Place) -> None:
        before = (await place.bearer.get("/api/config")).json()
        assert before["debrids"][0]["api_key"] == "********"
        assert "rd-key-canary" not in str(before)
        answer = await place.bearer.post("/api/config", {"log_level": "debug"})
        assert answer.json() == {
            "status": "success",
            "restarted": False,
            "changed": ["log_level"],
            "restarted_workers": [],
        }
        after = (await place.bearer.get("/api/config")).json()
        assert after == before | {"log_level": "debug"}

    async def test_what_was_read_can_be_sent_back(self, place: Place) -> None:
        whole = (await place.bearer.get("/api/config")).json()
        assert (await place.bearer.post("/api/config", whole)).status == 200
        shown = (await place.world.owner.get("/api/config", params={"reveal": "true"})).json()
        assert shown["debrids"][0]["api_key"] == "rd-key-canary"

    @pytest.mark.parametrize(
        ("sent", "word"),
        [
            ({"log_level": "loud"}, "log_level"),
            ({"refresh_interval": "soon"}, "refresh_interval"),
            ({"repair": {"nntp_connection_percent": 101}}, "repair.nntp_connection_percent"),
            ({"custom_folders": {"x": {"filters": {"regex": "("}}}}, "x"),
            ({"debrids": [{"provider": "nobody"}]}, "debrids.0.provider"),
            ({"download_folder": "not/absolute"}, "download_folder"),
            ({"categories": ["../up"]}, "categories.0"),
            ([1], "object"),
            ({"debrids": [ACCOUNT | {"proxy": "socks5://10.0.0.1:1080"}]}, "debrids.0.proxy"),
            ({"debrids": [ACCOUNT | {"proxy": "http://"}]}, "debrids.0.proxy"),
            ({"debrids": [ACCOUNT | {"tls_fingerprint": "abc"}]}, "debrids.0.tls_fingerprint"),
            ({"mount": {"type": "dfs"}}, "mount.type"),
            ({"mount": {"external_rclone": {"rc_url": "ftp://x"}}}, "mount.external_rclone.rc_url"),
            ({"mount": {"rclone": {"port": "many"}}}, "mount.rclone.port"),
            ({"mount": {"rclone": {"cache_dir": "8M --config=/etc/shadow"}}}, "mount.rclone.cache_dir"),
            ({"mount": {"rclone": {"cache_dir": "-x"}}}, "mount.rclone.cache_dir"),
            ({"mount": {"rclone": {"cache_dir": "a\nExecStart=/bin/sh"}}}, "mount.rclone.cache_dir"),
            ({"mount": {"rclone": {"cache_dir": {"a": 1}}}}, "mount.rclone.cache_dir"),
            ({"usenet": {"disk_buffer_path": "relative"}}, "usenet.disk_buffer_path"),
        ],
    )
    async def test_a_wrong_value_changes_nothing(self, place: Place, sent: Any, word: str) -> None:
        before = (await place.bearer.get("/api/config")).body
        answer = await place.bearer.post("/api/config", sent)
        assert answer.status == 400
        assert word in answer.json()["error"]
        assert (await place.bearer.get("/api/config")).body == before

    async def test_torrents_are_a_list(self, place: Place) -> None:
        made = place.release()
        answer = await place.bearer.post("/api/add", {"url": made.magnet, "arr": "sonarr"})
        assert [one["magnet"]["infoHash"] for one in answer.json()] == [made.info_hash]
        await place.world.until(made.info_hash, "pausedUP")
        [shown] = (await place.bearer.get("/api/torrents", params={"hash": made.info_hash})).json()
        assert (shown["state"], shown["status"], shown["is_complete"]) == ("pausedUP", "downloaded", True)
        link = shown["providers"]["realdebrid"]["files"]["movie.mkv"]["link"]
        assert (await place.bearer.get(link)).body == made.files[0][1]
        listed = (await place.bearer.get("/api/torrents", params={"category": "sonarr"})).json()
        assert made.info_hash in [one["info_hash"] for one in listed]
        assert (await place.bearer.get("/api/torrents", params={"hash": "abc123"})).json() == []
        paged = (await place.bearer.get("/api/torrents", params={"limit": "1"})).json()
        assert (paged["limit"], paged["page"], len(paged["torrents"])) == (1, 1, 1)

    # The reference's curl names no content type, so it says "form" over a JSON body.
    async def test_json_is_json_whatever_it_is_called(self, place: Place) -> None:
        made = place.release()
        answer = await place.bearer.ask(
            "POST",
            "/api/add",
            data=f'{{"url": "{made.magnet}"}}'.encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert [one["magnet"]["infoHash"] for one in answer.json()] == [made.info_hash]

    async def test_a_file(self, place: Place) -> None:
        made = place.release()
        form = aiohttp.FormData()
        form.add_field("file", made.torrent, filename="file.torrent", content_type="application/x-bittorrent")
        answer = await place.bearer.ask("POST", "/api/add", data=form)
        assert (answer.status, answer.json()[0]["name"]) == (200, made.name)

    async def test_several_at_once_in_their_order(self, place: Place) -> None:
        first, second = place.release(), place.release()
        answer = await place.bearer.post("/api/add", {"urls": [first.magnet, "magnet:?dn=none", second.magnet]})
        found = answer.json()
        assert [one["name"] for one in found] == [first.name, "", second.name]
        assert found[1]["status"] == "error"

    async def test_deleting(self, place: Place) -> None:
        made = place.release()
        await place.bearer.post("/api/add", {"url": made.magnet, "arr": "sonarr"})
        await place.world.until(made.info_hash, "pausedUP")
        path = f"/api/torrents?category=sonarr&hash={made.info_hash}"
        answer = await place.bearer.delete(path)
        assert answer.json() == {"success": True, "deleted": 1}
        again = await place.bearer.delete(path)
        assert (again.status, again.json()) == (404, refused(404, "The torrent was not found."))
        none = await place.bearer.delete("/api/torrents")
        assert none.status == 400

    async def test_repair_and_its_jobs(self, place: Place) -> None:
        made = place.release()
        await place.world.acquired(made.magnet)
        dead = place.release()
        await place.world.acquired(dead.magnet)
        shown = (await place.bearer.get(f"/api/torrents/{dead.info_hash}")).json()
        assert shown["is_complete"] is True
        for link, (info_hash, _) in place.debrid._links.items():
            if info_hash == dead.info_hash:
                place.debrid.gone_links.add(link)
        answer = await place.bearer.ask("POST", "/api/repair")
        assert answer.json()["message"] == "Repair job started"
        job_id = answer.json()["job_id"]
        await place.world.server.idle()
        job = next(one for one in (await place.bearer.get("/api/repair/jobs")).json() if one["id"] == job_id)
        assert (job["status"], job["stats"]["broken"]) == ("pending", 1)
        assert list(job["broken_items"]) == [dead.name]
        health = (await place.bearer.get(f"/api/repair/health/{dead.name}")).json()
        assert (health["status"], health["failure_reason"]) == ("broken", "hoster_unavailable")
        place.debrid.gone_links.clear()
        processed = await place.bearer.ask("POST", f"/api/repair/jobs/{job_id}/process")
        assert processed.status == 200
        await place.world.server.idle()
        run = (await place.bearer.get(f"/api/repair/runs/{processed.json()['job_id']}")).json()
        assert run["status"] == "completed"
        again = await place.bearer.ask("POST", f"/api/repair/jobs/{job_id}/process")
        assert again.status == 409
        unknown = await place.bearer.ask("POST", "/api/repair/jobs/none/process")
        assert (unknown.status, unknown.json()) == (404, refused(404, "The repair run was not found."))

    async def test_a_lost_torrent_is_put_back(self, place: Place) -> None:
        made = place.release()
        await place.world.acquired(made.magnet)
        item = next(one for one in place.debrid.items.values() if one.release is made)
        for link, (info_hash, _) in place.debrid._links.items():
            if info_hash == made.info_hash:
                place.debrid.gone_links.add(link)
        place.debrid.cdn_status = 404
        started = await place.bearer.post(f"/api/repair/health/{made.name}/check?fix=true")
        assert started.status == 200
        await place.world.server.idle()
        place.debrid.cdn_status = None
        assert item.id not in place.debrid.items
        assert any(one.release is made for one in place.debrid.items.values())

    async def test_arrs(self, place: Place) -> None:
        assert (await place.bearer.get("/api/arrs")).json() == []

    async def test_a_new_token_ends_the_old_one(self, place: Place) -> None:
        first = (await place.world.owner.get("/api/config", params={"reveal": "true"})).json()["api_token"]
        assert len(first) == 64
        old = Client(place.world.url, place.world.server.session, {"Authorization": f"Bearer {first}"})
        made = (await old.ask("POST", "/api/refresh-token")).json()["api_token"]
        new = Client(place.world.url, place.world.server.session, {"Authorization": f"Bearer {made}"})
        assert ((await old.get("/api/arrs")).status, (await new.get("/api/arrs")).status) == (401, 200)

    async def test_browse(self, place: Place) -> None:
        made = place.release()
        await place.world.acquired(made.magnet, category="radarr")
        for root in ("/api/browse/", "/api/browse", "/acquire/api/browse"):
            names = [one["name"] for one in (await place.bearer.get(root)).json()["entries"]]
            assert names[:4] == ["__all__", "__bad__", "torrents", "nzbs"]
            assert {"realdebrid", "sonarr", "radarr", "version.txt"} <= set(names)
        group = (await place.bearer.get("/api/browse/radarr", params={"search": made.name})).json()
        assert group["entries"][0] | {"mod_time": ""} == {
            "name": made.name,
            "path": f"/radarr/{made.name}",
            "size": 40_000,
            "mod_time": "",
            "is_dir": True,
            "info_hash": made.info_hash,
            "can_delete": True,
            "active_debrid": "realdebrid",
        }
        files = (await place.bearer.get(f"/api/browse/__all__/{made.name}")).json()
        assert [one["name"] for one in files["entries"]] == ["movie.mkv"]
        missing = await place.bearer.get("/api/browse/none-such")
        assert (missing.status, missing.json()) == (404, refused(404, "The group was not found."))
        gone = await place.bearer.delete(f"/api/browse/torrents/{made.info_hash}")
        assert gone.json() == {"success": True, "message": "Torrent deleted"}
        await place.world.server.idle()
        assert not any(one.release is made for one in place.debrid.items.values())

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/api/config"),
            ("GET", "/api/torrents"),
            ("POST", "/api/add"),
            ("GET", "/api/browse"),
            ("POST", "/api/repair"),
            ("POST", "/api/refresh-token"),
        ],
    )
    async def test_without_or_with_a_wrong_token(self, place: Place, method: str, path: str) -> None:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            answer = await place.world.server.ask(method, path, headers=headers)
            assert (answer.status, answer.json()["code"]) == (401, 401)

    async def test_who_may_what(self, place: Place) -> None:
        member = await place.world.server.client(Role.MEMBER)
        operator = await place.world.server.client(Role.OPERATOR)
        guest = await place.world.server.client(Role.GUEST)
        assert (await member.get("/api/torrents")).status == 200
        assert (await member.post("/api/add", {"url": place.release().magnet})).status == 403
        assert (await operator.post("/api/add", {"url": place.release().magnet})).status == 200
        assert (await operator.post("/api/config", {"log_level": "info"})).status == 403
        assert (await operator.get("/api/config", params={"reveal": "true"})).status == 403
        assert (await guest.get("/api/torrents")).status == 403

    async def test_unknown_paths_and_bodies(self, place: Place) -> None:
        unknown = await place.bearer.get(f"/api/torrents/{UNKNOWN}")
        assert (unknown.status, unknown.json()) == (404, refused(404, "The entry was not found."))
        broken = await place.bearer.ask("POST", "/api/add", data=b"{")
        assert broken.status == 400
        nothing = await place.bearer.post("/api/add", {})
        assert nothing.status == 400
