from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.core.identity.house import House, house
from tests.engines import ENGINES, SQLITE


@pytest.fixture(params=ENGINES)
async def both(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """Identity on each engine, for what SQL decides."""
    async with house(request.param, tmp_path) as built:
        yield built


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    """Identity on SQLite, for what SQL does not decide."""
    async with house(SQLITE, tmp_path) as built:
        yield built
