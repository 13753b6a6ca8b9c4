"""Rows of the ring of system events."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row, Select, delete, func, select

from polycast.core.storage import Unit
from polycast.live.activity.model import TITLES, SystemEvent
from polycast.live.tables import system_events

_NEWEST: Final = system_events.c.id.desc()


class SystemEventStore:
    """Its rows."""

    def insert(self, unit: Unit, values: Mapping[str, Any]) -> int:
        return unit.insert(system_events, **values)

    def trim(self, unit: Unit, keep: int) -> int:
        """Drop all but the newest; the number dropped."""
        border = unit.execute(select(system_events.c.id).order_by(_NEWEST).offset(keep).limit(1)).scalar()
        if border is None:
            return 0
        return unit.execute(delete(system_events).where(system_events.c.id <= border)).rowcount

    def page(self, unit: Unit, event_type: str, limit: int, offset: int) -> list[SystemEvent]:
        query = _typed(select(system_events), event_type).order_by(_NEWEST).limit(limit).offset(offset)
        return [_event(row) for row in unit.execute(query)]

    def count(self, unit: Unit, event_type: str) -> int:
        return int(unit.execute(_typed(select(func.count()).select_from(system_events), event_type)).scalar_one())


def _typed(query: "Select[Any]", event_type: str) -> "Select[Any]":
    return query.where(system_events.c.event_type == event_type) if event_type else query


def _event(row: Row[Any]) -> SystemEvent:
    return SystemEvent(
        id=row.id,
        event_type=row.event_type,
        title=TITLES.get(row.event_type, row.event_type),
        at=row.at,
        channel_uuid=row.channel_uuid,
        channel_name=row.channel_name,
        details=row.details or {},
    )
