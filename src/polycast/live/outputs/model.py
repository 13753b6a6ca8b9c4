"""A line-up as outputs need it: each channel with everything that players are told about it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from msgspec import Struct

from polycast.live.lineup.model import DEFAULT_GROUP, Viewer
from polycast.live.lineup.numbers import WHOLE, shown

HD_LINES: Final = 720
NO_GROUP: Final = 0  # the id of the group of channels without one, where no row has its name


class TvgIdSource(StrEnum):
    """What names a channel in playlists and guides."""

    NUMBER = "channel_number"
    TVG_ID = "tvg_id"
    GRACENOTE = "gracenote"


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """A channel of a line-up, effective values."""

    id: int
    uuid: str
    name: str
    number: int | None  # thousandths
    group_id: int | None
    group_name: str | None
    logo_id: int | None
    logo_url: str | None  # where the picture comes from; players get our own address unless they ask otherwise
    tvg_id: str
    station_id: str
    guide_channel_id: int | None
    is_adult: bool
    is_radio: bool
    catchup_days: int  # 0: none
    created_at: datetime

    @property
    def shown_number(self) -> str:
        """As people write it; empty for none."""
        return shown(self.number) or ""

    def name_for(self, source: TvgIdSource) -> str:
        """Its id in a playlist and in the guide that belongs to it."""
        chosen = ""
        if source is TvgIdSource.TVG_ID:
            chosen = self.tvg_id
        elif source is TvgIdSource.GRACENOTE:
            chosen = self.station_id
        return chosen or self.shown_number or str(self.id)


class StreamFacts(Struct, frozen=True, kw_only=True):
    """What is known of a stream's pictures and sound."""

    video_codec: str  # "h264"; empty when not known
    audio_codec: str
    is_hd: bool

    @classmethod
    def of(cls, stats: Mapping[str, Any]) -> "StreamFacts":
        """From stored `stream_stats`."""
        height = str(stats.get("resolution") or "").rpartition("x")[2]
        return cls(
            video_codec=str(stats.get("video_codec") or ""),
            audio_codec=str(stats.get("audio_codec") or ""),
            is_hd=height.isdecimal() and int(height) >= HD_LINES,
        )


class View(Struct, frozen=True, kw_only=True):
    """Whose line-up: what they may see, and the channel profile they asked for."""

    viewer: Viewer
    profile_id: int | None = None


class LineUp:
    """The visible channels of a view, by effective number, those without one last. Never changed once made."""

    def __init__(self, view: View, version: int, entries: Sequence[Entry]) -> None:
        self.view = view
        self.version = version  # another one: something may differ
        self.entries = tuple(entries)

    @cached_property
    def by_id(self) -> Mapping[int, Entry]:
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def integers(self) -> Mapping[int, int]:
        """The whole number of each channel, by id, for clients that know no others."""
        return integer_numbers(self.entries)

    @cached_property
    def default_group_id(self) -> int:
        """Where channels without a group are counted."""
        named = (entry.group_id for entry in self.entries if entry.group_name == DEFAULT_GROUP)
        return next((found for found in named if found is not None), NO_GROUP)

    def by_number(self, text: str) -> Entry | None:
        """The first channel with this number as people write it."""
        return next((entry for entry in self.entries if entry.number is not None and shown(entry.number) == text), None)


def integer_numbers(entries: Sequence[Entry]) -> dict[int, int]:
    """Whole numbers keep theirs; then, in list order, a fractional one gets the first free from its floor upwards, a
    channel without number the first free from 1. Source: `specs/live.md` 4.4.
    """
    found = {entry.id: entry.number // WHOLE for entry in entries if entry.number and entry.number % WHOLE == 0}
    used = set(found.values())
    after: dict[int, int] = {}  # from where on a search has found all taken
    for entry in entries:
        if entry.id in found:
            continue
        start = max(1, entry.number // WHOLE) if entry.number is not None else 1
        number = after.get(start, start)
        while number in used:
            number += 1
        after[start] = number + 1
        used.add(number)
        found[entry.id] = number
    return found
