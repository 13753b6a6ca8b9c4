"""Programmes for channels that have no guide: plain blocks, or what a dummy guide's patterns find in a name."""

from collections.abc import Sequence
from typing import Final

from polycast.core.storage import Unit
from polycast.live.guide.dummy_custom import CustomDummy
from polycast.live.guide.model import Airing, Programme
from polycast.live.guide.store_guided import Guided, GuidedStore
from polycast.live.guide.store_sources import SourceStore

BLOCK: Final = 4 * 3600
HOUR: Final = 3600
LONGEST: Final = 14 * 86_400  # seconds of a window that is filled
TEXTS: Final = (  # by the block of the day, from midnight UTC
    "Through the night with {name}.",
    "Early in the day on {name}.",
    "The morning on {name}.",
    "The afternoon on {name}.",
    "The evening on {name}.",
    "Late in the evening on {name}.",
)


class Dummies:
    """Makes programmes up."""

    def __init__(self, *, sources: SourceStore, guided: GuidedStore) -> None:
        self._sources = sources
        self._guided = guided

    def of(self, unit: Unit, channels: Sequence[Guided], start: int, end: int) -> dict[int, list[Programme]]:
        """Programmes of `channels` that touch [start, end), by channel id and start."""
        end = min(end, start + LONGEST)
        customs: dict[int, CustomDummy | None] = {}
        named = self._names(unit, channels)
        found: dict[int, list[Programme]] = {}
        for channel in channels:
            custom = self._custom(unit, channel, customs)
            if custom is None:
                found[channel.id] = standard(channel.id, channel.name, start, end)
                continue
            airings = custom.airings(channel.name, named.get(channel.id, ()), start, end)
            found[channel.id] = [
                Programme(f"dummy-custom-{channel.id}-{a.start // HOUR}", channel.guide_channel_id or 0, a)
                for a in airings
            ]
        return found

    def _custom(self, unit: Unit, channel: Guided, known: dict[int, CustomDummy | None]) -> CustomDummy | None:
        if channel.source_id is None or channel.source_type != "dummy":
            return None
        if channel.source_id not in known:
            source = self._sources.by_id(unit, channel.source_id)
            known[channel.source_id] = None if source is None else CustomDummy.of(source.custom_properties)
        return known[channel.source_id]

    def _names(self, unit: Unit, channels: Sequence[Guided]) -> dict[int, list[str]]:
        ids = [channel.id for channel in channels if channel.source_type == "dummy"]
        return self._guided.stream_names(unit, ids) if ids else {}


def standard(channel_id: int, name: str, start: int, end: int) -> list[Programme]:
    """Blocks of four hours that bear the channel's name."""
    found: list[Programme] = []
    for at in range(start - start % BLOCK, end, BLOCK):
        text = TEXTS[at % 86_400 // BLOCK].format(name=name)
        found.append(Programme(f"dummy-standard-{channel_id}-{at // HOUR}", 0, Airing(at, at + BLOCK, name, "", text)))
    return found
