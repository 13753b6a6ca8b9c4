"""MPEG transport streams, as far as a relay needs them, in plain Python and few steps per chunk.

Source: ISO/IEC 13818-1, 2.4.3 (packets, adaptation field), 2.4.3.6 (PES), 2.4.4 (PAT, PMT); stream types also from
ATSC A/53 and the registrations of SMPTE-RA.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

PACKET: Final = 188
SYNC: Final = 0x47
NULL_PACKET: Final = b"\x47\x1f\xff\x10" + b"\xff" * 184
PCR_TICKS: Final = 27_000_000  # a second
PCR_WRAP: Final = (1 << 33) * 300
PTS_TICKS: Final = 90_000  # a second
PTS_WRAP: Final = 1 << 33
STARTS: Final = bytes(1 if value & 0x40 else 0 for value in range(256))  # payload_unit_start_indicator of byte 1
ADAPTED: Final = bytes(1 if value & 0x20 else 0 for value in range(256))  # adaptation_field_control of byte 3
START_CODE: Final = b"\x00\x00\x01"


class Kind(StrEnum):
    """What an elementary stream carries."""

    VIDEO = "video"
    AUDIO = "audio"
    OTHER = "other"


class Elementary(Struct, frozen=True):
    """A stream in the programme."""

    pid: int
    stream_type: int  # as in the PMT
    codec: str  # "h264", "hevc", "mpeg2video", "aac", "ac3", ...; "" when unknown
    kind: Kind


class Programme(Struct, frozen=True):
    """What the tables say about the first programme."""

    number: int
    pmt_pid: int
    pcr_pid: int
    streams: tuple[Elementary, ...]

    @property
    def video(self) -> Elementary | None:
        return next((stream for stream in self.streams if stream.kind is Kind.VIDEO), None)

    @property
    def audio(self) -> Elementary | None:
        return next((stream for stream in self.streams if stream.kind is Kind.AUDIO), None)


CODECS: Final[Mapping[int, tuple[str, Kind]]] = {
    0x01: ("mpeg1video", Kind.VIDEO),
    0x02: ("mpeg2video", Kind.VIDEO),
    0x03: ("mp3", Kind.AUDIO),
    0x04: ("mp3", Kind.AUDIO),
    0x0F: ("aac", Kind.AUDIO),
    0x10: ("mpeg4", Kind.VIDEO),
    0x11: ("aac_latm", Kind.AUDIO),
    0x1B: ("h264", Kind.VIDEO),
    0x24: ("hevc", Kind.VIDEO),
    0x33: ("vvc", Kind.VIDEO),
    0x81: ("ac3", Kind.AUDIO),
    0x87: ("eac3", Kind.AUDIO),
    0xEA: ("vc1", Kind.VIDEO),
}
BY_DESCRIPTOR: Final = {0x6A: "ac3", 0x7A: "eac3", 0x7B: "dts", 0x7C: "aac"}  # for stream type 6, private data
BY_REGISTRATION: Final = {
    b"AC-3": ("ac3", Kind.AUDIO),
    b"EAC3": ("eac3", Kind.AUDIO),
    b"HEVC": ("hevc", Kind.VIDEO),
    b"Opus": ("opus", Kind.AUDIO),
    b"AV01": ("av1", Kind.VIDEO),
}


class Aligner:
    """Cuts a byte stream of any chunking into whole packets, and finds the rhythm again after garbage."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_locked = True  # streams begin with a packet
        self.dropped_bytes = 0  # that belonged to no packet

    def feed(self, fresh: bytes) -> bytes:
        """The whole packets that are complete now."""
        data = self._rest + fresh if self._rest else fresh
        whole = len(data) // PACKET * PACKET
        if self._is_locked and data[0:whole:PACKET].count(SYNC) == whole // PACKET:
            self._rest = data[whole:]
            return data if whole == len(data) else data[:whole]
        return b"".join(self._resync(data))

    def reset(self) -> None:
        """Forget the beginning of a packet whose end will not come."""
        self.dropped_bytes += len(self._rest)
        self._rest = b""
        self._is_locked = True

    def _resync(self, data: bytes) -> Iterator[bytes]:
        at = 0
        while True:
            if not self._is_locked:
                start = _rhythm(data, at)
                self.dropped_bytes += start - at
                at = start
                if at + 3 * PACKET >= len(data):  # too few packets to be sure
                    self._rest = data[at:]
                    return
                self._is_locked = True
            syncs = data[at : at + (len(data) - at) // PACKET * PACKET : PACKET]
            good = len(syncs) - len(syncs.lstrip(b"\x47"))
            yield data[at : at + good * PACKET]
            at += good * PACKET
            if good == len(syncs):
                self._rest = data[at:]
                return
            self._is_locked = False


def _rhythm(data: bytes, at: int) -> int:
    """Where packets begin at or after `at`: a sync byte followed by three more at the right distance, as far as seen."""
    while (at := data.find(SYNC, at)) >= 0:
        if all(data[here] == SYNC for here in range(at, min(at + 4 * PACKET, len(data)), PACKET)):
            return at
        at += 1
    return len(data)


class Scanned(Struct, frozen=True):
    """What a run of packets holds."""

    keyframes: tuple[int, ...]  # offsets of packets at which a player can begin
    first_pcr: int | None  # 27 MHz
    last_pcr: int | None


class TsScan:
    """Follows a stream's tables and finds the places where a player can begin."""

    def __init__(self) -> None:
        self.programme: Programme | None = None
        self._pmt_pid = -1
        self._tables: dict[int, bytes] = {}  # the packets of PAT and PMT as last seen, by pid
        self._growing: dict[int, tuple[bytes, bytes]] = {}  # pid -> (section so far, its packets)

    @property
    def tables(self) -> bytes:
        """PAT and PMT as packets; empty until both were seen."""
        if self.programme is None:
            return b""
        return self._tables.get(0, b"") + self._tables.get(self._pmt_pid, b"")

    def reset(self) -> None:
        """Forget all: another stream follows."""
        self.programme = None
        self._pmt_pid = -1
        self._tables.clear()
        self._growing.clear()

    def scan(self, data: bytes) -> Scanned:
        """Look through whole packets."""
        high, low = data[1::PACKET], data[2::PACKET]
        keyframes: list[int] = []
        starts = high.translate(STARTS)
        index = starts.find(1)
        for pid in list(self._growing):
            self._continue(pid, data, high, low, 0)
        video_pid = self._video_pid()
        while index >= 0:
            pid = (high[index] & 0x1F) << 8 | low[index]
            if pid == video_pid:
                if self._is_keyframe(data, index * PACKET):
                    keyframes.append(index * PACKET)
            elif pid in {0, self._pmt_pid}:
                self._table(pid, data[index * PACKET : (index + 1) * PACKET], starts=True)
                self._continue(pid, data, high, low, index + 1)
                video_pid = self._video_pid()
            index = starts.find(1, index + 1)
        first, last = self._clocks(data, high, low)
        return Scanned(tuple(keyframes), first, last)

    def _video_pid(self) -> int:
        """Of video; of sound when there is no video, so that radio can begin at any of its frames; else -1."""
        if self.programme is None:
            return -1
        leading = self.programme.video or self.programme.audio
        return leading.pid if leading else -1

    def _is_keyframe(self, data: bytes, at: int) -> bool:
        if data[at + 3] & 0x20 and data[at + 4] and data[at + 5] & 0x40:
            return True
        video = self.programme.video if self.programme else None
        if video is None:
            return True
        return begins_picture_group(video.codec, payload(data, at))

    def _table(self, pid: int, packet: bytes, *, starts: bool) -> None:
        if starts:
            body = payload(packet, 0)
            if not body or body[0] + 1 >= len(body):
                return
            section, packets = body[1 + body[0] :], packet
        else:
            before, packets = self._growing[pid]
            section, packets = before + payload(packet, 0), packets + packet
        length = 3 + ((section[1] & 0x0F) << 8 | section[2]) if len(section) >= 3 else 4096
        if len(section) < length:
            if len(section) < 4096:
                self._growing[pid] = (section, packets)
            return
        self._growing.pop(pid, None)
        if pid == 0:
            self._read_pat(section[:length], packets)
        else:
            self._read_pmt(section[:length], packets)

    def _continue(self, pid: int, data: bytes, high: bytes, low: bytes, index: int) -> None:
        """The rest of a table that is longer than a packet, from packet `index` on."""
        while pid in self._growing and (index := low.find(pid & 0xFF, index)) >= 0:
            if high[index] & 0x1F == pid >> 8:
                if high[index] & 0x40:
                    return
                self._table(pid, data[index * PACKET : (index + 1) * PACKET], starts=False)
            index += 1

    def _read_pat(self, section: bytes, packets: bytes) -> None:
        if len(section) < 12 or section[0] != 0 or not section[5] & 1 or self._tables.get(0, b"")[4:] == packets[4:]:
            return
        for at in range(8, len(section) - 7, 4):
            number = section[at] << 8 | section[at + 1]
            if number:
                pmt_pid = (section[at + 2] & 0x1F) << 8 | section[at + 3]
                if pmt_pid != self._pmt_pid:
                    self.reset()
                self._pmt_pid = pmt_pid
                self._tables[0] = packets
                return

    def _read_pmt(self, section: bytes, packets: bytes) -> None:
        if len(section) < 16 or section[0] != 2 or not section[5] & 1:
            return
        # All but byte 3, where the continuity counter lives.
        if self._tables.get(self._pmt_pid, b"")[4:] == packets[4:] and self.programme:
            return
        self._tables[self._pmt_pid] = packets
        self.programme = Programme(
            number=section[3] << 8 | section[4],
            pmt_pid=self._pmt_pid,
            pcr_pid=(section[8] & 0x1F) << 8 | section[9],
            streams=tuple(_streams(section)),
        )

    def _clocks(self, data: bytes, high: bytes, low: bytes) -> tuple[int | None, int | None]:
        if self.programme is None:
            return None, None
        pid = self.programme.pcr_pid
        adapted = data[3::PACKET].translate(ADAPTED)
        first = last = None
        index = adapted.find(1)
        while index >= 0 and first is None:
            if low[index] == pid & 0xFF and high[index] & 0x1F == pid >> 8:
                first = read_pcr(data, index * PACKET)
            index = adapted.find(1, index + 1)
        index = adapted.rfind(1) if first is not None else -1
        while index >= 0 and last is None:
            if low[index] == pid & 0xFF and high[index] & 0x1F == pid >> 8:
                last = read_pcr(data, index * PACKET)
            index = adapted.rfind(1, 0, index)
        return first, last


def payload(data: bytes, at: int) -> bytes:
    """The payload of the packet at `at`; empty when it has none."""
    control = data[at + 3]
    if not control & 0x10:
        return b""
    begin = at + 4
    if control & 0x20:
        begin += 1 + data[at + 4]
    return data[begin : at + PACKET]


def read_pcr(data: bytes, at: int) -> int | None:
    """The programme clock reference in the packet at `at`, in 27 MHz ticks."""
    if not data[at + 3] & 0x20 or data[at + 4] < 7 or not data[at + 5] & 0x10:
        return None
    raw = int.from_bytes(data[at + 6 : at + 12], "big")
    return (raw >> 15) * 300 + (raw & 0x1FF)


def read_pts(data: bytes, at: int) -> int | None:
    """The presentation time of the PES packet that begins in the packet at `at`, in 90 kHz ticks."""
    body = payload(data, at)
    if len(body) < 14 or body[:3] != START_CODE or not body[7] & 0x80:
        return None
    return (body[9] & 0x0E) << 29 | body[10] << 22 | (body[11] & 0xFE) << 14 | body[12] << 7 | (body[13] & 0xFE) >> 1


def pcr_distance(first: int, last: int) -> float:
    """Seconds from one clock reference to a later one, over a wrap; negative when the clock jumped back."""
    ticks = (last - first) % PCR_WRAP
    return (ticks - PCR_WRAP if ticks > PCR_WRAP // 2 else ticks) / PCR_TICKS


def begins_picture_group(codec: str, body: bytes) -> bool:
    """Whether a PES packet begins with a picture that needs no other, judged by what its first packet shows."""
    at = body.find(START_CODE, 9) + 3
    while 3 <= at < len(body):
        unit = body[at]
        if codec == "h264" and unit & 0x1F in {5, 7}:  # IDR, or the parameters that stand before one
            return True
        if codec == "hevc" and (16 <= unit >> 1 & 0x3F <= 21 or unit >> 1 & 0x3F in {32, 33}):
            return True
        if codec in {"mpeg2video", "mpeg1video"} and unit in {0xB3, 0xB8}:  # sequence header, group of pictures
            return True
        if (codec == "h264" and unit & 0x1F == 1) or (codec == "hevc" and unit >> 1 & 0x3F <= 9):
            return False
        at = body.find(START_CODE, at) + 3
    return False


def discontinuity_packets(programme: Programme, counters: Mapping[int, int]) -> bytes:
    """Packets that tell a player, for each stream of the programme that follows, that its clock and counters jump.

    `counters` are those of the first packets to follow, by pid. A packet without payload does not count itself.
    """
    packets = []
    for pid in dict.fromkeys([programme.pcr_pid, *(stream.pid for stream in programme.streams)]):
        counter = (counters.get(pid, 0) - 1) & 0x0F
        head = bytes((SYNC, pid >> 8 & 0x1F, pid & 0xFF, 0x20 | counter, 183, 0x80))
        packets.append(head + b"\xff" * (PACKET - len(head)))
    return b"".join(packets)


def first_counters(data: bytes) -> dict[int, int]:
    """The continuity counter of the first packet of each pid."""
    found: dict[int, int] = {}
    for first, second, third in zip(data[1::PACKET], data[2::PACKET], data[3::PACKET], strict=True):
        found.setdefault((first & 0x1F) << 8 | second, third & 0x0F)
    return found


def _streams(section: bytes) -> Iterator[Elementary]:
    at = 12 + ((section[10] & 0x0F) << 8 | section[11])
    while at + 5 <= len(section) - 4:
        length = (section[at + 3] & 0x0F) << 8 | section[at + 4]
        codec, kind = _codec(section[at], section[at + 5 : at + 5 + length])
        yield Elementary((section[at + 1] & 0x1F) << 8 | section[at + 2], section[at], codec, kind)
        at += 5 + length


def _codec(stream_type: int, descriptors: bytes) -> tuple[str, Kind]:
    if stream_type in CODECS:
        return CODECS[stream_type]
    at = 0
    while at + 2 <= len(descriptors):
        tag, body = descriptors[at], descriptors[at + 2 : at + 2 + descriptors[at + 1]]
        if tag in BY_DESCRIPTOR:
            return BY_DESCRIPTOR[tag], Kind.AUDIO
        if tag == 0x05 and body[:4] in BY_REGISTRATION:
            return BY_REGISTRATION[body[:4]]
        at += 2 + descriptors[at + 1]
    return "", Kind.OTHER
