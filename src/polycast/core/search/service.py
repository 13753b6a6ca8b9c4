"""One search over everything that modules make findable."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final

from polycast.core.identity.caller import Caller
from polycast.core.search import store
from polycast.core.search.index import SearchIndex
from polycast.core.search.model import Hit
from polycast.core.search.ranking import errors_allowed, guesses, score
from polycast.core.search.store import Query, Row, Term, Where
from polycast.core.search.words import guessable, words_of

if TYPE_CHECKING:
    from polycast.core.storage import Database
    from polycast.core.storage.unit import Unit

MOST_ASKED: Final = 8  # words of a question
LONGEST_QUESTION: Final = 200  # characters
MOST_HITS: Final = 200
SHORT: Final = 2  # letters; words begun so are everywhere: they are looked for at the beginning of titles only
RANKED: Final = 1_000  # matches that are ranked by the engine; more are too many to visit
CANDIDATES: Final = 120  # rows that we rank ourselves
FEW: Final = 3  # with less found, the spelling is in doubt
LOOKALIKES: Final = 60
BEGUN: Final = 8  # letters that a word may be short of when it is corrected


Judge = Callable[["Unit", Caller, Sequence[str]], Collection[str]]  # the refs among these that this caller may see


class Search:
    """Finds titles as they are typed, wrong letters included, and only what the caller may see."""

    def __init__(self, *, db: Database, index: SearchIndex) -> None:
        self._db = db
        self._index = index
        self._judges: dict[str, Judge] = {}

    def judge(self, prefix: str, judge: Judge) -> None:
        """Of the refs that begin with `prefix` ("library.") only those count that `judge` lets pass, besides the audience."""
        self._judges[prefix] = judge

    async def find(
        self, caller: Caller, text: str, *, kinds: Collection[str] | None = None, limit: int = 20
    ) -> list[Hit]:
        """The best `limit` hits for `text`, best first, of `kinds` if given. The last word may be incomplete."""
        text = text[:LONGEST_QUESTION]
        asked = words_of(text, MOST_ASKED)
        if not asked or caller.is_anonymous or (kinds is not None and not kinds):
            return []
        is_begun = not text[-1].isspace()
        rows = await self._db.read(self._candidates, caller, asked, is_begun=is_begun, kinds=kinds)
        scored = sorted(((score(asked, row.title_key, row.weight), row) for row in rows), key=_order)
        return [_hit(row, points) for points, row in scored[: min(limit, MOST_HITS)]]

    def _candidates(
        self, unit: Unit, caller: Caller, asked: Sequence[str], *, is_begun: bool, kinds: Collection[str] | None
    ) -> list[Row]:
        where = store.visible(caller, kinds)
        question = " ".join(asked)
        found = {row.ref: row for row in store.titles_from(unit, question, where, most=CANDIDATES)}
        terms = _terms(asked, is_begun=is_begun)
        if len(found) < CANDIDATES:
            self._add(unit, found, Query([[term] for term in terms]), where)
        if len(found) < FEW and not any(row.title_key.startswith(question) for row in found.values()):
            strange = [term for term in terms if not store.is_word(unit, term)] or terms
            spelled = [self._spelled(unit, term) if term in strange else [term] for term in terms]
            if any(len(group) > 1 for group in spelled):
                self._add(unit, found, Query(spelled), where)
            if not found and len(terms) > 1:
                self._add(unit, found, Query(spelled, is_any=True), where)
        return self._judged(unit, caller, list(found.values()))

    def _judged(self, unit: Unit, caller: Caller, rows: list[Row]) -> list[Row]:
        for prefix, judge in self._judges.items():
            asked = [row.ref for row in rows if row.ref.startswith(prefix)]
            if asked:
                passed = set(judge(unit, caller, asked))
                rows = [row for row in rows if not row.ref.startswith(prefix) or row.ref in passed]
        return rows

    def _add(self, unit: Unit, found: dict[str, Row], query: Query, where: Where) -> None:
        engine = self._index.engine(unit)
        for row in store.matches(unit, engine, query, where, ranked=RANKED, most=CANDIDATES):
            found.setdefault(row.ref, row)

    def _spelled(self, unit: Unit, term: Term) -> list[Term]:
        """The word, and what may have been meant by it."""
        if not list(guessable([term.word])):
            return [term]
        errors = errors_allowed(term.word)
        more = BEGUN if term.is_begun else errors
        length = len(term.word)
        alike = store.lookalikes(unit, term.word, shortest=length - errors, longest=length + more, most=LOOKALIKES)
        return [term, *(Term(word) for word in guesses(term.word, alike, is_begun=term.is_begun))]


def _terms(asked: Sequence[str], *, is_begun: bool) -> list[Term]:
    """What must match. A last word of one or two letters beside others is left to the ranking."""
    *first, last = asked
    terms = [Term(word) for word in first]
    if len(last) > SHORT:
        terms.append(Term(last, is_begun))
    elif not is_begun or not terms:
        terms.append(Term(last))
    return terms


def _order(scored: tuple[float, Row]) -> tuple[float, str, str]:
    points, row = scored
    return -points, row.title_key, row.ref


def _hit(row: Row, points: float) -> Hit:
    return Hit(ref=row.ref, kind=row.kind, title=row.title, subtitle=row.subtitle, image=row.image, score=points)
