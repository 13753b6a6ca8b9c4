"""A first evening on the real command: from nothing to a picture that goes on when the provider's stream dies."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.command import ROOT, Command, serving
from tests.conftest import DATA
from tests.fakes.http_upstream import ok, upstream
from tests.fakes.transmitter import Mood, transmitting
from tests.server import PASSWORD

SAMPLES = ROOT / "tests" / "live" / "samples"
SCRIPT = ROOT / "tests" / "e2e" / "first_evening.sh"


def playlist_and_guide() -> tuple[bytes, bytes, str]:
    """The real ones where they are, else our own small ones; and which channels the guide knows."""
    if DATA.is_dir():
        return (DATA / "iptv" / "free-tv.m3u8").read_bytes(), (DATA / "iptv" / "pluto-gb.xml.gz").read_bytes(), "pluto"
    return (SAMPLES / "small.m3u").read_bytes(), (SAMPLES / "small.xml").read_bytes(), ""


@pytest.mark.slow
class TestAFirstEveningWithCurl:
    @pytest.mark.needs_tool("curl")
    async def test_every_kind_of_player_finds_the_line_up(self, tmp_path: Path) -> None:
        playlist, guide, search = playlist_and_guide()
        async with (
            upstream() as provider,
            serving(tmp_path, POLYCAST_ADMIN_USERNAME="") as command,
            aiohttp.ClientSession() as session,
        ):
            provider.on("/list.m3u", ok(playlist, "audio/x-mpegurl"))
            provider.on("/guide.xml.gz", ok(guide, "application/gzip"))
            await command.ready(session)
            told = await first_evening(command.url, provider.url("/list.m3u"), provider.url("/guide.xml.gz"), search)
        assert int(told["STREAMS"]) >= 3
        assert int(told["CHANNELS"]) >= 3
        assert int(told["PROGRAMMES"]) >= 3
        assert int(told["MATCHED"]) >= 1 or not search


async def first_evening(base: str, *arguments: str) -> dict[str, str]:
    """What the script tells, by name."""
    environ = {"PATH": os.environ["PATH"]}
    script = await asyncio.create_subprocess_exec(
        str(SCRIPT), base, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environ
    )
    out, err = await script.communicate()
    assert script.returncode == 0, err.decode()
    return dict(line.split("=", 1) for line in out.decode().splitlines())


class Player:
    """ffmpeg, decoding a channel; `seconds` is how much it has decoded."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.seconds = 0.0
        self.longest_gap = 0.0
        self._news = asyncio.Event()

    async def watch(self) -> None:
        """Read ffmpeg's progress until it ends. Source: ffmpeg(1), -progress."""
        assert self._process.stdout is not None
        clock = asyncio.get_running_loop().time
        moved_at = clock()
        async for line in self._process.stdout:
            name, _, value = line.decode().strip().partition("=")
            if name == "out_time_us" and value.isdecimal() and int(value) / 1e6 > self.seconds:
                if self.seconds:
                    self.longest_gap = max(self.longest_gap, clock() - moved_at)
                moved_at = clock()
                self.seconds = int(value) / 1e6
                self._news.set()

    async def until(self, seconds: float, *, within: float) -> None:
        """Return when so much has been decoded."""
        async with asyncio.timeout(within):
            while self.seconds < seconds:
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def command(tmp_path: Path) -> AsyncIterator[Command]:
    async with serving(tmp_path) as command, aiohttp.ClientSession() as session:
        await command.ready(session)
        yield command


async def sign_in(session: aiohttp.ClientSession, base: str) -> dict[str, str]:
    async with session.post(f"{base}/api/accounts/token/", json={"username": "owner", "password": PASSWORD}) as answer:
        return {"Authorization": f"Bearer {(await answer.json())['access']}"}


async def channel_of(session: aiohttp.ClientSession, base: str, urls: list[str]) -> str:
    """The uuid of a new channel that plays `urls`, in that order of failover."""
    headers = await sign_in(session, base)
    ids = []
    for number, url in enumerate(urls):
        sent = {"name": f"Feed {number}", "url": url}
        async with session.post(f"{base}/api/channels/streams/", json=sent, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            ids.append((await answer.json())["id"])
    sent = {"name": "Test card", "streams": ids}
    async with session.post(f"{base}/api/channels/channels/", json=sent, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        return str((await answer.json())["uuid"])


@pytest.mark.slow
@pytest.mark.needs_tool("ffmpeg")
class TestAPictureWhoseStreamDies:
    @pytest.mark.parametrize("kind", ["ts", "hls"])
    async def test_the_player_goes_on_without_connecting_again(self, command: Command, kind: str) -> None:
        async with transmitting() as provider, aiohttp.ClientSession() as session:
            one, two = provider.feed("one"), provider.feed("two")
            urls = [feed.url if kind == "ts" else feed.hls_url for feed in (one, two)]
            uuid = await channel_of(session, command.url, urls)
            ffmpeg = await asyncio.create_subprocess_exec(
                "ffmpeg", "-nostdin", "-loglevel", "error", "-progress", "pipe:1", "-stats_period", "0.2",
                "-i", f"{command.url}/proxy/ts/stream/{uuid}", "-f", "null", "-",
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            player = Player(ffmpeg)
            watching = asyncio.ensure_future(player.watch())
            try:
                await player.until(4, within=30)
                at_kill = player.seconds
                player.longest_gap = 0.0
                one.mood = Mood.REFUSE
                one.kill()
                await player.until(at_kill + 12, within=40)
                assert ffmpeg.returncode is None
                assert player.longest_gap <= 7
                assert two.sent_bytes > 0
            finally:
                ffmpeg.kill()
                await ffmpeg.wait()
                await watching
