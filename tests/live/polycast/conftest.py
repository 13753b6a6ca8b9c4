from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from polycast.core.identity.scopes import Role
from tests.engines import ENGINES, SQLITE
from tests.fakes.asgi import AsgiClient
from tests.live.polycast.world import World, polycast_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Live TV's part of our own API on SQLite."""
    async with polycast_world(SQLITE, tmp_path) as made:
        yield made


@pytest.fixture(params=ENGINES)
async def each_world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """The same on each engine."""
    async with polycast_world(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def admin(world: World) -> AsgiClient:
    return world.client(Role.ADMIN)
