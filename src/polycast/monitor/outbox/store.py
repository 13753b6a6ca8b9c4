"""Rows of deliveries: the outbox and its log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, delete, func, select, update

from polycast.core.storage import Unit
from polycast.monitor.alerts.model import Alert
from polycast.monitor.outbox.model import PENDING, Delivery
from polycast.monitor.tables import deliveries

D = deliveries.c


class DeliveryStore:
    """Its rows."""

    def add(self, unit: Unit, rows: Sequence[Delivery]) -> None:
        for row in rows:
            values = msgspec.structs.asdict(row) | {"notice": msgspec.to_builtins(row.notice)}
            del values["id"]
            unit.insert(deliveries, **values)

    def due(self, unit: Unit, now: datetime, limit: int = 200) -> list[Delivery]:
        """Those to be sent, in the order they were made."""
        query = select(deliveries).where(D.status == PENDING, D.due_at <= now).order_by(D.due_at, D.id).limit(limit)
        return [_delivery(row) for row in unit.execute(query)]

    def next_due(self, unit: Unit) -> datetime | None:
        found: datetime | None = unit.execute(select(func.min(D.due_at)).where(D.status == PENDING)).scalar()
        return found

    def depth(self, unit: Unit) -> int:
        return int(unit.execute(select(func.count()).where(D.status == PENDING)).scalar_one())

    def change(self, unit: Unit, delivery_id: int, values: Mapping[str, Any]) -> None:
        unit.execute(update(deliveries).where(D.id == delivery_id).values(**values))

    def get(self, unit: Unit, delivery_id: int) -> Delivery | None:
        row = unit.execute(select(deliveries).where(D.id == delivery_id)).first()
        return None if row is None else _delivery(row)

    def page(
        self, unit: Unit, *, wanted: Mapping[str, str], since: datetime | None, until: datetime | None, offset: int,
        limit: int, pending: bool = False,
    ) -> tuple[list[Delivery], int]:  # fmt: skip
        """Newest first, and how many there are; what waits is not in the log."""
        where: list[ColumnElement[bool]] = [D.status == PENDING if pending else D.status != PENDING]
        where += [D[name] == value for name, value in wanted.items() if value]
        if since is not None:
            where.append(D.at >= since)
        if until is not None:
            where.append(D.at < until)
        total = int(unit.execute(select(func.count()).select_from(deliveries).where(*where)).scalar_one())
        query = select(deliveries).where(*where).order_by(D.at.desc(), D.id.desc()).offset(offset).limit(limit)
        return [_delivery(row) for row in unit.execute(query)], total

    def held(self, unit: Unit, channel: str, channel_id: str, since: datetime) -> list[Delivery]:
        """What quiet hours held back for a destination and no digest has told yet."""
        query = (
            select(deliveries)
            .where(D.status == "suppressed_quiet", D.channel == channel, D.channel_id == channel_id, D.at >= since)
            .where(D.error == "")
            .order_by(D.id)
            .limit(200)
        )
        return [_delivery(row) for row in unit.execute(query)]

    def drop_before(self, unit: Unit, moment: datetime, limit: int = 5000) -> int:
        ids = select(D.id).where(D.at < moment, D.status != PENDING).limit(limit)
        return unit.execute(delete(deliveries).where(D.id.in_(ids.scalar_subquery()))).rowcount

    def drop_of(self, unit: Unit, dvr_id: str) -> None:
        unit.execute(delete(deliveries).where(D.dvr_id == dvr_id))


def _delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)
    return Delivery(**{**values, "notice": msgspec.convert(values["notice"], Alert)})
