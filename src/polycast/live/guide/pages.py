"""How programmes are packed: a day of a guide channel in one row."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Final

import msgspec
from msgspec import Struct

from polycast.core.storage import fold
from polycast.live.guide.model import Airing

VERSION: Final = 1  # raised when the same guide is read or packed differently: everything is then written again
DAY: Final = 86_400
MICRO: Final = 1_000_000
GUESS: Final = 1800  # seconds; how long a last programme without an end is taken to be
LONGEST_GUESS: Final = 12 * 3600
BY_START: Final = attrgetter("start")

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(list[Airing])


class Page(Struct, frozen=True, gc=False):
    """A row of `live_programme_pages`, times as they are stored: microseconds."""

    first_at: int
    last_at: int
    count: int
    titles: str
    body: bytes


def unpack(body: bytes) -> list[Airing]:
    """The programmes of a page, by start."""
    return _DECODER.decode(body)


def unpack_run(packed: bytes | bytearray, count: int) -> list[Airing]:
    """`count` programmes packed one behind the other."""
    return _DECODER.decode(b"\xdd" + count.to_bytes(4, "big") + packed)


def pack_onto(buffer: bytearray, airing: Airing) -> None:
    """Append one packed programme."""
    _ENCODER.encode_into(airing, buffer, -1)


def fingerprint(packed: bytes | bytearray) -> int:
    """63 bits that differ when the programmes do."""
    return int.from_bytes(blake2b(packed, digest_size=8, salt=VERSION.to_bytes(8, "big")).digest(), "big") >> 1


def pages(airings: list[Airing]) -> Iterator[Page]:
    """The pages of one guide channel; `airings` in any order. Of several with the same start the longest stays."""
    for _, run in groupby(ordered(airings), key=_day):
        some = list(run)
        yield Page(
            first_at=some[0].start * MICRO,
            last_at=max(airing.end for airing in some) * MICRO,
            count=len(some),
            titles="\n".join(map(_folded, some)),
            body=_ENCODER.encode(some),
        )


def ordered(airings: list[Airing]) -> Sequence[Airing]:
    """By start, each start once, every end known: where none was given, the next start, or half an hour."""
    is_sorted = all(a.start < b.start for a, b in pairwise(airings))
    found = airings if is_sorted else _sorted(airings)
    for airing, after in zip(found, [*found[1:], None], strict=True):
        if not airing.end:
            limit = airing.start + LONGEST_GUESS
            airing.end = airing.start + GUESS if after is None else min(after.start, limit)
    return found


def _sorted(airings: list[Airing]) -> list[Airing]:
    best: dict[int, Airing] = {}
    for airing in airings:
        known = best.get(airing.start)
        if known is None or airing.end > known.end:
            best[airing.start] = airing
    return sorted(best.values(), key=BY_START)


def _day(airing: Airing) -> int:
    return airing.start // DAY


def _folded(airing: Airing) -> str:
    title = airing.title
    return title.lower() if title.isascii() else fold(title)
