"""Rows of jingles, their categories, schemes and blocks, and of rotations."""

from typing import Any, Final

from sqlalchemy import Table, delete, select, update

from polycast.core.storage import Unit
from polycast.radio import tables

KINDS: Final[dict[str, Table]] = {
    "rotations": tables.rotations,
    "jingles": tables.jingles,
    "jingle_categories": tables.jingle_categories,
    "jingle_schemes": tables.jingle_schemes,
    "jingle_blocks": tables.jingle_blocks,
    "news": tables.news,
    "auth_listeners": tables.auth_listeners,
    "webhooks": tables.webhooks,
}


class PartStore:
    """Five small tables alike: each row belongs to a station."""

    def get(self, unit: Unit, kind: str, part_id: int) -> dict[str, Any] | None:
        table = KINDS[kind]
        row = unit.execute(select(table).where(table.c.id == part_id)).first()
        return None if row is None else dict(row._mapping)

    def of_station(self, unit: Unit, kind: str, station_id: int) -> list[dict[str, Any]]:
        """In the order of their making."""
        table = KINDS[kind]
        rows = unit.execute(select(table).where(table.c.station_id == station_id).order_by(table.c.id))
        return [dict(row._mapping) for row in rows]

    def insert(self, unit: Unit, kind: str, values: dict[str, Any]) -> int:
        return unit.insert(KINDS[kind], **values)

    def update(self, unit: Unit, kind: str, part_id: int, values: dict[str, Any]) -> None:
        table = KINDS[kind]
        if values:
            unit.execute(update(table).where(table.c.id == part_id).values(**values))

    def delete(self, unit: Unit, kind: str, part_id: int) -> None:
        table = KINDS[kind]
        unit.execute(delete(table).where(table.c.id == part_id))

    def is_of(self, unit: Unit, table: str, station_id: int, key: int) -> bool:
        """Whether a row that is pointed at is the same station's."""
        found = tables.METADATA.tables[f"radio_{table}"].c
        query = select(found.id).where(found.id == key, found.station_id == station_id)
        return unit.execute(query).first() is not None
