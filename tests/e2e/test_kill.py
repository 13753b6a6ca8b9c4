"""Pull the plug, again and again: nothing that was acknowledged may be lost.

A client outside logs every acknowledged write. `POLYCAST_KILL_ROUNDS` says how often a process is killed; a round that
interrupted nothing is not counted.
"""

import asyncio
import os
import random
from pathlib import Path

import aiohttp
import pysqlite3
import pytest

from tests.command import Command, serving
from tests.server import PASSWORD

ROUNDS = int(os.environ.get("POLYCAST_KILL_ROUNDS", "9"))
ROLES = ("supervisor", "web", "worker-0")
WRITERS = 4


class Writers:
    """Clients that make channel groups as fast as they can, and note each that was acknowledged."""

    def __init__(self, command: Command, session: aiohttp.ClientSession) -> None:
        self.acknowledged: list[str] = []
        self.interrupted = 0
        self._command = command
        self._session = session
        self._number = 0
        self._headers: dict[str, str] = {}

    async def sign_in(self) -> None:
        """Get an API key: the session itself is limited to 600 requests a minute."""
        base, origin = self._command.url, {"Origin": self._command.url}
        sent = {"name": "owner", "password": PASSWORD}
        async with self._session.post(f"{base}/polycast/v1/session", json=sent) as answer:
            assert answer.status == 200, await answer.text()
        new = {"name": "writers", "scopes": ["live:read", "live:write", "live:admin"]}
        async with self._session.post(f"{base}/polycast/v1/me/keys", json=new, headers=origin) as answer:
            assert answer.status == 200, await answer.text()
            self._headers = {"X-API-Key": (await answer.json())["secret"]}

    async def write(self, stop: asyncio.Event) -> None:
        url = f"{self._command.url}/api/channels/groups/"
        while not stop.is_set():
            self._number += 1
            sent = {"name": f"group {self._number}"}
            try:
                async with self._session.post(url, json=sent, headers=self._headers) as answer:
                    if answer.status == 201:
                        self.acknowledged.append((await answer.json())["name"])
            except (aiohttp.ClientError, ConnectionError):
                self.interrupted += 1
                await asyncio.sleep(0.01)

    async def names(self) -> set[str]:
        async with self._session.get(f"{self._command.url}/api/channels/groups/", headers=self._headers) as answer:
            return {group["name"] for group in await answer.json()}


@pytest.mark.slow
class TestAProcessIsKilledWhileClientsWrite:
    async def test_every_acknowledged_write_is_there_afterwards(self, tmp_path: Path) -> None:
        dice = random.Random(20261121)
        async with (
            serving(tmp_path) as command,
            clients() as session,
        ):
            await command.ready(session)
            writers = Writers(command, session)
            await writers.sign_in()
            counted = tries = 0
            while counted < ROUNDS:
                role = ROLES[counted % len(ROLES)]
                before = len(writers.acknowledged), writers.interrupted
                killed = await one_round(command, session, writers, role, dice.uniform(0.05, 0.5))
                wrote = len(writers.acknowledged) > before[0]
                hit = writers.interrupted > before[1] or role.startswith("worker")
                counted += killed and wrote and hit
                tries += 1
                assert tries < 4 * ROUNDS, "the kills interrupt nothing"
            kept = await writers.names()
            assert [name for name in writers.acknowledged if name not in kept] == []
            assert await command.stop() == 0
        assert integrity(tmp_path / "data" / "polycast.db") == "ok"


def clients() -> aiohttp.ClientSession:
    """Keeps the session cookie of an address without a name, which browsers do and aiohttp does not."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20), cookie_jar=aiohttp.CookieJar(unsafe=True))


async def one_round(
    command: Command, session: aiohttp.ClientSession, writers: Writers, role: str, delay: float
) -> bool:
    """Write, kill `role` after `delay`, see the server come back, go on writing for a moment."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(WRITERS):
            tasks.create_task(writers.write(stop))
        await asyncio.sleep(delay)
        killed = await command.kill(role)
        if role == "supervisor":
            await command.start()
        await command.ready(session)
        await asyncio.sleep(0.1)
        stop.set()
    return killed


def integrity(path: Path) -> str:
    """What SQLite says of the file. Nobody else has it open."""
    connection = pysqlite3.connect(str(path))
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()
