"""Groups and channel profiles: the rules for naming, filling and dropping them."""

from collections.abc import Mapping, Sequence

from polycast.core.errors import Conflict, Invalid, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.lineup.events import GroupChanged, ProfileChanged
from polycast.live.lineup.model import ChannelGroup, ChannelProfile
from polycast.live.lineup.store_groups import GroupStore, ProfileStore


class Groups:
    """What channels and streams are sorted into."""

    def __init__(self, *, db: Database, store: GroupStore) -> None:
        self._db = db
        self._store = store

    async def list(self) -> list[ChannelGroup]:
        """By name, with counts."""
        return await self._db.read(self._store.all)

    async def get(self, group_id: int) -> ChannelGroup:
        """Raises: NotFound."""
        return await self._db.read(self._one, group_id)

    async def create(self, caller: Caller, name: str) -> ChannelGroup:
        """Raises: NotAllowed; Invalid when the name is taken."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._create, name)

    async def rename(self, caller: Caller, group_id: int, name: str) -> ChannelGroup:
        """Raises: NotAllowed, NotFound; Invalid when the name is taken; Conflict when an account brings the group."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._rename, group_id, name)

    async def delete(self, caller: Caller, group_id: int) -> None:
        """Raises: NotAllowed, NotFound; Conflict when an account brings it or channels are in it."""
        caller.require(Scope.LIVE_ADMIN)
        await self._db.write(self._delete, group_id)

    async def clean_up(self, caller: Caller) -> Sequence[str]:
        """Drop the groups that nothing uses; their names. Raises: NotAllowed."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._clean_up)

    def _one(self, unit: Unit, group_id: int) -> ChannelGroup:
        group = self._store.get(unit, group_id)
        if group is None:
            raise NotFound("The group")
        return group

    def _create(self, unit: Unit, name: str) -> ChannelGroup:
        self._check(unit, name)
        group_id = self._store.insert(unit, name)
        unit.publish(GroupChanged(group_id=group_id))
        return self._one(unit, group_id)

    def _rename(self, unit: Unit, group_id: int, name: str) -> ChannelGroup:
        group = self._one(unit, group_id)
        if group.account_count:
            raise Conflict("An account brings this group; it cannot be renamed.", reason="has_accounts")
        if group.name != name:
            self._check(unit, name)
            self._store.rename(unit, group_id, name)
            unit.publish(GroupChanged(group_id=group_id))
        return self._one(unit, group_id)

    def _delete(self, unit: Unit, group_id: int) -> None:
        group = self._one(unit, group_id)
        if group.account_count:
            raise Conflict("An account brings this group; it cannot be deleted.", reason="has_accounts")
        if group.channel_count:
            raise Conflict("There are channels in this group.", reason="has_channels")
        self._store.delete(unit, [group_id])
        unit.publish(GroupChanged(group_id=group_id))

    def _clean_up(self, unit: Unit) -> Sequence[str]:
        gone = self._store.unused(unit)
        self._store.delete(unit, [group.id for group in gone])
        for group in gone:
            unit.publish(GroupChanged(group_id=group.id))
        return [group.name for group in gone]

    def _check(self, unit: Unit, name: str) -> None:
        if self._store.named(unit, name) is not None:
            raise Invalid.one("name", "unique", model="channel group", field="name")


class Profiles:
    """Selections of channels."""

    def __init__(self, *, db: Database, store: ProfileStore) -> None:
        self._db = db
        self._store = store

    async def list(self, only: frozenset[int] | None = None) -> list[ChannelProfile]:
        """By id; `only` holds a user to their own."""
        return await self._db.read(self._store.all, only)

    async def get(self, profile_id: int, only: frozenset[int] | None = None) -> ChannelProfile:
        """Raises: NotFound, also for one outside `only`."""
        if only is not None and profile_id not in only:
            raise NotFound("The profile")
        return await self._db.read(self._one, profile_id)

    async def named(self, name: str) -> int:
        """The id of the profile called `name`. Raises: NotFound."""
        found = await self._db.read(self._store.named, name)
        if found is None:
            raise NotFound("The profile")
        return found

    async def create(self, caller: Caller, name: str, channel_ids: Sequence[int] | None = None) -> ChannelProfile:
        """A profile with every channel in it, or with these. Raises: NotAllowed; Invalid."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._create, name, channel_ids)

    async def duplicate(self, caller: Caller, profile_id: int, name: str) -> ChannelProfile:
        """Raises: NotAllowed, NotFound; Invalid."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._duplicate, profile_id, name)

    async def update(
        self, caller: Caller, profile_id: int, *, name: str | None = None, channel_ids: Sequence[int] | None = None
    ) -> ChannelProfile:
        """Raises: NotAllowed, NotFound; Invalid."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._update, profile_id, name, channel_ids)

    async def delete(self, caller: Caller, profile_id: int) -> None:
        """Raises: NotAllowed, NotFound."""
        caller.require(Scope.LIVE_ADMIN)
        await self._db.write(self._delete, profile_id)

    async def unknown_channels(self, channel_ids: Sequence[int]) -> Sequence[int]:
        """Those that do not exist."""
        return await self._db.read(self._store.unknown_channels, channel_ids)

    async def switch(self, caller: Caller, profile_id: int, channels_on: Mapping[int, bool]) -> tuple[int, int]:
        """Switch channels on and off; (changed, new) rows. Raises: NotAllowed, NotFound."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._switch, profile_id, channels_on)

    def _one(self, unit: Unit, profile_id: int) -> ChannelProfile:
        profile = self._store.get(unit, profile_id)
        if profile is None:
            raise NotFound("The profile")
        return profile

    def _create(self, unit: Unit, name: str, channel_ids: Sequence[int] | None) -> ChannelProfile:
        self._check(unit, name)
        profile_id = self._store.insert(unit, name)
        if channel_ids is not None:
            self._store.set_members(unit, profile_id, channel_ids)
        return self._changed(unit, profile_id)

    def _duplicate(self, unit: Unit, profile_id: int, name: str) -> ChannelProfile:
        self._one(unit, profile_id)
        self._check(unit, name)
        return self._changed(unit, self._store.insert(unit, name, like=profile_id))

    def _update(
        self, unit: Unit, profile_id: int, name: str | None, channel_ids: Sequence[int] | None
    ) -> ChannelProfile:
        profile = self._one(unit, profile_id)
        if name is not None and name != profile.name:
            self._check(unit, name)
            self._store.rename(unit, profile_id, name)
        if channel_ids is not None:
            self._store.set_members(unit, profile_id, channel_ids)
        return self._changed(unit, profile_id)

    def _delete(self, unit: Unit, profile_id: int) -> None:
        self._one(unit, profile_id)
        self._store.delete(unit, profile_id)
        unit.publish(ProfileChanged(profile_id=profile_id))

    def _switch(self, unit: Unit, profile_id: int, channels_on: Mapping[int, bool]) -> tuple[int, int]:
        self._one(unit, profile_id)
        unit.publish(ProfileChanged(profile_id=profile_id))
        return self._store.switch(unit, profile_id, channels_on)

    def _changed(self, unit: Unit, profile_id: int) -> ChannelProfile:
        unit.publish(ProfileChanged(profile_id=profile_id))
        return self._one(unit, profile_id)

    def _check(self, unit: Unit, name: str) -> None:
        if self._store.named(unit, name) is not None:
            raise Invalid([Problem("name", "unique", {"model": "channel profile", "field": "name"})])
