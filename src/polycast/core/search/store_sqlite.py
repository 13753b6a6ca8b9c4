"""The index as SQLite keeps it: FTS5 without the text, which `core_search` has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, bindparam, column, select, table, text

from polycast.core.search.store import SEARCH, Entry, Query, Term, columns
from polycast.core.search.words import grams_of

if TYPE_CHECKING:
    from polycast.core.storage.unit import Unit

FTS: Final = table("core_search_fts", column("rowid"))
TITLE_COUNTS: Final = "10.0, 1.0"  # a match in the title is worth ten in the rest

_ADD: Final = text("INSERT INTO core_search_fts (rowid, title, rest) VALUES (:id, :title, :rest)")
_DROP: Final = text("DELETE FROM core_search_fts WHERE rowid = :id")
_LEARN: Final = text("INSERT OR IGNORE INTO core_search_words (word) VALUES (:word)")
_LEARN_GRAM: Final = text("INSERT OR IGNORE INTO core_search_grams (gram, length, word) VALUES (:gram, :length, :word)")


class SqliteEngine:
    """FTS5. A row that changes is taken out and put in again."""

    def put(self, unit: Unit, entries: Sequence[Entry], *, replaced: Collection[int]) -> None:
        self.drop(unit, list(replaced))
        rows = [{"id": one.id, "title": " ".join(one.title), "rest": " ".join(one.rest)} for one in entries]
        if rows:
            unit.execute(_ADD, rows)

    def drop(self, unit: Unit, ids: Sequence[int]) -> None:
        if ids:
            unit.execute(_DROP, [{"id": key} for key in ids])

    def learn(self, unit: Unit, words: Sequence[str]) -> None:
        unit.execute(_LEARN, [{"word": word} for word in words])
        grams = [{"gram": gram, "length": len(word), "word": word} for word in words for gram in grams_of(word)]
        unit.execute(_LEARN_GRAM, grams)

    def matching(self, query: Query) -> Select[Any]:
        asked = text("core_search_fts MATCH :asked").bindparams(bindparam("asked", _expression(query)))
        return select(*columns()).select_from(FTS.join(SEARCH, SEARCH.c.id == FTS.c.rowid)).where(asked)

    def best_first(self, found: Select[Any], query: Query) -> Select[Any]:
        return found.order_by(text(f"bm25(core_search_fts, {TITLE_COUNTS})"))


def _expression(query: Query) -> str:
    """In FTS5's language; words have no quotes in them, `words_of` sees to that."""
    groups = ("(" + " OR ".join(map(_term, group)) + ")" for group in query.groups)
    return (" OR " if query.is_any else " AND ").join(groups)


def _term(term: Term) -> str:
    return f'"{term.word}"{"*" if term.is_begun else ""}'
