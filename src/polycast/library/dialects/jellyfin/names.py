"""Ids of what has no 32 hexadecimal digits of its own in our tables, and how times are spelled."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from polycast.library.catalogue.model import Library, MediaFile


def made_id(kind: str, name: str) -> str:
    """The first 16 bytes of a hash, the same for ever."""
    return hashlib.sha256(f"polycast:{kind}:{name}".encode()).hexdigest()[:32]


def id_of(nanoid: str) -> str:
    """The 126 bits of one of our names as 32 hexadecimal digits; `nanoid_of` leads back."""
    return base64.urlsafe_b64decode(nanoid + "AAA")[:16].hex()


def nanoid_of(identity: str) -> str:
    """The name behind an id; "" when it cannot be one."""
    try:
        raw = bytes.fromhex(identity)
    except ValueError:
        return ""
    return base64.urlsafe_b64encode(raw + b"\0\0").decode()[:21] if len(raw) == 16 else ""


def library_id(library: Library) -> str:
    return id_of(library.nanoid)


def source_id(file: MediaFile) -> str:
    return id_of(file.nanoid)


def genre_id(name: str) -> str:
    return made_id("genre", name.casefold())


def moment(at: datetime | None) -> str | None:
    """`2026-04-01T10:00:00.0000000Z`."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def ticks(milliseconds: int) -> int:
    """100 ns each."""
    return milliseconds * 10_000


def without_none(found: dict[str, Any]) -> dict[str, Any]:
    """What strict clients want: absent rather than null."""
    return {name: value for name, value in found.items() if value is not None}
