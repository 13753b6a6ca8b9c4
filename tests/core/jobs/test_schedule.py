from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from polycast.core.errors import Invalid
from polycast.core.jobs import Job, JobState, Run, Tick
from polycast.core.jobs.schedule import next_cron
from polycast.core.jobs.scheduler import Scheduler
from polycast.core.storage import StorageSettings
from tests.core.jobs.world import House, house
from tests.fakes.clock import START, FakeClock

BERLIN = ZoneInfo("Europe/Berlin")


async def nothing(_: Tick, run: Run) -> None:
    """A job by schedule."""


def job(every: timedelta | None = None, cron: str | None = None) -> Job:
    return Job(name="test.tick", payload=Tick, run=nothing, every=every, cron=cron)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


class TestACronLine:
    def test_it_is_local_time(self) -> None:
        assert next_cron("30 3 * * *", after=local("2026-07-01 12:00"), zone=BERLIN) == local("2026-07-02 03:30")

    def test_a_time_in_the_gap_comes_at_its_end(self) -> None:
        due = next_cron("30 2 * * *", after=local("2026-03-28 12:00"), zone=BERLIN)
        assert due == local("2026-03-29 03:00")
        assert next_cron("30 2 * * *", after=due, zone=BERLIN) == local("2026-03-30 02:30")

    def test_several_times_in_the_gap_come_once(self) -> None:
        due = next_cron("*/20 2 * * *", after=local("2026-03-29 01:59"), zone=BERLIN)
        assert due == local("2026-03-29 03:00")
        assert next_cron("*/20 2 * * *", after=due, zone=BERLIN) == local("2026-03-30 02:00")

    def test_a_time_that_occurs_twice_comes_the_first_time(self) -> None:
        due = next_cron("30 2 * * *", after=local("2026-10-24 12:00"), zone=BERLIN)
        assert due == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        assert next_cron("30 2 * * *", after=due, zone=BERLIN) == local("2026-10-26 02:30")

    def test_one_for_every_hour_neither_stops_nor_hurries(self) -> None:
        due = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
        for _ in range(12):
            following = next_cron("*/15 * * * *", after=due, zone=BERLIN)
            assert following - due == timedelta(minutes=15)
            due = following

    @pytest.mark.parametrize("line", ["", "* * * *", "61 * * * *", "0 0 31 2 *", "* * * * * *"])
    def test_one_that_means_nothing_is_refused(self, line: str) -> None:
        with pytest.raises(Invalid):
            next_cron(line, after=START, zone=BERLIN)


class TestAJobComesBySchedule:
    async def test_an_interval_comes_soon_and_then_in_step(self, settings: StorageSettings) -> None:
        clock = FakeClock()
        async with house(settings, [job(every=timedelta(hours=1))], clock=clock) as it:
            scheduler = await begun(it)
            assert await scheduler.look() == []
            clock.move(timedelta(minutes=1))
            assert await scheduler.look() == ["test.tick"]
            clock.move(timedelta(minutes=59))
            assert await scheduler.look() == []
            clock.move(timedelta(minutes=1))
            assert await scheduler.look() == ["test.tick"]

    async def test_a_restart_keeps_the_time(self, settings: StorageSettings) -> None:
        clock = FakeClock()
        async with house(settings, [job(every=timedelta(hours=1))], clock=clock) as it:
            scheduler = await begun(it)
            clock.move(timedelta(minutes=1))
            assert await scheduler.look() == ["test.tick"]
            clock.move(timedelta(minutes=30))
            assert await (await begun(it)).look() == []
            clock.move(timedelta(minutes=30))
            assert await (await begun(it)).look() == ["test.tick"]

    async def test_two_nodes_enqueue_it_once(self, settings: StorageSettings) -> None:
        clock = FakeClock()
        async with house(settings, [job(every=timedelta(hours=1))], clock=clock) as it:
            one, two = await begun(it), await begun(it)
            clock.move(timedelta(hours=1))
            assert [await one.look(), await two.look()] == [["test.tick"], []]

    async def test_what_was_missed_comes_once(self, settings: StorageSettings) -> None:
        clock = FakeClock()
        async with house(settings, [job(cron="*/5 * * * *")], clock=clock) as it:
            scheduler = await begun(it)
            clock.move(timedelta(days=3, minutes=2))
            assert await scheduler.look() == ["test.tick"]
            assert await scheduler.look() == []
            clock.move(timedelta(minutes=2, seconds=59))
            assert await scheduler.look() == []
            clock.move(timedelta(seconds=1))
            assert await scheduler.look() == ["test.tick"]

    async def test_it_never_overlaps_itself(self, settings: StorageSettings) -> None:
        clock = FakeClock()
        async with house(settings, [job(every=timedelta(minutes=1))], clock=clock) as it:
            scheduler = await begun(it)
            for _ in range(3):
                clock.move(timedelta(minutes=1))
                assert await scheduler.look() == ["test.tick"]
            assert [one.state for one in await it.queue.list()] == [JobState.WAITING]

    async def test_another_plan_counts_from_its_release_on(self, settings: StorageSettings) -> None:
        clock = FakeClock()
        async with house(settings, [job(cron="0 3 * * *")], clock=clock) as it:
            await begun(it)
        async with house(settings, [job(every=timedelta(minutes=2))], clock=clock, fresh=False) as it:
            scheduler = await begun(it)
            clock.move(timedelta(minutes=1))
            assert await scheduler.look() == ["test.tick"]


class TestTheWallClockIsSetBack:
    async def test_by_an_hour_nothing_comes_twice(self, settings: StorageSettings) -> None:
        clock = FakeClock(local("2026-11-21 02:59"))
        async with house(settings, [job(cron="0 3 * * *")], clock=clock) as it:
            scheduler = await begun(it)
            clock.move(timedelta(minutes=1))
            assert await scheduler.look() == ["test.tick"]
            clock.move(timedelta(hours=-1))
            assert await scheduler.look() == []
            clock.move(timedelta(hours=1))
            assert await scheduler.look() == []
            clock.move(timedelta(days=1))
            assert await scheduler.look() == ["test.tick"]

    async def test_by_a_day_it_is_planned_afresh(self, settings: StorageSettings) -> None:
        clock = FakeClock(local("2026-11-22 02:59"))
        async with house(settings, [job(cron="0 3 * * *")], clock=clock) as it:
            scheduler = await begun(it)
            clock.move(timedelta(minutes=1))
            assert await scheduler.look() == ["test.tick"]
            clock.move(timedelta(days=-1, minutes=-2))
            assert await scheduler.look() == []
            clock.move(timedelta(minutes=2))
            assert await scheduler.look() == ["test.tick"]


async def begun(it: House) -> Scheduler:
    scheduler = Scheduler(db=it.db, book=it.book, clock=it.clock, zone=lambda: BERLIN)
    await scheduler.begin()
    return scheduler
