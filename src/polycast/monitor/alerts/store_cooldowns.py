"""Rows of cooldowns."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from polycast.core.storage import Unit
from polycast.monitor.tables import cooldowns


class CooldownStore:
    """When, and a JSON value, by name."""

    def all(self, unit: Unit) -> dict[str, tuple[datetime, str]]:
        return {row.name: (row.at, row.value) for row in unit.execute(select(cooldowns))}

    def put(self, unit: Unit, rows: Mapping[str, tuple[datetime, str]]) -> None:
        values = [{"name": name, "at": at, "value": value} for name, (at, value) in rows.items()]
        unit.upsert(cooldowns, values, key=["name"], update=["at", "value"])

    def drop_before(self, unit: Unit, moment: datetime) -> None:
        """Those that say no more than a time."""
        unit.execute(delete(cooldowns).where(cooldowns.c.at < moment, cooldowns.c.value == ""))

    def drop_of(self, unit: Unit, dvr_id: str) -> None:
        unit.execute(delete(cooldowns).where(cooldowns.c.name.startswith(f"{dvr_id}|", autoescape=True)))
