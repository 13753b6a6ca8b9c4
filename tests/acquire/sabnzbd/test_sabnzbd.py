"""SABnzbd's API as an Arr uses it: an NZB goes in, a folder comes out, failures say why."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from pysabnzbd import SabnzbdApi, SabnzbdApiException

from polycast.core.identity.scopes import Role
from tests.acquire.world import World, world_of
from tests.fakes.http_upstream import ok, upstream
from tests.fakes.news_server import News, news_server, nzb
from tests.fakes.rar_writer import rar4, rar5

FILM = b"\x1a\x45\xdf\xa3" + random.Random(1).randbytes(200_000)


@pytest.fixture
async def news() -> AsyncIterator[News]:
    async with news_server(ada="secret") as running:
        yield running


@pytest.fixture
async def world(tmp_path: Path, news: News) -> AsyncIterator[World]:
    server = {"host": "127.0.0.1", "port": news.port, "username": "ada", "password": "secret", "max_connections": 6}
    async with world_of(tmp_path, usenet={"providers": [server]}) as found:
        yield found


async def ask(world: World, mode: str, key: str | None = None, **given: str) -> Any:
    key = world.token if key is None else key
    query = {"mode": mode, "output": "json", **({"apikey": key} if key else {}), **given}
    answer = await world.server.get("/sabnzbd/api", params=query)
    assert answer.status == 200
    return answer.json()


async def send(world: World, document: bytes, *, name: str = "Some.Film.2020.nzb", **query: str) -> Any:
    form = FormData()
    form.add_field("name", document, filename=name, content_type="application/x-nzb")
    params = {"mode": "addfile", "apikey": world.token, "output": "json", "cat": "radarr", **query}
    answer = await world.server.ask("POST", "/sabnzbd/api", data=form, params=params)
    assert answer.status == 200
    return answer.json()


async def ended(world: World) -> list[Any]:
    """The slots of the history, once nothing waits."""
    async with asyncio.timeout(20):
        while (await ask(world, "queue"))["queue"]["slots"]:
            await asyncio.sleep(0.02)
    await world.server.idle()
    slots: list[Any] = (await ask(world, "history"))["history"]["slots"]
    return slots


class TestAnNzb:
    @pytest.mark.parametrize(
        "volumes",
        [
            None,
            rar5([("Some.Film.2020/film.mkv", FILM)], volume_bytes=50_000),
            rar4([("film.mkv", FILM)], volume_bytes=60_000, password="sesam", seals_headers=True),
        ],
    )
    async def test_becomes_a_folder_that_can_be_read(
        self, world: World, news: News, volumes: list[bytes] | None
    ) -> None:
        if volumes is None:
            files = [news.post("film.mkv", FILM)]
        else:
            files = [news.post(f"film.part{at + 1:02d}.rar", data) for at, data in enumerate(volumes)]
        sent = await send(world, nzb(files), password="sesam")
        assert sent["status"] is True
        (slot,) = await ended(world)
        assert (slot["nzo_id"], slot["status"], slot["category"], slot["fail_message"]) == (
            sent["nzo_ids"][0],
            "Completed",
            "radarr",
            "",
        )
        assert Path(slot["storage"]) == world.folder / "radarr" / slot["name"]
        (made,) = Path(slot["storage"]).iterdir()
        assert made.name == "Some.Film.2020.mkv"
        found = await read_through_webdav(world, slot["name"], made.name)
        assert (len(found), found) == (len(FILM), FILM)
        listed = (await ask(world, "get_files", value=slot["nzo_id"]))["files"]
        assert [(row["filename"], row["bytes"]) for row in listed] == [("Some.Film.2020.mkv", f"{len(FILM)}.00")]

    async def test_is_not_shown_as_a_torrent(self, world: World, news: News) -> None:
        await send(world, nzb([news.post("film.mkv", FILM)]))
        await ended(world)
        assert (await world.bearer.get("/api/v2/torrents/info")).json() == []

    async def test_twice_is_one(self, world: World, news: News) -> None:
        document = nzb([news.post("film.mkv", FILM)])
        first, second = await send(world, document), await send(world, document, name="other.nzb")
        assert first["nzo_ids"] == second["nzo_ids"]
        assert len(await ended(world)) == 1

    async def test_comes_from_an_address_too(self, world: World, news: News) -> None:
        async with upstream() as web:
            web.on("/get", ok(nzb([news.post("film.mkv", FILM)]), "application/x-nzb"))
            refused = await ask(world, "addurl", name=web.url("/get"), cat="sonarr")
        # an address that a user has given may not lead to this machine
        assert (refused["status"], web.connections) == (False, 0)


async def read_through_webdav(world: World, folder: str, name: str) -> bytes:
    answer = await world.bearer.get(f"/webdav/__all__/{folder}/{name}")
    assert answer.status == 200, answer.text()
    part = await world.bearer.get(f"/webdav/__all__/{folder}/{name}", headers={"Range": "bytes=100000-100099"})
    assert (part.status, part.body) == (206, answer.body[100_000:100_100])
    return answer.body


class TestAPostThatCannotBeServed:
    @pytest.mark.parametrize(
        ("volumes", "reason"),
        [
            (rar4([("film.mkv", FILM)], method=0x33), "archive_compressed"),
            (rar5([("film.mkv", FILM)], password="sesam"), "archive_encrypted"),
            (rar5([("film.mkv", FILM)], volume_bytes=50_000)[:2], "archive_incomplete"),
        ],
    )
    async def test_is_failed_with_the_reason(self, world: World, news: News, volumes: list[bytes], reason: str) -> None:
        files = [news.post(f"film.part{at + 1:02d}.rar", data) for at, data in enumerate(volumes)]
        await send(world, nzb(files))
        (slot,) = await ended(world)
        assert slot["status"] == "Failed"
        assert slot["fail_message"].startswith(f"{reason}: ")
        assert (await ask(world, "history", failed_only="1"))["history"]["noofslots"] == 1
        assert (await ask(world, "history", name="delete", value="failed"))["status"] is True
        assert (await ask(world, "history"))["history"]["slots"] == []

    async def test_a_dead_one_is_told_and_can_be_tried_again(self, world: World, news: News) -> None:
        posted = news.post("film.mkv", FILM)
        kept = dict(news.articles)
        news.articles.clear()
        await send(world, nzb([posted]))
        (slot,) = await ended(world)
        assert slot["fail_message"].startswith("dead_post: ")
        news.articles = kept
        assert (await ask(world, "retry", value=slot["nzo_id"]))["nzo_id"] == slot["nzo_id"]
        (slot,) = await ended(world)
        assert slot["status"] == "Completed"

    @pytest.mark.parametrize(
        "content", [b"", b"<html>Login</html>", b"<nzb/>", b"\x1f\x8bbroken", b"d4:infod4:name1:xee"]
    )
    async def test_what_is_no_nzb_is_refused_at_once(self, world: World, content: bytes) -> None:
        sent = await send(world, content)
        assert sent["status"] is False
        assert sent["error"]
        assert (await ask(world, "queue"))["queue"]["noofslots"] == 0


class TestTheQueue:
    async def test_is_paused_resumed_and_emptied(self, world: World, news: News) -> None:
        sent = await send(world, nzb([news.post("film.mkv", FILM)]), priority="-2")
        queue = (await ask(world, "queue"))["queue"]
        (slot,) = queue["slots"]
        assert (slot["nzo_id"], slot["status"], slot["cat"], queue["status"]) == (
            sent["nzo_ids"][0],
            "Paused",
            "radarr",
            "Paused",
        )
        assert (await ask(world, "queue", cat="sonarr"))["queue"]["noofslots"] == 0
        assert (await ask(world, "queue", name="delete", value=slot["nzo_id"], del_files="1"))["nzo_ids"] == sent[
            "nzo_ids"
        ]
        assert (await ask(world, "queue"))["queue"]["noofslots"] == 0
        again = await send(world, nzb([news.post("film.mkv", FILM)]), priority="-2")
        assert (await ask(world, "resume"))["status"] is True
        (done,) = await ended(world)
        assert (done["nzo_id"], done["status"]) == (again["nzo_ids"][0], "Completed")

    async def test_a_client_library_reads_it(self, world: World, news: News) -> None:
        await send(world, nzb([news.post("film.mkv", FILM)]), priority="-2")
        client = SabnzbdApi(f"{world.url}", world.token, web_root="sabnzbd", session=world.server.session)
        assert await client.check_available()
        await client.refresh_data()
        assert (client.queue["noofslots_total"], client.queue["status"]) == (1, "Paused")
        await client.resume_queue()
        await ended(world)
        await client.refresh_data()
        assert client.queue["noofslots_total"] == 0
        stranger = SabnzbdApi(world.url, "wrong-key", web_root="sabnzbd", session=world.server.session)
        with pytest.raises(SabnzbdApiException):
            await stranger.get_queue()


class TestWhatAnArrChecks:
    async def test_version_and_settings(self, world: World) -> None:
        assert await ask(world, "version", key="") == {"version": "4.5.0"}
        assert await ask(world, "auth", key="") == {"auth": "apikey"}
        config = (await ask(world, "get_config"))["config"]
        assert config["misc"]["complete_dir"] == str(world.folder)
        assert {
            "name": "radarr",
            "order": 2,
            "pp": "",
            "script": "Default",
            "dir": "radarr",
            "priority": -100,
        } in config["categories"]
        assert await ask(world, "get_cats") == {"categories": ["*", "sonarr", "radarr"]}
        assert (await ask(world, "fullstatus", skip_dashboard="1"))["status"]["completedir"] == str(world.folder)
        assert await ask(world, "get_scripts") == {"scripts": ["None"]}
        assert await ask(world, "warnings") == {"warnings": []}

    async def test_who_asks(self, world: World) -> None:
        member = await world.server.client(Role.GUEST)
        guest_key = member.headers["X-API-Key"]
        assert await ask(world, "queue", key="") == {"status": False, "error": "API Key Required"}
        assert await ask(world, "queue", key="nonsense") == {"status": False, "error": "API Key Incorrect"}
        assert await ask(world, "queue", key=guest_key) == {"status": False, "error": "API Key Incorrect"}
        assert await ask(world, "moon") == {"status": False, "error": "not implemented"}
        assert (await ask(world, "retry", value="SABnzbd_nzo_" + "0" * 40))["status"] is False


class TestOtherWaysIn:
    async def test_the_rest_api_takes_it_as_it_takes_torrents(self, world: World, news: News) -> None:
        form = FormData()
        form.add_field("files", nzb([news.post("film.mkv", FILM)]), filename="Some.Film.2020.nzb")
        form.add_field("arr", "radarr")
        answer = await world.bearer.ask("POST", "/api/add", data=form)
        assert answer.status == 200, answer.text()
        (slot,) = await ended(world)
        assert (slot["status"], slot["nzb_name"], slot["category"]) == ("Completed", "Some.Film.2020.nzb", "radarr")


class TestARepair:
    async def test_looks_at_posts_too(self, world: World, news: News) -> None:
        whole, broken, torn = (
            news.post(f"film{number}.mkv", FILM + bytes([number]), part_bytes=1_000) for number in (1, 2, 3)
        )
        for number, posted in enumerate((whole, broken, torn), 1):
            await send(world, nzb([posted]), name=f"Film.{number}.nzb")
        await ended(world)
        for message_id, _ in broken.segments[10:40]:
            del news.articles[message_id]
        del news.articles[torn.segments[57][0]]  # zeros are sent for so little
        assert await self.states(world) == {"Film.1": "healthy", "Film.2": "broken", "Film.3": "healthy"}
        [bad] = (await world.bearer.get("/api/repair/health?status=broken")).json()
        assert (bad["failure_reason"], bad["protocol"]) == ("usenet_segment_missing", "nzb")

    async def test_without_a_server_nothing_is_said(self, world: World, news: News) -> None:
        await send(world, nzb([news.post("film.mkv", FILM)]), name="Film.1.nzb")
        await ended(world)
        news.most_connections = 0
        for task in list(news.tasks):
            task.cancel()
        assert await self.states(world) == {"Film.1": "unknown"}

    async def states(self, world: World) -> dict[str, str]:
        await world.bearer.post("/api/repair/run", {"force": True, "protocol": "nzb"})
        await world.server.idle()
        return {one["entry_name"]: one["status"] for one in (await world.bearer.get("/api/repair/health")).json()}
