"""What the tests of pages start: a provider, a server, a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.command import Command, serving
from tests.e2e.walk import UI, Walk, browsing, guide, playlist, tab
from tests.fakes.http_upstream import ok, upstream
from tests.fakes.transmitter import transmitting


@pytest.fixture
async def provider() -> AsyncIterator[str]:
    """A provider's address with `/list.m3u` and `/guide.xml`, whose channels send pictures."""
    async with upstream() as server, transmitting() as transmitter:
        server.on("/list.m3u", ok(playlist(transmitter.base), "audio/x-mpegurl"))
        server.on("/guide.xml", ok(guide(), "application/xml"))
        yield server.url("")


@pytest.fixture
async def command(tmp_path: Path) -> AsyncIterator[Command]:
    """A server nobody owns yet, with the pages built."""
    assert UI.is_file(), "the pages are not built: make ui"
    async with serving(tmp_path, POLYCAST_ADMIN_USERNAME="") as command, aiohttp.ClientSession() as session:
        await command.ready(session)
        yield command


@pytest.fixture
async def walk(command: Command) -> AsyncIterator[Walk]:
    async with browsing() as browser, tab(browser, command.url) as walk:
        yield walk
