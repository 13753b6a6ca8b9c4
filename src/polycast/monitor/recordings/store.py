"""Rows of recordings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, select

from polycast.core.storage import Unit
from polycast.monitor.recordings.model import Lifecycle, Outcome, Stage
from polycast.monitor.tables import recordings

R = recordings.c
FIELDS: Final = Lifecycle.__struct_fields__
CHANGING: Final = tuple(name for name in FIELDS if name not in ("dvr_id", "job_id", "starts_at"))


class RecordingStore:
    """Server, job and start are the key of one."""

    def put(self, unit: Unit, rows: Sequence[Lifecycle]) -> None:
        """Store or bring up to date; the last of the same recording counts."""
        latest = {(row.dvr_id, row.job_id, row.starts_at): row for row in rows}
        unit.upsert(
            recordings,
            [_values(row) for row in latest.values()],
            key=["dvr_id", "job_id", "starts_at"],
            update=CHANGING,
        )

    def since(self, unit: Unit, dvr_id: str, moment: datetime) -> list[Lifecycle]:
        """Those that matter still, of one server."""
        query = select(recordings).where(R.dvr_id == dvr_id, R.seen_at >= moment).order_by(R.id)
        return [_life(row) for row in unit.execute(query)]

    def past(self, unit: Unit, *, dvr_id: str, offset: int, limit: int) -> tuple[list[Lifecycle], int]:
        """Those that are settled, newest first, and how many."""
        where = [R.outcome != ""] + ([R.dvr_id == dvr_id] if dvr_id else [])
        total = int(unit.execute(select(func.count()).select_from(recordings).where(*where)).scalar_one())
        query = select(recordings).where(*where).order_by(R.ended_at.desc(), R.id.desc()).offset(offset).limit(limit)
        return [_life(row) for row in unit.execute(query)], total

    def outcomes(self, unit: Unit, *, since: datetime, dvr_id: str = "") -> dict[str, int]:
        """How many came to which end."""
        query = select(R.outcome, func.count()).where(R.outcome != "", R.ended_at >= since).group_by(R.outcome)
        rows = unit.execute(query.where(R.dvr_id == dvr_id) if dvr_id else query)
        return {str(outcome): int(count) for outcome, count in rows}

    def drop_before(self, unit: Unit, moment: datetime, limit: int = 5000) -> int:
        ids = select(R.id).where(R.seen_at < moment).limit(limit)
        return unit.execute(delete(recordings).where(R.id.in_(ids.scalar_subquery()))).rowcount

    def drop_of(self, unit: Unit, dvr_id: str) -> None:
        unit.execute(delete(recordings).where(R.dvr_id == dvr_id))


def _values(row: Lifecycle) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in FIELDS}
    return values | {"state": row.state.value, "outcome": row.outcome.value if row.outcome is not None else ""}


def _life(row: Row[Any]) -> Lifecycle:
    values = {name: row._mapping[name] for name in FIELDS}
    outcome = values["outcome"]
    return Lifecycle(**{**values, "state": Stage(values["state"]), "outcome": Outcome(outcome) if outcome else None})
