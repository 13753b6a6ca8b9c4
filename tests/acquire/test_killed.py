"""Pull the plug in the middle of an add, a download, a repair: nothing lost, nothing twice at the provider."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.command import Command, serving
from tests.e2e.test_kill import clients
from tests.fakes.real_debrid import RealDebrid, real_debrid
from tests.fakes.releases import Release, release
from tests.server import PASSWORD

PATIENCE = 90.0  # seconds for everything to be as it should; a busy machine must not fail a test


class Place:
    """The real command, its owner's token, and a provider that sees every call."""

    def __init__(self, command: Command, session: aiohttp.ClientSession, debrid: RealDebrid) -> None:
        self.command = command
        self.debrid = debrid
        self._session = session
        self._headers: dict[str, str] = {}

    async def sign_in(self) -> None:
        url, origin = self.command.url, {"Origin": self.command.url}
        async with self._session.post(
            f"{url}/polycast/v1/session", json={"name": "owner", "password": PASSWORD}
        ) as got:
            assert got.status == 200, await got.text()
        async with self._session.post(f"{url}/api/refresh-token", headers=origin) as got:
            assert got.status == 200, await got.text()
            self._headers = {"Authorization": f"Bearer {(await got.json())['api_token']}"}

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        url = f"{self.command.url}{path}"
        async with self._session.request(method, url, headers=self._headers, **options) as got:
            assert got.status == 200, (path, got.status, await got.text())
            return await got.json(content_type=None) if "json" in got.content_type else await got.read()

    async def until(self, path: str, holds: Any) -> Any:
        """The answer once `holds` is true of it; the server may be away meanwhile."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.command.ready(self._session)
                try:
                    found = await self.ask("GET", path)
                    if holds(found):
                        return found
                except (aiohttp.ClientError, TimeoutError):
                    pass
                await asyncio.sleep(0.1)

    async def is_whole(self, made: Release) -> None:
        """It is there once, here and at the provider, and its bytes are right."""
        shown = await self.until(
            f"/api/v2/torrents/info?hashes={made.info_hash}", lambda rows: rows and rows[0]["state"] == "pausedUP"
        )
        assert len(shown) == 1
        assert [one.release.name for one in self.debrid.items.values()].count(made.name) == 1
        path, content = made.files[0]
        assert await self.ask("GET", f"/api/browse/download/{made.name}/{path.rpartition('/')[2]}") == content


@asynccontextmanager
async def place_in(folder: Path) -> AsyncIterator[Place]:
    async with real_debrid() as debrid, serving(folder) as command, clients() as session:
        await command.ready(session)
        place = Place(command, session, debrid)
        await place.sign_in()
        account = {
            "provider": "realdebrid",
            "name": "rd",
            "api_key": "rd-key-canary",
            "base_url": debrid.base_url,
            "rate_limit": "",
        }
        config = {"debrids": [account], "download_folder": str(folder / "downloads"), "use_auth": True}
        await place.ask("POST", "/api/config", json=config)
        yield place


class Killer:
    """Kills a process at a call of the provider's, once; the call itself is never answered."""

    def __init__(self, place: Place, role: str, at: str) -> None:
        self.has_struck = asyncio.Event()
        self._place = place
        self._role = role
        self._at = at

    async def __call__(self, call: str) -> None:
        if call.startswith(self._at) and not self.has_struck.is_set():
            self.has_struck.set()
            assert await self._place.command.kill(self._role)

    async def wait(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.has_struck.wait()


@pytest.mark.slow
class TestTheServerIsKilledInTheMiddleOf:
    async def test_an_add_or_a_download(self, tmp_path: Path) -> None:
        points = (
            "before POST /torrents/addMagnet",
            "after POST /torrents/addMagnet",
            "after GET /torrents/info",
            "after POST /torrents/selectFiles",
            "after POST /unrestrict/link",
            "before GET /d",
        )
        async with place_in(tmp_path) as place:
            for number, point in enumerate(points):
                made = place.debrid.know(release(f"Killed.{number}", (("movie.mkv", 300_000),)))
                killer = Killer(place, "supervisor", point)
                place.debrid.witness = killer
                form = {"urls": made.magnet, "category": "radarr", "sequentialDownload": "true"}
                adding = asyncio.create_task(place.ask("POST", "/api/v2/torrents/add", data=form))
                await killer.wait()
                await asyncio.gather(adding, return_exceptions=True)  # it is written down before a provider is asked
                await place.command.start()
                await place.is_whole(made)
                folder = tmp_path / "downloads" / "radarr" / made.name
                assert [path.name for path in folder.iterdir()] == ["movie.mkv"]
                assert (folder / "movie.mkv").read_bytes() == made.files[0][1]

    async def test_a_repair(self, tmp_path: Path) -> None:
        points = ("before POST /unrestrict/check", "before DELETE", "after DELETE", "after POST /torrents/addMagnet")
        async with place_in(tmp_path) as place:
            for number, point in enumerate(points):
                made = place.debrid.know(release(f"Repaired.{number}", (("movie.mkv", 300_000),)))
                await place.ask("POST", "/api/v2/torrents/add", data={"urls": made.magnet, "category": "radarr"})
                await place.is_whole(made)
                lost = {link for link, (owner, _) in place.debrid._links.items() if owner == made.info_hash}
                place.debrid.gone_links |= lost
                killer = Killer(place, "worker-0", point)
                place.debrid.witness = Healing(killer, place.debrid, lost)
                started = await place.ask("POST", f"/api/repair/health/{made.name}/check?fix=true")
                await killer.wait()
                run = await place.until(
                    f"/api/repair/runs/{started['run_id']}", lambda run: run["status"] not in ("running",)
                )
                assert run["status"] == "completed", run
                await place.is_whole(made)
                health = await place.ask("GET", f"/api/repair/health/{made.name}")
                assert health["status"] == "healthy"


class Healing:
    """Tells the killer, and lets the links work again once the torrent was added anew."""

    def __init__(self, killer: Killer, debrid: RealDebrid, lost: set[str]) -> None:
        self._killer = killer
        self._debrid = debrid
        self._lost = lost

    async def __call__(self, call: str) -> None:
        if call.startswith("before POST /torrents/addMagnet"):
            self._debrid.gone_links -= self._lost
        await self._killer(call)
