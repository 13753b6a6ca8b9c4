"""Rows of runs."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from polycast.core.storage import Unit
from polycast.library.tables.work import workflows
from polycast.library.workflows.model import Status, Workflow


class WorkflowStore:
    """The only place that writes `library_workflows`."""

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(workflows, **values)

    def update(self, unit: Unit, workflow_id: int, **values: Any) -> None:
        unit.execute(update(workflows).where(workflows.c.id == workflow_id).values(**values))

    def get(self, unit: Unit, workflow_id: int) -> Workflow | None:
        row = unit.execute(select(workflows).where(workflows.c.id == workflow_id)).first()
        return None if row is None else _workflow(row)

    def by_nanoid(self, unit: Unit, nanoid: str) -> Workflow | None:
        row = unit.execute(select(workflows).where(workflows.c.nanoid == nanoid)).first()
        return None if row is None else _workflow(row)

    def by_job(self, unit: Unit, job_id: int) -> Workflow | None:
        row = unit.execute(select(workflows).where(workflows.c.job_id == job_id)).first()
        return None if row is None else _workflow(row)

    def living(self, unit: Unit, kind: str, subject: str) -> Workflow | None:
        """The one of this type and subject that has not ended."""
        query = select(workflows).where(
            workflows.c.type == kind, workflows.c.subject == subject, workflows.c.finished_at.is_(None)
        )
        row = unit.execute(query.order_by(workflows.c.id.desc())).first()
        return None if row is None else _workflow(row)

    def page(
        self, unit: Unit, *, status: str | None, kind: str | None, before: int | None, limit: int
    ) -> list[Workflow]:
        """The youngest first."""
        query = select(workflows).order_by(workflows.c.id.desc()).limit(limit)
        if status is not None:
            query = query.where(workflows.c.status == status)
        if kind is not None:
            query = query.where(workflows.c.type == kind)
        if before is not None:
            query = query.where(workflows.c.id < before)
        return [_workflow(row) for row in unit.execute(query)]

    def counts(self, unit: Unit) -> dict[str, int]:
        query = select(workflows.c.status, func.count()).group_by(workflows.c.status)
        return {status: int(count) for status, count in unit.execute(query)}

    def children(self, unit: Unit, ids: list[int]) -> dict[int, int]:
        """How many runs each of these has started."""
        query = select(workflows.c.parent_id, func.count()).where(workflows.c.parent_id.in_(ids))
        return (
            {parent: int(count) for parent, count in unit.execute(query.group_by(workflows.c.parent_id))} if ids else {}
        )

    def drop_ended(self, unit: Unit, before: datetime) -> int:
        return unit.execute(delete(workflows).where(workflows.c.finished_at < before)).rowcount


def _workflow(row: Row[Any]) -> Workflow:
    return Workflow(**dict(row._mapping) | {"status": Status(row.status)})
