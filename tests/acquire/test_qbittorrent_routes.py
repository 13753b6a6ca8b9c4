"""Every route of the qBittorrent face, below both prefixes, with GET and POST: what it answers, what it changes, what it refuses."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.acquire.world import World, world_of
from tests.fakes.real_debrid import RealDebrid, real_debrid
from tests.fakes.releases import Release, release
from tests.server import Answer

pytestmark = pytest.mark.asyncio(loop_scope="module")
UNKNOWN = "0" * 40
PREFIXES = ("", "/acquire")
GARBLED = {"Content-Type": "multipart/form-data"}  # without a boundary nobody can read it
TRACKER = "http://tracker.example.net/announce"


class Place:
    """One entry that is complete, one that is not."""

    def __init__(self, world: World, debrid: RealDebrid, done: Release, waiting: Release) -> None:
        self.world = world
        self.debrid = debrid
        self.done = done
        self.waiting = waiting

    def filled(self, values: Mapping[str, str]) -> dict[str, str]:
        return {name: self.words(value) for name, value in values.items()}

    def words(self, text: str) -> str:
        words = {"<DONE>": self.done.info_hash, "<WAITING>": self.waiting.info_hash}
        return words.get(text, text)

    async def ask(self, method: str, path: str, form: Mapping[str, str]) -> Answer:
        form = self.filled(form)
        if method == "GET":
            return await self.world.bearer.get(path, params=form)
        return await self.world.bearer.ask("POST", path, data=form)

    async def info(self, info_hash: str) -> dict[str, Any]:
        [found] = (await self.world.bearer.get("/api/v2/torrents/info", params={"hashes": info_hash})).json()
        return dict(found)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with real_debrid() as debrid:
        debrid.per_minute, debrid.fetch_seconds = 100_000, 100_000.0
        account = {
            "provider": "realdebrid",
            "name": "realdebrid",
            "api_key": "rd-key-canary",
            "base_url": debrid.base_url,
            "download_uncached": True,
            "rate_limit": "",
        }
        async with world_of(tmp_path_factory.mktemp("routes"), debrids=[account]) as world:
            done = debrid.know(release("Every.Route.S01", (("e01.mkv", 40_000), ("e02.mkv", 30_000))))
            waiting = debrid.know(release("Still.Coming", (("movie.mkv", 40_000),)), cached=False)
            for made in (done, waiting):
                answer = await world.bearer.ask(
                    "POST", "/api/v2/torrents/add", data={"urls": made.magnet, "category": "radarr"}
                )
                assert answer.text() == "Ok."
            await world.until(done.info_hash, "pausedUP", seconds=60)
            await world.until(waiting.info_hash, "downloading", seconds=60)
            yield Place(world, debrid, done, waiting)


# path -> parameters, and the answer: text, the whole JSON, or for an object some of its members
READS: dict[str, tuple[dict[str, str], Any]] = {
    "app/version": ({}, "v4.6.7"),
    "app/webapiVersion": ({}, "2.9.3"),
    "app/buildInfo": ({}, {"bitness": 64, "libtorrent": "2.0.10.0"}),
    "app/preferences": ({}, {"dht": True, "max_ratio_act": 0, "queueing_enabled": True}),
    "app/networkInterfaceList": ({}, []),
    "app/networkInterfaceAddressList": ({}, []),
    "app/getDirectoryContent": ({"dirPath": "/"}, []),
    "app/cookies": ({}, []),
    "log/peers": ({}, []),
    "sync/maindata": ({"rid": "0"}, {"full_update": True, "tags": []}),
    "sync/torrentPeers": ({"hash": "<DONE>"}, {"full_update": True, "peers": {}}),
    "transfer/info": ({}, {"connection_status": "connected", "dht_nodes": 0}),
    "transfer/speedLimitsMode": ({}, "0"),
    "transfer/downloadLimit": ({}, "0"),
    "transfer/uploadLimit": ({}, "0"),
    "torrents/count": ({}, "2"),
    "torrents/properties": ({"hash": "<DONE>"}, {"total_size": 70_000, "pieces_num": 1}),
    "torrents/trackers": ({"hash": "<DONE>"}, None),
    "torrents/webseeds": ({"hash": "<DONE>"}, []),
    "torrents/pieceStates": ({"hash": "<DONE>"}, [2]),
    "torrents/pieceHashes": ({"hash": "<DONE>"}, []),
    "torrents/categories": ({}, {"radarr": None, "sonarr": None}),
    "torrents/tags": ({}, []),
    "torrents/downloadLimit": ({"hashes": "<DONE>"}, {"<DONE>": 0}),
    "torrents/uploadLimit": ({"hashes": "<DONE>"}, {"<DONE>": 0}),
}
REFUSED_READS = [
    ("torrents/properties", {"hash": UNKNOWN}, 404),
    ("torrents/files", {"hash": UNKNOWN}, 404),
    ("torrents/files", {"hash": "<DONE>", "indexes": "7"}, 409),
    ("torrents/trackers", {"hash": ""}, 404),
    ("torrents/webseeds", {"hash": UNKNOWN}, 404),
    ("torrents/pieceStates", {"hash": UNKNOWN}, 404),
    ("torrents/pieceHashes", {"hash": UNKNOWN}, 404),
    ("torrents/export", {"hash": UNKNOWN}, 404),
    ("torrents/export", {"hash": "<DONE>"}, 409),
    ("sync/torrentPeers", {"hash": UNKNOWN}, 404),
    ("torrents/info", {"sort": "no_such_field"}, 400),
    ("torrents/downloadLimit", {}, 400),
    ("torrents/uploadLimit", {}, 400),
]


@pytest.mark.parametrize("prefix", PREFIXES)
class TestReads:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("path", READS)
    async def test_the_answer(self, place: Place, prefix: str, method: str, path: str) -> None:
        form, expected = READS[path]
        answer = await place.ask(method, f"{prefix}/api/v2/{path}", form)
        assert answer.status == 200
        if isinstance(expected, str):
            assert answer.text() == expected
        elif isinstance(expected, dict):
            found = answer.json()
            for name, value in expected.items():
                assert place.words(name) in found
                assert value is None or found[place.words(name)] == value
        elif expected is not None:
            assert answer.json() == expected

    @pytest.mark.parametrize("method", ["GET", "POST"])
    async def test_what_depends_on_where_it_is(self, place: Place, prefix: str, method: str) -> None:
        base = f"{prefix}/api/v2"
        assert (await place.ask(method, f"{base}/app/defaultSavePath", {})).text() == str(place.world.folder)
        files = (await place.ask(method, f"{base}/torrents/files", {"hash": "<DONE>", "indexes": "1"})).json()
        assert [(one["index"], one["name"], one["size"]) for one in files] == [(1, "Every.Route.S01/e02.mkv", 30_000)]
        rows = (await place.ask(method, f"{base}/torrents/info", {"filter": "downloading"})).json()
        assert [row["hash"] for row in rows] == [place.waiting.info_hash]
        lines = (await place.ask(method, f"{base}/log/main", {"normal": "false", "last_known_id": "-1"})).json()
        assert all(line["type"] in (2, 4, 8) and line["message"] for line in lines)
        assert (await place.ask(method, f"{base}/log/main", {"last_known_id": "999999999"})).json() == []

    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize(("path", "form", "status"), REFUSED_READS)
    async def test_what_is_not_there(
        self, place: Place, prefix: str, method: str, path: str, form: dict[str, str], status: int
    ) -> None:
        answer = await place.ask(method, f"{prefix}/api/v2/{path}", form)
        assert answer.status == status
        assert answer.headers["content-type"].startswith("text/plain")

    async def test_the_torrent_itself(self, place: Place, prefix: str) -> None:
        made = place.debrid.know(release(f"As.A.File{prefix.replace('/', '.')}"))
        form = aiohttp.FormData()
        form.add_field("torrents", made.torrent, filename="x", content_type="application/x-bittorrent")
        added = await place.world.bearer.ask("POST", f"{prefix}/api/v2/torrents/add", data=form)
        assert added.text() == "Ok."
        await place.world.until(made.info_hash, "pausedUP", seconds=60)
        for method in ("GET", "POST"):
            answer = await place.ask(method, f"{prefix}/api/v2/torrents/export", {"hash": made.info_hash})
            assert (answer.headers["content-type"], answer.body) == ("application/x-bittorrent", made.torrent)
            pieces = await place.ask(method, f"{prefix}/api/v2/torrents/pieceHashes", {"hash": made.info_hash})
            assert [len(one) for one in pieces.json()] == [40] * 5
        await place.ask("POST", "/api/v2/torrents/delete", {"hashes": made.info_hash, "deleteFiles": "true"})

    async def test_the_oldest_question(self, place: Place, prefix: str) -> None:
        answer = await place.world.server.get(f"{prefix}/version/api")
        assert (answer.status, answer.text()) == (200, "20")


# path -> a good form; then, of the entry, what `torrents/info` says afterwards
CHANGES: list[tuple[str, dict[str, str], str, dict[str, Any]]] = [
    ("torrents/pause", {"hashes": "<WAITING>"}, "<WAITING>", {"state": "pausedDL"}),
    ("torrents/resume", {"hashes": "<WAITING>"}, "<WAITING>", {"state": "downloading"}),
    ("torrents/stop", {"hashes": "<WAITING>"}, "<WAITING>", {"state": "pausedDL"}),
    ("torrents/start", {"hashes": "<WAITING>"}, "<WAITING>", {"state": "downloading"}),
    ("torrents/reannounce", {"hashes": "<DONE>"}, "<DONE>", {"state": "pausedUP"}),
    ("torrents/addPeers", {"hashes": "<DONE>", "peers": "10.0.0.1:1"}, "<DONE>", {"num_leechs": 0}),
    ("torrents/topPrio", {"hashes": "<WAITING>"}, "<WAITING>", {"priority": 1}),
    ("torrents/bottomPrio", {"hashes": "<WAITING>"}, "<WAITING>", {"priority": 1}),
    ("torrents/increasePrio", {"hashes": "<WAITING>"}, "<WAITING>", {"priority": 1}),
    ("torrents/decreasePrio", {"hashes": "<WAITING>"}, "<WAITING>", {"priority": 1}),
    ("torrents/setForceStart", {"hashes": "<WAITING>", "value": "true"}, "<WAITING>", {"force_start": True}),
    ("torrents/setForceStart", {"hashes": "<WAITING>", "value": "false"}, "<WAITING>", {"force_start": False}),
    ("torrents/setShareLimits", {"hashes": "<DONE>", "ratioLimit": "3"}, "<DONE>", {"ratio_limit": 3}),
    ("torrents/setDownloadLimit", {"hashes": "<DONE>", "limit": "9"}, "<DONE>", {"dl_limit": 9}),
    ("torrents/setUploadLimit", {"hashes": "<DONE>", "limit": "8"}, "<DONE>", {"up_limit": 8}),
    ("torrents/toggleSequentialDownload", {"hashes": "<DONE>"}, "<DONE>", {"seq_dl": True}),
    ("torrents/toggleSequentialDownload", {"hashes": "<DONE>"}, "<DONE>", {"seq_dl": False}),
    ("torrents/toggleFirstLastPiecePrio", {"hashes": "<DONE>"}, "<DONE>", {"f_l_piece_prio": True}),
    ("torrents/toggleFirstLastPiecePrio", {"hashes": "<DONE>"}, "<DONE>", {"f_l_piece_prio": False}),
    ("torrents/setSuperSeeding", {"hashes": "<DONE>", "value": "true"}, "<DONE>", {"super_seeding": True}),
    ("torrents/setAutoManagement", {"hashes": "<DONE>", "enable": "true"}, "<DONE>", {"auto_tmm": True}),
    ("torrents/setDownloadPath", {"id": "<DONE>", "path": "/x"}, "<DONE>", {"download_path": "/x"}),
    ("torrents/rename", {"hash": "<DONE>", "name": "New name"}, "<DONE>", {"name": "New name"}),
    ("torrents/renameFile", {"hash": "<DONE>", "oldPath": "e01.mkv", "newPath": "x.mkv"}, "<DONE>", {}),
    ("torrents/renameFile", {"hash": "<DONE>", "oldPath": "x.mkv", "newPath": "e01.mkv"}, "<DONE>", {}),
    ("torrents/filePrio", {"hash": "<DONE>", "id": "0", "priority": "0"}, "<DONE>", {"size": 70_000}),
    ("torrents/filePrio", {"hash": "<DONE>", "id": "0", "priority": "1"}, "<DONE>", {"size": 70_000}),
    ("torrents/addTrackers", {"hash": "<DONE>", "urls": TRACKER}, "<DONE>", {"trackers_count": 1}),
    (
        "torrents/editTracker",
        {"hash": "<DONE>", "origUrl": TRACKER, "newUrl": f"{TRACKER}2"},
        "<DONE>",
        {"tracker": f"{TRACKER}2"},
    ),
    ("torrents/removeTrackers", {"hash": "<DONE>", "urls": f"{TRACKER}2"}, "<DONE>", {"trackers_count": 0}),
    ("torrents/createCategory", {"category": "new"}, "<DONE>", {"category": "radarr"}),
    ("torrents/setCategory", {"hashes": "<DONE>", "category": "new"}, "<DONE>", {"category": "new"}),
    ("torrents/editCategory", {"category": "new", "savePath": "elsewhere"}, "<DONE>", {"category": "new"}),
    ("torrents/setCategory", {"hashes": "<DONE>", "category": "radarr"}, "<DONE>", {"category": "radarr"}),
    ("torrents/removeCategories", {"categories": "new"}, "<DONE>", {"category": "radarr"}),
    ("torrents/createTags", {"tags": "a,b"}, "<DONE>", {"tags": ""}),
    ("torrents/addTags", {"hashes": "<DONE>", "tags": "a,b"}, "<DONE>", {"tags": "a, b"}),
    ("torrents/removeTags", {"hashes": "<DONE>", "tags": "a"}, "<DONE>", {"tags": "b"}),
    ("torrents/deleteTags", {"tags": "a,b"}, "<DONE>", {"tags": ""}),
    ("torrents/recheck", {"hashes": "<DONE>"}, "<DONE>", {"state": "pausedUP"}),
]
REFUSED_CHANGES = [
    *(
        (f"torrents/{name}", {}, 400)
        for name in (
            *("delete", "pause", "stop", "resume", "start", "recheck", "reannounce", "addPeers", "topPrio"),
            *("bottomPrio", "increasePrio", "decreasePrio", "setForceStart", "setShareLimits", "setDownloadLimit"),
            *("setUploadLimit", "toggleSequentialDownload", "toggleFirstLastPiecePrio", "setSuperSeeding"),
            *("setAutoManagement", "setLocation", "setSavePath", "setDownloadPath", "addTags", "removeTags"),
        )
    ),
    ("torrents/setCategory", {"hashes": "<DONE>", "category": "nobody made it"}, 409),
    ("torrents/createCategory", {"category": ""}, 400),
    ("torrents/createCategory", {"category": "../up"}, 409),
    ("torrents/editCategory", {"category": "none such", "savePath": "x"}, 409),
    ("torrents/setLocation", {"hashes": "<WAITING>", "location": "/etc"}, 403),
    ("torrents/setSavePath", {"id": "<DONE>", "path": "elsewhere"}, 409),
    ("torrents/rename", {"hash": UNKNOWN, "name": "x"}, 404),
    ("torrents/rename", {"hash": "<DONE>", "name": " "}, 409),
    ("torrents/renameFile", {"hash": "<DONE>", "oldPath": "none", "newPath": "x"}, 409),
    ("torrents/renameFile", {"hash": "<DONE>", "oldPath": "e01.mkv", "newPath": "e02.mkv"}, 409),
    ("torrents/renameFile", {"hash": "<DONE>", "oldPath": "e01.mkv"}, 400),
    ("torrents/renameFolder", {"hash": "<DONE>", "oldPath": "Every.Route.S01"}, 400),
    ("torrents/renameFolder", {"hash": "<DONE>", "oldPath": "Every.Route.S01", "newPath": "x"}, 409),
    ("torrents/renameFolder", {"hash": "<WAITING>", "oldPath": "none", "newPath": "x"}, 409),
    ("torrents/filePrio", {"hash": "<DONE>", "id": "0", "priority": "5"}, 400),
    ("torrents/filePrio", {"hash": "<DONE>", "id": "x", "priority": "1"}, 400),
    ("torrents/filePrio", {"hash": "<DONE>", "id": "99", "priority": "1"}, 409),
    ("torrents/addTrackers", {"hash": UNKNOWN, "urls": TRACKER}, 404),
    ("torrents/editTracker", {"hash": "<DONE>", "origUrl": "http://none/", "newUrl": TRACKER}, 409),
    ("torrents/editTracker", {"hash": "<DONE>", "origUrl": "x", "newUrl": "no address"}, 400),
    ("torrents/removeTrackers", {"hash": "<DONE>", "urls": "http://none/"}, 409),
    ("app/setPreferences", {}, 400),
    ("app/setPreferences", {"json": "{"}, 400),
    ("app/setPreferences", {"json": "[1]"}, 400),
    ("transfer/setSpeedLimitsMode", {"mode": "2"}, 400),
    ("transfer/setDownloadLimit", {"limit": "much"}, 400),
    ("transfer/setUploadLimit", {}, 400),
]


@pytest.mark.parametrize("prefix", PREFIXES)
class TestChanges:
    async def test_each_does_what_it_says(self, place: Place, prefix: str) -> None:
        for path, form, entry, expected in CHANGES:
            answer = await place.ask("POST", f"{prefix}/api/v2/{path}", form)
            assert (answer.status, answer.text()) == (200, ""), path
            shown = await place.info(place.words(entry))
            assert {name: shown[name] for name in expected} == expected, path
        await place.ask("POST", "/api/v2/torrents/setShareLimits", {"hashes": "<DONE>"})
        await place.ask("POST", "/api/v2/torrents/setDownloadLimit", {"hashes": "<DONE>", "limit": "0"})
        await place.ask("POST", "/api/v2/torrents/setUploadLimit", {"hashes": "<DONE>", "limit": "0"})
        await place.ask("POST", "/api/v2/torrents/rename", {"hash": "<DONE>", "name": place.done.name})
        health = (await place.world.bearer.get(f"/api/repair/health/{place.done.info_hash}")).json()
        assert (health["dirty"], health["dirty_reason"]) == (True, "a client wants it checked")

    @pytest.mark.parametrize("name", ["pause", "stop", "resume", "start", "recheck"])
    async def test_some_may_be_asked_for_with_get(self, place: Place, prefix: str, name: str) -> None:
        answer = await place.ask("GET", f"{prefix}/api/v2/torrents/{name}", {"hashes": "<WAITING>"})
        assert answer.status == 200
        expected = {"pause": "pausedDL", "stop": "pausedDL"}.get(name)
        state = (await place.info(place.waiting.info_hash))["state"]
        await place.ask("POST", "/api/v2/torrents/resume", {"hashes": "<WAITING>"})
        assert state == expected if expected else state in ("downloading", "stalledDL")

    @pytest.mark.parametrize("name", ["delete", "setCategory", "setForceStart", "createTags"])
    async def test_others_may_not(self, place: Place, prefix: str, name: str) -> None:
        answer = await place.ask("GET", f"{prefix}/api/v2/torrents/{name}", {"hashes": "all"})
        assert answer.status == 405

    async def test_places_of_what_is_not_there_yet(self, place: Place, prefix: str) -> None:
        base = f"{prefix}/api/v2/torrents"
        for path, form in (
            ("setLocation", {"hashes": "<WAITING>", "location": str(place.world.folder / "a")}),
            ("setSavePath", {"id": "<WAITING>", "path": str(place.world.folder / "b")}),
        ):
            assert (await place.ask("POST", f"{base}/{path}", form)).status == 200
            shown = await place.info(place.waiting.info_hash)
            assert shown["save_path"] == (form.get("location") or form["path"])
        folder = shown["content_path"].rpartition("/")[2]
        renamed = await place.ask(
            "POST", f"{base}/renameFolder", {"hash": "<WAITING>", "oldPath": folder, "newPath": "New.Folder"}
        )
        assert renamed.status == 200
        assert (await place.info(place.waiting.info_hash))["content_path"].endswith("/b/New.Folder")

    async def test_the_program_itself(self, place: Place, prefix: str) -> None:
        base = f"{prefix}/api/v2"
        for path in ("app/setCookies", "app/sendTestEmail", "app/shutdown", "transfer/banPeers"):
            answer = await place.ask("POST", f"{base}/{path}", {"cookies": "[]", "peers": "10.0.0.1:1"})
            assert (answer.status, answer.text()) == (200, "")
        assert (await place.ask("GET", f"{base}/app/version", {})).text() == "v4.6.7"  # nothing was shut down
        await place.ask("POST", f"{base}/app/setPreferences", {"json": '{"listen_port": 7001}'})
        assert (await place.ask("GET", f"{base}/app/preferences", {})).json()["listen_port"] == 7001
        await place.ask("POST", f"{base}/transfer/setSpeedLimitsMode", {"mode": "1"})
        assert (await place.ask("GET", f"{base}/transfer/speedLimitsMode", {})).text() == "1"
        await place.ask("POST", f"{base}/transfer/toggleSpeedLimitsMode", {})
        assert (await place.ask("GET", f"{base}/transfer/speedLimitsMode", {})).text() == "0"
        for word in ("Download", "Upload"):
            await place.ask("POST", f"{base}/transfer/set{word}Limit", {"limit": "500"})
            assert (await place.ask("GET", f"{base}/transfer/{word.lower()}Limit", {})).text() == "500"
            await place.ask("POST", f"{base}/transfer/set{word}Limit", {"limit": "0"})

    @pytest.mark.parametrize(("path", "form", "status"), REFUSED_CHANGES)
    async def test_what_is_refused_changes_nothing(
        self, place: Place, prefix: str, path: str, form: dict[str, str], status: int
    ) -> None:
        before = await place.info(place.done.info_hash), await place.info(place.waiting.info_hash)
        answer = await place.ask("POST", f"{prefix}/api/v2/{path}", form)
        assert answer.status == status
        assert answer.headers["content-type"].startswith("text/plain")
        after = await place.info(place.done.info_hash), await place.info(place.waiting.info_hash)
        for old, new in zip(before, after, strict=True):
            moving = {"time_active", "seeding_time", "last_activity"}
            assert {name: new[name] for name in new if name not in moving} == {
                name: old[name] for name in old if name not in moving
            }

    async def test_signing_in_and_deleting(self, place: Place, prefix: str) -> None:
        base = f"{prefix}/api/v2"
        refused = await place.world.server.ask(
            "POST", f"{base}/auth/login", data={"username": "nobody", "password": "wrong"}
        )
        assert (refused.status, refused.text()) == (200, "Fails.")
        assert (await place.ask("POST", f"{base}/auth/logout", {})).status == 200
        made = place.debrid.know(release(f"To.Be.Deleted{prefix.replace('/', '.')}"))
        assert (await place.ask("POST", f"{base}/torrents/add", {"urls": made.magnet})).text() == "Ok."
        await place.world.until(made.info_hash, "pausedUP", seconds=60)
        gone = await place.ask("POST", f"{base}/torrents/delete", {"hashes": f"{made.info_hash}|{UNKNOWN}"})
        assert gone.status == 200
        listed = await place.world.bearer.get("/api/v2/torrents/info", params={"hashes": made.info_hash})
        assert listed.json() == []


POSTS = sorted(
    set(READS)
    | {path for path, *_ in CHANGES}
    | {path for path, *_ in REFUSED_CHANGES}
    | {path for path, *_ in REFUSED_READS}
    | {"torrents/add", "log/main", "app/defaultSavePath", "app/setCookies", "app/sendTestEmail", "app/shutdown"}
    | {"transfer/banPeers", "transfer/toggleSpeedLimitsMode", "auth/login", "auth/logout"}
)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("path", POSTS)
async def test_a_body_that_nobody_can_read(place: Place, prefix: str, path: str) -> None:
    answer = await place.world.bearer.ask("POST", f"{prefix}/api/v2/{path}", data=b"--x", headers=GARBLED)
    assert answer.status == 400
    assert answer.headers["content-type"].startswith("text/plain")
