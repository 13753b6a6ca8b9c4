"""Reading the guide: windows, now and next, single programmes. Plain methods for units."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final

from polycast.core.storage import Unit
from polycast.live.guide.dummies import Dummies
from polycast.live.guide.model import Airing, Programme, programme_id, programme_of
from polycast.live.guide.pages import unpack
from polycast.live.guide.store_guided import Guided
from polycast.live.guide.store_pages import PageStore

AT_ONCE: Final = 200  # guide channels in one statement
NEXT_WITHIN: Final = 24 * 3600  # seconds; how far "next" is looked for
START: Final = attrgetter("start")


class Programmes:
    """What is on. All times are unix seconds."""

    def __init__(self, *, store: PageStore, dummies: Dummies) -> None:
        self._store = store
        self._dummies = dummies

    def window(
        self, unit: Unit, guide_channel_ids: Iterable[int], start: int, end: int | None
    ) -> dict[int, list[Airing]]:
        """Stored programmes that touch [start, end) (None: all later ones), by guide channel and start."""
        return dict(self.each(unit, guide_channel_ids, start, end))

    def each(
        self, unit: Unit, guide_channel_ids: Iterable[int], start: int, end: int | None
    ) -> Iterator[tuple[int, list[Airing]]]:
        """`window` piece by piece, for outputs: guide channels by id, those without programmes left out."""
        wanted = sorted(set(guide_channel_ids))
        for at in range(0, len(wanted), AT_ONCE):
            owner, found = 0, list[Airing]()
            for guide_channel_id, body in self._store.window(unit, wanted[at : at + AT_ONCE], start, end):
                if guide_channel_id != owner:
                    if found:
                        yield owner, found
                    owner, found = guide_channel_id, []
                airings = unpack(body)
                if airings[0].start < start or (end is not None and airings[-1].start >= end):
                    airings = [a for a in airings if a.end > start and (end is None or a.start < end)]
                found += airings
            if found:
                yield owner, found

    def of_channels(self, unit: Unit, channels: Sequence[Guided], start: int, end: int) -> dict[int, list[Programme]]:
        """What runs on each channel in [start, end), made up where there is no guide; by channel id and start."""
        real = self.window(
            unit, {c.guide_channel_id for c in channels if c.guide_channel_id and not _is_dummy(c)}, start, end
        )
        found: dict[int, list[Programme]] = {}
        made_up: list[Guided] = []
        for channel in channels:
            airings = real.get(channel.guide_channel_id or 0)
            if airings is None and (channel.guide_channel_id is None or _is_dummy(channel)):
                made_up.append(channel)
            else:
                found[channel.id] = identified(channel.guide_channel_id or 0, airings or [])
        return found | self._dummies.of(unit, made_up, start, end)

    def now_next(
        self, unit: Unit, channels: Sequence[Guided], at: int
    ) -> dict[int, tuple[Programme | None, Programme | None]]:
        """The programme that runs on each channel at that second, and the one after it."""
        found: dict[int, tuple[Programme | None, Programme | None]] = {}
        for channel_id, programmes in self.of_channels(unit, channels, at, at + NEXT_WITHIN).items():
            place = bisect_right(programmes, at, key=lambda each: each.airing.start)
            now = programmes[place - 1] if place and programmes[place - 1].airing.end > at else None
            found[channel_id] = (now, programmes[place] if place < len(programmes) else None)
        return found

    def by_id(self, unit: Unit, found: int) -> Programme | None:
        """A stored programme; None when it is gone."""
        guide_channel_id, start = programme_of(found)
        for _, airings in self.each(unit, [guide_channel_id], start, start + 1):
            for airing in airings:
                if airing.start == start:
                    return Programme(found, guide_channel_id, airing)
        return None


def identified(guide_channel_id: int, airings: Iterable[Airing]) -> list[Programme]:
    """Stored programmes with their ids."""
    return [Programme(programme_id(guide_channel_id, a.start), guide_channel_id, a) for a in airings]


def _is_dummy(channel: Guided) -> bool:
    return channel.source_type == "dummy"
