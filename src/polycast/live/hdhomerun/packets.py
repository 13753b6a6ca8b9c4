"""Packets of the tuner protocol on port 65001: type, length, tagged values, CRC. Source: `specs/live.md` 4.5."""

import struct
from binascii import crc32
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

from msgspec import Struct

ANY: Final = 0xFFFFFFFF
TUNER: Final = 1  # the device type
MOST_BYTES: Final = 1460  # of a packet, as the devices have it
_HEAD: Final = struct.Struct(">HH")
_CRC: Final = struct.Struct("<I")


class Kind(IntEnum):
    """What a packet is."""

    DISCOVER = 2
    FOUND = 3
    GETSET = 4
    GETSET_REPLY = 5


class Tag(IntEnum):
    """What a value is."""

    DEVICE_TYPE = 0x01
    DEVICE_ID = 0x02
    NAME = 0x03
    VALUE = 0x04
    ERROR = 0x05
    TUNER_COUNT = 0x10
    LINEUP_URL = 0x27
    BASE_URL = 0x2A
    AUTH = 0x2B
    TYPES = 0x2D  # several device types


class Packet(Struct, frozen=True, kw_only=True):
    """A packet read; `values` in their order, unknown tags too."""

    kind: int
    values: Sequence[tuple[int, bytes]]

    def all(self, tag: Tag) -> list[bytes]:
        return [value for found, value in self.values if found == tag]

    def text(self, tag: Tag) -> str | None:
        """The first value of `tag` without the NUL at its end."""
        found = self.all(tag)
        return found[0].rstrip(b"\0").decode("latin-1") if found else None


def pack(kind: Kind, values: Iterable[tuple[Tag, bytes]]) -> bytes:
    """A whole packet."""
    body = b"".join(bytes([tag]) + _length(len(value)) + value for tag, value in values)
    told = _HEAD.pack(kind, len(body)) + body
    return told + _CRC.pack(crc32(told))


def unpack(data: bytes) -> Packet | None:
    """A packet; None for what is none: a wrong length, a wrong CRC, a value cut short."""
    if len(data) < _HEAD.size + _CRC.size:
        return None
    kind, length = _HEAD.unpack_from(data)
    end = _HEAD.size + length
    if len(data) != end + _CRC.size or _CRC.unpack_from(data, end)[0] != crc32(data[:end]):
        return None
    values = _values(data[_HEAD.size : end])
    return None if values is None else Packet(kind=kind, values=values)


def body_bytes(head: bytes) -> int:
    """How many bytes follow the first four of a packet."""
    return int(_HEAD.unpack(head)[1]) + _CRC.size


def whole(number: int) -> bytes:
    """A number of 32 bits."""
    return struct.pack(">I", number)


def number(value: bytes) -> int | None:
    """A number of 32 bits; None when it has another length."""
    return int.from_bytes(value) if len(value) == 4 else None


def text(words: str) -> bytes:
    """A string that ends with NUL, as get and set have them."""
    return words.encode("latin-1", "replace") + b"\0"


def _length(count: int) -> bytes:
    return bytes([count]) if count < 128 else bytes([count & 0x7F | 0x80, count >> 7])


def _values(body: bytes) -> list[tuple[int, bytes]] | None:
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(body):
        if at + 2 > len(body):
            return None
        tag, count = body[at], body[at + 1]
        at += 2
        if count & 0x80:
            if at >= len(body):
                return None
            count = count & 0x7F | body[at] << 7
            at += 1
        if at + count > len(body):
            return None
        found.append((tag, body[at : at + count]))
        at += count
    return found
