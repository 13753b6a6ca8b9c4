"""`/api/accounts/groups/` and `permissions/`: kept for clients of the original. What counts here are levels and scopes."""

from typing import Annotated, Final

from msgspec import UNSET, Struct, UnsetType

from polycast.core.errors import Invalid, Problem
from polycast.core.http import Docs, Envelope, Request, Route, delete, get, line, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest.levels import USERS
from polycast.live.dialects.rest.lists import Lists
from polycast.live.dialects.rest.wire import sent_fields
from polycast.live.preferences.model import UserGroup
from polycast.live.preferences.profiles import UserGroups

ROOT = "/api/accounts/groups/"
TAGS = Docs(tags=["accounts"])
VERBS: Final = ("add", "change", "delete", "view")
MODELS: Final = (
    "user",
    "group",
    "channel",
    "channel group",
    "channel profile",
    "stream",
    "logo",
    "recording",
    "m3u account",
    "m3u filter",
    "epg source",
    "user agent",
    "stream profile",
    "output profile",
    "hdhr device",
)


class Permission(Struct, frozen=True, kw_only=True):
    """Something that the original lets a group do."""

    id: int
    name: str
    codename: str


PERMISSIONS: Final = tuple(
    Permission(id=number, name=f"Can {verb} {model}", codename=f"{verb}_{model.replace(' ', '')}")
    for number, (model, verb) in enumerate(((model, verb) for model in MODELS for verb in VERBS), start=1)
)


class GroupOut(Struct, frozen=True, kw_only=True):
    """A group of users."""

    id: int
    name: str
    permissions: list[int]

    @classmethod
    def of(cls, group: UserGroup) -> "GroupOut":
        return cls(id=group.id, name=group.name, permissions=group.permissions)


class GroupIn(Struct, frozen=True, kw_only=True):
    """A group, new or in full."""

    name: Annotated[str, line(150)]
    permissions: list[int] = []


class GroupPatch(Struct, frozen=True, kw_only=True):
    """Absent keeps."""

    name: Annotated[str, line(150)] | UnsetType = UNSET
    permissions: list[int] | UnsetType = UNSET


def routes() -> list[Route]:
    """Groups, and what they may be given."""
    return [many, one, new, replace, change, remove, permissions]


@get(ROOT, policy=USERS, docs=TAGS)
async def many(request: Request, user_groups: UserGroups, lists: Lists) -> list[GroupOut] | Envelope[GroupOut]:
    """All groups."""
    return await lists.bare(request, [GroupOut.of(group) for group in await user_groups.list()])


@get(f"{ROOT}{{group_id}}/", policy=USERS, docs=TAGS)
async def one(group_id: int, user_groups: UserGroups) -> GroupOut:
    """One group."""
    return GroupOut.of(await user_groups.get(group_id))


@post(ROOT, policy=USERS, sent=GroupIn, status=201, docs=TAGS)
async def new(caller: Caller, sent: GroupIn, user_groups: UserGroups) -> GroupOut:
    """Add a group."""
    return GroupOut.of(await user_groups.create(caller, _values(sent)))


@put(f"{ROOT}{{group_id}}/", policy=USERS, sent=GroupIn, docs=TAGS)
async def replace(caller: Caller, group_id: int, sent: GroupIn, user_groups: UserGroups) -> GroupOut:
    """Change a group in full."""
    return GroupOut.of(await user_groups.update(caller, group_id, _values(sent)))


@patch(f"{ROOT}{{group_id}}/", policy=USERS, sent=GroupPatch, docs=TAGS)
async def change(caller: Caller, group_id: int, sent: GroupPatch, user_groups: UserGroups) -> GroupOut:
    """Change what is named."""
    return GroupOut.of(await user_groups.update(caller, group_id, _values(sent)))


@delete(f"{ROOT}{{group_id}}/", policy=USERS, status=204, docs=TAGS)
async def remove(caller: Caller, group_id: int, user_groups: UserGroups) -> None:
    """Remove a group."""
    await user_groups.delete(caller, group_id)


@get("/api/accounts/permissions/", policy=USERS, docs=TAGS)
async def permissions(request: Request, lists: Lists) -> list[Permission] | Envelope[Permission]:
    """What groups can be given."""
    return await lists.bare(request, PERMISSIONS)


def _values(sent: GroupIn | GroupPatch) -> dict[str, object]:
    values = sent_fields(sent)
    wanted: list[int] = values.get("permissions", [])
    known = {permission.id for permission in PERMISSIONS}
    if strange := [one for one in wanted if one not in known]:
        raise Invalid([Problem("permissions", "does_not_exist", {"value": one}) for one in strange])
    return values
