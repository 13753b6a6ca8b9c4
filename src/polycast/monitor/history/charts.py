"""Figures over time: taken each minute, kept coarser with age; and when a disk will be full."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.storage import Database, Unit
from polycast.monitor.alerts.teller import Stores
from polycast.monitor.history.store_samples import KEPT, Sample, SampleStore
from polycast.monitor.watch.board import Board
from polycast.monitor.watch.state import ServerState

EVERY: Final = timedelta(seconds=60)
METRICS: Final = ("disk_free", "streams", "latency", "alerts")
GIB: Final = 1024**3
FIT_OVER: Final = timedelta(days=7)
FEWEST: Final = 12  # points; with fewer nothing is foretold
FARTHEST: Final = timedelta(days=365)
MOST_POINTS: Final = 200


class Point(Struct, frozen=True, kw_only=True):
    """A figure at a time."""

    t: datetime
    v: float


class Forecast(Struct, frozen=True, kw_only=True):
    """Where a disk is going."""

    gib_per_day: float  # what is used up; negative: it empties
    full_at: datetime | None


class Charts:
    """Takes and gives figures."""

    def __init__(self, *, db: Database, samples: SampleStore, stores: Stores, board: Board, clock: Clock) -> None:
        self._db = db
        self._samples = samples
        self._stores = stores
        self._board = board
        self._clock = clock
        self._alerts: dict[str, int] = {}

    async def run(self) -> None:
        """Each minute, until cancelled."""
        while True:
            await self._clock.sleep(EVERY)
            await self.take()

    async def take(self) -> None:
        """Take the figures as they are."""
        now = self._clock.now()
        rates = await self._db.read(self._stores.activities.counts_since, now - timedelta(hours=1))
        figures = [
            (dvr_id, metric, value)
            for dvr_id, state in self._board.own().items()
            for metric, value in _figures(state, rates.get(dvr_id, 0)).items()
        ]
        if figures:
            await self._db.write(self._store, figures, int(now.timestamp()))

    def _store(self, unit: Unit, figures: Sequence[tuple[str, str, float]], at: int) -> None:
        rows: list[Sample] = []
        for dvr_id, metric, value in figures:
            for step in KEPT:
                start = at - at % step
                before = self._samples.get(unit, dvr_id, metric, step, start) if step != 60 else None
                mean, count = before or (0.0, 0)
                rows.append((dvr_id, metric, step, start, (mean * count + value) / (count + 1), count + 1))
        self._samples.put(unit, rows)

    async def series(self, dvr_id: str, metric: str, *, since: datetime, until: datetime, step: int = 0) -> list[Point]:
        """A figure over time, as fine as it is kept for that long ago, or as `step` asks."""
        wanted = step if step in KEPT else _step(self._clock.now() - since, until - since)
        rows = await self._db.read(self._samples.series, dvr_id, metric, wanted, since, until)
        return [Point(t=datetime.fromtimestamp(at, since.tzinfo), v=value) for at, value in rows]

    async def forecast(self, dvr_id: str) -> Forecast | None:
        """By the last week's free space; None when there is too little to go by."""
        now = self._clock.now()
        points = await self.series(dvr_id, "disk_free", since=now - FIT_OVER, until=now, step=3600)
        return foretell([(point.t, point.v) for point in points], now)


def foretell(points: Sequence[tuple[datetime, float]], now: datetime) -> Forecast | None:
    """A robust line through (time, free bytes): the median of all slopes, which a single clean-up does not bend."""
    if len(points) < FEWEST:
        return None
    step = max(1, len(points) // MOST_POINTS)
    kept = points[::step]
    half = len(kept) // 2
    slopes = [
        (later[1] - sooner[1]) / (later[0] - sooner[0]).total_seconds()
        for sooner, later in zip(kept[:half], kept[half:], strict=False)
        if later[0] > sooner[0]
    ]
    if not slopes:
        return None
    slope = median(slopes)  # bytes a second
    per_day = -slope * 86_400 / GIB
    if slope >= 0:
        return Forecast(gib_per_day=round(per_day, 2), full_at=None)
    left = timedelta(seconds=min(points[-1][1] / -slope, FARTHEST.total_seconds() + 1))
    return Forecast(gib_per_day=round(per_day, 2), full_at=now + left if left <= FARTHEST else None)


def _figures(state: ServerState, rate: int) -> dict[str, float]:
    found: dict[str, float] = {"streams": state.stream_count, "alerts": rate}
    if state.connected:
        found["latency"] = state.latency_ms
    if state.disk_free is not None:
        found["disk_free"] = state.disk_free
    return found


def _step(age: timedelta, span: timedelta) -> int:
    for step, life in KEPT.items():
        if age <= life and span <= timedelta(seconds=step * 3000):
            return step
    return 3600
