"""Children of the fork server: quick, powerless, and replaced when they fall."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from polycast.core.processes.confine import landlock_abi
from polycast.core.processes.forks import Crashed, Forks, open_forks

UNRULY = "tests.fakes.unruly_child"
PATIENCE = timedelta(seconds=10)


@pytest.fixture
async def forks() -> AsyncIterator[Forks]:
    async with open_forks(UNRULY, size=2) as found:
        yield found


async def pid(forks: Forks) -> int:
    return int(await forks.ask(b"pid", timeout=PATIENCE))


class TestAChild:
    async def test_is_used_again(self, forks: Forks) -> None:
        assert await pid(forks) == await pid(forks)

    async def test_is_made_in_milliseconds(self, forks: Forks) -> None:
        await pid(forks)
        started = time.perf_counter()
        with pytest.raises(Crashed):
            await forks.ask(b"raise", timeout=PATIENCE)
        await pid(forks)
        assert time.perf_counter() - started < 0.5

    @pytest.mark.parametrize("word", [b"crash", b"raise"])
    async def test_that_dies_is_replaced(self, forks: Forks, word: bytes) -> None:
        before = await pid(forks)
        with pytest.raises(Crashed) as crashed:
            await forks.ask(word, timeout=PATIENCE)
        assert not crashed.value.was_killed
        assert await pid(forks) != before

    async def test_that_hangs_is_killed_and_takes_nobody_along(self, forks: Forks) -> None:
        hanging = asyncio.ensure_future(forks.ask(b"hang", timeout=timedelta(seconds=0.3)))
        await asyncio.sleep(0)
        other = await pid(forks)
        with pytest.raises(Crashed) as crashed:
            await hanging
        assert crashed.value.was_killed
        assert await pid(forks) == other

    async def test_whose_caller_has_left_is_not_used_again(self, forks: Forks) -> None:
        first = await pid(forks)
        asking = asyncio.ensure_future(forks.ask(b"hang", timeout=PATIENCE))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        assert await pid(forks) != first

    @pytest.mark.needs_kernel
    async def test_has_no_right_but_its_descriptors(self, forks: Forks) -> None:
        if not landlock_abi():
            pytest.skip("this kernel has no Landlock")
        assert await forks.ask(b"escape", timeout=PATIENCE) == b" ".join([b"PermissionError"] * 5)


class TestTheServer:
    async def test_goes_home_when_nobody_asks_and_comes_back(self) -> None:
        async with open_forks(UNRULY, size=1, idle=timedelta(milliseconds=50)) as forks:
            first = await pid(forks)
            await _until_gone(first)
            assert await pid(forks) != first

    async def test_that_was_killed_is_replaced(self, forks: Forks) -> None:
        child = await pid(forks)
        os.kill(_parent(child), signal.SIGKILL)
        await _until_gone(child)
        with pytest.raises(Crashed):
            await forks.ask(b"pid", timeout=PATIENCE)
        assert await pid(forks)

    async def test_ends_with_its_children(self) -> None:
        async with open_forks(UNRULY, size=1) as forks:
            child = await pid(forks)
            server = _parent(child)
        await _until_gone(child)
        await _until_gone(server)


def _parent(child: int) -> int:
    return int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])


async def _until_gone(number: int) -> None:
    async with asyncio.timeout(2):
        while Path(f"/proc/{number}").exists():
            await asyncio.sleep(0.01)


class TestAnAskerWhoGoesAway:
    async def test_leaves_nothing_behind_for_the_next(self, forks: Forks) -> None:
        for _ in range(3):
            asking = asyncio.ensure_future(forks.ask(b"hang", timeout=PATIENCE))
            await asyncio.sleep(0)  # it has begun, and waits for the fork server
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
        found = await pid(forks)
        assert Path(f"/proc/{found}").exists()
        assert await pid(forks) == found
