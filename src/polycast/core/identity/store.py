"""The reads behind every request: a credential's row together with its owner's, by one index each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Row, select

from polycast.core.identity.caller import Credential
from polycast.core.identity.devices.model import DeviceCheck, DevicePassword
from polycast.core.identity.devices.store import DeviceStore
from polycast.core.identity.known import Known
from polycast.core.identity.scopes import DEVICE_SCOPES, Role, granted, known_scopes
from polycast.core.identity.tables import api_keys, sessions, users
from polycast.core.identity.users.model import User
from polycast.core.identity.users.store import UserStore
from polycast.core.storage.unit import Unit

_OWNER = (users.c.username, users.c.role, users.c.tenant_id, users.c.is_active)
_SESSION = select(
    sessions.c.id,
    sessions.c.user_id,
    sessions.c.kind,
    sessions.c.scopes,
    sessions.c.profile_id,
    sessions.c.ends_at,
    sessions.c.fresh_at,
    sessions.c.seen_at,
    *_OWNER,
).join(users, users.c.id == sessions.c.user_id)
_KEY = select(
    api_keys.c.id,
    api_keys.c.user_id,
    api_keys.c.role.label("key_role"),
    api_keys.c.name,
    api_keys.c.scopes,
    api_keys.c.ends_at,
    api_keys.c.used_at,
    *_OWNER,
).outerjoin(users, users.c.id == api_keys.c.user_id)


class Login(Struct, frozen=True, kw_only=True):
    """All that a user name and a password may be compared with."""

    user: User | None
    password_hash: str | None
    devices: Sequence[DeviceCheck]
    key: Known | None  # the API key whose text the password is


class CredentialStore:
    """Reads of sessions, keys and users, joined for `authenticate`."""

    def __init__(self, users: UserStore, devices: DeviceStore) -> None:
        self._users = users
        self._devices = devices

    def session(self, unit: Unit, token_hash: bytes) -> Known | None:
        return _session(unit.execute(_SESSION.where(sessions.c.token_hash == token_hash)).first())

    def session_by_id(self, unit: Unit, session_id: int) -> Known | None:
        return _session(unit.execute(_SESSION.where(sessions.c.id == session_id)).first())

    def key(self, unit: Unit, key_hash: bytes) -> Known | None:
        return _key(unit.execute(_KEY.where(api_keys.c.key_hash == key_hash)).first())

    def key_by_id(self, unit: Unit, key_id: int) -> Known | None:
        return _key(unit.execute(_KEY.where(api_keys.c.id == key_id)).first())

    def token(self, unit: Unit, token_hash: bytes, *, keys_first: bool) -> Known | None:
        """A session or a key, by the hash of its text; the likelier one is looked for first."""
        looks = (self.key, self.session) if keys_first else (self.session, self.key)
        return looks[0](unit, token_hash) or looks[1](unit, token_hash)

    def user(self, unit: Unit, user_id: int) -> Known | None:
        """A user without any credential of theirs."""
        user = self._users.get(unit, user_id)
        return None if user is None else known_user(user)

    def device(self, unit: Unit, device_id: int) -> Known | None:
        """A device password, by id: for the links that were handed out for it."""
        row = self._devices.get(unit, device_id)
        user = None if row is None else self._users.get(unit, row.user_id)
        return None if row is None or user is None else known_device(known_user(user), row)

    def login(self, unit: Unit, name: str, *, now: datetime, key_hash: bytes | None) -> Login:
        """What there is for `name`, in the form of `sign_in_key`."""
        user = self._users.by_key(unit, name)
        if user is None:
            return Login(user=None, password_hash=None, devices=(), key=None)
        key = None if key_hash is None else self.key(unit, key_hash)
        return Login(
            user=user,
            password_hash=self._users.password_hash(unit, user.id),
            devices=self._devices.checks(unit, user.id, now=now),
            key=key if key is not None and key.user_id == user.id else None,
        )


def known_user(user: User) -> Known:
    """A user who proved to be one by the login password."""
    return Known(
        credential=Credential.DEVICE,
        credential_id=None,
        user_id=user.id,
        username=user.username,
        role=user.role,
        tenant_id=user.tenant_id,
        scopes=user.scopes,
        is_active=user.is_active,
    )


def known_device(known: Known, device: DeviceCheck | DevicePassword) -> Known:
    """The owner, `known`, as far as one of their device passwords goes."""
    own = DEVICE_SCOPES if device.scopes is None else device.scopes
    return replace(
        known, credential_id=device.id, scopes=known.scopes & own, ends_at=device.ends_at, used_at=device.used_at
    )


def _session(row: Row[Any] | None) -> Known | None:
    if row is None:
        return None
    role = Role(row.role)
    return Known(
        credential=Credential.SESSION,
        credential_id=row.id,
        kind=row.kind,
        user_id=row.user_id,
        username=row.username,
        role=role,
        tenant_id=row.tenant_id,
        profile_id=row.profile_id,
        scopes=granted(role, known_scopes(row.scopes)),
        is_active=row.is_active,
        ends_at=row.ends_at,
        fresh_at=row.fresh_at,
        used_at=row.seen_at,
    )


def _key(row: Row[Any] | None) -> Known | None:
    if row is None:
        return None
    role = Role(row.role or row.key_role or Role.GUEST)
    return Known(
        credential=Credential.API_KEY,
        credential_id=row.id,
        user_id=row.user_id,
        username=row.username or f"key {row.name}",
        role=role,
        tenant_id=row.tenant_id,
        scopes=granted(role, known_scopes(row.scopes)),
        is_active=True if row.user_id is None else row.is_active,
        ends_at=row.ends_at,
        used_at=row.used_at,
    )
