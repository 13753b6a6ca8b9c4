"""Notifications, and who has put them away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text, delete, exists, select, update

from polycast.core.events.store_audience import admitting
from polycast.core.identity.caller import Caller
from polycast.core.notify.model import Level, Notification
from polycast.core.storage.tables import metadata
from polycast.core.storage.types import Instant, Key

if TYPE_CHECKING:
    from polycast.core.storage.unit import Unit

TABLES: Final = metadata("core")

NOTIFICATIONS: Final = Table(
    "core_notifications",
    TABLES,
    Column("id", Key, primary_key=True),
    Column("key", Text, unique=True),
    Column("level", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("times", Integer, nullable=False),
    Column("scope", Text),  # these three: the audience
    Column("user_id", BigInteger),
    Column("tenant_id", BigInteger),
)
DISMISSALS: Final = Table(
    "core_dismissals",
    TABLES,
    Column("notification_id", ForeignKey(NOTIFICATIONS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
)
_SHOWN: Final = tuple(NOTIFICATIONS.c[name] for name in Notification.__struct_fields__)


def by_key(unit: Unit, key: str) -> Notification | None:
    """The one about `key`."""
    row = unit.execute(select(*_SHOWN).where(NOTIFICATIONS.c.key == key)).first()
    return None if row is None else _notification(row)


def add(unit: Unit, values: Mapping[str, Any]) -> int:
    """A new one; its id."""
    return unit.insert(NOTIFICATIONS, **values)


def renew(unit: Unit, notification_id: int, values: Mapping[str, Any]) -> None:
    """Say it again, perhaps in other words."""
    again = update(NOTIFICATIONS).where(NOTIFICATIONS.c.id == notification_id)
    unit.execute(again.values(**values, times=NOTIFICATIONS.c.times + 1))


def undismiss(unit: Unit, notification_id: int) -> None:
    """Show it again to everybody."""
    unit.execute(delete(DISMISSALS).where(DISMISSALS.c.notification_id == notification_id))


def withdraw(unit: Unit, key: str) -> None:
    """Take back what was said about `key`."""
    unit.execute(delete(NOTIFICATIONS).where(NOTIFICATIONS.c.key == key))


def shown(unit: Unit, caller: Caller, *, limit: int) -> list[Notification]:
    """What `caller` may see and has not put away, the latest first."""
    away = exists().where(DISMISSALS.c.notification_id == NOTIFICATIONS.c.id, DISMISSALS.c.user_id == caller.user_id)
    found = (
        select(*_SHOWN)
        .where(admitting(NOTIFICATIONS, caller), ~away)
        .order_by(NOTIFICATIONS.c.at.desc(), NOTIFICATIONS.c.id.desc())
        .limit(limit)
    )
    return [_notification(row) for row in unit.execute(found)]


def is_shown(unit: Unit, caller: Caller, notification_id: int) -> bool:
    """Whether there is such a one for `caller`, put away or not."""
    found = select(NOTIFICATIONS.c.id).where(NOTIFICATIONS.c.id == notification_id, admitting(NOTIFICATIONS, caller))
    return unit.execute(found).first() is not None


def dismiss(unit: Unit, ids: list[int], user_id: int) -> None:
    """Put them away for one user."""
    rows = [{"notification_id": key, "user_id": user_id} for key in ids]
    unit.upsert(DISMISSALS, rows, key=["notification_id", "user_id"], update=[])


def drop_before(unit: Unit, at: datetime, *, limit: int) -> int:
    """Delete at most `limit` that were last said before `at`; how many."""
    oldest = select(NOTIFICATIONS.c.id).where(NOTIFICATIONS.c.at < at).order_by(NOTIFICATIONS.c.at).limit(limit)
    return unit.execute(delete(NOTIFICATIONS).where(NOTIFICATIONS.c.id.in_(oldest.scalar_subquery()))).rowcount


def _notification(row: Any) -> Notification:
    return Notification(**{**row._mapping, "level": Level(row.level)})
