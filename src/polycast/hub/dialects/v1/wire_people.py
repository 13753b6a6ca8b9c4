"""Users, sessions and credentials as our pages see them."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Struct, UnsetType

from polycast.core.http import line
from polycast.core.identity.devices.model import DevicePassword
from polycast.core.identity.keys.model import ApiKey
from polycast.core.identity.scopes import SCOPES_OF_ROLE, Role, Scope
from polycast.core.identity.sessions.model import Session
from polycast.core.identity.users.model import User

Name = Annotated[str, line(150)]
Shown = Annotated[str, line(100, blank=True)]
Email = Annotated[str, line(254, blank=True)]


class Me(Struct, frozen=True, kw_only=True):
    """The user who is signed in."""

    id: int
    username: str
    email: str | None
    first_name: str
    last_name: str
    role: str
    scopes: list[str]

    @classmethod
    def of(cls, user: User, scopes: frozenset[Scope]) -> "Me":
        first, _, last = user.name.partition(" ")
        return cls(
            id=user.id,
            username=user.username,
            email=user.email,
            first_name=first,
            last_name=last,
            role=user.role.value,
            scopes=sorted(scopes),
        )


class Server(Struct, frozen=True, kw_only=True):
    """What a page needs to know of the server before anybody is signed in."""

    name: str
    version: str
    now: datetime
    time_zone: str
    modules: list[str]


class SignedInAs(Struct, frozen=True, kw_only=True):
    """The session of the browser; without a user, nobody is signed in."""

    user: Me | None
    first_run: bool
    server: Server
    event: int  # all that is read after this answer is newer than that event: listen from there on


class SignIn(Struct, frozen=True, kw_only=True):
    """A name or e-mail address, and the login password."""

    name: Annotated[str, line(254)]
    password: str


class Confirm(Struct, frozen=True, kw_only=True):
    """The login password once more, for what is delicate."""

    password: str


class FirstOwner(Struct, frozen=True, kw_only=True):
    """Who the server will belong to. `code` stands in its log, and is asked for from other machines."""

    username: Name
    password: str
    email: str | None = None
    code: str = ""


class Step(Struct, frozen=True, kw_only=True):
    """One step of the first run."""

    name: str
    state: str


class StepSent(Struct, frozen=True, kw_only=True):
    """What became of a step: open, done, skipped."""

    state: str


class FirstRun(Struct, frozen=True, kw_only=True):
    """How far the first run is."""

    needed: bool
    code_required: bool
    steps: list[Step]


class SessionRow(Struct, frozen=True, kw_only=True):
    """A place where the user is signed in."""

    id: int
    kind: str
    device: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    is_current: bool

    @classmethod
    def of(cls, session: Session, current: int | None) -> "SessionRow":
        return cls(
            id=session.id,
            kind=session.kind,
            device=session.device,
            address=session.address,
            created_at=session.created_at,
            last_seen_at=session.seen_at,
            ends_at=session.ends_at,
            is_current=session.id == current,
        )


class KeyNew(Struct, frozen=True, kw_only=True):
    """An API key to be made; it never may more than its owner."""

    name: Annotated[str, line(100)]
    scopes: list[Scope]
    ends_at: datetime | None = None


class KeyRow(Struct, frozen=True, kw_only=True):
    """An API key without its text."""

    id: int
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    ends_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey, own: frozenset[Scope]) -> "KeyRow":
        return cls(
            id=key.id,
            name=key.name,
            prefix=key.prefix,
            scopes=sorted(own if key.scopes is None else key.scopes),
            created_at=key.created_at,
            last_used_at=key.used_at,
            ends_at=key.ends_at,
        )


class KeyMade(Struct, frozen=True, kw_only=True):
    """A new key; `secret` is shown this once."""

    key: KeyRow
    secret: str


class DeviceNewSent(Struct, frozen=True, kw_only=True):
    """A device password to be made."""

    name: Annotated[str, line(100)]
    scopes: list[Scope] | None = None
    ends_at: datetime | None = None


class DeviceRow(Struct, frozen=True, kw_only=True):
    """A device password without its text; `username` goes with it."""

    id: int
    name: str
    username: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    ends_at: datetime | None

    @classmethod
    def of(cls, device: DevicePassword, username: str, usual: frozenset[Scope]) -> "DeviceRow":
        return cls(
            id=device.id,
            name=device.name,
            username=username,
            scopes=sorted(usual if device.scopes is None else device.scopes),
            created_at=device.created_at,
            last_used_at=device.used_at,
            ends_at=device.ends_at,
        )


class DeviceMadeRow(Struct, frozen=True, kw_only=True):
    """A new device password; `secret` is shown this once."""

    device: DeviceRow
    secret: str


class MePatch(Struct, frozen=True, kw_only=True):
    """What users may change of themselves."""

    email: Email | UnsetType | None = UNSET
    first_name: Shown | UnsetType = UNSET
    last_name: Shown | UnsetType = UNSET


class PasswordChange(Struct, frozen=True, kw_only=True):
    """The password there is, and the one to be."""

    current: str
    new: str


class PasswordSet(Struct, frozen=True, kw_only=True):
    """A password that an administrator gives."""

    new: str


class UserRow(Struct, frozen=True, kw_only=True):
    """A user, for administrators."""

    id: int
    username: str
    email: str | None
    first_name: str
    last_name: str
    role: str
    is_active: bool
    created_at: datetime
    last_seen_at: datetime | None
    stream_limit: int  # 0: none

    @classmethod
    def of(cls, user: User, stream_limit: int) -> "UserRow":
        first, _, last = user.name.partition(" ")
        return cls(
            id=user.id,
            username=user.username,
            email=user.email,
            first_name=first,
            last_name=last,
            role=user.role.value,
            is_active=user.is_active,
            created_at=user.created_at,
            last_seen_at=user.last_sign_in_at,
            stream_limit=stream_limit,
        )


class UserNewSent(Struct, frozen=True, kw_only=True):
    """A user to be made."""

    username: Name
    password: str
    role: Role
    email: Email | None = None
    first_name: Shown = ""
    last_name: Shown = ""


class UserPatchSent(Struct, frozen=True, kw_only=True):
    """What an administrator may change of a user."""

    role: Role | UnsetType = UNSET
    email: Email | UnsetType | None = UNSET
    first_name: Shown | UnsetType = UNSET
    last_name: Shown | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    stream_limit: int | UnsetType = UNSET


class RoleRow(Struct, frozen=True, kw_only=True):
    """A role, and what it may."""

    name: str
    title: str
    about: str
    scopes: list[str]
    assignable: bool


ROLES: tuple[tuple[Role, str, str], ...] = (
    (Role.OWNER, "Owner", "May do everything, and is the one who cannot be locked out."),
    (Role.ADMIN, "Administrator", "May do everything."),
    (Role.OPERATOR, "Operator", "Runs the server day by day, without users and settings."),
    (Role.MEMBER, "Member", "Watches and listens, sees the guide and the library."),
    (Role.GUEST, "Guest", "Watches and listens, nothing else."),
    (Role.RESELLER, "Reseller", "Has radio customers of their own."),
    (Role.BROADCASTER, "Broadcaster", "Runs their own radio stations."),
)


def roles() -> list[RoleRow]:
    """Every role in order of power."""
    return [
        RoleRow(name=role.value, title=title, about=about, scopes=sorted(SCOPES_OF_ROLE[role]), assignable=True)
        for role, title, about in ROLES
    ]


def full_name(first: str | UnsetType, last: str | UnsetType, before: str) -> str | UnsetType:
    """One name out of what was sent of two; UNSET when nothing was."""
    if first is UNSET and last is UNSET:
        return UNSET
    old_first, _, old_last = before.partition(" ")
    parts = (old_first if first is UNSET else first, old_last if last is UNSET else last)
    return " ".join(part for part in parts if part)
