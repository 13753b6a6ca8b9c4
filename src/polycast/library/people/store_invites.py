"""Rows of invitations."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from polycast.core.storage import Unit
from polycast.library.tables.members import invites


class InviteStore:
    """The only place that writes `library_invites`."""

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(invites, **values)

    def keys(self, unit: Unit) -> list[int]:
        return [row[0] for row in unit.execute(select(invites.c.id).order_by(invites.c.id.desc()).limit(500))]

    def row(self, unit: Unit, key: int) -> Row[Any]:
        return unit.execute(select(invites).where(invites.c.id == key)).one()

    def by_hash(self, unit: Unit, hashed: bytes) -> Row[Any] | None:
        return unit.execute(select(invites).where(invites.c.code_hash == hashed)).first()

    def use(self, unit: Unit, key: int, *, by: int, at: datetime) -> None:
        unit.execute(update(invites).where(invites.c.id == key).values(used_by=by, used_at=at))

    def delete(self, unit: Unit, nanoid: str) -> bool:
        return unit.execute(delete(invites).where(invites.c.nanoid == nanoid)).rowcount > 0
