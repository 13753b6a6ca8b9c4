"""What is known of a media file, and what is asked of a media child."""

from datetime import timedelta
from typing import Literal

from msgspec import Struct

StreamKind = Literal["video", "audio", "subtitle", "attachment", "data"]


class ProbedStream(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stream of a file. Absent means unknown, or not of this kind."""

    index: int
    kind: StreamKind
    codec: str  # "h264", "aac", "subrip"; "" when unknown
    profile: str | None = None
    level: int | None = None  # as the codec counts: 41 for H.264 4.1, 120 for HEVC 4.0
    codec_tag: str | None = None
    bitrate_bps: int | None = None
    language: str | None = None  # as the file says: "eng", "de"
    title: str | None = None
    is_default: bool = False
    is_forced: bool = False
    is_original: bool = False
    is_comment: bool = False
    is_hearing_impaired: bool = False
    is_attached_picture: bool = False  # cover art, not a film
    duration: timedelta | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    pixel_format: str | None = None
    bit_depth: int | None = None
    sample_aspect: float | None = None
    is_interlaced: bool | None = None
    hdr: Literal["hdr10", "hlg", "dolby_vision"] | None = None
    color_primaries: int | None = None  # ISO/IEC 23091-2
    color_transfer: int | None = None
    color_space: int | None = None
    channels: int | None = None
    layout: str | None = None  # "5.1(side)"
    sample_rate_hz: int | None = None


class ProbedChapter(Struct, frozen=True, kw_only=True):
    """A chapter mark."""

    start: timedelta
    end: timedelta
    title: str


class Probed(Struct, frozen=True, kw_only=True):
    """A media file as its container tells it."""

    container: str  # ffmpeg's name: "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2", "mpegts"
    size_bytes: int
    duration: timedelta | None
    bitrate_bps: int | None
    streams: list[ProbedStream]
    chapters: list[ProbedChapter] = []
    tags: dict[str, str] = {}  # names in lower case; values cut at 2,000 characters

    @property
    def video(self) -> ProbedStream | None:
        """The first moving picture."""
        return next((s for s in self.streams if s.kind == "video" and not s.is_attached_picture), None)

    @property
    def audio(self) -> list[ProbedStream]:
        return [stream for stream in self.streams if stream.kind == "audio"]

    @property
    def subtitles(self) -> list[ProbedStream]:
        return [stream for stream in self.streams if stream.kind == "subtitle"]


class ProbeAsk(Struct, frozen=True, tag="probe"):
    """Look into the file whose descriptor comes along."""


class ResizeAsk(Struct, frozen=True, tag="resize"):
    """Read the picture in the first descriptor, write it anew into the second."""

    width: int  # pixels; 0 for its own
    height: int  # 0 for any
    limit_pixels: int


class Failed(Struct, frozen=True, tag="failed"):
    """The content is not what it should be. `reason` is for logs and people."""

    reason: str


class ProbeAnswer(Struct, frozen=True, tag="probed"):
    """What was found."""

    probed: Probed


class ResizeAnswer(Struct, frozen=True, tag="resized"):
    """What was written."""

    content_type: str
    width: int
    height: int
