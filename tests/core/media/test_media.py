"""Files are looked into by children that may fall; the answers are what the files hold."""

import os
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import imageio_ffmpeg
import pytest

from polycast.core.errors import NotFound, Unavailable
from polycast.core.media import BadMedia, Media, Quarantine, open_media
from polycast.core.processes.forks import open_forks


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    async with open_media(tmp_path / "quarantine") as found:
        yield found


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film of every feature."""
    folder = tmp_path_factory.mktemp("films")
    (folder / "chapters").write_text(
        ";FFMETADATA1\ntitle=Der Film ä\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=Eins\n"
    )
    (folder / "subtitles.srt").write_text("1\n00:00:00,000 --> 00:00:00,900\nHello\n")
    make(folder / "film.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x36:r=24", "-f", "lavfi", "-i", "sine", "-i", str(folder / "subtitles.srt"),
         "-i", str(folder / "chapters"), "-map", "0", "-map", "1", "-map", "2", "-map_metadata", "3", "-c:v", "libx264", "-pix_fmt", "yuv420p10le",
         "-c:a", "aac", "-ac", "6",
        "-vf",
        "setparams=color_trc=smpte2084:color_primaries=bt2020", "-metadata:s:a:0", "language=ger", "-metadata:s:a:0", "title=Ton",
         "-c:s",
        "srt",
        "-metadata:s:s:0", "language=eng", "-disposition:s:0", "forced", "-t", "1")  # fmt: skip
    make(folder / "cover.png", "-f", "lavfi", "-i", "testsrc2=s=64x36", "-frames:v", "1")
    make(folder / "song.mp3", "-f", "lavfi", "-i", "sine", "-i", str(folder / "cover.png"), "-map", "0", "-map", "1", "-c:v", "copy", "-t", "1",
         "-disposition:v:0", "attached_pic", "-metadata", "artist=Jemand")  # fmt: skip
    make(folder / "list.ts", "-f", "lavfi", "-i", "testsrc2=s=64x36", "-t", "0.4", "-f", "mpegts")
    return folder


def make(path: Path, *words: str) -> None:
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([ffmpeg, "-nostdin", "-loglevel", "error", *words, str(path)], check=True)


class TestAFilm:
    async def test_is_told_whole(self, media: Media, films: Path) -> None:
        found = await media.probe(films / "film.mkv")
        assert found.container == "matroska,webm"
        assert found.size_bytes == (films / "film.mkv").stat().st_size
        assert found.duration is not None
        assert abs(found.duration - timedelta(seconds=1)) < timedelta(milliseconds=100)
        assert found.tags["title"] == "Der Film ä"
        assert [(mark.start, mark.end, mark.title) for mark in found.chapters] == [
            (timedelta(0), timedelta(seconds=0.5), "Eins")
        ]
        picture = found.video
        assert picture is not None
        assert (picture.codec, picture.width, picture.height, picture.fps, picture.bit_depth, picture.hdr) == (
            "h264",
            64,
            36,
            24.0,
            10,
            "hdr10",
        )
        [sound] = found.audio
        assert (sound.codec, sound.channels, sound.layout, sound.sample_rate_hz) == ("aac", 6, "5.1", 44100)
        assert (sound.language, sound.title) == ("ger", "Ton")
        [words] = found.subtitles
        assert (words.codec, words.language, words.is_forced) == ("subrip", "eng", True)

    async def test_can_be_given_as_an_open_descriptor(self, media: Media, films: Path) -> None:
        with (films / "film.mkv").open("rb") as film:
            assert (await media.probe(film.fileno())).video is not None
            assert os.fstat(film.fileno())

    async def test_of_sound_has_its_cover_apart(self, media: Media, films: Path) -> None:
        found = await media.probe(films / "song.mp3")
        assert (found.video, found.tags["artist"]) == (None, "Jemand")
        assert [stream.is_attached_picture for stream in found.streams] == [False, True]


class TestAFileThatPretends:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("film.avi", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"),
            ("film.mkv", "ffconcat version 1.0\nfile 'list.ts'\n"),
            ("film.mp4", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"),
            ("film.mpd", "<?xml version='1.0'?><MPD><Period/></MPD>"),
            ("film.txt", "nothing but words"),
            ("empty.mkv", ""),
        ],
    )
    async def test_is_no_media(self, media: Media, tmp_path: Path, name: str, text: str) -> None:
        (tmp_path / name).write_text(text)
        with pytest.raises(BadMedia) as refused:
            await media.probe(tmp_path / name)
        assert refused.value.problems[0].code == "not_media"

    async def test_with_a_codec_outside_the_list_is_never_decoded(self, media: Media, tmp_path: Path) -> None:
        make(tmp_path / "magic.avi", "-f", "lavfi", "-i", "testsrc2=s=64x36", "-t", "0.2", "-c:v", "magicyuv")
        found = await media.probe(tmp_path / "magic.avi")
        assert found.video is not None
        assert (found.video.codec, found.video.pixel_format) == ("magicyuv", None)

    async def test_is_not_opened_when_it_is_no_file(self, media: Media, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path, tmp_path / "pipe", tmp_path / "gone"):
            with pytest.raises(NotFound):
                await media.probe(path)


class TestAFileThatKillsItsReader:
    @pytest.mark.parametrize("word", ["crash", "hang"])
    async def test_is_left_alone_after_the_second_time(self, tmp_path: Path, word: str) -> None:
        (tmp_path / "bad.mkv").write_text(f"{word} now")
        (tmp_path / "good.mkv").write_text("fine file")
        async with open_forks("tests.fakes.unruly_child", size=1) as forks:
            media = Media(forks=forks, quarantine=Quarantine(tmp_path / "quarantine"))
            patience = timedelta(seconds=1)
            with pytest.raises(Unavailable):
                await media.probe(tmp_path / "bad.mkv", timeout=patience)
            for _ in range(2):
                with pytest.raises(BadMedia) as refused:
                    await media.probe(tmp_path / "bad.mkv", timeout=patience)
                assert refused.value.problems[0].code == "quarantined"
            with pytest.raises(BadMedia) as other:
                await media.probe(tmp_path / "good.mkv", timeout=patience)
            assert other.value.problems[0].code == "not_media"
        (tmp_path / "bad.mkv").rename(tmp_path / "renamed.mkv")
        with (tmp_path / "renamed.mkv").open("rb") as file:
            assert Quarantine(tmp_path / "quarantine").holds(file.fileno())
