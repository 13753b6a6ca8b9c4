"""What leaves a ring in other shapes: HLS segments cut by ourselves, fragmented MP4 by a confined ffmpeg."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from polycast.core.errors import NotFound, Unavailable
from polycast.core.media import LiveSegments, Media, Ring, fmp4_argv, open_media, piped
from polycast.core.media.ts import Programme, TsScan
from polycast.core.processes import Processes, Tools
from tests.fakes.reel import Reel


@pytest.fixture(scope="module")
def reel() -> Reel:
    return Reel()


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    async with open_media(tmp_path / "quarantine") as found:
        yield found


def programme(reel: Reel) -> Programme | None:
    scan = TsScan()
    scan.scan(reel.second(0))
    return scan.programme


async def cut(ring: Ring, *, window: int = 6) -> LiveSegments:
    """The segments of a ring that is complete."""
    ring.end()
    segments = LiveSegments(ring, window=window)
    await segments.run()
    return segments


class TestLiveHls:
    async def test_is_cut_at_keyframes(self, reel: Reel, media: Media, tmp_path: Path) -> None:
        ring = Ring()
        ring.write(b"".join(reel.second(n) for n in range(11)))
        segments = await cut(ring)
        lines = (await segments.playlist(lambda n: f"{n}.ts")).splitlines()
        assert lines[:4] == ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-TARGETDURATION:2", "#EXT-X-MEDIA-SEQUENCE:0"]
        assert [line for line in lines if not line.startswith("#")] == [f"{n}.ts" for n in range(6)]
        assert lines.count("#EXTINF:2.000,") == 6
        for number in range(5):
            data = segments.segment(number).data
            assert TsScan().scan(data).keyframes[0] <= 5 * 188
            (tmp_path / "one.ts").write_bytes(data)
            found = await media.probe(tmp_path / "one.ts")
            assert found.video is not None
            assert found.audio

    async def test_forgets_old_segments_and_counts_on(self, reel: Reel) -> None:
        ring = Ring()
        ring.write(b"".join(reel.second(n) for n in range(60)))
        segments = await cut(ring, window=3)
        playlist = await segments.playlist(lambda n: f"{n}.ts")
        assert "#EXT-X-MEDIA-SEQUENCE:27\n" in playlist
        with pytest.raises(NotFound):
            segments.segment(0)

    async def test_flags_a_jump_of_the_clock(self, reel: Reel) -> None:
        ring = Ring()
        ring.write(b"".join(reel.second(n) for n in range(20, 25)))
        ring.splice()
        ring.write(b"".join(reel.second(n) for n in range(5)))
        playlist = await (await cut(ring)).playlist(lambda n: f"{n}.ts")
        assert playlist.count("#EXT-X-DISCONTINUITY\n") == 1

    async def test_waits_for_the_first_segments(self, reel: Reel) -> None:
        ring = Ring()
        segments = LiveSegments(ring)
        cutting = asyncio.ensure_future(segments.run())
        with pytest.raises(NotFound):
            await segments.playlist(str, timeout=timedelta(milliseconds=10))
        asking = asyncio.ensure_future(segments.playlist(str, least=2))
        await asyncio.sleep(0)
        for number in range(6):
            ring.write(reel.second(number))
            await asyncio.sleep(0)
        ring.flush()
        assert "#EXTINF" in await asking
        ring.end(Unavailable("gone"))
        with pytest.raises(Unavailable):
            await cutting


class TestFragmentedMp4:
    async def test_comes_from_a_live_stream(self, reel: Reel, media: Media, tmp_path: Path) -> None:
        async def source() -> AsyncIterator[bytes]:
            for number in range(5):
                yield reel.second(number)

        async with piped(Processes(Tools()), fmp4_argv(programme(reel)), source()) as child:
            found = b"".join([chunk async for chunk in child.chunks()])
            assert await child.wait() == 0, child.errors
        assert found[4:8] == b"ftyp"
        assert found.count(b"moof") >= 4
        (tmp_path / "live.mp4").write_bytes(found)
        probed = await media.probe(tmp_path / "live.mp4")
        assert [stream.codec for stream in probed.streams] == ["h264", "aac"]

    async def test_tells_of_a_source_that_failed(self, reel: Reel) -> None:
        async def source() -> AsyncIterator[bytes]:
            yield reel.second(0)
            raise Unavailable("All sources are down.")

        with pytest.raises(Unavailable):
            async with piped(Processes(Tools()), fmp4_argv(programme(reel)), source()) as child:
                async for _ in child.chunks():
                    pass
                await child.wait()

    async def test_that_nobody_reads_is_ended(self, reel: Reel) -> None:
        async def source() -> AsyncIterator[bytes]:
            number = 0
            while True:
                yield reel.second(number)
                number += 1

        async with piped(Processes(Tools()), fmp4_argv(programme(reel)), source()) as child:
            assert await child.stdout.read(1000)
        assert child.code is not None
