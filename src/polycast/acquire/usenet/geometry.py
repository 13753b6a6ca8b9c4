"""Where the articles of a posted file lie in it, from what the articles themselves say."""

from typing import Final, Protocol

from msgspec import Struct

from polycast.acquire.usenet.model import Geometry, Posted, Reason, RefusedPost
from polycast.acquire.usenet.pool import Missing
from polycast.acquire.usenet.yenc import Part

LOOKS: Final = 4  # articles that are tried when the first ones are gone
HEAD_BYTES: Final = 64 * 1024
LOST: Final = "missing.invalid"  # in the place of an article that the NZB does not name


class Source(Protocol):
    """Gives articles and keeps them for the next who asks."""

    async def part(self, message_id: str) -> Part: ...


class Looked(Struct, frozen=True, kw_only=True):
    """A posted file after a look at it."""

    geometry: Geometry
    name: str  # as the article says; "" when it does not
    head: bytes  # its first bytes; empty when the first article is gone


async def look(posted: Posted, source: Source) -> Looked:
    """Raises: Missing, when nothing of it is there; RefusedPost; Unavailable."""
    first_error: Missing | None = None
    for index in _tries(len(posted.segments)):
        segment = posted.segments[index]
        try:
            part = await source.part(segment.message_id)
        except Missing as error:
            first_error = first_error or error
            continue
        number = max(segment.number, 1)
        return Looked(
            geometry=_geometry(posted, part, number),
            name=part.name,
            head=part.data[:HEAD_BYTES] if part.start == 0 else b"",
        )
    raise first_error or Missing("The file has no articles.")


def _tries(count: int) -> list[int]:
    """The first, and a few more from all over."""
    return list(dict.fromkeys([0, 1, count // 2, count - 1]))[:LOOKS] if count > 1 else [0]


def _geometry(posted: Posted, part: Part, number: int) -> Geometry:
    size = part.file_size
    if not size:
        if len(posted.segments) > 1:
            raise RefusedPost(Reason.CORRUPT, "the articles do not say where they belong")
        size = len(part.data)
    if part.end == size and part.start:  # the last one: what lies before it tells the size of the others
        part_bytes = part.start // max(number - 1, 1)
    else:
        part_bytes = len(part.data)
    count = -(-size // part_bytes) if part_bytes else 1
    by_number = {segment.number: segment.message_id for segment in posted.segments}
    if not part_bytes or (part.start and part.start != (number - 1) * part_bytes):
        raise RefusedPost(Reason.CORRUPT, "the articles of a file are of different sizes")
    if max(by_number) > count:
        raise RefusedPost(Reason.CORRUPT, "a file has more articles than its size allows")
    ids = [by_number.get(at, LOST) for at in range(1, count + 1)]
    return Geometry(message_ids=ids, part_bytes=part_bytes, size_bytes=size)
