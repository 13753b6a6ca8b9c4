"""What looking into files does when a child is too slow or dies."""

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec

from polycast.core.errors import Unavailable
from polycast.core.events import Sent
from polycast.core.identity.caller import SYSTEM
from polycast.core.media import Probed
from polycast.library.events import ScanChanged
from polycast.library.probing.service import Prober
from polycast.library.scanning.model import Counts
from polycast.library.scanning.probing import FIRST, SECOND, ProbePhase
from polycast.library.scanning.store import ScanStore
from tests.fakes.runs import DirectRun
from tests.library.world import library, world


class Stumbling:
    """Fails over each file once, as a child does that was killed for being too slow."""

    def __init__(self, real: Prober) -> None:
        self._real = real
        self.asked: dict[str, list[timedelta]] = {}

    async def probe(self, path: Path, *, timeout: timedelta) -> Probed:
        asked = self.asked.setdefault(path.name, [])
        asked.append(timeout)
        if len(asked) == 1:
            raise Unavailable("The media tool failed over this file.")
        return await self._real.probe(path, timeout=timeout)


class TestABusyMachine:
    # On a loaded machine a sound film needed longer than its time, and stayed without a duration till the next scan.
    async def test_a_file_that_took_too_long_is_looked_at_again_in_the_same_scan(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            await library(here, "Films", "movie", here.films)
            db, store, core = here.server.house.core.db, ScanStore(), here.server.house.core
            stumbling = Stumbling(Prober(media=core.media))
            phase = ProbePhase(db=db, store=store, prober=stumbling)
            await db.write(phase.again_in, 1)
            counts = Counts()
            await phase.run(1, DirectRun(), counts)
            assert set(map(tuple, stumbling.asked.values())) == {(FIRST, SECOND)}
            assert (counts.probed, counts.failed) == (4, 0)
            assert await db.read(store.count_to_probe, 1) == 0
            films = (await here.owner.get("/v1/movies")).json()["items"]
            assert [round(one["files"][0]["duration"]) for one in films] == [2, 2, 2]


class TestWhoeverWatchesAScan:
    async def test_is_told_of_each_phase(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            core = here.server.house.core
            async with core.events.subscribe(SYSTEM, names=[ScanChanged.name]) as messages:
                made = await library(here, "Films", "movie", here.films)
                phases: list[str] = []
                async with asyncio.timeout(60):
                    while "enrich" not in phases:
                        message = await anext(messages)
                        assert isinstance(message, Sent)
                        told = msgspec.json.decode(message.body, type=ScanChanged)
                        assert (told.library, told.status, len(told.workflow)) == (made["id"], "scanning", 21)
                        phases.append(told.phase)
