"""`/api/m3u/`: profiles and filters of accounts, and groups of servers."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Struct, UnsetType

from polycast.core.errors import NotFound
from polycast.core.http import Docs, Envelope, Request, Route, delete, get, line, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.secrets import is_mask
from polycast.live.dialects.rest.levels import READ, WRITE
from polycast.live.dialects.rest.lists import Lists
from polycast.live.dialects.rest.m3u_wire import FilterOut, ProfileOut
from polycast.live.dialects.rest.ports import Viewers
from polycast.live.dialects.rest.wire import sent_fields
from polycast.live.sources.accounts.forms import FilterForm, ProfileForm
from polycast.live.sources.model import AccountProfile
from polycast.live.sources.room import Sources

PROFILES = "/api/m3u/accounts/{account_id}/profiles/"
FILTERS = "/api/m3u/accounts/{account_id}/filters/"
SERVERS = "/api/m3u/server-groups/"
TAGS = Docs(tags=["m3u"])
TOLD_BY_PANEL = frozenset({"user_info", "server_info", "last_refresh", "auth_timestamp"})


class ProfilePatch(Struct, frozen=True, kw_only=True):
    """Absent keeps."""

    name: Annotated[str, line(255)] | UnsetType = UNSET
    max_streams: int | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    search_pattern: str | UnsetType = UNSET
    replace_pattern: str | UnsetType = UNSET
    exp_date: datetime | None | UnsetType = UNSET
    custom_properties: dict[str, Any] | None | UnsetType = UNSET

    def form(self) -> ProfileForm:
        values = sent_fields(self, {"exp_date": "expires_at"})
        values = {name: value for name, value in values.items() if not (name.endswith("pattern") and is_mask(value))}
        if "custom_properties" in values:
            sent = values["custom_properties"] or {}
            values["custom_properties"] = {name: sent[name] for name in sent if name not in TOLD_BY_PANEL}
        return ProfileForm(**values)


class ProfileIn(ProfilePatch, frozen=True, kw_only=True):
    """A profile, new or in full."""

    name: Annotated[str, line(255)]


class FilterPatch(Struct, frozen=True, kw_only=True):
    """Absent keeps."""

    filter_type: str | UnsetType = UNSET
    regex_pattern: str | UnsetType = UNSET
    exclude: bool | UnsetType = UNSET
    order: int | UnsetType = UNSET
    custom_properties: dict[str, Any] | None | UnsetType = UNSET

    def form(self) -> FilterForm:
        values = sent_fields(self, {"order": "position"})
        if "custom_properties" in values:
            sent = dict(values["custom_properties"] or {})
            case_sensitive = sent.pop("case_sensitive", UNSET)
            values["custom_properties"] = sent
            if isinstance(case_sensitive, bool):
                values["case_sensitive"] = case_sensitive
        return FilterForm(**values)


class FilterIn(FilterPatch, frozen=True, kw_only=True):
    """A filter, new or in full."""

    filter_type: str
    regex_pattern: str


class ServerGroupOut(Struct, frozen=True, kw_only=True):
    """Accounts that share connections."""

    id: int
    name: str


class ServerGroupIn(Struct, frozen=True, kw_only=True):
    """A group of servers."""

    name: Annotated[str, line(255)]


class ServerGroupPatch(Struct, frozen=True, kw_only=True):
    """Absent keeps."""

    name: Annotated[str, line(255)] | UnsetType = UNSET


def routes() -> list[Route]:
    """Profiles, filters, groups of servers."""
    of_profiles = [profiles, profile, new_profile, replace_profile, change_profile, remove_profile]
    of_filters = [filters, filter_, new_filter, replace_filter, change_filter, remove_filter]
    return [*of_profiles, *of_filters, servers, server, new_server, replace_server, change_server, remove_server]


@get(PROFILES, policy=READ, docs=TAGS)
async def profiles(
    caller: Caller, request: Request, account_id: int, sources: Sources, viewers: Viewers, lists: Lists
) -> list[ProfileOut] | Envelope[ProfileOut]:
    """The profiles of an account, the default one first."""
    found = await sources.profiles.of(caller, account_id)
    return await lists.bare(request, [await _shown(caller, one, sources, viewers) for one in found])


@get(f"{PROFILES}{{profile_id}}/", policy=READ, docs=TAGS)
async def profile(caller: Caller, account_id: int, profile_id: int, sources: Sources, viewers: Viewers) -> ProfileOut:
    """One profile."""
    for one in await sources.profiles.of(caller, account_id):
        if one.id == profile_id:
            return await _shown(caller, one, sources, viewers)
    raise NotFound("The profile")


@post(PROFILES, policy=WRITE, sent=ProfileIn, status=201, docs=TAGS)
async def new_profile(
    caller: Caller, account_id: int, sent: ProfileIn, sources: Sources, viewers: Viewers
) -> ProfileOut:
    """Add a profile."""
    return await _shown(caller, await sources.profiles.create(caller, account_id, sent.form()), sources, viewers)


@put(f"{PROFILES}{{profile_id}}/", policy=WRITE, sent=ProfileIn, docs=TAGS)
async def replace_profile(
    caller: Caller, account_id: int, profile_id: int, sent: ProfileIn, sources: Sources, viewers: Viewers
) -> ProfileOut:
    """Change a profile in full."""
    changed = await sources.profiles.change(caller, account_id, profile_id, sent.form())
    return await _shown(caller, changed, sources, viewers)


@patch(f"{PROFILES}{{profile_id}}/", policy=WRITE, sent=ProfilePatch, docs=TAGS)
async def change_profile(
    caller: Caller, account_id: int, profile_id: int, sent: ProfilePatch, sources: Sources, viewers: Viewers
) -> ProfileOut:
    """Change what is named; of the default profile only name, patterns, end and properties."""
    changed = await sources.profiles.change(caller, account_id, profile_id, sent.form())
    return await _shown(caller, changed, sources, viewers)


@delete(f"{PROFILES}{{profile_id}}/", policy=WRITE, status=204, docs=TAGS)
async def remove_profile(caller: Caller, account_id: int, profile_id: int, sources: Sources) -> None:
    """Remove a profile that is not the default one."""
    await sources.profiles.delete(caller, account_id, profile_id)


@get(FILTERS, policy=READ, docs=TAGS)
async def filters(
    caller: Caller, request: Request, account_id: int, sources: Sources, lists: Lists
) -> list[FilterOut] | Envelope[FilterOut]:
    """The filters of an account, in the order in which they decide."""
    return await lists.bare(request, [FilterOut.of(one) for one in await sources.filters.of(caller, account_id)])


@get(f"{FILTERS}{{filter_id}}/", policy=READ, docs=TAGS)
async def filter_(caller: Caller, account_id: int, filter_id: int, sources: Sources) -> FilterOut:
    """One filter."""
    for one in await sources.filters.of(caller, account_id):
        if one.id == filter_id:
            return FilterOut.of(one)
    raise NotFound("The filter")


@post(FILTERS, policy=WRITE, sent=FilterIn, status=201, docs=TAGS)
async def new_filter(caller: Caller, account_id: int, sent: FilterIn, sources: Sources) -> FilterOut:
    """Add a filter."""
    return FilterOut.of(await sources.filters.create(caller, account_id, sent.form()))


@put(f"{FILTERS}{{filter_id}}/", policy=WRITE, sent=FilterIn, docs=TAGS)
async def replace_filter(
    caller: Caller, account_id: int, filter_id: int, sent: FilterIn, sources: Sources
) -> FilterOut:
    """Change a filter in full."""
    return FilterOut.of(await sources.filters.change(caller, account_id, filter_id, sent.form()))


@patch(f"{FILTERS}{{filter_id}}/", policy=WRITE, sent=FilterPatch, docs=TAGS)
async def change_filter(
    caller: Caller, account_id: int, filter_id: int, sent: FilterPatch, sources: Sources
) -> FilterOut:
    """Change what is named."""
    return FilterOut.of(await sources.filters.change(caller, account_id, filter_id, sent.form()))


@delete(f"{FILTERS}{{filter_id}}/", policy=WRITE, status=204, docs=TAGS)
async def remove_filter(caller: Caller, account_id: int, filter_id: int, sources: Sources) -> None:
    """Remove a filter."""
    await sources.filters.delete(caller, account_id, filter_id)


@get(SERVERS, policy=READ, docs=TAGS)
async def servers(
    caller: Caller, request: Request, sources: Sources, lists: Lists
) -> list[ServerGroupOut] | Envelope[ServerGroupOut]:
    """All groups of servers."""
    found = await sources.server_groups.all(caller)
    return await lists.bare(request, [ServerGroupOut(id=one.id, name=one.name) for one in found])


@get(f"{SERVERS}{{group_id}}/", policy=READ, docs=TAGS)
async def server(caller: Caller, group_id: int, sources: Sources) -> ServerGroupOut:
    """One group of servers."""
    return await _server(caller, group_id, sources)


@post(SERVERS, policy=WRITE, sent=ServerGroupIn, status=201, docs=TAGS)
async def new_server(caller: Caller, sent: ServerGroupIn, sources: Sources) -> ServerGroupOut:
    """Add a group of servers."""
    made = await sources.server_groups.create(caller, sent.name)
    return ServerGroupOut(id=made.id, name=made.name)


@put(f"{SERVERS}{{group_id}}/", policy=WRITE, sent=ServerGroupIn, docs=TAGS)
async def replace_server(caller: Caller, group_id: int, sent: ServerGroupIn, sources: Sources) -> ServerGroupOut:
    """Rename a group of servers."""
    made = await sources.server_groups.rename(caller, group_id, sent.name)
    return ServerGroupOut(id=made.id, name=made.name)


@patch(f"{SERVERS}{{group_id}}/", policy=WRITE, sent=ServerGroupPatch, docs=TAGS)
async def change_server(caller: Caller, group_id: int, sent: ServerGroupPatch, sources: Sources) -> ServerGroupOut:
    """Rename a group of servers."""
    if isinstance(sent.name, str):
        await sources.server_groups.rename(caller, group_id, sent.name)
    return await _server(caller, group_id, sources)


@delete(f"{SERVERS}{{group_id}}/", policy=WRITE, status=204, docs=TAGS)
async def remove_server(caller: Caller, group_id: int, sources: Sources) -> None:
    """Remove a group of servers; its accounts are then in none."""
    await sources.server_groups.delete(caller, group_id)


async def _shown(caller: Caller, profile: AccountProfile, sources: Sources, viewers: Viewers) -> ProfileOut:
    detail = await sources.accounts.get(caller, profile.account_id)
    counts = await viewers.used([profile.id])
    may_see = caller.has(Scope.LIVE_WRITE)
    return ProfileOut.of(profile, detail.account, viewers=counts.get(profile.id, 0), may_see=may_see)


async def _server(caller: Caller, group_id: int, sources: Sources) -> ServerGroupOut:
    for one in await sources.server_groups.all(caller):
        if one.id == group_id:
            return ServerGroupOut(id=one.id, name=one.name)
    raise NotFound("The server group")
