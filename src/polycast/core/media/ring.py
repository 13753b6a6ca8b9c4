"""The last minute of a live stream: one writer, many readers, every byte held once."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from msgspec import Struct

from polycast.core.media.ts import Aligner, Programme, TsScan, discontinuity_packets, first_counters, pcr_distance

CHUNK_BYTES: Final = 188 * 697  # 128 KiB: fewer, larger writes are what makes 200 clients cheap
CHUNK_AGE: Final = 0.25  # seconds after which a chunk is closed however small it is
EAGER_BYTES: Final = 1024 * 1024  # while a ring is this young, what was written is readable at once
READ_BYTES: Final = 1024 * 1024
MIB: Final = 1024 * 1024
SPLICE_BYTES: Final = 8 * MIB  # how much of a new source may pass without a keyframe before it is taken as it is


class Chunk(Struct, frozen=True):
    """A run of whole packets."""

    data: bytes
    at: float  # monotonic seconds when its first byte came
    offset: int  # of its first byte, since the ring began
    keyframes: tuple[int, ...]  # offsets in `data`
    tables: bytes  # PAT and PMT that hold at its beginning
    pcr: int | None


class Ring:
    """Packet-aligned chunks of a transport stream, bounded by time and size. Lives in one event loop; nothing is locked."""

    def __init__(
        self,
        *,
        span: timedelta = timedelta(seconds=60),
        size_bytes: int = 128 * MIB,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._span = span.total_seconds()
        self._limit_bytes = size_bytes
        self._now = now
        self._chunks: deque[Chunk] = deque()
        self._first = 0  # number of the oldest chunk
        self._aligner = Aligner()
        self._scan = TsScan()
        self._open: list[bytes] = []
        self._open_bytes = 0
        self._open_at = 0.0
        self._awaits_keyframe = False
        self._awaited = b""
        self._waiters: set[asyncio.Future[None]] = set()
        self._held_bytes = 0
        self.total_bytes = 0  # ever written, in whole packets
        self.written_at: float | None = None  # monotonic seconds of the last write
        self.is_ended = False
        self._error: Exception | None = None

    @property
    def programme(self) -> Programme | None:
        """What the stream consists of, once its tables were seen."""
        return self._scan.programme

    @property
    def held_bytes(self) -> int:
        return self._held_bytes

    @property
    def dropped_bytes(self) -> int:
        """Bytes of the source that were no packets."""
        return self._aligner.dropped_bytes

    @property
    def held(self) -> timedelta:
        """How far back the ring reaches."""
        return timedelta(seconds=self._now() - self._chunks[0].at) if self._chunks else timedelta(0)

    @property
    def can_start(self) -> bool:
        """Whether a new reader would begin at a keyframe (or, in radio, a frame)."""
        return any(chunk.keyframes for chunk in self._chunks)

    def media_span(self) -> timedelta | None:
        """Playing time of what is held, by the stream's own clock; None when it cannot be told."""
        first = next((chunk.pcr for chunk in self._chunks if chunk.pcr is not None), None)
        last = next((chunk.pcr for chunk in reversed(self._chunks) if chunk.pcr is not None), None)
        if first is None or last is None or (distance := pcr_distance(first, last)) < 0:
            return None
        return timedelta(seconds=distance)

    def write(self, fresh: bytes) -> None:
        """Add what the source sent, cut anywhere."""
        packets = self._aligner.feed(fresh)
        if not packets or self.is_ended:
            return
        self.written_at = self._now()
        if self._awaits_keyframe:
            packets = self._spliced(packets)
            if not packets:
                return
        if not self._open:
            self._open_at = self.written_at
        self._open.append(packets)
        self._open_bytes += len(packets)
        self.total_bytes += len(packets)
        is_young = self.total_bytes <= EAGER_BYTES
        if is_young or self._open_bytes >= CHUNK_BYTES or self.written_at - self._open_at >= CHUNK_AGE:
            self.flush()

    def flush(self) -> None:
        """Make everything written readable now."""
        if not self._open:
            return
        data = b"".join(self._open) if len(self._open) > 1 else self._open[0]
        self._open.clear()
        self._open_bytes = 0
        tables = self._scan.tables
        scanned = self._scan.scan(data)
        offset = self._chunks[-1].offset + len(self._chunks[-1].data) if self._chunks else self.total_bytes - len(data)
        self._chunks.append(
            Chunk(data, self._open_at, offset, scanned.keyframes, tables or self._scan.tables, scanned.first_pcr)
        )
        self._held_bytes += len(data)
        self._trim()
        self._wake()

    def splice(self) -> None:
        """Another source follows: its bytes begin at its first keyframe, behind flags that tell players of the jump."""
        self.flush()
        self._aligner.reset()
        self._scan.reset()
        self._awaits_keyframe = True
        self._awaited = b""

    def end(self, error: Exception | None = None) -> None:
        """Nothing follows. Readers get what is held, then the end, or `error`."""
        self.flush()
        self.is_ended = True
        self._error = error
        self._wake()

    def join(self, *, behind: timedelta = timedelta(0)) -> "Cursor":
        """A new reader, starting at the last keyframe that is at least `behind` old, or else the oldest one held."""
        number, skip = self._place(self._now() - behind.total_seconds())
        return Cursor(self, number, skip)

    def _spliced(self, packets: bytes) -> bytes:
        """The beginning of a new source, from its first keyframe; empty until that has come."""
        self._awaited += packets
        scan = TsScan()
        found = scan.scan(self._awaited)
        if not found.keyframes and len(self._awaited) < SPLICE_BYTES:
            return b""
        start = found.keyframes[0] if found.keyframes else 0
        body = self._awaited[start:]
        self._awaits_keyframe = False
        self._awaited = b""
        if scan.programme is None:
            return body
        return scan.tables + discontinuity_packets(scan.programme, first_counters(body)) + body

    def _trim(self) -> None:
        oldest = self._now() - self._span
        chunks = self._chunks
        while len(chunks) > 1 and (self._held_bytes > self._limit_bytes or chunks[1].at < oldest):
            self._held_bytes -= len(chunks.popleft().data)
            self._first += 1

    def _place(self, at: float) -> tuple[int, int | None]:
        """(number of a chunk, offset in it) for a reader who wants to be at `at`; None as offset: no keyframe known."""
        best: tuple[int, int | None] | None = None
        for index, chunk in enumerate(self._chunks):
            if best is not None and chunk.at > at:
                break
            if chunk.keyframes:
                best = (self._first + index, chunk.keyframes[-1] if chunk.at <= at else chunk.keyframes[0])
        if best is not None:
            return best
        late = next((index for index, chunk in enumerate(self._chunks) if chunk.at >= at), len(self._chunks))
        return self._first + max(0, late - 1), None

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _news(self, timeout_s: float | None) -> None:
        """Until something was added, the ring ended, or the time is over."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.add(waiter)
        timer = loop.call_later(timeout_s, _settle, waiter) if timeout_s is not None else None
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
            if timer is not None:
                timer.cancel()


class Cursor:
    """One reader's place. Chunks it returns are the ring's own bytes, shared with all other readers."""

    def __init__(self, ring: Ring, number: int, skip: int | None) -> None:
        self._ring = ring
        self._number = number
        self._skip = skip
        self._is_fresh = True
        self.read_bytes = 0
        self.skips = 0  # how often the reader fell out of the ring
        self.skipped_chunks = 0

    @property
    def behind_bytes(self) -> int:
        """How much is waiting for this reader."""
        chunks = self._ring._chunks
        index = self._number - self._ring._first
        if index >= len(chunks):
            return 0
        return chunks[-1].offset + len(chunks[-1].data) - chunks[max(index, 0)].offset

    @property
    def behind(self) -> timedelta:
        """How old the next byte for this reader is."""
        chunks = self._ring._chunks
        index = max(self._number - self._ring._first, 0)
        if index >= len(chunks):
            return timedelta(0)
        return timedelta(seconds=self._ring._now() - chunks[index].at)

    async def read(self, max_bytes: int = READ_BYTES, *, timeout: timedelta | None = None) -> bytes | None:
        """The next whole packets: one chunk as it is, or small ones joined up to 128 KiB or `max_bytes`.

        Empty when nothing came within `timeout`; None at the end. A reader that has fallen out of the ring goes on at
        the oldest keyframe that is held, and `skips` counts it. Raises: what the ring was ended with.
        """
        ring = self._ring
        if self._number >= ring._first + len(ring._chunks):
            if not ring.is_ended:
                await ring._news(timeout.total_seconds() if timeout is not None else None)
            if self._number >= ring._first + len(ring._chunks):
                return self._nothing()
        if self._number < ring._first:
            self._jump()
        found = self._begin() if self._is_fresh else self._next(max_bytes)
        self.read_bytes += len(found)
        return found

    def to_live(self) -> None:
        """Give up what is waiting and go on at the newest keyframe."""
        number, skip = self._ring._place(self._ring._now())
        if number > self._number:
            self.skips += 1
            self.skipped_chunks += number - self._number
            self._number, self._skip, self._is_fresh = number, skip, True

    def _nothing(self) -> bytes | None:
        if not self._ring.is_ended:
            return b""
        if self._ring._error is not None:
            raise self._ring._error
        return None

    def _jump(self) -> None:
        ring = self._ring
        number, skip = ring._place(ring._chunks[0].at)
        self.skips += 1
        self.skipped_chunks += number - self._number
        self._number, self._skip, self._is_fresh = number, skip, True

    def _begin(self) -> bytes:
        chunk = self._ring._chunks[self._number - self._ring._first]
        self._number += 1
        self._is_fresh = False
        if self._skip is None:
            return chunk.data
        # A memory view would do, but servers and files want bytes; this copy is made once a reader.
        return chunk.tables + chunk.data[self._skip :]

    def _next(self, max_bytes: int) -> bytes:
        chunks = self._ring._chunks
        index = self._number - self._ring._first
        first = chunks[index].data
        if len(first) >= CHUNK_BYTES or index + 1 == len(chunks):
            self._number += 1
            return first
        joined, size = [first], len(first)
        while index + len(joined) < len(chunks) and size < CHUNK_BYTES:
            following = chunks[index + len(joined)].data
            if size + len(following) > max_bytes:
                break
            joined.append(following)
            size += len(following)
        self._number += len(joined)
        return b"".join(joined)


def _settle(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
