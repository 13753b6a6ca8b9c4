"""Lists: in pages by default, bare arrays where clients of the original iterate over the body.

Source: `specs/live.md` 1.2, "Pagination".
"""

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

from polycast.core.http import Envelope, PageNumber, Request, Slice
from polycast.live.preferences.groups import SystemSettings

T = TypeVar("T")
PAGES: Final = PageNumber(default=50, cap=1000)


class System(Protocol):
    """The settings of the server."""

    async def group(self, struct: type[SystemSettings]) -> SystemSettings: ...


class Lists:
    """Wraps what handlers found; a service of the dialect, `lists` by name."""

    def __init__(self, system: System) -> None:
        self._system = system

    async def cut(self, request: Request, pages: PageNumber = PAGES) -> Slice | None:
        """Which rows to read of a list that is bare unless pages are asked for; None for all of them.

        Raises: InvalidPage.
        """
        if pages.is_asked(request.scope) or (await self._system.group(SystemSettings)).api_paginate_all:
            return pages.read(request.scope)
        return None

    async def bare(self, request: Request, rows: Sequence[T], pages: PageNumber = PAGES) -> list[T] | Envelope[T]:
        """A short list that is whole in memory, bare unless pages are asked for. Raises: InvalidPage."""
        cut = await self.cut(request, pages)
        if cut is None:
            return list(rows)
        return pages.page(request.scope, cut, rows[cut.offset : cut.offset + cut.limit], count=len(rows))

    def paged(self, request: Request, rows: Sequence[T], pages: PageNumber = PAGES) -> Envelope[T]:
        """A short list that is whole in memory, in pages. Raises: InvalidPage."""
        cut = pages.read(request.scope)
        return pages.page(request.scope, cut, rows[cut.offset : cut.offset + cut.limit], count=len(rows))
