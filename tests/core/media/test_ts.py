"""Transport streams are put in order and understood, garbage included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.core.media.ts import (
    NULL_PACKET,
    PACKET,
    Aligner,
    TsScan,
    discontinuity_packets,
    first_counters,
    pcr_distance,
    read_pcr,
    read_pts,
)
from tests.core.media.packets import PMT_PID, VIDEO_PID, packet, pat, picture, pmt, stream, tables


def aligned(data: bytes, sizes: list[int]) -> tuple[bytes, int]:
    """`data` through an Aligner, cut into pieces of `sizes` in turn."""
    aligner = Aligner()
    out, at, turn = [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        out.append(aligner.feed(data[at : at + size]))
        at, turn = at + size, turn + 1
    return b"".join(out), aligner.dropped_bytes


class TestAStreamCutAnywhere:
    @given(st.lists(st.integers(1, 900), min_size=1, max_size=5))
    def test_comes_out_in_whole_packets(self, sizes: list[int]) -> None:
        data = stream(12)
        assert aligned(data, sizes) == (data, 0)

    @given(
        st.lists(st.integers(1, 900), min_size=1, max_size=5),
        st.binary(max_size=400).map(lambda b: b.replace(b"G", b"H")),
    )
    def test_loses_only_the_garbage_in_it(self, sizes: list[int], garbage: bytes) -> None:
        found, dropped = aligned(garbage + stream(6) + garbage + stream(6), sizes)
        assert stream(6) in found
        assert len(found) % PACKET == 0
        assert found[0::PACKET] == b"\x47" * (len(found) // PACKET)
        assert dropped >= len(garbage)

    def test_of_nothing_but_garbage_gives_nothing(self) -> None:
        assert aligned(b"\x00\x47\x01" * 5000, [1000])[0] == b""


class TestTheTables:
    def test_tell_what_is_inside(self) -> None:
        scan = TsScan()
        scan.scan(
            pat() + pmt((0x24, 0x101, b""), (0x06, 0x102, b"\x05\x04AC-3\x0a\x04deu\x00"), (0x06, 0x103, b"\x7a\x00"))
        )
        assert scan.programme is not None
        assert [(s.pid, s.codec, s.kind) for s in scan.programme.streams] == [
            (0x101, "hevc", "video"),
            (0x102, "ac3", "audio"),
            (0x103, "eac3", "audio"),
        ]
        assert scan.tables[:PACKET] == pat()

    @pytest.mark.parametrize("size", [PACKET, 3 * PACKET, 100 * PACKET])
    def test_may_be_longer_than_a_packet(self, size: int) -> None:
        streams = [(0x0F, 0x200 + n, b"\x0a\x04eng\x00" * 3) for n in range(20)]
        data = picture(key=False) + pat() + pmt((0x1B, VIDEO_PID, b""), *streams)
        scan = TsScan()
        for at in range(0, len(data), size):
            scan.scan(data[at : at + size])
        assert scan.programme is not None
        assert len(scan.programme.streams) == 21
        assert len(scan.tables) >= 4 * PACKET

    def test_that_change_are_read_again(self) -> None:
        scan = TsScan()
        scan.scan(tables())
        scan.scan(pat(0x1001) + pmt((0x02, 0x300, b""), pid=0x1001))
        assert scan.programme is not None
        assert (scan.programme.pmt_pid, scan.programme.streams[0].codec) == (0x1001, "mpeg2video")

    @given(st.binary(min_size=184, max_size=184))
    def test_of_nonsense_harm_nobody(self, body: bytes) -> None:
        scan = TsScan()
        scan.scan(packet(0, body, starts=True) + pat() + packet(PMT_PID, body, starts=True) + picture(key=True))

    @given(st.binary(min_size=PACKET * 3, max_size=PACKET * 3))
    def test_and_packets_of_nonsense_harm_nobody(self, noise: bytes) -> None:
        scan = TsScan()
        scan.scan(tables())
        scan.scan(noise)


class TestKeyframes:
    def test_are_found_by_flag_and_by_content(self) -> None:
        data = tables() + picture(key=False) + picture(key=True) + picture(key=False)
        flagged = packet(VIDEO_PID, b"\x00\x00\x01\xe0" + bytes(100), starts=True, random_access=True)
        assert TsScan().scan(data + flagged).keyframes == (12 * PACKET, 32 * PACKET)

    @pytest.mark.parametrize(
        ("stream_type", "unit", "is_key"),
        [(0x1B, b"\x65", True), (0x1B, b"\x41", False), (0x1B, b"\x06", False), (0x24, b"\x40\x01", True), (0x24, b"\x26\x01", True),
         (0x24, b"\x02\x01", False), (0x02, b"\xb3", True), (0x02, b"\x00", False)],
    )  # fmt: skip
    def test_of_each_codec(self, stream_type: int, unit: bytes, is_key: bool) -> None:
        pes = b"\x00\x00\x01\xe0\x00\x00\x80\x80\x05\x21\x00\x01\x00\x01\x00\x00\x01" + unit
        data = pat() + pmt((stream_type, VIDEO_PID, b"")) + packet(VIDEO_PID, pes.ljust(184, b"\xff"), starts=True)
        assert bool(TsScan().scan(data).keyframes) is is_key

    def test_of_radio_are_all_frames(self) -> None:
        sound = packet(0x101, b"\x00\x00\x01\xc0".ljust(184, b"\xff"), starts=True)
        assert TsScan().scan(pat() + pmt((0x0F, 0x101, b"")) + sound + sound).keyframes == (2 * PACKET, 3 * PACKET)


class TestClocks:
    def test_are_read_and_compared_over_the_wrap(self) -> None:
        field = b"\xb7\x10" + ((1000 << 15 | 0x7E00 | 7).to_bytes(6, "big"))
        clock = (bytes([0x47, VIDEO_PID >> 8, VIDEO_PID & 0xFF, 0x20]) + field).ljust(PACKET, b"\xff")
        assert read_pcr(clock, 0) == 1000 * 300 + 7
        scanned = TsScan().scan(tables() + clock)
        assert (scanned.first_pcr, scanned.last_pcr) == (300_007, 300_007)
        assert pcr_distance((1 << 33) * 300 - 27_000_000, 27_000_000) == 2.0
        assert pcr_distance(54_000_000, 27_000_000) == -1.0

    def test_of_pictures_are_read(self) -> None:
        assert read_pts(picture(key=True), 0) == 0
        assert read_pts(NULL_PACKET, 0) is None


class TestASplice:
    def test_is_flagged_for_each_stream(self) -> None:
        scan = TsScan()
        scan.scan(tables())
        assert scan.programme is not None
        flags = discontinuity_packets(scan.programme, first_counters(picture(key=True, counter=3)))
        assert len(flags) == PACKET
        assert flags[:6] == bytes([0x47, 0x01, 0x00, 0x22, 183, 0x80])
