"""Users, sessions and API keys. The original has none of these. Source: specs/monitor.md 3.11."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid
from polycast.core.http import Docs, Route, delete, get, patch, post
from polycast.core.identity.caller import Caller
from polycast.core.identity.keys.model import ApiKey
from polycast.core.identity.scopes import granted
from polycast.core.identity.sessions.model import Session
from polycast.core.identity.users.model import User
from polycast.monitor.access.modes import ROLE_WORDS, level_of
from polycast.monitor.dialects.channelwatch import wire
from polycast.monitor.dialects.channelwatch.gate import ADMIN, VIEWER, reads, writes
from polycast.monitor.people.service import People, PersonNew, PersonPatch

TAGS = Docs(tags=["Users"])
Offset = Annotated[int, Meta(ge=0, le=2**53)]
Limit = Annotated[int, Meta(ge=1, le=200)]


class Person(Struct, frozen=True, kw_only=True):
    """A user. `role` is null for those who have no business with the watch."""

    username: str
    role: str | None
    disabled: bool
    created_at: str
    last_login_at: str | None

    @classmethod
    def of(cls, user: User) -> "Person":
        role = ROLE_WORDS.get(level_of(Caller(role=user.role, scopes=user.scopes)))
        return cls(
            username=user.username, role=role, disabled=not user.is_active,
            created_at=wire.stamp(user.created_at) or "", last_login_at=wire.stamp(user.last_sign_in_at),
        )  # fmt: skip


class Persons(Struct, frozen=True, kw_only=True):
    items: list[Person]
    total: int
    offset: int
    limit: int


class SignIn(Struct, frozen=True, kw_only=True):
    """Where somebody is signed in."""

    id: int
    kind: str
    device: str
    address: str
    created_at: str
    last_seen_at: str
    expires_at: str
    current: bool

    @classmethod
    def of(cls, one: Session, caller: Caller) -> "SignIn":
        return cls(
            id=one.id, kind=one.kind, device=one.device, address=one.address, created_at=wire.stamp(one.created_at) or "",
            last_seen_at=wire.stamp(one.seen_at) or "", expires_at=wire.stamp(one.ends_at) or "",
            current=one.id == caller.credential_id and one.user_id == caller.user_id,
        )  # fmt: skip


class SignIns(Struct, frozen=True, kw_only=True):
    items: list[SignIn]


class Key(Struct, frozen=True, kw_only=True):
    """A key as it is listed: its text is nowhere."""

    id: int
    name: str
    prefix: str
    role: str | None
    created_at: str
    last_used_at: str | None
    expires_at: str | None

    @classmethod
    def of(cls, one: ApiKey) -> "Key":
        role = None
        if one.role is not None:
            role = ROLE_WORDS.get(level_of(Caller(role=one.role, scopes=granted(one.role, one.scopes))))
        return cls(
            id=one.id, name=one.name, prefix=one.prefix, role=role, created_at=wire.stamp(one.created_at) or "",
            last_used_at=wire.stamp(one.used_at), expires_at=wire.stamp(one.ends_at),
        )  # fmt: skip


class Keys(Struct, frozen=True, kw_only=True):
    items: list[Key]


class KeyNew(Struct, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    role: str = "viewer"
    expires_at: datetime | None = None


class KeyMade(Struct, frozen=True, kw_only=True):
    """A new key with its text: here and never again."""

    key: str
    api_key: Key

    def __repr__(self) -> str:
        return f"KeyMade({self.api_key.name!r})"


@get("/api/v1/auth/users", policy=reads(ADMIN), docs=TAGS)
async def users(caller: Caller, people: People, offset: Offset = 0, limit: Limit = 50) -> Persons:
    """Everybody who has an account on this server."""
    found, total = await people.page(caller, offset=offset, limit=limit)
    return Persons(items=[Person.of(one) for one in found], total=total, offset=offset, limit=limit)


@post("/api/v1/auth/users", policy=writes(ADMIN), sent=PersonNew, status=201, docs=TAGS)
async def user_add(caller: Caller, people: People, sent: PersonNew) -> Person:
    """One more: viewer, operator or admin."""
    return Person.of(await people.add(caller, sent))


@patch("/api/v1/auth/users/{username}", policy=writes(ADMIN), sent=PersonPatch, docs=TAGS)
async def user_change(caller: Caller, people: People, username: str, sent: PersonPatch) -> Person:
    """Change what is sent; a new password or role ends the sessions."""
    return Person.of(await people.change(caller, username, sent))


@delete("/api/v1/auth/users/{username}", policy=writes(ADMIN), docs=TAGS)
async def user_remove(caller: Caller, people: People, username: str) -> wire.Message:
    """Gone; 409 for the last owner."""
    await people.remove(caller, username)
    return wire.Message(f"User '{username}' deleted")


@get("/api/v1/auth/sessions", policy=reads(), docs=TAGS)
async def sessions(caller: Caller, people: People, username: str = "") -> SignIns:
    """Where the caller is signed in; with `username`, for admins, somebody else."""
    return SignIns(items=[SignIn.of(one, caller) for one in await people.sessions(caller, username)])


@delete("/api/v1/auth/sessions/{session_id}", policy=writes(VIEWER), docs=TAGS)
async def session_end(caller: Caller, people: People, session_id: int) -> wire.Message:
    """Sign out there."""
    await people.end_session(caller, session_id)
    return wire.Message("Session ended")


@get("/api/v1/auth/api-keys", policy=reads(ADMIN), docs=TAGS)
async def keys(caller: Caller, people: People) -> Keys:
    """Keys of the server, `default` being the shared one."""
    return Keys(items=[Key.of(one) for one in await people.keys(caller)])


@post("/api/v1/auth/api-keys", policy=writes(ADMIN), sent=KeyNew, status=201, docs=TAGS)
async def key_add(caller: Caller, people: People, clock: Clock, sent: KeyNew) -> KeyMade:
    """A key with a name and a role, good for the watch alone; its text is shown this once."""
    ends = sent.expires_at
    if ends is not None and (ends.tzinfo is None or ends <= clock.now()):
        raise Invalid.one("expires_at", "out_of_range", "A moment in the future, with its zone.")
    made = await people.add_key(caller, name=sent.name, role=sent.role, ends_at=ends)
    return KeyMade(key=made.key, api_key=Key.of(made.row))


@delete("/api/v1/auth/api-keys/{key_id}", policy=writes(ADMIN), docs=TAGS)
async def key_revoke(caller: Caller, people: People, key_id: int) -> wire.Message:
    """No key any more, at once."""
    await people.revoke(caller, key_id)
    return wire.Message("API key revoked")


def routes() -> list[Route]:
    """For the dialect."""
    return [
        users, user_add, user_change, user_remove, sessions, session_end, keys, key_add, key_revoke,
    ]  # fmt: skip
