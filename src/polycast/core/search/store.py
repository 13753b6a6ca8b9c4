"""The table of what can be found, and the vocabulary that corrects spelling. The index itself is the engine's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)

from polycast.core.events.store_audience import admitting
from polycast.core.identity.caller import Caller
from polycast.core.search.words import grams_of
from polycast.core.storage.tables import metadata
from polycast.core.storage.types import Key

if TYPE_CHECKING:
    from polycast.core.storage.unit import Unit

Where = ColumnElement[bool]

TABLES: Final = metadata("core")
CODE_POINTS: Final = Text().with_variant(Text(collation="C"), "postgresql")  # compared as such on both engines
LAST: Final = "\U0010ffff"  # later than any character
CHUNK: Final = 400  # values in one IN
TITLES_WEIGHED: Final = 600  # titles that begin alike and are compared by weight

SEARCH: Final = Table(
    "core_search",
    TABLES,
    Column("id", Key, primary_key=True),
    Column("ref", CODE_POINTS, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("subtitle", Text, nullable=False),
    Column("image", Text, nullable=False),
    Column("weight", Integer, nullable=False),
    Column("title_key", CODE_POINTS, nullable=False, index=True),  # the title's words, joined by spaces
    Column("digest", LargeBinary, nullable=False),  # of everything: unchanged rows are left alone
    Column("scope", Text),  # these three: the audience
    Column("user_id", BigInteger),
    Column("tenant_id", BigInteger),
)
WORDS: Final = Table(
    "core_search_words", TABLES, Column("word", CODE_POINTS, primary_key=True), sqlite_with_rowid=False
)
GRAMS: Final = Table(
    "core_search_grams",
    TABLES,
    Column("gram", CODE_POINTS, primary_key=True),
    Column(
        "length", Integer, primary_key=True, autoincrement=False
    ),  # of the word: one that differs too much is not meant
    Column("word", CODE_POINTS, primary_key=True),
    sqlite_with_rowid=False,
)


class Term(Struct, frozen=True):
    """A word that is asked for."""

    word: str
    is_begun: bool = False  # any word that begins so will do


class Query(Struct, frozen=True):
    """One of each group must be there; with `is_any`, one of any group."""

    groups: Sequence[Sequence[Term]]
    is_any: bool = False


class Entry(Struct, frozen=True, kw_only=True):
    """What the engine's index keeps of a row."""

    id: int
    title: Sequence[str]  # words
    rest: Sequence[str]


class Row(Struct, frozen=True, kw_only=True):
    """What is shown and ranked."""

    ref: str
    kind: str
    title: str
    subtitle: str
    image: str
    weight: int
    title_key: str


class Engine(Protocol):
    """The full-text index of one engine."""

    def put(self, unit: Unit, entries: Sequence[Entry], *, replaced: Collection[int]) -> None:
        """Index rows; those in `replaced` were there before."""
        ...

    def drop(self, unit: Unit, ids: Sequence[int]) -> None:
        """Take rows out of the index."""
        ...

    def learn(self, unit: Unit, words: Sequence[str]) -> None:
        """Add words to the vocabulary and its groups of letters; what is there already stays."""
        ...

    def matching(self, query: Query) -> Select[Any]:
        """A select of `SEARCH.id` and `columns()` for the rows that match."""
        ...

    def best_first(self, found: Select[Any], query: Query) -> Select[Any]:
        """`found`, ranked: matches in the title first, rare words before common ones."""
        ...


_SHOWN: Final = tuple(SEARCH.c[name] for name in Row.__struct_fields__)


def columns() -> tuple[Column[Any], ...]:
    """What a match selects."""
    return _SHOWN


def visible(caller: Caller, kinds: Collection[str] | None) -> Where:
    """The condition under which `caller` may see a row, narrowed to `kinds` if given."""
    allowed = admitting(SEARCH, caller)
    return allowed if kinds is None else and_(allowed, SEARCH.c.kind.in_(sorted(kinds)))


def matches(unit: Unit, engine: Engine, query: Query, where: Where, *, ranked: int, most: int) -> list[Row]:
    """Rows that match, ranked while there are at most `ranked` of them; beyond, `most` in no order.

    To rank is to visit every match: for a word that is everywhere it costs more than it tells.
    """
    found = engine.matching(query).where(where)
    counted = select(func.count()).select_from(found.with_only_columns(SEARCH.c.id).limit(ranked + 1).subquery())
    count = unit.execute(counted).scalar_one()
    if count == 0:
        return []
    if count <= ranked and count > most:
        found = engine.best_first(found, query)
    return [_row(row) for row in unit.execute(found.limit(most))]


def titles_from(unit: Unit, begin: str, where: Where, *, most: int) -> list[Row]:
    """Rows whose title begins with the words `begin`; of many, those with most weight among the first in the order of
    titles."""
    in_range = (SEARCH.c.title_key >= begin, SEARCH.c.title_key < begin + LAST)
    first = select(*_SHOWN).where(*in_range, where).order_by(SEARCH.c.title_key).limit(TITLES_WEIGHED).subquery()
    found = select(first).order_by(first.c.weight.desc(), first.c.title_key).limit(most)
    return [_row(row) for row in unit.execute(found)]


def stored(unit: Unit, refs: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """Id and digest of those `refs` that are there."""
    known: dict[str, tuple[int, bytes]] = {}
    for chunk in _chunks(refs):
        rows = unit.execute(select(SEARCH.c.ref, SEARCH.c.id, SEARCH.c.digest).where(SEARCH.c.ref.in_(chunk)))
        known.update({row.ref: (row.id, bytes(row.digest)) for row in rows})
    return known


def add(unit: Unit, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Insert rows; their ids by ref."""
    if not rows:
        return {}
    unit.insert_rows(SEARCH, list(rows[0]), [tuple(row.values()) for row in rows])
    return {ref: key for ref, (key, _) in stored(unit, [row["ref"] for row in rows]).items()}


def change(unit: Unit, rows: Sequence[dict[str, Any]]) -> None:
    """Set rows anew, by their ref."""
    if rows:
        names = [name for name in rows[0] if name != "ref"]
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        statement = update(SEARCH).where(SEARCH.c.ref == bindparam("new_ref")).values(**values)
        unit.execute(statement, [{f"new_{name}": value for name, value in row.items()} for row in rows])


def drop(unit: Unit, ids: Sequence[int]) -> None:
    """Delete rows."""
    for chunk in _chunks(ids):
        unit.execute(delete(SEARCH).where(SEARCH.c.id.in_(chunk)))


def learn(unit: Unit, engine: Engine, words: Collection[str]) -> None:
    """Add words to the vocabulary."""
    known: set[str] = set()
    for chunk in _chunks(sorted(words)):
        known.update(unit.execute(select(WORDS.c.word).where(WORDS.c.word.in_(chunk))).scalars())
    fresh = sorted(set(words) - known)
    if fresh:
        engine.learn(unit, fresh)


def is_word(unit: Unit, term: Term) -> bool:
    """Whether the vocabulary has the word, or one that begins so."""
    same = WORDS.c.word == term.word
    if term.is_begun:
        same = and_(WORDS.c.word >= term.word, WORDS.c.word < term.word + LAST)
    return unit.execute(select(WORDS.c.word).where(same).limit(1)).first() is not None


def lookalikes(unit: Unit, word: str, *, shortest: int, longest: int, most: int) -> list[str]:
    """The words of that many letters that share most groups of three with `word`."""
    found = (
        select(GRAMS.c.word)
        .where(GRAMS.c.gram.in_(sorted(grams_of(word))), GRAMS.c.length.between(shortest, longest))
        .group_by(GRAMS.c.word)
        .order_by(func.count().desc())
        .limit(most)
    )
    return list(unit.execute(found).scalars())


def _row(row: Any) -> Row:
    return Row(**{name: getattr(row, name) for name in Row.__struct_fields__})


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[at : at + CHUNK] for at in range(0, len(values), CHUNK))
