import ctypes
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.live.hdhomerun.world import tuner_world
from tests.live.outputs.world import World

CLONE_NEWNET: Final = 0x40000000  # linux/sched.h


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The small line-up with a tuner at its front, which nobody in the neighbourhood finds."""
    async with tuner_world(tmp_path) as made:
        yield made


@pytest.fixture
def own_network() -> Iterator[None]:
    """A network of this thread and its children alone: the ports of discovery are one for a whole machine.

    For tests that are marked `needs_kernel`.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open("rb") as home:
        if libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        try:
            for words in (["link", "set", "lo", "up"], ["route", "add", "224.0.0.0/4", "dev", "lo"]):
                subprocess.run(["ip", *words], check=True)
            yield
        finally:
            assert libc.setns(home.fileno(), CLONE_NEWNET) == 0


@pytest.fixture
async def found_world(own_network: None, tmp_path: Path) -> AsyncIterator[World]:
    """The same with its discovery on."""
    async with tuner_world(tmp_path, is_found=True) as made:
        yield made
