"""Rows of devices that wait for somebody to approve their code."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from polycast.core.storage import Unit
from polycast.library.tables.connections import device_logins


class DeviceLoginStore:
    """The only place that writes `library_device_logins`."""

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(device_logins, **values)

    def by_device(self, unit: Unit, device_hash: bytes) -> Row[Any] | None:
        return unit.execute(select(device_logins).where(device_logins.c.device_hash == device_hash)).first()

    def by_code(self, unit: Unit, user_code: str) -> Row[Any] | None:
        return unit.execute(select(device_logins).where(device_logins.c.user_code == user_code)).first()

    def update(self, unit: Unit, key: int, **values: Any) -> None:
        unit.execute(update(device_logins).where(device_logins.c.id == key).values(**values))

    def delete(self, unit: Unit, key: int) -> None:
        unit.execute(delete(device_logins).where(device_logins.c.id == key))

    def purge(self, unit: Unit, before: datetime) -> None:
        unit.execute(delete(device_logins).where(device_logins.c.expires_at < before))

    def count(self, unit: Unit) -> int:
        return int(unit.execute(select(func.count()).select_from(device_logins)).scalar_one())
