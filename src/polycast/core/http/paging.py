"""Lists in pages, in the three ways our dialects know: by number, by offset, by cursor.

Each way is one object with its limits; `read` takes what the request asks for, `page` wraps what was found.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from polycast.core.errors import Invalid, NotFound
from polycast.core.http.bodies import read_pairs

T = TypeVar("T")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_CURSOR_LIMIT: Final = 512  # characters

Scope = Mapping[str, Any]


class InvalidPage(NotFound):
    """There is no such page."""

    code = "invalid_page"

    def __init__(self) -> None:
        super().__init__("Page")
        self.args = ("Invalid page.",)
        self.message = "Invalid page."


class Slice(Struct, frozen=True):
    """Which rows to read. `number` is the page's, from 1."""

    offset: int
    limit: int
    number: int = 1


class Envelope(Struct, Generic[T], kw_only=True):
    """Django REST framework's list: absolute addresses of the neighbours, null at the ends."""

    count: int
    next: str | None
    previous: str | None
    results: list[T]


class Window(Struct, Generic[T], kw_only=True):
    """A list read by offset."""

    items: list[T]
    total: int
    limit: int
    offset: int


class Cut(Struct, Generic[T], kw_only=True):
    """A list read by cursor; `next` is null at its end."""

    items: list[T]
    next: str | None


class PageNumber(Struct, frozen=True, kw_only=True):
    """`?page=2&page_size=50`, as Django REST framework does it."""

    default: int = 50
    cap: int = 1000  # a larger `page_size` is cut to it, not refused

    def is_asked(self, scope: Scope) -> bool:
        """Whether the client wants pages at all, where a list is a bare array otherwise."""
        return any(name in ("page", "page_size") for name, _ in _pairs(scope))

    def read(self, scope: Scope) -> Slice:
        """Raises: InvalidPage for a page that is no number from 1."""
        asked = dict(_pairs(scope))
        size = self.default
        if _NUMBER.fullmatch(asked.get("page_size", "")) and int(asked["page_size"]) > 0:
            size = min(int(asked["page_size"]), self.cap)
        text = asked.get("page", "1")
        if not _NUMBER.fullmatch(text) or int(text) < 1 or int(text) * size >= 2**63:
            raise InvalidPage
        return Slice((int(text) - 1) * size, size, int(text))

    def page(self, scope: Scope, cut: Slice, results: Sequence[T], *, count: int) -> Envelope[T]:
        """`results` are the rows of `cut`. Raises: InvalidPage beyond the last page; the first one may be empty."""
        if cut.number > 1 and cut.offset >= count:
            raise InvalidPage
        has_next = cut.offset + cut.limit < count
        return Envelope(
            count=count,
            next=address(scope, page=str(cut.number + 1)) if has_next else None,
            previous=None if cut.number == 1 else address(scope, page=str(cut.number - 1) if cut.number > 2 else None),
            results=list(results),
        )


class LimitOffset(Struct, frozen=True, kw_only=True):
    """`?limit=20&offset=40`; what is out of range is refused."""

    default: int = 20
    cap: int = 100

    def read(self, scope: Scope) -> Slice:
        """Raises: Invalid with each parameter that is out of range."""
        asked = dict(_pairs(scope))
        limit = _in_range("limit", asked.get("limit"), self.default, low=1, high=self.cap)
        return Slice(_in_range("offset", asked.get("offset"), 0, low=0, high=2**53), limit)

    def page(self, cut: Slice, items: Sequence[T], *, total: int) -> Window[T]:
        return Window(items=list(items), total=total, limit=cut.limit, offset=cut.offset)


class Cursor(Struct, frozen=True, kw_only=True):
    """`?after=<cursor>&limit=50`: stable while rows come and go. A cursor is the sort key of the last row."""

    default: int = 50
    cap: int = 200

    def read(self, scope: Scope, kind: type[T]) -> tuple[T | None, int]:
        """The key to go on after (None: from the start), and how many rows to read, one more than a page has.

        Raises: Invalid for a cursor that this list has not given out.
        """
        asked = dict(_pairs(scope))
        limit = _in_range("limit", asked.get("limit"), self.default, low=1, high=self.cap)
        text = asked.get("after", "")
        if not text:
            return None, limit + 1
        try:
            if len(text) > _CURSOR_LIMIT:
                raise ValueError("longer than any of ours")
            return msgspec.json.decode(bytes.fromhex(text), type=kind), limit + 1
        except (ValueError, msgspec.MsgspecError) as error:
            raise Invalid.one("after", "bad_cursor", "This cursor is not one of ours.") from error

    def page(self, rows: Sequence[T], *, asked_for: int, key: Callable[[T], object]) -> Cut[T]:
        """`rows` as read with the limit of `read`; `key` gives the sort key of one."""
        size = asked_for - 1
        if len(rows) <= size:
            return Cut(items=list(rows), next=None)
        return Cut(items=list(rows[:size]), next=msgspec.json.encode(key(rows[size - 1])).hex())


def address(scope: Scope, **changed: str | None) -> str:
    """This request's absolute address with some query parameters changed; None takes one away, others keep their order."""
    pairs = [(name, value) for name, value in _pairs(scope) if name not in changed]
    pairs += [(name, value) for name, value in changed.items() if value is not None]
    query = urlencode(pairs)
    state = scope.get("state", {})
    path = scope.get("raw_path", b"").decode("ascii") or scope["path"]
    return f"{state.get('origin', '')}{path}" + (f"?{query}" if query else "")


def _pairs(scope: Scope) -> list[tuple[str, str]]:
    return [
        (name, value) for name, values in read_pairs(scope["query_string"], what="query").items() for value in values
    ]


def _in_range(name: str, text: str | None, default: int, *, low: int, high: int) -> int:
    if text is None:
        return default
    if not _NUMBER.fullmatch(text):
        raise Invalid.one(name, "not_an_integer", "A valid integer is required.")
    number = int(text)
    if number < low:
        raise Invalid.one(name, "min_value", f"At least {low}.", limit=low)
    if number > high:
        raise Invalid.one(name, "max_value", f"At most {high}.", limit=high)
    return number
