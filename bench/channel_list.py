"""A page of 50 channels at 8 connections: `python -m bench.channel_list [CHANNELS]`, on the real command.

The client is a process of its own that keeps its connections and reads every byte.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
from tests.command import Command, serving
from tests.server import PASSWORD

CONNECTIONS = 8
REQUESTS = 3000
PAGE = "/api/channels/channels/?page=3&page_size=50&ordering=channel_number"


async def fill(session: aiohttp.ClientSession, command: Command, count: int) -> dict[str, str]:
    """Make the channels; headers that may read them."""
    sent = {"username": "owner", "password": PASSWORD}
    async with session.post(f"{command.url}/api/accounts/token/", json=sent) as answer:
        headers = {"Authorization": f"Bearer {(await answer.json())['access']}"}

    async def make(numbers: range) -> None:
        for number in numbers:
            new = {"name": f"Channel {number}", "channel_number": number}
            async with session.post(f"{command.url}/api/channels/channels/", json=new, headers=headers) as answer:
                assert answer.status == 201, await answer.text()

    await asyncio.gather(*(make(range(1 + part, count + 1, CONNECTIONS)) for part in range(CONNECTIONS)))
    return headers


async def load(session: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> tuple[list[float], float]:
    """How long each request took, and how long all did, in seconds."""
    took: list[float] = []

    async def ask() -> None:
        for _ in range(REQUESTS // CONNECTIONS):
            begun = time.perf_counter()
            async with session.get(url, headers=headers) as answer:
                await answer.read()
                assert answer.status == 200
            took.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    return took, time.perf_counter() - begun


async def run(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with (
            serving(Path(folder), POLYCAST_LOG_LEVEL="warning") as command,
            aiohttp.ClientSession(connector=connector) as session,
        ):
            await command.ready(session)
            headers = await fill(session, command, count)
            rounds = []
            for _ in range(3):
                took, total = await load(session, command.url + PAGE, headers)
                rounds.append((statistics.median(took) * 1000, len(took) / total))
    p50, rate = sorted(rounds)[1]
    print(f"channel list: page of 50 of {count}: p50 {p50:.1f} ms at {CONNECTIONS} connections, {rate:.0f} req/s")


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
