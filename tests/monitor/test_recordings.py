"""Every way a recording can end, seen from the outside. Source: specs/monitor.md 2.6, 5.5."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from msgspec.structs import replace

from polycast.monitor.providers.channels.wire import Job, Recorded
from polycast.monitor.recordings.book import Ask, RecordingBook
from polycast.monitor.recordings.model import Outcome, RecordingFact
from tests.monitor.world import World, until, world

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


async def said(here: World, *wanted: str) -> bool:
    """Whether the history says just these, in any words after the first colon."""
    words = [line["message"].partition(":")[0] for line in await here.lines(type="recording")]
    return sorted(words) == sorted(wanted)


class TestARecordingOnAWatchedServer:
    async def test_planned_begun_and_completed_are_told_once_each(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            here.dvr.schedule("1-a", "Evening News", starts_in=3600)
            await until(lambda: said(here, "Scheduled"))
            here.dvr.start_recording("1-a")
            here.dvr.start_recording("1-a")
            here.dvr.finish("1-a", delayed=True)
            await until(lambda: said(here, "Scheduled", "Recording (Scheduled)", "Completed (Delayed)"))
            messages = [line["message"] for line in await here.lines(type="recording")]
        assert messages[0].startswith("Scheduled: Evening News on NBC for ")
        assert messages[1:] == [
            "Recording (Scheduled): Evening News on NBC",
            "Completed (Delayed): Evening News on NBC",
        ]

    async def test_pressed_stopped_cancelled_skipped_and_failed_have_words_of_their_own(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            dvr = here.dvr
            dvr.schedule("m", "Pressed", starts_in=0)
            dvr.start_recording("m")
            dvr.finish("m", cancelled=True)  # stopped by hand, the file kept
            dvr.schedule("c", "Cancelled Show", starts_in=3600)
            await until(lambda: said(here, "Recording (Manual)", "Stopped", "Scheduled"))
            dvr.cancel("c")
            dvr.schedule("s", "Skipped Show", starts_in=3600)
            dvr.schedule("f", "Failed Show", starts_in=3600)
            await until(lambda: said(here, "Recording (Manual)", "Stopped", "Scheduled", "Cancelled", "Scheduled", "Scheduled"))  # fmt: skip
            dvr.skip("s")
            dvr.fail("f", "no tuner")
            words = ("Recording (Manual)", "Stopped", *["Scheduled"] * 3, "Cancelled", "Skipped", "Failed")
            await until(lambda: said(here, *words))

    async def test_a_file_that_is_processed_slowly_and_answered_for_another_id_is_still_found(
        self, tmp_path: Path
    ) -> None:
        async with world(tmp_path) as here:
            here.dvr.wrong_id = "1"
            here.dvr.string_flags = True
            here.dvr.schedule("p", "Slow Show", starts_in=0)
            here.dvr.start_recording("p")
            made = here.dvr.finish("p", processed=False)
            await until(lambda: said(here, "Recording (Manual)"))
            here.dvr.files[made]["processed"] = True
            await until(lambda: said(here, "Recording (Manual)", "Completed"))

    async def test_what_ended_while_nobody_listened_is_told_once_afterwards(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            here.dvr.schedule("g", "Gap Show", starts_in=0)
            here.dvr.start_recording("g")
            await until(lambda: said(here, "Recording (Manual)"))
            await here.dvr.die()
            here.dvr.finish("g", silently=True)
            here.dvr._tasks.clear()
            await here.dvr.start()
            await until(lambda: said(here, "Recording (Manual)", "Completed"))
            await asyncio.sleep(0)
            assert await said(here, "Recording (Manual)", "Completed")


def job(job_id: str, starts_in: timedelta = timedelta(), **more: object) -> Job:
    starts = START + starts_in
    return Job(id=job_id, title="Show", starts_at=starts, ends_at=starts + timedelta(minutes=30), **more)  # type: ignore[arg-type]


def outcomes(facts: list[RecordingFact]) -> list[Outcome]:
    return [fact.recording.outcome for fact in facts if fact.recording.outcome is not None]


class TestNegativeConfirmations:
    def test_missed_needs_two_denials_half_a_minute_apart(self) -> None:
        book = RecordingBook("dvr")
        book.listed([job("1", timedelta(minutes=5))], START)
        late = START + timedelta(minutes=8, seconds=1)
        [question] = book.questions(late)
        assert question.ask is Ask.JOB
        assert book.answered_job(question, None, None, is_recording=False, now=late) == []
        assert book.questions(late + timedelta(seconds=29)) == []
        again = late + timedelta(seconds=31)
        assert outcomes(book.answered_job(question, None, None, is_recording=False, now=again)) == [Outcome.MISSED]
        assert book.questions(again + timedelta(hours=1)) == []

    def test_a_server_that_does_not_answer_gives_no_verdict(self) -> None:
        book = RecordingBook("dvr")
        book.listed([job("1", timedelta(minutes=5))], START)
        assert all(book.questions(START + timedelta(minutes=minute)) for minute in range(9, 600, 60))

    def test_a_file_of_the_job_outweighs_a_denial(self) -> None:
        book = RecordingBook("dvr")
        book.listed([job("1")], START)
        book.began("1", "EP1", START)
        book.deleted("1", START + timedelta(minutes=30))
        now = START + timedelta(minutes=31)
        [question] = book.questions(now)
        book.answered_job(question, None, None, is_recording=False, now=now)
        file = Recorded(id="9", job_id="1", completed=True, processed=True)
        found = book.answered_job(question, None, file, is_recording=False, now=now + timedelta(seconds=40))
        assert outcomes(found) == [Outcome.COMPLETED]

    def test_a_job_id_that_is_used_again_is_another_recording(self) -> None:
        book = RecordingBook("dvr")
        book.listed([job("1")], START)
        book.began("1", "EP1", START)
        book.file_made("9", "1", "EP1", START)
        [question] = book.questions(START)
        done = Recorded(id="9", job_id="1", completed=True, processed=True)
        assert outcomes(book.answered_file(question, done, START)) == [Outcome.COMPLETED]
        again = job("1", timedelta(days=1))
        assert [fact.word for fact in book.created(again, START)] == ["Scheduled"]
        later = START + timedelta(days=1)
        assert [fact.word for fact in book.began("1", "EP2", later)] == ["Recording (Scheduled)"]

    def test_an_interrupted_file_needs_two_looks(self) -> None:
        book = RecordingBook("dvr")
        book.listed([job("1")], START)
        book.began("1", "EP1", START)
        book.file_made("9", "1", "EP1", START)
        [question] = book.questions(START)
        broken = Recorded(id="9", job_id="1", cancelled=True)
        assert book.answered_file(question, broken, START) == []
        later = START + timedelta(seconds=31)
        assert outcomes(book.answered_file(question, broken, later)) == [Outcome.INTERRUPTED]


class TestManyRecordingsWithRandomFaults:
    def test_each_has_one_result_and_the_right_one(self) -> None:
        random = Random(20261121)
        wanted, found = simulate(500, random)
        assert found == wanted


def simulate(count: int, random: Random) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Recordings whose events are lost, doubled or late; (what happened, what was concluded) by job."""
    book = RecordingBook("dvr")
    wanted: dict[str, list[str]] = {}
    found: dict[str, list[str]] = {}
    now = START

    def take(facts: list[RecordingFact]) -> None:
        for fact in facts:
            if fact.recording.outcome is not None and fact.word:
                found.setdefault(fact.recording.job_id, []).append(fact.recording.outcome.value)

    book.listed([], now)
    for number in range(count):
        name, now = f"job-{number}", START + timedelta(hours=number)
        life(book, name, now, random, take, wanted)
        book.forget_old(now)
    return wanted, found


def life(
    book: RecordingBook, name: str, now: datetime, random: Random, take: object, wanted: dict[str, list[str]]
) -> None:
    """One recording from its plan to its end, by one of eight stories, seen through a bad line."""
    assert callable(take)
    one = replace(job(name), starts_at=now + timedelta(minutes=5), ends_at=now + timedelta(minutes=35))
    story = random.choice(["completed", "stopped", "interrupted", "cancelled", "skipped", "missed", "failed", "gone"])
    is_heard = [random.random() < 0.7 for _ in range(4)]
    there: dict[str, Job] = {name: one}
    take(book.created(one, now) if is_heard[0] else book.listed([one], now))
    take(book.created(one, now) if random.random() < 0.3 else [])
    file: Recorded | None = None
    wanted[name] = ["interrupted" if story == "gone" else story]
    if story == "cancelled":
        there.clear()
        take(
            book.deleted(name, now + timedelta(minutes=1))
            if is_heard[1]
            else book.listed([], now + timedelta(minutes=1))
        )
    elif story == "skipped":
        there[name] = replace(one, is_skipped=True)
        take(book.created(there[name], now + timedelta(minutes=1)))
    elif story == "failed":
        there[name] = replace(one, has_failed=True, error="no tuner")
        take(book.created(there[name], one.starts_at) if is_heard[1] else [])
    elif story != "missed":
        file = record(book, name, one, story, is_heard, take)
        there.clear()
    else:
        there.clear()
    ask(book, name, one, there, file, take, random)


def record(book: RecordingBook, name: str, one: Job, story: str, is_heard: list[bool], take: object) -> Recorded | None:
    assert callable(take)
    begins, ends = one.starts_at, one.ends_at
    if is_heard[1] or story == "gone":
        take(book.began(name, f"EP{name}", begins))
        take(book.began(name, f"EP{name}", begins + timedelta(seconds=3)))
    if story == "gone":
        take(book.deleted(name, begins + timedelta(minutes=10)) if is_heard[2] else book.listed([], begins + timedelta(minutes=10)))  # fmt: skip
        return None
    flags = {"completed": (True, False), "stopped": (True, True), "interrupted": (False, True)}[story]
    file = Recorded(
        id=str(abs(hash(name)) % 10**9), job_id=name, completed=flags[0], cancelled=flags[1], processed=not flags[1]
    )
    if is_heard[2]:
        take(book.file_made(file.id, name if is_heard[3] else "", f"EP{name}", ends))
    take(book.deleted(name, ends) if is_heard[3] else book.listed([], ends))
    return file


def ask(
    book: RecordingBook, name: str, one: Job, there: dict[str, Job], file: Recorded | None, take: object, random: Random
) -> None:
    """The rounds that follow; some of them fail, which must not matter."""
    assert callable(take)
    at = one.ends_at
    for _ in range(40):
        at += timedelta(seconds=40)
        if random.random() < 0.3:
            continue  # the server did not answer
        for question in book.questions(at):
            if question.job_id != name:
                continue
            if question.ask is Ask.FILE:
                take(book.answered_file(question, file, at))
            else:
                take(book.answered_job(question, there.get(name), file, is_recording=False, now=at))
