"""`/api/m3u/accounts/` and refreshes: where streams come from."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from msgspec import UNSET, Struct

from polycast.core.errors import Conflict, NotBuilt, PolycastError
from polycast.core.http import Docs, Envelope, Request, Route, Upload, delete, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.ids import Ids
from polycast.live.dialects.rest.errors import Refused
from polycast.live.dialects.rest.levels import COSTLY, READ, WRITE
from polycast.live.dialects.rest.lists import Lists
from polycast.live.dialects.rest.m3u_wire import (
    THOUSANDTHS,
    AccountIn,
    AccountOut,
    AccountPatch,
    GroupSetting,
    GroupSettings,
)
from polycast.live.dialects.rest.ports import Viewers
from polycast.live.dialects.rest.wire import Message
from polycast.live.lineup.sync import AutoSync
from polycast.live.sources.accounts.forms import GroupForm
from polycast.live.sources.files import ENDINGS
from polycast.live.sources.model import AccountDetail, AccountType, Status
from polycast.live.sources.room import Sources

ROOT = "/api/m3u/accounts/"
ONE = f"{ROOT}{{account_id}}/"
TAGS = Docs(tags=["m3u"])
UPLOAD_BYTES = 128 * 1024 * 1024
BUSY = frozenset({Status.FETCHING, Status.PARSING})


class Removed(Struct, frozen=True, kw_only=True):
    """An account is gone, and with it the channels its sync had made."""

    deleted_channels: int


class AutoCreated(Struct, frozen=True, kw_only=True):
    """The channels that the sync of an account has made."""

    count: int
    sample_names: list[str]


class Repacked(Struct, frozen=True, kw_only=True):
    """How many channels got a number, gave one back, or found none."""

    assigned: int
    released: int
    failed: int


class Begun(Struct, frozen=True, kw_only=True):
    """Work that goes on in the background."""

    success: bool
    message: str


def routes() -> list[Route]:
    """Accounts and refreshes."""
    accounts = [many, one, new, replace, change, remove, group_settings, auto_created, repack, refresh_vod]
    return [*accounts, refresh_all, refresh, refresh_info]


@get(ROOT, policy=READ, docs=TAGS)
async def many(
    caller: Caller, request: Request, sources: Sources, viewers: Viewers, lists: Lists
) -> list[AccountOut] | Envelope[AccountOut]:
    """All accounts with their parts."""
    return await lists.bare(request, await _shown(caller, await sources.accounts.all(caller), viewers))


@get(ONE, policy=READ, docs=TAGS)
async def one(caller: Caller, account_id: int, sources: Sources, viewers: Viewers) -> AccountOut:
    """One account."""
    [shown] = await _shown(caller, [await sources.accounts.get(caller, account_id)], viewers)
    return shown


@post(ROOT, policy=WRITE, sent=AccountIn, status=201, body_limit=UPLOAD_BYTES, docs=TAGS)
async def new(caller: Caller, sent: AccountIn, sources: Sources, viewers: Viewers, id_maker: Ids) -> AccountOut:
    """Add an account by address or by file; its groups are loaded in the background."""
    async with _kept(sent, sources, id_maker) as file_path:
        made = await sources.accounts.create(caller, sent.form(file_path=file_path))
    [shown] = await _shown(caller, [made], viewers)
    return shown


@put(ONE, policy=WRITE, sent=AccountIn, body_limit=UPLOAD_BYTES, docs=TAGS)
async def replace(
    caller: Caller, account_id: int, sent: AccountIn, sources: Sources, viewers: Viewers, id_maker: Ids
) -> AccountOut:
    """Change an account in full."""
    return await _changed(caller, account_id, sent, sources, viewers, id_maker)


@patch(ONE, policy=WRITE, sent=AccountPatch, body_limit=UPLOAD_BYTES, docs=TAGS)
async def change(
    caller: Caller, account_id: int, sent: AccountPatch, sources: Sources, viewers: Viewers, id_maker: Ids
) -> AccountOut:
    """Change what is named."""
    return await _changed(caller, account_id, sent, sources, viewers, id_maker)


@delete(ONE, policy=WRITE, docs=TAGS)
async def remove(caller: Caller, account_id: int, sources: Sources) -> Removed:
    """Remove an account with its streams and the channels its sync has made."""
    return Removed(deleted_channels=await sources.accounts.delete(caller, account_id))


@patch(f"{ONE}group-settings/", policy=WRITE, sent=GroupSettings, docs=TAGS)
async def group_settings(caller: Caller, account_id: int, sent: GroupSettings, sources: Sources) -> Message:
    """Say which groups are imported, and which become channels by themselves."""
    await sources.groups.change(caller, account_id, [_group_form(setting) for setting in sent.group_settings])
    return Message("Group settings updated successfully")


@get(f"{ONE}auto-created-channels-count/", policy=WRITE, docs=TAGS)
async def auto_created(caller: Caller, account_id: int, sources: Sources, sync: AutoSync) -> AutoCreated:
    """What would go with the account."""
    await sources.accounts.get(caller, account_id)
    count, names = await sync.made_by(caller, account_id)
    return AutoCreated(count=count, sample_names=list(names))


@post(f"{ONE}repack-group/", policy=WRITE, docs=TAGS)
async def repack(caller: Caller, account_id: int, channel_group_id: int, sources: Sources, sync: AutoSync) -> Repacked:
    """Number the channels of a group anew, without gaps."""
    detail = await sources.accounts.get(caller, account_id)
    if detail.account.status in BUSY:
        raise Conflict("The account is being refreshed; its channels are numbered at the end.", reason="refreshing")
    done = await sync.repack(caller, account_id, channel_group_id)
    return Repacked(assigned=done.assigned, released=done.released, failed=done.failed)


@post(f"{ONE}refresh-vod/", policy=COSTLY, status=202, docs=TAGS)
async def refresh_vod(caller: Caller, account_id: int, sources: Sources) -> Begun:
    """Films and series of an account, once they are supported."""
    detail = await sources.accounts.get(caller, account_id)
    if detail.account.account_type is not AccountType.XTREAM:
        raise Refused("VOD refresh is only available for XtreamCodes accounts")
    raise NotBuilt("Films and series of providers are not supported yet.")


@post("/api/m3u/refresh/", policy=COSTLY, status=202, docs=TAGS)
async def refresh_all(caller: Caller, sources: Sources) -> Begun:
    """Refresh every active account."""
    await sources.accounts.refresh_all(caller)
    return Begun(success=True, message="M3U refresh initiated.")


@post("/api/m3u/refresh/{account_id}/", policy=COSTLY, status=202, docs=TAGS)
async def refresh(caller: Caller, account_id: int, sources: Sources, accept_drop: bool = False) -> Begun:
    """Refresh one account; `accept_drop` confirms what the drop guard holds back."""
    await sources.accounts.refresh(caller, account_id, accept_drop=accept_drop)
    return Begun(success=True, message=f"M3U refresh initiated for account {account_id}.")


@post("/api/m3u/refresh-account-info/{profile_id}/", policy=COSTLY, status=202, docs=TAGS)
async def refresh_info(caller: Caller, profile_id: int, sources: Sources) -> Begun:
    """Ask an Xtream panel about the login of a profile."""
    await sources.infos.ask(caller, profile_id)
    return Begun(success=True, message="Account info refresh initiated.")


async def _changed(
    caller: Caller, account_id: int, sent: AccountPatch, sources: Sources, viewers: Viewers, id_maker: Ids
) -> AccountOut:
    async with _kept(sent, sources, id_maker) as file_path:
        changed = await sources.accounts.change(caller, account_id, sent.form(file_path=file_path))
    [shown] = await _shown(caller, [changed], viewers)
    return shown


async def _shown(caller: Caller, details: Sequence[AccountDetail], viewers: Viewers) -> list[AccountOut]:
    ids = [profile.id for detail in details for profile in detail.profiles]
    counts: Mapping[int, int] = await viewers.used(ids)
    may_see = caller.has(Scope.LIVE_WRITE)
    return [AccountOut.of(detail, viewers=counts, may_see=may_see) for detail in details]


@asynccontextmanager
async def _kept(sent: AccountPatch, sources: Sources, id_maker: Ids) -> AsyncIterator[str | None]:
    """Where the uploaded file now lies, below the data directory; None without one. It goes when the block fails."""
    if not isinstance(sent.file, Upload):
        yield None
        return
    file_path = await sources.files.keep(id_maker, sent.file.filename, sent.file.content, ENDINGS)
    try:
        yield file_path
    except PolycastError:
        await asyncio.to_thread(sources.files.drop, file_path)
        raise


def _group_form(setting: GroupSetting) -> GroupForm:
    properties: Any = setting.custom_properties
    return GroupForm(
        group_id=setting.channel_group,
        enabled=setting.enabled,
        auto_channel_sync=setting.auto_channel_sync,
        sync_start=_thousandths(setting.auto_sync_channel_start),
        sync_end=_thousandths(setting.auto_sync_channel_end),
        custom_properties={} if properties is None else properties,
    )


def _thousandths(number: Any) -> Any:
    return number if number is None or number is UNSET else round(number * THOUSANDTHS)
