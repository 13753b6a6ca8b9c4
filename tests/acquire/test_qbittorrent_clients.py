"""The qBittorrent face with the clients people really use: qbittorrent-api, aioqbt, and an Arr's own calls."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import aioqbt.client
import pytest
import pytest_asyncio
import qbittorrentapi

from tests.acquire.world import World, world_of
from tests.fakes.real_debrid import RealDebrid, real_debrid
from tests.fakes.releases import Release, release
from tests.server import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Place:
    def __init__(self, world: World, debrid: RealDebrid) -> None:
        self.world = world
        self.debrid = debrid
        self.count = 0

    def release(self, *, cached: bool = True, files: Any = (("movie.mkv", 50_000),)) -> Release:
        self.count += 1
        return self.debrid.know(release(f"Some.Film.{self.count}.1080p", files), cached=cached)

    async def acquired(self, **form: str) -> Release:
        made = self.release()
        await self.world.acquired(made.magnet, **form)
        return made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with real_debrid() as debrid:
        debrid.per_minute = 10_000
        account = {
            "provider": "realdebrid",
            "name": "realdebrid",
            "api_key": "rd-key-canary",
            "base_url": debrid.base_url,
            "download_uncached": True,
            "rate_limit": "10000/minute",
        }
        async with world_of(tmp_path_factory.mktemp("qbit"), debrids=[account]) as world:
            yield Place(world, debrid)


@pytest_asyncio.fixture(loop_scope="module")
async def client(place: Place) -> AsyncIterator[aioqbt.client.APIClient]:
    # aiohttp keeps cookies of bare addresses only in an "unsafe" jar.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        client = await aioqbt.client.create_client(
            f"{place.world.url}/api/v2/", username="owner", password=PASSWORD, http=session
        )
        async with client:
            yield client


class TestQbittorrentApi:
    """The Python client that automation tools use; it blocks, so it runs in a thread."""

    async def test_every_read_and_change_goes_without_an_exception(self, place: Place) -> None:
        made = await place.acquired()
        await asyncio.to_thread(self.all_calls, place.world.url, made.info_hash, made.torrent)

    def all_calls(self, url: str, info_hash: str, torrent: bytes) -> None:
        with qbittorrentapi.Client(host=url, username="owner", password=PASSWORD) as client:
            client.auth_log_in()
            assert client.app_version() == "v4.6.7"
            assert client.app_web_api_version() == "2.9.3"
            assert client.app_build_info().bitness == 64
            client.app_set_preferences({"listen_port": 7000})
            assert client.app_preferences().listen_port == 7000
            assert client.app_preferences().dht is True
            [shown] = client.torrents_info(torrent_hashes=info_hash)
            assert shown.state == "pausedUP"
            assert shown.state_enum.is_complete
            assert client.torrents_properties(info_hash).total_size == 50_000
            assert [file.index for file in client.torrents_files(info_hash)] == [0]
            assert len(client.torrents_trackers(info_hash)) == 3
            assert list(client.torrents_webseeds(info_hash)) == []
            assert set(client.torrents_piece_states(info_hash)) == {2}
            client.torrents_create_category("films")
            client.torrents_set_category("films", torrent_hashes=info_hash)
            client.torrents_create_tags(["a", "b"])
            client.torrents_add_tags(["a"], torrent_hashes=info_hash)
            assert client.torrents_info(torrent_hashes=info_hash)[0].tags == "a"
            client.torrents_remove_tags(["a"], torrent_hashes=info_hash)
            client.torrents_delete_tags(["a", "b"])
            client.torrents_pause(torrent_hashes=info_hash)
            client.torrents_resume(torrent_hashes=info_hash)
            client.torrents_recheck(torrent_hashes=info_hash)
            client.torrents_reannounce(torrent_hashes=info_hash)
            client.torrents_top_priority(torrent_hashes=info_hash)
            client.torrents_set_share_limits(2, 60, 30, torrent_hashes=info_hash)
            assert client.torrents_info(torrent_hashes=info_hash)[0].ratio >= 2
            client.torrents_set_download_limit(1000, torrent_hashes=info_hash)
            assert client.torrents_download_limit(torrent_hashes=info_hash)[info_hash] == 1000
            client.torrents_set_force_start(True, torrent_hashes=info_hash)
            client.torrents_set_super_seeding(True, torrent_hashes=info_hash)
            client.torrents_rename(info_hash, "Another name")
            assert client.torrents_info(torrent_hashes=info_hash)[0].name == "Another name"
            client.torrents_add_trackers(info_hash, ["http://tracker.example.net/announce"])
            assert len(client.torrents_trackers(info_hash)) == 4
            main = client.sync_maindata()
            assert main.full_update is True
            assert client.transfer_info().connection_status == "connected"
            client.transfer_set_download_limit(5)
            assert client.transfer_download_limit() == 5
            client.transfer_toggle_speed_limits_mode()
            assert {row.type for row in client.log_main()} <= {1, 2, 4, 8}
            client.torrents_delete(delete_files=True, torrent_hashes=info_hash)
            assert client.torrents_info(torrent_hashes=info_hash) == []

    async def test_a_wrong_password_is_refused_in_its_words(self, place: Place) -> None:
        def ask() -> None:
            with qbittorrentapi.Client(host=place.world.url, username="owner", password="wrong-one-7") as client:
                client.auth_log_in()

        with pytest.raises(qbittorrentapi.LoginFailed):
            await asyncio.to_thread(ask)


class TestSigningIn:
    async def test_the_words_and_the_cookie(self, place: Place) -> None:
        answer = await place.world.server.ask(
            "POST", "/api/v2/auth/login", data={"username": "owner", "password": PASSWORD}
        )
        assert (answer.status, answer.text()) == (200, "Ok.")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("SID=")
        assert "HttpOnly" in cookie
        sid = cookie.partition(";")[0]
        again = await place.world.server.get("/api/v2/app/version", headers={"Cookie": sid})
        assert again.text() == "v4.6.7"
        out = await place.world.server.ask("POST", "/api/v2/auth/logout", headers={"Cookie": sid})
        assert out.status == 200
        gone = await place.world.server.get("/api/v2/app/version", headers={"Cookie": sid})
        assert (gone.status, gone.text()) == (403, "Forbidden")

    async def test_a_wrong_password_is_fails(self, place: Place) -> None:
        answer = await place.world.server.ask(
            "POST", "/api/v2/auth/login", data={"username": "nobody", "password": "nothing"}
        )
        assert (answer.status, answer.text()) == (200, "Fails.")

    async def test_a_wrong_token_is_401_and_none_is_403(self, place: Place) -> None:
        wrong = await place.world.server.get("/api/v2/torrents/info", headers={"Authorization": "Bearer no"})
        none = await place.world.server.get("/api/v2/torrents/info")
        assert (wrong.status, none.status) == (401, 403)

    # Arrs ask for this before they sign in, and take 401 as fatal.
    async def test_the_api_version_is_open_and_the_version_is_not(self, place: Place) -> None:
        assert (await place.world.server.get("/api/v2/app/webapiVersion")).text() == "2.9.3"
        assert (await place.world.server.get("/api/v2/app/version")).status == 403

    async def test_a_foreign_page_cannot_use_the_cookie(self, place: Place) -> None:
        answer = await place.world.server.ask(
            "POST", "/api/v2/auth/login", data={"username": "owner", "password": PASSWORD}
        )
        sid = answer.headers["set-cookie"].partition(";")[0]
        evil = await place.world.server.ask(
            "POST",
            "/api/v2/torrents/pause",
            data={"hashes": "all"},
            headers={"Cookie": sid, "Origin": "http://evil.example"},
        )
        assert evil.status == 403


class TestAioqbt:
    """What its own integration suite does with a server, against ours."""

    async def test_app(self, client: Any) -> None:
        assert await client.app.version() == "v4.6.7"
        assert await client.app.webapi_version() == "2.9.3"
        assert (await client.app.build_info()).bitness == 64
        preferences = await client.app.preferences()
        assert preferences["queueing_enabled"] is True
        await client.app.set_preferences({"max_connec": 77})
        assert (await client.app.preferences())["max_connec"] == 77
        assert (await client.app.default_save_path()).endswith("downloads")
        assert await client.app.network_interface_list() == []
        assert await client.app.network_interface_address_list() == []

    async def test_add_info_properties_files_trackers(self, place: Place, client: Any) -> None:
        made = place.release(files=(("a.mkv", 100_000), ("b.mkv", 70_000)))
        builder = aioqbt.api.AddFormBuilder.with_client(client).include_file(made.torrent, "made.torrent")
        await client.torrents.add(builder.category("sonarr").tags(["x"]).build())
        await place.world.until(made.info_hash, "pausedUP")
        [shown] = await client.torrents.info(hashes=[made.info_hash])
        assert shown.hash == made.info_hash
        assert shown.category == "sonarr"
        assert (await client.torrents.properties(made.info_hash)).total_size == 170_000
        assert [file.size for file in await client.torrents.files(made.info_hash)] == [100_000, 70_000]
        assert [file.index for file in await client.torrents.files(made.info_hash, [1])] == [1]
        assert len(await client.torrents.trackers(made.info_hash)) == 4
        assert await client.torrents.webseeds(made.info_hash) == []
        assert len(await client.torrents.piece_states(made.info_hash)) == 3
        assert len(await client.torrents.piece_hashes(made.info_hash)) == 3
        assert await client.torrents.export(made.info_hash) == made.torrent
        assert await client.torrents.count() >= 1

    async def test_unknown_hashes(self, client: Any) -> None:
        unknown = "0" * 40
        for call in (client.torrents.properties, client.torrents.files, client.torrents.trackers):
            with pytest.raises(aioqbt.exc.NotFoundError):
                await call(unknown)
        await client.torrents.delete([unknown], False)
        await client.torrents.pause([unknown])

    async def test_files_that_are_none(self, client: Any) -> None:
        builder = aioqbt.api.AddFormBuilder.with_client(client).include_file(b"no torrent", "x.torrent")
        with pytest.raises(aioqbt.exc.AddTorrentError):
            await client.torrents.add(builder.build())

    async def test_categories(self, client: Any) -> None:
        await client.torrents.create_category("docs", "")
        assert (await client.torrents.categories())["docs"].name == "docs"
        with pytest.raises(aioqbt.exc.ConflictError):
            await client.torrents.create_category("docs", "")
        with pytest.raises(aioqbt.exc.BadRequestError):
            await client.torrents.create_category("", "")
        with pytest.raises(aioqbt.exc.ConflictError):
            await client.torrents.edit_category("none-such", "")
        await client.torrents.remove_categories(["docs"])
        assert "docs" not in await client.torrents.categories()

    async def test_tags(self, client: Any) -> None:
        await client.torrents.create_tags(["one", "two"])
        assert {"one", "two"} <= set(await client.torrents.tags())
        await client.torrents.delete_tags(["one", "two"])
        assert not {"one", "two"} & set(await client.torrents.tags())

    async def test_changes(self, place: Place, client: Any) -> None:
        made = await place.acquired()
        hashes = [made.info_hash]
        for call in (
            client.torrents.pause,
            client.torrents.resume,
            client.torrents.recheck,
            client.torrents.reannounce,
            client.torrents.top_prio,
            client.torrents.bottom_prio,
            client.torrents.increase_prio,
            client.torrents.decrease_prio,
            client.torrents.toggle_sequential_download,
            client.torrents.toggle_first_last_piece_prio,
        ):
            await call(hashes)
        await client.torrents.set_download_limit(hashes, 4096)
        assert await client.torrents.download_limit(hashes) == {made.info_hash: 4096}
        await client.torrents.set_upload_limit(hashes, 4096)
        assert await client.torrents.upload_limit(hashes) == {made.info_hash: 4096}
        await client.torrents.set_force_start(hashes, True)
        await client.torrents.set_super_seeding(hashes, True)
        await client.torrents.set_auto_management(hashes, False)
        await client.torrents.add_tags(hashes, ["kept"])
        await client.torrents.remove_tags(hashes, ["kept"])
        await client.torrents.rename(made.info_hash, "New name")
        with pytest.raises(aioqbt.exc.ConflictError):
            await client.torrents.set_category(hashes, "none-such")
        with pytest.raises(aioqbt.exc.ConflictError):
            await client.torrents.rename_file(made.info_hash, "none.mkv", "x.mkv")
        await client.torrents.file_prio(made.info_hash, [0], 1)
        await client.torrents.add_trackers(made.info_hash, ["http://a.example/announce"])
        await client.torrents.edit_tracker(made.info_hash, "http://a.example/announce", "http://b.example/announce")
        await client.torrents.remove_trackers(made.info_hash, ["http://b.example/announce"])

    async def test_sync_tells_only_what_changed(self, place: Place, client: Any) -> None:
        made = await place.acquired()
        assert (await client.sync.maindata()).full_update is True

        async def since(rid: int) -> Any:
            return (await place.world.bearer.get("/api/v2/sync/maindata", params={"rid": str(rid)})).json()

        whole = await since(0)
        assert whole["full_update"] is True
        assert made.info_hash in whole["torrents"]
        same = await since(whole["rid"])
        assert set(same) == {"rid", "server_state"}
        await client.torrents.rename(made.info_hash, "Renamed in between")
        changed = await since(whole["rid"])
        assert changed["torrents"] == {made.info_hash: {"name": "Renamed in between"}}
        await client.torrents.delete([made.info_hash], True)
        gone = await since(changed["rid"])
        assert gone["torrents_removed"] == [made.info_hash]
        await client.torrents.create_category("made-in-between", "")
        assert set((await since(gone["rid"]))["categories"]) == {"made-in-between"}
        assert (await since(99_999))["full_update"] is True
        assert (await client.sync.torrent_peers((await place.acquired()).info_hash)).full_update is True

    async def test_transfer_and_log(self, client: Any) -> None:
        assert (await client.transfer.info()).connection_status.value == "connected"
        await client.transfer.set_upload_limit(10_240)
        assert await client.transfer.upload_limit() == 10_240
        mode = await client.transfer.speed_limits_mode()
        await client.transfer.toggle_speed_limits_mode()
        assert await client.transfer.speed_limits_mode() != mode
        assert {row.type for row in await client.log.main()} <= {1, 2, 4, 8}
        assert await client.log.peers() == []


class TestAnArr:
    """Sonarr's and Radarr's own sequence of calls."""

    async def test_from_the_connection_test_to_the_removal(self, place: Place) -> None:
        arr = place.world.bearer
        assert (await arr.get("/api/v2/app/webapiVersion")).text() == "2.9.3"
        preferences = (await arr.get("/api/v2/app/preferences")).json()
        assert (preferences["max_ratio_act"], preferences["dht"], preferences["queueing_enabled"]) == (0, True, True)
        assert (await arr.ask("POST", "/api/v2/torrents/createCategory", data={"category": "tv-sonarr"})).status == 200
        made = place.release()
        form = aiohttp.FormData()
        form.add_field("urls", made.magnet)
        form.add_field("category", "tv-sonarr")
        added = await arr.ask("POST", "/api/v2/torrents/add", data=form)
        assert (added.status, added.text()) == (200, "Ok.")
        assert (await arr.get("/api/v2/torrents/properties", params={"hash": made.info_hash})).status == 200
        limits = {"hashes": made.info_hash, "ratioLimit": "1.5", "seedingTimeLimit": "90"}
        assert (await arr.ask("POST", "/api/v2/torrents/setShareLimits", data=limits)).status == 200
        shown = await place.world.until(made.info_hash, "pausedUP")
        assert shown["content_path"] != shown["save_path"]
        assert shown["ratio"] >= shown["ratio_limit"] == 1.5
        assert shown["seeding_time"] >= 90 * 60
        listed = (await arr.get("/api/v2/torrents/info", params={"category": "tv-sonarr"})).json()
        assert [one["hash"] for one in listed] == [made.info_hash]
        folder = place.world.folder / "tv-sonarr" / made.name
        assert [path.name for path in folder.iterdir()] == ["movie.mkv"]
        gone = await arr.ask("POST", "/api/v2/torrents/delete", data={"hashes": made.info_hash, "deleteFiles": "true"})
        assert gone.status == 200
        await place.world.server.idle()
        assert not folder.exists()

    # The imported link of the Arr's library points into the tree: it must go on playing.
    async def test_deleting_what_is_complete_keeps_the_providers_copy(self, place: Place) -> None:
        made = await place.acquired()
        held = len(place.debrid.items)
        await place.world.bearer.ask(
            "POST", "/api/v2/torrents/delete", data={"hashes": made.info_hash, "deleteFiles": "true"}
        )
        await place.world.server.idle()
        assert len(place.debrid.items) == held
        answer = await place.world.bearer.get(f"/webdav/__all__/{made.name}/movie.mkv")
        assert answer.body == made.files[0][1]

    async def test_deleting_what_is_not_complete_deletes_it_there(self, place: Place) -> None:
        made = place.release(cached=False)
        place.debrid.fetch_seconds = 60
        await place.world.bearer.ask("POST", "/api/v2/torrents/add", data={"urls": made.magnet})
        await place.world.until(made.info_hash, "downloading")
        held = len(place.debrid.items)
        await place.world.bearer.ask("POST", "/api/v2/torrents/delete", data={"hashes": made.info_hash})
        await place.world.server.idle()
        assert len(place.debrid.items) == held - 1

    async def test_a_refused_release_fails_at_once(self, place: Place) -> None:
        made = place.release()
        place.debrid.infringing.add(made.info_hash)
        answer = await place.world.bearer.ask("POST", "/api/v2/torrents/add", data={"urls": made.magnet})
        assert answer.text() == "Fails."
        [shown] = (await place.world.bearer.get("/api/v2/torrents/info", params={"hashes": made.info_hash})).json()
        assert shown["state"] == "error"

    async def test_a_full_account_is_a_queue(self, place: Place) -> None:
        slots, place.debrid.slots = place.debrid.slots, 0
        made = place.release()
        answer = await place.world.bearer.ask("POST", "/api/v2/torrents/add", data={"urls": made.magnet})
        place.debrid.slots = slots
        assert answer.text() == "Ok."
        [shown] = (await place.world.bearer.get("/api/v2/torrents/info", params={"hashes": made.info_hash})).json()
        assert shown["state"] == "queuedDL"

    @pytest.mark.parametrize("text", ["", "magnet:?dn=x", "magnet:?xt=urn:btmh:1220" + "a" * 64, "hello"])
    async def test_what_is_no_torrent_is_fails(self, place: Place, text: str) -> None:
        answer = await place.world.bearer.ask("POST", "/api/v2/torrents/add", data={"urls": text})
        assert (answer.status, answer.text()) == (200, "Fails.")

    @pytest.mark.parametrize("path", ["/etc", "../../x", "/data/elsewhere"])
    async def test_a_path_outside_the_download_folder_is_refused(self, place: Place, path: str) -> None:
        made = place.release()
        answer = await place.world.bearer.ask(
            "POST", "/api/v2/torrents/add", data={"urls": made.magnet, "savepath": path}
        )
        assert answer.text() == "Fails."
