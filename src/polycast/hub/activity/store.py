"""Reads the outbox back, youngest first."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import and_, or_, select

from polycast.core.events.store import EVENTS, last_id
from polycast.core.identity.caller import Caller
from polycast.core.storage import Unit


class Happened(Struct, frozen=True, kw_only=True):
    """A stored event."""

    id: int
    at: datetime
    name: str
    body: str  # JSON


class ActivityStore:
    """The events of the last seven days."""

    def latest(self, unit: Unit) -> int:
        """The id of the youngest event, 0 when there is none."""
        return last_id(unit)

    def page(
        self,
        unit: Unit,
        caller: Caller,
        *,
        names: Sequence[str],
        before: int | None,
        until: datetime | None,
        limit: int,
    ) -> list[Happened]:
        """Events called one of `names` that `caller` may see, below id `before` and not after `until`."""
        to_all = and_(EVENTS.c.scope.is_(None), EVENTS.c.user_id.is_(None), EVENTS.c.tenant_id.is_(None))
        to_scope = EVENTS.c.scope.in_(sorted(scope.value for scope in caller.scopes))
        to_me = EVENTS.c.user_id == caller.user_id
        wanted = select(EVENTS.c.id, EVENTS.c.at, EVENTS.c.name, EVENTS.c.body)
        wanted = wanted.where(EVENTS.c.name.in_(names), or_(to_all, to_scope, to_me))
        if before is not None:
            wanted = wanted.where(EVENTS.c.id < before)
        if until is not None:
            wanted = wanted.where(EVENTS.c.at <= until)
        rows = unit.execute(wanted.order_by(EVENTS.c.id.desc()).limit(limit))
        return [Happened(id=row.id, at=row.at, name=row.name, body=row.body) for row in rows]
