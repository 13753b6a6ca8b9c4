"""Words of tracks: the subtitles a title has, wherever they are."""

from enum import StrEnum
from pathlib import Path

from msgspec import Struct


class Source(StrEnum):
    """Where subtitles come from."""

    EMBEDDED = "embedded"
    EXTERNAL = "external"  # a file beside the video
    DOWNLOADED = "downloaded"
    UPLOADED = "uploaded"


class SubtitleTrack(Struct, frozen=True, kw_only=True):
    """Subtitles of a file. `index` is the stream's, or for a file of its own counted on from the container's streams."""

    index: int
    nanoid: str  # "" for a stream of the container
    source: Source
    codec: str  # "subrip", "ass", "webvtt", "hdmv_pgs_subtitle" ...
    language: str
    title: str
    is_default: bool = False
    is_forced: bool = False
    is_hearing_impaired: bool = False
    is_text: bool = True
    path: Path | None = None
    offset_ms: int = 0
