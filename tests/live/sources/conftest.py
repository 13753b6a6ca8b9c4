from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engines import ENGINES, SQLITE
from tests.live.sources.world import SourcesWorld, sources_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[SourcesWorld]:
    """Sources on SQLite."""
    async with sources_world(SQLITE, tmp_path) as made:
        yield made


@pytest.fixture(params=ENGINES)
async def each_world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SourcesWorld]:
    """Sources on each engine."""
    async with sources_world(request.param, tmp_path) as made:
        yield made
