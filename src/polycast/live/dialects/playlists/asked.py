"""What the query of a playlist or a guide may say, and what counts when it says nothing."""

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from polycast.live.outputs.model import TvgIdSource

FORMAT: Final = re.compile(r"[a-z0-9]{1,16}")
DIGITS: Final = re.compile(r"[0-9]{1,9}")
NO: Final = frozenset({"false", "0", "no", "off"})
YES: Final = frozenset({"true", "1", "yes", "on"})
KEPT: Final = ("tvg_id_source", "cachedlogos", "days", "prev_days")  # what a playlist hands on to its guide
MOST_DAYS: Final = 365
MOST_PREV_DAYS: Final = 30


class Asked(Struct, frozen=True, kw_only=True):
    """The options of a playlist and of its guide."""

    source: TvgIdSource
    cached_logos: bool
    direct: bool
    catchup: bool
    output_profile: str  # digits or empty
    output_format: str  # a word or empty
    days: int  # 0: all that is known
    prev_days: int | None  # None: not said
    strict: bool
    kept: tuple[tuple[str, str], ...]  # what the guide's address repeats


def read(query: Mapping[str, str], properties: Mapping[str, Any]) -> Asked:
    """Wrong values count as not given: a player cannot do anything about them."""
    source = query.get("tvg_id_source", "").lower()
    known = source in {one.value for one in TvgIdSource}
    prev_days = _number(query.get("prev_days"), MOST_PREV_DAYS)
    days = _number(query.get("days"), MOST_DAYS)
    own_days, own_prev_days = properties.get("epg_days"), properties.get("epg_prev_days")
    if days is None:
        days = _number(str(own_days), MOST_DAYS) if own_days is not None else None
    if prev_days is None and own_prev_days is not None:
        prev_days = _number(str(own_prev_days), MOST_PREV_DAYS)
    return Asked(
        source=TvgIdSource(source) if known else TvgIdSource.NUMBER,
        cached_logos=query.get("cachedlogos", "").lower() not in NO,
        direct=query.get("direct", "").lower() in YES,
        catchup=query.get("catchup", "").lower() not in NO,
        output_profile=_word(query.get("output_profile"), DIGITS),
        output_format=_word(query.get("output_format") or query.get("output"), FORMAT),
        days=days or 0,
        prev_days=prev_days,
        strict=query.get("strict", "").lower() in YES,
        kept=tuple((name, query[name]) for name in KEPT if query.get(name)),
    )


def _number(text: str | None, most: int) -> int | None:
    return min(int(text), most) if text is not None and DIGITS.fullmatch(text) else None


def _word(text: str | None, pattern: re.Pattern[str]) -> str:
    return text.lower() if text is not None and pattern.fullmatch(text.lower()) else ""
