"""Podcasts, their feed, and what DJs have recorded. Source: `specs/radio.md` 3.14, 4.14, 5.9."""

import io
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image

from tests.radio.panel.world import V2, Station, customer
from tests.radio.songs import song
from tests.radio.world import NOBODY, NOT_FOUND, World

pytestmark = pytest.mark.asyncio(loop_scope="package")
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
DISABLED = {"detail": "feature_disabled"}


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def at(books: World) -> Station:
    return await customer(books, "castfm", podcasts_enabled=True, save_dj_streams_enabled=True)


async def podcast(at: Station, **more: Any) -> dict[str, Any]:
    status, made = await at.status("POST", "podcasts/", {"server": at.server, "title": "Talk & <more>"} | more)
    assert status == 201, made
    found: dict[str, Any] = made
    return found


async def episode(at: Station, pk: int, content: bytes = b"", **fields: str) -> tuple[int, Any]:
    form = aiohttp.FormData(fields, quote_fields=False)  # as browsers write names
    form.add_field("file", io.BytesIO(content or song()), filename="First show.mp3", content_type="audio/mpeg")
    got = await at.owner.ask("POST", f"{V2}/podcasts/{pk}/episodes/", data=form)
    return got.status, got.json()


async def recorded(at: Station, name: str) -> int:
    """A DJ, with something they have sent."""
    status, dj = await at.status("POST", "djs/", {"server": at.server, "name": "Ana"})
    assert status == 201
    account = (await at.owner.get("/api/v1/user_profile/")).json()["pk"]
    folder = at.world.server.house.core.data_dir / "radio" / "accounts" / str(account) / "recordings" / str(dj["id"])
    folder.mkdir(parents=True)
    (folder / name).write_bytes(song(tone=330))
    return int(dj["id"])


class TestAPodcast:
    async def test_has_a_feed_that_players_read(self, at: Station) -> None:
        one = await podcast(at, description="On air", category="Arts", language="de")
        status, made = await episode(at, one["id"], title="Folge 1", description="ä & ö", season="2", number="7")
        assert (status, made["title"], made["duration"] // 1000, made["size"]) == (201, "Folge 1", 2, len(song()))
        feed = await at.public.get(f"{V2}/podcasts/{one['id']}/feed.xml")
        assert feed.headers["content-type"] == "application/rss+xml; charset=utf-8"
        channel = ET.fromstring(feed.body).find("channel")
        assert channel is not None
        assert [channel.findtext(name) for name in ("title", "language", "description")] == [
            "Talk & <more>",
            "de",
            "On air",
        ]
        [item] = channel.findall("item")
        assert [item.findtext(name) for name in ("title", "guid", f"{ITUNES}season", f"{ITUNES}episode")] == [
            "Folge 1", made["guid"], "2", "7",
        ]  # fmt: skip
        enclosure = item.find("enclosure")
        assert enclosure is not None
        assert (enclosure.get("type"), enclosure.get("length")) == ("audio/mpeg", str(len(song())))
        assert "castfm@example.com" not in feed.text()
        address = str(enclosure.get("url")).removeprefix(at.public.url)
        part = await at.public.get(address, headers={"Range": "bytes=10-19"})
        assert (part.status, part.body, part.headers["content-type"]) == (206, song()[10:20], "audio/mpeg")
        head = await at.public.ask("HEAD", address)
        assert (head.status, head.headers["content-length"]) == (200, str(len(song())))
        assert (await at.public.get(address.replace("episode.mp3", "other.mp3"))).status == 404
        assert (await at.public.get(f"{V2}/podcasts/999999/feed.xml")).json() == NOT_FOUND

    async def test_is_changed_and_goes_with_its_files(self, at: Station) -> None:
        one = await podcast(at)
        place = f"podcasts/{one['id']}/"
        picture = io.BytesIO()
        Image.new("RGB", (30, 30), "red").save(picture, "PNG")
        form = aiohttp.FormData({"title": "New"})
        form.add_field("image", picture.getvalue(), filename="x.png", content_type="image/png")
        got = await at.owner.ask("PUT", f"{V2}/{place}", data=form)
        assert (got.status, got.json()["title"]) == (200, "New")
        shown = await at.public.get(got.json()["image"].removeprefix(at.public.url))
        assert (shown.headers["content-type"], shown.body) == ("image/png", picture.getvalue())
        bad = aiohttp.FormData({"title": "New"})
        bad.add_field("image", b"<svg onload=alert(1)>", filename="x.svg")
        got = await at.owner.ask("PUT", f"{V2}/{place}", data=bad)
        assert (got.status, got.json()) == (400, {"image": ["invalid_image"]})
        assert await at.status("PUT", place, {"title": ""}) == (400, {"title": ["required"]})
        assert (await at.status("GET", place))[1]["title"] == "New"
        mine = (await at.public.get(f"{V2}/podcasts/?server={at.server}")).json()
        assert one["id"] in [each["id"] for each in mine]
        await at.status("PUT", place, {"published": False})
        assert await at.status("GET", place, by=at.public) == (404, NOT_FOUND)
        assert (await at.owner.delete(f"{V2}/{place}")).status == 204
        assert await at.status("GET", place) == (404, NOT_FOUND)
        assert await at.status("GET", f"{place}image/") == (404, NOT_FOUND)
        assert await at.status("DELETE", place) == (404, NOT_FOUND)

    async def test_episodes_are_changed_and_hidden(self, at: Station) -> None:
        one = await podcast(at)
        _, made = await episode(at, one["id"])
        assert made["title"] == "First show"
        place = f"podcasts/{one['id']}/episodes/{made['id']}/"
        later = {"pub_date": "2099-01-01T00:00:00Z", "explicit": True}
        status, changed = await at.status("PUT", place, later)
        assert (status, changed["explicit"]) == (200, True)
        assert await at.status("GET", place, by=at.public) == (404, NOT_FOUND)
        assert (await at.public.get(f"{V2}/podcasts/{one['id']}/episodes/")).json() == []
        assert [row["id"] for row in (await at.status("GET", f"podcasts/{one['id']}/episodes/"))[1]] == [made["id"]]
        for bad, field in (
            ({"title": ""}, "title"),
            ({"pub_date": "2020-01-01T00:00:00"}, "pub_date"),
            ({"number": -1}, "number"),
        ):
            status, told = await at.status("PUT", place, bad)
            assert (status, list(told)) == (400, [field])
        assert (await at.owner.delete(f"{V2}/{place}")).status == 204
        assert await at.status("DELETE", place) == (404, NOT_FOUND)

    async def test_what_is_no_episode(self, at: Station) -> None:
        one = await podcast(at)
        assert await episode(at, one["id"], b"no sound") == (400, {"filename": ["invalid_format"]})
        assert await episode(at, one["id"], season="x") == (400, {"season": ["invalid"]})
        got = await at.owner.ask("POST", f"{V2}/podcasts/{one['id']}/episodes/", data=aiohttp.FormData({"title": "x"}))
        assert got.status == 400
        assert await episode(at, 999999) == (404, NOT_FOUND)
        assert await at.status("POST", "podcasts/", {"title": "x"}) == (400, {"server": ["required"]})
        assert await at.status("POST", "podcasts/", {"server": at.server}) == (400, {"title": ["required"]})

    async def test_takes_from_the_library_and_from_recordings(self, at: Station) -> None:
        one, track = await podcast(at), await at.track("Aired")
        place = f"podcasts/{one['id']}"
        status, made = await at.status("POST", f"{place}/create_episode_from_track/", {"track": track["id"]})
        assert (status, made["title"]) == (201, "Lab - Aired")
        assert (await at.status("POST", f"{place}/create_episode_from_track/", {"track": 99999}))[0] == 404
        dj = await recorded(at, "2026-01-01_20-00-00.mp3")
        sent = {"dj": dj, "recording": "2026-01-01_20-00-00.mp3", "title": "Live"}
        status, made = await at.status("POST", f"{place}/add_recording/", sent)
        assert (status, made["title"], made["size"]) == (201, "Live", len(song(tone=330)))
        assert (await at.status("POST", f"{place}/add_recording/", sent | {"recording": "../x.mp3"}))[0] == 404


class TestRecordings:
    async def test_are_listed_fetched_and_deleted(self, at: Station) -> None:
        name = "2026-02-02_20-00-00.mp3"
        dj = await recorded(at, name)
        status, [row] = await at.status("GET", f"djs/{dj}/recordings/")
        assert (status, row["name"], row["size"]) == (200, name, len(song(tone=330)))
        assert row in (await at.status("GET", f"recordings/?server={at.server}"))[1]
        got = await at.owner.get(row["url"])
        assert got.body == song(tone=330)
        lists = await at.playlist("Live sets")
        place = f"playlists/{lists['id']}/add_recording/"
        status, told = await at.status("POST", place, {"dj": dj, "recordings": [name]})
        assert status == 200
        assert (await at.status("GET", f"music/{told['tracks'][0]}/"))[1]["path"] == f"Recordings/{name}"
        assert await at.status("POST", place, {"dj": dj, "recordings": []}) == (400, {"recordings": ["required"]})
        for path in (f"recordings/{dj}/gone.mp3/", f"recordings/{dj}/..%2f..%2fx/", "recordings/99999/a.mp3/"):
            assert (await at.status("GET", path))[0] in (400, 404)
        for by, answer in ((at.other, (404, NOT_FOUND)), (at.public, (401, NOBODY))):
            for method, path in (("GET", f"recordings/?server={at.server}"), ("GET", f"djs/{dj}/recordings/"),
                                 ("GET", f"recordings/{dj}/{name}/"), ("DELETE", f"recordings/{dj}/{name}/")):  # fmt: skip
                assert await at.status(method, path, by=by) == answer
        assert (await at.owner.delete(f"{V2}/recordings/{dj}/{name}/")).status == 204
        assert await at.status("DELETE", f"recordings/{dj}/{name}/") == (404, NOT_FOUND)


class TestWithoutTheFeature:
    async def test_it_is_refused_and_hidden(self, books: World, at: Station) -> None:
        plain = await customer(books, "plainfm")
        sent = {"server": plain.server, "title": "x"}
        assert await plain.status("POST", "podcasts/", sent) == (403, DISABLED)
        assert await plain.status("GET", f"recordings/?server={plain.server}") == (403, DISABLED)
        one = await podcast(at)
        pk = (await at.owner.get("/api/v1/user_profile/")).json()["pk"]
        await books.admin.ask("PATCH", f"/api/v1/broadcasters/{pk}/", json={"podcasts_enabled": False})
        assert await at.status("GET", f"podcasts/{one['id']}/", by=at.public) == (404, NOT_FOUND)
        assert await at.status("PUT", f"podcasts/{one['id']}/", {"title": "y"}) == (403, DISABLED)
        await books.admin.ask("PATCH", f"/api/v1/broadcasters/{pk}/", json={"podcasts_enabled": True})

    async def test_nobody_touches_anothers(self, at: Station) -> None:
        one = await podcast(at)
        _, made = await episode(at, one["id"])
        place, sent = f"podcasts/{one['id']}/", {"title": "x"}
        track = {"track": 1}
        for method, path, body in (
            ("POST", "podcasts/", sent | {"server": at.server}), ("PUT", place, sent), ("DELETE", place, None),
            ("PUT", f"{place}episodes/{made['id']}/", sent), ("DELETE", f"{place}episodes/{made['id']}/", None),
            ("POST", f"{place}create_episode_from_track/", track),
            ("POST", f"{place}add_recording/", {"dj": 1, "recording": "x"}),
        ):  # fmt: skip
            assert await at.status(method, path, body, by=at.other) == (404, NOT_FOUND), path
            assert await at.status(method, path, body, by=at.public) == (401, NOBODY), path
