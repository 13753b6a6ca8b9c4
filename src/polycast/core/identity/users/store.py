"""Rows of users."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, or_, select, update

from polycast.core.identity.names import username_key
from polycast.core.identity.scopes import Role
from polycast.core.identity.tables import users
from polycast.core.identity.users.model import User
from polycast.core.storage.unit import Unit

_SHOWN = [column for column in users.c if column.name not in {"username_key", "password_hash"}]


class UserStore:
    """The only place that reads and writes `core_users`."""

    def insert(self, unit: Unit, **values: Any) -> User:
        """Add one; `nanoid`, `uuid`, `username`, `role` and the times are needed."""
        key = unit.insert(users, username_key=username_key(values["username"]), **values)
        found = self.get(unit, key)
        if found is None:
            raise LookupError("a row just added is not there")
        return found

    def get(self, unit: Unit, user_id: int) -> User | None:
        return _one(unit.execute(_select().where(users.c.id == user_id)).first())

    def by_key(self, unit: Unit, key: str) -> User | None:
        """By user name or e-mail address, in the form of `sign_in_key`."""
        # Both are unique and neither may equal another user's other (`is_taken`), so there is one row at most.
        rows = unit.execute(_select().where(or_(users.c.username_key == key, users.c.email == key)).limit(1))
        return _one(rows.first())

    def by_nanoid(self, unit: Unit, nanoid: str) -> User | None:
        return _one(unit.execute(_select().where(users.c.nanoid == nanoid)).first())

    def by_uuid(self, unit: Unit, uuid: str) -> User | None:
        return _one(unit.execute(_select().where(users.c.uuid == uuid)).first())

    def password_hash(self, unit: Unit, user_id: int) -> str | None:
        return unit.execute(select(users.c.password_hash).where(users.c.id == user_id)).scalar()

    def is_taken(self, unit: Unit, name: str, *, but: int | None = None) -> bool:
        """Whether `name` (lower case) is another user's name or address: a sign-in takes either in its one field."""
        found = unit.execute(select(users.c.id).where(or_(users.c.username_key == name, users.c.email == name)))
        return any(row.id != but for row in found)

    def list(self, unit: Unit, *, limit: int, offset: int, tenant_id: int | None, search: str) -> list[User]:
        """Users in the order of their making."""
        query = _select().order_by(users.c.id).limit(limit).offset(offset)
        return [_user(row) for row in unit.execute(query.where(*_filters(tenant_id, search)))]

    def count(self, unit: Unit, *, tenant_id: int | None = None, search: str = "") -> int:
        query = select(func.count()).select_from(users).where(*_filters(tenant_id, search))
        return int(unit.execute(query).scalar_one())

    def any(self, unit: Unit) -> bool:
        return unit.execute(select(users.c.id).limit(1)).first() is not None

    def active_owners(self, unit: Unit, *, but: int) -> int:
        """How many owners could still sign in without user `but`."""
        query = select(func.count()).select_from(users)
        query = query.where(users.c.role == Role.OWNER.value, users.c.is_active.is_(True), users.c.id != but)
        return int(unit.execute(query).scalar_one())

    def update(self, unit: Unit, user_id: int, **values: Any) -> None:
        if "username" in values:
            values["username_key"] = username_key(values["username"])
        if "role" in values:
            values["role"] = Role(values["role"]).value
        unit.execute(update(users).where(users.c.id == user_id).values(**values))

    def signed_in(self, unit: Unit, user_id: int, at: datetime) -> None:
        unit.execute(update(users).where(users.c.id == user_id).values(last_sign_in_at=at))

    def delete(self, unit: Unit, user_id: int) -> None:
        unit.execute(delete(users).where(users.c.id == user_id))


def _select() -> Any:
    return select(*_SHOWN, users.c.password_hash.is_not(None).label("has_password"))


def _filters(tenant_id: int | None, search: str) -> list[Any]:
    found: list[Any] = []
    if tenant_id is not None:
        found.append(users.c.tenant_id == tenant_id)
    if search:
        key = search.lower()
        found.append(
            or_(users.c.username_key.contains(key, autoescape=True), users.c.email.contains(key, autoescape=True))
        )
    return found


def _one(row: Row[Any] | None) -> User | None:
    return None if row is None else _user(row)


def _user(row: Row[Any]) -> User:
    values = dict(row._mapping)
    return User(**values | {"role": Role(values["role"]), "has_password": bool(values["has_password"])})
