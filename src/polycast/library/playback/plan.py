"""Where a film is cut into segments: the same for every viewer, every quality and every restart."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from msgspec import Struct

from polycast.core.media import Keyframes

SECOND: Final = 1_000_000
SEGMENTS: Final = 100_000


class Plan(Struct, frozen=True, kw_only=True):
    """Segments by their beginnings, microseconds from the beginning of the film; the first is 0."""

    starts_us: tuple[int, ...]
    end_us: int
    ticks: tuple[int, ...] = ()  # entry points for copying, one a segment; empty where nothing can be copied

    @property
    def count(self) -> int:
        return len(self.starts_us)

    def start(self, number: int) -> int:
        return self.starts_us[number]

    def end(self, number: int) -> int:
        """Where the next one begins, or the film ends."""
        return self.starts_us[number + 1] if number + 1 < self.count else self.end_us

    def end_tick(self, number: int) -> int | None:
        return self.ticks[number + 1] if number + 1 < len(self.ticks) else None

    def seconds(self, number: int) -> float:
        return max(0.001, (self.end(number) - self.start(number)) / SECOND)

    def at(self, position: timedelta) -> int:
        """The number of the segment that shows a position."""
        us = position // timedelta(microseconds=1)
        return max(0, min(self.count - 1, bisect_right(self.starts_us, us) - 1))


def by_keyframes(found: Keyframes, *, length: timedelta, duration: timedelta) -> Plan:
    """Cut at the first entry point at or after each multiple of `length` from the first picture on."""
    step = length // timedelta(microseconds=1)
    times, ticks = found.times_us(), found.ticks
    end = max(found.end_us, duration // timedelta(microseconds=1), times[-1] + SECOND // 25)
    starts, chosen = [0], [ticks[0]]
    origin = times[0]
    number = 1
    for time, tick in zip(times[1:], ticks[1:], strict=True):
        if time >= end or len(starts) >= SEGMENTS:
            break
        if time >= origin + number * step:
            starts.append(time)
            chosen.append(tick)
            number = (time - origin) // step + 1
    return Plan(starts_us=tuple(starts), end_us=end, ticks=tuple(chosen))


def evenly(duration: timedelta, *, length: timedelta) -> Plan:
    """Equal segments, for pictures that are encoded anew and for sound without pictures."""
    end = max(1, duration // timedelta(microseconds=1))
    step = length // timedelta(microseconds=1)
    return Plan(starts_us=tuple(range(0, end, step)[:SEGMENTS]), end_us=end)


def longest_s(plan: Plan) -> int:
    """The target duration of a playlist: whole seconds that no segment exceeds."""
    return max(1, *(-(-(plan.end(number) - plan.start(number)) // SECOND) for number in range(plan.count)))


def restored(starts_us: Sequence[int], end_us: int, ticks: Sequence[int]) -> Plan:
    """A plan from its parts."""
    return Plan(starts_us=tuple(starts_us), end_us=end_us, ticks=tuple(ticks))
