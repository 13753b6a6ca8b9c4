"""A member of a post, read from anywhere: its stretches, their articles, a window of them on their way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from msgspec import Struct

from polycast.acquire.usenet.model import Cipher, Geometry, Member
from polycast.acquire.usenet.pool import Missing
from polycast.acquire.usenet.segments import Segments
from polycast.core.errors import Unavailable
from polycast.core.secrets import aes_cbc

BLOCK: Final = 16
HOLE_BYTES: Final = 8 * 1024 * 1024  # of zeros that a file may be given ...
HOLE_SHARE: Final = 0.005  # ... or this share of it, whatever is more


class Need(Struct, frozen=True, gc=False):
    """A piece of one article."""

    message_id: str
    start: int  # inside the decoded article
    length: int


class PostReader:
    """Plain bytes of posted files, `ahead` articles on their way at once. `holes`: zeros for what is gone."""

    def __init__(
        self,
        member: Member,
        geometries: Sequence[Geometry],
        segments: Segments,
        *,
        ahead: int,
        fills_holes: bool,
        on_hole: Callable[[str, int], None] = lambda message_id, size: None,
    ) -> None:
        self.size_bytes = member.size_bytes
        self._member = member
        self._geometries = geometries
        self._segments = segments
        self._ahead = max(1, ahead)
        self._fills_holes = fills_holes
        self._on_hole = on_hole
        self._filled = 0

    async def read(self, offset: int, length: int) -> AsyncIterator[bytes]:
        """Raises: Unavailable, when an article is gone and holes are not filled; never ends early."""
        length = max(0, min(length, self.size_bytes - offset))
        if not length:
            return
        cipher = self._member.cipher
        if cipher is None:
            async for piece in self._raw(offset, length):
                yield piece
            return
        async for piece in self._deciphered(cipher, offset, length):
            yield piece

    async def _deciphered(self, cipher: Cipher, offset: int, length: int) -> AsyncIterator[bytes]:
        """CBC can be entered anywhere: the block before is the start value."""
        offset += self._member.skip
        first = offset // BLOCK * BLOCK
        last = min(-(-(offset + length) // BLOCK) * BLOCK, self._member.stored_bytes)
        before = cipher.iv if first == 0 else b""
        held = b""
        skip, left = offset - first, length
        start = first if first == 0 else first - BLOCK
        async for piece in self._raw(start, last - start):
            held += piece
            if not before:
                if len(held) < BLOCK:
                    continue
                before, held = held[:BLOCK], held[BLOCK:]
            whole = len(held) // BLOCK * BLOCK
            if not whole:
                continue
            plain = aes_cbc(cipher.key, before, held[:whole])
            before, held = held[whole - BLOCK : whole], held[whole:]
            plain, skip = plain[skip:], max(0, skip - len(plain))
            plain = plain[:left]
            left -= len(plain)
            if plain:
                yield plain
            if not left:
                return

    async def _raw(self, offset: int, length: int) -> AsyncIterator[bytes]:
        needs = self._needs(offset, length)
        window: list[tuple[Need, asyncio.Task[bytes]]] = []
        try:
            for need in needs:
                window.append((need, asyncio.ensure_future(self._segments.get(need.message_id))))
                if len(window) >= self._ahead:
                    yield await self._taken(*window.pop(0))
            while window:
                yield await self._taken(*window.pop(0))
        finally:
            for _, task in window:
                task.cancel()
            await asyncio.gather(*(task for _, task in window), return_exceptions=True)

    async def _taken(self, need: Need, task: "asyncio.Task[bytes]") -> bytes:
        try:
            data = await task
        except Missing as error:
            return self._hole(need, error)
        found = data[need.start : need.start + need.length]
        if len(found) != need.length:
            return self._hole(need, Missing("An article is shorter than it should be."))
        return found

    def _hole(self, need: Need, error: Missing) -> bytes:
        self._on_hole(need.message_id, need.length)
        self._filled += need.length
        most = max(HOLE_BYTES, int(self._member.size_bytes * HOLE_SHARE))
        if not self._fills_holes or self._filled > most:
            raise Unavailable(f"A part of the file is gone: {error.message}") from error
        return bytes(need.length)

    def _needs(self, offset: int, length: int) -> "list[Need]":
        """The articles for a stretch of the member, in order."""
        needs: list[Need] = []
        at = 0
        end = offset + length
        for run in self._member.runs:
            low, high = max(offset, at), min(end, at + run.length)
            if low < high:
                start = run.start + low - at
                _cover(self._geometries[run.file], start, start + high - low, needs)
            at += run.length
            if at >= end:
                break
        return needs


def _cover(geometry: Geometry, start: int, end: int, needs: list[Need]) -> None:
    index = geometry.segment_at(start)
    while start < end:
        first, last = geometry.span(index)
        stop = min(last, end)
        if stop <= start:
            raise Unavailable("The post ends before the file does.")
        needs.append(Need(geometry.message_ids[index], start - first, stop - start))
        start, index = stop, index + 1
