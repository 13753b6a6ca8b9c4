"""Finds guide channels by name: an inverted index of letter groups, then a closer look at the best."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from rapidfuzz import fuzz

from polycast.live.guide.match.names import Name, Normalizer

GRAM: Final = 3
POSTINGS: Final = 4000  # entries looked at for one name, from its rarest letter groups on
CLOSER: Final = 40  # candidates that are compared in full
KEPT: Final = 5  # candidates that are told
WORTH_TELLING: Final = 45.0
SAME_COUNTRY, OTHER_COUNTRY, CONTAINED = 15.0, -15.0, 10.0
MORE_WORDS: Final = 89.0  # at most, when one of the names says more than the other
SAME_WORD: Final = 80.0
OTHER_NUMBER: Final = -25.0
OTHER_SHIFT: Final = -30.0
OTHER_KIND: Final = -6.0


class Entry(Struct, frozen=True, gc=False):
    """A guide channel to be found."""

    id: int
    tvg_id: str
    title: str
    source: str
    priority: int
    icon_url: str
    name: Name


class Candidate(Struct, frozen=True, kw_only=True):
    """A guide channel that may be the one. `score` 0-100, `cosine` 0-1."""

    guide_id: int
    name: str
    tvg_id: str
    source: str
    icon_url: str
    score: float
    cosine: float
    reasons: tuple[str, ...]
    has_conflict: bool  # a number, a time shift or a country says that it is another channel


class Asked(Struct, frozen=True, kw_only=True):
    """A channel that looks for its guide."""

    id: int
    name: str
    tvg_id: str
    station_id: str


class Finder:
    """All guide channels of active sources, in memory for the length of a run."""

    def __init__(
        self, rows: Iterable[tuple[int, str, str, str, int, str]], normalizer: Normalizer, region: str
    ) -> None:
        """`rows`: id, tvg id, name, source, priority, icon. `region` is the preferred country, or empty."""
        self._normalizer = normalizer
        self._region = region.lower()
        self._entries = [
            Entry(i, tvg_id, title, source, priority, icon, normalizer(title, tvg_id))
            for i, tvg_id, title, source, priority, icon in rows
        ]
        self._by_tvg: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._postings: dict[str, array[int]] = {}
        for place, entry in enumerate(self._entries):
            self._by_tvg[entry.tvg_id.casefold()].append(place)
            self._by_name[entry.name.squashed].append(place)
            for gram in set(_grams(entry.name.squashed)):
                self._postings.setdefault(gram, array("I")).append(place)
        count = max(1, len(self._entries))
        self._rarity = {gram: math.log(1 + count / len(found)) for gram, found in self._postings.items()}

    def find(self, asked: Asked) -> list[Candidate]:
        """The best candidates, best first; certain ones by id need no look at names."""
        for key, reason, score in ((asked.tvg_id, "same tvg id", 100.0), (asked.station_id, "same station id", 99.0)):
            places = self._by_tvg.get(key.casefold(), []) if key else []
            if places:
                chosen = sorted(places, key=lambda place: (-self._entries[place].priority, place))
                return [self._by_id(place, reason, score) for place in chosen[:KEPT]]
        name = self._normalizer(asked.name, asked.tvg_id)
        if not name.squashed:
            return []
        close = [self._compare(name, place) for place in self._near(name)]
        close.sort(key=lambda each: (-each[0].score, -each[1]))
        return [candidate for candidate, _ in close[:KEPT] if candidate.score >= WORTH_TELLING]

    def _near(self, name: Name) -> Sequence[int]:
        """Entries that share rare letter groups with `name`, most of them first; equal names always."""
        weights: Counter[int] = Counter()
        left = POSTINGS
        grams = [gram for gram in set(_grams(name.squashed)) if gram in self._postings]
        for gram in sorted(grams, key=lambda gram: -self._rarity[gram]):
            places = self._postings[gram]
            if left <= 0:
                break
            left -= len(places)
            weight = self._rarity[gram]
            for place in places if left >= 0 else places[: left + len(places)]:
                weights[place] += weight  # type: ignore[assignment] # a Counter of floats
        near = [place for place, _ in weights.most_common(CLOSER)]
        same = [place for place in self._by_name.get(name.squashed, [])[:CLOSER] if place not in weights]
        return [*same, *near]

    def _compare(self, name: Name, place: int) -> tuple[Candidate, int]:
        entry = self._entries[place]
        other, reasons, has_conflict = entry.name, list[str](), False
        if name.squashed == other.squashed:
            score, cosine = 100.0, 1.0
            reasons.append("same name")
        else:
            cosine = self._cosine(name.squashed, other.squashed)
            ratio = fuzz.ratio(name.text, other.text)
            together = fuzz.token_sort_ratio(name.text, other.text)
            score = max(ratio, together, 0.97 * fuzz.ratio(name.squashed, other.squashed))
            reasons.append(f"names alike to {score:.0f} %")
        if name.call_sign and name.call_sign == other.call_sign:
            score += CONTAINED
            reasons.append(f"same call sign {name.call_sign.upper()}")
        country = name.country or self._region
        if country and other.country:
            same = country == other.country
            score += SAME_COUNTRY if same else OTHER_COUNTRY
            reasons.append(f"same country {country.upper()}" if same else f"another country {other.country.upper()}")
            has_conflict |= not same and bool(name.country)
        for mine, its, change, what in (
            (name.numbers, other.numbers, OTHER_NUMBER, "another number"),
            (name.shift, other.shift, OTHER_SHIFT, "another time shift"),
            (name.kinds, other.kinds, OTHER_KIND, "another kind"),
        ):
            if mine != its:
                score += change
                reasons.append(what)
                has_conflict |= what != "another kind"
        ours, theirs = _unmatched(name.text, other.text), _unmatched(other.text, name.text)
        if name.squashed != other.squashed and (ours or theirs):
            has_conflict |= bool(ours and theirs)
            score = min(score, MORE_WORDS)
            reasons.append(f"other words: {' '.join([*ours, '/', *theirs])}")
        candidate = Candidate(
            guide_id=entry.id,
            name=entry.title,
            tvg_id=entry.tvg_id,
            source=entry.source,
            icon_url=entry.icon_url,
            score=round(max(0.0, min(100.0, score)), 1),
            cosine=round(cosine, 3),
            reasons=tuple(reasons),
            has_conflict=has_conflict,
        )
        return candidate, entry.priority

    def _by_id(self, place: int, reason: str, score: float) -> Candidate:
        entry = self._entries[place]
        return Candidate(
            guide_id=entry.id,
            name=entry.title,
            tvg_id=entry.tvg_id,
            source=entry.source,
            icon_url=entry.icon_url,
            score=score,
            cosine=1.0,
            reasons=(reason,),
            has_conflict=False,
        )

    def _cosine(self, ours: str, theirs: str) -> float:
        """How alike the letter groups are, rare ones counting more."""
        first, second = Counter(_grams(ours)), Counter(_grams(theirs))
        product = sum(n * second[g] * self._weight(g) ** 2 for g, n in first.items() if g in second)
        lengths = math.sqrt(self._length(first) * self._length(second))
        return product / lengths if lengths else 0.0

    def _length(self, grams: Counter[str]) -> float:
        return sum((n * self._weight(gram)) ** 2 for gram, n in grams.items())

    def _weight(self, gram: str) -> float:
        return self._rarity.get(gram, 1.0)


class Limits(Struct, frozen=True, kw_only=True):
    """From where on a candidate is taken without a look. Source: the table of 5.4."""

    accept: float
    accept_alike: float  # with letter groups that are alike as well
    alike: float
    last_score: float
    last_alike: float


BULK: Final = Limits(accept=90, accept_alike=70, alike=0.75, last_score=80, last_alike=0.65)
SINGLE: Final = Limits(accept=85, accept_alike=60, alike=0.65, last_score=75, last_alike=0.5)


def is_certain(candidates: Sequence[Candidate], limits: Limits) -> bool:
    """Whether the best candidate may be taken without a look."""
    if not candidates or candidates[0].has_conflict:
        return False
    best = candidates[0]
    if best.score >= limits.accept:
        return True
    has_rival = len(candidates) > 1 and candidates[1].score > best.score - 4 and candidates[1].tvg_id != best.tvg_id
    if has_rival:
        return False
    return (best.score >= limits.accept_alike and best.cosine >= limits.alike) or (
        best.score >= limits.last_score and best.cosine >= limits.last_alike
    )


def _unmatched(text: str, other: str) -> list[str]:
    """Words of `text` that are not in `other`, not even with a slip."""
    words = other.split()
    return [w for w in text.split() if w not in words and not any(fuzz.ratio(w, o) >= SAME_WORD for o in words)]


def _grams(squashed: str) -> list[str]:
    padded = f" {squashed} "
    return [padded[at : at + GRAM] for at in range(max(1, len(padded) - GRAM + 1))]
