"""Finished segments: the newest in memory, all on disk below a cap, shared by everybody who watches the same."""

import asyncio
import logging
import os
import shutil
from collections import OrderedDict
from pathlib import Path
from typing import Final

from polycast.core.files import write_bytes

log = logging.getLogger("polycast.library.playback")

MEMORY_BYTES: Final = 64 * 1024 * 1024
LEAST_FREE_BYTES: Final = 512 * 1024 * 1024  # of the disk; with less, nothing is stored


class Shelf:
    """Pieces by the name of what they are of and their own. A disk that is full costs work, never a viewer's picture."""

    def __init__(self, folder: Path, *, limit_bytes: int, memory_bytes: int = MEMORY_BYTES) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._memory_limit = memory_bytes
        self._memory: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._memory_bytes = 0
        self._stored: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._stored_bytes = 0
        self._is_full = False

    @property
    def stored_bytes(self) -> int:
        """On disk now."""
        return self._stored_bytes

    @property
    def is_full(self) -> bool:
        """Whether the disk took nothing the last time."""
        return self._is_full

    async def clear(self) -> None:
        """Begin with an empty folder: what a process before us left is nobody's."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    def holds(self, key: str, name: str) -> bool:
        return (key, name) in self._memory or (key, name) in self._stored

    async def get(self, key: str, name: str) -> bytes | None:
        """A piece, or None."""
        known = (key, name)
        found = self._memory.get(known)
        if found is not None:
            self._memory.move_to_end(known)
            return found
        if known not in self._stored:
            return None
        self._stored.move_to_end(known)
        try:
            content = await asyncio.to_thread(self._path(known).read_bytes)
        except OSError:
            self._stored_bytes -= self._stored.pop(known, 0)
            return None
        self._remember(known, content)
        return content

    async def put(self, key: str, name: str, content: bytes) -> None:
        """Keep a piece. It can be got from memory at once, whatever the disk does."""
        known = (key, name)
        self._remember(known, content)
        if len(content) > self._limit:
            return
        try:
            await asyncio.to_thread(self._write, known, content)
        except OSError as error:
            if not self._is_full:
                log.warning("the playback cache cannot be written: %s", error.strerror)
            self._is_full = True
            return
        self._is_full = False
        self._stored_bytes += len(content) - self._stored.pop(known, 0)
        self._stored[known] = len(content)
        await self._evict()

    async def _evict(self) -> None:
        gone: list[Path] = []
        while self._stored_bytes > self._limit and len(self._stored) > 1:
            known, size = self._stored.popitem(last=False)
            self._stored_bytes -= size
            gone.append(self._path(known))
        if gone:
            await asyncio.to_thread(_delete, gone)

    def _remember(self, known: tuple[str, str], content: bytes) -> None:
        self._memory_bytes += len(content) - len(self._memory.pop(known, b""))
        self._memory[known] = content
        while self._memory_bytes > self._memory_limit and len(self._memory) > 1:
            _, old = self._memory.popitem(last=False)
            self._memory_bytes -= len(old)

    def _write(self, known: tuple[str, str], content: bytes) -> None:
        path = self._path(known)
        path.parent.mkdir(parents=True, exist_ok=True)
        known_disk = os.statvfs(path.parent)
        if known_disk.f_bavail * known_disk.f_frsize < LEAST_FREE_BYTES + len(content):
            raise OSError(28, "too little is free")
        write_bytes(path, content)

    def _path(self, known: tuple[str, str]) -> Path:
        return self._folder / known[0] / known[1]


def _delete(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
