"""What a media child is asked besides probing and resizing: pieces of films, sound, pictures and subtitles.

Times are microseconds from the beginning of the file, which is where its container says that it starts.
"""

from msgspec import Struct

from polycast.core.media.model import Failed, ProbeAnswer, ProbeAsk, ResizeAnswer, ResizeAsk


class KeyframesAsk(Struct, frozen=True, tag="keyframes"):
    """Where can the pictures of a stream be entered?"""

    stream: int
    may_scan: bool  # read the whole file when it has no index


class Keyframes(Struct, frozen=True, tag="keyframes_found"):
    """The entry points of a stream, in its own ticks; `by_dts` says which of a packet's two times they are."""

    ticks: list[int]
    by_dts: bool
    shift: int  # ticks from an entry to the moment its picture is shown
    numerator: int  # seconds a tick
    denominator: int
    origin_us: int  # what the container calls the beginning
    end_us: int  # from the beginning; 0 when unknown

    def times_us(self) -> list[int]:
        """When the pictures are shown."""
        return [
            (tick + self.shift) * self.numerator * 1_000_000 // self.denominator - self.origin_us for tick in self.ticks
        ]


class CutAsk(Struct, frozen=True, tag="cut"):
    """Copy the packets of one video stream from one entry point to before another (None: the end)."""

    stream: int
    start: int  # in ticks, as in `Keyframes.ticks`
    end: int | None
    by_dts: bool
    origin_us: int


class SoundAsk(Struct, frozen=True, tag="sound"):
    """The sound of one stream between two times, copied, or encoded anew when `codec` is given."""

    stream: int
    start_us: int
    end_us: int | None
    origin_us: int
    codec: str = ""  # "aac", "ac3", "eac3", "libopus", "flac"; "" copies
    channels: int = 2
    bitrate_bps: int = 192_000


class WordsAsk(Struct, frozen=True, tag="words"):
    """The text subtitles of some streams between two times, as lines of JSON: see `Line`."""

    streams: list[int]
    start_us: int
    end_us: int | None
    origin_us: int


class PictureAsk(Struct, frozen=True, tag="picture"):
    """One picture of a film, the nearest entry point before a time, as JPEG. An attached picture with `stream` alone."""

    stream: int
    at_us: int
    origin_us: int
    width: int


class TilesAsk(Struct, frozen=True, tag="tiles"):
    """A sheet of small pictures at equal distances, as JPEG."""

    stream: int
    origin_us: int
    first: int  # number of the first picture
    count: int
    interval_us: int
    width: int
    height: int
    columns: int


class Line(Struct, frozen=True, array_like=True):
    """One subtitle."""

    stream: int
    start_us: int
    end_us: int
    text: str  # as the file holds it: SubRip markup, the fields of an ASS event, plain WebVTT


class MadeAnswer(Struct, frozen=True, tag="made"):
    """What was written: bytes into the first target, and into the second (the init of a track)."""

    size_bytes: int
    init_bytes: int = 0
    count: int = 0  # packets, lines or pictures
    head: str = ""  # of ASS subtitles: the file's styles


Ask = ProbeAsk | ResizeAsk | KeyframesAsk | CutAsk | SoundAsk | WordsAsk | PictureAsk | TilesAsk
Answer = Failed | ProbeAnswer | ResizeAnswer | Keyframes | MadeAnswer
