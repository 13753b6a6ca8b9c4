"""Making, changing and removing users, and the rules that keep at least one owner."""

from datetime import datetime
from typing import Any, Protocol

from msgspec import UNSET

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, Problem
from polycast.core.identity.audit.service import Audit
from polycast.core.identity.caller import Caller
from polycast.core.identity.devices.store import DeviceStore
from polycast.core.identity.events import CredentialEnded, UserAdded, UserChanged, UserRemoved
from polycast.core.identity.known import KnownCache
from polycast.core.identity.names import (
    check,
    email_key,
    email_problems,
    sign_in_key,
    username_base,
    username_key,
    username_problems,
)
from polycast.core.identity.passwords import STRICT, Hasher, PasswordRule
from polycast.core.identity.rights import is_whole, may_touch
from polycast.core.identity.scopes import Role, Scope
from polycast.core.identity.sessions.service import Sessions
from polycast.core.identity.users.model import User, UserNew, UserPatch, UserReady
from polycast.core.identity.users.store import UserStore
from polycast.core.ids import Ids
from polycast.core.storage.database import Database
from polycast.core.storage.text import clean
from polycast.core.storage.unit import Unit

PAGE = 1000


class Reserved(Protocol):
    """The names that nobody may have: first segments of our own paths, in lower case."""

    def __call__(self) -> frozenset[str]: ...


class Users:
    """Who has an account here.

    The `async` methods ask what the caller may do. Those that take a `unit` do not: they are for dialects with rights
    of their own (a reseller and their accounts) and for bigger transactions.
    """

    def __init__(
        self, *, db: Database, store: UserStore, devices: DeviceStore, sessions: Sessions, hasher: Hasher,
        audit: Audit, known: KnownCache, clock: Clock, ids: Ids, reserved: Reserved,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._devices = devices
        self._sessions = sessions
        self._hasher = hasher
        self._audit = audit
        self._known = known
        self._clock = clock
        self._ids = ids
        self._reserved = reserved

    async def create(self, caller: Caller, new: UserNew, *, rule: PasswordRule = STRICT) -> User:
        """Raises: NotAllowed without `core:admin`, or for an owner made by anybody else; Invalid."""
        caller.require(Scope.CORE_ADMIN)
        may_touch(caller, new.role)
        ready = await self.prepare(new, rule=rule)
        return await self._db.write(self.add_in, ready, by=caller)

    async def prepare(self, new: UserNew, *, rule: PasswordRule = STRICT) -> UserReady:
        """Check the input and hash the password. Raises: Invalid, with all that is wrong."""
        email = email_key(new.email)
        problems: list[Problem] = []
        if new.username is not None:
            problems += username_problems(new.username, reserved=self._reserved())
        elif email is None:
            problems.append(Problem("username", "required", {}, "A user name is needed."))
        if email is not None:
            problems += email_problems(email)
        if new.password is not None:
            problems += rule.problems(new.password, names=(new.username, email, new.name))
        check(problems)
        hashed = None if new.password is None else await self._hasher.hash(new.password)
        return UserReady(new=new, password_hash=hashed)

    def add_in(self, unit: Unit, ready: UserReady, *, by: Caller) -> User:
        """Store what `prepare` checked. Raises: Invalid, when a name is taken."""
        new, now = ready.new, self._clock.now()
        email = email_key(new.email)
        username = new.username or self._free_username(unit, email or "")
        self._check_free(unit, username if new.username else None, email)
        user = self._store.insert(
            unit,
            nanoid=self._ids.nanoid(),
            uuid=self._ids.uuid(),
            username=username,
            email=email,
            name=clean(new.name, 255),
            role=new.role.value,
            tenant_id=new.tenant_id,
            is_active=new.is_active,
            password_hash=ready.password_hash,
            password_changed_at=None if ready.password_hash is None else now,
            created_at=now,
            updated_at=now,
        )
        unit.publish(UserAdded(user_id=user.id, username=user.username, role=user.role.value))
        self._audit.note(unit, by, "user.create", target=f"user:{user.id}", details={"username": user.username})
        return user

    async def get(self, caller: Caller, user_id: int) -> User:
        """Oneself, or anybody with `core:admin`. Raises: NotFound."""
        if caller.is_anonymous:
            raise NotSignedIn
        if user_id != caller.user_id and not caller.has(Scope.CORE_ADMIN):
            raise NotFound("The user")
        return await self._db.read(self.require_in, user_id)

    async def find(self, name: str) -> User | None:
        """By user name or e-mail address, as typed at a sign-in."""
        return await self._db.read(self._store.by_key, sign_in_key(name))

    async def by_nanoid(self, nanoid: str) -> User | None:
        """By the 21-character form of the id."""
        return await self._db.read(self._store.by_nanoid, nanoid)

    async def by_uuid(self, uuid: str) -> User | None:
        """By the UUID form of the id, lower case with dashes."""
        return await self._db.read(self._store.by_uuid, uuid)

    def find_in(self, unit: Unit, user_id: int) -> User | None:
        """By id, in `unit`."""
        return self._store.get(unit, user_id)

    def require_in(self, unit: Unit, user_id: int) -> User:
        """By id, in `unit`. Raises: NotFound."""
        found = self._store.get(unit, user_id)
        if found is None:
            raise NotFound("The user")
        return found

    async def any(self) -> bool:
        """Whether there is a user at all: until then the first run is open."""
        return await self._db.read(self._store.any)

    async def count(self, caller: Caller, *, tenant_id: int | None = None, search: str = "") -> int:
        """How many `list` would give in all."""
        caller.require(Scope.CORE_ADMIN)
        return await self._db.read(self._store.count, tenant_id=tenant_id, search=search)

    async def update(self, caller: Caller, user_id: int, patch: UserPatch) -> User:
        """Change a user; oneself without `core:admin` only in name, user name and address.

        Raises: NotAllowed; NotFound; Invalid; Conflict, when no owner would be left.
        """
        if caller.is_anonymous:
            raise NotSignedIn
        if user_id != caller.user_id:
            caller.require(Scope.CORE_ADMIN)
        elif not caller.has(Scope.CORE_ADMIN):
            # A limited key must not change the address that a password can be reset by.
            is_more = (patch.role, patch.tenant_id, patch.is_active) != (UNSET, UNSET, UNSET)
            if is_more or not is_whole(caller):
                raise NotAllowed
        return await self._db.write(self._update, caller, user_id, patch)

    def _update(self, unit: Unit, caller: Caller, user_id: int, patch: UserPatch) -> User:
        may_touch(caller, self.require_in(unit, user_id).role)
        if patch.role is not UNSET:
            may_touch(caller, patch.role)
        return self.update_in(unit, user_id, patch, by=caller)

    def update_in(self, unit: Unit, user_id: int, patch: UserPatch, *, by: Caller) -> User:
        """`update` in `unit`, for whoever asked what the caller may do."""
        before = self.require_in(unit, user_id)
        values = self._changes(unit, before, patch)
        if not values:
            return before
        self._store.update(unit, user_id, **values, updated_at=self._clock.now())
        after = self.require_in(unit, user_id)
        if before.role is Role.OWNER and (after.role is not Role.OWNER or not after.is_active):
            self._keep_an_owner(unit, user_id)
        if (after.role, after.tenant_id, after.is_active) != (before.role, before.tenant_id, before.is_active):
            self._end_everything(unit, user_id, reason="role" if after.is_active else "disabled")
        unit.publish(
            UserChanged(user_id=user_id, username=after.username, role=after.role.value, is_active=after.is_active)
        )
        self._audit.note(unit, by, "user.update", target=f"user:{user_id}", details=_told(values))
        return after

    async def set_password(self, caller: Caller, user_id: int, password: str, *, rule: PasswordRule = STRICT) -> None:
        """Give a user a new password and end their sessions. One's own goes through `SignIns.change_password`.

        Raises: NotAllowed, without `core:admin`; NotFound; Invalid.
        """
        caller.require(Scope.CORE_ADMIN)
        user = await self._db.read(self.require_in, user_id)
        may_touch(caller, user.role)
        hashed = await self.prepare_password(user, password, rule=rule)
        await self._db.write(self.set_password_in, user_id, hashed, by=caller)

    async def prepare_password(self, user: User, password: str, *, rule: PasswordRule = STRICT) -> str:
        """Check a new password and hash it. Raises: Invalid, also when it is one of the user's device passwords."""
        if problems := rule.problems(password, names=(user.username, user.email, user.name)):
            raise Invalid(problems)
        for device in await self._db.read(self._devices.checks, user.id, now=self._clock.now()):
            if device.password_hash and await self._hasher.verify(device.password_hash, password):
                raise Invalid.one("password", "same_as_device", "This is already one of your device passwords.")
        return await self._hasher.hash(password)

    def set_password_in(self, unit: Unit, user_id: int, hashed: str, *, by: Caller, keep: int | None = None) -> None:
        """Store what `prepare_password` made, and end the sessions."""
        now = self._clock.now()
        self.require_in(unit, user_id)
        self._store.update(unit, user_id, password_hash=hashed, password_changed_at=now, updated_at=now)
        self._sessions.end_all_in(unit, user_id, reason="password", keep=keep)
        self._audit.note(unit, by, "user.password", target=f"user:{user_id}")

    async def delete(self, caller: Caller, user_id: int) -> None:
        """Remove a user and all that is theirs. Raises: NotAllowed; NotFound; Conflict for the last owner."""
        caller.require(Scope.CORE_ADMIN)
        await self._db.write(self._delete, caller, user_id)

    def _delete(self, unit: Unit, caller: Caller, user_id: int) -> None:
        may_touch(caller, self.require_in(unit, user_id).role)
        self.delete_in(unit, user_id, by=caller)

    def delete_in(self, unit: Unit, user_id: int, *, by: Caller) -> None:
        """`delete` in `unit`, for whoever asked what the caller may do. Raises: NotFound; Conflict."""
        user = self.require_in(unit, user_id)
        if user.role is Role.OWNER:
            self._keep_an_owner(unit, user_id)
        self._end_everything(unit, user_id, reason="deleted")
        self._store.delete(unit, user_id)
        unit.publish(UserRemoved(user_id=user_id, username=user.username))
        self._audit.note(unit, by, "user.delete", target=f"user:{user_id}", details={"username": user.username})

    async def list(
        self, caller: Caller, *, limit: int = 50, offset: int = 0, tenant_id: int | None = None, search: str = ""
    ) -> list[User]:
        """Users in the order of their making. Raises: NotAllowed, without `core:admin`."""
        caller.require(Scope.CORE_ADMIN)
        return await self._db.read(
            self._store.list, limit=min(limit, PAGE), offset=offset, tenant_id=tenant_id, search=search
        )

    def _changes(self, unit: Unit, before: User, patch: UserPatch) -> dict[str, Any]:
        """The columns that `patch` really changes. Raises: Invalid."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        if patch.username is not UNSET and patch.username != before.username:
            values["username"] = patch.username
            problems += username_problems(patch.username, reserved=self._reserved())
        if patch.email is not UNSET and (email := email_key(patch.email)) != before.email:
            values["email"] = email
            problems += [] if email is None else email_problems(email)
        if patch.name is not UNSET:
            values["name"] = clean(patch.name, 255)
        rest = {"role": patch.role, "tenant_id": patch.tenant_id, "is_active": patch.is_active}
        values |= {name: value for name, value in rest.items() if value is not UNSET}
        check(problems)
        self._check_free(unit, values.get("username"), values.get("email"), but=before.id)
        return {name: value for name, value in values.items() if value != getattr(before, name)}

    def _check_free(self, unit: Unit, username: str | None, email: str | None, *, but: int | None = None) -> None:
        problems: list[Problem] = []
        if username is not None and self._store.is_taken(unit, username_key(username), but=but):
            problems.append(Problem("username", "unique", {}, "This user name is taken."))
        if email is not None and self._store.is_taken(unit, email, but=but):
            problems.append(Problem("email", "unique", {}, "This e-mail address is taken."))
        check(problems)

    def _free_username(self, unit: Unit, email: str) -> str:
        base = username_base(email)
        taken = self._reserved()
        name, number = base, 1
        while name.lower() in taken or self._store.is_taken(unit, name.lower()):
            number += 1
            name = f"{base}{number}"
        return name

    def _keep_an_owner(self, unit: Unit, but: int) -> None:
        if not self._store.active_owners(unit, but=but):
            raise Conflict("The last owner cannot be taken away.", reason="last_owner")

    def _end_everything(self, unit: Unit, user_id: int, *, reason: str) -> None:
        """Sessions go; keys and device passwords stay, but whatever they hold open is looked at anew."""
        self._sessions.end_all_in(unit, user_id, reason=reason)
        self._known.announce(unit, CredentialEnded(user_id=user_id, reason=reason))


def _told(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if not isinstance(value, datetime)}
