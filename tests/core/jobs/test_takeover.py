import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from polycast.core.jobs import Job, JobState, Retry, Run
from polycast.core.storage import StorageSettings
from tests.core.jobs.world import House, Item, house, running
from tests.fakes.clock import FakeClock

ROOT = Path(__file__).parents[3]


class Seen:
    """Remembers which jobs ran; the first one hangs until told."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def note(self, item: Item, run: Run) -> None:
        self.ids.append(item.id)

    async def hang(self, item: Item, run: Run) -> None:
        self.begun.set()
        await self.go_on.wait()
        self.ids.append(-item.id)

    def jobs(self, *, hangs: bool = False, attempts: int = 5) -> list[Job]:
        run = self.hang if hangs else self.note
        return [Job(name="test.slow", payload=Item, run=run, retry=Retry(attempts=attempts))]


async def killed_in_mid_job(settings: StorageSettings) -> None:
    """Start a worker process, wait for it to begin a job, kill it with -9."""
    process = await asyncio.create_subprocess_exec(  # only a real process dies really
        sys.executable,
        "-m",
        "tests.core.jobs.dying_worker",
        str(settings.data_dir),
        settings.database_url,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}/src:{ROOT}"},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = await process.stdout.readline()
        assert line.startswith(b"begun"), line
    finally:
        process.kill()
        await process.wait()


class TestAWorkerIsKilledInMidJob:
    async def test_its_jobs_run_again_once_the_lease_is_over(self, settings: StorageSettings) -> None:
        seen = Seen()
        async with house(settings, seen.jobs()) as it:
            ids = [await it.put("test.slow", Item(n)) for n in range(6)]
            await killed_in_mid_job(settings)
            assert {job.state for job in await it.queue.list()} == {JobState.RUNNING, JobState.WAITING}
            worker = it.worker("heir", lease=timedelta(seconds=0.6))
            async with running(worker.run), asyncio.timeout(20):
                while set(await states(it, ids)) != {JobState.DONE}:
                    await it.pokes.wait("core.jobs", timedelta(milliseconds=100))
                assert sorted(seen.ids) == list(range(6))
                assert sum(job.attempt for job in await it.queue.list()) == 8  # two were begun by the dead one

    async def test_a_restarted_worker_of_the_same_name_goes_on_at_once(self, settings: StorageSettings) -> None:
        seen = Seen()
        async with house(settings, seen.jobs()) as it:
            ids = [await it.put("test.slow", Item(n)) for n in range(3)]
            await killed_in_mid_job(settings)
            worker = it.worker("doomed")
            async with running(worker.run):
                await worker.idle()
            assert set(await states(it, ids)) == {JobState.DONE}

    async def test_a_job_that_kills_every_worker_ends_as_failed(self, settings: StorageSettings) -> None:
        async with house(settings, Seen().jobs(attempts=1)) as it:
            job_id = await it.put("test.slow", Item(1))
            await killed_in_mid_job(settings)
            worker = it.worker("doomed")
            async with running(worker.run):
                await worker.idle()
            job = await it.queue.get(job_id)
        assert (job.state, job.error) == (JobState.FAILED, "The worker died while it ran this job.")


async def states(it: House, ids: list[int]) -> list[JobState]:
    return [(await it.queue.get(job_id)).state for job_id in ids]


class TestAWorkerStandsStillForALease:
    # A suspended machine, or one cut off from the database, comes back and believes that it still holds its jobs.
    async def test_another_takes_over_and_the_first_can_change_nothing(self, settings: StorageSettings) -> None:
        still, seen = Seen(), Seen()
        clock = FakeClock()
        async with (
            house(settings, still.jobs(hangs=True), clock=FakeClock()) as there,
            house(settings, seen.jobs(), clock=clock, fresh=False) as here,
        ):
            job_id = await there.put("test.slow", Item(1))
            frozen, heir = there.worker("frozen"), here.worker("heir")
            async with running(frozen.run):
                await still.begun.wait()
                async with running(heir.run):
                    await heir.idle()
                    while (await here.queue.get(job_id)).state is not JobState.DONE:
                        clock.move(timedelta(seconds=10))
                        await heir.idle()
                    still.go_on.set()
                    await frozen.idle()
                job = await here.queue.get(job_id)
        assert (job.state, job.attempt) == (JobState.DONE, 2)
        assert (seen.ids, still.ids) == ([1], [-1])

    async def test_the_supervisor_who_knows_gives_its_jobs_back_at_once(self, settings: StorageSettings) -> None:
        still, seen = Seen(), Seen()
        async with (
            house(settings, still.jobs(hangs=True)) as there,
            house(settings, seen.jobs(), fresh=False) as here,
        ):
            job_id = await there.put("test.slow", Item(1))
            frozen, heir = there.worker("frozen"), here.worker("heir")
            async with running(frozen.run):
                await still.begun.wait()
                assert await here.queue.abandon(frozen.id) == 1
                async with running(heir.run):
                    await heir.idle()
            job = await here.queue.get(job_id)
        assert (job.state, seen.ids) == (JobState.DONE, [1])

    async def test_one_that_was_given_up_stops_its_runs_and_begins_anew(self, settings: StorageSettings) -> None:
        still = Seen()
        clock = FakeClock()
        async with house(settings, still.jobs(hangs=True), clock=clock) as it:
            job_id = await it.put("test.slow", Item(1))
            worker = it.worker()
            async with running(worker.run):
                await still.begun.wait()
                first = worker.id
                await it.queue.abandon(first)
                still.go_on.set()
                async with asyncio.timeout(120):
                    asleep = clock.asleep
                    while (await it.queue.get(job_id)).state is not JobState.DONE:
                        if clock.asleep >= asleep:  # never so far that a busy machine's beat comes a lease too late
                            clock.move(timedelta(seconds=10))
                        await asyncio.sleep(0.01)
            assert worker.id != first
