"""How likely a provider's title is ours. Source: specs/library.md 5.3."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

ROMAN: Final = {"ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
ARTICLE: Final = re.compile(r"^(the|a|an|der|die|das|le|la|les|el)\s+|,\s*(the|a|an)$")
TITLE: Final = 0.70
YEAR: Final = 0.20
SIZE: Final = 0.05
FAME: Final = 0.05
SURE: Final = 0.85
LIKELY: Final = 0.70
MARGIN: Final = 0.08


class Candidate(Struct, frozen=True, kw_only=True):
    """What a provider offers."""

    provider: str = "tmdb"
    id: int
    title: str
    original_title: str = ""
    year: int | None = None
    popularity: float = 0.0
    overview: str = ""
    poster: str = ""
    confidence: float = 0.0


def score(title: str, year: int | None, one: Candidate, *, best_popularity: float) -> float:
    """From 0 to 1."""
    likeness = max(_alike(title, name) for name in (one.title, one.original_title) if name) if one.title else 0.0
    fame = one.popularity / best_popularity if best_popularity > 0 else 0.0
    return TITLE * likeness + YEAR * _years(year, one.year) + SIZE + FAME * min(1.0, fame)


def ranked(title: str, year: int | None, found: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
    """The likeliest first."""
    best = max((one.popularity for one in found), default=0.0)
    return sorted(
        ((score(title, year, one, best_popularity=best), one) for one in found), key=lambda p: (-p[0], p[1].id)
    )


def choice(order: Sequence[tuple[float, Candidate]]) -> tuple[Candidate, float] | None:
    """The one that is meant, when that is clear enough."""
    if not order:
        return None
    points, first = order[0]
    margin = points - order[1][0] if len(order) > 1 else 1.0
    if (points >= SURE and margin >= MARGIN) or points >= 0.98 or (points >= LIKELY and margin >= MARGIN):
        return first, points
    return None


def plain(title: str) -> str:
    """A title bare of what differs between spellings."""
    text = unicodedata.normalize("NFKD", title.casefold())
    text = "".join(one for one in text if not unicodedata.combining(one)).replace("&", " and ")
    text = ARTICLE.sub("", re.sub(r"[^\w\s,]", " ", text).strip())
    return " ".join(ROMAN.get(word, word) for word in text.replace(",", " ").replace("_", " ").split())


def _alike(left: str, right: str) -> float:
    one, other = plain(left), plain(right)
    if one == other:
        return 1.0
    return max(fuzz.token_sort_ratio(one, other) / 100 * 0.98, JaroWinkler.similarity(one, other) * 0.9)


def _years(wanted: int | None, there: int | None) -> float:
    if wanted is None or there is None:
        return 0.4
    return {0: 1.0, 1: 0.7}.get(abs(wanted - there), 0.0)
