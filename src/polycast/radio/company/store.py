"""Rows of what the machine's owner has set, one for each word."""

from collections.abc import Mapping

from sqlalchemy import delete, select

from polycast.core.storage import Unit
from polycast.radio.tables import values


class ValueStore:
    """The only place that writes `radio_values`."""

    def all(self, unit: Unit) -> dict[str, str]:
        """Every open value."""
        return {row.name: row.value for row in unit.execute(select(values.c.name, values.c.value))}

    def sealed(self, unit: Unit, name: str) -> bytes | None:
        found: bytes | None = unit.execute(select(values.c.sealed).where(values.c.name == name)).scalar()
        return found

    def put(self, unit: Unit, given: Mapping[str, str]) -> None:
        rows = [{"name": name, "value": value, "sealed": None} for name, value in given.items()]
        unit.upsert(values, rows, key=["name"], update=["value", "sealed"])

    def seal(self, unit: Unit, name: str, sealed: bytes | None) -> None:
        """Keep a secret, or forget it."""
        unit.execute(delete(values).where(values.c.name == name))
        if sealed is not None:
            unit.upsert(values, [{"name": name, "value": "", "sealed": sealed}], key=["name"], update=["sealed"])
