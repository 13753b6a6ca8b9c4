"""Users and roles, for administrators."""

from collections.abc import Sequence

from msgspec import UNSET

from polycast.core.errors import Invalid
from polycast.core.http import Route, delete, get, patch, post
from polycast.core.http.pages import Page
from polycast.core.identity.caller import Caller, needs
from polycast.core.identity.scopes import Scope
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import User, UserNew, UserPatch
from polycast.hub.dialects.v1.wire_people import (
    PasswordSet,
    RoleRow,
    UserNewSent,
    UserPatchSent,
    UserRow,
    full_name,
    roles,
)
from polycast.hub.ports import StreamLimits

ADMIN = needs(Scope.CORE_ADMIN)
FRESH = needs(Scope.CORE_ADMIN, fresh=True)  # who may do what: only with the password shown lately, by a person
MOST = 200


def routes() -> Sequence[Route]:
    """Everything below `/polycast/v1/users`, and the roles."""
    return [people, add, change, remove, set_password, end_sessions, role_list]


async def _row(user: User, limits: StreamLimits) -> UserRow:
    return UserRow.of(user, (await limits.stream_limits([user.id])).get(user.id, 0))


@get("/polycast/v1/users", policy=ADMIN)
async def people(
    caller: Caller, identity: Identity, limits: StreamLimits, search: str = "", cursor: str = "", limit: int = 50
) -> Page[UserRow]:
    """Users in the order of their making."""
    if cursor and not (cursor.isdecimal() and len(cursor) < 10):
        raise Invalid.one("cursor", "bad_cursor", "This cursor is not one of ours.")
    offset, size = int(cursor or 0), max(1, min(limit, MOST))
    found = await identity.users.list(caller, limit=size + 1, offset=offset, search=search)
    allowed = await limits.stream_limits([user.id for user in found])
    rows = [UserRow.of(user, allowed.get(user.id, 0)) for user in found[:size]]
    return Page(items=rows, next=str(offset + size) if len(found) > size else None)


@post("/polycast/v1/users", policy=FRESH, sent=UserNewSent)
async def add(caller: Caller, sent: UserNewSent, identity: Identity, limits: StreamLimits) -> UserRow:
    """Make a user."""
    name = " ".join(part for part in (sent.first_name, sent.last_name) if part)
    new = UserNew(username=sent.username, password=sent.password, email=sent.email or None, name=name, role=sent.role)
    return await _row(await identity.users.create(caller, new), limits)


@patch("/polycast/v1/users/{id}", policy=FRESH, sent=UserPatchSent)
async def change(caller: Caller, id: int, sent: UserPatchSent, identity: Identity, limits: StreamLimits) -> UserRow:
    """Change a user; a new role ends their sessions."""
    before = await identity.users.get(caller, id)
    wanted = UserPatch(
        role=sent.role,
        email=(sent.email or None) if sent.email is not UNSET else UNSET,
        name=full_name(sent.first_name, sent.last_name, before.name),
        is_active=sent.is_active,
    )
    user = await identity.users.update(caller, id, wanted)
    if sent.stream_limit is not UNSET:
        await limits.set_stream_limit(id, max(0, sent.stream_limit))
    return await _row(user, limits)


@delete("/polycast/v1/users/{id}", policy=FRESH, status=204)
async def remove(caller: Caller, id: int, identity: Identity) -> None:
    """Delete a user with all their credentials."""
    await identity.users.delete(caller, id)


@post("/polycast/v1/users/{id}/password", policy=FRESH, sent=PasswordSet, status=204)
async def set_password(caller: Caller, id: int, sent: PasswordSet, identity: Identity) -> None:
    """Give a user another password; all their sessions end."""
    await identity.users.set_password(caller, id, sent.new)


@delete("/polycast/v1/users/{id}/sessions", policy=ADMIN, status=204)
async def end_sessions(caller: Caller, id: int, identity: Identity) -> None:
    """Sign a user out everywhere."""
    await identity.sessions.end_all(caller, user_id=id)


@get("/polycast/v1/roles", policy=ADMIN)
async def role_list() -> Page[RoleRow]:
    """The roles there are."""
    return Page(items=roles(), next=None)
