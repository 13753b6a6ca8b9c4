"""People and keys as the watch names them: viewer, operator, admin. Rows, rights and rules are the core's.

Source: specs/monitor.md 2.7, 3.11.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import UNSET, Struct, UnsetType

from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.keys.model import ApiKey, ApiKeyMade, ApiKeyNew
from polycast.core.identity.rights import may_touch
from polycast.core.identity.scopes import Role, Scope
from polycast.core.identity.service import Identity
from polycast.core.identity.sessions.model import Session
from polycast.core.identity.users.model import User, UserNew, UserPatch
from polycast.core.storage import Database, Unit
from polycast.monitor.access.modes import KEY_NAME, MADE_BY

ROLES: Final[Mapping[str, Role]] = {"viewer": Role.MEMBER, "operator": Role.OPERATOR, "admin": Role.ADMIN}
# A key of this API opens the watch and nothing else of the server.
SCOPES: Final[Mapping[str, frozenset[Scope]]] = {
    "viewer": frozenset({Scope.MONITOR_READ}),
    "operator": frozenset({Scope.MONITOR_READ, Scope.MONITOR_WRITE}),
    "admin": frozenset({Scope.MONITOR_READ, Scope.MONITOR_WRITE, Scope.MONITOR_ADMIN}),
}


class PersonNew(Struct, frozen=True, kw_only=True):
    """A user to be made."""

    username: str
    password: str
    role: str = "viewer"

    def __repr__(self) -> str:
        return f"PersonNew({self.username!r})"


class PersonPatch(Struct, frozen=True, kw_only=True):
    """What to change of a user; absent keeps."""

    username: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET

    def __repr__(self) -> str:
        return "PersonPatch()"


class People:
    """Users by name, where they are signed in, and keys that belong to the server."""

    def __init__(self, *, identity: Identity, db: Database) -> None:
        self._identity = identity
        self._db = db

    async def page(self, caller: Caller, *, offset: int, limit: int) -> tuple[list[User], int]:
        """In the order of their making, and how many there are."""
        users = self._identity.users
        return await users.list(caller, limit=limit, offset=offset), await users.count(caller)

    async def get(self, username: str) -> User:
        """Raises: NotFound."""
        found = await self._identity.users.find(username)
        if found is None or found.username.lower() != username.lower():  # an e-mail address is no name here
            raise NotFound(f"User '{username[:64]}'")
        return found

    async def add(self, caller: Caller, new: PersonNew) -> User:
        """Raises: NotAllowed; Invalid."""
        made = UserNew(username=new.username, password=new.password, role=role_of(new.role))
        return await self._identity.users.create(caller, made)

    async def change(self, caller: Caller, username: str, patch: PersonPatch) -> User:
        """All of it or nothing. Raises: NotAllowed; NotFound; Invalid; Conflict, for the last owner."""
        caller.require(Scope.CORE_ADMIN)
        user = await self.get(username)
        may_touch(caller, user.role)
        role: Role | UnsetType = UNSET
        if patch.role is not UNSET:
            role = role_of(patch.role)
            if role is Role.ADMIN and user.role is Role.OWNER:
                role = UNSET  # an owner is an admin here already
            else:
                may_touch(caller, role)
        wanted = UserPatch(
            username=patch.username, role=role, is_active=UNSET if patch.disabled is UNSET else not patch.disabled
        )
        hashed = None
        if patch.password is not UNSET:
            hashed = await self._identity.users.prepare_password(user, patch.password)
        return await self._db.write(self._change, caller, user.id, wanted, hashed)

    def _change(self, unit: Unit, caller: Caller, user_id: int, patch: UserPatch, hashed: str | None) -> User:
        users = self._identity.users
        changed = users.update_in(unit, user_id, patch, by=caller)
        if hashed is not None:
            users.set_password_in(unit, user_id, hashed, by=caller)
            changed = users.require_in(unit, user_id)
        return changed

    async def remove(self, caller: Caller, username: str) -> None:
        """Raises: NotAllowed; NotFound; Conflict, for the last owner."""
        caller.require(Scope.CORE_ADMIN)
        await self._identity.users.delete(caller, (await self.get(username)).id)

    async def sessions(self, caller: Caller, username: str) -> list[Session]:
        """Where somebody is signed in; empty `username` for the caller. Raises: NotFound, for others without right."""
        user_id = (await self.get(username)).id if username and caller.has(Scope.CORE_ADMIN) else None
        if username and user_id is None and username.lower() != caller.username.lower():
            raise NotFound(f"User '{username[:64]}'")
        return await self._identity.sessions.list(caller, user_id=user_id)

    async def end_session(self, caller: Caller, session_id: int) -> None:
        """Raises: NotFound, also for another's without right."""
        await self._identity.sessions.end(caller, session_id)

    async def keys(self, caller: Caller) -> list[ApiKey]:
        """Keys that belong to the server, the shared one among them. Raises: NotAllowed."""
        return await self._identity.keys.of_server(caller)

    async def add_key(self, caller: Caller, *, name: str, role: str, ends_at: datetime | None) -> ApiKeyMade:
        """Raises: NotAllowed; Invalid; Conflict, for the name of the shared key or one that is there already."""
        owner = role_of(role)
        taken = {key.name.lower() for key in await self.keys(caller)} | {KEY_NAME}
        if name.strip().lower() in taken:
            raise Conflict("There is a key of this name.", reason="key_name")
        new = ApiKeyNew(name=name, role=owner, scopes=SCOPES[role], made_by=MADE_BY, ends_at=ends_at)
        return await self._identity.keys.create(caller, new)

    async def revoke(self, caller: Caller, key_id: int) -> None:
        """Raises: NotAllowed; NotFound, also for keys of people."""
        if key_id not in {key.id for key in await self.keys(caller)}:
            raise NotFound("The key")
        await self._identity.keys.revoke(caller, key_id)


def role_of(word: str) -> Role:
    """Raises: Invalid."""
    if word not in ROLES:
        raise Invalid.one("role", "not_a_choice", f"One of {', '.join(ROLES)}.")
    return ROLES[word]
