"""Pieces of films: the same however they are asked for, and nothing at all out of what is no film."""

import io
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import av
import pytest
import pytest_asyncio

from polycast.core.errors import NotFound
from polycast.core.media import (
    BadBoxes,
    CannotCut,
    CutAsk,
    Cuts,
    Keyframes,
    PictureAsk,
    Pieces,
    SoundAsk,
    WordsAsk,
    as_track,
    begins,
    delay,
    join_inits,
    moved,
    open_media,
    timescale,
)
from tests.library.playback.cinema import plain, surround, transport

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cuts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cuts]:
    async with open_media(tmp_path_factory.mktemp("media")) as media:
        yield media.cuts


async def keyframes(cuts: Cuts, path: Path) -> Keyframes:
    found = await cuts.keyframes(path, 0, may_scan=True)
    assert found is not None
    return found


class TestEntryPoints:
    async def test_an_index_tells_them_without_reading_the_film(self, cuts: Cuts) -> None:
        found = await cuts.keyframes(surround(), 0)
        assert found is not None
        assert len(found.ticks) == 20
        assert found.times_us()[:3] == [0, 1_001_000, 2_002_000]

    async def test_a_stream_without_one_is_read_only_when_it_may_be(self, cuts: Cuts) -> None:
        assert await cuts.keyframes(transport(), 0) is None
        found = await keyframes(cuts, transport())
        assert len(found.ticks) == 12
        assert abs(found.times_us()[1] - 1_001_000) < 25_000


class TestPieces:
    @pytest.mark.parametrize("make", [surround, plain, transport])
    async def test_each_begins_where_the_last_one_ended(self, cuts: Cuts, make: object) -> None:
        path: Path = make()  # type: ignore[operator]
        known = await keyframes(cuts, path)
        times, count = known.times_us(), 0
        for number in (6, 0, 3):
            ask = CutAsk(0, known.ticks[number], known.ticks[number + 3], known.by_dts, known.origin_us)
            piece = await cuts.cut(path, ask)
            first = begins(piece.content, piece.init) * 1_000_000 // timescale(piece.init)
            assert abs(first - times[number]) < 1_000
            count += piece.count
        assert count == 9 * 24

    async def test_new_sound_of_neighbours_is_one_wave(self, cuts: Cuts) -> None:
        joined = b""
        for start in range(0, 12, 2):
            ask = SoundAsk(1, start * 1_000_000, (start + 2) * 1_000_000, 0, codec="aac")
            piece = await cuts.cut(surround(), ask)
            joined = joined or piece.init
            joined += piece.content
        with av.open(io.BytesIO(joined)) as container:
            stamps = [packet.pts for packet in container.demux(audio=0) if packet.pts is not None]
        assert [later - earlier for earlier, later in pairwise(stamps)] == [1024] * (len(stamps) - 1)

    async def test_pictures_and_sound_become_one_film(self, cuts: Cuts) -> None:
        known = await keyframes(cuts, surround())
        pictures = await cuts.cut(surround(), CutAsk(0, known.ticks[0], known.ticks[4], known.by_dts, 0))
        sound = await cuts.cut(surround(), SoundAsk(1, 0, known.times_us()[4], 0, codec="aac", channels=6))
        joined = join_inits(pictures.init, sound.init)
        joined += as_track(pictures.content, 1, first=1) + as_track(sound.content, 2, first=2)
        with av.open(io.BytesIO(joined)) as container:
            assert [stream.codec_context.name for stream in container.streams] == ["h264", "aac"]
            assert container.streams.audio[0].codec_context.channels == 6
            assert sum(1 for _ in container.decode(video=0)) == 96

    async def test_words_and_stills(self, cuts: Cuts) -> None:
        words = await cuts.words(surround(), WordsAsk([3], 10_000_000, 20_000_000, 0))
        still = await cuts.draw(surround(), PictureAsk(0, 5_000_000, 0, 160))
        assert [(line.start_us, line.text) for line in words.lines] == [(12_000_000, "Later <b>on</b>")]
        assert still.startswith(b"\xff\xd8\xff")


class TestWhatIsNoFilm:
    async def test_it_is_told_and_nothing_is_given(self, cuts: Cuts, tmp_path: Path) -> None:
        disguised = tmp_path / "film.mkv"
        disguised.write_bytes(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
        cut_off = tmp_path / "short.mp4"
        cut_off.write_bytes(plain().read_bytes()[:3000])
        for path in (disguised, cut_off):
            with pytest.raises(CannotCut):
                await cuts.cut(path, CutAsk(0, 0, None, False, 0))
            assert await cuts.keyframes(path, 0) is None

    async def test_a_stream_that_is_not_there(self, cuts: Cuts) -> None:
        with pytest.raises(CannotCut):
            await cuts.cut(plain(), CutAsk(9, 0, None, True, 0))

    async def test_a_file_that_is_not_there(self, cuts: Cuts, tmp_path: Path) -> None:
        with pytest.raises(NotFound):
            await cuts.cut(tmp_path / "none", CutAsk(0, 0, None, True, 0))
        with pytest.raises(NotFound):
            await cuts.cut(tmp_path, CutAsk(0, 0, None, True, 0))


class TestBoxes:
    async def test_a_stream_is_taken_apart_wherever_it_is_cut(self, cuts: Cuts) -> None:
        known = await keyframes(cuts, plain())
        piece = await cuts.cut(plain(), CutAsk(0, known.ticks[0], known.ticks[2], known.by_dts, known.origin_us))
        whole = piece.init + piece.content
        for size in (1, 7, 4096):
            pieces, found = Pieces(), b""
            for at in range(0, min(len(whole), 60_000), size):
                found += b"".join(pieces.feed(whole[at : at + size]))
            assert pieces.init == piece.init
            assert piece.content.startswith(found)

    async def test_times_move_and_never_below_the_beginning(self, cuts: Cuts) -> None:
        known = await keyframes(cuts, plain())
        piece = await cuts.cut(plain(), CutAsk(0, known.ticks[1], known.ticks[2], known.by_dts, known.origin_us))
        later = moved(piece.content, 100)
        assert begins(later, piece.init) == begins(piece.content, piece.init) + 100
        assert delay(piece.init) >= 0
        with pytest.raises(BadBoxes):
            moved(piece.content, -(10**9))

    @pytest.mark.parametrize("content", [b"\0\0\0\x04moof", b"\0\0\0\x01moov" + b"\0" * 8, b"\xff" * 64])
    async def test_what_is_none_is_refused_or_waited_for(self, content: bytes) -> None:
        pieces = Pieces()
        try:
            assert list(pieces.feed(content)) == []
        except BadBoxes:
            return
        assert pieces.init == b""
