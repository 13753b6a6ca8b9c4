import asyncio
import threading
from datetime import timedelta

import msgspec
import pytest

from polycast.core.errors import Busy, Conflict, Invalid, NotFound
from polycast.core.identity.caller import SYSTEM
from polycast.core.jobs import Job, JobChanged, JobState, Lane, Retry, Run, Tick
from polycast.core.storage import StorageSettings, Unit
from tests.core.jobs.world import HIDDEN, Item, house, running
from tests.fakes.clock import FakeClock


class Bench:
    """Jobs that do what a test tells them, and remember what they were given."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.errors: list[Exception] = []

    async def note(self, item: Item, run: Run) -> None:
        self.seen.append(item.id)

    async def wait(self, item: Item, run: Run) -> None:
        self.begun.set()
        await self.go_on.wait()
        self.seen.append(item.id)

    async def fail(self, item: Item, run: Run) -> None:
        self.seen.append(run.attempt)
        if self.errors:
            raise self.errors.pop(0)

    def jobs(self) -> list[Job]:
        quick = Retry(attempts=3, first_wait=timedelta(seconds=2))
        return [
            Job(name="test.note", payload=Item, run=self.note, lane=Lane.QUICK, title="Note it"),
            Job(name="test.note_last", payload=Item, run=self.note, lane=Lane.MEDIA),
            Job(name="test.note_one", payload=Item, run=self.note, one_per="id"),
            Job(name="test.wait", payload=Item, run=self.wait, one_per="id"),
            Job(name="test.fail", payload=Item, run=self.fail, retry=quick),
        ]


@pytest.fixture
def bench() -> Bench:
    return Bench()


class TestAJobIsPutInTheQueue:
    async def test_it_is_run_with_its_payload_and_kept_as_done(self, settings: StorageSettings, bench: Bench) -> None:
        async with house(settings, bench.jobs()) as it:
            worker = it.worker()
            job_id = await it.put("test.note", Item(7), by=3)
            async with running(worker.run):
                await worker.idle()
            job = await it.queue.get(job_id)
        assert bench.seen == [7]
        assert (job.state, job.attempt, job.title, job.by_user_id) == (JobState.DONE, 1, "Note it", 3)
        assert job.started_at is not None
        assert job.ended_at is not None

    async def test_a_unit_that_fails_takes_its_jobs_back(self, settings: StorageSettings, bench: Bench) -> None:
        def regret(unit: Unit) -> None:
            unit.enqueue("test.note", Item(1))
            raise NotFound("The other half")

        async with house(settings, bench.jobs()) as it:
            with pytest.raises(NotFound):
                await it.db.write(regret)
            assert await it.queue.list() == []

    async def test_high_priority_goes_first_then_the_longest_due(self, settings: StorageSettings, bench: Bench) -> None:
        async with house(settings, bench.jobs()) as it:
            worker = it.worker()
            now = it.clock.now()
            await it.put("test.note_last", Item(1), due=now - timedelta(seconds=1))
            await it.put("test.note_last", Item(2), due=now - timedelta(seconds=5))
            await it.put("test.note_last", Item(3), priority=9)
            async with running(worker.run):
                await worker.idle()
        assert bench.seen == [3, 2, 1]

    async def test_one_of_the_future_waits_for_its_time(self, settings: StorageSettings, bench: Bench) -> None:
        clock = FakeClock()
        async with house(settings, bench.jobs(), clock=clock) as it:
            worker = it.worker()
            await it.put("test.note", Item(1), due=clock.now() + timedelta(hours=1))
            async with running(worker.run):
                await worker.idle()
                assert bench.seen == []
                clock.move(timedelta(hours=1))
                await worker.idle()
        assert bench.seen == [1]

    async def test_a_name_nobody_knows_or_another_jobs_payload_is_refused(
        self, settings: StorageSettings, bench: Bench
    ) -> None:
        async with house(settings, bench.jobs()) as it:
            with pytest.raises(LookupError):
                await it.put("test.nothing", Item(1))
            with pytest.raises(TypeError):
                await it.put("test.note", Tick())

    async def test_ten_at_once_leave_none_behind(self, settings: StorageSettings, bench: Bench) -> None:
        async with house(settings, bench.jobs()) as it:
            one, two = it.worker("one"), it.worker("two")
            await asyncio.gather(*(it.put("test.note", Item(n)) for n in range(10)))
            async with running(one.run, two.run):
                await one.idle()
                await two.idle()
        assert sorted(bench.seen) == list(range(10))


class TestATwinIsPut:
    async def test_the_living_one_is_returned(self, settings: StorageSettings, bench: Bench) -> None:
        async with house(settings, bench.jobs()) as it:
            worker = it.worker()
            first = await it.put("test.wait", Item(1))
            assert await it.put("test.wait", Item(1)) == first
            assert await it.put("test.wait", Item(2)) != first
            async with running(worker.run):
                await bench.begun.wait()
                assert await it.put("test.wait", Item(1)) == first
                bench.go_on.set()
                await worker.idle()
                assert await it.put("test.wait", Item(1)) != first
                await worker.idle()
        assert sorted(bench.seen) == [1, 1, 2]

    async def test_the_rest_of_the_unit_is_kept(self, settings: StorageSettings, bench: Bench) -> None:
        def both(unit: Unit) -> None:
            unit.enqueue("test.note_one", Item(1))
            unit.enqueue("test.note_one", Item(1))
            unit.enqueue("test.note", Item(2))

        async with house(settings, bench.jobs()) as it:
            await it.db.write(both)
            assert [job.name for job in await it.queue.list()] == ["test.note", "test.note_one"]

    async def test_two_processes_that_put_it_at_once_make_one(self, settings: StorageSettings, bench: Bench) -> None:
        async with house(settings, bench.jobs()) as here, house(settings, bench.jobs(), fresh=False) as there:
            ids = await asyncio.gather(
                *(each.put("test.note_one", Item(n % 3)) for n in range(12) for each in (here, there))
            )
        assert len(set(ids)) == 3

    async def test_a_waiting_one_is_brought_forward_never_back(self, settings: StorageSettings, bench: Bench) -> None:
        async with house(settings, bench.jobs()) as it:
            later = it.clock.now() + timedelta(hours=1)
            job_id = await it.put("test.note_one", Item(1), due=later)
            await it.put("test.note_one", Item(1), due=later + timedelta(hours=1))
            assert (await it.queue.get(job_id)).due_at == later
            await it.put("test.note_one", Item(1), priority=3)
            job = await it.queue.get(job_id)
        assert job.due_at < later
        assert job.priority == 3


class TestAJobFails:
    async def test_it_is_tried_again_after_a_while_and_then_done(self, settings: StorageSettings, bench: Bench) -> None:
        clock = FakeClock()
        bench.errors = [RuntimeError(f"the password is {HIDDEN}")]
        async with house(settings, bench.jobs(), clock=clock) as it:
            worker = it.worker()
            job_id = await it.put("test.fail", Item(1))
            async with running(worker.run):
                await worker.idle()
                waiting = await it.queue.get(job_id)
                clock.move(timedelta(seconds=3))
                await worker.idle()
                done = await it.queue.get(job_id)
        assert (waiting.state, waiting.error) == (JobState.WAITING, "RuntimeError: the password is [redacted]")
        assert timedelta(seconds=1.5) <= waiting.due_at - FakeClock().now() <= timedelta(seconds=2.5)
        assert (done.state, done.attempt, done.error) == (JobState.DONE, 2, "")

    async def test_after_its_last_attempt_it_stays_failed(self, settings: StorageSettings, bench: Bench) -> None:
        clock = FakeClock()
        bench.errors = [RuntimeError("no"), RuntimeError("no"), RuntimeError("never")]
        async with house(settings, bench.jobs(), clock=clock) as it:
            worker = it.worker()
            job_id = await it.put("test.fail", Item(1))
            async with running(worker.run):
                for _ in range(4):
                    await worker.idle()
                    clock.move(timedelta(minutes=5))
                failed = await it.queue.get(job_id)
                assert (failed.state, failed.attempt) == (JobState.FAILED, 3)
                assert failed.error == "RuntimeError: never"
                await it.queue.retry(job_id)
                await worker.idle()
                assert (await it.queue.get(job_id)).state is JobState.DONE
        assert bench.seen == [1, 2, 3, 1]

    async def test_an_outside_service_that_asks_for_patience_gets_it(
        self, settings: StorageSettings, bench: Bench
    ) -> None:
        clock = FakeClock()
        bench.errors = [Busy("The provider is busy.", retry_after=90)]
        async with house(settings, bench.jobs(), clock=clock) as it:
            worker = it.worker()
            job_id = await it.put("test.fail", Item(1))
            async with running(worker.run):
                await worker.idle()
            job = await it.queue.get(job_id)
        assert job.due_at - clock.now() >= timedelta(seconds=90)
        assert job.error == "The provider is busy."

    async def test_wrong_input_is_not_tried_again(self, settings: StorageSettings, bench: Bench) -> None:
        bench.errors = [Invalid.one("id", "too_odd")]
        async with house(settings, bench.jobs()) as it:
            worker = it.worker()
            job_id = await it.put("test.fail", Item(1))
            async with running(worker.run):
                await worker.idle()
            assert (await it.queue.get(job_id)).state is JobState.FAILED

    async def test_one_that_takes_too_long_is_stopped(self, settings: StorageSettings) -> None:
        async def forever(_: Tick, run: Run) -> None:
            await asyncio.Event().wait()

        slow = Job(
            name="test.forever",
            payload=Tick,
            run=forever,
            timeout=timedelta(milliseconds=20),
            retry=Retry(attempts=1),
        )
        async with house(settings, [slow]) as it:
            worker = it.worker()
            job_id = await it.put("test.forever", Tick())
            async with running(worker.run):
                await worker.idle()
            job = await it.queue.get(job_id)
        assert (job.state, job.error) == (JobState.FAILED, "It took longer than 0:00:00.020000.")


class TestAJobIsCancelled:
    async def test_a_waiting_one_never_runs(self, settings: StorageSettings, bench: Bench) -> None:
        async with house(settings, bench.jobs()) as it:
            worker = it.worker()
            job_id = await it.put("test.note", Item(1))
            assert (await it.queue.cancel(job_id)).state is JobState.CANCELLED
            async with running(worker.run):
                await worker.idle()
            with pytest.raises(Conflict):
                await it.queue.cancel(job_id)
        assert bench.seen == []

    async def test_a_running_one_is_stopped(self, settings: StorageSettings, bench: Bench) -> None:
        async with house(settings, bench.jobs()) as it:
            worker = it.worker()
            job_id = await it.put("test.wait", Item(1))
            async with running(worker.run):
                await bench.begun.wait()
                await it.queue.cancel(job_id)
                async with asyncio.timeout(2):
                    await worker.idle()
            job = await it.queue.get(job_id)
        assert (job.state, job.error) == (JobState.CANCELLED, "")
        assert bench.seen == []

    async def test_its_thread_is_told(self, settings: StorageSettings) -> None:
        stopped = threading.Event()
        begun = asyncio.Event()

        async def heavy(_: Tick, run: Run) -> None:
            loop = asyncio.get_running_loop()

            def work() -> None:
                loop.call_soon_threadsafe(begun.set)
                try:
                    while True:
                        run.check()
                finally:
                    stopped.set()

            await run.thread(work)

        async with house(settings, [Job(name="test.heavy", payload=Tick, run=heavy)]) as it:
            worker = it.worker()
            job_id = await it.put("test.heavy", Tick())
            async with running(worker.run):
                await begun.wait()
                await it.queue.cancel(job_id)
                await worker.idle()
            assert (await it.queue.get(job_id)).state is JobState.CANCELLED
        assert stopped.is_set()


class TestTheWorkerStops:
    async def test_what_it_ran_waits_for_the_next_with_its_attempt_uncounted(
        self, settings: StorageSettings, bench: Bench
    ) -> None:
        async with house(settings, bench.jobs()) as it:
            job_id = await it.put("test.wait", Item(1))
            first, second = it.worker("one"), it.worker("two")
            async with running(first.run):
                await bench.begun.wait()
            job = await it.queue.get(job_id)
            assert (job.state, job.attempt) == (JobState.WAITING, 0)
            bench.go_on.set()
            async with running(second.run):
                await second.idle()
            assert (await it.queue.get(job_id)).state is JobState.DONE


class TestAJobTellsHowFarItIs:
    async def test_its_row_says_so_at_the_end(self, settings: StorageSettings) -> None:
        async def count(_: Tick, run: Run) -> None:
            await run.progress(2, 3, "two of three")
            assert await run.thread(lambda: threading.current_thread().name.startswith("polycast-job"))

        async with house(settings, [Job(name="test.count", payload=Tick, run=count)]) as it:
            worker = it.worker()
            job_id = await it.put("test.count", Tick())
            async with running(worker.run):
                await worker.idle()
            job = await it.queue.get(job_id)
        assert (job.state, job.done, job.total, job.note) == (JobState.DONE, 2, 3, "two of three")

    async def test_a_checkpoint_is_there_in_the_next_attempt(self, settings: StorageSettings) -> None:
        saved: list[bytes | None] = []
        clock = FakeClock()

        async def twice(_: Tick, run: Run) -> None:
            saved.append(run.saved)
            if run.attempt == 1:
                await run.checkpoint(Item(41))
                raise RuntimeError("the first time always fails")

        async with house(settings, [Job(name="test.twice", payload=Tick, run=twice)], clock=clock) as it:
            worker = it.worker()
            await it.put("test.twice", Tick())
            async with running(worker.run):
                await worker.idle()
                clock.move(timedelta(seconds=10))
                await worker.idle()
        assert saved == [None, b'{"id":41}']


class TestTheListOfJobs:
    async def test_it_is_paged_from_the_youngest_and_filtered_by_state(
        self, settings: StorageSettings, bench: Bench
    ) -> None:
        async with house(settings, bench.jobs()) as it:
            ids = [await it.put("test.note", Item(n)) for n in range(5)]
            await it.queue.cancel(ids[0])
            page = await it.queue.list(limit=2)
            assert [job.id for job in page] == [ids[4], ids[3]]
            assert [job.id for job in await it.queue.list(before=page[-1].id)] == [ids[2], ids[1], ids[0]]
            assert [job.id for job in await it.queue.list(states=["cancelled"])] == [ids[0]]
            assert await it.queue.counts() == {JobState.WAITING: 4}
            with pytest.raises(NotFound):
                await it.queue.get(ids[-1] + 1)

    async def test_ended_ones_are_dropped_after_a_week(self, settings: StorageSettings, bench: Bench) -> None:
        clock = FakeClock()
        async with house(settings, bench.jobs(), clock=clock) as it:
            await it.queue.cancel(await it.put("test.note", Item(1)))
            clock.move(timedelta(days=6))
            alive = await it.put("test.note", Item(2))
            assert await it.queue.clean() == 0
            clock.move(timedelta(days=1, seconds=1))
            assert await it.queue.clean() == 1
            assert [job.id for job in await it.queue.list()] == [alive]


class TestSomebodyWatchesTheTray:
    async def test_a_job_shows_from_its_beginning_to_its_end(self, settings: StorageSettings) -> None:
        async def count(_: Tick, run: Run) -> None:
            await run.progress(1, 2, "half")

        async with house(settings, [Job(name="test.count", payload=Tick, run=count)]) as it:
            worker = it.worker()
            async with running(it.events.run), it.events.subscribe(SYSTEM) as stream:
                job_id = await it.put("test.count", Tick())
                await it.events.idle()
                async with running(worker.run):
                    await worker.idle()
                    await it.events.idle()
                seen = [msgspec.json.decode((await anext(stream)).body, type=JobChanged) for _ in range(3)]
        assert [event.state for event in seen] == [JobState.WAITING, JobState.RUNNING, JobState.DONE]
        assert {event.job_id for event in seen} == {job_id}
        assert (seen[1].done, seen[1].total, seen[1].note) == (1, 2, "half")
