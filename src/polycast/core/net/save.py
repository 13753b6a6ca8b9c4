"""An answer's body as a file: written beside it, synced, then moved into place, so that a reader sees all or nothing."""

import asyncio
import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from polycast.core.errors import Storage
from polycast.core.net.incoming import Incoming

WRITE_BYTES: Final = 1024 * 1024
SNIFF_BYTES: Final = 32 * 1024
Progress = Callable[[int, int | None], None]
Sniff = Callable[[bytes], None]


class Saved(Struct, frozen=True, kw_only=True):
    """What was stored, and what to ask with next time."""

    is_unchanged: bool = False  # the server said 304
    size_bytes: int = 0
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None  # as the server wrote it
    url: str = ""  # after redirects


async def stored(incoming: Incoming, path: Path, *, progress: Progress | None, sniff: Sniff | None) -> Saved:
    """Write the body of `incoming` to `path`. Raises, besides what reading raises: Storage; whatever `sniff` raises."""
    if incoming.status == 304:
        return _told(incoming, is_unchanged=True, size_bytes=0)
    try:
        handle, name = await asyncio.to_thread(tempfile.mkstemp, dir=path.parent, prefix=".", suffix=".part")
        is_settled = False
        try:
            size = await _written(incoming, handle, progress, sniff)
            await asyncio.to_thread(_settle, handle, name, path)
            is_settled = True
        finally:
            if not is_settled:
                await asyncio.shield(asyncio.to_thread(_drop, handle, name))
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        text = "The disk is full." if is_full else "The file cannot be stored."
        raise Storage(text, reason="full" if is_full else "read_only") from error
    return _told(incoming, is_unchanged=False, size_bytes=size)


async def _written(incoming: Incoming, handle: int, progress: Progress | None, sniff: Sniff | None) -> int:
    """The number of bytes written. A thread does the writing, a MiB at a time."""
    total, waiting, size, has_sniffed = incoming.size_bytes, bytearray(), 0, False
    async for piece in incoming.chunks():
        waiting += piece
        if sniff is not None and not has_sniffed and len(waiting) >= SNIFF_BYTES:
            sniff(bytes(waiting[:SNIFF_BYTES]))
            has_sniffed = True
        if len(waiting) >= WRITE_BYTES:
            await asyncio.to_thread(_write, handle, bytes(waiting))
            size += len(waiting)
            waiting.clear()
            if progress is not None:
                progress(size, total)
    if sniff is not None and not has_sniffed:
        sniff(bytes(waiting))
    await asyncio.to_thread(_write, handle, bytes(waiting))
    size += len(waiting)
    if progress is not None:
        progress(size, total if total is not None else size)
    return size


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _settle(handle: int, name: str, path: Path) -> None:
    os.fsync(handle)
    Path(name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    os.close(handle)


def _drop(handle: int, name: str) -> None:
    os.close(handle)
    Path(name).unlink(missing_ok=True)


def _told(incoming: Incoming, *, is_unchanged: bool, size_bytes: int) -> Saved:
    return Saved(
        is_unchanged=is_unchanged,
        size_bytes=size_bytes,
        content_type=incoming.content_type,
        etag=incoming.headers.get("ETag"),
        last_modified=incoming.headers.get("Last-Modified"),
        url=incoming.url,
    )
