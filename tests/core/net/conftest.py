from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from msgspec.structs import replace

from polycast.core.clock import SystemClock
from polycast.core.net import API, Limits, Net, open_net
from polycast.core.settings.model import NetSettings
from tests.fakes.http_upstream import Upstream, upstream

QUICK = replace(
    API,
    connect=timedelta(seconds=1),
    first_byte=timedelta(seconds=0.3),
    idle=timedelta(seconds=0.2),
    total=timedelta(seconds=0.6),
    attempts=1,
)


@pytest.fixture
async def server() -> AsyncIterator[Upstream]:
    async with upstream() as running:
        yield running


@pytest.fixture
async def other() -> AsyncIterator[Upstream]:
    """A second server, which nothing may reach unless a test says so."""
    async with upstream() as running:
        yield running


@pytest.fixture
async def opened() -> AsyncIterator[Callable[..., Net]]:
    """Makes a Net; loopback addresses are trusted unless said otherwise."""
    async with AsyncExitStack() as stack:

        async def make(clock=None, names=None, own_ports=(), **settings) -> Net:
            settings.setdefault("trusted_hosts", ("127.0.0.0/8",))
            return await stack.enter_async_context(
                open_net(NetSettings(**settings), clock or SystemClock(), names=names, own_ports=own_ports)
            )

        yield make


@pytest.fixture
async def net(opened) -> Net:
    return await opened()


@pytest.fixture
def quick() -> Limits:
    """Limits that a test can wait for."""
    return QUICK
