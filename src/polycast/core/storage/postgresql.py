"""PostgreSQL, through psycopg 3: the store of a cluster."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Column, Connection, Engine, Executable, Table, create_engine, inspect, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from polycast.core.errors import PolycastError, Storage

CONNECT_SECONDS = 10
LOCK_MILLISECONDS = 10_000
OLDEST = 140_000  # PostgreSQL 14
MIGRATION_LOCK = 0x706F6C79  # any number; ours
CONFLICTS = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
REFUSALS: dict[str, tuple[str, str, int | None]] = {  # by SQLSTATE or its class: appendix A of the manual
    "53100": ("The disk of the database server is full.", "full", 60),
    "53": ("The database server has no room for us now; try again.", "locked", 5),
    "55P03": ("The database is busy; try again.", "locked", 2),
    "57": ("The database server is going down or starting.", "away", 5),
    "08": ("The database server does not answer.", "away", 5),
    "25006": ("The database cannot be written.", "read_only", None),
    "40": ("The database is busy; try again.", "locked", 1),
}


# NULL until the sequence has given out its first number.
LAST_VALUE = text("SELECT pg_sequence_last_value(CAST(:sequence AS regclass))")
OWN_FUNCTIONS = text(
    "SELECT CAST(CAST(p.oid AS regprocedure) AS text) FROM pg_proc AS p "
    "JOIN pg_namespace AS n ON n.oid = p.pronamespace "
    "WHERE n.nspname = current_schema() AND p.prokind = 'f' AND NOT EXISTS "
    "(SELECT 1 FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')"
)


class _PlainOrder(PGTypeCompiler):
    """Makes every text column sort and compare by code point, as SQLite does, whatever the server's locale."""

    def process(self, type_: TypeEngine[Any], **kw: Any) -> str:
        made = super().process(type_, **kw)
        # Only where a column is made: in a cast there is no place for it.
        plain = isinstance(kw.get("type_expression"), Column) and made.startswith(("TEXT", "VARCHAR"))
        return f'{made} COLLATE "C"' if plain and "COLLATE" not in made else made


class Postgresql:
    """One database on a server."""

    name = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")

    def prepare(self) -> None:
        engine = self.migrator()
        try:
            with engine.connect() as connection:
                version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
                encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        except DBAPIError as error:
            raise Storage(f"PostgreSQL at {self.url.host} does not let us in.", reason="away", retry_after=5) from error
        finally:
            engine.dispose()
        if version < OLDEST or encoding != "UTF8":
            raise Storage(
                f"PostgreSQL 14 or newer with encoding UTF8 is needed; this is {version // 10_000} with {encoding}.",
                reason="too_old",
            )

    def writer(self) -> Engine:
        return self._engine(1).execution_options(isolation_level="SERIALIZABLE")

    def readers(self, count: int) -> Engine:
        return self._engine(count).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def migrator(self) -> Engine:
        return self._engine(2)

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    @contextmanager
    def sole(self, connection: Connection) -> Iterator[None]:
        # A lock of the session, so that it outlives the transactions of the single revisions.
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        try:
            yield
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()

    def check(self, connection: Connection) -> None:
        """Nothing: PostgreSQL never lets such rows in."""

    def _engine(self, size: int) -> Engine:
        engine = create_engine(
            self.url,
            pool_size=size,
            max_overflow=0,
            pool_pre_ping=True,  # a server that was restarted is met with a new connection, not with an error
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "application_name": "polycast",
                # A plan kept from when a table was empty stays a sequential scan until autovacuum looks: plan each time.
                "options": f"-c lock_timeout={LOCK_MILLISECONDS} -c timezone=UTC -c plan_cache_mode=force_custom_plan",
            },
        )
        engine.dialect.type_compiler_instance = _PlainOrder(engine.dialect)
        return engine

    def insert_rows(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> int:
        driver = connection.connection.driver_connection
        if driver is None:
            raise Storage("The database connection is gone.", reason="away", retry_after=5)
        types = [
            table.c[name].type.compile(connection.dialect).partition(" COLLATE")[0].partition("(")[0].lower()
            for name in columns
        ]
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(name) for name in columns)
        )
        count = 0
        try:
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                copy.set_types(types)
                for row in rows:
                    copy.write_row(row)
                    count += 1
        except psycopg.Error as error:
            made = DBAPIError.instance("COPY", None, error, psycopg.Error)
            raise made if isinstance(made, DBAPIError) else error from error
        return count

    def upsert(self, table: Table, *, key: Sequence[str], update: Sequence[str]) -> Executable:
        statement = insert(table)
        if not update:
            return statement.on_conflict_do_nothing(index_elements=list(key))
        return statement.on_conflict_do_update(
            index_elements=list(key), set_={name: statement.excluded[name] for name in update}
        )

    def lock(self, connection: Connection, name: str) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})

    def notify(self, connection: Connection, topic: str, text_: str) -> None:
        connection.execute(text("SELECT pg_notify(:topic, :text)"), {"topic": topic, "text": text_})

    def is_conflict(self, error: DBAPIError) -> bool:
        return getattr(error.orig, "sqlstate", None) in CONFLICTS

    def refusal(self, error: DBAPIError) -> PolycastError | None:
        state: str = getattr(error.orig, "sqlstate", None) or ("08" if error.connection_invalidated else "")
        found = REFUSALS.get(state) or REFUSALS.get(state[:2])
        return Storage(found[0], reason=found[1], retry_after=found[2]) if found else None

    @contextmanager
    def snapshot(self, folder: Path) -> Iterator[Connection]:
        engine = self.readers(1)
        try:
            with engine.connect() as connection, connection.begin():
                yield connection
        finally:
            engine.dispose()

    def table_names(self, connection: Connection) -> list[str]:
        return sorted(inspect(connection).get_table_names())

    def last_key(self, connection: Connection, table: str) -> int:
        sequence = self._sequence(connection, table)
        if sequence is None:
            return 0
        state = connection.execute(LAST_VALUE, {"sequence": sequence}).scalar()
        return int(state or 0)

    def set_last_key(self, connection: Connection, table: str, key: int) -> None:
        sequence = self._sequence(connection, table)
        if sequence is not None and key > 0:
            connection.execute(
                text("SELECT setval(CAST(:sequence AS regclass), :key)"), {"sequence": sequence, "key": key}
            )

    def _sequence(self, connection: Connection, table: str) -> str | None:
        """The sequence behind the single integer key of `table`, quoted for SQL, with its schema."""
        keys = inspect(connection).get_pk_constraint(table)["constrained_columns"]
        if len(keys) != 1:
            return None
        found = connection.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"),
            {"table": connection.dialect.identifier_preparer.quote(table), "column": keys[0]},
        ).scalar()
        return None if found is None else str(found)

    def drop_everything(self, connection: Connection) -> None:
        quote = connection.dialect.identifier_preparer.quote
        for view in inspect(connection).get_view_names():
            connection.exec_driver_sql(f"DROP VIEW {quote(view)} CASCADE")
        for table in inspect(connection).get_table_names():
            connection.exec_driver_sql(f"DROP TABLE {quote(table)} CASCADE")
        # What extensions brought is not ours.
        for name in connection.execute(OWN_FUNCTIONS).scalars().all():
            connection.exec_driver_sql(f"DROP FUNCTION {name} CASCADE")

    def close(self) -> None:
        """Nothing of its own is open."""
