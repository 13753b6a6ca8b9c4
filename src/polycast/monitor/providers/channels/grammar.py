"""The activity grammar of Channels DVR: what a key and its text say. Shared by event stream and `/dvr`.

Source: specs/monitor.md 4.1.4. Session prefixes vary by version, so a file's key is anchored on `file-<digits>-<rest>`.
"""

import re
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Final

from msgspec import Struct

LONGEST: Final = 2000  # characters of a text that are looked at
_FILE_KEY: Final = re.compile(r"file-?(?P<file>\d{1,18})-(?P<rest>.+)$")
_LIVE: Final = re.compile(
    r"watching\s+(?:channel\s+|ch)(?P<number>\d{1,6}(?:[.\-]\d{1,4})?)(?:\s+(?P<name>.*?))?\s+from\s+(?P<from>.+)$",
    re.IGNORECASE,
)
_RECORDING: Final = re.compile(
    r"recording\s+ch(?:annel\s+)?(?P<number>\d{1,6}(?:[.\-]\d{1,4})?)(?:\s+(?P<name>.*?))?\s+for\s+(?P<title>.+)$",
    re.IGNORECASE,
)
_WATCHING: Final = re.compile(r"(?P<verb>watching|streaming)\s+(?P<rest>.+)$", re.IGNORECASE)
_RESOLUTION: Final = re.compile(r"\s-\s(?P<resolution>\d{3,4}[pi])\b")
_POSITION: Final = re.compile(r"\s+at\s+(?P<at>(?:\d+h)?(?:\d+m)?(?:\d+(?:\.\d+)?s)?)(?=$|[:\s])")
_DURATION: Final = re.compile(r"(?:(?P<h>\d{1,6})h)?(?:(?P<m>\d{1,6})m)?(?:(?P<s>\d{1,8})(?:\.\d+)?s)?$")
_STATISTICS: Final = re.compile(r":\s*(?:buf|drop|timeouts|fps)=.*$", re.IGNORECASE)
_PARENTHESIS: Final = re.compile(r"\(([0-9a-fA-F:.%]{3,60})\)")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{6,}$")
_UNTIL: Final = " until "


class Kind(StrEnum):
    """What an activity is."""

    CHANNEL = "channel"
    VOD = "vod"
    RECORDING = "recording"
    OTHER = "other"


class Parsed(Struct, frozen=True, kw_only=True):
    """An activity, understood."""

    kind: Kind
    number: str = ""
    channel: str = ""
    title: str = ""
    device: str = ""
    ip: str = ""
    resolution: str = ""
    source: str = ""
    file_id: str = ""
    identifier: str = ""  # the client's part of a file's key
    position: timedelta | None = None  # None: the text tells none
    until: str = ""


OTHER: Final = Parsed(kind=Kind.OTHER)


def parse_activity(key: str, text: str) -> Parsed:
    """What `key: text` says; OTHER for transcodes, scans, uploads and what nobody understands."""
    text = text[:LONGEST]
    bare = _STATISTICS.sub("", text).strip()
    if found := _RECORDING.match(bare):
        return _recording(found)
    if found := _LIVE.match(bare):
        return _live(key, found)
    if found := _WATCHING.match(bare):
        return _library(key, found)
    return OTHER


def file_of(key: str) -> tuple[str, str] | None:
    """File id and the client's identifier that a key carries."""
    found = _FILE_KEY.search(key)
    return (found["file"], found["rest"]) if found else None


def source_of(key: str) -> str:
    """Where a stream comes from, by its key."""
    parts = key.split("-")
    if len(parts) < 3 or "stream" not in parts[1]:
        return "Unknown source"
    word = parts[2]
    if word == "M3U":
        name = parts[3] if len(parts) > 4 and not _is_ip(parts[3]) else ""
        return name or "M3U"
    if word == "TVE":
        provider = parts[3].partition("_")[0] if len(parts) > 4 else ""
        return f"TVE ({provider.capitalize()})" if provider else "TVE"
    if _HEX.fullmatch(word) or (len(word) >= 4 and _HEX.fullmatch(word.zfill(6)) and not word.isdigit()):
        return f"Tuner ({word.upper()})"
    return word or "Unknown source"


def read_duration(text: str) -> timedelta | None:
    """A Go duration, fractions cut: `1h2m3.5s`; None when it is none."""
    found = _DURATION.match(text)
    if not text or found is None:
        return None
    return timedelta(hours=int(found["h"] or 0), minutes=int(found["m"] or 0), seconds=int(found["s"] or 0))


def _live(key: str, found: re.Match[str]) -> Parsed:
    rest, resolution = _without_resolution(found["from"])
    device, ip = _who(key, rest)
    return Parsed(
        kind=Kind.CHANNEL,
        number=found["number"].replace("-", "."),
        channel=(found["name"] or "").strip(),
        device=device,
        ip=ip,
        resolution=resolution,
        source=source_of(key),
    )


def _library(key: str, found: re.Match[str]) -> Parsed:
    title, sep, rest = found["rest"].rpartition(" from ")
    if not sep:
        title, rest = "", found["rest"].removeprefix("from ")
    at = _POSITION.search(" " + rest)
    position = read_duration(at["at"]) if at else None
    rest, resolution = _without_resolution(_POSITION.sub("", " " + rest).strip())
    where = file_of(key)
    device, ip = _who(where[1] if where else key, rest)
    return Parsed(
        kind=Kind.VOD if where is not None else Kind.OTHER,
        title="" if title.strip().lower() == "file" else title.strip(),
        device=device,
        ip=ip,
        resolution=resolution,
        file_id=where[0] if where else "",
        identifier=where[1] if where else "",
        position=position,
    )


def _recording(found: re.Match[str]) -> Parsed:
    title, sep, until = found["title"].rpartition(_UNTIL)
    return Parsed(
        kind=Kind.RECORDING,
        number=found["number"].replace("-", "."),
        channel=(found["name"] or "").strip(),
        title=(title if sep else found["title"]).strip(),
        until=until.split(": buf")[0].strip() if sep else "",
    )


def _without_resolution(text: str) -> tuple[str, str]:
    found = _RESOLUTION.search(text)
    if found is None:
        return text, ""
    return text[: found.start()] + text[found.end() :], found["resolution"]


def _who(key: str, text: str) -> tuple[str, str]:
    """Device and address: of the parenthesis, else of the text, else of the key's end."""
    ip = ""
    for inside in _PARENTHESIS.findall(text):
        if _is_ip(inside):
            ip = inside
    device = text.split("(", 1)[0].strip()
    if _is_ip(device):
        ip = ip or device
        device = ""
    elif not _is_ip(device):
        device = device.split(":", 1)[0].split(" at ", 1)[0].strip()
    return device, ip or _ip_at_end(key)


def _ip_at_end(key: str) -> str:
    parts = key.split("-")
    for size in (1, 2):
        tail = "-".join(parts[-size:])
        if _is_ip(tail):
            return tail
    return ""


def _is_ip(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
