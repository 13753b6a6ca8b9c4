"""`/api/accounts/users/`: users with what they have in live TV."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.errors import Invalid, NotFound
from polycast.core.http import Docs, Envelope, Request, Route, delete, get, line, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.core.identity.keys.model import ApiKey
from polycast.core.secrets import MASK
from polycast.live.dialects.rest.levels import SELF, USERS
from polycast.live.dialects.rest.lists import Lists
from polycast.live.dialects.rest.wire import sent_fields
from polycast.live.people.members import Members
from polycast.live.people.model import ROLE_OF_LEVEL, Member, MemberForm
from polycast.live.people.properties import XC_PASSWORD

ROOT = "/api/accounts/users/"
TAGS = Docs(tags=["accounts"])
RENAMED: Mapping[str, str] = {"user_level": "level", "channel_profiles": "profile_ids"}
ADMINISTRATOR = 10


class KeyOut(Struct, frozen=True, kw_only=True):
    """A key, without the key: that is shown once, when it is made."""

    id: int
    name: str
    prefix: str  # its first 8 characters
    scopes: list[str] | None  # null: all that its owner may
    created: datetime
    last_used: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> "KeyOut":
        scopes = None if key.scopes is None else sorted(scope.value for scope in key.scopes)
        return cls(
            id=key.id, name=key.name, prefix=key.prefix, scopes=scopes, created=key.created_at, last_used=key.used_at
        )


class UserOut(Struct, frozen=True, kw_only=True):
    """A user."""

    id: int
    username: str
    email: str
    first_name: str
    last_name: str
    is_active: bool
    is_staff: bool
    is_superuser: bool
    last_login: datetime | None
    date_joined: datetime
    user_level: int
    channel_profiles: list[int]
    custom_properties: dict[str, Any]
    avatar_config: dict[str, Any]
    stream_limit: int
    api_key: str | None  # always null: keys are stored as hashes
    api_keys: list[KeyOut]

    @classmethod
    def of(cls, member: Member) -> "UserOut":
        user, person = member.user, member.person
        properties = dict(person.custom_properties)
        if member.has_player_password:
            properties[XC_PASSWORD] = MASK
        is_admin = member.level == ADMINISTRATOR
        return cls(
            id=user.id,
            username=user.username,
            email=user.email or "",
            first_name=person.first_name,
            last_name=person.last_name,
            is_active=user.is_active,
            is_staff=is_admin,
            is_superuser=is_admin,
            last_login=user.last_sign_in_at,
            date_joined=user.created_at,
            user_level=member.level,
            channel_profiles=sorted(person.profile_ids),
            custom_properties=properties,
            avatar_config=dict(person.avatar_config),
            stream_limit=person.stream_limit,
            api_key=None,
            api_keys=[KeyOut.of(key) for key in member.keys],
        )


class UserIn(Struct, frozen=True, kw_only=True):
    """A new user."""

    username: Annotated[str, line(150)]
    password: str
    email: str | None = None
    first_name: Annotated[str, line(150, blank=True)] = ""
    last_name: Annotated[str, line(150, blank=True)] = ""
    is_active: bool = True
    user_level: int = 0
    channel_profiles: list[int] = []
    custom_properties: dict[str, Any] | None = None
    avatar_config: dict[str, Any] | UnsetType = UNSET
    stream_limit: Annotated[int, Meta(ge=0)] = 0

    def __repr__(self) -> str:
        return f"UserIn({self.username!r})"


class UserPatch(Struct, frozen=True, kw_only=True):
    """Absent keeps. `custom_properties` are merged; a key of null is taken away."""

    username: Annotated[str, line(150)] | UnsetType = UNSET
    password: str | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    first_name: Annotated[str, line(150, blank=True)] | UnsetType = UNSET
    last_name: Annotated[str, line(150, blank=True)] | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    user_level: int | UnsetType = UNSET
    channel_profiles: list[int] | UnsetType = UNSET
    custom_properties: dict[str, Any] | None | UnsetType = UNSET
    avatar_config: dict[str, Any] | UnsetType = UNSET
    stream_limit: Annotated[int, Meta(ge=0)] | UnsetType = UNSET

    def __repr__(self) -> str:
        return "UserPatch()"


class UserPut(UserPatch, frozen=True, kw_only=True):
    """In full; without a password the present one stays."""

    username: Annotated[str, line(150)]


def routes() -> list[Route]:
    """Oneself first, then everybody."""
    return [me, change_me, many, one, new, replace, change, remove]


@get(f"{ROOT}me/", policy=SELF, docs=TAGS)
async def me(caller: Caller, members: Members) -> UserOut:
    """Oneself."""
    return UserOut.of(await members.get(caller, _own_id(caller)))


@patch(f"{ROOT}me/", policy=SELF, sent=UserPatch, docs=TAGS)
async def change_me(caller: Caller, sent: UserPatch, members: Members) -> UserOut:
    """Change oneself: names, address, password and most properties."""
    return UserOut.of(await members.update_own(caller, _form(sent)))


@get(ROOT, policy=USERS, docs=TAGS)
async def many(caller: Caller, request: Request, members: Members, lists: Lists) -> list[UserOut] | Envelope[UserOut]:
    """All users."""
    found: Sequence[Member] = await members.list(caller)
    return await lists.bare(request, [UserOut.of(member) for member in found])


@get(f"{ROOT}{{user_id}}/", policy=USERS, docs=TAGS)
async def one(caller: Caller, user_id: int, members: Members) -> UserOut:
    """One user."""
    return UserOut.of(await members.get(caller, user_id))


@post(ROOT, policy=USERS, sent=UserIn, status=201, docs=TAGS)
async def new(caller: Caller, sent: UserIn, members: Members) -> UserOut:
    """Add a user."""
    return UserOut.of(await members.create(caller, _form(sent)))


@put(f"{ROOT}{{user_id}}/", policy=USERS, sent=UserPut, docs=TAGS)
async def replace(caller: Caller, user_id: int, sent: UserPut, members: Members) -> UserOut:
    """Change a user in full."""
    return UserOut.of(await members.update(caller, user_id, _form(sent, replaces=True)))


@patch(f"{ROOT}{{user_id}}/", policy=USERS, sent=UserPatch, docs=TAGS)
async def change(caller: Caller, user_id: int, sent: UserPatch, members: Members) -> UserOut:
    """Change what is named."""
    return UserOut.of(await members.update(caller, user_id, _form(sent)))


@delete(f"{ROOT}{{user_id}}/", policy=USERS, status=204, docs=TAGS)
async def remove(caller: Caller, user_id: int, members: Members) -> None:
    """Remove a user."""
    await members.delete(caller, user_id)


def _form(sent: UserIn | UserPatch, *, replaces: bool = False) -> MemberForm:
    """Raises: Invalid for a level that does not exist."""
    values = sent_fields(sent, RENAMED)
    if values.get("level", 0) not in ROLE_OF_LEVEL:
        level = values["level"]
        raise Invalid.one("user_level", "not_a_choice", f'"{level}" is not a valid choice.', value=level)
    if values.get("custom_properties", UNSET) is None:
        values["custom_properties"] = {}
    return MemberForm(**values, replaces_properties=replaces)


def _own_id(caller: Caller) -> int:
    if caller.user_id is None:
        raise NotFound("The user")
    return caller.user_id
