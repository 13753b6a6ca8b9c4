"""Sources that others send, lock or cut up; ffmpeg makes them, and ffmpeg judges what a player gets."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import imageio_ffmpeg
import pytest

from polycast.core.identity.caller import SYSTEM
from tests.fakes.http_upstream import ok, upstream
from tests.fakes.reel import reel_path
from tests.fakes.rtsp_server import camera
from tests.live.relay.test_forms import decoded
from tests.live.relay.world import World

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
QUIET = ("-hide_banner", "-nostdin", "-loglevel", "error")


@asynccontextmanager
async def sending(*output: str) -> AsyncIterator[None]:
    """The reel in real time, for the length of the block."""
    words = [*QUIET, "-re", "-stream_loop", "-1", "-i", str(reel_path()), "-c", "copy", *output]
    sender = await asyncio.create_subprocess_exec(FFMPEG, *words)
    try:
        yield
    finally:
        sender.kill()
        await sender.wait()


def free_port() -> int:
    """An even one that nobody has now, as RTP wants; its neighbour is for reports."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            if port % 2 == 0:
                return port


async def assert_plays(world: World, channel: str, *, size: int = 300_000, pictures: int = 20) -> None:
    """A player gets whole pictures and nothing to complain about but where it came in."""
    async with asyncio.timeout(40), world.viewer(channel) as viewer:
        await viewer.take(size)
        found, complaints = await asyncio.to_thread(decoded, viewer.pictures())
    assert found >= pictures, complaints


class TestDatagrams:
    @pytest.mark.parametrize(("form", "scheme"), [("mpegts", "udp"), ("rtp_mpegts", "rtp"), ("rtp_mpegts", "udp")])
    async def test_they_are_played_whichever_way_they_are_wrapped(self, world: World, form: str, scheme: str) -> None:
        port = free_port()
        channel = await world.channel_at(f"{scheme}://@127.0.0.1:{port}")
        wire = "rtp" if form == "rtp_mpegts" else "udp"
        async with sending("-f", form, f"{wire}://127.0.0.1:{port}?pkt_size=1316"):
            await assert_plays(world, channel)

    async def test_a_multicast_group_is_joined_on_the_interface_that_is_named(self, world: World) -> None:
        port = free_port()
        channel = await world.channel_at(f"udp://@239.255.77.7:{port}?localaddr=127.0.0.1")
        async with sending("-f", "mpegts", f"udp://239.255.77.7:{port}?pkt_size=1316&localaddr=127.0.0.1&ttl=0"):
            await assert_plays(world, channel)


class TestACamera:
    async def test_it_is_played_over_one_connection(self, world: World) -> None:
        async with camera() as source:
            await assert_plays(world, await world.channel_at(f"rtsp://127.0.0.1:{source.port}/stream"))
            assert source.players == 1
            methods = [method for method, _ in source.requests]
            assert methods[:4] == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]
            # It is asked for by its own address, not by the one that ffmpeg dials.
            assert {url.partition("/stream")[0] for _, url in source.requests} == {f"rtsp://127.0.0.1:{source.port}"}

    @pytest.mark.parametrize("scheme", ["Digest", "Basic"])
    async def test_its_login_is_given_by_us_and_ffmpeg_never_knows_it(self, world: World, scheme: str) -> None:
        async with camera() as source:
            source.login, source.scheme = ("user", "kiosk 7291"), scheme
            channel = await world.channel_at(f"rtsp://user:kiosk%207291@127.0.0.1:{source.port}/stream")
            async with asyncio.timeout(40), world.viewer(channel) as viewer:
                await viewer.take(50_000)
                assert not any(b"7291@" in line or b"kiosk" in line for line in await asyncio.to_thread(command_lines))

    async def test_a_wrong_login_is_told_and_the_next_stream_plays(self, world: World) -> None:
        async with camera() as source:
            source.login = ("user", "another")
            wrong = f"rtsp://user:pass@127.0.0.1:{source.port}/stream"
            channel = await world.channel_at(wrong, f"{world.provider.base}/two.ts")
            async with asyncio.timeout(30), world.viewer(channel) as viewer:
                await viewer.until(world.provider.feed("two").mark)
            await world.written()
        assert await reasons(world) == {"The source does not accept the login."}

    async def test_it_may_not_lead_anywhere_else(self, world: World) -> None:
        async with camera() as source, camera() as other:
            source.redirect_to = f"rtsp://127.0.0.1:{other.port}/stream"
            url = f"rtsp://127.0.0.1:{source.port}/stream"
            channel = await world.channel_at(url, f"{world.provider.base}/two.ts")
            async with asyncio.timeout(30), world.viewer(channel) as viewer:
                await viewer.until(world.provider.feed("two").mark)
            await world.written()
            assert other.requests == []
        assert await reasons(world) == {"The source leads to another address; give that one."}


def command_lines() -> list[bytes]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except OSError:  # it has ended meanwhile
            continue
    return found


async def reasons(world: World) -> set[str]:
    events, _ = await world.relay.events.page(SYSTEM)
    return {event.details["reason"] for event in events if event.event_type == "channel_failover"}


def packaged(folder: Path, *options: str, name: str = "index.m3u8") -> None:
    """The reel as HLS in `folder`, cut by ffmpeg."""
    words = [
        *QUIET,
        "-t",
        "12",
        "-i",
        str(reel_path()),
        "-c",
        "copy",
        "-f",
        "hls",
        "-hls_time",
        "2",
        "-hls_list_size",
        "0",
    ]
    subprocess.run([FFMPEG, *words, *options, name], check=True, cwd=folder)


@asynccontextmanager
async def published(folder: Path) -> AsyncIterator[str]:
    """The address of the playlist in `folder`."""
    async with upstream() as server:
        for path in folder.iterdir():
            kind = "application/vnd.apple.mpegurl" if path.suffix == ".m3u8" else "application/octet-stream"
            server.on(f"/{path.name}", ok(path.read_bytes(), kind))
        yield server.url("/index.m3u8")


class TestHlsThatIsNotPlain:
    async def test_locked_segments_are_opened(self, world: World, tmp_path: Path) -> None:
        folder = tmp_path / "hls"
        folder.mkdir()
        (folder / "lock.key").write_bytes(bytes(range(16)))
        (tmp_path / "info").write_text(f"lock.key\n{folder / 'lock.key'}\n")
        packaged(folder, "-hls_key_info_file", str(tmp_path / "info"))
        assert "METHOD=AES-128" in (folder / "index.m3u8").read_text()
        async with published(folder) as url:
            await assert_plays(world, await world.channel_at(url), size=600_000, pictures=50)

    async def test_segments_with_a_wrong_key_are_no_picture_and_say_so(self, world: World, tmp_path: Path) -> None:
        folder = tmp_path / "hls"
        folder.mkdir()
        (folder / "lock.key").write_bytes(bytes(range(16)))
        (tmp_path / "info").write_text(f"lock.key\n{folder / 'lock.key'}\n")
        packaged(folder, "-hls_key_info_file", str(tmp_path / "info"))
        (folder / "lock.key").write_bytes(b"short")
        async with published(folder) as url:
            channel = await world.channel_at(url, f"{world.provider.base}/two.ts")
            async with asyncio.timeout(30), world.viewer(channel) as viewer:
                await viewer.until(world.provider.feed("two").mark)
            await world.written()
        assert await reasons(world) == {"An encrypted segment cannot be read."}

    @pytest.mark.parametrize("flags", [(), ("-hls_flags", "single_file")], ids=["files", "byte ranges"])
    async def test_fragments_of_mp4_become_a_transport_stream(
        self, world: World, tmp_path: Path, flags: tuple[str, ...]
    ) -> None:
        folder = tmp_path / "hls"
        folder.mkdir()
        packaged(folder, "-hls_segment_type", "fmp4", "-bsf:a", "aac_adtstoasc", *flags)
        assert "#EXT-X-MAP" in (folder / "index.m3u8").read_text()
        async with published(folder) as url:
            await assert_plays(world, await world.channel_at(url), size=500_000, pictures=50)


APART = ("-map", "0:v", "-map", "0:a", "-var_stream_map", "v:0,agroup:sound a:0,agroup:sound,default:yes")
APART_NAMES = ("-master_pl_name", "index.m3u8", "-hls_segment_filename", "part_%v_%03d.bin")


class TestSoundThatComesApart:
    @pytest.mark.parametrize(
        "options", [(), ("-hls_segment_type", "fmp4", "-bsf:a", "aac_adtstoasc")], ids=["ts", "mp4"]
    )
    async def test_it_is_heard_with_its_picture(self, world: World, tmp_path: Path, options: tuple[str, ...]) -> None:
        folder = tmp_path / "hls"
        folder.mkdir()
        packaged(folder, *APART, *options, *APART_NAMES, name="list_%v.m3u8")
        assert "TYPE=AUDIO" in (folder / "index.m3u8").read_text()
        async with published(folder) as url:
            await assert_in_step(world, await world.channel_at(url))

    # Sound without a container has no clock of its own: a tag before it says where it begins.
    async def test_packed_sound_begins_where_its_tag_says(self, world: World, tmp_path: Path) -> None:
        folder = tmp_path / "hls"
        folder.mkdir()
        packaged(folder, *APART, *APART_NAMES, name="list_%v.m3u8")
        for path in sorted(folder.glob("part_1_*")):
            path.write_bytes(packed_sound(path))
        async with published(folder) as url:
            await assert_in_step(world, await world.channel_at(url))

    async def test_sound_that_nobody_can_read_is_told(self, world: World, tmp_path: Path) -> None:
        folder = tmp_path / "hls"
        folder.mkdir()
        packaged(folder, *APART, *APART_NAMES, name="list_%v.m3u8")
        for path in sorted(folder.glob("part_1_*")):
            path.write_bytes(b"no sound at all " * 200)
        async with published(folder) as url:
            channel = await world.channel_at(url, f"{world.provider.base}/two.ts")
            async with asyncio.timeout(30), world.viewer(channel) as viewer:
                await viewer.until(world.provider.feed("two").mark)
            await world.written()
        assert await reasons(world) == {"The provider's sound cannot be read."}


async def assert_in_step(world: World, channel: str) -> None:
    """A player gets picture and sound that begin at the same time by the clock of the stream, all through."""
    async with asyncio.timeout(60), world.viewer(channel) as viewer:
        await viewer.take(600_000)
        body = viewer.pictures()
    picture, sound = [await asyncio.to_thread(times_of, body, which) for which in ("v:0", "a:0")]
    assert len(picture) > 50
    assert len(sound) > 50
    assert abs(picture[0] - sound[0]) < 0.5
    assert abs(picture[-1] - sound[-1]) < 1.5


def packed_sound(path: Path) -> bytes:
    """A segment's sound alone, behind the tag that RFC 8216, 3.4 asks for."""
    done = subprocess.run(
        [FFMPEG, *QUIET, "-i", str(path), "-c", "copy", "-f", "adts", "-"], capture_output=True, check=True
    )
    begins = round(times_of(path.read_bytes(), "a:0")[0] * 90_000)
    frame = b"com.apple.streaming.transportStreamTimestamp\0" + begins.to_bytes(8, "big")
    tag = b"PRIV" + bytes((0, 0, 0, len(frame), 0, 0)) + frame
    return b"ID3\x04\0\0" + bytes((0, 0, 0, len(tag))) + tag + done.stdout


def times_of(content: bytes, stream: str) -> list[float]:
    """When each packet of a stream is due, in seconds, as ffprobe reads it."""
    probe = shutil.which("ffprobe")
    assert probe is not None
    words = [probe, "-v", "error", "-select_streams", stream, "-show_entries", "packet=pts_time", "-of", "csv=p=0"]
    done = subprocess.run([*words, "pipe:0"], input=content, capture_output=True, check=False)
    return [float(line.strip(",")) for line in done.stdout.decode().split() if line.strip(",") not in {"", "N/A"}]


class TestAStreamProfile:
    async def test_ffmpeg_copies_what_our_fetcher_brings(self, world: World) -> None:
        profile = await world.stream_profile("ffmpeg")
        channel = await world.channel_at(f"{world.provider.base}/news.ts", stream_profile_id=profile)
        await assert_plays(world, channel)
        assert world.provider.feed("news").requests[0]["path"] == "/news.ts"

    async def test_a_transcode_gives_the_picture_that_it_asks_for(self, world: World) -> None:
        words = "-i {streamUrl} -c:v libx264 -preset ultrafast -tune zerolatency -g 25 -vf scale=320:180 -c:a copy -f mpegts pipe:1"
        profile = await world.stream_profile("Small", "ffmpeg", words)
        channel = await world.channel_at(f"{world.provider.base}/news.ts", stream_profile_id=profile)
        async with asyncio.timeout(40), world.viewer(channel) as viewer:
            await viewer.take(150_000)
            assert await asyncio.to_thread(size_of, viewer.pictures()) == "h264,320,180"

    async def test_one_that_would_open_a_file_is_never_run(self, world: World) -> None:
        profile = await world.stream_profile("Bad", "ffmpeg", "-i /etc/passwd -c copy -f mpegts pipe:1")
        channel = await world.channel_at(f"{world.provider.base}/news.ts", stream_profile_id=profile)
        await world.settings(max_retries=0)
        async with world.http.get(f"{world.url}/proxy/ts/stream/{channel}") as answer:
            assert (answer.status, "one input" in (await answer.json())["error"]) == (503, True)


class TestAnOutputProfile:
    WORDS = "-i {streamUrl} -c:v libx264 -preset ultrafast -tune zerolatency -g 25 -vf scale=320:180 -c:a copy -f mpegts pipe:1"

    async def test_who_asks_for_it_gets_it_and_the_others_get_the_ring(self, world: World) -> None:
        profile = await world.output_profile(self.WORDS)
        channel = await world.channel("news")
        async with (
            asyncio.timeout(40),
            world.viewer(channel) as plain,
            world.viewer(channel, f"?output_profile={profile}") as small,
        ):
            await asyncio.gather(plain.take(200_000), small.take(120_000))
            shapes = [await asyncio.to_thread(size_of, one.pictures()) for one in (plain, small)]
        assert shapes == ["h264,640,360", "h264,320,180"]
        assert world.provider.feed("news").connections_peak == 1

    async def test_as_mp4_it_is_the_same_picture_in_fragments(self, world: World) -> None:
        profile = await world.output_profile(self.WORDS)
        channel = await world.channel("news")
        async with (
            asyncio.timeout(40),
            world.viewer(channel, f"?output_profile={profile}&output_format=fmp4") as small,
        ):
            assert small.response.content_type == "video/mp4"
            body = await small.take(150_000)
        assert await asyncio.to_thread(size_of, body) == "h264,320,180"


def size_of(content: bytes) -> str:
    """Codec, width and height, as ffprobe finds them."""
    probe = shutil.which("ffprobe")
    assert probe is not None
    words = [probe, "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=codec_name,width,height"]
    done = subprocess.run([*words, "-of", "csv=p=0", "pipe:0"], input=content, capture_output=True, check=False)
    return done.stdout.decode().strip().splitlines()[0]
