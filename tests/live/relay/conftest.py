from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.live.relay.world import World, relay_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with relay_world(tmp_path) as opened:
        yield opened
