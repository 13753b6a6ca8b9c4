"""What a mapped archive is made of."""

from collections.abc import Generator
from enum import StrEnum
from typing import Protocol, TypeVar

from msgspec import Struct

from polycast.core.errors import PolycastError

T = TypeVar("T")
Want = tuple[int, int]  # (offset, length): bytes that a parser needs
Parsing = Generator[
    Want, bytes, T
]  # asks for bytes, is sent them (fewer at the end of the volume), returns its finding


class Why(StrEnum):
    """Why an archive cannot be mapped."""

    COMPRESSED = "compressed"
    ENCRYPTED = "encrypted"  # a password is needed
    BAD_PASSWORD = "bad_password"  # noqa: S105 - a word for it
    INCOMPLETE = "incomplete"  # volumes are missing
    DAMAGED = "damaged"


class Unmappable(PolycastError):
    """This archive cannot be served without unpacking it."""

    code = "unmappable"

    def __init__(self, why: Why, text: str) -> None:
        super().__init__(text)
        self.why = why


class Volume(Protocol):
    """One file of an archive, read from anywhere."""

    name: str
    size_bytes: int

    async def read_at(self, offset: int, length: int) -> bytes:
        """Fewer bytes only at the end."""
        ...


class Extent(Struct, frozen=True, gc=False):
    """A stretch of a volume."""

    volume: int
    start: int
    length: int


class CbcKey(Struct, frozen=True, kw_only=True):
    """AES in CBC mode, from the first byte of a member's stretch."""

    key: bytes
    iv: bytes


class Stored(Struct, frozen=True, kw_only=True):
    """A member whose bytes lie in the volumes as they are, or enciphered."""

    name: str
    size_bytes: int
    extents: tuple[Extent, ...]
    cipher: CbcKey | None = None
    skip: int = 0  # bytes before it in the enciphered stretch


async def parsed(parsing: Parsing[T], volume: Volume, *, offset: int = 0) -> T:
    """Run a parser on a volume. Raises: Unmappable."""
    try:
        want = next(parsing)
        while True:
            want = parsing.send(await volume.read_at(offset + want[0], want[1]))
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
