"""Rows of user agents, profiles and settings."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct
from sqlalchemy import Table, delete, func, select, update

from polycast.core.storage import Unit
from polycast.live import tables

R = TypeVar("R", bound=Struct)


class Rows(Generic[R]):
    """One small table of named rows; `struct` has the names of its columns."""

    def __init__(self, table: Table, struct: type[R]) -> None:
        self.table = table
        self._struct = struct
        self._columns = [table.c[name] for name in struct.__struct_fields__]

    def all(self, unit: Unit) -> list[R]:
        rows = unit.execute(select(*self._columns).order_by(self.table.c.id))
        return [self._struct(**row._mapping) for row in rows]

    def get(self, unit: Unit, row_id: int) -> R | None:
        row = unit.execute(select(*self._columns).where(self.table.c.id == row_id)).one_or_none()
        return self._struct(**row._mapping) if row else None

    def taken(self, unit: Unit, column: str, value: str, *, but: int | None = None) -> bool:
        """Whether another row has `value` in a column that is unique."""
        found = select(func.count()).select_from(self.table).where(self.table.c[column] == value)
        if but is not None:
            found = found.where(self.table.c.id != but)
        return bool(unit.execute(found).scalar_one())

    def insert(self, unit: Unit, values: Mapping[str, Any]) -> int:
        return unit.insert(self.table, **values)

    def update(self, unit: Unit, row_id: int, values: Mapping[str, Any]) -> None:
        if values:
            unit.execute(update(self.table).where(self.table.c.id == row_id).values(**values))

    def delete(self, unit: Unit, row_id: int) -> None:
        unit.execute(delete(self.table).where(self.table.c.id == row_id))


class SettingsStore:
    """What was changed in the groups of settings."""

    def all(self, unit: Unit) -> dict[str, tuple[int, str, dict[str, Any]]]:
        """By key: id, name, stored values."""
        table = tables.settings
        rows = unit.execute(select(table.c.id, table.c.key, table.c.name, table.c.value))
        return {row.key: (row.id, row.name, row.value) for row in rows}

    def value(self, unit: Unit, key: str) -> dict[str, Any]:
        table = tables.settings
        stored: dict[str, Any] | None = unit.execute(
            select(table.c.value).where(table.c.key == key)
        ).scalar_one_or_none()
        return stored or {}

    def put(self, unit: Unit, key: str, name: str, value: Mapping[str, Any]) -> None:
        unit.upsert(
            tables.settings, [{"key": key, "name": name, "value": value}], key=["key"], update=["value", "name"]
        )

    def delete(self, unit: Unit, key: str) -> None:
        unit.execute(delete(tables.settings).where(tables.settings.c.key == key))
