from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engines import ENGINES, SQLITE
from tests.live.guide.world import SAMPLES, GuideWorld, guide_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[GuideWorld]:
    """A guide on SQLite."""
    async with guide_world(SQLITE, tmp_path) as made:
        yield made


@pytest.fixture(params=ENGINES)
async def each_world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[GuideWorld]:
    """A guide on each engine."""
    async with guide_world(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def sample() -> str:
    """A small guide of three channels."""
    return (SAMPLES / "small.xml").read_text()
