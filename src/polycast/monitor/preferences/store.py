"""Rows of the flat settings."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, select

from polycast.core.storage import Unit
from polycast.monitor.tables import preferences


class PreferenceStore:
    """What somebody has set, by key; secrets in stored form."""

    def all(self, unit: Unit) -> dict[str, Any]:
        rows = unit.execute(select(preferences.c.name, preferences.c.value))
        return {name: msgspec.json.decode(value) for name, value in rows}

    def put(self, unit: Unit, values: Mapping[str, Any]) -> None:
        rows = [{"name": name, "value": msgspec.json.encode(value).decode()} for name, value in values.items()]
        unit.upsert(preferences, rows, key=["name"], update=["value"])

    def drop(self, unit: Unit, names: Sequence[str]) -> None:
        unit.execute(delete(preferences).where(preferences.c.name.in_(names)))
