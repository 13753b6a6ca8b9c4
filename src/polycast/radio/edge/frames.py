"""Frames of compressed sound: where they begin, how long they sound. MP3 (ISO 11172-3, 13818-3), ADTS (13818-7), Ogg (RFC 3533)."""

from collections.abc import Iterator
from typing import Final, Protocol

from msgspec import Struct

from polycast.radio.edge.model import IN_OGG, Format

_V1_L3: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_V2_L3: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_ADTS_RATES: Final = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
KEPT_MOST: Final = 64 * 1024  # bytes without a frame before they are dropped
SOUND: Final = 3  # frames in a row that make a stream credible


class Cut(Struct, frozen=True):
    """Whole frames."""

    data: bytes
    seconds: float  # how long they sound; 0.0 when the packing does not tell
    kbps: int = 0  # what the last frame's head says
    head_size: int = 0  # bytes at the beginning that only open the stream


class Framer(Protocol):
    """Bytes in as they come, whole frames out."""

    head: bytes  # what a listener needs before anything else; empty but for Ogg
    is_sound: bool  # whether enough was seen to believe that this is what it is said to be
    junk_bytes: int  # dropped so far

    def feed(self, fresh: bytes) -> Cut | None:
        """What is whole now."""
        ...


def framer_for(form: Format) -> Framer:
    """For a fresh stream."""
    if form in IN_OGG:
        return OggPages()
    return Frames(_mp3_frame if form is Format.MP3 else _adts_frame)


class FrameHead(Struct, frozen=True):
    """What the head of a frame says."""

    size: int  # bytes, head included
    seconds: float
    kbps: int


def _mp3_frame(data: bytes | bytearray, at: int) -> FrameHead | None:
    if data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return None
    version, layer = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3
    rates, rate_index = _RATES.get(version), data[at + 2] >> 2 & 3
    bits = data[at + 2] >> 4
    if layer != 1 or rates is None or rate_index == 3 or bits in (0, 15):
        return None
    kbps, rate = (_V1_L3 if version == 3 else _V2_L3)[bits], rates[rate_index]
    padding, factor = data[at + 2] >> 1 & 1, 144 if version == 3 else 72
    return FrameHead(factor * kbps * 1000 // rate + padding, (1152 if version == 3 else 576) / rate, kbps)


def _adts_frame(data: bytes | bytearray, at: int) -> FrameHead | None:
    if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0:
        return None
    rate_index = data[at + 2] >> 2 & 15
    size = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
    if rate_index >= len(_ADTS_RATES) or size < 7:
        return None
    seconds = 1024 * ((data[at + 6] & 3) + 1) / _ADTS_RATES[rate_index]
    return FrameHead(size, seconds, int(size * 8 / seconds / 1000))


class Frames:
    """MP3 or ADTS: what lies between frames (tags, garbage) is dropped."""

    def __init__(self, head_at: "_HeadAt") -> None:
        self.head = b""
        self.is_sound = False
        self.junk_bytes = 0
        self._head_at = head_at
        self._rest = bytearray()
        self._seen = 0
        self._skip = 0  # bytes of a tag that are still to come

    def feed(self, fresh: bytes) -> Cut | None:
        rest = self._rest
        rest += fresh
        if self._skip:
            gone = min(self._skip, len(rest))
            del rest[:gone]
            self._skip -= gone
        at, seconds, kbps = 0, 0.0, 0
        parts: list[bytes] = []
        while len(rest) - at >= 10:
            found = self._head_at(rest, at)
            if found is None or not self._follows(rest, at + found.size):
                at = self._past_junk(rest, at)
                continue
            if len(rest) - at < found.size:
                break
            parts.append(bytes(rest[at : at + found.size]))
            at += found.size
            seconds += found.seconds
            kbps = found.kbps
            self._seen += 1
        self.is_sound = self.is_sound or self._seen >= SOUND
        del rest[:at]
        if len(rest) > KEPT_MOST:
            self.junk_bytes += len(rest)
            rest.clear()
        return Cut(b"".join(parts), seconds, kbps) if parts else None

    def _follows(self, rest: bytearray, at: int) -> bool:
        """Whether the next frame's head is where it should be; until a stream is known, a lone sync word is chance."""
        if self._seen >= SOUND or len(rest) - at < 10:
            return True
        return self._head_at(rest, at) is not None

    def _past_junk(self, rest: bytearray, at: int) -> int:
        if rest[at : at + 3] == b"ID3":
            size = rest[at + 6] << 21 | rest[at + 7] << 14 | rest[at + 8] << 7 | rest[at + 9]
            end = at + 10 + size
            self._skip = max(0, end - len(rest))
            return min(end, len(rest))
        following = rest.find(b"\xff", at + 1)
        end = len(rest) if following < 0 else following
        self.junk_bytes += end - at
        return end


class _HeadAt(Protocol):
    def __call__(self, data: bytes | bytearray, at: int) -> FrameHead | None: ...


class OggPages:
    """Ogg: whole pages; the header pages of the stream that runs are kept for those who come later."""

    def __init__(self) -> None:
        self.head = b""
        self.is_sound = False
        self.junk_bytes = 0
        self._rest = bytearray()
        self._in_head = False
        self._granule = 0
        self._rate = 48000

    def feed(self, fresh: bytes) -> Cut | None:
        rest = self._rest
        rest += fresh
        parts: list[bytes] = []
        seconds, head_size = 0.0, 0
        for page in self._pages(rest):
            parts.append(page)
            seconds += self._noted(page)
            head_size += len(page) if self._in_head else 0
        if len(rest) > 4 * KEPT_MOST:
            self.junk_bytes += len(rest)
            rest.clear()
        return Cut(b"".join(parts), seconds, head_size=head_size) if parts else None

    def _pages(self, rest: bytearray) -> Iterator[bytes]:
        while True:
            start = rest.find(b"OggS")
            if start < 0:
                gone = max(0, len(rest) - 3)
                self.junk_bytes += gone
                del rest[:gone]
                return
            self.junk_bytes += start
            del rest[:start]
            if len(rest) < 27 or len(rest) < 27 + rest[26]:
                return
            size = 27 + rest[26] + sum(rest[27 : 27 + rest[26]])
            if len(rest) < size:
                return
            page = bytes(rest[:size])
            del rest[:size]
            yield page

    def _noted(self, page: bytes) -> float:
        """Keep header pages; how long the page sounds."""
        granule = int.from_bytes(page[6:14], "little", signed=True)
        if page[5] & 2:  # the beginning of a stream
            self.head = page
            self._in_head = True
            self._granule = 0
            body = page[27 + page[26] :]
            if body[1:7] == b"vorbis":
                self._rate = int.from_bytes(body[12:16], "little") or 48000
            self._rate = self._rate if body[1:7] == b"vorbis" else 48000
            self.is_sound = True
            return 0.0
        if self._in_head and granule <= 0:
            self.head += page
            return 0.0
        self._in_head = False
        if granule <= self._granule:
            return 0.0
        seconds = (granule - self._granule) / self._rate
        self._granule = granule
        return min(seconds, 10.0)


def silent_mp3(bitrate_kbps: int, *, rate: int = 44100) -> list[bytes]:
    """One second of MP3 that says nothing: frames with empty side information. MPEG 1, stereo."""
    kbps = min((one for one in _V1_L3[1:] if one >= bitrate_kbps), default=320)
    head = bytes([0xFF, 0xFB, _V1_L3.index(kbps) << 4 | _RATES[3].index(rate) << 2, 0x04])
    size = 144 * kbps * 1000 // rate
    return [head + bytes(size - 4)] * (rate // 1152)
