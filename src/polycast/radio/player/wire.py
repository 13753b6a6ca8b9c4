"""What the server and a player say to each other. Sound goes beside it as plain bytes: see `Sound` and `Raw`."""

import struct
from typing import Final

import msgspec
from msgspec import Struct

_SOUND: Final = struct.Struct("!BHf")
_RAW: Final = struct.Struct("!BI")
SAID, SOUND, HEAD, FILLER, RAW = 1, 2, 3, 4, 5  # the first byte of a frame


class Output(Struct, frozen=True, kw_only=True):
    """One encoder; channels that are alike share it."""

    number: int
    format: str  # mp3, aac, opus, ogg, flac
    kbps: int


class Setup(Struct, frozen=True, tag="setup", kw_only=True):
    """How it is to sound. Sent first, and again when something is to change."""

    outputs: list[Output]
    crossfade_mode: str = "smart"  # off, fade, mix, smart
    crossfade_s: float = 3.0
    eq_gains: list[float] = []  # dB; ten bands from 31 Hz, or none
    dc_filter: bool = True
    silence_s: float = 15.0  # of the programme before it is told; 0: never
    title: str = ""  # of the station, for Ogg streams


class Cue(Struct, frozen=True, tag="cue", kw_only=True):
    """Something to play, its file beside it.

    Without `at` it follows what is on. With `at` (monotonic seconds at which it is to leave the server) it cuts in.
    """

    id: int
    gain_db: float = 0.0
    start_s: float = 0.0
    end_s: float | None = None
    fades: bool = True  # False: neither faded in nor out
    at: float | None = None
    mix_level: int | None = None  # over the music, which is lowered to so many percent; None: in its place
    text: str = ""  # title, for Ogg streams


class Drop(Struct, frozen=True, tag="drop"):
    """Forget what was cued and has not begun."""

    id: int


class Skip(Struct, frozen=True, tag="skip"):
    """End what is on; the next begins at once."""


class Live(Struct, frozen=True, tag="live", kw_only=True):
    """A source whose sound follows as raw bytes."""

    id: int
    format: str  # of ffmpeg's demuxer: mp3, aac, ogg, matroska, flac
    priority: int
    buffer_s: float = 2.0
    gain: float = 1.0
    silence_s: float = 30.0  # 0: never


class LiveOver(Struct, frozen=True, tag="live_over"):
    """The source has gone."""

    id: int


class Keep(Struct, frozen=True, tag="keep"):
    """Whether what a live source interrupts goes on after it, or is left out."""

    resume: bool


Order = Setup | Cue | Drop | Skip | Live | LiveOver | Keep


class Want(Struct, frozen=True, tag="want"):
    """Nothing is cued, and in so many seconds there will be nothing to play."""

    left_s: float


class Began(Struct, frozen=True, tag="began"):
    """From here on this is heard."""

    id: int
    length_s: float


class Ended(Struct, frozen=True, tag="ended"):
    """`why`: end, cut, skipped, broken."""

    id: int
    why: str
    played_s: float = 0.0


class OnAir(Struct, frozen=True, tag="on_air"):
    """A live source is heard from here on; 0: the programme."""

    id: int


class LiveBad(Struct, frozen=True, tag="live_bad"):
    """A source cannot be read."""

    id: int
    why: str


class LiveTitle(Struct, frozen=True, tag="live_title"):
    """A title inside a source's own stream."""

    id: int
    text: str


class Silent(Struct, frozen=True, tag="silent"):
    """The programme has been silent for so long; 0.0: it sounds again."""

    seconds: float
    live: int = 0  # of this source, not of the programme


class Meter(Struct, frozen=True, tag="meter"):
    """Once a second."""

    level_db: float
    left_s: float  # of what is on
    lead_s: float


Report = Want | Began | Ended | OnAir | LiveBad | LiveTitle | Silent | Meter

_encoder: Final = msgspec.msgpack.Encoder()
_orders: Final = msgspec.msgpack.Decoder(Order)
_reports: Final = msgspec.msgpack.Decoder(Report)


def pack(said: Order | Report) -> bytes:
    """As a frame."""
    return bytes([SAID]) + _encoder.encode(said)


def order(body: bytes) -> Order:
    """A frame that `pack` made."""
    found: Order = _orders.decode(memoryview(body)[1:])
    return found


def report(body: bytes) -> Report:
    """A frame that `pack` made."""
    found: Report = _reports.decode(memoryview(body)[1:])
    return found


def pack_sound(kind: int, output: int, seconds: float, data: bytes) -> bytes:
    """Encoded sound of an output: SOUND, or the HEAD of an Ogg stream, or a FILLER frame."""
    return _SOUND.pack(kind, output, seconds) + data


def sound(body: bytes) -> tuple[int, float, bytes]:
    """Output, seconds, data."""
    _, output, seconds = _SOUND.unpack_from(body)
    return output, seconds, body[_SOUND.size :]


def pack_raw(live: int, data: bytes) -> bytes:
    """Bytes of a source."""
    return _RAW.pack(RAW, live) + data


def raw(body: bytes) -> tuple[int, bytes]:
    """Source, data."""
    _, live = _RAW.unpack_from(body)
    return live, body[_RAW.size :]
