"""What people have arranged for themselves, by name."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from polycast.core.storage import Unit
from polycast.library.tables.collections import preferences


class PreferenceStore:
    """The only place that writes `library_preferences`."""

    def get(self, unit: Unit, user_id: int, name: str) -> Any:
        query = select(preferences.c.body).where(preferences.c.user_id == user_id, preferences.c.name == name)
        row = unit.execute(query).first()
        return None if row is None else row[0]

    def put(self, unit: Unit, user_id: int, name: str, body: Any, at: datetime) -> None:
        row = {"user_id": user_id, "name": name, "body": body, "updated_at": at}
        unit.upsert(preferences, [row], key=["user_id", "name"], update=["body", "updated_at"])

    def drop(self, unit: Unit, user_id: int, name: str) -> None:
        unit.execute(delete(preferences).where(preferences.c.user_id == user_id, preferences.c.name == name))

    def named(self, unit: Unit, user_id: int, begins: str) -> dict[str, Any]:
        query = select(preferences.c.name, preferences.c.body).where(
            preferences.c.user_id == user_id, preferences.c.name.startswith(begins, autoescape=True)
        )
        return {row.name: row.body for row in unit.execute(query)}
