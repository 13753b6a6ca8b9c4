"""Writing channels inside a unit: checks, numbers, overrides, memberships, the search. Every writer uses this."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.events.model import Audience
from polycast.core.identity.scopes import Scope
from polycast.core.ids import Ids
from polycast.core.search import SearchWords
from polycast.core.storage import Unit
from polycast.live.lineup.events import (
    MOST_NAMED,
    ChannelChanged,
    ChannelCreated,
    ChannelDeleted,
    ChannelGuideSet,
    ChannelsChanged,
)
from polycast.live.lineup.model import (
    ADMIN_LEVEL,
    ALL_PROFILES,
    DEFAULT_GROUP,
    FACTS,
    Channel,
    ChannelNew,
    ChannelPatch,
    Facts,
    Override,
    OverridePatch,
)
from polycast.live.lineup.numbers import first_free, shown
from polycast.live.lineup.store_channels import ChannelStore
from polycast.live.lineup.store_groups import GroupStore, ProfileStore
from polycast.live.lineup.store_links import TARGETS, LinkStore
from polycast.live.tables import channel_profiles, streams

LEVELS: Final = (0, 1, 10)
PLAIN: Final = ("user_level", "is_adult", "is_radio", "is_hidden")
UNKNOWN: Final = "Does not exist."


class ChannelWriter:
    """The rules for a channel's row and what hangs on it. Nothing here asks who is calling."""

    def __init__(
        self,
        *,
        store: ChannelStore,
        links: LinkStore,
        groups: GroupStore,
        profiles: ProfileStore,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self.store = store
        self.links = links
        self.groups = groups
        self._profiles = profiles
        self._clock = clock
        self._ids = ids

    def one(self, unit: Unit, channel_id: int) -> Channel:
        """Raises: NotFound."""
        channel = self.store.get(unit, channel_id)
        if channel is None:
            raise NotFound("The channel")
        return channel

    def create(self, unit: Unit, new: ChannelNew, *, used: set[int] | None = None) -> int:
        """Make a channel; its id. `used` spares looking the numbers up and is added to. Raises: Invalid."""
        problems = self.problems(unit, new)
        profile_ids = self._chosen_profiles(unit, new.profile_ids, problems)
        if problems:
            raise Invalid(problems)
        number = new.number
        if number is None:
            used = self.store.numbers(unit) if used is None else used
            number = first_free(used)
        if used is not None and number is not None:
            used.add(number)
        facts = Facts(**{name: getattr(new, name) for name in FACTS})
        group_id = self.groups.ensure(unit, DEFAULT_GROUP) if new.group_id is None else new.group_id
        channel_id = self.insert(unit, replace(facts, number=number, group_id=group_id), _plain(new))
        self.store.set_streams(unit, channel_id, new.stream_ids)
        if new.stream_ids:
            self.links.roll_up(unit, [channel_id])
        self._profiles.join(unit, [channel_id], profile_ids)
        if new.guide_channel_id is not None:
            unit.publish(ChannelGuideSet(guide_channel_ids=[new.guide_channel_id]))
        return channel_id

    def insert(self, unit: Unit, facts: Facts, values: Mapping[str, Any]) -> int:
        """A bare row with a new UUID; its id."""
        now = self._clock.now()
        row = {"uuid": self._ids.uuid(), "created_at": now, "updated_at": now, **values}
        return self.store.insert(unit, facts, row)

    def join(self, unit: Unit, channel_ids: Sequence[int], profile_ids: Sequence[int] | None) -> None:
        """Switch new channels on in these profiles (None, or none of them known: all)."""
        known = self._profiles.ids(unit)
        wanted = known if profile_ids is None else [one for one in known if one in profile_ids]
        self._profiles.join(unit, channel_ids, wanted or known)

    def change(self, unit: Unit, channel: Channel, patch: ChannelPatch) -> None:
        """Apply `patch`; the caller publishes and indexes. Raises: Invalid."""
        problems = self.problems(unit, patch)
        if problems:
            raise Invalid(problems)
        self.apply(unit, channel, patch)

    def apply(self, unit: Unit, channel: Channel, patch: ChannelPatch) -> None:
        """`change` of what is known to be right."""
        given = {name: getattr(patch, name) for name in FACTS if getattr(patch, name) is not UNSET}
        base = replace(channel.base, **given)
        values = {name: getattr(patch, name) for name in PLAIN if getattr(patch, name) is not UNSET}
        override = overridden(channel.override, patch.override)
        self.write(unit, channel, base=base, override=override, values=values)
        if patch.stream_ids is not UNSET:
            self.store.set_streams(unit, channel.id, patch.stream_ids)
            self.links.roll_up(unit, [channel.id])

    def write(
        self,
        unit: Unit,
        channel: Channel,
        *,
        base: Facts | None = None,
        override: Override | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        """Base, override (None: none) and other columns of one channel."""
        self.store.update(
            unit,
            channel.id,
            {**(values or {}), "updated_at": self._clock.now()},
            base=channel.base if base is None else base,
            override=override,
        )
        effective = (override.guide_channel_id if override else None) or (base or channel.base).guide_channel_id
        if effective is not None and effective != channel.effective.guide_channel_id:
            unit.publish(ChannelGuideSet(guide_channel_ids=[effective]))

    def renumber(self, unit: Unit, numbers: Mapping[int, int | None]) -> None:
        """New effective numbers; of an auto-created channel it is the override that is written."""
        plain: dict[int, int | None] = {}
        pinned: dict[int, int | None] = {}
        for channel in self.store.by_ids(unit, list(numbers)):
            number = numbers[channel.id]
            if channel.auto_created and number is not None:
                pinned[channel.id] = None if number == channel.base.number else number
            else:
                plain[channel.id] = number
        now = self._clock.now()
        self.store.set_numbers(unit, plain, now)
        self.store.pin_numbers(unit, pinned, now)
        self.changed(unit, list(numbers))

    def delete(self, unit: Unit, channel_ids: Sequence[int]) -> int:
        """Drop channels, tell who plays them; how many there were."""
        gone = self.store.delete(unit, channel_ids)
        for one in gone:
            told = ChannelDeleted(channel_id=one.id, uuid=one.uuid, channel_name=one.name, is_private=one.is_private)
            unit.publish(told)
            unit.index(f"live.channel:{one.id}", None, Audience(scope=Scope.LIVE_PLAY))
        return len(gone)

    def created(self, unit: Unit, channel_id: int) -> Channel:
        """Tell of a channel that somebody has just made, and make it findable."""
        channel = self.one(unit, channel_id)
        told = ChannelCreated(
            channel_id=channel_id,
            channel_name=channel.effective.name,
            is_private=is_private(channel),
            number=channel.effective.number,
        )
        unit.publish(told)
        self.index(unit, [channel_id])
        return channel

    def changed(self, unit: Unit, channel_ids: Sequence[int]) -> None:
        """Tell of changed channels, and keep the search in step."""
        self.tell(unit, len(channel_ids), channel_ids)
        self.index(unit, channel_ids)

    def tell(self, unit: Unit, count: int, channel_ids: Sequence[int]) -> None:
        """Tell of `count` changed channels; what works in parts does so once, at its end, with the first few of them."""
        if count == 1:
            unit.publish(ChannelChanged(channel_id=channel_ids[0]))
        elif count:
            named = list(channel_ids) if count <= MOST_NAMED else []
            unit.publish(ChannelsChanged(count=count, channel_ids=named))

    def index(self, unit: Unit, channel_ids: Sequence[int]) -> None:
        """Make channels findable as they are now."""
        found = self.store.by_ids(unit, channel_ids)
        groups = self.links.group_names(unit, sorted({c.effective.group_id or 0 for c in found}))
        for channel in found:
            group = groups.get(channel.effective.group_id or 0, "")
            unit.index(f"live.channel:{channel.id}", words_of(channel, group), audience_of(channel))

    def problems(self, unit: Unit, asked: ChannelNew | ChannelPatch) -> list[Problem]:
        """What is wrong with the rows that `asked` names."""
        found = self._target_problems(unit, asked)
        if isinstance(asked.user_level, int) and asked.user_level not in LEVELS:
            found.append(Problem("user_level", "not_a_choice", {"value": asked.user_level}))
        if asked.stream_ids is not UNSET:
            unknown = self.links.unknown(unit, streams, list(asked.stream_ids))
            found.extend(Problem("stream_ids", "does_not_exist", {"value": one}, UNKNOWN) for one in unknown)
        if isinstance(asked, ChannelPatch) and isinstance(asked.override, OverridePatch):
            found.extend(self._target_problems(unit, asked.override, "override."))
            if asked.override.number == 0:
                found.append(Problem("override.number", "min_value", {"limit": 0.001}, "Must be more than 0."))
        return found

    def lost_targets(self, unit: Unit, held: Sequence[Facts | Override]) -> bool:
        """Whether anything that these rows point at is gone."""
        for name, table in TARGETS.items():
            ids = sorted({getattr(one, name) for one in held if getattr(one, name) is not None})
            if self.links.unknown(unit, table, ids):
                return True
        return False

    def _target_problems(self, unit: Unit, asked: Any, prefix: str = "") -> list[Problem]:
        return [
            Problem(f"{prefix}{name}", "does_not_exist", {"value": getattr(asked, name)}, UNKNOWN)
            for name, table in TARGETS.items()
            if isinstance(getattr(asked, name), int) and not self.links.exists(unit, table, getattr(asked, name))
        ]

    def require_profiles(self, unit: Unit, wanted: Sequence[int] | None) -> None:
        """Raises: Invalid, when one of them is not there."""
        problems: list[Problem] = []
        self._chosen_profiles(unit, wanted, problems)
        if problems:
            raise Invalid(problems)

    def _chosen_profiles(self, unit: Unit, wanted: Sequence[int] | None, problems: list[Problem]) -> list[int]:
        if wanted is None or ALL_PROFILES in wanted:
            return self._profiles.ids(unit)
        chosen = list(dict.fromkeys(wanted))
        unknown = self.links.unknown(unit, channel_profiles, chosen)
        problems.extend(Problem("profile_ids", "does_not_exist", {"value": one}, UNKNOWN) for one in unknown)
        return chosen


def overridden(now: Override | None, patch: OverridePatch | None | Any) -> Override | None:
    """The override after `patch`: UNSET keeps it, None drops it, fields are set or (None) cleared."""
    if patch is UNSET:
        return now
    if patch is None:
        return None
    given = {name: getattr(patch, name) for name in FACTS if getattr(patch, name) is not UNSET}
    return replace(now or Override(), **given)


def words_of(channel: Channel, group: str) -> SearchWords:
    """How a channel presents itself to the search."""
    facts = channel.effective
    number = shown(facts.number)
    return SearchWords(
        kind="channel",
        title=facts.name,
        subtitle=" · ".join(part for part in (number, group) if part),
        text=facts.tvg_id,
        image="" if facts.logo_id is None else f"/api/channels/logos/{facts.logo_id}/cache/",
    )


def is_private(channel: Channel) -> bool:
    """Whether it is hidden, or for administrators alone."""
    return channel.is_hidden or channel.user_level >= ADMIN_LEVEL


def audience_of(channel: Channel) -> Audience:
    """Who may find it: what is hidden or for administrators stays theirs, what is for adults needs a user's right."""
    if is_private(channel):
        return Audience(scope=Scope.LIVE_ADMIN)
    return Audience(scope=Scope.LIVE_READ if channel.user_level or channel.is_adult else Scope.LIVE_PLAY)


def _plain(new: ChannelNew) -> dict[str, Any]:
    return {name: getattr(new, name) for name in PLAIN}
