"""Who a tuner is. Source: `specs/live.md` 4.5."""

import re
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

MODEL: Final = "HDTC-2US"
FIRMWARE_NAME: Final = "hdhomerun3_atsc"
FIRMWARE_VERSION: Final = "20200101"
AUTH: Final = "test_auth_token"  # a constant of the original, no secret
MAKER: Final = "Polycast"
_TABLE: Final = (0xA, 0x5, 0xF, 0x6, 0x7, 0xC, 0x1, 0xB, 0x9, 0x2, 0x8, 0xD, 0x4, 0x3, 0xE, 0x0)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{8}")
_FIRST: Final = 0x10  # the upper eight bits, as tuners on sale have them


class Device(Struct, frozen=True, kw_only=True):
    """One tuner: the plain one, or one for a channel profile and an output profile."""

    device_id: str
    friendly_name: str
    tuners: int

    @property
    def udn(self) -> str:
        """Its UPnP name without `uuid:`, the same for the same id."""
        return str(uuid5(NAMESPACE_URL, f"polycast:hdhomerun:{self.device_id}"))

    @property
    def number(self) -> int | None:
        """The id as packets carry it; None for one that is no eight hex digits."""
        return int(self.device_id, 16) if _HEX.fullmatch(self.device_id) else None


def is_valid(device_id: int) -> bool:
    """Whether the checksum of an id is right."""
    return _check(device_id >> 4) == device_id & 0xF


def device_id_from(seed: bytes) -> str:
    """A valid id of eight hex digits, the same for the same seed (three bytes and more)."""
    upper = _FIRST << 20 | int.from_bytes(seed[:3]) & 0xFFFFF
    return f"{upper << 4 | _check(upper):08X}"


def _check(upper: int) -> int:
    """The last digit that belongs to the seven before it."""
    digits = [upper >> shift & 0xF for shift in range(0, 28, 4)]  # n1 ... n7
    found = 0
    for place, digit in enumerate(digits, 1):
        found ^= _TABLE[digit] if place % 2 else digit
    return found
