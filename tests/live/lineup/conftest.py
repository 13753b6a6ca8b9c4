from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from polycast.core.identity.scopes import Role
from tests.engines import ENGINES, SQLITE
from tests.fakes.asgi import AsgiClient
from tests.live.lineup.world import World, lineup_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The line-up on SQLite."""
    async with lineup_world(SQLITE, tmp_path) as made:
        yield made


@pytest.fixture(params=ENGINES)
async def each_world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """The line-up on each engine."""
    async with lineup_world(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def admin(world: World) -> AsgiClient:
    return world.client(Role.ADMIN)


@pytest.fixture
def member(world: World) -> AsgiClient:
    return world.client(Role.MEMBER, user=2)
