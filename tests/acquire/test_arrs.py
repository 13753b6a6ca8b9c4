"""Sonarr and Radarr: how they come in, what their queues are cleared of, what they are made to search for again."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from polycast.acquire.arrs.cleanup_store import CleanupStore
from polycast.core.jobs import Tick
from tests.acquire.world import World, world_of
from tests.fakes.arr import Arr, arr_server
from tests.fakes.real_debrid import RealDebrid, real_debrid
from tests.fakes.releases import Release, release

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN = "/polycast/v1/acquire"


class Place:
    def __init__(self, world: World, debrid: RealDebrid, sonarr: Arr, radarr: Arr, folder: Path) -> None:
        self.world = world
        self.debrid = debrid
        self.sonarr = sonarr
        self.radarr = radarr
        self.folder = folder  # what the Arrs call their library
        self.count = 0

    def release(self, name: str = "Film", files: Any = (("movie.mkv", 30_000),)) -> Release:
        self.count += 1
        return self.debrid.know(release(f"{name}.{self.count}", files))

    async def job(self, name: str) -> None:
        await self.world.server.house.core.db.write(lambda unit: unit.enqueue(name, Tick()))
        await self.world.server.idle()

    async def stuck(self, arr: Arr, made: Release, words: str, *, for_minutes: int = 6, status: str = "warning") -> int:
        """An item in an Arr's queue that it cannot import; its id there."""
        number = 1000 + self.count
        arr.queue.append(
            {
                "id": number,
                "downloadId": made.info_hash.upper(),
                "title": made.name,
                "status": "failed" if status == "failed" else "completed",
                "trackedDownloadStatus": status,
                "statusMessages": [{"title": made.name, "messages": [words]}],
            }
        )
        clock, db = self.world.server.house.core.clock, self.world.server.house.core.db
        since = clock.now() - timedelta(minutes=for_minutes)
        ids = [row["downloadId"] for row in arr.queue]
        await db.write(CleanupStore().seen, arr.category, ids, since)
        return number

    def lose(self, made: Release) -> None:
        """The provider has it no more, and will not have it again."""
        self.debrid.lose(made)

    def film(self, made: Release, number: int, *, grabbed: bool = True) -> None:
        """It is in Radarr's library, as a link that it has imported."""
        place = self.folder / f"{made.name}.mkv"
        place.symlink_to(f"/mnt/acquire/__all__/{made.name}/movie.mkv")
        self.radarr.movies.append(
            {"id": number, "title": made.name, "movieFile": {"id": number + 500, "path": str(place)}}
        )
        if grabbed:
            self.radarr.grabs.append(
                {"id": number + 900, "movieId": number, "eventType": "grabbed", "sourceTitle": made.name}
            )


@asynccontextmanager
async def arrs(folder: Path) -> AsyncIterator[Place]:
    """Two Arrs that are strangers yet."""
    async with real_debrid() as debrid, arr_server("Sonarr") as sonarr, arr_server() as radarr:
        debrid.per_minute = 100_000
        account = {
            "provider": "realdebrid",
            "name": "rd",
            "api_key": "rd-key-canary",
            "base_url": debrid.base_url,
            "rate_limit": "",
        }
        config: dict[str, Any] = {"debrids": [account], "skip_pre_cache": True}
        async with world_of(folder, **config) as world:
            (folder / "library").mkdir()
            yield Place(world, debrid, sonarr, radarr, folder / "library")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with arrs(tmp_path_factory.mktemp("arrs")) as place:
        for arr in (place.sonarr, place.radarr):
            await let_in(place, arr)
        yield place


async def let_in(place: Place, arr: Arr) -> None:
    new = {"name": arr.category, "host": arr.url, "token": arr.key, "kind": arr.category}
    assert (await place.world.owner.post(f"{OWN}/arrs", new)).status == 200


async def test_an_arr_is_found_by_its_own_sign_in(tmp_path: Path) -> None:
    """A stranger gets nothing and causes no request; once approved it is let in, under its own name as category."""
    async with arrs(tmp_path) as place:
        for arr in (place.sonarr, place.radarr):
            sent = {"username": arr.url, "password": arr.key}
            knocked = await place.world.server.ask("POST", "/api/v2/auth/login", data=sent)
            assert (knocked.text(), arr.calls) == ("Fails.", [])
        pending = (await place.world.owner.get(f"{OWN}/arrs")).json()["items"]
        assert [(one["host"], one["state"]) for one in pending] == [
            (place.sonarr.url, "pending"),
            (place.radarr.url, "pending"),
        ]
        for row, arr in zip(pending, (place.sonarr, place.radarr), strict=True):
            approved = await place.world.owner.post(f"{OWN}/arrs/{row['id']}/approve", {})
            assert (approved.status, approved.json()["kind"]) == (200, arr.app_name.lower())
            # Its name is what its category is called; a person may say otherwise.
            await place.world.owner.delete(f"{OWN}/arrs/{row['id']}")
            await let_in(place, arr)
            sent = {"username": arr.url, "password": arr.key}
            assert (await place.world.server.ask("POST", "/api/v2/auth/login", data=sent)).text() == "Ok."
            wrong = {"username": arr.url, "password": "wrong"}
            assert (await place.world.server.ask("POST", "/api/v2/auth/login", data=wrong)).text() == "Fails."
            listed = (await place.world.bearer.get("/api/arrs")).json()
            assert arr.category in [one["name"] for one in listed]
            assert arr.key not in str(listed)


class TestItsOwnRequests:
    async def test_basic_is_enough(self, place: Place) -> None:
        good, bad = basic(place.radarr.url, place.radarr.key), basic(place.radarr.url, "wrong")
        server = place.world.server
        assert (await server.get("/api/v2/torrents/info", headers={"Authorization": good})).status == 200
        assert (await server.get("/api/v2/torrents/info", headers={"Authorization": bad})).status == 401
        assert (await server.ask("POST", "/api/config", json={}, headers={"Authorization": good})).status == 403

    async def test_it_is_told_that_something_has_arrived(self, place: Place) -> None:
        before = place.radarr.commands.count("RefreshMonitoredDownloads")
        await place.world.acquired(place.release().magnet, category="radarr")
        await place.world.server.idle()
        assert place.radarr.commands.count("RefreshMonitoredDownloads") == before + 1


class TestWhatAnArrCannotSee:
    async def test_is_not_complete_until_it_can_and_the_reason_is_said(self, place: Place) -> None:
        place.radarr.sees_everything = False
        made = place.release()
        await place.world.bearer.ask("POST", "/api/v2/torrents/add", data={"urls": made.magnet, "category": "radarr"})
        await place.world.until(made.info_hash, "moving", seconds=30)
        waiting = await seen(place, made)
        assert "radarr cannot see" in waiting["last_error"]
        assert "remote path mapping" in waiting["last_error"]
        place.radarr.sees_everything = True
        await place.world.until(made.info_hash, "pausedUP", seconds=60)

    async def test_its_path_mappings_are_followed(self, place: Place) -> None:
        place.radarr.remote_paths = [
            {"host": "polycast", "remotePath": f"{place.world.folder}/", "localPath": "/data/elsewhere/"}
        ]
        made = place.release()
        await place.world.acquired(made.magnet, category="radarr")
        assert place.radarr.looked_at[-1] == f"/data/elsewhere/radarr/{made.name}"
        place.radarr.remote_paths = []


def basic(name: str, password: str) -> str:
    """As Arrs send it: their address is the name, its colons unescaped."""
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"


async def seen(place: Place, made: Release) -> dict[str, Any]:
    """The entry once it waits with a reason."""
    while True:
        found = (await place.world.bearer.get(f"/api/torrents/{made.info_hash}")).json()
        if found["last_error"] or found["state"] == "pausedUP":
            return dict(found)


class TestItsQueue:
    @pytest.mark.parametrize(
        ("words", "blocklist", "searches"),
        [
            ("No files found are eligible for import in /x", "true", "true"),
            ("Unable to parse download, it may be in the wrong category", "true", "true"),
            ("Episode 3 was not imported or missing from the release", "true", "true"),
        ],
    )
    async def test_what_cannot_be_imported_is_blocklisted_and_searched_again(
        self, place: Place, words: str, blocklist: str, searches: str
    ) -> None:
        made = place.release()
        await place.world.acquired(made.magnet, category="radarr")
        number = await place.stuck(place.radarr, made, words)
        await place.job("acquire.clean_queues")
        assert place.radarr.dropped[-1] == {"ids": [number], "blocklist": blocklist, "skipRedownload": "false"}
        count = len(place.radarr.dropped)
        await place.job("acquire.clean_queues")
        assert len(place.radarr.dropped) == count

    async def test_a_title_that_it_doubts_is_imported(self, place: Place) -> None:
        made = place.release()
        await place.world.acquired(made.magnet, category="sonarr")
        place.sonarr.candidates[made.info_hash.upper()] = [
            {"path": "/x/movie.mkv", "folderName": made.name, "series": {"id": 4}, "episodes": [{"id": 9}]}
        ]
        await place.stuck(place.sonarr, made, "Series title mismatch; automatic import is not possible")
        await place.job("acquire.clean_queues")
        [sent] = place.sonarr.imports
        assert (sent["importMode"], sent["files"][0]["seriesId"], sent["files"][0]["episodeIds"]) == ("copy", 4, [9])
        assert place.sonarr.dropped == []

    async def test_what_is_young_or_not_ours_or_none_of_our_business_stays(self, place: Place) -> None:
        before = len(place.radarr.dropped)
        young, path = place.release(), place.release()
        for made in (young, path):
            await place.world.acquired(made.magnet, category="radarr")
        place.radarr.queue.clear()
        await place.stuck(place.radarr, release("Not.Ours"), "No files found are eligible for import")
        await place.stuck(place.radarr, path, "/x is not a valid local path. You may need a Remote Path Mapping")
        await place.stuck(place.radarr, young, "No files found are eligible for import", for_minutes=1)
        await place.job("acquire.clean_queues")
        assert len(place.radarr.dropped) == before
        place.radarr.queue.clear()

    async def test_a_dry_run_only_says_so_and_an_own_rule_counts(self, place: Place) -> None:
        made = place.release()
        await place.world.acquired(made.magnet, category="radarr")
        before = len(place.radarr.dropped)
        rule = {"id": "mine", "match": "smells of fish", "action": "blacklist"}
        await place.world.configure(queue_cleanup={"dry_run": True, "rules": [rule]})
        await place.stuck(place.radarr, made, "It smells of FISH")
        await place.job("acquire.clean_queues")
        assert len(place.radarr.dropped) == before
        await place.world.configure(queue_cleanup={"dry_run": False})
        place.radarr.queue.clear()
        again = place.release()
        await place.world.acquired(again.magnet, category="radarr")
        number = await place.stuck(place.radarr, again, "It smells of FISH")
        await place.job("acquire.clean_queues")
        assert place.radarr.dropped[-1] == {"ids": [number], "blocklist": "true", "skipRedownload": "true"}

    async def test_never_more_than_so_many_in_an_hour(self, place: Place) -> None:
        made = [place.release() for _ in range(25)]
        for one in made:
            await place.world.bearer.ask(
                "POST", "/api/v2/torrents/add", data={"urls": one.magnet, "category": "sonarr"}
            )
        for one in made:
            await place.world.until(one.info_hash, "pausedUP", seconds=60)
            place.count += 1
            await place.stuck(place.sonarr, one, "No files found are eligible for import")
        await place.job("acquire.clean_queues")
        await place.job("acquire.clean_queues")
        assert sum(len(one["ids"]) for one in place.sonarr.dropped) + len(place.sonarr.imports) == 20
        place.sonarr.queue.clear()

    async def test_our_own_failure_is_pushed_so_that_it_searches_again(self, place: Place) -> None:
        made = place.release()
        place.debrid.infringing.add(made.info_hash)
        number = 77
        place.radarr.queue = [{"id": number, "downloadId": made.info_hash.upper(), "title": made.name}]
        answer = await place.world.bearer.post("/api/add", {"url": made.magnet, "arr": "radarr"})
        assert answer.status == 200
        await place.world.until(made.info_hash, "error", seconds=30)
        await place.world.server.idle()
        assert place.radarr.dropped[-1] == {"ids": [number], "blocklist": "true", "skipRedownload": "false"}
        place.radarr.queue.clear()


class TestARepairThroughAnArr:
    async def repaired(self, place: Place, **wish: Any) -> dict[str, Any]:
        sent = {"scope": "managed_entries", "mode": "detect_and_repair", "strategy": "per_file", **wish}
        started = (await place.world.bearer.post("/api/repair", sent)).json()
        await place.world.server.idle()
        run = await place.world.bearer.get(f"/api/repair/runs/{started['run_id']}")
        return dict(run.json())

    async def test_a_film_that_nobody_has_is_searched_again(self, place: Place) -> None:
        made = place.release("Lost")
        await place.world.acquired(made.magnet, category="radarr")
        place.film(made, 7)
        place.lose(made)
        run = await self.repaired(place)
        assert (run["status"], run["stats"]["broken"], run["stats"]["repaired"]) == ("completed", 1, 1)
        assert (place.radarr.deleted, place.radarr.failed) == ([507], [907])
        again = await self.repaired(place)
        assert place.radarr.deleted == [507], again  # never twice

    async def test_without_a_grab_it_is_a_plain_search(self, place: Place) -> None:
        made = place.release("Unknown.Origin")
        await place.world.acquired(made.magnet, category="radarr")
        place.film(made, 8, grabbed=False)
        place.lose(made)
        await self.repaired(place)
        assert place.radarr.searched == [{"name": "MoviesSearch", "movieIds": [8]}]

    async def test_an_episode_behind_a_strm_file(self, place: Place) -> None:
        made = place.release("A Show with blanks", (("S01E01.mkv", 30_000), ("S01E02.mkv", 20_000)))
        await place.world.acquired(made.magnet, category="sonarr")
        paths = []
        for number in (1, 2):
            path = place.folder / f"show.s01e0{number}.strm"
            quoted = made.name.replace(" ", "%20")
            path.write_text(f"{place.world.url}/webdav/stream/__all__/{quoted}/S01E0{number}.mkv?token=x\n")
            paths.append(path)
        place.sonarr.series = [{"id": 3, "title": "A Show"}]
        place.sonarr.episodes[3] = [{"id": 30 + n, "episodeFileId": 300 + n, "seasonNumber": 1} for n in (1, 2)]
        place.sonarr.episode_files[3] = [{"id": 300 + n, "path": str(paths[n - 1]), "seasonNumber": 1} for n in (1, 2)]
        place.sonarr.grabs = [{"id": 333, "episodeId": 31, "eventType": "grabbed"}]
        place.lose(made)
        await self.repaired(place)
        assert len(place.sonarr.deleted) == 1  # of so few that were looked at, one goes without a person's word
        await self.repaired(place)
        assert sorted(place.sonarr.deleted) == [301, 302]
        assert place.sonarr.failed == [333]
        assert place.sonarr.searched == [{"name": "EpisodeSearch", "episodeIds": [32]}]

    @pytest.mark.parametrize("prefix", ["", "/acquire"])
    async def test_one_title_is_looked_at_alone(self, place: Place, prefix: str) -> None:
        made = place.release("One.Title")
        await place.world.acquired(made.magnet, category="radarr")
        number = 50 + len(prefix)
        place.film(made, number)
        sent = {"arr": "radarr", "media_id": str(number)}
        started = await place.world.bearer.post(f"{prefix}/api/repair/recheck/media", sent)
        assert started.status == 200
        await place.world.server.idle()
        run = (await place.world.bearer.get(f"/api/repair/runs/{started.json()['run_id']}")).json()
        assert (run["status"], run["stats"]["candidates"], run["stats"]["healthy"]) == ("completed", 1, 1)

    async def test_never_in_masses_unless_a_person_says_so(self, place: Place) -> None:
        made = [place.release("Mass") for _ in range(8)]
        for number, one in enumerate(made):
            await place.world.acquired(one.magnet, category="radarr")
            place.film(one, 100 + number)
        for one in made:
            place.lose(one)
        before = len(place.radarr.deleted)
        run = await self.repaired(place)
        deleted = len(place.radarr.deleted) - before
        # Eight of some forty entries: at most a tenth of what was looked at goes without a person's word.
        assert 0 < deleted < len(made)
        assert deleted + run["stats"]["held_back"] >= len(made)


class TestAPackOfSeasons:
    async def test_becomes_an_entry_for_each_season_and_one_may_be_deleted_alone(self, place: Place) -> None:
        files = [(f"Season {s}/Show.S0{s}E0{e}.mkv", 20_000 + s * 100 + e) for s in (1, 2) for e in (1, 2)]
        made = place.debrid.know(release("Show.S01-S02.1080p", tuple(files)))
        await place.world.bearer.ask("POST", "/api/v2/torrents/add", data={"urls": made.magnet, "category": "sonarr"})
        await place.world.until(made.info_hash, "pausedUP", seconds=30)
        rows = (await place.world.bearer.get("/api/v2/torrents/info", params={"category": "sonarr"})).json()
        parts = {
            row["name"]: row for row in rows if row["name"].startswith("Show.S0") and row["hash"] != made.info_hash
        }
        assert set(parts) == {"Show.S01.1080p", "Show.S02.1080p"}
        for name, row in parts.items():
            await place.world.until(row["hash"], "pausedUP", seconds=30)
            folder = place.world.folder / "sonarr" / name
            season = int(name[7])
            assert sorted(path.name for path in folder.iterdir()) == [f"Show.S0{season}E0{e}.mkv" for e in (1, 2)]
        first, second = parts["Show.S01.1080p"], parts["Show.S02.1080p"]
        await place.world.bearer.ask(
            "POST", "/api/v2/torrents/delete", data={"hashes": first["hash"], "deleteFiles": "true"}
        )
        await place.world.server.idle()
        assert not (place.world.folder / "sonarr" / "Show.S01.1080p").exists()
        url = f"/api/browse/download/{second['name']}/Show.S02E01.mkv"
        assert (await place.world.bearer.get(url)).body == made.files[2][1]
        assert (
            await place.world.bearer.get("/api/v2/torrents/properties", params={"hash": made.info_hash})
        ).status == 200
