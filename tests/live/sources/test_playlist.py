"""Reading playlists as providers write them."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.core.errors import TooLarge
from polycast.live.sources.refresh.playlist import Entry, EntryReader, Tally, raw_entries
from polycast.live.sources.refresh.sniff import NoPlaylist, require_playlist
from tests.live.sources.world import SAMPLES


def read(data: str | bytes, *, block: int = 7) -> tuple[list[Entry], Tally]:
    """All entries, from blocks of an awkward size."""
    raw = data.encode() if isinstance(data, str) else data
    blocks: Iterator[bytes] = (raw[at : at + block] for at in range(0, len(raw), block))
    tally, reader = Tally(), EntryReader()
    return [reader.read(entry) for entry in raw_entries(blocks, tally)], tally


def one(line: str) -> Entry:
    [entry], _ = read(f"{line}\nhttp://a.example.net/x.ts\n")
    return entry


class TestASmallListWithAllOddities:
    @pytest.fixture
    def entries(self) -> list[Entry]:
        return read((SAMPLES / "small.m3u").read_bytes())[0]

    def test_every_usable_entry_is_read_in_order(self, entries: list[Entry]) -> None:
        assert [entry.name for entry in entries] == [
            "BBC One HD",
            "BBC Two, in single quotes",
            "Plain title, with a comma",
            'The "Quoted" Show',
            "Named only",
            "Multicast",
        ]

    def test_groups_come_from_the_attribute_the_directive_or_the_default(self, entries: list[Entry]) -> None:
        assert [entry.group for entry in entries] == ["UK", "UK", "Default Group", "Kids", "News", "Local"]

    def test_options_and_properties_are_kept(self, entries: list[Entry]) -> None:
        assert entries[3].options == ["http-user-agent=Player/1.0", "http-referrer=http://site.example.net/"]
        assert entries[3].properties == ["inputstream=inputstream.adaptive"]

    def test_a_kodi_suffix_is_no_part_of_the_address(self, entries: list[Entry]) -> None:
        assert entries[4].url == "http://streams.example.net/news.ts"
        assert entries[4].headers == "User-Agent=Kodi&Referer=http%3A%2F%2Fa.example.net"

    def test_the_at_sign_of_multicast_is_dropped(self, entries: list[Entry]) -> None:
        assert entries[5].url == "udp://239.1.1.1:1234"

    def test_what_was_left_out_is_counted_by_reason(self) -> None:
        _, tally = read((SAMPLES / "small.m3u").read_bytes())
        assert tally.rejected == {"no_address": 1, "scheme": 2, "no_extinf": 1}

    def test_guides_of_the_header_are_found_once(self) -> None:
        _, tally = read((SAMPLES / "small.m3u").read_bytes())
        assert tally.guides == ["http://guide.example.net/guide.xml.gz"]


class TestTitlesAndAttributes:
    @pytest.mark.parametrize(
        ("line", "name", "attributes"),
        [
            ('#EXTINF:-1 tvg-id="a" tvg-name="B",Title', "Title", {"tvg-id": "a", "tvg-name": "B"}),
            ('#EXTINF:-1 TVG-ID="a",T', "T", {"tvg-id": "a"}),
            ('#EXTINF:-1 tvg-id="a",One, "two", three', 'One, "two", three', {"tvg-id": "a"}),
            ("#EXTINF:-1 tvg-id=a tvg-chno=5,T", "T", {"tvg-id": "a", "tvg-chno": "5"}),
            ("#EXTINF:-1 tvg-id='it',T", "T", {"tvg-id": "it"}),
            ('#EXTINF:-1 tvg-id="" ,T', "T", {"tvg-id": ""}),
            ('#EXTINF:-1 tvg-id="a", group-title="G",T', "T", {"tvg-id": "a", "group-title": "G"}),
            ('#EXTINF:-1,Title tvg-id="x"', "Title", {"tvg-id": "x"}),
            ("#EXTINF:-1,Show a=b", "Show a=b", {}),
            ("#EXTINF:-1", "x", {}),
            ('#EXTINF:-1 tvg-name="N" tvc-guide-title="G",', "G", {"tvg-name": "N", "tvc-guide-title": "G"}),
            ('#EXTINF:-1 tvg-id="a" tvg-id="b",T', "T", {"tvg-id": "a"}),
            ('#extinf:-1 tvg-id="a",T', "T", {"tvg-id": "a"}),
            ('#EXTINF:-1 tvg-logo="http://l/a?b=c,d=e",T', "T", {"tvg-logo": "http://l/a?b=c,d=e"}),
        ],
    )
    def test_are_told_apart(self, line: str, name: str, attributes: dict[str, str]) -> None:
        entry = one(line)
        assert (entry.name, entry.attributes) == (name, attributes)


class TestEncodings:
    def test_a_byte_order_mark_is_ignored(self) -> None:
        entries, _ = read(b"\xef\xbb\xbf#EXTM3U\n#EXTINF:-1,A\nhttp://a/1\n")
        assert [entry.name for entry in entries] == ["A"]

    def test_lines_that_are_not_utf8_are_read_as_windows_wrote_them(self) -> None:
        entries, _ = read("#EXTINF:-1,Über\nhttp://a/1\n".encode() + b"#EXTINF:-1,Caf\xe9 \x80\nhttp://a/2\n")
        assert [entry.name for entry in entries] == ["Über", "Café €"]

    def test_windows_line_ends_and_a_missing_last_one(self) -> None:
        entries, _ = read(b"#EXTM3U\r\n#EXTINF:-1,A\r\nhttp://a/1\r\n#EXTINF:-1,B\r\nhttp://a/2")
        assert [(entry.name, entry.url) for entry in entries] == [("A", "http://a/1"), ("B", "http://a/2")]


class TestHostileInput:
    def test_a_line_of_megabytes_costs_only_its_entry(self) -> None:
        long = b"#EXTINF:-1," + b"x" * 2_000_000 + b"\nhttp://a/1\n"
        entries, tally = read(
            b"#EXTM3U\n#EXTINF:-1,A\nhttp://a/0\n" + long + b"#EXTINF:-1,B\nhttp://a/2\n", block=65536
        )
        assert [entry.name for entry in entries] == ["A", "B"]
        assert tally.rejected == {"line_too_long": 1, "no_extinf": 1}

    def test_an_address_of_more_than_4096_characters_is_left_out(self) -> None:
        entries, tally = read(f"#EXTINF:-1,A\nhttp://a/{'x' * 5000}\n")
        assert entries == []
        assert tally.rejected == {"url_too_long": 1}

    def test_too_many_entries_end_the_reading(self) -> None:
        with pytest.raises(TooLarge):
            list(raw_entries([b"#EXTINF:-1,A\nhttp://a/1\n" * 3], Tally(), limit=2))

    @given(st.binary(max_size=400), st.integers(1, 50))
    def test_no_bytes_make_it_fail(self, data: bytes, block: int) -> None:
        read(b"#EXTM3U\n#EXTINF:-1 tvg-id=" + data + b"\nhttp://a/1\n", block=block)

    @given(st.lists(st.text(max_size=60), max_size=12), st.integers(1, 30))
    def test_blocks_of_any_size_give_the_same(self, parts: list[str], block: int) -> None:
        text = '"'.join(["#EXTINF:-1 ", *parts]).replace("\ud800", "") + "\nhttp://a/1\n"
        data = text.encode("utf-8", "replace")
        assert read(data, block=block)[0] == read(data, block=1 << 20)[0]


class TestAPlainListOfAddresses:
    def test_names_are_the_last_part_of_the_path(self) -> None:
        entries, _ = read("http://a/one.ts\nhttp://b/x/two.m3u8?x=1\n")
        assert [entry.name for entry in entries] == ["one", "two"]


class TestWhatIsNoPlaylist:
    @pytest.mark.parametrize(
        ("head", "reason"),
        [
            (b"", "empty"),
            (b"   \n", "empty"),
            (b"<!DOCTYPE html><html><body>x</body></html>", "html"),
            (b"<html>Access denied</html>", "refused"),
            (b"Unauthorized", "refused"),
            (b"884", "code"),
            (b'<?xml version="1.0"?><tv></tv>', "guide"),
            (b'{"user_info":{"auth":0}}', "refused"),
            (b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nseg.ts\n", "hls"),
            (b"\x7fELF\x00\x00", "binary"),
            (b"hello there", "unknown"),
        ],
    )
    def test_is_told_by_its_first_bytes(self, head: bytes, reason: str) -> None:
        with pytest.raises(NoPlaylist) as refused:
            require_playlist(head)
        assert refused.value.reason == reason

    @pytest.mark.parametrize("head", [b"#EXTM3U\n", b"\xef\xbb\xbf#EXTINF:-1,A\n", b"http://a/1\n", b"\x1f\x8b\x08"])
    def test_what_may_be_one_passes(self, head: bytes) -> None:
        require_playlist(head)
