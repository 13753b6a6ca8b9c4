"""The small arithmetic of the edge: heads, frames, titles, chunks."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.radio.edge.chunks import BadChunk, Unchunker
from polycast.radio.edge.frames import framer_for, silent_mp3
from polycast.radio.edge.head import BadHead, end_of_head, icy_fields, parse
from polycast.radio.edge.metadata import LONGEST, block, cleaned, decoded
from polycast.radio.edge.model import Format
from polycast.radio.edge.webcast import SocketFrames, unmasked
from tests.fakes.radio_sounds import packed, tone, unpacked, without_titles


class TestATitle:
    def test_is_a_length_and_so_many_times_sixteen_bytes(self) -> None:
        made = block("Привет")
        assert made[0] * 16 == len(made) - 1
        assert made[1:].rstrip(b"\0").decode() == "StreamTitle='Привет';"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "It's",
            "a;b",
            "-",
            "Ελληνικά",
            "العربية",
            "日本語",
            "🎵 emoji",
            "x" * 600,
            "ж" * 1000,
            "a';StreamUrl='http://evil",
        ],
    )
    def test_of_any_script_comes_out_as_it_went_in(self, text: str) -> None:
        made = block(text)
        assert len(made) <= LONGEST + 1
        _, titles = without_titles(b"\0" * 16 + made, 16)
        assert titles == [text.replace("';", "' ;")]

    @given(st.text(max_size=3000))
    def test_never_breaks_its_frame(self, text: str) -> None:
        made = block(cleaned(text), "http://cover.example/1.jpg")
        assert made[0] * 16 == len(made) - 1
        made[1:].rstrip(b"\0").decode()

    def test_is_read_in_the_charset_it_was_written_in(self) -> None:
        assert decoded("Ночь".encode("cp1251"), "windows-1251") == "Ночь"
        assert decoded("Ночь".encode(), "windows-1251") == "Ночь"
        assert decoded("für".encode("latin-1")) == "für"
        assert decoded(b"\x81\x8d") == "\x81\x8d"
        assert decoded(b"caf\xe9", "no-such-charset") == "café"

    def test_holds_no_line_of_a_header(self) -> None:
        assert cleaned("a\r\nSet-Cookie: x\0") == "a Set-Cookie: x"


class TestAHead:
    def test_is_read_with_either_line_end(self) -> None:
        for raw in (b"GET /a%20b?x=1 HTTP/1.0\r\nHost: h\r\n\r\nrest", b"GET /a%20b?x=1 HTTP/1.0\nHost: h\n\nrest"):
            found = end_of_head(raw)
            assert found is not None
            head = parse(raw[: found[0]])
            assert (head.method, head.path, head.query, head.version) == ("GET", "/a b", {"x": b"1"}, "1.0")
            assert raw[found[1] :] == b"rest"

    def test_tells_who_asks(self) -> None:
        word = base64.b64encode(b"dj:pass:word").decode()
        assert parse(f"PUT /m HTTP/1.1\r\nAuthorization: Basic {word}".encode()).credentials == ("dj", "pass:word")
        for bad in ("Basic !!", "Bearer x", "Basic " + base64.b64encode(b"nocolon").decode()):
            assert parse(f"GET / HTTP/1.0\r\nAuthorization: {bad}".encode()).credentials is None

    @pytest.mark.parametrize("raw", [b"", b"GET", b"GET / HTTP/1.0\r\nno colon", b"GET /\0 HTTP/1.0", b"a b c d"])
    def test_that_is_none_is_refused(self, raw: bytes) -> None:
        with pytest.raises(BadHead):
            parse(raw)

    def test_a_host_is_repeated_only_when_it_is_one(self) -> None:
        assert parse(b"GET / HTTP/1.0\r\nHost: radio.example:8000").host == "radio.example:8000"
        assert parse(b'GET / HTTP/1.0\r\nHost: x"><script>').host == ""

    def test_lines_of_an_icy_source(self) -> None:
        assert icy_fields(b"icy-name:Caf\xe9\r\nicy-br:64\r\ncontent-type:audio/mpeg") == {
            "icy-name": "Café",
            "icy-br": "64",
            "content-type": "audio/mpeg",
        }

    @given(st.binary(max_size=400))
    def test_nothing_makes_it_fail_otherwise(self, raw: bytes) -> None:
        try:
            parse(raw)
        except BadHead:
            return


class TestFrames:
    @pytest.mark.parametrize(("form", "packing"), [(Format.MP3, "mp3"), (Format.AAC, "adts"), (Format.OPUS, "ogg")])
    @pytest.mark.parametrize("size", [1, 417, 5000])
    def test_come_out_whole_however_they_came_in(self, form: Format, packing: str, size: int) -> None:
        data = packed(tone(440, 2.0), form=packing)
        framer = framer_for(form)
        parts = [cut for at in range(0, len(data), size) if (cut := framer.feed(data[at : at + size]))]
        assert framer.is_sound
        assert abs(sum(cut.seconds for cut in parts) - 2.0) < 0.1
        whole = b"".join(cut.data for cut in parts)
        assert whole in data
        assert len(unpacked(whole, {"adts": "aac"}.get(packing, packing))) > 80_000

    def test_garbage_before_and_between_is_dropped(self) -> None:
        data = packed(tone(440, 1.0))
        framer = framer_for(Format.MP3)
        found = framer.feed(b"ID3\x04\0\0\0\0\1\0" + bytes(128) + b"\xff\xfb garbage" + data)
        assert found is not None
        assert len(found.data) >= len(data) - 1500

    @given(st.binary(max_size=5000))
    def test_garbage_is_no_sound_and_no_failure(self, data: bytes) -> None:
        for form in (Format.MP3, Format.AAC, Format.OPUS):
            framer = framer_for(form)
            for at in range(0, len(data), 700):
                framer.feed(data[at : at + 700])

    def test_the_head_of_an_ogg_stream_is_kept_for_those_who_come_later(self) -> None:
        data = packed(tone(440, 3.0), form="ogg")
        framer = framer_for(Format.OPUS)
        cut = framer.feed(data)
        assert cut is not None
        assert framer.head == data[: cut.head_size]
        late = data[cut.head_size :]
        assert len(unpacked(framer.head + late[late.find(b"OggS", 100) :], "ogg")) > 0

    @pytest.mark.parametrize("kbps", [32, 64, 96, 128, 192, 320])
    def test_silence_is_silent_and_as_long_as_it_says(self, kbps: int) -> None:
        frames = silent_mp3(kbps)
        sound = unpacked(b"".join(frames))
        assert abs(len(sound) / 44100 - 1.0) < 0.06
        assert not sound.any()


class TestChunks:
    @pytest.mark.parametrize("size", [1, 2, 3, 100])
    def test_are_taken_apart(self, size: int) -> None:
        raw = b"5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n"
        unchunker = Unchunker()
        assert b"".join(unchunker.feed(raw[at : at + size]) for at in range(0, len(raw), size)) == b"hello0123456789"
        assert unchunker.is_over

    @pytest.mark.parametrize("raw", [b"x\r\n", b"-1\r\n", b"FFFFFFFFF\r\n", b"1\r\nab\r\n", b"1" * 2000])
    def test_that_are_none_are_refused(self, raw: bytes) -> None:
        with pytest.raises(BadChunk):
            Unchunker().feed(raw)


class TestFramesOfASocket:
    @given(st.lists(st.binary(max_size=70_000), max_size=4), st.integers(1, 5000))
    def test_come_out_as_they_went_in(self, messages: list[bytes], size: int) -> None:
        raw = b"".join(masked(one) for one in messages)
        frames = SocketFrames()
        found = [body for at in range(0, len(raw), size) for _, body in frames.feed(raw[at : at + size])]
        assert found == messages

    def test_a_frame_without_a_mask_is_refused(self) -> None:
        with pytest.raises(ValueError, match="frame"):
            list(SocketFrames().feed(b"\x82\x01a"))


def masked(body: bytes) -> bytes:
    size, mask = len(body), b"\1\2\3\4"
    if size < 126:
        head = bytes([0x82, 0x80 | size])
    elif size < 65536:
        head = bytes([0x82, 0x80 | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x82, 0x80 | 127]) + size.to_bytes(8, "big")
    return head + mask + unmasked(body, mask)
