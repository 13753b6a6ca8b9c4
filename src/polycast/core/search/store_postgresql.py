"""The index as PostgreSQL keeps it: a `tsvector` for each row, made from our own words, not by its parsers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, bindparam, column, delete, desc, func, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from polycast.core.search.store import SEARCH, Entry, Query, Term, columns
from polycast.core.search.words import grams_of

if TYPE_CHECKING:
    from polycast.core.storage.unit import Unit

TEXTS: Final = table("core_search_texts", column("id"), column("words", TSVECTOR))

# One statement for a batch: a round trip for each row would cost twenty times as much.
_PUT: Final = text(
    "INSERT INTO core_search_texts (id, words)"
    " SELECT id, CAST(words AS tsvector)"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:texts AS text[])) AS fresh (id, words)"
    " ON CONFLICT (id) DO UPDATE SET words = excluded.words"
)
_LEARN: Final = text(
    "INSERT INTO core_search_words (word) SELECT unnest(CAST(:words AS text[])) ON CONFLICT DO NOTHING"
)
_LEARN_GRAMS: Final = text(
    "INSERT INTO core_search_grams (gram, length, word) SELECT gram, length(word), word"
    " FROM unnest(CAST(:grams AS text[]), CAST(:words AS text[])) AS fresh (gram, word) ON CONFLICT DO NOTHING"
)


class PostgresqlEngine:
    """`tsvector` with a GIN index."""

    def put(self, unit: Unit, entries: Sequence[Entry], *, replaced: Collection[int]) -> None:
        if entries:
            unit.execute(_PUT, {"ids": [one.id for one in entries], "texts": [_vector(one) for one in entries]})

    def drop(self, unit: Unit, ids: Sequence[int]) -> None:
        if ids:
            unit.execute(delete(TEXTS).where(TEXTS.c.id.in_(ids)))

    def learn(self, unit: Unit, words: Sequence[str]) -> None:
        unit.execute(_LEARN, {"words": list(words)})
        pairs = [(gram, word) for word in words for gram in grams_of(word)]
        unit.execute(_LEARN_GRAMS, {"grams": [gram for gram, _ in pairs], "words": [word for _, word in pairs]})

    def matching(self, query: Query) -> Select[Any]:
        found = select(*columns()).select_from(TEXTS.join(SEARCH, SEARCH.c.id == TEXTS.c.id))
        return found.where(TEXTS.c.words.bool_op("@@")(_expression(query)))

    def best_first(self, found: Select[Any], query: Query) -> Select[Any]:
        return found.order_by(desc(func.ts_rank(TEXTS.c.words, _expression(query))))


def _vector(entry: Entry) -> str:
    """The text form of a tsvector; words have no quotes in them, `words_of` sees to that."""
    title = [f"'{word}':{at}A" for at, word in enumerate(entry.title, 1)]
    rest = [f"'{word}':{at}D" for at, word in enumerate(entry.rest, 1 + len(entry.title))]
    return " ".join(title + rest)


def _expression(query: Query) -> Any:
    groups = ("(" + " | ".join(map(_term, group)) + ")" for group in query.groups)
    asked = (" | " if query.is_any else " & ").join(groups)
    return bindparam("asked", asked, TSQUERY)


def _term(term: Term) -> str:
    return f"'{term.word}'{':*' if term.is_begun else ''}"
