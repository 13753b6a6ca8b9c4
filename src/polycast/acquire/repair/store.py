"""Rows of runs, actions and health."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, delete, func, or_, select, update

from polycast.acquire.repair.model import Broken, Health, HealthStatus, RepairRun, RunStatus, Stats, Wish
from polycast.acquire.tables import entries, health, repair_actions, repair_runs
from polycast.core.storage import Unit

KEPT: Final = 100
CHUNK: Final = 500


class RepairStore:
    """Runs by id, health by hash."""

    def running(self, unit: Unit) -> RepairRun | None:
        row = unit.execute(select(repair_runs).where(repair_runs.c.status == RunStatus.RUNNING.value)).first()
        return _run(row) if row else None

    def run(self, unit: Unit, run_id: str) -> RepairRun | None:
        row = unit.execute(select(repair_runs).where(repair_runs.c.run_id == run_id)).one_or_none()
        return _run(row) if row else None

    def runs(self, unit: Unit) -> list[RepairRun]:
        """The youngest first."""
        query = select(repair_runs).order_by(repair_runs.c.started_at.desc(), repair_runs.c.id.desc()).limit(KEPT)
        return [_run(row) for row in unit.execute(query)]

    def insert(self, unit: Unit, run: RepairRun) -> None:
        unit.insert(repair_runs, **_values(run))
        old = select(repair_runs.c.id).order_by(repair_runs.c.started_at.desc()).offset(KEPT)
        unit.execute(delete(repair_runs).where(repair_runs.c.id.in_(old)))

    def update(self, unit: Unit, run_id: str, /, **values: Any) -> None:
        for name in ("stats", "wanted", "broken"):
            if name in values:
                values[name] = msgspec.to_builtins(values[name])
        unit.execute(update(repair_runs).where(repair_runs.c.run_id == run_id).values(**values))

    def end(self, unit: Unit, run_id: str, /, **values: Any) -> bool:
        """The same for one that still runs: whoever stops a run has the last word. Whether it did."""
        query = update(repair_runs).where(
            repair_runs.c.run_id == run_id, repair_runs.c.status == RunStatus.RUNNING.value
        )
        return bool(unit.execute(query.values(**values)).rowcount)

    def forget(self, unit: Unit, ids: Sequence[str] | None) -> int:
        """Delete ended runs; all of them for None."""
        query = delete(repair_runs).where(repair_runs.c.status != RunStatus.RUNNING.value)
        if ids is not None:
            query = query.where(repair_runs.c.run_id.in_(list(ids)[:CHUNK]))
        return int(unit.execute(query).rowcount)

    def act(self, unit: Unit, run_id: str, /, **values: Any) -> int:
        return unit.insert(repair_actions, run_id=run_id, **values)

    def acted(self, unit: Unit, action_id: int, /, **values: Any) -> None:
        unit.execute(update(repair_actions).where(repair_actions.c.id == action_id).values(**values))

    def actions(self, unit: Unit, run_id: str) -> list[Row[Any]]:
        return list(
            unit.execute(
                select(repair_actions).where(repair_actions.c.run_id == run_id).order_by(repair_actions.c.id)
            ).all()
        )

    def health(self, unit: Unit, *, status: str = "", name: str = "", limit: int = 500) -> list[Health]:
        query = select(health).order_by(health.c.updated_at.desc()).limit(limit)
        if status:
            query = query.where(health.c.status == status)
        if name:
            query = query.where(or_(health.c.entry_name == name, health.c.info_hash == name))
        return [_health(row) for row in unit.execute(query)]

    def health_of(self, unit: Unit, hashes: Sequence[str]) -> dict[str, Health]:
        found: dict[str, Health] = {}
        for at in range(0, len(hashes), CHUNK):
            query = select(health).where(health.c.info_hash.in_(list(hashes[at : at + CHUNK])))
            found |= {row.info_hash: _health(row) for row in unit.execute(query)}
        return found

    def counts(self, unit: Unit) -> dict[str, int]:
        query = select(health.c.status, func.count()).group_by(health.c.status)
        return {status: int(count) for status, count in unit.execute(query)}

    def put_health(self, unit: Unit, known: Health) -> None:
        row = {name: getattr(known, name) for name in Health.__struct_fields__}
        row["status"], row["broken_files"] = known.status.value, msgspec.to_builtins(known.broken_files)
        unit.upsert(health, [row], key=["info_hash"], update=[name for name in row if name != "info_hash"])

    def dirty(self, unit: Unit, info_hash: str, reason: str, at: datetime) -> None:
        """Look at an entry soon."""
        row = {
            "entry_name": "",
            "info_hash": info_hash,
            "protocol": "torrent",
            "status": HealthStatus.UNKNOWN.value,
            "broken_files": [],
            "is_dirty": True,
            "dirty_reason": reason,
            "updated_at": at,
        }
        unit.upsert(health, [row], key=["info_hash"], update=["is_dirty", "dirty_reason", "updated_at"])

    def clear(self, unit: Unit, *, statuses: Iterable[str] | None = None, names: Iterable[str] | None = None) -> int:
        query = delete(health)
        if statuses is not None:
            query = query.where(health.c.status.in_(list(statuses)))
        if names is not None:
            query = query.where(health.c.entry_name.in_(list(names)[:CHUNK]))
        return int(unit.execute(query).rowcount)

    def candidates(self, unit: Unit, protocol: str) -> list[str]:
        """Hashes of every complete entry."""
        query = select(entries.c.info_hash).where(entries.c.state.in_(["done", "missing"]))
        if protocol in ("torrent", "nzb"):
            query = query.where(entries.c.protocol == protocol)
        return list(unit.execute(query.order_by(entries.c.id)).scalars())


def _run(row: Row[Any]) -> RepairRun:
    return RepairRun(
        run_id=row.run_id,
        trigger=row.trigger,
        status=RunStatus(row.status),
        stage=row.stage,
        wanted=msgspec.convert(row.wanted, Wish),
        stats=msgspec.convert(row.stats, Stats),
        broken=tuple(msgspec.convert(row.broken, list[Broken])),
        error=row.error,
        cancel_reason=row.cancel_reason,
        source=row.source,
        started_at=row.started_at,
        updated_at=row.updated_at,
        completed_at=row.completed_at,
    )


def _values(run: RepairRun) -> dict[str, Any]:
    values = {name: getattr(run, name) for name in RepairRun.__struct_fields__}
    values["status"], values["stage"] = run.status.value, run.stage.value
    for name in ("stats", "wanted", "broken"):
        values[name] = msgspec.to_builtins(values[name])
    return values


def _health(row: Row[Any]) -> Health:
    values = {name: getattr(row, name) for name in Health.__struct_fields__}
    values["status"] = HealthStatus(row.status)
    values["broken_files"] = tuple(msgspec.convert(row.broken_files, list[Broken]))
    return Health(**values)
