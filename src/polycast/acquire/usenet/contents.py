"""What kind of file begins so: film containers, archives, the small index of PAR2."""

import re
from collections.abc import Mapping
from hashlib import md5
from pathlib import PurePosixPath
from typing import Final

TS_PACKETS: Final = (188, 192, 204)
SPLIT: Final = re.compile(r"\.(7z|zip)\.(\d{3})$", re.IGNORECASE)
IGNORED: Final = frozenset(
    {"par2", "sfv", "nfo", "nzb", "txt", "jpg", "jpeg", "png", "gif", "url", "md5", "srr", "srs"}
)
PAR2: Final = b"PAR2\0PKT"
FILE_DESC: Final = b"PAR 2.0\0FileDesc"
NAMED_BY: Final = 16 * 1024  # first bytes of a file that PAR2 knows it by


def ending_of(head: bytes) -> str:
    """The ending that a film container usually has; "" for what is none."""
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm" if b"webm" in head[:64] else "mkv"
    if head[4:8] == b"ftyp":
        return "mov" if head[8:10] == b"qt" else "mp4"
    if head.startswith(b"RIFF") and head[8:11] == b"AVI":
        return "avi"
    if any(_is_ts(head, size) for size in TS_PACKETS):
        return "ts"
    if head.startswith(b"\x00\x00\x01\xba"):
        return "mpg"
    if head.startswith(b"\x30\x26\xb2\x75"):
        return "wmv"
    if head.startswith(b"fLaC"):
        return "flac"
    return "mp3" if head.startswith(b"ID3") else ""


def fits(path: str, head: bytes) -> bool:
    """Whether the first bytes may belong to a file of this name: only what we know can be denied."""
    ending = PurePosixPath(path).suffix[1:].lower()
    families = (
        {"mkv", "webm", "mk3d", "mka"},
        {"mp4", "m4v", "mov", "m4a", "m4b", "3gp", "f4v"},
        {"ts", "m2ts", "mts"},
    )
    for family in families:
        if ending in family:
            return ending_of(head) in family
    return ending not in {"avi", "flac"} or ending_of(head) == ending


def _is_ts(head: bytes, size: int) -> bool:
    start = 4 if size == 192 else 0
    return len(head) > 3 * size + start and all(head[start + at * size] == 0x47 for at in range(3))


def names_in_par2(data: bytes) -> Mapping[bytes, str]:
    """MD5 of a file's first 16 KiB -> its real name, as the small index of a PAR2 set has them."""
    found: dict[bytes, str] = {}
    at = 0
    while (at := data.find(PAR2, at)) >= 0 and at + 64 <= len(data):
        length = int.from_bytes(data[at + 8 : at + 16], "little")
        if not 64 <= length <= len(data) - at:
            at += len(PAR2)
            continue
        body = data[at + 64 : at + length]
        if data[at + 48 : at + 64] == FILE_DESC and len(body) > 56:
            found[body[32:48]] = body[56:].rstrip(b"\0").decode("utf-8", "replace")
        at += length
    return found


def known_by(head: bytes) -> bytes:
    """What PAR2 knows a file by."""
    return md5(head[:NAMED_BY], usedforsecurity=False).digest()
