"""Auto channel sync: groups of accounts that become channels by themselves. Source: `specs/live.md` 5.2."""

import logging
from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.jobs.model import Run
from polycast.core.storage import Database, Unit, fold
from polycast.live.lineup.model import Facts
from polycast.live.lineup.numbers import WHOLE, first_free
from polycast.live.lineup.store_links import TARGETS
from polycast.live.lineup.store_logos import LogoStore
from polycast.live.lineup.store_sync import ALWAYS, SyncStore
from polycast.live.lineup.sync_plan import Plan, Present, SyncGroup, Wanted, plan
from polycast.live.lineup.writing import ChannelWriter
from polycast.live.regexes import TooSlow
from polycast.live.sources.ports import Imported, Synced

log = logging.getLogger("polycast.live.sync")

PART: Final = 25  # channels written in one unit: others write in between
SAMPLES: Final = 5


class Repacked(NamedTuple):
    """Channels that got a number, that gave theirs back, and for which none was left."""

    assigned: int = 0
    released: int = 0
    failed: int = 0


class Tally(Struct, kw_only=True):
    """What a sync has done so far."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    failed: int = 0
    changed_ids: list[int] = field(default_factory=list)

    def synced(self) -> Synced:
        return Synced(created=self.created, updated=self.updated, deleted=self.deleted, failed=self.failed)


class AutoSync:
    """Keeps channels in step with imports, and removes those of an account that goes."""

    def __init__(
        self, *, db: Database, writer: ChannelWriter, store: SyncStore, logos: LogoStore, clock: Clock
    ) -> None:
        self._db = db
        self._writer = writer
        self._store = store
        self._logos = logos
        self._clock = clock

    async def imported(self, what: Imported, run: Run) -> Synced:
        """After an import: make, change and drop channels; catch-up of all that have streams of the account."""
        tally = Tally()
        account_id = what.account_id
        groups = await self._db.read(self._store.groups, account_id)
        used = await self._db.read(self._store.used, account_id)
        await self._drop_orphans(account_id, groups, used, tally)
        try:
            for group in groups:
                run.check()
                await self._sync(account_id, group, used, run, tally)
        finally:
            # Once, whatever ends it: a line for each part would fill the list of what has happened.
            if tally.changed_ids:
                told = list(dict.fromkeys(tally.changed_ids))
                await self._db.write(self._writer.tell, len(told), told)
        linked = await self._db.read(self._writer.links.with_streams_of, account_id)
        for at in range(0, len(linked), 10 * PART):
            await self._db.write(self._writer.links.roll_up, linked[at : at + 10 * PART])
        return tally.synced()

    async def remove_of(self, account_id: int) -> int:
        """Drop every channel that syncs of the account have made; how many."""
        ids = await self._db.read(self._store.made_by, account_id)
        return sum([await self._db.write(self._writer.delete, ids[at : at + PART]) for at in range(0, len(ids), PART)])

    async def made_by(self, caller: Caller, account_id: int) -> tuple[int, Sequence[str]]:
        """How many channels would go with the account, and the names of the first five. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        ids = await self._db.read(self._store.made_by, account_id)
        found = await self._db.read(self._writer.store.by_ids, ids[:SAMPLES])
        return len(ids), [channel.effective.name for channel in found]

    async def repack(self, caller: Caller, account_id: int, group_id: int) -> Repacked:
        """Pack the numbers of a group's channels without gaps.

        Raises: NotAllowed; NotFound when the account has no such group; Conflict when it is not synced, or a refresh runs.
        """
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._repack, account_id, group_id)

    def settle_in(self, unit: Unit, channel_id: int) -> None:
        """After a channel was hidden or shown: in a compact group its number is given away, or it gets one."""
        home = self._store.home(unit, channel_id)
        group = self._group(unit, *home) if home else None
        if home and group is not None and group.rules.compact_numbering:
            self._pack(unit, home[0], group)

    async def _drop_orphans(self, account_id: int, groups: Sequence[SyncGroup], used: set[int], tally: Tally) -> None:
        synced = [group.group_id for group in groups]
        policy = await self._db.read(self._store.cleanup, account_id)
        gone: list[int] = []
        for channel_id, number, is_customized in await self._db.read(self._store.orphans, account_id, synced):
            if policy == ALWAYS or (policy == "preserve_customized" and not is_customized):
                gone.append(channel_id)
            elif number is not None:
                used.add(number)
        for at in range(0, len(gone), PART):
            tally.deleted += await self._db.write(self._writer.delete, gone[at : at + PART])

    async def _sync(self, account_id: int, group: SyncGroup, used: set[int], run: Run, tally: Tally) -> None:
        streams = await self._db.read(self._store.streams, account_id, group.group_id)
        present = await self._db.read(self._store.present, account_id, group.group_id)
        try:
            planned: Plan = await run.thread(plan, group, streams, present, used)
        except (Invalid, TooSlow) as error:
            # Expressions of one group must not keep the others from being synced; its channels stay as they are.
            log.warning("group %d of account %d is not synced: %s", group.group_id, account_id, error.message)
            tally.failed += len(streams)
            used.update(one.number for one in present if one.number is not None)
            return
        tally.failed += planned.failed
        # Numbers move between channels: what goes makes room first.
        for at in range(0, len(planned.gone), PART):
            tally.deleted += await self._db.write(self._writer.delete, planned.gone[at : at + PART])
        for at in range(0, len(planned.wanted), PART):
            run.check()
            part = planned.wanted[at : at + PART]
            created, updated = await self._db.write(self._write, account_id, group, part)
            tally.created += len(created)
            tally.updated += len(updated)
            tally.changed_ids += created + updated

    def _write(
        self, unit: Unit, account_id: int, group: SyncGroup, wanted: Sequence[Wanted]
    ) -> tuple[list[int], list[int]]:
        """Ids of the channels that were made, and of those that differ now."""
        facts = self._facts(unit, group, wanted)
        known = [one.channel_id for one in wanted if one.channel_id is not None]
        present = {channel.id: channel for channel in self._writer.store.by_ids(unit, known)}
        changed: list[int] = []
        created: list[int] = []
        for one, base in zip(wanted, facts, strict=True):
            channel = present.get(one.channel_id or 0)
            if channel is None:
                created.append(self._create(unit, account_id, group, one, base))
            elif channel.base != base or channel.is_adult != one.stream.is_adult:
                values = {"is_adult": one.stream.is_adult}
                self._writer.write(unit, channel, base=base, override=channel.override, values=values)
                changed.append(channel.id)
        self._writer.index(unit, created + changed)
        return created, changed

    def _create(self, unit: Unit, account_id: int, group: SyncGroup, one: Wanted, base: Facts) -> int:
        values = {
            "is_adult": one.stream.is_adult,
            "auto_created": True,
            "auto_account_id": account_id,
            "auto_group_id": group.group_id,
        }
        channel_id = self._writer.insert(unit, base, values)
        self._writer.store.set_streams(unit, channel_id, [one.stream.id])
        self._writer.join(unit, [channel_id], group.rules.channel_profile_ids)
        return channel_id

    def _facts(self, unit: Unit, group: SyncGroup, wanted: Sequence[Wanted]) -> list[Facts]:
        rules, links = group.rules, self._writer.links
        logo_id = _existing(links.exists(unit, TARGETS["logo_id"], rules.custom_logo_id or 0), rules.custom_logo_id)
        logos: dict[str, int] = {}
        if logo_id is None:
            named = {one.stream.logo_url: one.stream.name for one in wanted if one.stream.logo_url}
            logos = self._logos.ensure(unit, named, self._clock.now())
        guides, dummy = self._guides(unit, group, wanted)
        target = rules.group_override
        into = _existing(links.exists(unit, TARGETS["group_id"], target or 0), target) or group.group_id
        profile = rules.stream_profile_id
        profile_id = _existing(links.exists(unit, TARGETS["stream_profile_id"], profile or 0), profile)
        return [
            Facts(
                name=one.name,
                number=one.number,
                group_id=into,
                logo_id=logos.get(one.stream.logo_url) if logo_id is None else logo_id,
                tvg_id=one.stream.tvg_id,
                tvc_guide_stationid=one.stream.stationid,
                guide_channel_id=dummy or guides.get(fold(one.stream.tvg_id)),
                stream_profile_id=profile_id,
            )
            for one in wanted
        ]

    def _guides(self, unit: Unit, group: SyncGroup, wanted: Sequence[Wanted]) -> tuple[dict[str, int], int | None]:
        """Guide channels by tvg-id, or the one that all get."""
        rules, links = group.rules, self._writer.links
        tvg_ids = [one.stream.tvg_id for one in wanted]
        if rules.custom_epg_id is not None:
            only = links.only_guide_of(unit, rules.custom_epg_id)
            return ({}, only) if only else (links.guides_by_tvg(unit, tvg_ids, source_id=rules.custom_epg_id), None)
        return ({}, None) if rules.force_dummy_epg else (links.guides_by_tvg(unit, tvg_ids), None)

    def _group(self, unit: Unit, account_id: int, group_id: int) -> SyncGroup | None:
        found = self._store.groups(unit, account_id)
        return next((group for group in found if group.group_id == group_id), None)

    def _repack(self, unit: Unit, account_id: int, group_id: int) -> Repacked:
        if not self._writer.links.exists(unit, TARGETS["group_id"], group_id):
            raise NotFound("The group")
        if self._store.is_refreshing(unit, account_id):
            raise Conflict("The account is being refreshed; try again after that.", reason="refreshing")
        group = self._group(unit, account_id, group_id)
        if group is None:
            raise Conflict("This group of the account is not synced.", reason="not_synced")
        return self._pack(unit, account_id, group)

    def _pack(self, unit: Unit, account_id: int, group: SyncGroup) -> Repacked:
        used = self._store.used(unit, account_id, but_group=group.group_id)
        present = self._store.present(unit, account_id, group.group_id)
        used -= {one.number for one in present if one.is_hidden and one.pinned is None and one.number is not None}
        numbers: dict[int, int | None] = {}
        released = failed = 0
        at = group.start or WHOLE
        for one in sorted(present, key=_by_number):
            if one.is_hidden or one.pinned is not None:
                released += one.number is not None
                numbers[one.id] = None
                continue
            number = first_free(used, at, group.end)
            failed += number is None
            if number is not None:
                used.add(number)
                at = number
            numbers[one.id] = number
        changed = [one.id for one in present if numbers[one.id] != one.number]
        for channel in self._writer.store.by_ids(unit, changed):
            base = replace(channel.base, number=numbers[channel.id])
            self._writer.write(unit, channel, base=base, override=channel.override)
        self._writer.changed(unit, changed)
        assigned = sum(numbers[one] is not None for one in changed)
        return Repacked(assigned=assigned, released=released, failed=failed)


def _by_number(one: Present) -> tuple[bool, int, int]:
    return one.number is None, one.number or 0, one.id


def _existing(is_there: bool, row_id: int | None) -> int | None:
    return row_id if is_there else None
