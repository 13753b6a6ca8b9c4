"""SQLite, through `pysqlite3`: the embedded store."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pysqlite3
from sqlalchemy import URL, Connection, Engine, Executable, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from polycast.core.errors import PolycastError, Storage
from polycast.core.storage.turnstile import Turnstile

FILE_NAME = "polycast.db"
OLDEST = (3, 51, 3)  # older ones can lose a write when the WAL starts over: sqlite.org/wal.html, "the WAL-reset bug"
BUSY_SECONDS = 10
JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024
CACHE_KIB = 8 * 1024  # of each connection; SQLite's own 2 MiB thrash on imports
REMOTE_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "fuse.sshfs", "fuse.rclone", "fuse.davfs2"}
)
# Primary result codes, from sqlite.org/rescode.html.
REFUSALS: dict[int, tuple[str, str, int | None]] = {
    5: ("The database is busy; try again.", "locked", 2),  # SQLITE_BUSY
    6: ("The database is busy; try again.", "locked", 2),  # SQLITE_LOCKED
    8: ("The database cannot be written.", "read_only", None),  # SQLITE_READONLY
    10: ("The disk that holds the database does not work as it should.", "broken", None),  # SQLITE_IOERR
    13: ("The disk that holds the database is full.", "full", 60),  # SQLITE_FULL
    14: ("The database file cannot be opened.", "broken", None),  # SQLITE_CANTOPEN
}


class Sqlite:
    """The database file in the data directory, and the lock files of its turnstile."""

    name = "sqlite"

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / FILE_NAME
        self._turnstile = Turnstile(data_dir / f"{FILE_NAME}-turn", data_dir / f"{FILE_NAME}-write")
        self._is_open = False

    def prepare(self) -> None:
        if self._is_open:
            return
        refuse_old_library(pysqlite3.sqlite_version_info)
        folder = self.path.parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            refuse_remote(folder, Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape"))
            self._turnstile.open()
        except OSError as error:
            raise Storage(
                f"The data directory {folder} cannot be used: {error.strerror}.", reason="read_only"
            ) from error
        self._is_open = True
        # The change to WAL wants the file for itself, so it happens once, in turn, before anybody reads.
        with self.turn():
            engine = self._engine(1, "BEGIN")
            try:
                with engine.connect():
                    pass
            except DBAPIError as error:
                raise self.refusal(error) or error from error
            finally:
                engine.dispose()

    def writer(self) -> Engine:
        return self._engine(1, "BEGIN IMMEDIATE")

    def readers(self, count: int) -> Engine:
        return self._engine(count, "BEGIN", "PRAGMA query_only=ON")

    def migrator(self) -> Engine:
        # A table that is made anew is dropped in between; its rows' children must not go with it.
        return self._engine(1, "BEGIN IMMEDIATE", "PRAGMA foreign_keys=OFF")

    def turn(self) -> AbstractContextManager[None]:
        return self._turnstile.passed()

    def sole(self, connection: Connection) -> AbstractContextManager[None]:
        return self._turnstile.passed()

    def check(self, connection: Connection) -> None:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise Storage(
                f"A change of the schema left rows of {broken[0]} without their {broken[2]}.", reason="broken"
            )

    def _engine(self, size: int, begin: str, *pragmas: str, path: Path | None = None) -> Engine:
        engine = create_engine(
            URL.create("sqlite", database=str(path or self.path)),
            module=pysqlite3,
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0,
            # The driver must not guess where transactions begin: it leaves DDL outside of them.
            connect_args={"isolation_level": None, "timeout": BUSY_SECONDS, "check_same_thread": False},
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: object) -> None:
            for pragma in (
                f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
                "PRAGMA journal_mode=WAL",
                "PRAGMA synchronous=FULL",
                "PRAGMA foreign_keys=ON",
                "PRAGMA mmap_size=0",
                f"PRAGMA journal_size_limit={JOURNAL_LIMIT_BYTES}",
                f"PRAGMA cache_size=-{CACHE_KIB}",
                "PRAGMA trusted_schema=OFF",
                *pragmas,
            ):
                connection.execute(pragma)

        @event.listens_for(engine, "begin")
        def begin_really(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def insert_rows(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> int:
        quote = connection.dialect.identifier_preparer
        names = ", ".join(quote.quote(name) for name in columns)
        marks = ", ".join("?" for _ in columns)
        driver = connection.connection.driver_connection
        if driver is None:
            raise Storage("The database connection is gone.", reason="locked")
        cursor = driver.cursor()
        try:
            # Names are those of a Table of ours (checked by the unit), quoted; values are bound.
            cursor.executemany(f"INSERT INTO {quote.format_table(table)} ({names}) VALUES ({marks})", rows)  # noqa: S608
            return max(0, int(cursor.rowcount))
        except pysqlite3.Error as error:
            raise _wrapped(error) from error
        finally:
            cursor.close()

    def upsert(self, table: Table, *, key: Sequence[str], update: Sequence[str]) -> Executable:
        statement = insert(table)
        if not update:
            return statement.on_conflict_do_nothing(index_elements=list(key))
        return statement.on_conflict_do_update(
            index_elements=list(key), set_={name: statement.excluded[name] for name in update}
        )

    def lock(self, connection: Connection, name: str) -> None:
        """Nothing: a unit that writes is alone already."""

    def notify(self, connection: Connection, topic: str, text: str) -> None:
        """Nothing: an SQLite file has no other nodes."""

    def is_conflict(self, error: DBAPIError) -> bool:
        return False

    def refusal(self, error: DBAPIError) -> PolycastError | None:
        found = REFUSALS.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
        return Storage(found[0], reason=found[1], retry_after=found[2]) if found else None

    @contextmanager
    def snapshot(self, folder: Path) -> Iterator[Connection]:
        copy = folder / "snapshot.db"
        live = pysqlite3.connect(str(self.path), timeout=BUSY_SECONDS, isolation_level=None)
        try:
            live.execute("VACUUM INTO ?", (str(copy),))
        except pysqlite3.Error as error:
            wrapped = _wrapped(error)
            raise self.refusal(wrapped) or wrapped from error
        finally:
            live.close()
        engine = self._engine(1, "BEGIN", "PRAGMA query_only=ON", path=copy)
        try:
            with engine.connect() as connection, connection.begin():
                yield connection
        finally:
            engine.dispose()
            copy.unlink(missing_ok=True)

    def table_names(self, connection: Connection) -> list[str]:
        listed = connection.exec_driver_sql("SELECT schema, name, type FROM pragma_table_list")
        return sorted(n for schema, n, kind in listed if (schema, kind) == ("main", "table") and n[:7] != "sqlite_")

    def last_key(self, connection: Connection, table: str) -> int:
        if not connection.exec_driver_sql("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").first():
            return 0
        found = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).scalar()
        return int(found or 0)

    def set_last_key(self, connection: Connection, table: str, key: int) -> None:
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, key))

    def drop_everything(self, connection: Connection) -> None:
        quote = connection.dialect.identifier_preparer.quote
        kinds = {"view": "VIEW", "virtual": "TABLE", "table": "TABLE"}  # in this order; a virtual one takes its shadows
        for wanted, word in kinds.items():
            listed = connection.exec_driver_sql("SELECT schema, name, type FROM pragma_table_list").all()
            for name in [n for schema, n, kind in listed if (schema, kind) == ("main", wanted) and n[:7] != "sqlite_"]:
                connection.exec_driver_sql(f"DROP {word} {quote(name)}")

    def close(self) -> None:
        self._turnstile.close()
        self._is_open = False


def _wrapped(error: Any) -> DBAPIError:
    made = DBAPIError.instance("INSERT", None, error, pysqlite3.Error)
    return made if isinstance(made, DBAPIError) else DBAPIError("INSERT", None, error)


def refuse_old_library(version: tuple[int, int, int]) -> None:
    """Raises: Storage, when this SQLite can corrupt a WAL database."""
    if version < OLDEST:
        have, need = (".".join(map(str, v)) for v in (version, OLDEST))
        raise Storage(
            f"SQLite {have} can damage the database; {need} or newer is needed. Install the package pysqlite3 anew.",
            reason="too_old",
        )


def refuse_remote(folder: Path, mounts: str) -> None:
    """Raises: Storage, when `folder` lies on a network file system, where SQLite's locks do not hold.

    `mounts` is the text of `/proc/self/mountinfo`: see proc(5).
    """
    best, kind = "", ""
    where = os.path.realpath(folder)
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        inside = where == point or where.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ")[0]
    if kind in REMOTE_FILE_SYSTEMS:
        raise Storage(
            f"The data directory {folder} lies on a network file system ({kind}), where SQLite loses data. "
            "Choose a local disk, or set POLYCAST_DATABASE_URL to a PostgreSQL server.",
            reason="remote",
        )
