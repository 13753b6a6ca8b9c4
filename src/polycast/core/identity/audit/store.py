"""Rows of the audit log: added and, when they are old, dropped."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from polycast.core.identity.audit.model import AuditEntry
from polycast.core.identity.tables import audit
from polycast.core.storage.unit import Unit


class AuditStore:
    """The only place that reads and writes `core_audit`."""

    def insert(self, unit: Unit, **values: Any) -> None:
        unit.insert(audit, **values)

    def list(
        self, unit: Unit, *, before: int | None, limit: int, user_id: int | None, action: str | None
    ) -> list[AuditEntry]:
        """Newest first; `before` is the id of the last entry of the page before."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        if user_id is not None:
            query = query.where(audit.c.user_id == user_id)
        if action is not None:
            query = query.where(audit.c.action == action)
        return [AuditEntry(**row._mapping) for row in unit.execute(query)]

    def purge(self, unit: Unit, *, before: datetime) -> int:
        return unit.execute(delete(audit).where(audit.c.at < before)).rowcount
