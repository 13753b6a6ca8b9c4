"""Making and revoking device passwords."""

import ipaddress
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.identity.audit.service import Audit
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.devices.model import DeviceMade, DeviceNew, DevicePassword
from polycast.core.identity.devices.store import DeviceStore
from polycast.core.identity.events import CredentialEnded
from polycast.core.identity.known import KnownCache
from polycast.core.identity.passwords import STRICT, Hasher, PasswordRule
from polycast.core.identity.rights import is_whole, may_touch, whose
from polycast.core.identity.scopes import DEVICE_SCOPES, Scope
from polycast.core.identity.users.store import UserStore
from polycast.core.secrets.tokens import Tokens
from polycast.core.storage.database import Database
from polycast.core.storage.text import clean
from polycast.core.storage.unit import Unit

MOST: Final = 50  # of one user
MOST_CHOSEN: Final = 5  # each costs a slow hash at a wrong password


class DeviceReady(Struct, frozen=True, kw_only=True):
    """A device password that was checked and hashed: all that is slow is done."""

    new: DeviceNew
    password: str
    secret_hash: bytes | None
    password_hash: str | None

    def __repr__(self) -> str:
        return f"DeviceReady({self.new.name!r})"


class DevicePasswords:
    """Passwords for players and other devices; each can be taken back without touching the others."""

    def __init__(
        self, *, db: Database, store: DeviceStore, users: UserStore, hasher: Hasher, tokens: Tokens, clock: Clock,
        known: KnownCache, audit: Audit,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._users = users
        self._hasher = hasher
        self._tokens = tokens
        self._clock = clock
        self._known = known
        self._audit = audit

    async def put(self, caller: Caller, new: DeviceNew, *, user_id: int | None = None) -> DeviceMade:
        """Make one, in the place of the user's one with the same name.

        Raises: NotAllowed, for another's without `core:admin`; Invalid; Conflict, when there are too many.
        """
        owner = whose(caller, user_id)
        if owner != caller.user_id and (user := await self._db.read(self._users.get, owner)) is not None:
            may_touch(caller, user.role)
        if not is_whole(caller):
            own = DEVICE_SCOPES if new.scopes is None else new.scopes
            new = replace(new, scopes=own & caller.scopes)
        ready = await self.prepare(owner, new)
        row = await self._db.write(self.put_in, caller, owner, ready)
        return DeviceMade(row=row, password=ready.password)

    async def prepare(self, user_id: int, new: DeviceNew, *, rule: PasswordRule = STRICT) -> DeviceReady:
        """Check and hash. Raises: Invalid, also when the password is the user's login password."""
        if not clean(new.name, 100):
            raise Invalid.one("name", "blank", "A device password needs a name.")
        _check_networks(new.networks)
        if new.password is None:
            password = self._tokens.new()
            return DeviceReady(new=new, password=password, secret_hash=self._tokens.hash(password), password_hash=None)
        user = await self._db.read(self._users.get, user_id)
        if user is None:
            raise NotFound("The user")
        if problems := rule.problems(new.password, names=(user.username, user.email)):
            raise Invalid(problems)
        login = await self._db.read(self._users.password_hash, user_id)
        if login is not None and await self._hasher.verify(login, new.password):
            raise Invalid.one("password", "same_as_login", "A device password must not be the login password.")
        hashed = await self._hasher.hash(new.password)
        return DeviceReady(new=new, password=new.password, secret_hash=None, password_hash=hashed)

    def put_in(self, unit: Unit, caller: Caller, user_id: int, ready: DeviceReady) -> DevicePassword:
        """Store what `prepare` made, in `unit`."""
        name = clean(ready.new.name, 100)
        present = [row for row in self._store.of_user(unit, user_id) if row.name != name]
        chosen = sum(row.is_chosen for row in present)
        if len(present) >= MOST or (ready.password_hash is not None and chosen >= MOST_CHOSEN):
            raise Conflict("There are too many device passwords; revoke one first.", reason="too_many_devices")
        replaced = self._store.named(unit, user_id, name)
        row = self._store.put(
            unit,
            user_id=user_id,
            name=name,
            secret_hash=ready.secret_hash,
            password_hash=ready.password_hash,
            scopes=None if ready.new.scopes is None else sorted(ready.new.scopes),
            networks=None if ready.new.networks is None else list(ready.new.networks),
            created_at=self._clock.now(),
            ends_at=ready.new.ends_at,
        )
        if replaced is not None:
            self._announce(unit, replaced)
        self._audit.note(unit, caller, "device.create", target=f"device:{row.id}", details={"name": name})
        return row

    async def named(self, user_id: int, name: str) -> DevicePassword | None:
        """The user's one of that name."""
        return await self._db.read(self._store.named, user_id, name)

    async def revoke(self, caller: Caller, device_id: int) -> None:
        """It opens nothing any more, at once. Raises: NotFound, also for another's without `core:admin`."""
        await self._db.write(self._revoke, caller, device_id)

    def _revoke(self, unit: Unit, caller: Caller, device_id: int) -> None:
        row = self._store.get(unit, device_id)
        if row is None or (row.user_id != caller.user_id and not caller.has(Scope.CORE_ADMIN)):
            raise NotFound("The device password")
        self._drop(unit, caller, row)

    def revoke_named_in(self, unit: Unit, caller: Caller, user_id: int, name: str) -> None:
        """Revoke the user's one of that name, when there is one, in `unit`."""
        if row := self._store.named(unit, user_id, name):
            self._drop(unit, caller, row)

    def used_in(self, unit: Unit, device_id: int, at: datetime) -> None:
        """Note a use."""
        self._store.used(unit, device_id, at)

    async def list(self, caller: Caller, *, user_id: int | None = None) -> list[DevicePassword]:
        """The caller's; another's with `core:admin`."""
        return await self._db.read(self._store.of_user, whose(caller, user_id))

    def _drop(self, unit: Unit, caller: Caller, row: DevicePassword) -> None:
        self._store.delete(unit, row.id)
        self._announce(unit, row)
        self._audit.note(unit, caller, "device.revoke", target=f"device:{row.id}", details={"name": row.name})

    def _announce(self, unit: Unit, row: DevicePassword) -> None:
        self._known.announce(
            unit,
            CredentialEnded(user_id=row.user_id, credential=Credential.DEVICE, credential_id=row.id, reason="revoked"),
        )


def _check_networks(networks: tuple[str, ...] | None) -> None:
    for index, text in enumerate(networks or ()):
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise Invalid.one(f"networks.{index}", "invalid_network", f"{text!r} is no network.") from error
