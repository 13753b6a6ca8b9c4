from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from polycast.core.storage import Database, StorageSettings
from tests.core.storage.world import TABLES
from tests.engines import ENGINES, connected, create_tables, place


@pytest.fixture(params=ENGINES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorageSettings]:
    """An empty database on each engine."""
    with place(request.param, tmp_path) as settings:
        yield settings


@pytest.fixture
async def db(settings: StorageSettings) -> AsyncIterator[Database]:
    """The same, open, with the tables of `world`."""
    async with connected(settings, metadatas=[TABLES]) as database:
        await database.write(create_tables, [TABLES])
        yield database
