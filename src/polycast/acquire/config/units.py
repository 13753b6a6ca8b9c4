"""Durations, sizes, rates and schedules as people write them."""

import re
from datetime import timedelta
from typing import Final

from msgspec import Struct

from polycast.core.errors import Invalid

_PARTS: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|w|d|h|m|s)")
_SPANS: Final = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_FACTORS: Final = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
_RATE: Final = re.compile(r"(\d{1,6})\s*/\s*(second|sec|minute|min|hour|hr|day|s|m|h|d)", re.IGNORECASE)
_PER: Final = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST: Final = timedelta(days=3650)


class Rate(Struct, frozen=True):
    """At most `count` in any stretch of `per`."""

    count: int
    per: timedelta


def span(text: str, *, path: str) -> timedelta | None:
    """`30s`, `1h30m`, `3d`, `2w`; None for nothing and for zero. Raises: Invalid."""
    bare = text.strip().lower()
    if bare in {"", "0"}:
        return None
    parts = _PARTS.findall(bare)
    if not parts or "".join(f"{number}{unit}" for number, unit in parts) != bare:
        raise Invalid.one(path, "not_a_duration", "A duration is written like 30s, 10m, 3d or 2w.")
    try:
        found = sum((float(number) * _SPANS[unit] for number, unit in parts), timedelta())
    except OverflowError:
        found = LONGEST + timedelta(1)
    if found > LONGEST:
        raise Invalid.one(path, "too_long", "That is too long.")
    return found or None


def size(text: str, *, path: str) -> int | None:
    """`500MB`, `1.5 GB`, bytes without a unit; 1024-based; None for nothing. Raises: Invalid."""
    if not text.strip():
        return None
    found = _SIZE.fullmatch(text.strip())
    if found is None or len(text) > 40:
        raise Invalid.one(path, "not_a_size", "A size is written like 500MB or 1.5GB.")
    return int(float(found[1]) * _FACTORS[found[2].lower()])


def rate(text: str, *, path: str) -> Rate | None:
    """`250/minute`, `10/second`; None for no limit. Raises: Invalid."""
    if not text.strip():
        return None
    found = _RATE.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        raise Invalid.one(path, "not_a_rate", "A rate is written like 250/minute or 10/second.")
    return Rate(int(found[1]), _PER[found[2][0].lower()])
