"""Finding out what becomes of one server's recordings: asks what the book wants to know, tells what it concludes."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from polycast.core.errors import PolycastError
from polycast.monitor.alerts.context import Looked
from polycast.monitor.providers.channels.client import ChannelsClient
from polycast.monitor.providers.channels.wire import Recorded
from polycast.monitor.recordings.book import Ask, Question, RecordingBook
from polycast.monitor.recordings.model import Lifecycle, RecordingFact, Stage
from polycast.monitor.servers.model import Server
from polycast.monitor.watch.lookups import Lookups
from polycast.monitor.watch.ports import Tools
from polycast.monitor.watch.reporting import Reporting
from polycast.monitor.watch.state import ServerState

PER_ROUND: Final = 10
RECORDING: Final = "recording-"
RECORDED: Final = "recorded-"
FIRST_WAIT: Final = timedelta(seconds=2)
LONGEST_WAIT: Final = timedelta(seconds=30)
RELIST: Final = timedelta(minutes=10)  # the whole plan, even when nothing was said


class Recordings:
    """Of one server."""

    def __init__(
        self,
        server: Server,
        tools: Tools,
        client: ChannelsClient,
        lookups: Lookups,
        reporting: Reporting,
        state: ServerState,
        restored: Iterable[Lifecycle],
    ) -> None:
        self.book = RecordingBook(server.dvr_id, restored)
        self._tools = tools
        self._client = client
        self._lookups = lookups
        self._reporting = reporting
        self._state = state
        self._next: dict[tuple[str, str], tuple[timedelta, timedelta]] = {}  # question -> (due, its last wait)
        self._listed_at: timedelta | None = None

    async def relist(self) -> None:
        """Read the whole plan."""
        jobs = await self._client.jobs()
        self._listed_at = self._tools.clock.monotonic()
        now = self._now()
        self._state.plan_known_at = self._tools.clock.now()
        await self._tell(self.book.listed(jobs, now))

    async def job_changed(self, job_id: str, *, is_new: bool) -> None:
        """The stream told of one job."""
        now = self._now()
        if not is_new:
            await self._tell(self.book.deleted(job_id, now))
            return
        try:
            job = await self._client.job(job_id)
        except PolycastError:
            self._listed_at = None  # it is found with the whole plan, at the next round
            return
        if job is not None:
            await self._tell(self.book.created(job, now))

    async def program_set(self, program_id: str, value: str) -> None:
        """The stream told that a programme records, or has become a file."""
        now = self._now()
        if value.startswith(RECORDING):
            job_id = value.removeprefix(RECORDING)
            await self._tell(self.book.began(job_id, program_id, now))
        elif value.startswith(RECORDED):
            file_id = value.removeprefix(RECORDED)
            await self._file_made(file_id, program_id)

    async def _file_made(self, file_id: str, program_id: str) -> None:
        job_id = ""
        with suppress(PolycastError):  # else its programme tells which recording it is of
            file = await self._client.file(file_id)
            job_id = file.job_id if file is not None else ""
        await self._tell(self.book.file_made(file_id, job_id, program_id, self._now()))

    async def resolve(self) -> None:
        """One round of questions."""
        at = self._tools.clock.monotonic()
        try:
            if self._listed_at is None or at - self._listed_at > RELIST:
                await self.relist()
            due = [one for one in self.book.questions(self._now()) if self._is_due(one, at)][:PER_ROUND]
            if any(one.ask is Ask.JOB for one in due):
                await self._doubts([one for one in due if one.ask is Ask.JOB])
            for question in due:
                if question.ask is Ask.FILE:
                    await self._file(question)
        except PolycastError:
            self._state.errors += 1  # a server that does not answer gives no verdict
        for key in self.book.forget_old(self._now()):
            self._next.pop((key[0], ""), None)

    async def _file(self, question: Question) -> None:
        found = await self._client.recorded(question.file_id)
        if found is None or not found.job_id:
            found = await self._client.file(question.file_id) or found
        await self._tell(self.book.answered_file(question, found, self._now()))

    async def _doubts(self, questions: list[Question]) -> None:
        """Jobs that vanished or never began: the plan, the activity and the newest files are read once for all."""
        jobs = {job.id: job for job in await self._client.jobs()}
        activity = (await self._client.dvr()).activity
        files = await self._newest_files()
        now = self._now()
        for question in questions:
            life = next((one for one in self.book.lives if one.key == question.key), None)
            is_recording = life is not None and _records(life, activity.values())
            facts = self.book.answered_job(
                question, jobs.get(question.job_id), _file_of(question, files), is_recording=is_recording, now=now
            )
            await self._tell(facts)

    async def _newest_files(self) -> list[Recorded]:
        """The last files made, each with the job it comes from."""
        found: list[Recorded] = []
        for one in await self._client.newest():
            if one.job_id:
                found.append(one)
                continue
            file = await self._client.file(one.id)
            found.append(file if file is not None else one)
        return found

    def _is_due(self, question: Question, at: timedelta) -> bool:
        """Questions about a file come at growing intervals, those about a job as the book spaces them."""
        key = (question.job_id, question.file_id)
        due, wait = self._next.get(key, (at, FIRST_WAIT / 2))
        if at < due:
            return False
        wait = min(wait * 2, LONGEST_WAIT)
        self._next[key] = (at + wait if question.ask is Ask.FILE else at, wait)
        return True

    async def _tell(self, facts: list[RecordingFact]) -> None:
        for fact in facts:
            channel = None
            if fact.word:
                channel = await self._lookups.channel(fact.recording.channel_number, self._reporting.prefs)
            self._reporting.recordings([fact], Looked(channel=channel))
            if fact.recording.state is Stage.SETTLED:
                self._next.pop((fact.recording.job_id, fact.recording.file_id), None)

    def _now(self) -> datetime:
        """As the server's own clock has it: its jobs are planned by that."""
        return self._tools.clock.now() + self._client.skew


def _records(life: Lifecycle, activity: Iterable[str]) -> bool:
    """Whether the activity shows that this very thing is being recorded."""
    title = life.title.casefold()
    return any(
        text.casefold().startswith("recording") and (f" for {title}" in text.casefold() if title else True)
        for text in activity
    )


def _file_of(question: Question, files: list[Recorded]) -> Recorded | None:
    return next((one for one in files if one.job_id == question.job_id), None)
