"""A station's music: what may be uploaded, and what is made of a file's tags."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from polycast.core.media import Probed
from polycast.core.storage import clean

ENDINGS: Final = ("mp3", "flac", "aac", "m4a", "opus", "ogg", "wav")
NUMBERS: Final = {"mp3": 1, "aac": 2, "m4a": 3, "flac": 4, "ogg": 5, "opus": 6, "wav": 7}
LARGEST: Final = 700_000_000  # bytes of one file
NAMED: Final = re.compile(r"\s+[-\u2013\u2014]\s+")
TEXT_TAGS: Final[Mapping[str, tuple[str, ...]]] = {
    "author": ("artist", "album_artist"),
    "title": ("title",),
    "album": ("album",),
    "genre": ("genre",),
    "composer": ("composer",),
    "lyricist": ("lyricist", "text"),
    "publisher": ("publisher",),
    "label": ("label", "organization"),
    "year": ("date", "year"),
    "comment": ("comment",),
    "isrc": ("isrc", "tsrc"),
    "mbid": ("musicbrainz_trackid",),
}
LENGTH: Final = 255


class ScanStation(Struct, frozen=True):
    """Look through a station's folder for what is new and what is gone."""

    station_id: int


class FoundFile(Struct, frozen=True, kw_only=True):
    """A file below a station's folder, before anybody looked into it."""

    path: str  # "Rock/a.mp3"
    size_bytes: int
    mtime: datetime


def values_of(path: str, probed: Probed, charset: str = "") -> dict[str, Any]:
    """The columns of a track that its file tells. Without tags the name does: "Artist - Title"."""
    folder, _, name = path.rpartition("/")
    stem, _, ending = name.rpartition(".")
    found: dict[str, Any] = {
        field: clean(mended(next((probed.tags[tag] for tag in tags if probed.tags.get(tag)), ""), charset), LENGTH)
        for field, tags in TEXT_TAGS.items()
    }
    if not found["title"]:
        parts = NAMED.split(stem.replace("_", " "), maxsplit=1)
        found["title"] = clean(parts[-1], LENGTH)
        if len(parts) == 2 and not found["author"]:
            found["author"] = clean(parts[0], LENGTH)
    audio = probed.audio[0] if probed.audio else None
    seconds = probed.duration.total_seconds() if probed.duration else 0
    return found | {
        "folder": f"/{folder}/" if folder else "/",
        "filename": clean(stem, LENGTH),
        "length_ms": int(seconds * 1000),
        "samplerate": (audio.sample_rate_hz or 0) if audio else 0,
        "audio_format": ending.lower(),
    }


def mended(text: str, charset: str) -> str:
    """Old tags hold another alphabet's bytes as if they were Latin-1; the station's `charset` says which."""
    if not charset or charset.lower() in ("utf-8", "utf8") or text.isascii():
        return text
    try:
        return text.encode("latin-1").decode(charset)
    except (UnicodeError, LookupError):
        return text
