"""Rows of sessions."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from polycast.core.identity.sessions.model import Session
from polycast.core.identity.tables import sessions
from polycast.core.storage.unit import Unit

_SHOWN = [column for column in sessions.c if column.name != "token_hash"]


class SessionStore:
    """The only place that writes `core_sessions`."""

    def insert(self, unit: Unit, **values: Any) -> Session:
        key = unit.insert(sessions, **values)
        found = self.get(unit, key)
        if found is None:
            raise LookupError("a row just added is not there")
        return found

    def get(self, unit: Unit, session_id: int) -> Session | None:
        row = unit.execute(select(*_SHOWN).where(sessions.c.id == session_id)).first()
        return None if row is None else _session(row)

    def by_hash(self, unit: Unit, token_hash: bytes) -> Session | None:
        row = unit.execute(select(*_SHOWN).where(sessions.c.token_hash == token_hash)).first()
        return None if row is None else _session(row)

    def of_user(self, unit: Unit, user_id: int, *, now: datetime) -> list[Session]:
        """Those that still live, the last used first."""
        query = select(*_SHOWN).where(sessions.c.user_id == user_id, sessions.c.ends_at > now)
        rows = unit.execute(query.order_by(sessions.c.seen_at.desc(), sessions.c.id.desc()))
        return [_session(row) for row in rows]

    def drop_longest_unused(self, unit: Unit, user_id: int, *, kind: str, keep: int) -> None:
        """Leave `keep` sessions of this kind: a script that signs in for every call fills no table."""
        mine = (sessions.c.user_id == user_id, sessions.c.kind == kind)
        count = int(unit.execute(select(func.count()).select_from(sessions).where(*mine)).scalar_one())
        if count > keep:
            oldest = select(sessions.c.id).where(*mine).order_by(sessions.c.seen_at, sessions.c.id)
            unit.execute(delete(sessions).where(sessions.c.id.in_(oldest.limit(count - keep))))

    def seen(self, unit: Unit, session_id: int, *, at: datetime, ends_at: datetime | None) -> None:
        """Note a use; a sliding session ends later for it, never after its last moment."""
        values: dict[str, Any] = {"seen_at": at}
        if ends_at is not None:
            values["ends_at"] = ends_at
        query = update(sessions).where(sessions.c.id == session_id, sessions.c.seen_at < at, sessions.c.ends_at > at)
        unit.execute(query.values(**values))

    def update(self, unit: Unit, session_id: int, **values: Any) -> None:
        unit.execute(update(sessions).where(sessions.c.id == session_id).values(**values))

    def delete(self, unit: Unit, session_id: int) -> None:
        unit.execute(delete(sessions).where(sessions.c.id == session_id))

    def delete_of_user(self, unit: Unit, user_id: int, *, but: int | None) -> int:
        query = delete(sessions).where(sessions.c.user_id == user_id)
        if but is not None:
            query = query.where(sessions.c.id != but)
        return unit.execute(query).rowcount

    def purge(self, unit: Unit, *, before: datetime) -> int:
        """Drop those that ended before; their number."""
        return unit.execute(delete(sessions).where(sessions.c.ends_at < before)).rowcount


def _session(row: Row[Any]) -> Session:
    values = dict(row._mapping)
    return Session(**values | {"scopes": None if values["scopes"] is None else frozenset(values["scopes"])})
