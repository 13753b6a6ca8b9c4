"""The disk of the data directory is full, really: what is there can be read, nothing is lost, and it heals by itself."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import expect

from tests.command import Command, serving
from tests.e2e.walk import WITHIN_MS, browsing, tab
from tests.server import PASSWORD

SIZE_MIB = 160
PIECE = b"x" * 1024 * 1024


class Small:
    """A server whose data directory has a disk of its own, in a mount namespace of its own."""

    def __init__(self, command: Command, data: Path, session: aiohttp.ClientSession) -> None:
        self._command = command
        self._session = session
        self._data = data
        self._headers: dict[str, str] = {}
        self.groups: list[str] = []

    @property
    def disk(self) -> Path:
        return Path(f"/proc/{self._command.pid}/root{self._data}")

    async def sign_in(self) -> None:
        sent = {"username": "owner", "password": PASSWORD}
        async with self._session.post(f"{self._command.url}/api/accounts/token/", json=sent) as answer:
            self._headers = {"Authorization": f"Bearer {(await answer.json())['access']}"}

    async def add(self) -> tuple[int, object]:
        """Make a group with a long name, so that the database grows."""
        name = f"group {len(self.groups):04d} " + "n" * 200
        async with self._session.post(
            f"{self._command.url}/api/channels/groups/", json={"name": name}, headers=self._headers
        ) as answer:
            if answer.status == 201:
                self.groups.append(name)
            return answer.status, await answer.json()

    async def listed(self) -> set[str]:
        async with self._session.get(f"{self._command.url}/api/channels/groups/", headers=self._headers) as answer:
            assert answer.status == 200
            return {one["name"] for one in await answer.json()}

    @property
    def url(self) -> str:
        return self._command.url

    async def add_until_refused(self) -> tuple[int, object]:
        """The database may have some room of its own left: the first answer that is no success."""
        for _ in range(2000):
            status, said = await self.add()
            if status != 201:
                return status, said
        raise AssertionError("the disk is not full")

    def fill(self) -> Path:
        """Write until there is no room for another byte."""
        filler = self.disk / "filler"
        with filler.open("wb", buffering=0) as file:
            piece = PIECE
            while piece:
                try:
                    file.write(piece)
                except OSError as error:
                    assert error.errno == errno.ENOSPC
                    piece = piece[: len(piece) // 2]
        return filler


@asynccontextmanager
async def small_disk(tmp_path: Path, **settings: str) -> AsyncIterator[Small]:
    data = tmp_path / "data"
    data.mkdir()
    mounted = ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs -o size={SIZE_MIB}m,mode=700 none "$0" && exec "$@"']
    async with (
        serving(tmp_path, before=[*mounted, str(data)], **settings) as command,
        aiohttp.ClientSession() as session,
    ):
        await command.ready(session)
        small = Small(command, data, session)
        await small.sign_in()
        yield small


@pytest.mark.needs_kernel
class TestTheDiskIsFull:
    async def test_reading_goes_on_and_writing_heals_without_a_restart(self, tmp_path: Path) -> None:
        async with small_disk(tmp_path) as small:
            assert (await small.add())[0] == 201
            filler = small.fill()
            refused = await small.add_until_refused()
            assert refused == (507, {"detail": "The disk that holds the database is full."})
            assert set(small.groups) <= await small.listed()
            filler.unlink()
            assert (await small.add())[0] == 201
            assert set(small.groups) <= await small.listed()

    async def test_the_reserve_is_given_up_for_the_database(self, tmp_path: Path) -> None:
        async with small_disk(tmp_path, POLYCAST_BALLAST_BYTES=str(16 * 1024 * 1024)) as small:
            ballast = small.disk / "ballast"
            async with asyncio.timeout(30):
                while not ballast.exists():
                    await asyncio.sleep(0.1)
            small.fill()
            async with asyncio.timeout(30):
                while ballast.exists():
                    await asyncio.sleep(0.1)
            assert (await small.add())[0] == 201
            assert set(small.groups) <= await small.listed()

    @pytest.mark.slow
    @pytest.mark.needs_tool("chromium")
    async def test_a_page_tells_why_keeps_what_was_typed_and_sends_it_later(self, tmp_path: Path) -> None:
        async with small_disk(tmp_path) as small, browsing() as browser, tab(browser, small.url) as walk:
            await walk.sign_in()
            await walk.page.goto(f"{small.url}/app/live/profiles")
            field = walk.page.get_by_role("textbox", name="New profile")
            filler = small.fill()
            await small.add_until_refused()
            await field.fill("Living room")
            await walk.press("Add")
            await walk.shows("There is no room left on the disk of the server")
            assert await field.input_value() == "Living room"
            filler.unlink()
            await field.press("Enter")
            await expect(field).to_have_value("", timeout=WITHIN_MS)  # taken
            await walk.shows("Living room")
