"""Lists as this API gives them: a bare array, or pages when `limit` is sent."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from msgspec import Struct

from polycast.core.http import Envelope, LimitOffset, Request, address

T = TypeVar("T")
PAGES: Final = LimitOffset(default=100, cap=1000)


class ListQuery(Struct, frozen=True, kw_only=True):
    """What a list may be asked for."""

    limit: int | None = None
    offset: int = 0
    search: str = ""
    ordering: str = ""


async def listed(
    request: Request,
    query: ListQuery,
    read: Callable[[int | None, int], Awaitable[tuple[Sequence[Any], int]]],
    show: Callable[[Sequence[Any]], Awaitable[list[T]]],
) -> list[T] | Envelope[T]:
    """All of it; or the page that `limit` and `offset` name, with absolute addresses of its neighbours."""
    if query.limit is None:
        rows, _ = await read(None, 0)
        return await show(rows)
    cut = PAGES.read(request.scope)
    rows, count = await read(cut.limit, cut.offset)
    after, before = cut.offset + cut.limit, max(cut.offset - cut.limit, 0)
    return Envelope(
        count=count,
        next=address(request.scope, offset=str(after)) if after < count else None,
        previous=address(request.scope, offset=str(before) if before else None) if cut.offset else None,
        results=await show(rows),
    )
