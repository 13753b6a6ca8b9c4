"""The way rows become findable, in the unit that writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import msgspec

from polycast.core.events.model import Audience
from polycast.core.events.store_audience import audience_values
from polycast.core.search import store
from polycast.core.search.model import SearchWords
from polycast.core.search.store import Engine, Entry
from polycast.core.search.store_postgresql import PostgresqlEngine
from polycast.core.search.store_sqlite import SqliteEngine
from polycast.core.search.words import guessable, words_of

if TYPE_CHECKING:
    from polycast.core.storage.unit import Unit

BATCH: Final = 64  # rows written at once
TITLE_WORDS: Final = 40
REST_WORDS: Final = 300

Wanted = tuple[SearchWords | None, Audience]


class SearchIndex:
    """Storage's `Indexer`. Needs no database to be built. Rows of a unit are collected and written in batches."""

    def __init__(self) -> None:
        self._engines: Mapping[str, Engine] = {"sqlite": SqliteEngine(), "postgresql": PostgresqlEngine()}
        self._open: WeakKeyDictionary[Unit, dict[str, Wanted]] = WeakKeyDictionary()

    def engine(self, unit: Unit) -> Engine:
        """The index of the engine that `unit` is open on."""
        return self._engines[unit.connection.dialect.name]

    def index(self, unit: Unit, ref: str, words: SearchWords | None, audience: Audience) -> None:
        """Make `ref` findable by `words` for `audience`; None removes it. Unchanged words cost a comparison."""
        wanted = self._open.get(unit)
        if wanted is None:
            wanted = self._open[unit] = {}
            unit.before_commit(partial(self._flush, unit))
        wanted[ref] = (words, audience)
        if len(wanted) >= BATCH:
            self._write(unit, wanted)
            wanted.clear()

    def _flush(self, unit: Unit) -> None:
        self._write(unit, self._open.pop(unit))

    def _write(self, unit: Unit, wanted: Mapping[str, Wanted]) -> None:
        known = store.stored(unit, list(wanted))
        self._remove(unit, [known[ref][0] for ref, (words, _) in wanted.items() if words is None and ref in known])
        fresh: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        texts: dict[str, tuple[list[str], list[str]]] = {}
        for ref, (words, audience) in wanted.items():
            if words is None:
                continue
            digest = blake2b(msgspec.msgpack.encode((words, audience)), digest_size=12).digest()
            if ref in known and known[ref][1] == digest:
                continue
            title = words_of(words.title, TITLE_WORDS)
            texts[ref] = (title, words_of(f"{words.subtitle} {words.text}", REST_WORDS))
            (changed if ref in known else fresh).append(_values(ref, words, audience, title, digest))
        if not texts:
            return
        ids = store.add(unit, fresh) | {ref: known[ref][0] for ref in texts if ref in known}
        store.change(unit, changed)
        entries = [Entry(id=ids[ref], title=title, rest=rest) for ref, (title, rest) in texts.items()]
        self.engine(unit).put(unit, entries, replaced=[ids[row["ref"]] for row in changed])
        store.learn(
            unit, self.engine(unit), {word for title, rest in texts.values() for word in guessable(title + rest)}
        )

    def _remove(self, unit: Unit, ids: Sequence[int]) -> None:
        if ids:
            self.engine(unit).drop(unit, ids)
            store.drop(unit, ids)


def _values(ref: str, words: SearchWords, audience: Audience, title: list[str], digest: bytes) -> dict[str, Any]:
    return {
        "ref": ref,
        "kind": words.kind,
        "title": words.title,
        "subtitle": words.subtitle,
        "image": words.image,
        "weight": max(0, min(100, words.weight)),
        "title_key": " ".join(title),
        "digest": digest,
        **audience_values(audience),
    }
