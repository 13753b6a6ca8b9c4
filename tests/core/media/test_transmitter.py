"""The fake provider sends what a real one would: checked by ffmpeg and by our own ring."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from polycast.core.media import Ring
from polycast.core.media.ts import Aligner, TsScan, pcr_distance
from polycast.core.processes import Processes, Tools
from tests.fakes.reel import SECONDS, Reel
from tests.fakes.transmitter import Feed, Mood, Transmitter, transmitting


@pytest.fixture(scope="module")
def reel() -> Reel:
    return Reel()


@pytest.fixture
async def provider(reel: Reel) -> AsyncIterator[Transmitter]:
    async with transmitting(reel) as found:
        yield found


async def get(url: str, size: int = 100_000, timeout_s: float = 5) -> bytes:
    """The head and the first `size` bytes, or less when the connection ends."""
    host, _, path = url.removeprefix("http://").partition("/")
    address, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(address, int(port))
    found = b""
    try:
        writer.write(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: test\r\n\r\n".encode())
        async with asyncio.timeout(timeout_s):
            while len(found) < size and (fresh := await reader.read(65536)):
                found += fresh
    finally:
        writer.close()
    return found


class TestTheReel:
    async def test_runs_for_ever_without_a_jump(self, reel: Reel, tmp_path: Path) -> None:
        data = reel.read(0, reel.size * 3)
        scanned = TsScan().scan(data)
        assert scanned.first_pcr is not None
        assert scanned.last_pcr is not None
        assert abs(pcr_distance(scanned.first_pcr, scanned.last_pcr) - 3 * SECONDS) < 0.2
        assert len(scanned.keyframes) == 3 * SECONDS
        (tmp_path / "three.ts").write_bytes(data)
        processes = Processes(Tools())
        done = await processes.run(
            processes.tools.ffmpeg,
            ["-nostdin", "-v", "warning", "-i", f"file:{tmp_path}/three.ts", "-c", "copy", "-f", "null", "-"],
            read=[tmp_path],
        )
        assert (done.code, done.errors) == (0, "")

    def test_has_a_keyframe_at_each_second(self, reel: Reel) -> None:
        for number in (0, 7, 31, 32, 65):
            assert TsScan().scan(reel.second(number)).keyframes[0] <= 5 * 188


class TestAFeed:
    async def test_plays_in_real_time(self, provider: Transmitter) -> None:
        feed = provider.feed("one")
        body = (await get(feed.url, 300_000)).partition(b"\r\n\r\n")[2]
        ring = Ring()
        ring.write(body)
        assert ring.can_start
        assert feed.mark in body
        assert feed.requests[0]["user-agent"] == "test"

    async def test_plays_as_hls(self, provider: Transmitter) -> None:
        feed = provider.feed("two")
        lines = (await get(feed.hls_url)).decode().splitlines()
        segment = await get(feed.hls_url.replace("index.m3u8", lines[-1]), 10_000_000)
        assert len(TsScan().scan(Aligner().feed(segment.partition(b"\r\n\r\n")[2])).keyframes) == 2

    async def test_misbehaves_when_told(self, provider: Transmitter) -> None:
        feed = provider.feed("bad")
        feed.mood = Mood.REFUSE
        assert await get(feed.url) == b""
        feed.mood, feed.status = Mood.PLAY, 404
        assert (await get(feed.url)).startswith(b"HTTP/1.1 404")
        feed.mood, feed.status = Mood.GARBAGE, 200
        assert Aligner().feed((await get(feed.url, 3000)).partition(b"\r\n\r\n")[2]) == b""
        feed.mood = Mood.STALL
        with pytest.raises(TimeoutError):
            await get(feed.url, timeout_s=0.2)

    async def test_can_be_killed_and_counts_who_listens(self, provider: Transmitter) -> None:
        feed = provider.feed("one")
        watching = asyncio.ensure_future(get(feed.url, 10_000_000))
        await feed.asked()
        await _until(feed, 1)
        feed.kill()
        with pytest.raises(ConnectionResetError):
            await watching
        await _until(feed, 0)


async def _until(feed: Feed, connections: int) -> None:
    async with asyncio.timeout(2):
        while feed.connections != connections:
            await asyncio.sleep(0.005)
