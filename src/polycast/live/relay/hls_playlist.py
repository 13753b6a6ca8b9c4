"""HLS playlists, as far as a live source needs them.

Source: RFC 8216.
"""

import re
from typing import Final
from urllib.parse import urljoin

from msgspec import Struct

from polycast.core.net import BadAnswer

_ATTRIBUTE: Final = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')
MOST_LINES: Final = 100_000


class Variant(Struct, frozen=True):
    """An entry of a master playlist."""

    url: str
    bandwidth: int
    sound_url: str = ""  # the media playlist of its sound, when that comes apart


class Lock(Struct, frozen=True):
    """How a segment is encrypted (AES-128)."""

    url: str
    iv: bytes | None  # None: the segment's number


class Piece(Struct, frozen=True):
    """A media segment."""

    number: int
    url: str
    duration_s: float
    is_jump: bool  # a discontinuity comes before it
    lock: Lock | None
    init_url: str | None  # of fragmented MP4
    span: tuple[int, int] | None  # first and last byte of a part of the file
    init_span: tuple[int, int] | None = None


class MediaList(Struct, frozen=True):
    """A media playlist."""

    target_s: float
    pieces: tuple[Piece, ...]
    is_ended: bool


def parse(text: str, base: str) -> MediaList | list[Variant]:
    """A media playlist, or the variants of a master playlist, best first. Raises: BadAnswer ("shape")."""
    lines = [line.strip() for line in text.splitlines()[:MOST_LINES]]
    if not lines or not lines[0].lstrip("\ufeff").startswith("#EXTM3U"):
        raise BadAnswer("The provider's playlist cannot be read.", reason="shape")
    if any(line.startswith("#EXT-X-STREAM-INF") for line in lines):
        return _variants(lines, base)
    return _Media(base).read(lines)


def _variants(lines: list[str], base: str) -> list[Variant]:
    sounds = _sounds(lines, base)
    found: list[Variant] = []
    attributes: dict[str, str] | None = None
    for line in lines:
        if line.startswith("#EXT-X-STREAM-INF:"):
            attributes = _attributes(line)
        elif line and not line.startswith("#") and attributes is not None:
            url, sound = urljoin(base, line), sounds.get(attributes.get("AUDIO", ""), "")
            bandwidth = _whole(attributes.get("BANDWIDTH", "0"))
            found.append(Variant(url, bandwidth, sound if sound != url else ""))
            attributes = None
    return sorted(found, key=lambda variant: -variant.bandwidth)


def _sounds(lines: list[str], base: str) -> dict[str, str]:
    """Each group's sound as a player would choose it: the default, else the first; empty when the picture brings it."""
    groups: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        if line.startswith("#EXT-X-MEDIA:") and (attributes := _attributes(line)).get("TYPE") == "AUDIO":
            groups.setdefault(attributes.get("GROUP-ID", ""), []).append(attributes)
    found = {}
    for group, renditions in groups.items():
        chosen = min(renditions, key=lambda one: (one.get("DEFAULT") != "YES", one.get("AUTOSELECT") != "YES"))
        found[group] = urljoin(base, chosen["URI"]) if chosen.get("URI") else ""
    return found


class _Media:
    """The state between the lines of a media playlist."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._target_s = 6.0
        self._number = 0
        self._duration_s = 0.0
        self._is_jump = False
        self._lock: Lock | None = None
        self._init: str | None = None
        self._init_span: tuple[int, int] | None = None
        self._span: tuple[int, int] | None = None
        self._behind = 0  # where the next byte range without a start begins
        self._is_ended = False
        self._pieces: list[Piece] = []

    def read(self, lines: list[str]) -> MediaList:
        for line in lines:
            if line and not line.startswith("#"):
                self._piece(line)
            elif line.startswith("#EXT"):
                name, _, value = line.partition(":")
                self._tag(name, value, line)
        return MediaList(self._target_s, tuple(self._pieces), self._is_ended)

    def _tag(self, name: str, value: str, line: str) -> None:
        match name:
            case "#EXT-X-TARGETDURATION":
                self._target_s = min(max(_number(value), 0.5), 60.0)
            case "#EXT-X-MEDIA-SEQUENCE":
                self._number = _whole(value)
            case "#EXTINF":
                self._duration_s = _number(value.partition(",")[0])
            case "#EXT-X-DISCONTINUITY":
                self._is_jump = True
            case "#EXT-X-ENDLIST":
                self._is_ended = True
            case "#EXT-X-KEY":
                self._lock = self._key(_attributes(line))
            case "#EXT-X-MAP":
                attributes = _attributes(line)
                self._init = urljoin(self._base, attributes["URI"]) if attributes.get("URI") else None
                text = attributes.get("BYTERANGE", "")
                self._init_span = _span(text, 0) if text else None
            case "#EXT-X-BYTERANGE":
                self._span = _span(value, self._behind)
            case _:
                pass

    def _piece(self, line: str) -> None:
        url = urljoin(self._base, line)
        head = self._init, self._span, self._init_span
        self._pieces.append(Piece(self._number, url, self._duration_s, self._is_jump, self._lock, *head))
        self._behind = self._span[1] + 1 if self._span else 0
        self._number += 1
        self._is_jump, self._span = False, None

    def _key(self, attributes: dict[str, str]) -> Lock | None:
        method = attributes.get("METHOD", "NONE")
        if method == "NONE":
            return None
        if method != "AES-128" or "URI" not in attributes:
            raise BadAnswer(f"The stream is encrypted with {method}, which cannot be played.", reason="encoding")
        text = attributes.get("IV", "").lower().removeprefix("0x")
        try:
            iv = bytes.fromhex(text.rjust(32, "0")) if text else None
        except ValueError as error:
            raise BadAnswer("The provider's playlist cannot be read.", reason="shape") from error
        return Lock(urljoin(self._base, attributes["URI"]), iv)


def _attributes(line: str) -> dict[str, str]:
    return {found[1]: found[2].strip('"') for found in _ATTRIBUTE.finditer(line.partition(":")[2])}


def _span(text: str, behind: int) -> tuple[int, int]:
    """First and last byte of `length@start`; without a start it follows what was before."""
    length, _, start = text.partition("@")
    begin = _whole(start) if start else behind
    return begin, begin + _whole(length) - 1


def _number(text: str) -> float:
    try:
        return max(0.0, min(float(text), 86400.0))
    except ValueError:
        return 0.0


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
