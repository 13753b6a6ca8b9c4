"""Whole tables out of the database and into it, in a form that either engine reads: for backups.

A table is lines of JSON, each an array of stored values (int, float, str, null; bytes as base64), in the order of the
primary key. All of this is blocking.
"""

import base64
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, column, delete, insert, inspect, select, table
from sqlalchemy.exc import DBAPIError

from polycast.core.errors import Storage
from polycast.core.storage.adapter import Adapter
from polycast.core.storage.migrating import Branch, applied_revisions, refuse_newer, upgrade, with_core
from polycast.core.storage.opening import StorageSettings, adapter_for
from polycast.core.storage.tables import OWN_TABLES, meta_table

ROWS_AT_ONCE = 1000


class Dumped(Struct, frozen=True, kw_only=True):
    """What was written of one table."""

    columns: Sequence[str]
    binary: Sequence[str]  # the columns that are base64 in the lines
    rows: int
    last_key: int  # the highest id it ever gave out; 0 for none


class Snapshot:
    """One state of the database, while others go on writing."""

    def __init__(self, connection: Connection, adapter: Adapter) -> None:
        self._connection = connection
        self._adapter = adapter
        self.revisions = applied_revisions(connection)
        self.tables = [name for name in adapter.table_names(connection) if name not in OWN_TABLES]

    def dump(self, name: str, write: Callable[[bytes], object]) -> Dumped:
        """Every row of a table, in pieces of whole lines."""
        return _dump(self._connection, self._adapter, name, write)


@contextmanager
def snapshot(settings: StorageSettings, folder: Path) -> Iterator[Snapshot]:
    """The database as it is now, for the length of the block; `folder` must have room for a copy.

    Raises: Storage.
    """
    with adapter_for(settings).snapshot(folder) as connection:
        yield Snapshot(connection, adapter_for(settings))


class Replacement:
    """A new content for the whole database, all in one transaction: until its end, everybody sees the old one."""

    def __init__(self, connection: Connection, adapter: Adapter, branches: Sequence[Branch]) -> None:
        self._connection = connection
        self._adapter = adapter
        self._branches = branches
        self._last_keys: dict[str, int] = {}
        self.tables = [name for name in adapter.table_names(connection) if name not in OWN_TABLES]

    def keep(self, name: str, write: Callable[[bytes], object]) -> Dumped:
        """Write down a present table, to be loaded again at the end."""
        return _dump(self._connection, self._adapter, name, write)

    def standing_alone(self, names: Collection[str]) -> list[str]:
        """Those of `names` that exist and refer to no table but each other, in the order of loading."""
        found = inspect(self._connection)
        present = [name for name in self.tables if name in names]
        alone = [n for n in present if all(k["referred_table"] in present for k in found.get_foreign_keys(n))]
        return [name for name in _in_order(self._connection, alone) if name in alone]

    def begin_anew(self, revisions: Collection[str]) -> None:
        """Drop everything, and make the empty tables of the schema that `revisions` are."""
        self._last_keys = {name: self._adapter.last_key(self._connection, name) for name in self.tables}
        self._adapter.drop_everything(self._connection)
        upgrade(self._connection, self._adapter, self._branches, [], revisions)
        self.tables = [name for name in self._adapter.table_names(self._connection) if name not in OWN_TABLES]
        for name in reversed(_in_order(self._connection, self.tables)):
            self._connection.execute(delete(table(name)))  # rows that a revision brought are in the backup too

    def in_order(self, names: Collection[str]) -> list[str]:
        """`names` so that each table comes after those it refers to."""
        return _in_order(self._connection, [name for name in self.tables if name in names])

    def load(self, name: str, dumped: Dumped, lines: Iterable[bytes]) -> None:
        """Fill an empty table. Raises: Storage, when the rows do not fit it or are not as many as were written."""
        columns = inspect(self._connection).get_columns(name)
        target = Table(name, MetaData(), *(Column(each["name"], each["type"]) for each in columns))
        try:
            if unknown := set(dumped.columns) - set(target.c.keys()):
                raise ValueError(f"no column {min(unknown)}")
            rows = _rows(lines, len(dumped.columns), [dumped.columns.index(each) for each in dumped.binary])
            count = self._adapter.insert_rows(self._connection, target, list(dumped.columns), rows)
        except DBAPIError as error:
            raise self._adapter.refusal(error) or Storage(f"The rows of {name} do not fit.", reason="broken") from error
        except (ValueError, TypeError, OverflowError, msgspec.MsgspecError) as error:
            raise Storage(f"The rows of {name} do not fit.", reason="broken") from error
        if count != dumped.rows:
            raise Storage(f"{name} has {count} rows instead of {dumped.rows}.", reason="broken")
        self.raise_last_key(name, dumped.last_key)

    def raise_last_key(self, name: str, key: int) -> None:
        """Give out ids above `key` only, and above those that the table gave out before it was replaced."""
        highest = max(key, self._last_keys.get(name, 0))
        self._last_keys[name] = highest
        if highest:
            self._adapter.set_last_key(self._connection, name, highest)

    def modernise(self) -> None:
        """Bring the schema from the loaded state to the present one."""
        upgrade(self._connection, self._adapter, self._branches, applied_revisions(self._connection))

    def mark(self, key: str, value: str) -> None:
        """Leave a note in `core_meta`, which is there exactly when the replacement is."""
        meta = meta_table(MetaData())
        self._connection.execute(delete(meta).where(meta.c.key == key))
        self._connection.execute(insert(meta).values(key=key, value=value))

    def check(self) -> None:
        """Raises: Storage, when rows refer to nothing."""
        self._adapter.check(self._connection)


@contextmanager
def replacing(
    settings: StorageSettings, branches: Sequence[Branch], revisions: Collection[str]
) -> Iterator[Replacement]:
    """Replace the whole database by one of schema `revisions`; committed when the block ends well, else as it was.

    Others may read meanwhile, and wait to write. Raises: Storage, with reason `newer_schema` for unknown revisions.
    """
    every = with_core(branches)
    refuse_newer(sorted(revisions), {name for branch in every for name in branch.revisions()})
    adapter = adapter_for(settings)
    adapter.prepare()
    try:
        engine = adapter.migrator()
        try:
            with engine.connect() as connection, adapter.sole(connection), connection.begin():
                yield Replacement(connection, adapter, every)
        except DBAPIError as error:
            raise adapter.refusal(error) or error from error
        finally:
            engine.dispose()
    finally:
        adapter.close()


def note(settings: StorageSettings, key: str, *, clear: bool = False) -> str | None:
    """What `Replacement.mark` left under `key`; with `clear`, it is gone afterwards."""
    adapter = adapter_for(settings)
    adapter.prepare()
    meta = meta_table(MetaData())
    try:
        engine = adapter.migrator()
        try:
            with adapter.turn(), engine.connect() as connection, connection.begin():
                if not inspect(connection).has_table(meta.name):
                    return None
                value = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
                if clear:
                    connection.execute(delete(meta).where(meta.c.key == key))
                return value
        except DBAPIError as error:
            raise adapter.refusal(error) or error from error
        finally:
            engine.dispose()
    finally:
        adapter.close()


def _dump(connection: Connection, adapter: Adapter, name: str, write: Callable[[bytes], object]) -> Dumped:
    found = inspect(connection)
    kinds = {each["name"]: each["type"] for each in found.get_columns(name)}
    keys = found.get_pk_constraint(name)["constrained_columns"]
    # Without types, so that values come in their stored form.
    statement = (
        select(*(column(each) for each in kinds))
        .select_from(table(name))
        .order_by(*map(column, keys))
        .execution_options(stream_results=True, yield_per=ROWS_AT_ONCE)
    )
    encoder = msgspec.json.Encoder()
    rows = 0
    with connection.execute(statement) as result:
        for part in result.partitions():
            write(encoder.encode_lines([tuple(row) for row in part]))
            rows += len(part)
    return Dumped(
        columns=list(kinds),
        binary=[each for each, kind in kinds.items() if isinstance(kind, LargeBinary)],
        rows=rows,
        last_key=adapter.last_key(connection, name),
    )


def _rows(lines: Iterable[bytes], width: int, binary: Sequence[int]) -> Iterator[Sequence[Any]]:
    decoder = msgspec.json.Decoder(list[str | int | float | None])
    for line in lines:
        row: list[Any] = decoder.decode(line)
        if len(row) != width:
            raise ValueError("a row is too short or too long")
        for index in binary:
            if row[index] is not None:
                row[index] = base64.b64decode(row[index], validate=True)
        yield row


def _in_order(connection: Connection, names: Collection[str]) -> list[str]:
    """`names` so that each comes after those it refers to; where they refer in a circle, somewhere in it."""
    found = inspect(connection)
    needs = {
        name: {str(key["referred_table"]) for key in found.get_foreign_keys(name)} & set(names) - {name}
        for name in sorted(names)
    }
    while True:
        try:
            return list(TopologicalSorter(needs).static_order())
        except CycleError as error:
            first, second = error.args[1][:2]
            needs[second].discard(first)
