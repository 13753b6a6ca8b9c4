"""What has much in common: shared words and people, the rare ones counting most."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import func, select

from polycast.core.storage import Unit
from polycast.library.catalogue.model import Item, Viewer
from polycast.library.catalogue.store_viewer import visible
from polycast.library.tables.catalogue import items, parts, tags

WEIGHTS: Final[Mapping[str, float]] = {
    "genre": 1.0, "keyword": 1.5, "studio": 0.5, "network": 0.5, "mood": 1.5, "theme": 1.5, "tag": 1.5,
}  # fmt: skip
PERSON: Final = 1.2
FRANCHISE: Final = 12.0
COMMON: Final = 0.2  # a word that more of the titles have says nothing
RARE: Final = 0.05  # of the titles have it, at most
ENOUGH: Final = 60  # titles that share something rare
NEAR: Final = 500  # of them that are looked at again
MOST_WORDS: Final = 40
MOST_PEOPLE: Final = 12


class Word(Struct, frozen=True, kw_only=True):
    """A word that liked titles share, and what it is worth to another that has it too."""

    kind: str
    value: str
    share: float  # of the titles that have it
    points: float


class AlikeStore:
    """Nearness of titles, by what is stored of them."""

    def like(self, unit: Unit, viewer: Viewer, item: Item, *, limit: int) -> list[int]:
        """Keys of the titles nearest to `item`, nearest first, without itself."""
        scores = self.scores(unit, viewer, {item.id: 1.0}, kind=item.kind.value)
        if item.collection_tmdb is not None:
            same = select(items.c.id).where(items.c.collection_tmdb == item.collection_tmdb, visible(viewer))
            for row in unit.execute(same):
                scores[row[0]] = scores.get(row[0], 0.0) + FRANCHISE
        scores.pop(item.id, None)
        return [key for key, _ in sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]]

    def scores(self, unit: Unit, viewer: Viewer, liked: Mapping[int, float], *, kind: str) -> dict[int, float]:
        """How near each title is to those in `liked`, which count as much as their value says."""
        total = max(
            2, int(unit.execute(select(func.count()).select_from(items).where(items.c.kind == kind)).scalar_one())
        )
        found: dict[int, float] = {}
        words = self._words(unit, liked, total)
        self._add_words(unit, viewer, kind, [one for one in words if one.share <= RARE], found)
        self._by_people(unit, viewer, liked, kind, found)
        common = [one for one in words if one.share > RARE]
        # Every fourth title is a drama: where something rarer is shared, such words only put that in order.
        near = sorted(found, key=lambda key: (-found[key], key))[:NEAR] if len(found) >= ENOUGH else None
        self._add_words(unit, viewer, kind, common, found, among=near)
        return found

    def _words(self, unit: Unit, liked: Mapping[int, float], total: int) -> list[Word]:
        """What the liked titles are about, what counts most first."""
        wanted: dict[tuple[str, str], float] = {}
        query = select(tags.c.item_id, tags.c.kind, tags.c.value_key).where(tags.c.item_id.in_(list(liked)))
        for item_id, word_kind, value in unit.execute(query):
            if word_kind in WEIGHTS:
                pair = (word_kind, value)
                wanted[pair] = wanted.get(pair, 0.0) + WEIGHTS[word_kind] * liked[item_id]
        best = sorted(wanted.items(), key=lambda pair: -pair[1])[:MOST_WORDS]
        found = []
        for word_kind in {pair[0] for pair, _ in best}:
            values = {value: weight for (one, value), weight in best if one == word_kind}
            counts = dict(self._counts(unit, word_kind, values))
            for value, weight in values.items():
                share = counts.get(value, 1) / total
                rare = math.log(1 / share) if share < 1 else 0.05
                found.append(Word(kind=word_kind, value=value, share=share, points=weight * max(rare, COMMON)))
        return found

    @staticmethod
    def _add_words(
        unit: Unit, viewer: Viewer, kind: str, words: Sequence[Word], found: dict[int, float],
        *, among: Sequence[int] | None = None,
    ) -> None:  # fmt: skip
        for word_kind in {one.kind for one in words}:
            points = {one.value: one.points for one in words if one.kind == word_kind}
            query = (
                select(tags.c.item_id, tags.c.value_key)
                .join(items, items.c.id == tags.c.item_id)
                .where(tags.c.kind == word_kind, tags.c.value_key.in_(list(points)), items.c.kind == kind)
                .where(items.c.is_available.is_(True), visible(viewer))
            )
            if among is not None:
                query = query.where(tags.c.item_id.in_(list(among)))
            for item_id, value in unit.execute(query):
                found[item_id] = found.get(item_id, 0.0) + points[value]

    def _counts(self, unit: Unit, kind: str, values: Iterable[str]) -> list[tuple[str, int]]:
        query = select(tags.c.value_key, func.count()).where(tags.c.kind == kind, tags.c.value_key.in_(list(values)))
        return [(value, int(count)) for value, count in unit.execute(query.group_by(tags.c.value_key))]

    def _by_people(
        self, unit: Unit, viewer: Viewer, liked: Mapping[int, float], kind: str, found: dict[int, float]
    ) -> None:
        weights: dict[int, float] = {}
        query = select(parts.c.item_id, parts.c.person_id).where(
            parts.c.item_id.in_(list(liked)), parts.c.position < MOST_PEOPLE
        )
        for item_id, person_id in unit.execute(query):
            weights[person_id] = weights.get(person_id, 0.0) + PERSON * liked[item_id]
        if not weights:
            return
        rows = unit.execute(
            select(parts.c.item_id, parts.c.person_id)
            .join(items, items.c.id == parts.c.item_id)
            .where(
                parts.c.person_id.in_(sorted(weights, key=lambda one: -weights[one])[:200]),
                items.c.kind == kind,
                items.c.is_available.is_(True),
                visible(viewer),
            )
            .distinct()
        )
        for item_id, person_id in rows:
            found[item_id] = found.get(item_id, 0.0) + weights[person_id]
