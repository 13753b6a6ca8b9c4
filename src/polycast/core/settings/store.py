"""Rows of what people changed in the UI."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, delete, select

from polycast.core.storage import Instant, Unit, metadata

tables: MetaData = metadata("core")
core_settings = Table(
    "core_settings",
    tables,
    Column("path", String(200), primary_key=True),
    Column("value", LargeBinary, nullable=False),  # JSON; sealed when the setting is a secret
    Column("changed_at", Instant, nullable=False),
)


class SettingsStore:
    """What is stored, by dotted path."""

    def all(self, unit: Unit) -> dict[str, bytes]:
        rows = unit.execute(select(core_settings.c.path, core_settings.c.value))
        return {path: bytes(value) for path, value in rows}

    def put(self, unit: Unit, values: dict[str, bytes], at: datetime) -> None:
        rows: list[dict[str, Any]] = [{"path": p, "value": v, "changed_at": at} for p, v in values.items()]
        unit.upsert(core_settings, rows, key=["path"], update=["value", "changed_at"])

    def drop(self, unit: Unit, paths: list[str]) -> None:
        unit.execute(delete(core_settings).where(core_settings.c.path.in_(paths)))
