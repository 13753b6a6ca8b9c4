"""Subtitles and sound tracks: listed, added, described, removed; and what would be made ahead of time."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.library.playback.cinema import Cinema, cinema

pytestmark = pytest.mark.asyncio(loop_scope="module")

GERMAN = "1\n00:00:02,000 --> 00:00:04,000\nGrüße aus <font color=red>Köln</font> {\\an8}<script>x</script>\n".encode(
    "cp1252"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cinema]:
    async with cinema(tmp_path_factory.mktemp("cinema")) as found:
        yield found


def form(content: bytes, name: str = "mine.srt", **fields: str) -> aiohttp.FormData:
    data = aiohttp.FormData()
    data.add_field("file", content, filename=name)
    for key, value in fields.items():
        data.add_field(key, value)
    return data


async def sent(house: Cinema, title: str, data: aiohttp.FormData, client: Any = None) -> Any:
    path = f"/v1/subtitles/movie/{house.ids[title]}/upload"
    return await (client or house.owner).ask("POST", path, data=data)


class TestSubtitles:
    async def test_those_in_the_file_are_listed(self, house: Cinema) -> None:
        answer = await house.owner.get(f"/v1/subtitles/movie/{house.ids['Surround']}")
        [track] = answer.json()["items"]
        track.pop("fileId")
        assert track == {
            "id": "", "index": 3, "source": "embedded", "format": "srt", "language": "eng", "title": None, "forced": False,
            "hearingImpaired": False, "isImage": False, "path": None, "syncOffset": 0.0,
        }  # fmt: skip

    # An encoding nobody names, and marks that no browser should ever see.
    async def test_one_that_is_sent_plays_as_plain_text(self, house: Cinema) -> None:
        made = await sent(house, "Plain", form(GERMAN, language="ger", title="Mine"))
        session = await house.start("Plain")
        [track] = session["subtitleTracks"]
        text = (await house.server.get(track["url"])).text()
        assert (made.status, made.json()["source"], made.json()["language"]) == (201, "uploaded", "ger")
        assert (track["label"], track["index"]) == ("German - Mine", 2)
        assert text == "WEBVTT\n\n00:00:02.000 --> 00:00:04.000\nGrüße aus Köln x\n"

        path = f"/v1/subtitles/tracks/{made.json()['id']}"
        shifted = await house.owner.patch(path, {"syncOffset": 1.5, "forced": True})
        later = (await house.server.get(track["url"])).text()
        assert (shifted.json()["syncOffset"], shifted.json()["forced"]) == (1.5, True)
        assert later.startswith("WEBVTT\n\n00:00:03.500 --> 00:00:05.500\n")

        refused = [
            await house.owner.patch(path, {"syncOffset": 99999}),
            await house.member.patch(path, {"title": "x"}),
            await house.owner.delete("/v1/subtitles/tracks/AAAAAAAAAAAAAAAAAAAAA"),
        ]
        assert [one.status for one in refused] == [422, 403, 404]
        assert (await house.owner.delete(path)).status == 204
        assert (await house.owner.get(f"/v1/subtitles/movie/{house.ids['Plain']}")).json() == {"items": []}

    async def test_what_is_none_is_refused(self, house: Cinema) -> None:
        wrong = [
            await sent(house, "Plain", form(b"MZ\x90\x00 no subtitles", "a.srt")),
            await sent(house, "Plain", form(GERMAN, "a.exe")),
            await sent(house, "Plain", form(b"", "../../a.srt")),
            await sent(house, "Plain", form(GERMAN), house.member),
        ]
        assert [one.status for one in wrong] == [422, 422, 422, 403]

    async def test_they_are_counted_for_managers(self, house: Cinema) -> None:
        subtitles, sounds = await house.owner.get("/v1/subtitles"), await house.owner.get("/v1/audio")
        assert subtitles.json()["codecs"] == [{"name": "subrip", "count": 1}]
        assert sounds.json()["tracks"] == 4
        assert (await house.member.get("/v1/audio")).status == 403


class TestSound:
    async def test_tracks_are_listed_by_file(self, house: Cinema) -> None:
        answer = await house.owner.get(f"/v1/audio/movie/{house.ids['Surround']}")
        [file] = answer.json()["items"]
        assert [(one["codec"], one["channels"], one["language"]) for one in file["tracks"]] == [
            ("ac3", 6, "eng"),
            ("aac", 2, "ger"),
        ]
        assert (await house.member.get(f"/v1/audio/movie/{house.ids['Surround']}")).status == 404


class TestOptimization:
    async def test_a_plan_names_what_does_not_play_without_work(self, house: Cinema) -> None:
        wanted = {"enabled": True, "targetDevices": ["web"], "window": {"from": "02:00", "to": "06:00"}}
        kept = await house.owner.put("/v1/optimization/profile", wanted)
        plan = (await house.owner.post("/v1/optimization/plan")).json()
        status = (await house.owner.get("/v1/optimization")).json()
        named = {one["mediaId"]: one["mode"] for one in plan["matrix"]}
        assert kept.json() == {
            "enabled": True, "targetDevices": ["web"], "priority": "balanced",
            "window": {"from": "02:00", "to": "06:00"}, "maxStorageGb": 500,
        }  # fmt: skip
        assert (await house.owner.get("/v1/optimization/profile")).json() == kept.json()
        assert set(named) == {house.ids[title] for title in ("Surround", "Bright", "Broadcast")}
        assert (status["enabled"], status["totalItems"], status["readinessPercent"]) == (True, 4, 25.0)

    async def test_devices_nobody_knows_are_refused(self, house: Cinema) -> None:
        answer = await house.owner.put("/v1/optimization/profile", {"targetDevices": ["toaster"]})
        assert (answer.status, answer.json()["details"][0]["path"]) == (422, "targetDevices.0")
        assert (await house.member.get("/v1/optimization")).status == 403
