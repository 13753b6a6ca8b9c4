"""One connection to a provider, from its slot to its end."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from polycast.core.errors import PolycastError
from polycast.core.media import Ring
from polycast.core.media.ts import PACKET, pcr_distance, read_pcr
from polycast.live.relay.candidates import Candidate
from polycast.live.relay.inputs import Inputs
from polycast.live.relay.slots import Lease

log = logging.getLogger("polycast.live.relay")

SAMPLE_S: Final = 1.0
SAMPLES: Final = 6  # seconds over which the speed is measured
HELD_BYTES: Final = 16 * 1024 * 1024
JUMP_S: Final = 30.0  # a longer step of the clock is no playing time


class Attempt:
    """Reads a candidate; what comes is held back until `adopt` says into which ring it goes."""

    def __init__(
        self, candidate: Candidate, lease: Lease | None, *, inputs: Inputs, connect_s: float, now: Callable[[], float]
    ) -> None:
        self.candidate = candidate
        self.lease = lease
        self.began_at = now()
        self.received_bytes = 0
        self.first_at: float | None = None  # when whole packets first came
        self.data_at: float | None = None  # when whole packets last came
        self.error = "The provider ended the stream."
        self.speed = 0.0  # of playing time against real time; 0 while unknown
        self.task: asyncio.Future[None] | None = None
        self._inputs = inputs
        self._connect_s = connect_s
        self._now = now
        self._ring: Ring | None = None
        self._scratch = Ring(now=now, size_bytes=HELD_BYTES)
        self._held: list[bytes] = []
        self._patience: Callable[[], float] = lambda: 0.0
        self._clocks: deque[tuple[float, int]] = deque(maxlen=SAMPLES)
        self._sampled_at = 0.0

    @property
    def is_over(self) -> bool:
        return self.task is not None and self.task.done()

    @property
    def can_start(self) -> bool:
        """Whether what is held back has a place where players can begin."""
        return self._scratch.can_start

    @property
    def patience_s(self) -> float:
        """How long this kind of source may rightly bring nothing."""
        return self._patience()

    def start(self, ref: str) -> None:
        """Begin to read."""
        self.task = asyncio.ensure_future(self._read(ref))

    def adopt(self, ring: Ring) -> None:
        """From now on write into `ring`, behind whatever it holds."""
        if ring.total_bytes:
            ring.splice()
        self._ring = ring
        for chunk in self._held:
            ring.write(chunk)
        self._held.clear()
        self._scratch = Ring(now=self._now)

    async def close(self) -> None:
        """Stop reading."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
            if not self.task.cancelled() and (error := self.task.exception()) is not None:
                log.error("a stream could not be read", exc_info=error)

    async def _read(self, ref: str) -> None:
        try:
            connect = timedelta(seconds=self._connect_s)
            async with self._inputs.open(self.candidate, channel=ref, connect=connect) as source:
                self._patience = source.patience_s
                async for chunk in source.chunks:
                    self._take(chunk)
        except PolycastError as error:
            self.error = error.message

    def _take(self, chunk: bytes) -> None:
        now = self._now()
        self.received_bytes += len(chunk)
        ring = self._ring or self._scratch
        before = ring.total_bytes, ring.written_at
        ring.write(chunk)
        if self._ring is None:
            self._held.append(chunk)
        if ring.total_bytes != before[0] or (self.first_at is None and ring.written_at != before[1]):
            self.data_at = now
            self.first_at = self.first_at or now
        if now - self._sampled_at >= SAMPLE_S:
            self._sample(ring, chunk, now)

    def _sample(self, ring: Ring, chunk: bytes, now: float) -> None:
        """Measure how fast the source's clock goes."""
        clock = _last_clock(chunk, ring.programme.pcr_pid) if ring.programme is not None else None
        if clock is None:
            return
        self._sampled_at = now
        if self._clocks and not -1 <= pcr_distance(self._clocks[-1][1], clock) <= JUMP_S:
            self._clocks.clear()
        self._clocks.append((now, clock))
        first_at, first = self._clocks[0]
        # A new connection begins with a burst that says nothing about what follows.
        if len(self._clocks) >= SAMPLES // 2 and now - first_at > SAMPLE_S:
            self.speed = pcr_distance(first, clock) / (now - first_at)


def _last_clock(chunk: bytes, pid: int) -> int | None:
    """The last clock reference in bytes that may be cut anywhere."""
    end = len(chunk)
    for _ in range(64):
        at = max(chunk.rfind(bytes((0x47, flag | pid >> 8, pid & 0xFF)), 0, end) for flag in (0, 0x40))
        if at < 0:
            return None
        if at + PACKET <= len(chunk) and (clock := read_pcr(chunk, at)) is not None:
            return clock
        end = at
    return None
