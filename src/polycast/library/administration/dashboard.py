"""Numbers about the server: what is watched, by whom, on which machine."""

import asyncio
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.identity.service import Identity
from polycast.core.jobs import JobState, Queue
from polycast.core.storage import Database, Unit
from polycast.library.administration.store import AdministrationStore
from polycast.library.catalogue.titles import Title, Titles
from polycast.library.workflows.service import Seen, Workflows

TOP: Final = 10
LOW_DISK: Final = 10 * 1024**3


class Machine(Struct, frozen=True, kw_only=True):
    """The machine, as it is now. Bytes."""

    uptime_s: int
    cpu_percent: float
    cores: int
    memory_used: int
    memory_total: int
    disks: list[tuple[str, int, int]]  # path, free, total


class Top(Struct, frozen=True, kw_only=True):
    """Somebody, or something, that counts most."""

    name: str
    nanoid: str
    plays: int
    movies: int = 0
    seconds: int = 0
    viewers: int = 0
    title: Title | None = None


class Dashboard(Struct, frozen=True, kw_only=True):
    """Everything at a glance."""

    machine: Machine
    days: list[tuple[str, int, int]]  # date, films, episodes
    users: list[Top]
    movies: list[Top]
    shows: list[Top]
    counts: dict[str, int]
    scans: list[tuple[str, Seen]]
    waiting: int
    running: int
    failed: int


class Dashboards:
    """Puts it together."""

    def __init__(
        self, *, db: Database, store: AdministrationStore, titles: Titles, identity: Identity, queue: Queue,
        workflows: Workflows, clock: Clock, data_dir: Path,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._titles = titles
        self._identity = identity
        self._queue = queue
        self._workflows = workflows
        self._clock = clock
        self._data_dir = data_dir
        self._started = clock.monotonic()

    async def look(self, caller: Caller, *, history_days: int, top_days: int) -> Dashboard:
        """Raises: NotAllowed without `library:write`."""
        caller.require(Scope.LIBRARY_WRITE)
        machine = await asyncio.to_thread(self._machine)
        now = self._clock.now()
        days, users, movies, shows, counts = await self._db.read(
            self._read, caller, now - timedelta(days=history_days), now - timedelta(days=top_days)
        )
        busy = await self._queue.counts()
        scans = []
        for row in await self._db.read(self._store.scanning):
            living = await self._workflows.living("library.scan", f"library:{row.id}")
            if living is not None:
                scans.append((row.nanoid, living))
        failed = (await self._workflows.counts()).get("failed", 0)
        return Dashboard(
            machine=machine, days=days, users=users, movies=movies, shows=shows, counts=counts, scans=scans,
            waiting=busy.get(JobState.WAITING, 0), running=busy.get(JobState.RUNNING, 0), failed=failed,
        )  # fmt: skip

    def _read(self, unit: Unit, caller: Caller, history: datetime, top: datetime) -> tuple[Any, ...]:
        days: dict[str, list[int]] = {}
        day = history.date()
        while day <= self._clock.now().date():
            days[day.isoformat()] = [0, 0]
            day += timedelta(days=1)
        for row in self._store.plays_since(unit, history):
            counted = days.setdefault(row.started_at.date().isoformat(), [0, 0])
            counted[0 if row.kind == "movie" else 1] += 1
        users = [self._user(unit, row) for row in self._store.top_users(unit, top, limit=TOP)]
        counts = self._store.counts(unit)
        return (
            [(name, films, episodes) for name, (films, episodes) in sorted(days.items())],
            [one for one in users if one is not None],
            self._tops(unit, caller, top, "movie"),
            self._tops(unit, caller, top, "episode"),
            counts,
        )

    def _user(self, unit: Unit, row: Any) -> Top | None:
        user = self._identity.users.find_in(unit, row.user_id)
        if user is None:
            return None
        return Top(
            name=user.name or user.username, nanoid=user.nanoid, plays=int(row.plays), movies=int(row.movies),
            seconds=int(row.played_ms or 0) // 1000,
        )  # fmt: skip

    def _tops(self, unit: Unit, caller: Caller, since: datetime, kind: str) -> list[Top]:
        viewer = self._titles.viewer_in(unit, caller)
        rows = self._store.top_titles(unit, since, kind, limit=TOP)
        shown = {one.item.id: one for one in self._titles.of_ids_in(unit, viewer, [row.top_id for row in rows])}
        return [
            Top(name=shown[row.top_id].item.title, nanoid=shown[row.top_id].item.nanoid, plays=int(row.plays),
                viewers=int(row.viewers), title=shown[row.top_id])
            for row in rows
            if row.top_id in shown
        ]  # fmt: skip

    def _machine(self) -> Machine:
        used, total = _memory()
        disk = shutil.disk_usage(self._data_dir)
        cores = os.cpu_count() or 1
        return Machine(
            uptime_s=int((self._clock.monotonic() - self._started).total_seconds()),
            cpu_percent=round(min(100.0, 100 * os.getloadavg()[0] / cores), 1),
            cores=cores,
            memory_used=used,
            memory_total=total,
            disks=[("data", disk.free, disk.total)],
        )


def _memory() -> tuple[int, int]:
    """Bytes in use and in all, as Linux tells."""
    told: dict[str, int] = {}
    try:
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            name, _, rest = line.partition(":")
            told[name] = int(rest.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        return 0, 0
    total = told.get("MemTotal", 0)
    return total - told.get("MemAvailable", 0), total
