"""The channels: lists for whoever may see them, and the rules for making, changing and dropping one."""

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import UNSET, Struct
from msgspec.structs import replace

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.lineup.model import (
    EVERYTHING,
    FACTS,
    Channel,
    ChannelNew,
    ChannelPage,
    ChannelPatch,
    ChannelQuery,
    ChannelRow,
    OverridePatch,
    Viewer,
    Visibility,
)
from polycast.live.lineup.store_windows import WindowStore
from polycast.live.lineup.writing import ChannelWriter

AT_ONCE: Final = 500  # channels of one read
OCCUPANTS: Final = 50  # channels that `in_range` names


class Viewers(Protocol):
    """Who may see what: live TV's properties of users."""

    def sees_all(self, caller: Caller) -> bool:
        """Whether it is plain without asking that `caller` sees everything."""
        ...

    async def viewer(self, caller: Caller) -> Viewer: ...


class Settling(Protocol):
    """What has to be put in order when a channel is hidden or shown: the auto sync's."""

    def settle_in(self, unit: Unit, channel_id: int) -> None: ...


class Occupant(Struct, frozen=True, kw_only=True):
    """A channel that has a number somebody is interested in."""

    channel: Channel
    group_name: str | None


class Channels:
    """The line-up, as far as each caller may see it."""

    def __init__(
        self, *, db: Database, writer: ChannelWriter, windows: WindowStore, viewers: Viewers, settling: Settling
    ) -> None:
        self._db = db
        self._writer = writer
        self._store = writer.store
        self._windows = windows
        self._viewers = viewers
        self._settling = settling

    async def visible_to(self, caller: Caller) -> Viewer:
        """What `caller` may see: administrators everything, others what their level and profiles allow."""
        if self._viewers.sees_all(caller):
            return EVERYTHING
        viewer = await self._viewers.viewer(caller)
        return EVERYTHING if viewer.level >= 10 else viewer

    async def page(
        self, caller: Caller, query: ChannelQuery, *, offset: int = 0, limit: int = 50, asks_guides: bool = False
    ) -> ChannelPage:
        """A part of the list, with the count of all; `asks_guides` for `has_unguided`. Raises: NotAllowed."""
        return await self._db.read(self._page, await self._held(caller, query), offset, limit, asks_guides)

    async def all(self, caller: Caller, query: ChannelQuery) -> list[Channel]:
        """All that `query` finds, in its order. Raises: NotAllowed."""
        ids = await self._db.read(self._store.ids, await self._held(caller, query))
        # In parts: no read may take longer than a second, and others are answered in between.
        found: list[Channel] = []
        for at in range(0, len(ids), AT_ONCE):
            found += await self._db.read(self._store.by_ids, ids[at : at + AT_ONCE])
        return found

    async def ids(self, caller: Caller, query: ChannelQuery) -> Sequence[int]:
        """Raises: NotAllowed."""
        return await self._db.read(self._store.ids, await self._held(caller, query))

    async def get(self, caller: Caller, channel_id: int) -> Channel:
        """Raises: NotAllowed; NotFound, also for one the caller may not see."""
        query = ChannelQuery(ids=[channel_id], visibility=Visibility.ALL)
        found = await self._db.read(self._store.page, await self._held(caller, query))
        if not found:
            raise NotFound("The channel")
        return found[0]

    async def by_uuids(self, caller: Caller, uuids: Sequence[str]) -> Sequence[Channel]:
        """In the order asked for, without those that are unknown or not for the caller. Raises: NotAllowed."""
        found = {channel.uuid: channel for channel in await self._db.read(self._store.by_uuids, uuids)}
        query = ChannelQuery(ids=[channel.id for channel in found.values()], visibility=Visibility.ALL)
        seen = set(await self.ids(caller, query))
        return [found[uuid] for uuid in dict.fromkeys(uuids) if uuid in found and found[uuid].id in seen]

    async def in_range(self, caller: Caller, start: int, end: int) -> Sequence[Occupant]:
        """Who has the numbers from `start` to `end` (thousandths, both included), the first 50 that the caller may see.

        Raises: NotAllowed.
        """
        caller.require(Scope.LIVE_READ)
        found = await self._db.read(self._occupants, start, end)
        query = ChannelQuery(ids=[one.channel.id for one in found], visibility=Visibility.ALL)
        seen = set(await self.ids(caller, query)) if found else set()
        return [one for one in found if one.channel.id in seen]

    async def rows(self, found: Sequence[Channel]) -> Sequence[ChannelRow]:
        """Channels that the caller was shown, with what stands beside them."""
        return await self._db.read(self._windows.around, found)

    async def create(self, caller: Caller, new: ChannelNew) -> Channel:
        """Raises: NotAllowed; Invalid."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._create, new)

    async def change(self, caller: Caller, channel_id: int, patch: ChannelPatch) -> Channel:
        """Raises: NotAllowed, NotFound; Invalid."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._change, channel_id, patch)

    async def change_effective(self, caller: Caller, channel_id: int, patch: ChannelPatch) -> Channel:
        """`change` as people mean it: of an auto-created channel it writes the override, so that a sync keeps it.

        Raises: NotAllowed, NotFound; Invalid.
        """
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._change_effective, channel_id, patch)

    async def delete(self, caller: Caller, channel_ids: Sequence[int]) -> int:
        """Drop channels and end what plays on them; how many there were. Raises: NotAllowed."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._writer.delete, channel_ids)

    async def delete_one(self, caller: Caller, channel_id: int) -> None:
        """Raises: NotAllowed, NotFound."""
        caller.require(Scope.LIVE_ADMIN)
        await self._db.write(self._delete_one, channel_id)

    async def _held(self, caller: Caller, query: ChannelQuery) -> ChannelQuery:
        caller.require(Scope.LIVE_READ)
        return replace(query, viewer=await self.visible_to(caller))

    def _page(self, unit: Unit, query: ChannelQuery, offset: int, limit: int, asks_guides: bool) -> ChannelPage:
        return ChannelPage(
            items=self._store.page(unit, query, limit=limit, offset=offset),
            count=self._store.count(unit, query),
            has_unguided=asks_guides and self._store.has_unguided(unit),
        )

    def _occupants(self, unit: Unit, start: int, end: int) -> list[Occupant]:
        found = self._store.in_range(unit, start, end, limit=OCCUPANTS)
        names = self._writer.links.group_names(unit, sorted({c.effective.group_id or 0 for c in found}))
        return [Occupant(channel=c, group_name=names.get(c.effective.group_id or 0)) for c in found]

    def _create(self, unit: Unit, new: ChannelNew) -> Channel:
        return self._writer.created(unit, self._writer.create(unit, new))

    def _change(self, unit: Unit, channel_id: int, patch: ChannelPatch) -> Channel:
        channel = self._writer.one(unit, channel_id)
        check_override(channel, patch)
        self._writer.change(unit, channel, patch)
        if patch.is_hidden not in (UNSET, channel.is_hidden):
            self._settling.settle_in(unit, channel_id)
        self._writer.changed(unit, [channel_id])
        return self._writer.one(unit, channel_id)

    def _change_effective(self, unit: Unit, channel_id: int, patch: ChannelPatch) -> Channel:
        channel = self._writer.one(unit, channel_id)
        if channel.auto_created:
            patch = as_override(channel, patch)
        self._writer.change(unit, channel, patch)
        if patch.is_hidden not in (UNSET, channel.is_hidden):
            self._settling.settle_in(unit, channel_id)
        self._writer.changed(unit, [channel_id])
        return self._writer.one(unit, channel_id)

    def _delete_one(self, unit: Unit, channel_id: int) -> None:
        self._writer.one(unit, channel_id)
        self._writer.delete(unit, [channel_id])


def check_override(channel: Channel, patch: ChannelPatch) -> None:
    """Raises: Invalid when `patch` overrides a channel that no sync writes."""
    override = patch.override
    if channel.auto_created or not isinstance(override, OverridePatch):
        return
    if any(getattr(override, name) is not None for name in given(override)):
        text = "Only channels made by auto sync can have an override."
        raise Invalid([Problem("override", "manual_channel", {}, text)])


def given(override: OverridePatch) -> list[str]:
    """The fields that are set or cleared."""
    return [name for name in FACTS if not _is_unset(getattr(override, name))]


def as_override(channel: Channel, patch: ChannelPatch) -> ChannelPatch:
    """The same change, written over an auto-created channel instead of into it.

    A value equal to what the sync says clears the override of that field.
    """
    fields = {}
    for name in FACTS:
        value = getattr(patch, name)
        if not _is_unset(value):
            fields[name] = None if value == getattr(channel.base, name) else value
    rest = {
        name: getattr(patch, name)
        for name in ChannelPatch.__struct_fields__
        if name not in FACTS and name != "override"
    }
    return ChannelPatch(**rest, override=OverridePatch(**fields))


def _is_unset(value: object) -> bool:
    return value is UNSET
