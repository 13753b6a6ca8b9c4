"""One open transaction, and what may be done in it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct
from sqlalchemy import Connection, CursorResult, Executable, Table, insert

if TYPE_CHECKING:  # rooms above storage in the order of imports
    from polycast.core.events.model import Audience, Event
    from polycast.core.search.model import SearchWords
    from polycast.core.storage.adapter import Adapter


class Enqueuer(Protocol):
    """Where jobs are put: the queue of `core/jobs`."""

    def put(
        self, unit: "Unit", job: str, payload: Struct, *, due: datetime | None, priority: int, by: int | None
    ) -> int:
        """Add the job in `unit`; its id, or that of the twin that waits or runs already."""
        ...


class Publisher(Protocol):
    """Where events are put: the outbox of `core/events`."""

    def publish(self, unit: "Unit", event: "Event") -> None:
        """Write `event` in `unit`, to be delivered after its commit."""
        ...


class Indexer(Protocol):
    """The one search of `core/search`."""

    def index(self, unit: "Unit", ref: str, words: "SearchWords | None", audience: "Audience") -> None:
        """Make `ref` findable by `words` for `audience`; None removes it."""
        ...


class Hooks(Struct, frozen=True, kw_only=True):
    """The rooms that a unit reaches besides its tables."""

    enqueuer: Enqueuer
    publisher: Publisher
    indexer: Indexer


class Unit:
    """One open transaction, given to store functions as their first parameter.

    It may run twice (PostgreSQL asks for that), so a function changes nothing but the unit, and never waits for
    anything outside.
    """

    def __init__(self, connection: Connection, *, adapter: "Adapter", hooks: Hooks) -> None:
        self.connection = connection
        self._adapter = adapter
        self._hooks = hooks
        self._before: list[Callable[[], None]] = []
        self._after: list[Callable[[], None]] = []

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement; `parameters` as a sequence runs it once for each."""
        return self.connection.execute(statement, parameters)

    def insert(self, table: Table, /, **values: Any) -> int:
        """Add one row; its new primary key."""
        key = self.connection.execute(insert(table).values(**values)).inserted_primary_key
        if key is None:
            raise LookupError(f"{table.name} has no primary key")
        return int(key[0])

    def insert_rows(self, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Add many rows as fast as the driver can; the number added. Values are in stored form: int, str, bytes, float.

        Column types do not convert here (`instant_in` does for a time), and defaults written in Python do not apply.
        """
        for name in columns:
            table.c[name]  # raises KeyError for an unknown name before anything is sent
        return self._adapter.insert_rows(self.connection, table, columns, rows)

    def upsert(
        self, table: Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str], update: Sequence[str]
    ) -> None:
        """Insert `rows`; where the unique columns `key` meet a row, set its `update` columns instead.

        An empty `update` leaves the present row as it is.
        """
        if rows:
            self.connection.execute(self._adapter.upsert(table, key=key, update=update), [dict(row) for row in rows])

    def lock(self, name: str) -> None:
        """Wait until no other open unit holds `name`; held to the end of this unit, on every node."""
        self._adapter.lock(self.connection, name)

    def notify(self, topic: str, text: str = "") -> None:
        """Tell other nodes after the commit (PostgreSQL NOTIFY; nothing on SQLite, where there are none)."""
        self._adapter.notify(self.connection, topic, text)

    def enqueue(
        self, job: str, payload: Struct, *, due: datetime | None = None, priority: int = 0, by: int | None = None
    ) -> int:
        """Put a job in the queue in this commit; its id. A twin (`Job.one_per`) that waits or runs is returned."""
        return self._hooks.enqueuer.put(self, job, payload, due=due, priority=priority, by=by)

    def publish(self, event: "Event") -> None:
        """Tell `event` to its listeners once this unit is committed, or never."""
        self._hooks.publisher.publish(self, event)

    def index(self, ref: str, words: "SearchWords | None", audience: "Audience") -> None:
        """Make `ref` ("live.channel:12") findable by `words` for `audience`; None removes it."""
        self._hooks.indexer.index(self, ref, words, audience)

    def before_commit(self, fn: Callable[[], None]) -> None:
        """Run `fn` as the last thing inside the transaction, in the order of asking."""
        self._before.append(fn)

    def after_commit(self, fn: Callable[[], None]) -> None:
        """Run `fn` in the writer thread once the commit has happened. It must be tiny and must not fail."""
        self._after.append(fn)

    def finish(self) -> None:
        """Run what waits for the end of the transaction. Storage calls this."""
        while self._before:
            self._before.pop(0)()

    def committed(self) -> None:
        """Run what waits for the commit, all of it even when one fails. Storage calls this."""
        with ExitStack() as stack:
            for fn in reversed(self._after):
                stack.callback(fn)
