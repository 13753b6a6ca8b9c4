"""What many answers of this API share: times, pages, ids of runs."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Final, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from polycast.core.secrets import Tokens
from polycast.library.dialects.v1.errors import BadRequest

T = TypeVar("T")
K = TypeVar("K")
PURPOSE: Final = "library.cursor"
MAC_BYTES: Final = 12
LONGEST: Final = 2000
Limit = Annotated[int, Meta(ge=1, le=100)]
DEFAULT: Final = 20


class Out(Struct, frozen=True, kw_only=True, rename="camel"):
    """An answer."""


class Sent(Struct, frozen=True, kw_only=True, rename="camel"):
    """A body or a query."""


class PageOf(Out, Generic[T], frozen=True, kw_only=True):
    """A page of a list."""

    items: list[T]
    next_cursor: str | None = None
    has_more: bool = False
    total: int | None = None


class Paged(Sent, frozen=True, kw_only=True):
    """The query of every list."""

    cursor: str = ""
    limit: Limit = DEFAULT
    include_total: bool = False


class Run(Out, frozen=True, kw_only=True):
    """Work that was started."""

    workflow_id: str
    status: str = "pending"


class Cursors:
    """Cursors that only this list, with these filters, gives out and takes."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def read(self, text: str, kind: type[K], filters: object) -> K | None:
        """Where to go on; None for the start. Raises: BadRequest for a cursor of another list, or of nobody."""
        if not text:
            return None
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(text) <= LONGEST else b""
            body, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
            if len(mac) < MAC_BYTES or not self._tokens.same(mac, self._mac(body, filters)):
                raise BadRequest("Invalid cursor")
            return msgspec.json.decode(body, type=kind)
        except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
            raise BadRequest("Invalid cursor") from error

    def write(self, position: object, filters: object) -> str:
        """The cursor for what follows `position`."""
        body = msgspec.json.encode(position)
        return base64.urlsafe_b64encode(body + self._mac(body, filters)).decode().rstrip("=")

    def page(
        self, rows: Sequence[T], *, limit: int, place: Callable[[int], object], filters: object,
        total: int | None = None,
    ) -> PageOf[T]:  # fmt: skip
        """`rows` as read with one more than `limit`; `place` gives the position of a row by its index."""
        if len(rows) <= limit:
            return PageOf(items=list(rows), total=total)
        cursor = self.write(place(limit - 1), filters)
        return PageOf(items=list(rows[:limit]), next_cursor=cursor, has_more=True, total=total)

    def _mac(self, body: bytes, filters: object) -> bytes:
        bound = hashlib.sha256(msgspec.json.encode(filters)).digest()
        return self._tokens.mac(bound + body, purpose=PURPOSE)[:MAC_BYTES]


def iso(at: datetime) -> str:
    """UTC with milliseconds and `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def iso_or_none(at: datetime | None) -> str | None:
    return None if at is None else iso(at)


def day(value: date | None) -> str | None:
    """`2023-08-23`."""
    return None if value is None else value.isoformat()


def seconds(milliseconds: int) -> float:
    """Seconds with three decimals."""
    return milliseconds / 1000


def words_of(values: Sequence[str]) -> tuple[str, ...]:
    """A parameter that may be repeated, and may hold several values with commas."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())
