"""The schedule: which event is on when, by the wall clock of its zone. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from polycast.radio.stations.programme import GridEvent

BACK: Final = timedelta(days=32)  # a week of a month comes at least every so often
ALL_WEEKS: Final = frozenset({1, 2, 3, 4})


class Occurrence(Struct, frozen=True, kw_only=True):
    """An event at one of its times."""

    event: GridEvent
    start: datetime  # UTC
    end: datetime | None  # its own end; None: until the next event
    is_after: bool = False  # what follows a radio show, until the next event


def at_wall(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When a wall clock shows this, in UTC: at the end of a gap for a time that is skipped, the first time of two."""
    naive = datetime.combine(day, clock)
    found = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == naive:
        return found
    # Skipped: the change lies between what the offset after and the offset before would make of it.
    low, high = naive.replace(tzinfo=zone, fold=1).astimezone(UTC), found
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def week_of(day: date, weeks: frozenset[int]) -> int:
    """Which week of its month, 1 to 4; 0 for the days from the 29th on, unless all four weeks are chosen."""
    number = (day.day - 1) // 7 + 1
    return number if number <= 4 else 4 if weeks >= ALL_WEEKS else 0


def starts(event: GridEvent, first: datetime, last: datetime) -> list[datetime]:
    """When it begins, from `first` to before `last`."""
    zone = ZoneInfo(event.timezone or "UTC")
    if event.periodicity == "onetime":
        if event.start_date is None:
            return []
        found = at_wall(event.start_date, event.start_time, zone)
        return [found] if first <= found < last else []
    day, until = first.astimezone(zone).date() - timedelta(days=1), last.astimezone(zone).date()
    times: list[datetime] = []
    while day <= until:
        if day.weekday() in event.weekdays and week_of(day, event.weeks or ALL_WEEKS) in (event.weeks or ALL_WEEKS):
            at = at_wall(day, event.start_time, zone)
            if first <= at < last:
                times.append(at)
        day += timedelta(days=1)
    return times


def own_end(event: GridEvent, start: datetime) -> datetime | None:
    """When a radio show ends by itself; events of other kinds last until the next."""
    if event.cast_type != "radioshow" or event.finish_time is None:
        return None
    zone = ZoneInfo(event.timezone or "UTC")
    day = start.astimezone(zone).date()
    if event.finish_date is not None and event.start_date is not None and event.periodicity == "onetime":
        day = event.finish_date
    end = at_wall(day, event.finish_time, zone)
    return end if end > start else at_wall(day + timedelta(days=1), event.finish_time, zone)


def between(events: Sequence[GridEvent], first: datetime, last: datetime) -> list[Occurrence]:
    """All beginnings from `first` to before `last`, in order, each with its end; what follows shows is in it too.

    A onetime event hides a periodic one that begins at the same time.
    """
    found = sorted(
        (
            (at, event.periodicity != "onetime", event.id, event)
            for event in events
            for at in starts(event, first, last)
        ),
        key=lambda one: one[:3],
    )
    kept = [(one[0], one[3]) for index, one in enumerate(found) if index == 0 or found[index - 1][0] != one[0]]
    occurrences: list[Occurrence] = []
    for index, (at, event) in enumerate(kept):
        following = kept[index + 1][0] if index + 1 < len(kept) else None
        end = own_end(event, at)
        if end is not None and following is not None and following <= end:
            end = following
        occurrences.append(Occurrence(event=event, start=at, end=end or following))
        has_after = event.playlist_after_id is not None or event.rotation_after_id is not None
        if end is not None and end != following and has_after:
            occurrences.append(Occurrence(event=event, start=end, end=following, is_after=True))
    return occurrences


def current(events: Sequence[GridEvent], at: datetime) -> Occurrence | None:
    """What is on at a time; None when nothing is, or the show is over and nothing follows it."""
    past = [one for one in between(events, at - BACK, at + timedelta(microseconds=1)) if one.start <= at]
    if not past:
        return None
    last = past[-1]
    return None if last.end is not None and last.end <= at else last
