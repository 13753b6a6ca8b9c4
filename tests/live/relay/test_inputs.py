"""Sources that are no plain HTTP stream."""

import asyncio

import pytest

from polycast.live.relay.hls_playlist import MediaList, parse
from tests.live.relay.test_forms import decoded
from tests.live.relay.world import World

MASTER = """#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360
low/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=4000000,CODECS="avc1.4d401f,mp4a.40.2"
/high/index.m3u8?token=1
"""
MEDIA = """#EXTM3U
#EXT-X-TARGETDURATION:6
#EXT-X-MEDIA-SEQUENCE:41
#EXT-X-KEY:METHOD=AES-128,URI="key.bin",IV=0x0000000000000000000000000000002A
#EXTINF:6.0,
41.ts
#EXT-X-DISCONTINUITY
#EXT-X-KEY:METHOD=NONE
#EXTINF:5.5,
#EXT-X-BYTERANGE:100@200
all.ts
#EXTINF:5.5,
#EXT-X-BYTERANGE:50
all.ts
"""


SOUNDS = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",{english}URI="en.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Original"{original}
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English",DEFAULT=YES,URI="words.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=900000,AUDIO="a",SUBTITLES="s"
high.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=64000,AUDIO="a"
en.m3u8
"""


class TestHls:
    async def test_its_segments_are_played_like_any_stream(self, world: World) -> None:
        channel = await world.channel("news", path="{}/index.m3u8")
        async with world.viewer(channel) as viewer:
            await viewer.take(400_000)
        pictures, complaints = await asyncio.to_thread(decoded, viewer.pictures())
        assert pictures > 25, complaints

    async def test_it_goes_on_with_segments_that_come_later(self, world: World) -> None:
        channel = await world.channel("news", path="{}/index.m3u8")
        async with world.viewer(channel) as viewer, asyncio.timeout(60):
            for _ in range(5):
                await viewer.until(world.provider.feed("news").mark)


class TestAnHlsPlaylist:
    def test_variants_come_best_first(self) -> None:
        found = parse(MASTER, "http://host/a/master.m3u8")
        assert isinstance(found, list)
        assert [one.url for one in found] == ["http://host/high/index.m3u8?token=1", "http://host/a/low/index.m3u8"]

    def test_keys_jumps_and_byte_ranges_are_read(self) -> None:
        found = parse(MEDIA, "http://host/a/index.m3u8")
        assert isinstance(found, MediaList)
        one, two, three = found.pieces
        assert (one.number, one.lock is not None and one.lock.iv) == (41, (42).to_bytes(16, "big"))
        assert (two.is_jump, two.lock, two.span) == (True, None, (200, 299))
        assert (three.number, three.span) == (43, (300, 349))

    @pytest.mark.parametrize(
        ("english", "original", "expected"),
        [
            ("", "", "http://host/en.m3u8"),
            ("", ',DEFAULT=YES,URI="or.m3u8"', "http://host/or.m3u8"),
            ("AUTOSELECT=NO,", ',AUTOSELECT=YES,URI="or.m3u8"', "http://host/or.m3u8"),
            ("", ",DEFAULT=YES", ""),  # it is in the picture's own segments
        ],
        ids=["first", "default", "chosen by itself", "with the picture"],
    )
    def test_the_sound_of_a_variant_is_the_one_that_a_player_would_choose(
        self, english: str, original: str, expected: str
    ) -> None:
        found = parse(SOUNDS.format(english=english, original=original), "http://host/master.m3u8")
        assert isinstance(found, list)
        assert found[0].sound_url == expected
        # A variant that is the sound itself needs no second one.
        assert found[1].sound_url == ("" if expected == "http://host/en.m3u8" else expected)
