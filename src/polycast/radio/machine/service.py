"""The machine's numbers, read from the system. Source: Linux proc(5), os-release(5), cgroup-v2."""

import asyncio
import os
import platform
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from polycast.core.clock import Clock
from polycast.core.net import local_address_towards
from polycast.radio.machine.model import Loads, Permanent, Sample

EVERY: Final = timedelta(seconds=5)
SHORTEST: Final = 1.0  # seconds between the samples that a rate is made of
SOMEWHERE: Final = "192.0.2.1"  # nothing is sent there; it tells which interface leads outside
GIB: Final = 1024**3
MIB: Final = 1024**2
DAY: Final = 86_400
NO_LIMIT: Final = 1 << 60


class Machine:
    """Reads the system; samples what needs two looks."""

    def __init__(self, *, clock: Clock, data_dir: Path, zone: ZoneInfo, proc: Path = Path("/proc")) -> None:
        self._clock = clock
        self._data_dir = data_dir
        self._zone = zone
        self._proc = proc
        self._samples: list[Sample] = []

    async def run(self) -> None:
        """Sample every five seconds, until cancelled."""
        while True:
            self._take(await asyncio.to_thread(self._sample))
            await self._clock.sleep(EVERY)

    async def permanent(self) -> Permanent:
        """Host, system and processor."""
        return await asyncio.to_thread(self._permanent)

    async def loads(self) -> Loads:
        """Rates since the last sample that is at least a second old."""
        fresh = await asyncio.to_thread(self._sample)
        if not any(fresh.at - one.at >= SHORTEST for one in self._samples):
            self._take(fresh)
            await self._clock.sleep(timedelta(seconds=SHORTEST))
            fresh = await asyncio.to_thread(self._sample)
        old = [one for one in self._samples if fresh.at - one.at >= SHORTEST] or self._samples
        self._take(fresh)
        return await asyncio.to_thread(self._loads, old[-1], fresh)

    def _take(self, sample: Sample) -> None:
        self._samples = [*self._samples[-3:], sample]

    def _permanent(self) -> Permanent:
        return Permanent(
            hostname=platform.node(),
            ip=_address(),
            os=self._os_name(),
            cpu_cores=str(self._cores()),
            cpu_model=self._cpu_model(),
        )

    def _loads(self, before: Sample, after: Sample) -> Loads:
        span = max(after.at - before.at, 0.001)
        disk = shutil.disk_usage(self._data_dir)
        total, free = self._memory()
        ticks = after.total - before.total
        busy = 100.0 * (after.busy - before.busy) / ticks if ticks > 0 else 0.0
        return Loads(
            r_kbps=round(max(after.received_bytes - before.received_bytes, 0) * 8 / 1000 / span, 2),
            t_kbps=round(max(after.sent_bytes - before.sent_bytes, 0) * 8 / 1000 / span, 2),
            du_free=disk.free,
            du_total=disk.total,
            uptime=uptime(self._clock.now().astimezone(self._zone), self._up_seconds()),
            ram_free_megabytes=free // MIB,
            ram_total_megabytes=total // MIB,
            cpu_load=f"{min(max(busy, 0.0), 100.0):.2f}",
        )

    def _sample(self) -> Sample:
        received = sent = 0
        for line in self._lines("net/dev")[2:]:
            name, _, rest = line.partition(":")
            numbers = rest.split()
            if name.strip() != "lo" and len(numbers) >= 9:
                received, sent = received + int(numbers[0]), sent + int(numbers[8])
        ticks = [int(word) for word in (self._lines("stat") or ["cpu 0 0 0 0 0"])[0].split()[1:9]]
        idle = ticks[3] + (ticks[4] if len(ticks) > 4 else 0)
        return Sample(
            at=self._clock.monotonic().total_seconds(),
            received_bytes=received,
            sent_bytes=sent,
            busy=sum(ticks) - idle,
            total=sum(ticks),
        )

    def _memory(self) -> tuple[int, int]:
        """Total and free bytes; a container's limit wins."""
        found = {line.partition(":")[0]: line.split() for line in self._lines("meminfo")}
        total = int(found["MemTotal"][1]) * 1024 if "MemTotal" in found else 0
        free = int(found["MemAvailable"][1]) * 1024 if "MemAvailable" in found else 0
        limit = _number(Path("/sys/fs/cgroup/memory.max"))
        if 0 < limit < min(total, NO_LIMIT):
            used = _number(Path("/sys/fs/cgroup/memory.current"))
            return limit, max(limit - used, 0)
        return total, free

    def _cores(self) -> int:
        count = len(os.sched_getaffinity(0))
        quota = _text(Path("/sys/fs/cgroup/cpu.max")).split()
        if len(quota) == 2 and quota[0].isdigit() and quota[1].isdigit() and int(quota[1]):
            count = min(count, max(1, -(-int(quota[0]) // int(quota[1]))))
        return count

    def _cpu_model(self) -> str:
        for line in self._lines("cpuinfo"):
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
        return platform.machine()

    def _os_name(self) -> str:
        for line in _text(Path("/etc/os-release")).splitlines():
            if line.startswith("PRETTY_NAME="):
                return line.partition("=")[2].strip().strip('"')
        return platform.system()

    def _up_seconds(self) -> float:
        words = " ".join(self._lines("uptime")).split()
        return float(words[0]) if words else 0.0

    def _lines(self, name: str) -> list[str]:
        return _text(self._proc / name).splitlines()


def uptime(now: datetime, seconds: float) -> str:
    """As the program `uptime` begins its line: " 10:23:45 up 1 day", " 10:23:45 up 2:05"."""
    days, rest = divmod(int(seconds), DAY)
    hours, minutes = rest // 3600, rest % 3600 // 60
    if days:
        word = f"{days} day{'' if days == 1 else 's'}"
    else:
        word = f"{hours}:{minutes:02}" if hours else f"{minutes} min"
    return f" {now:%H:%M:%S} up {word}"


def readable(size_bytes: int) -> str:
    """GiB, rounded up to one decimal."""
    tenths = -(-size_bytes * 10 // GIB)
    return f"{tenths // 10}.{tenths % 10}GiB"


def _address() -> str:
    try:
        return local_address_towards(SOMEWHERE)
    except OSError:
        return "127.0.0.1"


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _number(path: Path) -> int:
    text = _text(path).strip()
    return int(text) if text.isdigit() else 0
