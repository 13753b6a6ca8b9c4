"""A server with one account at a provider that speaks real bytes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.acquire.world import World, world_of
from tests.fakes.real_debrid import RealDebrid, real_debrid


@pytest.fixture
async def debrid() -> AsyncIterator[RealDebrid]:
    async with real_debrid() as fake:
        yield fake


@pytest.fixture
async def world(tmp_path: Path, debrid: RealDebrid) -> AsyncIterator[World]:
    account: dict[str, Any] = {
        "provider": "realdebrid",
        "name": "realdebrid",
        "api_key": "rd-key-canary",
        "base_url": debrid.base_url,
    }
    async with world_of(tmp_path, debrids=[account]) as found:
        yield found
