"""`/api/channels/groups/`. Source: `specs/live.md` 2.2, 2.3, 3.3."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Final

from msgspec import UNSET, Struct, UnsetType

from polycast.core.errors import Conflict
from polycast.core.http import Docs, Envelope, Request, Route, delete, get, line, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest.errors import Refused
from polycast.live.dialects.rest.levels import READ, WRITE
from polycast.live.dialects.rest.lists import Lists
from polycast.live.lineup import model
from polycast.live.lineup.room import LineUp

TAGS: Final = Docs(tags=["channels"])


class GroupAccount(Struct, frozen=True, kw_only=True):
    """How an account uses the group."""

    m3u_accounts: int
    channel_group: int
    enabled: bool
    auto_channel_sync: bool
    auto_sync_channel_start: float | None
    auto_sync_channel_end: float | None
    custom_properties: Mapping[str, Any]
    is_stale: bool
    last_seen: datetime | None
    stream_count: int

    @classmethod
    def of(cls, link: model.GroupAccount) -> "GroupAccount":
        category = {"xc_id": link.category_id} if link.category_id else {}
        return cls(
            m3u_accounts=link.account_id,
            channel_group=link.group_id,
            enabled=link.enabled,
            auto_channel_sync=link.auto_channel_sync,
            auto_sync_channel_start=None if link.sync_start is None else link.sync_start / 1000,
            auto_sync_channel_end=None if link.sync_end is None else link.sync_end / 1000,
            custom_properties={**link.custom_properties, **category},
            is_stale=link.is_stale,
            last_seen=link.last_seen_at,
            stream_count=link.stream_count,
        )


class Group(Struct, frozen=True, kw_only=True):
    """A group of channels and streams."""

    id: int
    name: str
    channel_count: int
    m3u_account_count: int
    m3u_accounts: list[GroupAccount]

    @classmethod
    def of(cls, group: model.ChannelGroup) -> "Group":
        return cls(
            id=group.id,
            name=group.name,
            channel_count=group.channel_count,
            m3u_account_count=group.account_count,
            m3u_accounts=[GroupAccount.of(link) for link in group.accounts],
        )


class GroupName(Struct, frozen=True, kw_only=True):
    """Body of POST and PUT."""

    name: Annotated[str, line(255)]


class GroupChange(Struct, frozen=True, kw_only=True):
    """Body of PATCH."""

    name: Annotated[str, line(255)] | UnsetType = UNSET


class CleanedUp(Struct, frozen=True, kw_only=True):
    """What was dropped."""

    message: str
    deleted_count: int
    deleted_groups: list[str]


def routes() -> list[Route]:
    """Groups."""
    return [group_list, create, clean_up, one, replace, change, remove]


@get("/api/channels/groups/", policy=READ, docs=TAGS)
async def group_list(request: Request, lineup: LineUp, lists: Lists) -> list[Group] | Envelope[Group]:
    """Groups by name."""
    return await lists.bare(request, [Group.of(group) for group in await lineup.groups.list()])


@post("/api/channels/groups/", policy=WRITE, sent=GroupName, status=201, docs=TAGS)
async def create(caller: Caller, lineup: LineUp, sent: GroupName) -> Group:
    """Add a group."""
    return Group.of(await lineup.groups.create(caller, sent.name))


@post("/api/channels/groups/cleanup/", policy=WRITE, docs=TAGS)
async def clean_up(caller: Caller, lineup: LineUp) -> CleanedUp:
    """Drop the groups that nothing uses."""
    names = list(await lineup.groups.clean_up(caller))
    return CleanedUp(
        message=f"Successfully deleted {len(names)} unused channel groups",
        deleted_count=len(names),
        deleted_groups=names,
    )


@get("/api/channels/groups/{group_id}/", policy=READ, docs=TAGS)
async def one(group_id: int, lineup: LineUp) -> Group:
    """One group."""
    return Group.of(await lineup.groups.get(group_id))


@put("/api/channels/groups/{group_id}/", policy=WRITE, sent=GroupName, docs=TAGS)
async def replace(caller: Caller, group_id: int, lineup: LineUp, sent: GroupName) -> Group:
    """Rename a group."""
    with _refusing():
        return Group.of(await lineup.groups.rename(caller, group_id, sent.name))


@patch("/api/channels/groups/{group_id}/", policy=WRITE, sent=GroupChange, docs=TAGS)
async def change(caller: Caller, group_id: int, lineup: LineUp, sent: GroupChange) -> Group:
    """Rename a group; one that an account brings keeps its name."""
    group = await lineup.groups.get(group_id)
    with _refusing():
        name = group.name if isinstance(sent.name, UnsetType) else sent.name
        return Group.of(await lineup.groups.rename(caller, group_id, name))


@delete("/api/channels/groups/{group_id}/", policy=WRITE, status=204, docs=TAGS)
async def remove(caller: Caller, group_id: int, lineup: LineUp) -> None:
    """Drop a group that is empty and that no account brings."""
    with _refusing():
        await lineup.groups.delete(caller, group_id)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except Conflict as error:
        raise Refused(error.message) from error
