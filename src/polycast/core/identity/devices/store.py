"""Rows of device passwords."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from polycast.core.identity.devices.model import DeviceCheck, DevicePassword
from polycast.core.identity.scopes import known_scopes
from polycast.core.identity.tables import device_passwords as devices
from polycast.core.storage.unit import Unit

_SHOWN = [column for column in devices.c if column.name not in {"secret_hash", "password_hash"}]


class DeviceStore:
    """The only place that reads and writes `core_device_passwords`."""

    def put(self, unit: Unit, *, user_id: int, name: str, **values: Any) -> DevicePassword:
        """Add one, in the place of the one with the same name."""
        self.delete_named(unit, user_id, name)
        found = self.get(unit, unit.insert(devices, user_id=user_id, name=name, **values))
        if found is None:
            raise LookupError("a row just added is not there")
        return found

    def get(self, unit: Unit, device_id: int) -> DevicePassword | None:
        row = unit.execute(_select().where(devices.c.id == device_id)).first()
        return None if row is None else _device(row)

    def named(self, unit: Unit, user_id: int, name: str) -> DevicePassword | None:
        row = unit.execute(_select().where(devices.c.user_id == user_id, devices.c.name == name)).first()
        return None if row is None else _device(row)

    def of_user(self, unit: Unit, user_id: int) -> list[DevicePassword]:
        rows = unit.execute(_select().where(devices.c.user_id == user_id).order_by(devices.c.id))
        return [_device(row) for row in rows]

    def checks(self, unit: Unit, user_id: int, *, now: datetime) -> list[DeviceCheck]:
        """What to compare with: those that have not ended."""
        columns = (devices.c.id, devices.c.secret_hash, devices.c.password_hash, devices.c.scopes, devices.c.networks)
        lives = or_(devices.c.ends_at.is_(None), devices.c.ends_at > now)
        query = select(*columns, devices.c.used_at, devices.c.ends_at).where(devices.c.user_id == user_id, lives)
        return [
            DeviceCheck(
                id=row.id,
                secret_hash=None if row.secret_hash is None else bytes(row.secret_hash),
                password_hash=row.password_hash,
                scopes=known_scopes(row.scopes),
                networks=None if row.networks is None else tuple(row.networks),
                used_at=row.used_at,
                ends_at=row.ends_at,
            )
            for row in unit.execute(query.order_by(devices.c.id))
        ]

    def used(self, unit: Unit, device_id: int, at: datetime) -> None:
        later = or_(devices.c.used_at.is_(None), devices.c.used_at < at)
        unit.execute(update(devices).where(devices.c.id == device_id, later).values(used_at=at))

    def delete(self, unit: Unit, device_id: int) -> None:
        unit.execute(delete(devices).where(devices.c.id == device_id))

    def delete_named(self, unit: Unit, user_id: int, name: str) -> None:
        unit.execute(delete(devices).where(devices.c.user_id == user_id, devices.c.name == name))


def _select() -> Any:
    return select(*_SHOWN, devices.c.password_hash.is_not(None).label("is_chosen"))


def _device(row: Row[Any]) -> DevicePassword:
    values = dict(row._mapping)
    values["scopes"] = known_scopes(values["scopes"])
    values["networks"] = None if values["networks"] is None else tuple(values["networks"])
    values["is_chosen"] = bool(values["is_chosen"])
    return DevicePassword(**values)
