"""Rows of playback sessions, and what was found out about files for playing them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row, delete, select, update

from polycast.core.storage import Unit
from polycast.library.playback.model import Asked, Decision, Profile
from polycast.library.tables.playback import looks, marks, sessions


class Facts(Struct, frozen=True, kw_only=True):
    """What a session keeps of its beginning."""

    asked: Asked
    profile: Profile
    decision: Decision
    title: str
    item: str  # nanoid
    kind: str
    path: str
    size_bytes: int
    mtime_ns: int
    credits_ms: int | None = None


class SessionRow(Struct, frozen=True, kw_only=True):
    """A playback session as it is stored."""

    id: int
    nanoid: str
    user_id: int
    profile_id: int
    credential_id: int | None
    item_id: int
    file_id: int
    play_id: int | None
    state: str
    mode: str
    quality: str
    position_ms: int
    duration_ms: int
    bandwidth_bps: int
    facts: Facts
    address: str
    client: str
    device: str
    network: str
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None


class Mark(Struct, frozen=True, kw_only=True):
    """An intro, the credits, a recap ..."""

    uuid: str
    kind: str
    start_ms: int
    end_ms: int
    source: str
    confidence: int
    is_locked: bool = False


class SessionStore:
    """`library_sessions`."""

    def add(self, unit: Unit, facts: Facts, **values: Any) -> int:
        return unit.insert(sessions, plan=facts, **values)

    def get(self, unit: Unit, nanoid: str) -> SessionRow | None:
        row = unit.execute(_all().where(sessions.c.nanoid == nanoid)).first()
        return None if row is None else _session(row)

    def change(self, unit: Unit, nanoid: str, **values: Any) -> None:
        if "facts" in values:
            values["plan"] = values.pop("facts")
        unit.execute(update(sessions).where(sessions.c.nanoid == nanoid).values(**values))

    def live(self, unit: Unit, *, user_id: int | None = None) -> list[SessionRow]:
        """Sessions that have not ended, of one user or all, the newest last."""
        query = _all().where(sessions.c.ended_at.is_(None))
        if user_id is not None:
            query = query.where(sessions.c.user_id == user_id)
        return [_session(row) for row in unit.execute(query.order_by(sessions.c.id))]

    def purge(self, unit: Unit, before: datetime) -> None:
        """Forget sessions that ended long ago; their plays stay."""
        unit.execute(delete(sessions).where(sessions.c.ended_at < before))


class LookStore:
    """`library_looks` and `library_marks`."""

    def look(self, unit: Unit, file_id: int, kind: str, *, size: int, mtime_ns: int) -> bytes | None:
        """What was found out, when the file is still the one that was looked at."""
        query = select(looks.c.content).where(
            looks.c.file_id == file_id, looks.c.kind == kind, looks.c.size == size, looks.c.mtime_ns == mtime_ns
        )
        return unit.execute(query).scalar()

    def keep(self, unit: Unit, file_id: int, kind: str, content: bytes, **values: Any) -> None:
        row = {"file_id": file_id, "kind": kind, "content": content, **values}
        unit.upsert(looks, [row], key=["file_id", "kind"], update=["content", *values])

    def marks(self, unit: Unit, item_id: int) -> list[Mark]:
        """In the order of time."""
        columns = [marks.c[name] for name in Mark.__struct_fields__]
        query = select(*columns).where(marks.c.item_id == item_id).order_by(marks.c.start_ms, marks.c.id)
        return [Mark(**row._mapping) for row in unit.execute(query)]

    def set_marks(self, unit: Unit, item_id: int, file_id: int | None, found: Sequence[Mark]) -> None:
        """Replace all marks but those that somebody has set by hand, whose kinds stay as they are."""
        locked = unit.execute(select(marks.c.kind).where(marks.c.item_id == item_id, marks.c.is_locked.is_(True)))
        held = {row.kind for row in locked}
        unit.execute(delete(marks).where(marks.c.item_id == item_id, marks.c.is_locked.is_(False)))
        for one in found:
            if one.kind not in held:
                values = {name: getattr(one, name) for name in Mark.__struct_fields__}
                unit.insert(marks, item_id=item_id, file_id=file_id, **values)


def _all() -> Any:
    return select(sessions)


def _session(row: Row[Any]) -> SessionRow:
    values = dict(row._mapping)
    facts = msgspec.convert(values.pop("plan"), Facts)
    return SessionRow(facts=facts, **values)
