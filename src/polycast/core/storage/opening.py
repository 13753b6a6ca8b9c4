"""Opening the database, and closing it again."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct
from sqlalchemy import MetaData

from polycast.core.clock import Clock
from polycast.core.storage.adapter import Adapter
from polycast.core.storage.database import Database
from polycast.core.storage.sqlite import Sqlite
from polycast.core.storage.unit import Enqueuer, Hooks, Indexer, Publisher


class StorageSettings(Struct, frozen=True, kw_only=True):
    """Where the database is."""

    data_dir: Path
    database_url: str = ""  # postgresql://...; empty: SQLite in the data directory


def adapter_for(settings: StorageSettings) -> Adapter:
    """The engine that `settings` name; nothing is opened yet. Raises: ValueError for another kind of URL."""
    if not settings.database_url:
        return Sqlite(settings.data_dir)
    if settings.database_url.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        from polycast.core.storage.postgresql import Postgresql  # noqa: PLC0415 - see tests/house/exceptions.py

        return Postgresql(settings.database_url)
    raise ValueError("POLYCAST_DATABASE_URL must begin with postgresql://; leave it out for SQLite")


@asynccontextmanager
async def open_storage(
    settings: StorageSettings,
    *,
    metadatas: Sequence[MetaData],
    enqueuer: Enqueuer,
    publisher: Publisher,
    indexer: Indexer,
    clock: Clock,
) -> AsyncIterator[Database]:
    """The database for the length of the block. Its schema is `migrate`'s; nothing is created here.

    Raises: Storage, saying what to do, when the place is not fit for a database.
    """
    adapter = adapter_for(settings)
    adapter.prepare()
    try:
        hooks = Hooks(enqueuer=enqueuer, publisher=publisher, indexer=indexer)
        database = Database(adapter, hooks=hooks, clock=clock, metadatas=metadatas)
        try:
            yield database
        finally:
            await database.close()
    finally:
        adapter.close()
