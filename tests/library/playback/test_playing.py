"""Films on a browser: as they are, repackaged, with new sound, encoded anew; every frame is counted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.library.playback.cinema import WEB, Cinema, cinema, plain
from tests.library.playback.player import Player, steps, tracks_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

FRAME = 1001 / 24000
AAC = 1024 / 48000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cinema]:
    async with cinema(tmp_path_factory.mktemp("cinema")) as found:
        yield found


class TestAFileThatTheBrowserOpens:
    async def test_it_is_played_as_it_is_in_ranges(self, house: Cinema) -> None:
        session = await house.start("Plain")
        content = Path(plain()).read_bytes()
        assert (session["mode"], session["tier"], session["reasons"]) == ("direct_play", 1, [])
        whole = await house.server.get(session["url"])
        part = await house.server.get(session["url"], headers={"range": "bytes=1000-1999"})
        beyond = await house.server.get(session["url"], headers={"range": f"bytes={len(content)}-"})
        assert (whole.status, whole.body, whole.headers["content-type"]) == (200, content, "video/mp4")
        assert (part.status, part.body) == (206, content[1000:2000])
        assert part.headers["content-range"] == f"bytes 1000-1999/{len(content)}"
        assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{len(content)}")

    # Chromecast and Safari ask for HLS whatever we would like best.
    async def test_hls_is_there_all_the_same(self, house: Cinema) -> None:
        player = Player(client=house.server, session=await house.start("Plain"))
        [url] = await player.variants()
        pictures, sounds = await player.play(url)
        assert (pictures.codec, sounds.codec) == ("h264", "aac")
        assert len(pictures.times) == 288
        assert steps(pictures) == pytest.approx((FRAME, FRAME), abs=0.001)


class TestAFileInAnotherContainer:
    async def test_pictures_are_copied_and_sound_is_mixed_down(self, house: Cinema) -> None:
        session = await house.start("Surround")
        assert session["mode"] == "remux_hls_audio_transcode"
        assert session["reasons"] == ["ContainerNotSupported", "AudioCodecNotSupported"]
        player = Player(client=house.server, session=session)
        [url] = await player.variants()
        playlist = await player.playlist(url)
        pictures, sounds = await player.play(url)
        assert playlist.is_complete
        assert all(seconds <= playlist.target for _, seconds in playlist.segments)
        assert sum(seconds for _, seconds in playlist.segments) == pytest.approx(20.0, abs=0.1)
        assert (len(pictures.times), sounds.codec, sounds.channels) == (480, "aac", 2)
        assert steps(pictures) == pytest.approx((FRAME, FRAME), abs=0.001)
        assert steps(sounds) == pytest.approx((AAC, AAC), abs=0.0005)

    # A seek storm makes pieces in any order; joined they must be the same film.
    async def test_pieces_fetched_in_any_order_join_without_a_gap(self, house: Cinema) -> None:
        player = Player(client=house.server, session=await house.start("Surround"))
        [url] = await player.variants()
        forwards = await player.play(url)
        backwards = await player.play(url, order=[4, 2, 0, 3, 1])
        assert backwards == forwards

    async def test_another_language_is_a_rendition_of_its_own(self, house: Cinema) -> None:
        player = Player(client=house.server, session=await house.start("Surround"))
        master = await player.master()
        assert 'NAME="German (AAC Stereo)",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,URI="audio-2/playlist.m3u8' in master
        [sounds] = await player.play(f"{player.base}audio-2/playlist.m3u8?{player.query}")
        assert (sounds.kind, sounds.codec) == ("audio", "aac")
        assert steps(sounds) == pytest.approx((AAC, AAC), abs=0.001)  # Matroska counts in milliseconds

    # A recording has no index: its entry points are found by reading it once.
    async def test_a_transport_stream_is_repackaged_too(self, house: Cinema) -> None:
        session = await house.start("Broadcast")
        assert session["mode"] == "remux_hls"
        player = Player(client=house.server, session=session)
        [url] = await player.variants()
        pictures, sounds = await player.play(url)
        assert (len(pictures.times), pictures.codec, sounds.codec) == (288, "h264", "aac")
        assert steps(pictures) == pytest.approx((FRAME, FRAME), abs=0.001)

    async def test_a_player_without_hls_gets_one_endless_file(self, house: Cinema) -> None:
        profile = {
            "containers": ["mp4"],
            "videoCodecs": [{"codec": "h264"}],
            "audioCodecs": [{"codec": "aac"}],
            "hls": False,
        }
        session = await house.start("Surround", profile=profile)
        assert session["mode"] == "remux_audio_transcode"
        whole = await house.server.get(session["url"])
        later = await house.server.get(session["url"] + "&start=9")
        assert whole.headers["content-type"] == "video/mp4"
        assert len(later.body) < len(whole.body) * 0.8


class TestAFileThatMustBeEncodedAnew:
    async def test_hdr_becomes_what_the_browser_shows(self, house: Cinema) -> None:
        session = await house.start("Bright")
        assert session["mode"] == "transcode_hls"
        assert session["reasons"] == ["ContainerNotSupported", "VideoCodecNotSupported", "VideoRangeTypeNotSupported"]
        player = Player(client=house.server, session=session)
        assert "VIDEO-RANGE=SDR" in await player.master()
        [url] = await player.variants()
        [pictures] = await player.play(url)
        assert (pictures.codec, len(pictures.times)) == ("h264", 192)
        assert steps(pictures) == pytest.approx((FRAME, FRAME), abs=0.001)

    async def test_runs_of_the_encoder_join_without_a_gap(self, house: Cinema) -> None:
        session = await house.start("Surround", quality="240p", maxBitrate=300_000)
        assert session["mode"] == "transcode_hls"
        player = Player(client=house.server, session=session)
        [url] = await player.variants()
        pictures, sounds = await player.play(url, order=[4, 0, 3, 1, 2])
        assert len(pictures.times) == 480
        assert steps(pictures) == pytest.approx((FRAME, FRAME), abs=0.001)
        assert steps(sounds) == pytest.approx((AAC, AAC), abs=0.0005)


class TestSeeking:
    async def test_the_segment_of_a_position_is_told(self, house: Cinema) -> None:
        session = await house.start("Surround")
        answer = await house.owner.post(f"/v1/playback/sessions/{session['id']}/seek", {"position": 9.0})
        assert answer.status == 200
        assert answer.json() == {"position": 9.0, "ready": True, "segment": 2, "restarted": False}

    async def test_fifty_seeks_leave_one_encoder_and_the_right_pictures(self, house: Cinema) -> None:
        session = await house.start("Bright")
        for number in range(50):
            sent = {"position": (number * 37 % 80) / 10}
            answer = await house.owner.post(f"/v1/playback/sessions/{session['id']}/seek", sent)
            assert answer.status == 200, answer.text()
        player = Player(client=house.server, session=session)
        [url] = await player.variants()
        [pictures] = await player.play(url)
        assert len(pictures.times) == 192


class TestSubtitles:
    async def test_they_are_webvtt_with_nothing_but_plain_marks(self, house: Cinema) -> None:
        session = await house.start("Surround")
        [track] = session["subtitleTracks"]
        answer = await house.server.get(track["url"])
        assert (answer.status, answer.headers["content-type"]) == (200, "text/vtt; charset=utf-8")
        assert answer.text() == (
            "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\n<i>Good</i> evening &amp; welcome\n"
            "\n00:00:12.000 --> 00:00:14.500\nLater <b>on</b>\n"
        )

    async def test_hls_gets_them_by_the_minute(self, house: Cinema) -> None:
        player = Player(client=house.server, session=await house.start("Surround"))
        playlist = await player.playlist(f"{player.base}subtitles/3.m3u8?{player.query}")
        [(url, seconds)] = playlist.segments
        text = (await player.fetch(url)).decode()
        assert seconds == pytest.approx(20.0, abs=0.1)
        assert text.startswith("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n")
        assert "Later <b>on</b>" in text

    async def test_what_is_no_track_is_not_found(self, house: Cinema) -> None:
        player = Player(client=house.server, session=await house.start("Surround"))
        for name in ("9.vtt", "1.vtt", "x.vtt", "3.exe", "..%2f3.vtt"):
            answer = await house.server.get(f"{player.base}subtitles/{name}?{player.query}")
            assert answer.status in (400, 404), name


class TestAPlayerThatChangesItsMind:
    # The encoder that was warmed up for the first wish is told to stop; who asks next must not be told that it made nothing.
    async def test_it_has_pictures_at_once_after_another_track_was_chosen(self, house: Cinema) -> None:
        for title in ("Surround", "Plain", "Broadcast"):
            session = await house.start(title, profile=WEB | {"videoCodecs": []})
            changed = await house.owner.patch(f"/v1/playback/sessions/{session['id']}", {"quality": "240p"})
            player = Player(client=house.server, session=changed.json() | {"id": session["id"]})
            [url] = await player.variants()
            playlist = await player.playlist(url)
            content = await player.fetch(playlist.init) + await player.fetch(playlist.segments[0][0])
            assert [one.codec for one in tracks_of(content)] == ["h264", "aac"], title
