"""Rows of people and their parts."""

from typing import Any

from sqlalchemy import Row, select

from polycast.core.storage import Unit
from polycast.library.tables.catalogue import parts, people


class PersonStore:
    """Reads people."""

    def get(self, unit: Unit, nanoid: str) -> Row[Any] | None:
        return unit.execute(select(people).where(people.c.nanoid == nanoid)).first()

    def parts(self, unit: Unit, person_id: int) -> list[Row[Any]]:
        query = select(parts).where(parts.c.person_id == person_id).order_by(parts.c.kind, parts.c.position)
        return list(unit.execute(query.limit(1000)))
