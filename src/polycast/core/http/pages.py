"""How the lists of our own API are cut: pages by the last key of the page before."""

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from msgspec import Struct

from polycast.core.errors import Invalid

T = TypeVar("T")
MOST: Final = 200  # elements of a page


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """A page of a list; `next` is the cursor of the next one, null at the end."""

    items: list[T]
    next: str | None


def size_of(limit: int, most: int = MOST) -> int:
    """How many elements a page has when `limit` are asked for."""
    return max(1, min(limit, most))


def position(cursor: str) -> int | None:
    """What a cursor of a list stands for: the last key of the page before; None from the start. Raises: Invalid."""
    if not cursor:
        return None
    if not cursor.isdecimal() or len(cursor) > 18:
        raise Invalid.one("cursor", "bad_cursor", "This cursor is not one of ours.")
    return int(cursor)


def page_of(rows: Sequence[T], keys: Sequence[int], size: int) -> Page[T]:
    """The first `size` of `rows`, which were read with one more; `keys` are theirs."""
    return Page(items=list(rows[:size]), next=str(keys[size - 1]) if len(rows) > size else None)
