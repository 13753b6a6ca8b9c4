"""What a sync would do with the channels of one group: pure, no database. Source: `specs/live.md` 5.2."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.storage import sort_key
from polycast.live.lineup.numbers import WHOLE, first_free, thousandths
from polycast.live.regexes import Budget, Replacement, compile_pattern

NAME_LIMIT: Final = 512
SECONDS: Final = 10.0  # for all expressions of a group


class Rules(Struct, frozen=True, kw_only=True):
    """How a group is synced: the keys of its `custom_properties`."""

    group_override: int | None = None
    name_regex_pattern: str = ""
    name_replace_pattern: str = ""
    name_match_regex: str = ""
    name_match_exclude_regex: str = ""
    channel_profile_ids: list[int] | None = None
    custom_epg_id: int | None = None
    force_dummy_epg: bool = False
    channel_sort_order: str = ""  # "", name, tvg_id, updated_at
    channel_sort_reverse: bool = False
    stream_profile_id: int | None = None
    custom_logo_id: int | None = None
    channel_numbering_mode: str = "fixed"  # fixed, provider, next_available
    channel_numbering_fallback: int = 1
    compact_numbering: bool = False


class SyncGroup(Struct, frozen=True, kw_only=True):
    """A group that becomes channels by itself."""

    group_id: int
    start: int | None  # thousandths
    end: int | None
    rules: Rules


class SyncStream(Struct, frozen=True, kw_only=True):
    """A stream that may become a channel."""

    id: int
    name: str
    tvg_id: str
    logo_url: str
    number: int | None  # the provider's, thousandths
    is_adult: bool
    stationid: str
    updated_at: datetime


class Present(Struct, frozen=True, kw_only=True):
    """A channel that an earlier sync has made."""

    id: int
    stream_ids: Sequence[int]
    is_hidden: bool
    number: int | None  # of the base row
    pinned: int | None  # the number of its override


class Wanted(Struct, frozen=True, kw_only=True):
    """A channel as it is to be; `channel_id` None for one to be made."""

    channel_id: int | None
    stream: SyncStream
    name: str
    number: int | None


class Plan(Struct, frozen=True, kw_only=True):
    """What a group is to become. `failed` streams found no number."""

    wanted: Sequence[Wanted]
    gone: Sequence[int]  # channels to be dropped
    failed: int


def rules_of(properties: Mapping[str, Any]) -> Rules:
    """What people have set; a value that does not fit counts as not set."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(Rules):
        value = properties.get(field.name)
        if value is None or value == "":
            continue
        try:
            found[field.name] = msgspec.convert(value, field.type, strict=False)
        except msgspec.ValidationError:
            continue
    return Rules(**found)


def chosen(streams: Sequence[SyncStream], rules: Rules) -> list[tuple[SyncStream, str]]:
    """The streams that become channels, in the order of their numbers, and what the channels are called.

    Raises: Invalid for an expression that is none; TooSlow.
    """
    budget = Budget(SECONDS)
    kept = list(streams)
    if rules.name_match_regex:
        wanted = compile_pattern(rules.name_match_regex, flags="i")
        kept = [one for one in kept if wanted.matches(one.name, budget)]
    if rules.name_match_exclude_regex:
        unwanted = compile_pattern(rules.name_match_exclude_regex, flags="i")
        kept = [one for one in kept if not unwanted.matches(one.name, budget)]
    keys: dict[str, Callable[[SyncStream], Any]] = {
        "name": lambda one: sort_key(one.name),
        "tvg_id": lambda one: (sort_key(one.tvg_id), sort_key(one.name)),
        "updated_at": lambda one: one.updated_at,
    }
    if rules.channel_sort_order in keys:
        kept.sort(key=keys[rules.channel_sort_order])
    if rules.channel_sort_reverse:
        kept.reverse()
    if not rules.name_regex_pattern:
        return [(one, one.name) for one in kept]
    pattern, text = compile_pattern(rules.name_regex_pattern), Replacement(rules.name_replace_pattern)
    return [(one, pattern.replace(text, one.name, budget).strip()[:NAME_LIMIT] or one.name) for one in kept]


def plan(group: SyncGroup, streams: Sequence[SyncStream], present: Sequence[Present], used: set[int]) -> Plan:
    """What to make, change and drop. `used` are the numbers of others; those given here are added to it.

    Raises: Invalid, TooSlow, for the expressions.
    """
    by_stream = {stream_id: one for one in reversed(present) for stream_id in one.stream_ids}
    wanted: list[Wanted] = []
    matched: set[int] = set()
    failed = 0
    numbers = Numbers(group, used)
    for stream, name in chosen(streams, group.rules):
        channel = by_stream.get(stream.id)
        if channel is not None and channel.id in matched:
            continue
        number = numbers.for_hidden(channel) if channel and channel.is_hidden else numbers.give(stream, channel)
        if number is None and (channel is None or not (channel.is_hidden or numbers.frees(channel))):
            failed += 1
            continue
        if channel is not None:
            matched.add(channel.id)
        wanted.append(Wanted(channel_id=channel.id if channel else None, stream=stream, name=name, number=number))
    gone = [one.id for one in present if one.id not in matched and not one.is_hidden]
    return Plan(wanted=wanted, gone=gone, failed=failed)


class Numbers:
    """Deals out the numbers of one group."""

    def __init__(self, group: SyncGroup, used: set[int]) -> None:
        self._rules = group.rules
        self._end = group.end
        self._used = used
        self._next = group.start or WHOLE
        self._compact = group.rules.compact_numbering

    def give(self, stream: SyncStream, channel: Present | None) -> int | None:
        """The number for a visible channel; None when the range is full, or its override makes one needless."""
        if channel is not None and self.frees(channel):
            return None
        mode = self._rules.channel_numbering_mode
        if mode == "provider":
            if stream.number is not None and stream.number not in self._used:
                return self._take(stream.number)
            return self._take(first_free(self._used, thousandths(self._rules.channel_numbering_fallback), self._end))
        if mode == "next_available":
            return self._take(first_free(self._used))
        number = self._take(first_free(self._used, self._next, self._end))
        if number is not None:
            self._next = number
        return number

    def for_hidden(self, channel: Present) -> int | None:
        """A hidden channel keeps its number, or in a compact group sets it free."""
        return None if self._compact else channel.number

    def frees(self, channel: Present) -> bool:
        """Whether the channel needs no number of its own: in a compact group an override is the reservation."""
        return self._compact and channel.pinned is not None

    def _take(self, number: int | None) -> int | None:
        if number is not None:
            self._used.add(number)
        return number
