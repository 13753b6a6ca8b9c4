"""How busy the machine and the server are: one sample every five seconds, the last hour kept in memory."""

import os
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.events import Audience, Event, Events
from polycast.core.identity.scopes import Scope

EVERY: Final = timedelta(seconds=5)
KEPT: Final = 720  # an hour
PROC: Final = Path("/proc")


class SystemMeasured(Event, frozen=True, kw_only=True):
    """A sample."""

    name: ClassVar[str] = "core.system_measured"
    coalesce: ClassVar[str | None] = ""

    at: int  # seconds since 1970 UTC
    cpu: float  # of the whole machine, 0-1
    memory_bytes: int  # in use on the machine
    sent_bps: int  # to clients of streams

    def audience(self) -> Audience:
        return Audience(scope=Scope.CORE_READ)


class Measures(Struct, frozen=True, kw_only=True):
    """Series of equal length, oldest first."""

    at: list[int]
    cpu: list[float]
    memory_bytes: list[int]
    sent_bps: list[int]
    memory_total_bytes: int


class Meter:
    """Samples until cancelled. Memory of this process only: after a restart the series begins anew."""

    def __init__(self, *, clock: Clock, events: Events, sent_bytes: Callable[[], int]) -> None:
        self._clock = clock
        self._events = events
        self._sent_bytes = sent_bytes
        self._samples: deque[SystemMeasured] = deque(maxlen=KEPT)

    async def run(self) -> None:
        """A daemon of the web process."""
        busy, total, sent = *_cpu_ticks(), self._sent_bytes()
        before = self._clock.monotonic()
        while True:
            await self._clock.sleep(EVERY)
            now_busy, now_total, now_sent = *_cpu_ticks(), self._sent_bytes()
            now = self._clock.monotonic()
            seconds = max((now - before).total_seconds(), 0.001)
            sample = SystemMeasured(
                at=int(self._clock.now().timestamp()),
                cpu=round((now_busy - busy) / max(now_total - total, 1), 4),
                memory_bytes=memory_total() - memory_free(),
                sent_bps=int((now_sent - sent) * 8 / seconds),
            )
            self._samples.append(sample)
            self._events.tell(sample)
            busy, total, sent, before = now_busy, now_total, now_sent, now

    def series(self, minutes: int) -> Measures:
        """The samples of the last `minutes`."""
        count = max(1, min(KEPT, minutes * 60 // int(EVERY.total_seconds())))
        samples = list(self._samples)[-count:]
        return Measures(
            at=[sample.at for sample in samples],
            cpu=[sample.cpu for sample in samples],
            memory_bytes=[sample.memory_bytes for sample in samples],
            sent_bps=[sample.sent_bps for sample in samples],
            memory_total_bytes=memory_total(),
        )


def _cpu_ticks() -> tuple[int, int]:
    """Busy and all ticks of all cores since the machine started. Source: proc(5), /proc/stat."""
    line = (PROC / "stat").read_text("ascii").partition("\n")[0]
    ticks = [int(word) for word in line.split()[1:9]]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, sum(ticks)


def memory_total() -> int:
    """Bytes of memory of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def memory_free() -> int:
    """Bytes of memory that programs could still have. Source: proc(5), MemAvailable."""
    for line in (PROC / "meminfo").read_text("ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0
