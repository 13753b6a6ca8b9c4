from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.live.outputs.world import World, outputs_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The small line-up, served."""
    async with outputs_world(tmp_path) as made:
        yield made
