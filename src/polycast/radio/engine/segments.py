"""HLS out of what a mount sends: transport stream segments in memory. Source: RFC 8216; ISO 13818-1; specs/radio.md 4.14."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from polycast.radio.edge.frames import framer_for
from polycast.radio.edge.model import Format
from polycast.radio.edge.mount import Mount

SEGMENT_S: Final = 6.0
WINDOW: Final = 6
KEPT: Final = WINDOW + 2
IDLE_S: Final = 60.0  # without a listener, segments are made no more
PACKET: Final = 188
CLOCK: Final = 90_000
PAT_PID, PMT_PID, SOUND_PID = 0, 0x1000, 0x100
STREAM_TYPES: Final = {Format.MP3: 0x03, Format.AAC: 0x0F}
PES_S: Final = 0.4  # of sound in a packet of the elementary stream


class Segment(Struct, frozen=True):
    """A piece of the stream."""

    number: int
    seconds: float
    data: bytes


class Packer:
    """Frames of sound into transport stream packets; each segment can be played by itself."""

    def __init__(self, form: Format) -> None:
        self._type = STREAM_TYPES[form]
        self._counters = {PAT_PID: 0, PMT_PID: 0, SOUND_PID: 0}

    def tables(self) -> bytes:
        """What a segment begins with."""
        pat = _section(0x00, 1, b"\x00\x01" + (0xE000 | PMT_PID).to_bytes(2, "big"))
        stream = bytes([self._type]) + (0xE000 | SOUND_PID).to_bytes(2, "big") + b"\xf0\x00"
        pmt = _section(0x02, 1, (0xE000 | SOUND_PID).to_bytes(2, "big") + b"\xf0\x00" + stream)
        return self._one(PAT_PID, b"\0" + pat) + self._one(PMT_PID, b"\0" + pmt)

    def _one(self, pid: int, payload: bytes) -> bytes:
        return self._head(pid, start=True, adaptation=False) + payload.ljust(PACKET - 4, b"\xff")

    def _head(self, pid: int, *, start: bool, adaptation: bool) -> bytes:
        count = self._counters[pid]
        self._counters[pid] = (count + 1) & 15
        return bytes([0x47, (0x40 if start else 0) | pid >> 8, pid & 0xFF, (0x30 if adaptation else 0x10) | count])

    def sound(self, frames: bytes, at: float) -> bytes:
        """Whole frames that begin at `at` seconds."""
        stamp = round(at * CLOCK) & 0x1FFFFFFFF
        length = len(frames) + 8
        pes = b"\0\0\1\xc0" + (length if length < 65536 else 0).to_bytes(2, "big") + b"\x80\x80\x05" + _stamp(stamp)
        return b"".join(self._packets(pes + frames, stamp))

    def _packets(self, data: bytes, stamp: int) -> Iterator[bytes]:
        at, is_first = 0, True
        while at < len(data):
            field = b""
            if is_first:  # the clock, and leave to begin here
                base = stamp
                field = b"\x50" + (base << 15 | 0x7E00).to_bytes(6, "big")
            room = PACKET - 4 - (1 + len(field) if field else 0)
            left = len(data) - at
            if left < room:
                gap = PACKET - 4 - left
                field = b"" if gap == 1 else (field or b"\0").ljust(gap - 1, b"\xff")
                adaptation = bytes([gap - 1]) + field
            else:
                adaptation = bytes([len(field)]) + field if field else b""
            size = PACKET - 4 - len(adaptation)
            yield self._head(SOUND_PID, start=is_first, adaptation=bool(adaptation)) + adaptation + data[at : at + size]
            at += size
            is_first = False


class Reel:
    """One mount's segments, made while somebody watches."""

    def __init__(self, mount: Mount, clock: Callable[[], float]) -> None:
        self.mount = mount
        self.segments: deque[Segment] = deque(maxlen=KEPT)
        self.seen: dict[str, float] = {}  # listener -> when it last asked
        self.sent_bytes = 0
        self._clock = clock
        self._packer = Packer(mount.spec.format)
        self._framer = framer_for(mount.spec.format)
        self._number = 0
        self._at = 10.0
        self._parts: list[bytes] = []
        self._parts_s = 0.0
        self._frames: list[bytes] = []
        self._frames_s = 0.0
        self._asked_at = clock()
        for kept in mount.kept():  # so that the first who comes need not wait for a segment
            self._tap(kept, 0.0)
        mount.taps.append(self._tap)

    def _tap(self, data: bytes, seconds: float) -> None:
        cut = self._framer.feed(data)
        if cut is None:
            return
        self._frames.append(cut.data)
        self._frames_s += cut.seconds
        if self._frames_s >= PES_S:
            self._pack()

    def _pack(self) -> None:
        if not self._parts:
            self._parts.append(self._packer.tables())
        self._parts.append(self._packer.sound(b"".join(self._frames), self._at))
        self._at += self._frames_s
        self._parts_s += self._frames_s
        self._frames.clear()
        self._frames_s = 0.0
        if self._parts_s >= SEGMENT_S:
            self.segments.append(Segment(self._number, self._parts_s, b"".join(self._parts)))
            self._number += 1
            self._parts.clear()
            self._parts_s = 0.0

    def asked(self, who: str) -> None:
        """Somebody wants the playlist or a segment."""
        now = self._asked_at = self._clock()
        self.seen[who] = now
        if len(self.seen) > 4 * max(16, self.count()):
            self.seen = {one: at for one, at in self.seen.items() if now - at <= 3 * SEGMENT_S}

    def count(self) -> int:
        """Who asked within three segments."""
        now = self._clock()
        return sum(1 for at in self.seen.values() if now - at <= 3 * SEGMENT_S)

    def is_known(self, who: str) -> bool:
        """Whether the listener is counted already."""
        return self._clock() - self.seen.get(who, float("-inf")) <= 3 * SEGMENT_S

    @property
    def is_idle(self) -> bool:
        return self._clock() - self._asked_at > IDLE_S

    def playlist(self, address: Callable[[int], str]) -> str:
        """The media playlist."""
        window = list(self.segments)[-WINDOW:]
        longest = max((one.seconds for one in window), default=SEGMENT_S)
        first = window[0].number if window else self._number
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{int(longest + 0.999)}"]
        lines.append(f"#EXT-X-MEDIA-SEQUENCE:{first}")
        for one in window:
            lines += [f"#EXTINF:{one.seconds:.3f},", address(one.number)]
        return "\n".join(lines) + "\n"

    def segment(self, number: int) -> Segment | None:
        return next((one for one in self.segments if one.number == number), None)

    def close(self) -> None:
        if self._tap in self.mount.taps:
            self.mount.taps.remove(self._tap)


class Segments:
    """All reels that turn."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._reels: dict[int, Reel] = {}

    def reel(self, mount: Mount) -> Reel | None:
        """Of a mount whose sound HLS can carry; begun at the first asking."""
        if mount.spec.format not in STREAM_TYPES:
            return None
        found = self._reels.get(mount.spec.id)
        if found is None or found.mount is not mount:
            found = self._reels[mount.spec.id] = Reel(mount, self._clock)
        return found

    def listeners(self, channel_id: int) -> int:
        found = self._reels.get(channel_id)
        return found.count() if found is not None else 0

    def tidy(self) -> None:
        """Stop the reels nobody watches."""
        for number, reel in list(self._reels.items()):
            if reel.is_idle:
                reel.close()
                del self._reels[number]


def _section(table: int, number: int, body: bytes) -> bytes:
    payload = number.to_bytes(2, "big") + b"\xc1\0\0" + body
    head = bytes([table]) + (0xB000 | len(payload) + 4).to_bytes(2, "big")
    return head + payload + _crc(head + payload).to_bytes(4, "big")


def _crc(data: bytes) -> int:
    found = 0xFFFFFFFF
    for byte in data:
        found ^= byte << 24
        for _ in range(8):
            found = (found << 1 ^ 0x04C11DB7 if found & 0x80000000 else found << 1) & 0xFFFFFFFF
    return found


def _stamp(stamp: int) -> bytes:
    first = 0x21 | (stamp >> 29 & 0x0E)
    second = stamp >> 14 & 0xFFFE | 1
    third = stamp << 1 & 0xFFFE | 1
    return bytes([first]) + second.to_bytes(2, "big") + third.to_bytes(2, "big")
