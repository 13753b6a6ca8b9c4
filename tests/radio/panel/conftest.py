"""One server for all that is asked of the broadcaster API."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fakes.radio_shelf import open_shelf
from tests.radio.world import World, hosting


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def books(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A host that keeps the books and plays nothing; customers may name 127.0.0.1 in their addresses."""
    async with hosting(tmp_path_factory.mktemp("panel"), radio__allowed_targets="127.0.0.1") as world:
        yield world


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def shelf() -> AsyncIterator[str]:
    """The address of a web server with music on it."""
    async with open_shelf() as url:
        yield url
