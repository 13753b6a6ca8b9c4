"""What goes wrong while people watch: files that vanish, disks that are full, films that are none."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from polycast.library.playback.shelf import Shelf
from tests.library.media import put
from tests.library.playback.cinema import Cinema, cinema
from tests.library.playback.player import Player

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cinema]:
    async with cinema(tmp_path_factory.mktemp("cinema")) as found:
        yield found


class TestAFileThatVanishesWhileItPlays:
    async def test_players_are_told_and_the_server_goes_on(self, house: Cinema) -> None:
        session = await house.start("Surround")
        player = Player(client=house.server, session=session)
        [url] = await player.variants()
        playlist = await player.playlist(url)
        await player.fetch(playlist.segments[0][0])
        place = house.films / "Surround (2001)" / "Surround (2001).mkv"
        away = place.rename(place.with_suffix(".away"))
        gone = await house.server.get(playlist.segments[4][0])
        file = await house.server.get(f"/api/stream/{session['id']}/file?{player.query}")
        away.rename(place)
        back = await house.server.get(playlist.segments[4][0])
        assert (gone.status, file.status, back.status) == (404, 404, 200)
        assert gone.json()["error"]

    async def test_the_same_while_the_encoder_runs(self, house: Cinema) -> None:
        session = await house.start("Bright", quality="240p")
        player = Player(client=house.server, session=session)
        place = house.films / "Bright (2003)" / "Bright (2003).mkv"
        content = place.read_bytes()
        place.write_bytes(b"no film any more")
        [url] = await player.variants()
        playlist = await player.playlist(url)
        broken = await house.server.get(playlist.segments[1][0])
        place.write_bytes(content)
        assert broken.status == 503
        assert "retry-after" in broken.headers


class TestNamesOfSegments:
    @pytest.mark.parametrize(
        "name",
        [
            "seg-999999.m4s",
            "seg--1.m4s",
            "seg-0.ts",
            "seg-0.m4s.exe",
            "init.mp4x",
            "..%2f..%2fetc%2fpasswd",
            "seg-%00.m4s",
        ],
    )
    async def test_none_but_ours_is_found(self, house: Cinema, name: str) -> None:
        session = await house.start("Surround")
        answer = await house.server.get(f"/api/stream/{session['id']}/original/{name}?token={session['token']}")
        assert answer.status in (400, 404)

    async def test_nor_a_quality_that_is_not_offered(self, house: Cinema) -> None:
        session = await house.start("Surround")
        for quality in ("2160p", "audio-0", "audio-9", "x"):
            answer = await house.server.get(
                f"/api/stream/{session['id']}/{quality}/playlist.m3u8", params={"token": session["token"]}
            )
            assert answer.status == 404, quality


class TestAFullDisk:
    async def test_segments_live_in_memory_then(self, tmp_path: Path) -> None:
        folder = tmp_path / "shelf"
        folder.write_bytes(b"a file where the folder should be")
        shelf = Shelf(folder, limit_bytes=10**6)
        await shelf.put("film/v0", "0.m4s", b"pictures")
        assert (await shelf.get("film/v0", "0.m4s"), shelf.is_full, shelf.stored_bytes) == (b"pictures", True, 0)

    async def test_the_oldest_goes_when_the_cap_is_reached(self, tmp_path: Path) -> None:
        shelf = Shelf(tmp_path / "shelf", limit_bytes=250, memory_bytes=100)
        for number in range(4):
            await shelf.put("film/v0", f"{number}.m4s", bytes([number]) * 100)
        found = [await shelf.get("film/v0", f"{number}.m4s") for number in range(4)]
        assert [None if one is None else one[0] for one in found] == [None, None, 2, 3]
        assert shelf.stored_bytes == 200
        assert sorted(path.name for path in (tmp_path / "shelf").rglob("*.m4s")) == ["2.m4s", "3.m4s"]


class TestHostileFiles:
    async def test_they_are_listed_or_not_and_never_break_the_server(self, tmp_path: Path) -> None:
        hostile = {
            "Empty (2001)/Empty (2001).mkv": b"",
            "Playlist (2002)/Playlist (2002).mkv": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
            "Noise (2003)/Noise (2003).mp4": bytes(range(256)) * 64,
            "-i Option (2004)/-i Option (2004).mkv": b"\x1aE\xdf\xa3" + b"\xff" * 500,
        }
        for name, content in hostile.items():
            put(tmp_path / "media" / "films", name, content=content)
        async with cinema(tmp_path) as house:
            for title, identity in house.ids.items():
                answer = await house.owner.post("/v1/playback/sessions", {"mediaType": "movie", "mediaId": identity})
                assert answer.status in (201, 404, 409, 422), title
            assert (await house.start("Plain"))["mode"] == "direct_play"
