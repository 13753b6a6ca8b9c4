import asyncio
import subprocess

import imageio_ffmpeg

from tests.live.relay.world import World


def decoded(content: bytes) -> tuple[int, str]:
    """Pictures that a real player gets out of `content`, and what it complains about."""
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-i", "pipe:0", "-map", "0:v"]
    done = subprocess.run([*words, "-f", "framehash", "pipe:1"], input=content, capture_output=True, check=False)
    pictures = [line for line in done.stdout.decode().splitlines() if line and not line.startswith("#")]
    return len(pictures), done.stderr.decode()


class TestAPageWantsMp4:
    async def test_it_plays_from_a_keyframe(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel, "?output_format=mp4") as viewer:
            assert viewer.response.content_type == "video/mp4"
            body = await viewer.take(300_000)
        pictures, complaints = await asyncio.to_thread(decoded, body)
        assert pictures > 20, complaints

    async def test_late_comers_share_the_remux_and_begin_with_the_head(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel, "?output_format=mp4") as one:
            await one.take(200_000)
            async with world.viewer(channel, "?output_format=fmp4") as two:
                body = await two.take(150_000)
                assert body[4:8] == b"ftyp"
                assert world.provider.feed("news").connections_peak == 1
        pictures, complaints = await asyncio.to_thread(decoded, body)
        assert pictures > 10, complaints
        await world.quiet()


class TestAPlayerWantsHls:
    async def test_its_segments_play_and_the_provider_is_asked_once(self, world: World) -> None:
        channel = await world.channel("news")
        base = f"{world.url}/proxy/hls/{channel}"
        async with asyncio.timeout(60), world.http.get(f"{base}/index.m3u8") as answer:
            assert answer.status == 200, await answer.text()
            assert answer.content_type == "application/vnd.apple.mpegurl"
            names = [line for line in (await answer.text()).splitlines() if line and not line.startswith("#")]
        body = b""
        for name in names:
            async with world.http.get(f"{base}/{name}") as answer:
                assert (answer.status, answer.content_type) == (200, "video/mp2t")
                body += await answer.read()
        assert world.provider.feed("news").connections_peak == 1
        pictures, complaints = await asyncio.to_thread(decoded, body)
        assert pictures >= 25, complaints
        assert complaints == ""
        await world.relay.relays.stop(channel)
        await world.quiet()
        assert await world.used_slots() == 0

    async def test_a_segment_of_a_channel_nobody_watches_is_not_found(self, world: World) -> None:
        async with world.http.get(f"{world.url}/proxy/hls/{await world.channel('news')}/0.ts") as answer:
            assert answer.status == 404
