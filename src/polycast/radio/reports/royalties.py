"""What rights societies want to know: which recording was heard, and by how many. Source: `specs/radio.md` 5.13."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from polycast.radio.reports.sheets import Cell
from polycast.radio.stations.model import Played

SOUND_EXCHANGE: Final = (
    "NAME_OF_SERVICE", "TRANSMISSION_CATEGORY", "FEATURED_ARTIST", "SOUND_RECORDING_TITLE", "ISRC", "ALBUM_TITLE",
    "MARKETING_LABEL", "ACTUAL_TOTAL_PERFORMANCES",
)  # fmt: skip
GENERIC: Final = (
    "Artist", "Title", "Album", "Composer", "Lyricist", "Publisher", "Label", "ISRC", "Duration (s)", "Plays", "Performances",
)  # fmt: skip
CATEGORY: Final = "A"  # nonsubscription transmissions that are no simulcast
Span = tuple[datetime, datetime]


class Recording(Struct, kw_only=True):
    """One recording, added up over its plays."""

    first: Played
    plays: int = 0
    performances: int = 0


def recordings(played: Sequence[Played], spans: Sequence[Span]) -> list[Recording]:
    """Of the history in order of time, and of who listened from when to when.

    A performance is one listener who heard any part of one play. A play ends with its length, or when the next begins.
    """
    starts, ends = sorted(one for one, _ in spans), sorted(one for _, one in spans)
    found: dict[tuple[str, ...], Recording] = {}
    for index, one in enumerate(played):
        if one.jingle_id is not None or not one.title:
            continue
        end = one.at + timedelta(milliseconds=one.length_ms) if one.length_ms else None
        if index + 1 < len(played):
            following = played[index + 1].at
            end = following if end is None else min(end, following)
        heard = bisect_left(starts, end) if end is not None else len(starts)
        heard -= bisect_right(ends, one.at)
        known = found.setdefault((one.author, one.title, one.isrc, one.album, one.label), Recording(first=one))
        known.plays += 1
        known.performances += max(heard, 0)
    return sorted(found.values(), key=lambda one: (-one.performances, one.first.author, one.first.title))


def tuning_hours(spans: Sequence[Span]) -> float:
    """Aggregate tuning hours: everybody's time, added up."""
    return round(sum((end - start).total_seconds() for start, end in spans) / 3600, 2)


def sound_exchange(service: str, found: Sequence[Recording]) -> list[Sequence[Cell]]:
    """The report of use that SoundExchange takes."""
    rows: list[Sequence[Cell]] = [SOUND_EXCHANGE]
    for one in found:
        if one.performances:
            play = one.first
            rows.append(
                (service, CATEGORY, play.author, play.title, play.isrc, play.album, play.label, one.performances)
            )
    return rows


def generic(found: Sequence[Recording]) -> list[Sequence[Cell]]:
    """With everybody who has a part in it."""
    rows: list[Sequence[Cell]] = [GENERIC]
    for one in found:
        play = one.first
        words = (
            play.author,
            play.title,
            play.album,
            play.composer,
            play.lyricist,
            play.publisher,
            play.label,
            play.isrc,
        )
        rows.append((*words, play.length_ms // 1000, one.plays, one.performances))
    return rows
