"""Rows of API keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from polycast.core.identity.keys.model import ApiKey
from polycast.core.identity.scopes import Role, known_scopes
from polycast.core.identity.tables import api_keys
from polycast.core.storage.unit import Unit

_SHOWN = [column for column in api_keys.c if column.name not in {"key_hash", "sealed"}]


class ApiKeyStore:
    """The only place that writes `core_api_keys`."""

    def insert(self, unit: Unit, **values: Any) -> ApiKey:
        found = self.get(unit, unit.insert(api_keys, **values))
        if found is None:
            raise LookupError("a row just added is not there")
        return found

    def get(self, unit: Unit, key_id: int) -> ApiKey | None:
        row = unit.execute(_select().where(api_keys.c.id == key_id)).first()
        return None if row is None else _key(row)

    def by_hash(self, unit: Unit, key_hash: bytes) -> ApiKey | None:
        row = unit.execute(_select().where(api_keys.c.key_hash == key_hash)).first()
        return None if row is None else _key(row)

    def of_user(self, unit: Unit, user_id: int | None) -> list[ApiKey]:
        """The keys of a user, or those that belong to nobody, in the order of their making."""
        rows = unit.execute(_select().where(api_keys.c.user_id.is_not_distinct_from(user_id)).order_by(api_keys.c.id))
        return [_key(row) for row in rows]

    def sealed(self, unit: Unit, key_id: int) -> bytes | None:
        return unit.execute(select(api_keys.c.sealed).where(api_keys.c.id == key_id)).scalar()

    def update(self, unit: Unit, key_id: int, **values: Any) -> None:
        unit.execute(update(api_keys).where(api_keys.c.id == key_id).values(**values))

    def used(self, unit: Unit, key_id: int, at: datetime) -> None:
        later = or_(api_keys.c.used_at.is_(None), api_keys.c.used_at < at)
        unit.execute(update(api_keys).where(api_keys.c.id == key_id, later).values(used_at=at))

    def delete(self, unit: Unit, key_id: int) -> None:
        unit.execute(delete(api_keys).where(api_keys.c.id == key_id))


def _select() -> Any:
    return select(*_SHOWN, api_keys.c.sealed.is_not(None).label("can_show"))


def _key(row: Row[Any]) -> ApiKey:
    values = dict(row._mapping)
    values["scopes"] = known_scopes(values["scopes"])
    values["role"] = None if values["role"] is None else Role(values["role"])
    values["can_show"] = bool(values["can_show"])
    return ApiKey(**values)
