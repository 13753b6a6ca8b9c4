"""Listening on the server's own origin."""

import asyncio
from pathlib import Path

import av
import pytest

from polycast.radio.tables import channels
from tests.fakes.radio_sounds import heard, unpacked
from tests.radio.engine.world import World, on_air, program, until


async def read(world: World, path: str, seconds: float) -> tuple[dict[str, str], bytes]:
    data = bytearray()
    session, url = world.server.session, world.server.url
    async with session.get(url + path, headers={"Icy-MetaData": "1"}) as got:
        assert got.status == 200
        try:
            async with asyncio.timeout(seconds):
                while piece := await got.content.readany():
                    data += piece
        except TimeoutError:
            pass
        return {name.lower(): value for name, value in got.headers.items()}, bytes(data)


class TestTheOrigin:
    async def test_gives_what_the_port_gives(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            headers, data = await read(world, "/listen/myradio/stream", 2.0)
            assert headers["content-type"] == "audio/mpeg"
            assert headers["icy-metaint"] == "16000"
            assert headers["icy-br"] == "128"
            assert headers["access-control-allow-origin"] == "*"
            assert data[:2] == b"\xff\xfb"

    async def test_says_where_a_station_is_heard(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            host = world.server.url.removeprefix("http://")
            m3u = await world.server.get("/listen/myradio.m3u")
            assert m3u.text() == f"http://{host}/listen/myradio/stream\r\n"
            pls = await world.server.get("/listen/myradio.pls")
            assert pls.text().splitlines() == [
                "[playlist]",
                "NumberOfEntries=1",
                f"File1=http://{host}/listen/myradio/stream",
                "Title1=myradio",
                "Length1=-1",
                "Version=2",
            ]
            assert (await world.server.get("/listen/myradio.xspf")).body.startswith(b"<?xml")
            asked = await world.server.ask("OPTIONS", "/listen/myradio/stream")
            assert (asked.status, asked.headers["allow"]) == (204, "GET, HEAD, OPTIONS")

    @pytest.mark.parametrize(
        "path",
        [
            "/listen/nobody/stream",
            "/listen/myradio/other",
            "/listen/myradio.exe",
            "/listen/nobody.pls",
            "/listen/nobody/hls/mp3/master.m3u8",
            "/listen/myradio/hls/flac/master.m3u8",
            "/listen/myradio/hls/mp3/99/index.m3u8",
            "/listen/myradio/hls/mp3/x/index.m3u8",
            "/listen/myradio/hls/mp3/1/99999.ts",
            "/listen/myradio/hls/mp3/1/x.ts",
        ],
    )
    async def test_knows_nothing_else(self, tmp_path: Path, path: str) -> None:
        async with on_air(tmp_path) as world:
            answer = await world.server.get(path)
            assert (answer.status, answer.text()) == (404, "The file you requested could not be found")

    async def test_holds_the_limits_of_the_account(self, tmp_path: Path) -> None:
        async with on_air(tmp_path, limit_listeners=1) as world:
            ear = await world.listen()
            await until(ear, lambda: world.station.air.listener_count() == 1)
            answer = await world.server.get("/listen/myradio/stream")
            assert (answer.status, answer.text()) == (403, "max listeners reached")
            hls = await world.server.get(f"/listen/myradio/hls/mp3/{world.channel_id}/index.m3u8")
            assert (hls.status, hls.text()) == (403, "max listeners reached")
            ear.close()

    async def test_a_protected_channel_wants_a_token(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            await world.set(channels, world.channel_id, allow_auth_listeners_only=True)
            answer = await world.server.get("/listen/myradio/stream?token=guess")
            assert answer.status == 401
            assert answer.headers["www-authenticate"] == 'Basic realm="Icecast2 Server"'


class TestHls:
    async def test_is_made_of_what_the_station_sends_and_counts_its_listeners(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            await world.add_track(440, 120.0)
            await world.announce()
            ear = await world.listen()
            await until(ear, lambda: world.station.air.title.text == "Lab - Tone 440")
            await ear.take(120_000)
            master = await world.server.get("/listen/myradio/hls/mp3/master.m3u8")
            assert master.text().splitlines() == [
                "#EXTM3U",
                "#EXT-X-VERSION:3",
                '#EXT-X-STREAM-INF:BANDWIDTH=140800,CODECS="mp4a.40.34"',
                f"{world.channel_id}/index.m3u8",
            ]
            base = f"/listen/myradio/hls/mp3/{world.channel_id}"
            playlist = (await world.server.get(f"{base}/index.m3u8?sid=abc")).text().splitlines()
            assert playlist[:4] == ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:7", "#EXT-X-MEDIA-SEQUENCE:0"]
            assert playlist[5] == "0.ts?sid=abc"
            segment = await world.server.get(f"{base}/{playlist[5]}")
            assert len(segment.body) % 188 == 0
            assert heard(unpacked(segment.body, "mpegts"))[-1] == 440
            assert world.engine.segments.listeners(world.channel_id) == 1
            ear.close()

    @pytest.mark.needs_tool("ffmpeg")
    async def test_is_played_by_ffmpeg(self, tmp_path: Path) -> None:
        async with on_air(tmp_path) as world:
            await world.add_track(440, 120.0)
            await world.announce()
            ear = await world.listen()
            await until(ear, lambda: world.station.air.title.text == "Lab - Tone 440")
            await ear.take(100_000)
            ear.close()
            out = tmp_path / "heard.wav"
            url = f"{world.server.url}/listen/myradio/hls/mp3/master.m3u8"
            async with program("ffmpeg", "-nostdin", "-loglevel", "error", "-i", url, "-t", "4", str(out)) as client:
                assert await client.wait() == 0
            with av.open(str(out)) as opened:
                assert opened.duration is not None
            assert heard(unpacked(out.read_bytes(), "wav"))[-1] == 440
