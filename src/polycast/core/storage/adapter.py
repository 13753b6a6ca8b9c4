"""What differs between the two engines; everything else in storage is the same for both."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Executable, Table
from sqlalchemy.exc import DBAPIError

from polycast.core.errors import PolycastError


class Adapter(Protocol):
    """One engine. Holds only what its own methods open; `close` ends that."""

    @property
    def name(self) -> str:
        """`sqlite` or `postgresql`."""
        ...

    def prepare(self) -> None:
        """Check that the place is fit for a database, and make it. Raises: Storage, saying what to do."""
        ...

    def writer(self) -> Engine:
        """A new engine of one connection whose transactions are serializable and hold the write lock at once."""
        ...

    def readers(self, count: int) -> Engine:
        """A new engine of `count` connections that see one state for a transaction and cannot write."""
        ...

    def migrator(self) -> Engine:
        """A new engine for changes of the schema: real DDL transactions, foreign keys checked at the end."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """Our turn to write, among all processes; held for one transaction."""
        ...

    def sole(self, connection: Connection) -> AbstractContextManager[None]:
        """No other process migrates meanwhile."""
        ...

    def check(self, connection: Connection) -> None:
        """Look for references to nothing after a change of the schema. Raises: Storage."""
        ...

    def insert_rows(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> int: ...

    def upsert(self, table: Table, *, key: Sequence[str], update: Sequence[str]) -> Executable: ...

    def lock(self, connection: Connection, name: str) -> None: ...

    def notify(self, connection: Connection, topic: str, text: str) -> None: ...

    def is_conflict(self, error: DBAPIError) -> bool:
        """Whether the same transaction may succeed when it is simply run again."""
        ...

    def refusal(self, error: DBAPIError) -> PolycastError | None:
        """The error in our words when the engine could not serve us; None when the statement itself was wrong."""
        ...

    def snapshot(self, folder: Path) -> AbstractContextManager[Connection]:
        """One state of the database to read at leisure, without keeping writers or the WAL from going on.

        `folder` is there for what has to lie on disk meanwhile. Works while `turn` is held by somebody else.
        """
        ...

    def table_names(self, connection: Connection) -> list[str]:
        """The plain tables of ours: no virtual ones, nor those that an index keeps behind them."""
        ...

    def last_key(self, connection: Connection, table: str) -> int:
        """The highest id that `table` ever gave out; 0 for none, or where ids are not given out."""
        ...

    def set_last_key(self, connection: Connection, table: str, key: int) -> None:
        """Give out no id up to `key` any more."""
        ...

    def drop_everything(self, connection: Connection) -> None:
        """Leave an empty database, once the open transaction is committed."""
        ...

    def close(self) -> None: ...
