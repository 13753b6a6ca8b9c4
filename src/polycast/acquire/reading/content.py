"""A source as the house's file answers read it: one reader ahead of the client, a bounded queue between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from typing import Final

from polycast.acquire.reading.source import FileSource
from polycast.core.errors import PolycastError
from polycast.core.files import Span

AHEAD: Final = 8  # pieces of at most half a MiB
JOINED: Final = 1024 * 1024


class Left(Exception):
    """The client has gone; nobody reads on."""


class SourceContent:
    """A `Content` of `core/files`. Reading happens in one task of its own, which ends with the block."""

    def __init__(self, source: FileSource, spans: Sequence[Span], *, etag: str, modified_at: datetime | None) -> None:
        self.size_bytes = source.size_bytes
        self.etag = etag
        self.modified_at = modified_at
        self._source = source
        self._spans = spans
        self._at = -1
        self._pieces: asyncio.Queue[bytes | PolycastError | None] = asyncio.Queue(AHEAD)
        self._reading: asyncio.Task[None] | None = None
        self._held: bytes = b""
        self._has_left = False

    async def prime(self) -> None:
        """Have the first bytes here, so that what cannot be read is told with a status. Raises: PolycastError."""
        first = self._spans[0] if self._spans else Span(0, self.size_bytes)
        if first.size_bytes > 0:
            self._held = await self._piece(first.start)

    async def read(self, start: int, size_bytes: int) -> bytes:
        """As many bytes as have come, at most `size_bytes`. Raises: PolycastError; Left."""
        if self._held and start == self._at:
            piece = self._held
            self._held = b""
        else:
            piece = await self._piece(start)
        if len(piece) > size_bytes:
            piece, self._held = piece[:size_bytes], piece[size_bytes:]
        self._at += len(piece)
        return piece

    async def _piece(self, start: int) -> bytes:
        if start != self._at or self._reading is None:
            await self._restart(start)
        if self._has_left:
            raise Left
        piece = await self._pieces.get()
        if isinstance(piece, PolycastError):
            raise piece
        if piece is None:
            raise Left
        return piece

    async def _restart(self, start: int) -> None:
        await self.close()
        self._at, self._held = start, b""
        end = next((span.end for span in self._spans if span.start <= start < span.end), self.size_bytes)
        self._pieces = asyncio.Queue(AHEAD)
        self._reading = asyncio.ensure_future(self._read(start, end, self._pieces))

    async def _read(self, start: int, end: int, pieces: "asyncio.Queue[bytes | PolycastError | None]") -> None:
        try:
            async with aclosing(self._source.read(start, end - start)) as found:  # type: ignore[type-var]
                async for piece in found:
                    await pieces.put(piece)
        except PolycastError as error:
            await pieces.put(error)

    def leave(self) -> None:
        """The client has gone: stop the reader at once, and whoever waits for it."""
        self._has_left = True
        if self._reading is not None:
            self._reading.cancel()
        while not self._pieces.empty():
            self._pieces.get_nowait()
        self._pieces.put_nowait(None)

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
            self._reading = None


@asynccontextmanager
async def open_source(
    source: FileSource, spans: Sequence[Span], *, etag: str, modified_at: datetime | None
) -> AsyncIterator[SourceContent]:
    """A content for the length of the block."""
    content = SourceContent(source, spans, etag=etag, modified_at=modified_at)
    try:
        yield content
    finally:
        await content.close()
