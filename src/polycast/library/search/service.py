"""Titles, people, collections and genres by words, for whoever may see them."""

from collections.abc import Collection, Sequence
from typing import Final

from msgspec import Struct

from polycast.core.identity.caller import Caller
from polycast.core.search import Hit, Search
from polycast.core.search.words import words_of
from polycast.core.storage import Database, Unit, fold
from polycast.library.catalogue.titles import Title, Titles
from polycast.library.search.store import SearchStore

KINDS: Final = ("movie", "show", "episode", "person", "collection", "podcast", "genre")
TITLES: Final = ("movie", "show", "episode")
MOST: Final = 200


class Result(Struct, frozen=True, kw_only=True):
    """Something found."""

    kind: str
    id: str
    title: str
    year: int | None
    image: str
    score: float
    field: str
    highlight: str


class SearchRoom:
    """The one search of the house, narrowed to this module."""

    def __init__(self, *, db: Database, search: Search, titles: Titles, store: SearchStore) -> None:
        self._db = db
        self._search = search
        self._titles = titles
        self._store = store

    async def find(self, caller: Caller, text: str, *, kinds: Collection[str], library: str | None) -> list[Result]:
        """Everything that fits, best first; at most 200."""
        wanted = [kind for kind in TITLES if kind in kinds]
        hits = await self._search.find(caller, text, kinds=wanted, limit=MOST) if wanted else []
        return await self._db.read(self._results, caller, text, hits, frozenset(kinds), library)

    async def suggest(self, caller: Caller, text: str, *, limit: int) -> list[Result]:
        """What the typed beginning may become."""
        hits = await self._search.find(caller, text.rstrip(), kinds=("movie", "show"), limit=limit)
        found = await self._db.read(self._results, caller, text, hits, frozenset({"movie", "show", "person"}), None)
        return found[:limit]

    def _results(
        self, unit: Unit, caller: Caller, text: str, hits: Sequence[Hit], kinds: frozenset[str], library: str | None
    ) -> list[Result]:
        viewer = self._titles.viewer_in(unit, caller)
        scores = {int(hit.ref.rpartition(":")[2]): hit.score for hit in hits}
        titles = self._titles.of_ids_in(unit, viewer, list(scores))
        asked = words_of(text, 8)
        found = [
            _of_title(one, scores[one.item.id], asked) for one in titles if library is None or one.library == library
        ]
        if "person" in kinds and library is None:
            found += [
                Result(kind="person", id=row.nanoid, title=row.name, year=None, image=row.image, score=_points(text, row.name),
                       field="name", highlight=highlight(row.name, asked))
                for row in self._store.people(unit, viewer, text, limit=20)
            ]  # fmt: skip
        if "collection" in kinds and library is None:
            found += [
                Result(kind="collection", id=row.nanoid, title=row.name, year=None, image=row.poster,
                       score=_points(text, row.name), field="name", highlight=highlight(row.name, asked))
                for row in self._store.collections(unit, caller.user_id, text, limit=20)
            ]  # fmt: skip
        if "genre" in kinds and library is None:
            found += [
                Result(kind="genre", id=name, title=name, year=None, image="", score=_points(text, name),
                       field="name", highlight=highlight(name, asked))
                for name in self._store.genres(unit, viewer, text, limit=10)
            ]  # fmt: skip
        return sorted(found, key=lambda one: (-one.score, one.title, one.id))


def highlight(text: str, asked: Sequence[str]) -> str:
    """`text` with the words that were asked for in `<em>`; nothing else in it is markup."""
    told = []
    for word in text.split():
        plain = word.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        bare = " ".join(words_of(word, 2))
        told.append(f"<em>{plain}</em>" if bare and any(bare.startswith(one) for one in asked) else plain)
    return " ".join(told)


def _of_title(one: Title, score: float, asked: Sequence[str]) -> Result:
    item = one.item
    in_title = any(word in " ".join(words_of(item.title, 40)) for word in asked)
    in_original = bool(item.original_title) and any(
        word in " ".join(words_of(item.original_title, 40)) for word in asked
    )
    field = "title" if in_title or not in_original else "originalTitle"
    shown = item.title if field == "title" else item.original_title
    image = item.images.get("poster") or item.images.get("still") or ""
    return Result(
        kind=item.kind.value, id=item.nanoid, title=item.title, year=item.year, image=image, score=round(score, 2),
        field=field, highlight=highlight(shown, asked),
    )  # fmt: skip


def _points(text: str, name: str) -> float:
    asked, there = fold(text), fold(name)
    return 100.0 if asked == there else 70.0 if there.startswith(asked) else 40.0
