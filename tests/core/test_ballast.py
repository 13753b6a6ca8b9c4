"""A full disk: the reserve goes, people are told once, and it is laid down again when there is room."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from polycast.core.ballast import LOW, Ballast
from polycast.core.identity.caller import SYSTEM
from tests.server import Server, running

SIZE = 8 * 1024 * 1024
PLENTY = 10 * 1024**3


class Disk:
    """As much room as a test says."""

    def __init__(self) -> None:
        self.free = PLENTY

    def __call__(self, folder: Path) -> int:
        assert folder.is_dir()
        return self.free


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as server:
        yield server


def ballast(server: Server, disk: Disk) -> Ballast:
    core = server.house.core
    return Ballast(core.data_dir, size_bytes=SIZE, db=core.db, notify=core.notify, clock=core.clock, free=disk)


async def news(server: Server) -> list[tuple[str, int]]:
    return [(one.title, one.times) for one in await server.house.core.notify.list(SYSTEM)]


class TestAFullDisk:
    async def test_the_reserve_goes_and_comes_back(self, server: Server) -> None:
        disk, file = Disk(), server.house.core.data_dir / "ballast"
        watch = ballast(server, disk)
        await watch.look()
        assert file.stat().st_blocks * 512 >= SIZE
        assert (await watch.health(), await news(server)) == ([], [])
        disk.free = LOW - 1
        await watch.look()
        await watch.look()
        assert not file.exists()
        assert await news(server) == [("The disk is full", 1)]
        (line,) = await watch.health()
        assert (line.ok, line.text) == (
            False,
            "Only 31 MiB are free for the data directory. Delete something, or make the disk larger.",
        )
        disk.free = LOW + SIZE  # better, but not yet enough to take some of it away again
        await watch.look()
        assert not file.exists()
        disk.free = PLENTY
        await watch.look()
        assert file.exists()
        assert await news(server) == []

    async def test_news_of_an_earlier_process_are_withdrawn(self, server: Server) -> None:
        disk = Disk()
        disk.free = 0
        await ballast(server, disk).look()
        disk.free = PLENTY
        await ballast(server, disk).look()
        assert await news(server) == []
