"""Rows of rules, silences and incidents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, delete, func, select, update

from polycast.core.storage import Unit
from polycast.monitor.alerts.rules import Match, Rule, RuleBody, Silence
from polycast.monitor.tables import incident_notes, incidents, rules, silences


class RuleStore:
    """Rules and silences."""

    def rules(self, unit: Unit) -> list[Rule]:
        return [_rule(row) for row in unit.execute(select(rules).order_by(rules.c.id))]

    def insert(self, unit: Unit, *, name: str, enabled: bool, body: Any, at: datetime) -> Rule:
        key = unit.insert(rules, name=name, enabled=enabled, body=body, created_at=at, updated_at=at)
        return _rule(unit.execute(select(rules).where(rules.c.id == key)).one())

    def update(self, unit: Unit, rule_id: int, values: Mapping[str, Any]) -> Rule | None:
        unit.execute(update(rules).where(rules.c.id == rule_id).values(**values))
        row = unit.execute(select(rules).where(rules.c.id == rule_id)).first()
        return None if row is None else _rule(row)

    def delete(self, unit: Unit, rule_id: int) -> bool:
        return unit.execute(delete(rules).where(rules.c.id == rule_id)).rowcount > 0

    def silences(self, unit: Unit, now: datetime) -> list[Silence]:
        """Those that have not ended."""
        query = select(silences).where(silences.c.ends_at > now).order_by(silences.c.id)
        return [_silence(row) for row in unit.execute(query)]

    def add_silence(self, unit: Unit, /, **values: Any) -> Silence:
        key = unit.insert(silences, **values)
        return _silence(unit.execute(select(silences).where(silences.c.id == key)).one())

    def drop_silence(self, unit: Unit, silence_id: int) -> bool:
        return unit.execute(delete(silences).where(silences.c.id == silence_id)).rowcount > 0


class IncidentStore:
    """Incidents and what was noted about them."""

    def open_of(self, unit: Unit, dvr_id: str, kind: str) -> Row[Any] | None:
        query = select(incidents).where(
            incidents.c.dvr_id == dvr_id, incidents.c.kind == kind, incidents.c.resolved_at.is_(None)
        )
        return unit.execute(query).first()

    def get(self, unit: Unit, incident_id: int) -> Row[Any] | None:
        return unit.execute(select(incidents).where(incidents.c.id == incident_id)).first()

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(incidents, **values)

    def update(self, unit: Unit, incident_id: int, values: Mapping[str, Any]) -> None:
        unit.execute(update(incidents).where(incidents.c.id == incident_id).values(**values))

    def note(self, unit: Unit, incident_id: int, at: datetime, kind: str, text: str, actor: str) -> None:
        unit.insert(incident_notes, incident_id=incident_id, at=at, kind=kind, text=text, actor=actor)

    def page(self, unit: Unit, *, is_open: bool | None, limit: int, offset: int) -> tuple[list[Row[Any]], int]:
        where = [] if is_open is None else [incidents.c.resolved_at.is_(None) if is_open else incidents.c.resolved_at.is_not(None)]  # fmt: skip
        total = int(unit.execute(select(func.count()).select_from(incidents).where(*where)).scalar_one())
        query = select(incidents).where(*where).order_by(incidents.c.opened_at.desc(), incidents.c.id.desc())
        return list(unit.execute(query.offset(offset).limit(limit))), total

    def notes(self, unit: Unit, ids: list[int]) -> list[Row[Any]]:
        query = select(incident_notes).where(incident_notes.c.incident_id.in_(ids)).order_by(incident_notes.c.id)
        return list(unit.execute(query.limit(5000)))

    def open_counts(self, unit: Unit) -> dict[str, int]:
        query = select(incidents.c.severity, func.count()).where(incidents.c.resolved_at.is_(None))
        return {str(severity): int(count) for severity, count in unit.execute(query.group_by(incidents.c.severity))}

    def drop_of(self, unit: Unit, dvr_id: str) -> None:
        unit.execute(delete(incidents).where(incidents.c.dvr_id == dvr_id))

    def drop_before(self, unit: Unit, moment: datetime) -> None:
        unit.execute(delete(incidents).where(incidents.c.resolved_at < moment))


def _rule(row: Row[Any]) -> Rule:
    return Rule(
        id=row.id,
        name=row.name,
        enabled=row.enabled,
        body=msgspec.convert(row.body, RuleBody),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _silence(row: Row[Any]) -> Silence:
    return Silence(
        id=row.id,
        match=msgspec.convert(row.match, Match),
        comment=row.comment,
        made_by=row.made_by,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
