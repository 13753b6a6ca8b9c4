"""Edits of many channels at once: fields, names by pattern, numbers, guides. All is checked before anything is written."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.lineup.channels import as_override, check_override
from polycast.live.lineup.model import Channel, ChannelPatch, OverridePatch
from polycast.live.lineup.numbers import WHOLE
from polycast.live.lineup.ordering import dealt
from polycast.live.lineup.store_links import TARGETS
from polycast.live.lineup.writing import ChannelWriter
from polycast.live.regexes import Budget, Replacement, compile_pattern

NAME_LIMIT: Final = 512


class BulkRefused(Struct, frozen=True, kw_only=True):
    """Why one channel of a bulk edit cannot be changed. `problems` is empty when there is no such channel."""

    channel_id: int
    problems: Sequence[Problem]


class BulkInvalid(Invalid):
    """Nothing was changed: some channels cannot be."""

    def __init__(self, refused: Sequence[BulkRefused]) -> None:
        self.refused = tuple(refused)
        super().__init__([problem for one in refused for problem in one.problems])


class GuideChoice(Struct, frozen=True, kw_only=True):
    """A channel and the guide channel it is to have; None for none."""

    channel_id: int
    guide_channel_id: int | None


class ChannelEdits:
    """What people do to a selection of channels."""

    def __init__(self, *, db: Database, writer: ChannelWriter) -> None:
        self._db = db
        self._writer = writer

    async def change(self, caller: Caller, patches: Sequence[tuple[int, ChannelPatch]]) -> Sequence[Channel]:
        """Apply each patch to its channel, all or none. Raises: NotAllowed; BulkInvalid."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._change, patches)

    async def rename(self, caller: Caller, channel_ids: Sequence[int], find: str, replace: str, flags: str) -> int:
        """Replace what `find` matches in the names; how many changed.

        Raises: NotAllowed; Invalid for a bad expression; TooSlow; NotFound when none of the channels exists.
        """
        caller.require(Scope.LIVE_ADMIN)
        pattern = compile_pattern(find, flags=flags, path="find")
        names = await self._db.read(self._names, channel_ids)
        text, budget = Replacement(replace), Budget()
        wanted = {one: pattern.replace(text, name, budget).strip()[:NAME_LIMIT] for one, name in names.items()}
        return await self._db.write(self._rename, names, wanted)

    async def assign(self, caller: Caller, channel_ids: Sequence[int], start: int) -> int:
        """Number channels one after the other from `start` (thousandths), in the order given. Raises: NotAllowed."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._assign, channel_ids, start)

    async def reorder(self, caller: Caller, channel_id: int, after_id: int | None) -> Channel:
        """Put a channel behind another one (None: first); the numbers in between are dealt out again.

        Raises: NotAllowed, NotFound.
        """
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._reorder, channel_id, after_id)

    async def set_guide(self, caller: Caller, channel_id: int, guide_channel_id: int | None) -> Channel:
        """Raises: NotAllowed, NotFound (channel or guide channel)."""
        caller.require(Scope.LIVE_ADMIN)
        choice = GuideChoice(channel_id=channel_id, guide_channel_id=guide_channel_id)
        return (await self._db.write(self._set_one_guide, choice))[0]

    async def set_guides(self, caller: Caller, choices: Sequence[GuideChoice]) -> tuple[int, int]:
        """Give channels their guides; (channels changed, guide channels whose programmes are asked for).

        Unknown channels and guide channels are passed over. Raises: NotAllowed.
        """
        caller.require(Scope.LIVE_ADMIN)
        changed = await self._db.write(self.set_guides_in, choices)
        return len(changed), len({c.effective.guide_channel_id for c in changed if c.effective.guide_channel_id})

    def set_guides_in(self, unit: Unit, choices: Sequence[GuideChoice]) -> list[Channel]:
        """`set_guides` inside a bigger unit; the channels as they are now."""
        wanted = {choice.channel_id: choice.guide_channel_id for choice in choices}
        asked = [one for one in wanted.values() if one is not None]
        unknown = set(self._writer.links.unknown(unit, TARGETS["guide_channel_id"], asked))
        done: list[int] = []
        for channel in self._writer.store.by_ids(unit, list(wanted)):
            guide = wanted[channel.id]
            if guide not in unknown and guide != channel.effective.guide_channel_id:
                self._writer.apply(unit, channel, _guided(channel, guide))
                done.append(channel.id)
        self._writer.changed(unit, done)
        return self._writer.store.by_ids(unit, done)

    def _set_one_guide(self, unit: Unit, choice: GuideChoice) -> list[Channel]:
        self._writer.one(unit, choice.channel_id)
        guide = choice.guide_channel_id
        if guide is not None and not self._writer.links.exists(unit, TARGETS["guide_channel_id"], guide):
            raise NotFound("The guide channel")
        self.set_guides_in(unit, [choice])
        return [self._writer.one(unit, choice.channel_id)]

    def _change(self, unit: Unit, patches: Sequence[tuple[int, ChannelPatch]]) -> list[Channel]:
        ids = [channel_id for channel_id, _ in patches]
        found = {channel.id: channel for channel in self._writer.store.by_ids(unit, ids)}
        refused = [
            BulkRefused(channel_id=channel_id, problems=problems)
            for channel_id, patch in patches
            if (problems := self._refusal(unit, found.get(channel_id), patch)) is not None
        ]
        if refused:
            raise BulkInvalid(refused)
        for channel_id, patch in patches:
            # The same channel may be named twice: the second patch goes on from the first.
            self._writer.apply(unit, self._writer.one(unit, channel_id), patch)
        self._writer.changed(unit, list(dict.fromkeys(ids)))
        return self._writer.store.by_ids(unit, list(dict.fromkeys(ids)))

    def _refusal(self, unit: Unit, channel: Channel | None, patch: ChannelPatch) -> Sequence[Problem] | None:
        if channel is None:
            return ()
        try:
            check_override(channel, patch)
        except Invalid as error:
            return error.problems
        return self._writer.problems(unit, patch) or None

    def _names(self, unit: Unit, channel_ids: Sequence[int]) -> dict[int, str]:
        found = {channel.id: channel.base.name for channel in self._writer.store.by_ids(unit, channel_ids)}
        if not found:
            raise NotFound("The channels")
        return found

    def _rename(self, unit: Unit, before: Mapping[int, str], wanted: Mapping[int, str]) -> int:
        done = []
        for channel in self._writer.store.by_ids(unit, list(wanted)):
            name = wanted[channel.id]
            if name and name != channel.base.name and channel.base.name == before[channel.id]:
                self._writer.apply(unit, channel, ChannelPatch(name=name))
                done.append(channel.id)
        self._writer.changed(unit, done)
        return len(done)

    def _assign(self, unit: Unit, channel_ids: Sequence[int], start: int) -> int:
        ids = list(dict.fromkeys(channel_ids))
        found = {channel.id: channel for channel in self._writer.store.by_ids(unit, ids)}
        for place, channel_id in enumerate(one for one in ids if one in found):
            self._writer.apply(unit, found[channel_id], ChannelPatch(number=start + place * WHOLE))
        self._writer.changed(unit, list(found))
        return len(found)

    def _reorder(self, unit: Unit, channel_id: int, after_id: int | None) -> Channel:
        self._writer.one(unit, channel_id)
        if after_id is not None:
            self._writer.one(unit, after_id)
        if after_id != channel_id:
            numbers = dealt(self._writer.store.numbered(unit), [channel_id], after_id)
            self._writer.renumber(unit, numbers)
        return self._writer.one(unit, channel_id)


def _guided(channel: Channel, guide_channel_id: int | None) -> ChannelPatch:
    """A sync would undo what is written into an auto-created channel, so a guide goes over it; none takes both away."""
    if not channel.auto_created:
        return ChannelPatch(guide_channel_id=guide_channel_id)
    if guide_channel_id is None:
        return ChannelPatch(guide_channel_id=None, override=OverridePatch(guide_channel_id=None))
    return as_override(channel, ChannelPatch(guide_channel_id=guide_channel_id))
