"""A real player over a failure: ffmpeg itself reads the stream while its provider dies."""

import asyncio
import re
from itertools import pairwise

import imageio_ffmpeg

from tests.fakes.transmitter import Mood
from tests.live.relay.world import World

PICTURE = re.compile(r"^0, +-?\d+, +(-?\d+),", re.MULTILINE)
SECONDS = 10


class TestFfmpegWatchesWhileTheFirstSourceIsKilled:
    async def test_it_gets_ten_seconds_with_a_short_gap(self, world: World) -> None:
        channel = await world.channel("one", "two")
        words = [
            "-hide_banner",
            "-loglevel",
            "error",
            "-fflags",
            "+genpts",
            "-i",
            f"{world.url}/proxy/ts/stream/{channel}",
        ]
        words += ["-t", str(SECONDS), "-map", "0:v", "-f", "framehash", "pipe:1"]
        player = await asyncio.create_subprocess_exec(
            imageio_ffmpeg.get_ffmpeg_exe(), *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        feed = world.provider.feed("one")
        async with asyncio.timeout(40):
            async with world.viewer(channel) as beside:
                await beside.take(400_000)
            feed.mood = Mood.REFUSE
            feed.kill()
            output, complaints = await player.communicate()
        times = [int(found[1]) for found in PICTURE.finditer(output.decode())]
        steps = [later - earlier for earlier, later in pairwise(times)]
        assert player.returncode == 0, complaints
        assert len(times) > 25 * (SECONDS - 7), complaints
        assert max(steps) <= 7 * 25, "time base is 1/25"
        assert min(steps) >= 0
        assert world.provider.feed("two").connections_peak == 1
