"""Fragmented MP4 as it comes from a pipe, kept so that a new player can begin at a keyframe.

Source: ISO/IEC 14496-12: boxes (4.2), `moof` (8.8.4), `traf` (8.8.6), `trun` (8.8.8).
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Final

from polycast.core.errors import TooLarge

MOST_BYTES: Final = 48 * 1024 * 1024  # of fragments kept
MOST_BOX: Final = 32 * 1024 * 1024
NOT_SYNC: Final = 0x00010000  # sample_is_non_sync_sample


class Fragments:
    """One writer, many readers. Lives in one event loop."""

    def __init__(self) -> None:
        self.init = b""  # ftyp and moov
        self.is_ended = False
        self._rest = b""
        self._pending: list[bytes] = []  # boxes of the fragment that is coming
        self._pending_is_key = False
        self._kept: deque[tuple[bytes, bool]] = deque()  # fragments, and whether each begins with a keyframe
        self._kept_bytes = 0
        self._first = 0  # number of the oldest fragment
        self._news = asyncio.Event()

    def write(self, fresh: bytes) -> None:
        """Add bytes, cut anywhere. Raises: TooLarge, for a box that nobody can mean."""
        data = self._rest + fresh
        at = 0
        while at + 8 <= len(data):
            size = int.from_bytes(data[at : at + 4], "big")
            if size < 8 or size > MOST_BOX:
                raise TooLarge("The remuxed stream cannot be read.")
            if at + size > len(data):
                break
            self._box(data[at + 4 : at + 8], data[at : at + size])
            at += size
        self._rest = data[at:]

    def end(self) -> None:
        """Nothing follows."""
        self.is_ended = True
        self._wake()

    def newest(self) -> int:
        """The number of the latest fragment that begins with a keyframe; of the next one when there is none."""
        for index in range(len(self._kept) - 1, -1, -1):
            if self._kept[index][1]:
                return self._first + index
        return self._first + len(self._kept)

    def behind_bytes(self, number: int) -> int:
        """How much waits for a reader whose next fragment is `number`."""
        start = max(0, number - self._first)
        return sum(len(self._kept[index][0]) for index in range(start, len(self._kept)))

    async def read(self, number: int, timeout_s: float) -> tuple[bytes, int] | None:
        """Everything from fragment `number` on, and the number that follows; empty after `timeout_s`; None at the end.

        A reader that has fallen out goes on at the newest keyframe.
        """
        if number < self._first:
            number = self.newest()
        if number >= self._first + len(self._kept) and not self.is_ended:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._news.wait()
            except TimeoutError:
                return b"", number
        start = number - self._first
        if start >= len(self._kept):
            return None if self.is_ended else (b"", number)
        found = b"".join(self._kept[index][0] for index in range(start, len(self._kept)))
        return found, self._first + len(self._kept)

    def _box(self, kind: bytes, box: bytes) -> None:
        if kind in {b"ftyp", b"moov"}:
            self.init += box
            return
        self._pending.append(box)
        if kind == b"moof":
            self._pending_is_key = begins_with_keyframe(box)
        if kind != b"mdat":
            return
        fragment = b"".join(self._pending)
        self._pending.clear()
        self._kept.append((fragment, self._pending_is_key))
        self._kept_bytes += len(fragment)
        while self._kept_bytes > MOST_BYTES and len(self._kept) > 1:
            self._kept_bytes -= len(self._kept.popleft()[0])
            self._first += 1
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
        if self.is_ended:
            self._news.set()


def begins_with_keyframe(moof: bytes) -> bool:
    """Whether the first track's first sample needs no other one."""
    traf = next(_children(moof, 8, b"traf"), None)
    if traf is None:
        return False
    flags = 0
    tfhd = next(_children(traf, 8, b"tfhd"), b"")
    if len(tfhd) >= 16:
        bits = int.from_bytes(tfhd[9:12], "big")
        at = 16 + 8 * bool(bits & 1) + 4 * bool(bits & 2) + 4 * bool(bits & 8) + 4 * bool(bits & 0x10)
        if bits & 0x20:
            flags = int.from_bytes(tfhd[at : at + 4], "big")
    trun = next(_children(traf, 8, b"trun"), b"")
    if len(trun) >= 16:
        bits = int.from_bytes(trun[9:12], "big")
        at = 16 + 4 * bool(bits & 1)
        if bits & 4:
            flags = int.from_bytes(trun[at : at + 4], "big")
        elif bits & 0x400:
            at += 4 * bool(bits & 0x100) + 4 * bool(bits & 0x200)
            flags = int.from_bytes(trun[at : at + 4], "big")
    return not flags & NOT_SYNC


def _children(box: bytes, at: int, kind: bytes) -> Iterator[bytes]:
    while at + 8 <= len(box):
        size = int.from_bytes(box[at : at + 4], "big")
        if size < 8:
            return
        if box[at + 4 : at + 8] == kind:
            yield box[at : at + size]
        at += size
