"""An open database on either engine, for the contract tests of every room that keeps rows.

    @pytest.fixture(params=ENGINES)
    async def db(request, tmp_path):
        async with opened(request.param, tmp_path, metadatas=[TABLES]) as database:
            yield database

PostgreSQL is the one on 127.0.0.1:5432 (user postgres, trust). Where none answers, its tests skip; with `CI=true` they
fail.
"""

import os
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec import Struct
from psycopg import sql
from sqlalchemy import MetaData

from polycast.core.clock import Clock, SystemClock
from polycast.core.events.model import Audience, Event
from polycast.core.storage import Branch, Database, StorageSettings, Unit, migrate, open_storage
from polycast.core.storage.unit import Enqueuer, Indexer, Publisher

SERVER = "postgresql://postgres@127.0.0.1:5432"
SQLITE = "sqlite"
POSTGRESQL = "postgresql"
ENGINES = [
    pytest.param(SQLITE, id=SQLITE),
    pytest.param(POSTGRESQL, id=POSTGRESQL, marks=pytest.mark.needs_tool("postgresql")),
]


class Kept:
    """Stands for queue, outbox and search where the rooms themselves are not under test: it remembers what it got."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, Struct]] = []
        self.events: list[Event] = []
        self.indexed: dict[str, Any] = {}

    def put(self, unit: Unit, job: str, payload: Struct, *, due: datetime | None, priority: int, by: int | None) -> int:
        self.jobs.append((job, payload))
        return len(self.jobs)

    def publish(self, unit: Unit, event: Event) -> None:
        self.events.append(event)

    def index(self, unit: Unit, ref: str, words: Any, audience: Audience) -> None:
        self.indexed[ref] = words


@contextmanager
def place(engine: str, tmp_path: Path) -> Iterator[StorageSettings]:
    """An empty database on `engine`; a database of its own on the server, dropped at the end."""
    if engine == SQLITE:
        yield StorageSettings(data_dir=tmp_path / "data")
        return
    name = sql.Identifier(f"polycast_test_{uuid.uuid4().hex}")
    with _server() as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
    try:
        yield StorageSettings(data_dir=tmp_path / "data", database_url=f"{SERVER}/{name._obj[0]}")
    finally:
        with _server() as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@contextmanager
def _server() -> Iterator[psycopg.Connection[Any]]:
    try:
        connection = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"PostgreSQL does not answer: {error}")
        pytest.skip("PostgreSQL does not answer on 127.0.0.1:5432")
    with connection:
        yield connection


def create_tables(unit: Unit, metadatas: Sequence[MetaData]) -> None:
    """Make the tables straight from the models, for rooms whose revisions are not under test."""
    for tables in metadatas:
        tables.create_all(unit.connection)


@asynccontextmanager
async def connected(
    settings: StorageSettings,
    *,
    metadatas: Sequence[MetaData] = (),
    enqueuer: Enqueuer | None = None,
    publisher: Publisher | None = None,
    indexer: Indexer | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Database]:
    """One process's `Database` on a place that exists; open it several times to be several processes."""
    kept = Kept()
    async with open_storage(
        settings,
        metadatas=metadatas,
        enqueuer=enqueuer or kept,
        publisher=publisher or kept,
        indexer=indexer or kept,
        clock=clock or SystemClock(),
    ) as database:
        yield database


@asynccontextmanager
async def opened(
    engine: str,
    tmp_path: Path,
    branches: Sequence[Branch] = (),
    metadatas: Sequence[MetaData] = (),
    *,
    migrated: bool = False,
    enqueuer: Enqueuer | None = None,
    publisher: Publisher | None = None,
    indexer: Indexer | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Database]:
    """A new database on `engine` for the length of the block.

    With `branches` (or `migrated=True`) core's revisions and theirs are run; the tables of `metadatas` that do not
    exist then are made from the models. Hooks that are not given are a `Kept`.
    """
    with place(engine, tmp_path) as settings:
        if branches or migrated:
            migrate(settings, branches)
        async with connected(
            settings, metadatas=metadatas, enqueuer=enqueuer, publisher=publisher, indexer=indexer, clock=clock
        ) as database:
            await database.write(create_tables, metadatas)
            yield database
