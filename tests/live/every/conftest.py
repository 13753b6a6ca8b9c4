"""One server for each file of tests: what is asked here leaves nothing behind that another test would meet."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from polycast.core.identity.scopes import Role
from tests.server import Client, Server, running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with running(tmp_path_factory.mktemp("every")) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owner(server: Server) -> Client:
    return await server.client(Role.OWNER)
