import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from polycast.core.clock import SystemClock
from polycast.core.events import Pokes, link_pair
from polycast.core.events.store_notices import PostgresNotices
from polycast.core.storage import Unit
from tests.core.jobs.world import house, running
from tests.engines import POSTGRESQL, place

LONG = timedelta(seconds=5)


@asynccontextmanager
async def linked(workers: int = 1) -> AsyncIterator[list[Pokes]]:
    """The web process's pokes and those of its workers, as the supervisor joins them."""
    pairs = [link_pair() for _ in range(workers)]
    web = Pokes([ours.fileno() for ours, _ in pairs], relay=True)
    others = [Pokes([theirs.fileno()]) for _, theirs in pairs]
    try:
        async with running(web.run, *(other.run for other in others)):
            await asyncio.sleep(0)
            yield [web, *others]
    finally:
        for pair in pairs:
            for end in pair:
                end.close()


class TestOneProcessPokesAnother:
    async def test_whoever_waits_for_the_topic_wakes(self) -> None:
        async with linked() as [web, worker]:
            with web.bell("jobs") as jobs, web.bell("events") as events:
                worker.poke("jobs")
                assert await jobs.wait(LONG)
                assert not await events.wait(timedelta())

    async def test_one_between_two_waits_is_not_forgotten(self) -> None:
        async with linked() as [web, worker]:
            with worker.bell("jobs") as bell:
                web.poke("jobs")
                assert await worker.wait("never", timedelta(milliseconds=1)) is False
                assert await bell.wait(LONG)

    async def test_from_a_thread_too(self) -> None:
        async with linked() as [web, worker]:
            with web.bell("jobs") as here, worker.bell("jobs") as there:
                thread = threading.Thread(target=web.poke, args=("jobs",))
                thread.start()
                assert await here.wait(LONG)
                assert await there.wait(LONG)
                thread.join()

    async def test_the_web_process_passes_on_between_workers(self) -> None:
        async with linked(2) as [_, one, two]:
            with two.bell("jobs") as bell:
                one.poke("jobs")
                assert await bell.wait(LONG)

    async def test_payloads_arrive_whole_or_not_at_all(self) -> None:
        heard: list[bytes] = []
        done = asyncio.Event()

        def hear(payload: bytes) -> None:
            heard.append(payload)
            if payload == b"end":
                done.set()

        async with linked() as [web, worker]:
            with web.hear("told", hear):
                worker.poke("told", b"x" * 20_000)
                worker.poke("told", b"y" * 50_000)
                worker.poke("told", b"end")
                await asyncio.wait_for(done.wait(), 5)
        assert heard == [b"x" * 20_000, b"", b"end"]

    async def test_nobody_reading_blocks_nobody(self) -> None:
        ours, theirs = link_pair()
        with ours, theirs:
            web = Pokes([ours.fileno()])
            for _ in range(20_000):
                web.poke("told", b"z" * 1000)

    async def test_a_dead_other_end_does_no_harm(self) -> None:
        ours, theirs = link_pair()
        with ours:
            web = Pokes([ours.fileno()])
            async with running(web.run):
                theirs.close()
                with web.bell("jobs") as bell:
                    web.poke("jobs")
                    assert await bell.wait(LONG)


@pytest.mark.needs_tool("postgresql")
class TestTwoNodes:
    async def test_a_told_message_and_a_commit_reach_the_other(self, tmp_path: Path) -> None:
        with place(POSTGRESQL, tmp_path) as settings:
            one, two = (Pokes(notices=PostgresNotices(settings.database_url, clock=SystemClock())) for _ in range(2))
            heard: asyncio.Queue[bytes] = asyncio.Queue()
            async with house(settings) as it, running(one.run, two.run), asyncio.timeout(20):
                with two.hear("core.told", heard.put_nowait), two.bell("core.events") as bell:
                    while not await bell.wait(timedelta(milliseconds=100)):  # until both are connected
                        await it.db.write(notify)
                    while heard.empty():
                        one.poke("core.told", b"[1]")
                        await bell.wait(timedelta(milliseconds=100))
            assert heard.get_nowait() == b"[1]"

    async def test_nobody_hears_its_own_twice(self, tmp_path: Path) -> None:
        with place(POSTGRESQL, tmp_path) as settings:
            one, two = (Pokes(notices=PostgresNotices(settings.database_url, clock=SystemClock())) for _ in range(2))
            mine: list[bytes] = []
            theirs: asyncio.Queue[bytes] = asyncio.Queue()
            sent = 0
            async with running(one.run, two.run), asyncio.timeout(20):
                with one.hear("core.told", mine.append), two.hear("core.told", theirs.put_nowait):
                    while theirs.empty():
                        one.poke("core.told", b"[1]")
                        sent += 1
                        await one.wait("never", timedelta(milliseconds=100))
            assert len(mine) == sent


def notify(unit: Unit) -> None:
    unit.notify("core.events")
