"""Rows of figures over time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from polycast.core.storage import Unit
from polycast.monitor.tables import samples

Sample = tuple[str, str, int, int, float, int]  # dvr_id, metric, step, at (s), value, count
C: Final = samples.c
KEPT: Final = {60: timedelta(hours=48), 300: timedelta(days=30), 3600: timedelta(days=730)}


class SampleStore:
    """Means of a minute, of five, of an hour."""

    def put(self, unit: Unit, rows: Sequence[Sample]) -> None:
        names = ("dvr_id", "metric", "step_s", "at", "value", "count")
        values = [dict(zip(names, row, strict=True)) for row in rows]
        unit.upsert(samples, values, key=["dvr_id", "metric", "step_s", "at"], update=["value", "count"])

    def get(self, unit: Unit, dvr_id: str, metric: str, step: int, at: int) -> tuple[float, int] | None:
        query = select(C.value, C.count).where(C.dvr_id == dvr_id, C.metric == metric, C.step_s == step, C.at == at)
        row = unit.execute(query).first()
        return None if row is None else (float(row[0]), int(row[1]))

    def series(
        self, unit: Unit, dvr_id: str, metric: str, step: int, since: datetime, until: datetime
    ) -> list[tuple[int, float]]:
        query = (
            select(C.at, C.value)
            .where(C.dvr_id == dvr_id, C.metric == metric, C.step_s == step)
            .where(C.at >= int(since.timestamp()), C.at < int(until.timestamp()))
            .order_by(C.at)
            .limit(20_000)
        )
        return [(int(at), float(value)) for at, value in unit.execute(query)]

    def drop_old(self, unit: Unit, now: datetime) -> None:
        for step, life in KEPT.items():
            unit.execute(delete(samples).where(C.step_s == step, C.at < int((now - life).timestamp())))

    def drop_of(self, unit: Unit, dvr_id: str) -> None:
        unit.execute(delete(samples).where(C.dvr_id == dvr_id))
