"""The outbox, the cursors of its listeners, and the leases of what one node does at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, bindparam, delete, func, insert, select, update

from polycast.core.events.model import Audience
from polycast.core.events.store_audience import audience_values
from polycast.core.identity.scopes import Scope
from polycast.core.storage.tables import metadata
from polycast.core.storage.types import Instant, Key

if TYPE_CHECKING:
    from polycast.core.storage.unit import Unit

TABLES: Final = metadata("core")

EVENTS: Final = Table(
    "core_events",
    TABLES,
    Column("id", Key, primary_key=True),  # the order of commits
    Column("name", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),  # JSON of the event's fields
    Column("scope", Text),  # these three: the audience
    Column("user_id", BigInteger),
    Column("tenant_id", BigInteger),
    Index(None, "name", "id"),
    Index(None, "at"),
)
CURSORS: Final = Table(
    "core_cursors",
    TABLES,
    Column("listener", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),  # id of the last event it has handled
    Column("failures", Integer, nullable=False),  # in a row, at the event after `position`
    Column("error", Text, nullable=False),
    Column("parked_at", Instant),
)
LEASES: Final = Table(
    "core_leases",
    TABLES,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("life", Text, nullable=False),  # of the owner's process: a restarted owner is the same one, with a new life
    Column("beat", BigInteger, nullable=False),
)


class Stored(Struct, frozen=True, kw_only=True):
    """A row of the outbox."""

    id: int
    name: str
    at: datetime
    body: bytes  # JSON
    audience: Audience


class Cursor(Struct, frozen=True, kw_only=True):
    """How far a listener is."""

    listener: str
    position: int
    failures: int
    error: str
    parked_at: datetime | None


class Held(Struct, frozen=True, kw_only=True):
    """Who holds a lease."""

    owner: str
    life: str
    beat: int


_COLUMNS: Final = (
    EVENTS.c.id,
    EVENTS.c.name,
    EVENTS.c.at,
    EVENTS.c.body,
    EVENTS.c.scope,
    EVENTS.c.user_id,
    EVENTS.c.tenant_id,
)
_ADD: Final = insert(EVENTS)
_AFTER: Final = (
    select(*_COLUMNS).where(EVENTS.c.id > bindparam("after")).order_by(EVENTS.c.id).limit(bindparam("limit"))
)
_NAMED_AFTER: Final = (
    select(*_COLUMNS)
    .where(EVENTS.c.name == bindparam("event"), EVENTS.c.id > bindparam("after"))
    .order_by(EVENTS.c.id)
    .limit(bindparam("limit"))
)
_NEWS: Final = (
    select(EVENTS.c.name, func.max(EVENTS.c.id)).where(EVENTS.c.id > bindparam("after")).group_by(EVENTS.c.name)
)
_POSITION: Final = select(CURSORS.c.position).where(CURSORS.c.listener == bindparam("listener"))


def add(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append events, in order."""
    unit.execute(_ADD, rows)


def row_of(name: str, at: datetime, body: bytes, audience: Audience) -> dict[str, Any]:
    """The column values of one event."""
    return {
        "name": name,
        "at": at,
        "body": body.decode(),
        **audience_values(audience),
    }


def last_id(unit: Unit) -> int:
    """The id of the youngest event; 0 when there is none."""
    return unit.execute(select(func.max(EVENTS.c.id))).scalar() or 0


def first_id(unit: Unit) -> int | None:
    """The id of the oldest event that is kept."""
    found: int | None = unit.execute(select(func.min(EVENTS.c.id))).scalar()
    return found


def after(unit: Unit, position: int, *, limit: int, name: str | None = None) -> list[Stored]:
    """Events later than `position`, oldest first; of one `name`, or all."""
    if name is None:
        found = unit.execute(_AFTER, {"after": position, "limit": limit})
    else:
        found = unit.execute(_NAMED_AFTER, {"after": position, "limit": limit, "event": name})
    return [_stored(row) for row in found]


def count_after(unit: Unit, position: int, name: str) -> int:
    """How many events of `name` are later than `position`."""
    counted = select(func.count()).where(EVENTS.c.name == name, EVENTS.c.id > position)
    return int(unit.execute(counted).scalar_one())


def news(unit: Unit, position: int) -> dict[str, int]:
    """The names of events later than `position`, each with its youngest id."""
    return {row[0]: row[1] for row in unit.execute(_NEWS, {"after": position})}


def drop_before(unit: Unit, at: datetime, *, limit: int) -> int:
    """Delete at most `limit` events older than `at`; how many."""
    oldest = select(EVENTS.c.id).where(EVENTS.c.at < at).order_by(EVENTS.c.id).limit(limit)
    return unit.execute(delete(EVENTS).where(EVENTS.c.id.in_(oldest.scalar_subquery()))).rowcount


def cursors(unit: Unit) -> list[Cursor]:
    """All of them, in the order of their names."""
    rows = unit.execute(select(CURSORS).order_by(CURSORS.c.listener))
    return [Cursor(**row._mapping) for row in rows]


def begin(unit: Unit, listeners: Sequence[str]) -> None:
    """Give new listeners a cursor: at the beginning in a new house, else from now on."""
    known = {cursor.listener for cursor in cursors(unit)}
    position = last_id(unit) if known else 0
    fresh = [
        {"listener": name, "position": position, "failures": 0, "error": "", "parked_at": None}
        for name in listeners
        if name not in known
    ]
    if fresh:
        unit.execute(insert(CURSORS), fresh)


def position(unit: Unit, listener: str) -> int | None:
    """How far `listener` is."""
    found: int | None = unit.execute(_POSITION, {"listener": listener}).scalar()
    return found


def move(unit: Unit, listener: str, to: int) -> None:
    """`listener` has handled everything up to `to`."""
    values = {"position": to, "failures": 0, "error": "", "parked_at": None}
    unit.execute(update(CURSORS).where(CURSORS.c.listener == listener).values(**values))


def stumble(unit: Unit, listener: str, *, at: int, error: str, parked_at: datetime | None) -> None:
    """Count a failure at the event after `at`, unless somebody has got past it meanwhile."""
    unit.execute(
        update(CURSORS)
        .where(CURSORS.c.listener == listener, CURSORS.c.position == at)
        .values(failures=CURSORS.c.failures + 1, error=error, parked_at=parked_at)
    )


def unpark(unit: Unit, listener: str, *, past: int | None) -> bool:
    """Let a parked listener try again, from after `past` when given; False when it was not parked."""
    values: dict[str, Any] = {"failures": 0, "parked_at": None}
    if past is not None:
        values["position"] = past
    found = unit.execute(
        update(CURSORS).where(CURSORS.c.listener == listener, CURSORS.c.parked_at.is_not(None)).values(**values)
    )
    return found.rowcount > 0


def holder(unit: Unit, lease: str) -> Held | None:
    """Who holds `lease`."""
    row = unit.execute(select(LEASES.c.owner, LEASES.c.life, LEASES.c.beat).where(LEASES.c.name == lease)).first()
    return None if row is None else Held(owner=row.owner, life=row.life, beat=row.beat)


def take(unit: Unit, lease: str, *, was: Held | None, owner: str, life: str) -> bool:
    """Take or renew `lease`, if `was` still holds it with the same beat."""
    if was is None:
        if holder(unit, lease) is not None:
            return False
        unit.execute(insert(LEASES).values(name=lease, owner=owner, life=life, beat=1))
        return True
    mine = {"owner": owner, "life": life, "beat": was.beat + 1}
    same = (LEASES.c.name == lease, LEASES.c.life == was.life, LEASES.c.beat == was.beat)
    return unit.execute(update(LEASES).where(*same).values(**mine)).rowcount > 0


def give_back(unit: Unit, lease: str, *, life: str) -> None:
    """End `lease` if it is still `life`'s."""
    unit.execute(delete(LEASES).where(LEASES.c.name == lease, LEASES.c.life == life))


def _stored(row: Any) -> Stored:
    scope = None if row.scope is None else Scope(row.scope)
    audience = Audience(scope=scope, user_id=row.user_id, tenant_id=row.tenant_id)
    return Stored(id=row.id, name=row.name, at=row.at, body=row.body.encode(), audience=audience)
