"""Every route of the REST face below both prefixes: what it answers, what it changes, and what it says to nonsense."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.acquire.world import World, world_of
from tests.fakes.real_debrid import RealDebrid, real_debrid
from tests.fakes.releases import Release, release
from tests.server import PASSWORD, Answer

pytestmark = pytest.mark.asyncio(loop_scope="module")
UNKNOWN = "0" * 40
PREFIXES = ("", "/acquire")
GARBLED = {"Content-Type": "multipart/form-data"}  # without a boundary nobody can read it


class Place:
    def __init__(self, world: World, debrid: RealDebrid, second: RealDebrid) -> None:
        self.world = world
        self.debrid = debrid
        self.second = second
        self.count = 0

    async def acquired(self, name: str = "") -> Release:
        self.count += 1
        made = release(f"Rest.{name or 'Film'}.{self.count}", (("movie.mkv", 30_000),))
        self.second.know(made)
        await self.world.acquired(self.debrid.know(made).magnet)
        return made

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        return await self.world.bearer.ask(method, path, json=body)

    async def good(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.ask(method, path, body)
        assert answer.status == 200, (path, answer.status, answer.text())
        return answer.json()

    async def broken(self, prefix: str) -> tuple[Release, str]:
        """An entry whose file is gone, found by a run that asks before it acts: its id."""
        made = await self.acquired("Broken")
        lost = {link for link, (owner, _) in self.debrid._links.items() if owner == made.info_hash}
        self.debrid.gone_links |= lost
        run = await self.good("POST", f"{prefix}/api/repair/health/{made.name}/check")
        await self.world.server.idle()
        return made, run["run_id"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with real_debrid() as debrid, real_debrid() as second:
        accounts = [
            {
                "provider": "realdebrid",
                "name": name,
                "api_key": "rd-key-canary",
                "base_url": fake.base_url,
                "rate_limit": "",
            }
            for name, fake in (("realdebrid", debrid), ("second", second))
        ]
        debrid.per_minute = second.per_minute = 100_000
        config: dict[str, Any] = {"debrids": accounts, "skip_pre_cache": True}
        async with world_of(tmp_path_factory.mktemp("rest"), **config) as world:
            yield Place(world, debrid, second)


def is_refusal(answer: Answer, code: int) -> bool:
    """The reference's shape of an error."""
    found = answer.json()
    return answer.status == code and set(found) == {"error", "code", "status"} and found["code"] == code


@pytest.mark.parametrize("prefix", PREFIXES)
class TestReads:
    @pytest.mark.parametrize(
        "path", ["/version", "/api/config", "/api/torrents", "/api/arrs", "/api/repair/jobs", "/api/repair/config"]
    )
    async def test_both_prefixes_answer_alike(self, place: Place, prefix: str, path: str) -> None:
        assert await place.good("GET", f"{prefix}{path}") == await place.good("GET", path)

    async def test_the_tree(self, place: Place, prefix: str) -> None:
        made = await place.acquired()
        root = await place.good("GET", f"{prefix}/api/browse")
        assert {"__all__", "__bad__", "torrents", "nzbs", "realdebrid", "radarr"} <= {
            one["name"] for one in root["entries"]
        }
        groups = await place.good("GET", f"{prefix}/api/browse/radarr?search={made.name}&sort_by=size&limit=5")
        assert [one["name"] for one in groups["entries"]] == [made.name]
        for folder in (f"radarr/{made.name}", f"__all__/radarr/{made.name}"):
            files = await place.good("GET", f"{prefix}/api/browse/{folder}")
            assert [one["name"] for one in files["entries"]] == ["movie.mkv"]
        content = await place.ask("GET", f"{prefix}/api/browse/download/{made.name}/movie.mkv")
        assert content.body == made.files[0][1]
        for wrong in (
            "none",
            "__all__/none",
            "__all__/radarr/none",
            f"download/{made.name}/none.mkv",
            "download/none/movie.mkv",
        ):
            assert is_refusal(await place.ask("GET", f"{prefix}/api/browse/{wrong}"), 404)
        assert is_refusal(await place.ask("GET", f"{prefix}/api/browse/__all__?sort_by=colour"), 400)

    async def test_one_entry(self, place: Place, prefix: str) -> None:
        made = await place.acquired()
        shown = await place.good("GET", f"{prefix}/api/torrents/{made.info_hash}")
        assert (shown["name"], shown["state"], shown["files"]["movie.mkv"]["size"]) == (made.name, "pausedUP", 30_000)
        assert is_refusal(await place.ask("GET", f"{prefix}/api/torrents/{UNKNOWN}"), 404)


@pytest.mark.parametrize("prefix", PREFIXES)
class TestEntries:
    async def test_adding(self, place: Place, prefix: str) -> None:
        made = place.debrid.know(release(f"Added{prefix.replace('/', '.')}"))
        [added] = await place.good("POST", f"{prefix}/api/add", {"url": made.magnet, "category": "sonarr"})
        assert (added["magnet"]["infoHash"], added["arr"]) == (made.info_hash, "sonarr")
        for wrong in ({}, {"url": made.magnet, "action": "eat"}, {"url": made.magnet, "debrid": "nobody"}):
            assert is_refusal(await place.ask("POST", f"{prefix}/api/add", wrong), 400)

    async def test_deleting(self, place: Place, prefix: str) -> None:
        first, second, third = [await place.acquired() for _ in range(3)]
        base = f"{prefix}/api"
        gone = await place.good("DELETE", f"{base}/torrents/radarr/{first.info_hash}?removeFromDebrid=true")
        assert gone == {"success": True, "deleted": 1}
        assert is_refusal(await place.ask("DELETE", f"{base}/torrents/radarr/{first.info_hash}"), 404)
        assert is_refusal(await place.ask("DELETE", f"{base}/torrents/sonarr/{second.info_hash}"), 404)
        assert await place.good("DELETE", f"{base}/torrents?hash={second.info_hash}") == {"success": True, "deleted": 1}
        assert is_refusal(await place.ask("DELETE", f"{base}/torrents"), 400)
        ids = {"ids": [third.info_hash, UNKNOWN]}
        assert (await place.good("DELETE", f"{base}/browse/torrents/batch", ids))["count"] == 1
        for wrong in ({}, {"ids": []}, {"ids": "all"}, {"ids": [1]}):
            assert is_refusal(await place.ask("DELETE", f"{base}/browse/torrents/batch", wrong), 400)
        assert is_refusal(await place.ask("DELETE", f"{base}/browse/torrents/{third.info_hash}"), 404)
        await place.world.server.idle()
        held = [item.release.name for item in place.debrid.items.values()]
        # Asked to, or deleted in the tree: gone there too. Deleted as a client does: what is complete stays.
        assert (first.name in held, second.name in held, third.name in held) == (False, True, False)
        fourth = await place.acquired()
        deleted = await place.good("DELETE", f"{base}/browse/torrents/{fourth.info_hash}")
        assert deleted == {"success": True, "message": "Torrent deleted"}

    async def test_trying_again(self, place: Place, prefix: str) -> None:
        made = release(f"Refused.First{prefix.replace('/', '.')}")
        for fake in (place.debrid, place.second):
            fake.know(made)
            fake.infringing.add(made.info_hash)
        await place.good("POST", f"{prefix}/api/add", {"url": made.magnet})
        await place.world.until(made.info_hash, "error", seconds=30)
        for fake in (place.debrid, place.second):
            fake.infringing.discard(made.info_hash)
        assert await place.good("POST", f"{prefix}/api/torrents/{made.info_hash}/retry") == {"success": True}
        await place.world.until(made.info_hash, "pausedUP", seconds=30)
        assert is_refusal(await place.ask("POST", f"{prefix}/api/torrents/{UNKNOWN}/retry"), 404)

    async def test_moving_to_another_account(self, place: Place, prefix: str) -> None:
        made = await place.acquired("Moved")
        job = await place.good("POST", f"{prefix}/api/torrents/{made.info_hash}/switch", {"target": "second"})
        assert (job["target_provider"], job["keep_old"]) == ("second", False)
        await place.world.server.idle()
        shown = await place.good("GET", f"{prefix}/api/torrents/{made.info_hash}")
        assert (shown["active_provider"], list(shown["providers"])) == ("second", ["second"])
        assert made.name not in [item.release.name for item in place.debrid.items.values()]
        switch = f"{prefix}/api/torrents/{made.info_hash}/switch"
        assert (await place.ask("POST", switch, {"target": "nobody"})).status in (400, 404)
        assert is_refusal(await place.ask("POST", f"{prefix}/api/torrents/{UNKNOWN}/switch", {"target": "second"}), 404)


@pytest.mark.parametrize("prefix", PREFIXES)
class TestConfigurationAndTokens:
    async def test_a_change_and_a_wrong_one(self, place: Place, prefix: str) -> None:
        changed = await place.good("POST", f"{prefix}/api/config", {"retries": 4})
        assert changed["changed"] == ["retries"]
        assert (await place.good("POST", f"{prefix}/api/config", {"retries": 3}))["changed"] == ["retries"]
        assert is_refusal(await place.ask("POST", f"{prefix}/api/config", {"retries": -1}), 400)

    async def test_a_new_token_ends_the_old_one(self, place: Place, prefix: str) -> None:
        first = (await place.good("POST", f"{prefix}/api/refresh-token"))["api_token"]
        assert len(bytes.fromhex(first)) == 32
        old = {"Authorization": f"Bearer {place.world.token}"}
        assert is_refusal(await place.world.server.ask("GET", "/api/config", headers=old), 401)
        place.world.token = first
        place.world.bearer = type(place.world.bearer)(
            place.world.url, place.world.server.session, {"Authorization": f"Bearer {first}"}
        )
        assert (await place.ask("GET", f"{prefix}/api/config")).status == 200


@pytest.mark.parametrize("prefix", PREFIXES)
class TestRepair:
    async def test_a_run_from_its_start_to_its_history(self, place: Place, prefix: str) -> None:
        base = f"{prefix}/api/repair"
        made = await place.acquired()
        run = (await place.good("POST", f"{base}/run?force=true&protocol=torrent"))["run_id"]
        await place.world.server.idle()
        shown = await place.good("GET", f"{base}/runs/{run}")
        assert (shown["status"], shown["stats"]["broken"]) == ("completed", 0)
        assert run in [one["id"] for one in await place.good("GET", f"{base}/runs")]
        status = await place.good("GET", f"{base}/status")
        assert (status["last_run"]["id"], status["health_counts"]["healthy"] > 0) == (run, True)
        health = await place.good("GET", f"{base}/health/{made.name}")
        assert health["status"] == "healthy"
        assert made.name in [one["entry_name"] for one in await place.good("GET", f"{base}/health?status=healthy")]
        assert await place.good("DELETE", f"{base}/runs", {"ids": [run]}) == {"success": True, "deleted": 1}
        for path in (f"runs/{run}", "health/none"):
            assert is_refusal(await place.ask("GET", f"{base}/{path}"), 404)
        for method, path, body in (
            ("POST", "run", {"protocol": "gopher"}),
            ("POST", "", {"scope": "moon"}),
            ("POST", "", {"recurring": True, "schedule": "soon"}),
            ("DELETE", "runs", {"ids": "all"}),
            ("DELETE", "jobs", {"ids": [1]}),
        ):
            assert is_refusal(await place.ask(method, f"{base}/{path}".rstrip("/"), body), 400)
        assert is_refusal(await place.ask("POST", base, {"arrName": "nobody"}), 404)
        assert is_refusal(await place.ask("POST", f"{base}/health/none/check"), 404)

    async def test_what_is_broken_is_put_back_or_forgotten(self, place: Place, prefix: str) -> None:
        base = f"{prefix}/api/repair"
        made, job = await place.broken(prefix)
        [listed] = [one for one in await place.good("GET", f"{base}/jobs") if one["id"] == job]
        assert (listed["status"], list(listed["broken_items"])) == ("pending", [made.name])
        place.debrid.gone_links.clear()
        fixed = await place.good("POST", f"{base}/fix", {"names": [made.name]})
        await place.world.server.idle()
        assert (await place.good("GET", f"{base}/runs/{fixed['run_id']}"))["stats"]["repaired"] in (0, 1)
        assert (await place.good("GET", f"{base}/health/{made.name}"))["status"] == "healthy"
        assert is_refusal(await place.ask("POST", f"{base}/fix", {"names": [made.name]}), 404)
        _, job = await place.broken(prefix)
        processed = await place.good("POST", f"{base}/jobs/{job}/process")
        await place.world.server.idle()
        assert processed["job_id"] != job
        assert is_refusal(await place.ask("POST", f"{base}/jobs/none/process"), 404)
        assert (await place.ask("POST", f"{base}/jobs/{job}/stop")).status == 409
        assert is_refusal(await place.ask("POST", f"{base}/jobs/none/stop"), 404)
        place.debrid.gone_links.clear()
        third, _ = await place.broken(prefix)
        assert await place.good("POST", f"{base}/clear", {"names": [third.name]}) == {"cleared": 1}
        assert is_refusal(await place.ask("GET", f"{base}/health/{third.name}"), 404)
        cleared = await place.good("POST", f"{base}/clear-state", {"statuses": ["healthy"]})
        assert cleared["statuses"] == ["healthy"]
        assert cleared["cleared"] >= 1
        assert await place.good("GET", f"{base}/health?status=healthy") == []
        for path, body in (
            ("clear", {"names": "x"}),
            ("clear-state", {}),
            ("clear-state", {"statuses": ["purple"]}),
            ("fix", {"names": 5}),
        ):
            assert is_refusal(await place.ask("POST", f"{base}/{path}", body), 400)
        place.debrid.gone_links.clear()
        assert (await place.good("DELETE", f"{base}/jobs"))["deleted"] >= 1
        assert await place.good("GET", f"{base}/jobs") == []

    async def test_a_run_is_stopped_and_there_is_only_one(self, place: Place, prefix: str) -> None:
        base = f"{prefix}/api/repair"
        await place.acquired()
        for stop in ("stop", "job"):
            held, let = asyncio.Event(), asyncio.Event()
            place.debrid.witness = Holding("before POST /unrestrict/check", held, let)
            run = (await place.good("POST", base))["run_id"] if stop == "stop" else ""
            run = run or (await place.good("POST", f"{base}/run?force=true"))["run_id"]
            async with asyncio.timeout(30):
                await held.wait()
            assert (await place.ask("POST", base)).status == 409
            active = (await place.good("GET", f"{base}/status"))["active_run"]
            assert (active["id"], active["status"]) == (run, "running")
            await place.good("POST", f"{base}/stop" if stop == "stop" else f"{base}/jobs/{run}/stop")
            let.set()
            place.debrid.witness = None
            await place.world.server.idle()
            assert (await place.good("GET", f"{base}/runs/{run}"))["status"] == "cancelled"
            await place.good("POST", f"{base}/clear-state", {"statuses": ["healthy", "unknown"]})
        assert is_refusal(await place.ask("POST", f"{base}/stop"), 404)

    async def test_its_configuration(self, place: Place, prefix: str) -> None:
        path = f"{prefix}/api/repair/config"
        changed = await place.good("PUT", path, {"workers": 7, "schedule": "04:30"})
        assert (changed["workers"], changed["schedule"]) == (7, "04:30")
        assert await place.good("GET", path) == changed
        for wrong in ({"schedule": "never"}, {"source": "moon"}, {"nntp_connection_percent": 101}, [1]):
            assert is_refusal(await place.ask("PUT", path, wrong), 400)
        assert await place.good("GET", path) == changed
        scheduled = await place.good("POST", f"{prefix}/api/repair", {"recurring": True, "schedule": "12h"})
        assert scheduled["message"] == "Repair job scheduled"
        assert (await place.good("GET", path))["enabled"] is True
        assert "next_run_at" in await place.good("GET", f"{prefix}/api/repair/status")
        await place.good("PUT", path, {"enabled": False, "schedule": ""})

    async def test_a_title_of_an_arr(self, place: Place, prefix: str) -> None:
        path = f"{prefix}/api/repair/recheck/media"
        assert is_refusal(await place.ask("POST", path, {"arr": "nobody", "media_id": "1"}), 404)
        assert is_refusal(await place.ask("POST", path, {"arr": "radarr"}), 400)


class Holding:
    """Keeps a call of the provider's waiting."""

    def __init__(self, at: str, held: asyncio.Event, let: asyncio.Event) -> None:
        self._at, self._held, self._let = at, held, let

    async def __call__(self, call: str) -> None:
        if call.startswith(self._at):
            self._held.set()
            await self._let.wait()


class TestDiagnosis:
    async def test_statistics_and_holdings(self, place: Place) -> None:
        made = await place.acquired()
        stats = await place.good("GET", "/acquire/debug/stats")
        assert stats["library"]["folders"] >= 1
        assert [one["name"] for one in stats["debrids"]] == ["realdebrid", "second"]
        assert stats["usenet"] == []
        mine = {"debrid": "realdebrid", "name": made.name, "hash": made.info_hash, "size": 30_000}
        assert mine in await place.good("GET", "/acquire/debug/ingests")
        assert mine in await place.good("GET", "/acquire/debug/ingests/realdebrid")
        assert is_refusal(await place.ask("GET", "/acquire/debug/ingests/nobody"), 404)
        assert (await place.ask("GET", "/acquire/debug/logs")).headers["content-type"].startswith("text/plain")
        assert is_refusal(await place.ask("GET", "/acquire/debug/logs/rclone"), 404)

    async def test_speed(self, place: Place) -> None:
        found = await place.good("POST", "/acquire/debug/speedtest", {"protocol": "debrid", "provider": "realdebrid"})
        assert (found["error"], found["latency_ms"] > 0) == ("", True)
        assert is_refusal(await place.ask("POST", "/acquire/debug/speedtest", {"protocol": "smoke"}), 400)
        for protocol in ("debrid", "nntp"):
            sent = {"protocol": protocol, "provider": "nobody"}
            assert is_refusal(await place.ask("POST", "/acquire/debug/speedtest", sent), 404)

    async def test_a_players_complaint_starts_a_run(self, place: Place) -> None:
        run = await place.good("POST", "/acquire/webhooks/tautulli", {"topic": "tautulli"})
        await place.world.server.idle()
        assert (await place.good("GET", f"/api/repair/runs/{run['run_id']}"))["status"] == "completed"
        assert is_refusal(await place.ask("POST", "/acquire/webhooks/tautulli", {"topic": "other"}), 400)
        sent = {"topic": "tautulli", "arr": "nobody", "media_id": 1}
        assert is_refusal(await place.ask("POST", "/acquire/webhooks/tautulli", sent), 404)

    @pytest.mark.parametrize("path", ["cleanup", "purge"])
    async def test_there_is_no_mount_of_our_own(self, place: Place, path: str) -> None:
        assert is_refusal(await place.ask("POST", f"/acquire/api/mount/cache/{path}"), 400)


class TestTheWizardOfTheOriginal:
    @pytest.mark.parametrize("path", ["login", "register", "setup"])
    async def test_its_pages_lead_to_ours(self, place: Place, path: str) -> None:
        answer = await place.world.server.ask("GET", f"/acquire/{path}")
        assert (answer.status, answer.headers["location"]) == (302, "/app/")

    async def test_signing_in(self, place: Place) -> None:
        server = place.world.server
        good = await server.ask("POST", "/acquire/login", json={"username": "owner", "password": PASSWORD})
        assert good.status == 200
        cookie = good.headers["set-cookie"].partition(";")[0]
        assert (await server.ask("GET", "/api/torrents", headers={"Cookie": cookie})).status == 200
        wrong = await server.ask("POST", "/acquire/login", json={"username": "owner", "password": "wrong-one-7"})
        assert is_refusal(wrong, 401)
        assert is_refusal(await server.ask("POST", "/acquire/login", json=[1]), 400)

    @pytest.mark.parametrize("path", ["register", "skip-auth", "api/setup/complete"])
    async def test_it_is_over_once_there_is_an_owner(self, place: Place, path: str) -> None:
        assert is_refusal(await place.ask("POST", f"/acquire/{path}", {}), 403)

    async def test_a_new_password(self, place: Place) -> None:
        server, path = place.world.server, "/acquire/api/update-auth"
        signed_in = await server.ask("POST", "/acquire/login", json={"username": "owner", "password": PASSWORD})
        headers = {"Cookie": signed_in.headers["set-cookie"].partition(";")[0], "Origin": place.world.url}
        for wrong in ({"password": "", "confirm_password": ""}, {"password": "abc", "confirm_password": "abd"}):
            assert is_refusal(await server.ask("POST", path, json=wrong, headers=headers), 400)
        sent = {"username": "owner", "password": "another-word-7", "confirm_password": "another-word-7"}
        assert is_refusal(await place.ask("POST", path, sent), 403)  # a key is no recent sign-in
        answer = await server.ask("POST", path, json=sent, headers=headers)
        assert answer.status == 200, answer.text()
        again = {"username": "owner", "password": "another-word-7"}
        assert (await server.ask("POST", "/acquire/login", json=again)).status == 200


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "path",
    [
        *("/api/config", "/api/refresh-token", "/api/add", "/api/repair", "/api/repair/run", "/api/repair/stop"),
        *("/api/repair/fix", "/api/repair/clear", "/api/repair/clear-state", "/api/repair/recheck/media"),
        *("/api/repair/jobs/x/stop", "/api/repair/jobs/x/process", "/api/repair/health/x/check"),
        *(f"/api/torrents/{UNKNOWN}/retry", f"/api/torrents/{UNKNOWN}/switch"),
    ],
)
async def test_a_body_that_nobody_can_read(place: Place, prefix: str, path: str) -> None:
    answer = await place.world.bearer.ask("POST", f"{prefix}{path}", data=b"--x", headers=GARBLED)
    assert is_refusal(answer, 400)
