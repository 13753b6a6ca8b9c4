"""What is asked of sessions, streams and pictures that nobody has; and pictures as Jellyfin's clients fetch them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.library.playback.cinema import Cinema, cinema

pytestmark = pytest.mark.asyncio(loop_scope="module")

NONE = "A" * 21
STREAMS = (
    "master.m3u8", "file", "progressive.mp4", "subtitles/3.vtt", "original/playlist.m3u8", "original/seg-0.m4s",
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cinema]:
    async with cinema(tmp_path_factory.mktemp("cinema")) as found:
        yield found


class TestWhatNobodyHas:
    async def test_streams_are_not_found(self, house: Cinema) -> None:
        for name in STREAMS:
            answer = await house.owner.get(f"/api/stream/{NONE}/{name}")
            assert (answer.status, answer.json()["error"]) == (404, "The session was not found."), name

    async def test_sessions_are_not_found(self, house: Cinema) -> None:
        path = f"/v1/playback/sessions/{NONE}"
        answers = [
            await house.owner.get(path),
            await house.owner.patch(path, {"quality": "720p"}),
            await house.owner.delete(path),
            await house.owner.post(f"{path}/heartbeat", {"position": 1}),
            await house.owner.delete(f"/v1/playback/continue-watching/movie/{NONE}"),
            await house.owner.post("/v1/playback/decide", {"mediaType": "movie", "mediaId": NONE}),
        ]
        assert [one.status for one in answers] == [404] * 6

    async def test_pictures_are_not_found(self, house: Cinema) -> None:
        for name in ("manifest.json", "thumbs.vtt", "sprite_640x360.jpg", "0.jpg"):
            answer = await house.owner.get(f"/api/trickplay/movie/{NONE}/{name}")
            assert answer.status == 404, name
        assert (await house.owner.post(f"/api/trickplay/movie/{NONE}/regenerate")).status == 404

    async def test_nonsense_is_refused_field_by_field(self, house: Cinema) -> None:
        session = await house.start("Plain")
        path = f"/v1/playback/sessions/{session['id']}"
        changed = await house.owner.patch(path, {"audioTrack": -1, "quality": 5})
        beaten = await house.owner.post(f"{path}/heartbeat", {"position": "far"})
        history = await house.owner.get("/v1/playback/history?cursor=nonsense")
        assert {one["path"] for one in changed.json()["details"]} == {"audioTrack", "quality"}
        assert (changed.status, beaten.status, history.status) == (422, 422, 400)


class TestASessionIsDescribed:
    async def test_as_it_was_at_its_beginning_with_a_token_that_works(self, house: Cinema) -> None:
        session = await house.start("Surround")
        again = (await house.owner.get(f"/v1/playback/sessions/{session['id']}")).json()
        same = ("id", "mode", "qualities", "audioTracks", "chapters", "duration")
        assert {name: again[name] for name in same} == {name: session[name] for name in same}
        assert (await house.server.get(again["url"])).status == 200
        assert (await house.owner.get("/v1/optimization/status")).json()["totalItems"] == 4


class TestPicturesOfTitles:
    async def test_apps_fetch_them_without_a_token(self, house: Cinema) -> None:
        listed = (await house.owner.get("/Items?Recursive=true&IncludeItemTypes=Movie")).json()["Items"]
        tagged = [(one["Id"], kind) for one in listed for kind in one["ImageTags"]]
        tagged += [(one["Id"], "Backdrop/0") for one in listed if one["BackdropImageTags"]]
        assert tagged
        for item, kind in tagged:
            answer = await house.server.get(f"/jellyfin/Items/{item}/Images/{kind}?maxWidth=200")
            assert answer.status == 200, (item, kind)
            assert answer.headers["content-type"].startswith("image/")
        for path in (f"/Items/{'0' * 32}/Images/Primary", f"/Items/{listed[0]['Id']}/Images/Nothing"):
            assert (await house.server.get(path)).status == 404
