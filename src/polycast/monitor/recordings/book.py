"""The recordings of one server, kept from its jobs, events and files: pure, told the time, says what changed.

What is asked of the server in between (is this job still there, what became of this file) is a `Question`; the answer
comes back by `answered_*`. A server that does not answer answers nothing: no verdict comes of silence.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from polycast.monitor.providers.channels.wire import Job, Recorded
from polycast.monitor.recordings.model import (
    AHEAD,
    BETWEEN_DENIALS,
    DENIALS,
    GRACE,
    KEPT,
    LONGEST_PROCESSING,
    PRIORITY,
    STILL_PROCESSING,
    Lifecycle,
    Outcome,
    RecordingFact,
    Stage,
)

Key = tuple[str, datetime]
OLD_NEWS: Final = timedelta(minutes=10)  # a start found out later is noted, not told
MOST: Final = 5000  # lifecycles kept of one server
WORDS: Final = {
    Outcome.COMPLETED: "Completed", Outcome.STOPPED: "Stopped", Outcome.INTERRUPTED: "Interrupted",
    Outcome.CANCELLED: "Cancelled", Outcome.SKIPPED: "Skipped", Outcome.MISSED: "Missed", Outcome.FAILED: "Failed",
}  # fmt: skip


class Ask(StrEnum):
    """What has to be asked of the server."""

    FILE = "file"  # what has become of a file we know
    JOB = "job"  # whether anything became of a job that has vanished, or never began


class Question(Struct, frozen=True, kw_only=True):
    """Something to be found out."""

    ask: Ask
    key: Key
    job_id: str
    file_id: str = ""


class RecordingBook:
    """All lifecycles of one server that matter still."""

    def __init__(self, dvr_id: str, restored: Iterable[Lifecycle] = ()) -> None:
        self._dvr_id = dvr_id
        self._lives: dict[Key, Lifecycle] = {life.key: life for life in restored}
        self._jobs: dict[str, Job] = {}
        self._has_listed = False

    @property
    def lives(self) -> list[Lifecycle]:
        return list(self._lives.values())

    @property
    def jobs(self) -> list[Job]:
        """What the server plans, by start."""
        return sorted(self._jobs.values(), key=lambda job: (job.starts_at, job.id))

    def running(self) -> list[Lifecycle]:
        return [life for life in self._lives.values() if life.state is Stage.RECORDING]

    def listed(self, jobs: Sequence[Job], now: datetime) -> list[RecordingFact]:
        """The server's whole list. The first one is no news."""
        first, self._has_listed = not self._has_listed, True
        before, self._jobs = self._jobs, {job.id: job for job in jobs[:MOST]}
        facts: list[RecordingFact] = []
        for job in self._jobs.values():
            facts += self._job(job, now, is_news=not first and job.id not in before)
        for life in [one for one in self._lives.values() if one.state is Stage.SCHEDULED]:
            there = self._jobs.get(life.job_id)
            if (there is None or there.starts_at != life.starts_at) and life.starts_at > now:
                is_moved = there is not None or not self._has_vanished(life, first=first)
                facts += self._settle(life, Outcome.CANCELLED, now, is_silent=is_moved)
        return facts

    def created(self, job: Job, now: datetime) -> list[RecordingFact]:
        """One new job."""
        self._jobs[job.id] = job
        return self._job(job, now, is_news=True)

    def deleted(self, job_id: str, now: datetime) -> list[RecordingFact]:
        """A job is off the list: cancelled, if it had not begun; else its file will tell."""
        self._jobs.pop(job_id, None)
        waiting = [
            life
            for life in self._lives.values()
            if life.job_id == job_id and life.state is Stage.SCHEDULED and life.starts_at > now
        ]
        return [fact for life in waiting for fact in self._settle(life, Outcome.CANCELLED, now)]

    def began(self, job_id: str, program_id: str, now: datetime) -> list[RecordingFact]:
        """A job records. Late starts and retries are told once."""
        life = self._current(job_id, now) or self._unplanned(job_id, now)
        if life.state is not Stage.SCHEDULED:
            return []
        moved = replace(
            life, state=Stage.RECORDING, started_at=now, seen_at=now, program_id=program_id or life.program_id,
            denials=0, denied_at=None,
        )  # fmt: skip
        self._put(moved)
        word = "Recording (Scheduled)" if life.was_scheduled else "Recording (Manual)"
        return [RecordingFact(recording=moved, word=word, kind="started")]

    def file_made(self, file_id: str, job_id: str, program_id: str, now: datetime) -> list[RecordingFact]:
        """A file was produced; by which job it is known from the file's record, else from its programme."""
        life = self._of_file(job_id, program_id, now)
        if life is None or life.state is Stage.SETTLED or life.file_id == file_id:
            return []
        moved = replace(
            life, state=Stage.PROCESSING, file_id=file_id, seen_at=now, ended_at=now, denials=0, denied_at=None
        )
        self._put(moved)
        return [RecordingFact(recording=moved)]

    def questions(self, now: datetime) -> list[Question]:
        """What should be found out now, the longest-waiting first."""
        found: list[tuple[datetime, Question]] = []
        for life in self._lives.values():
            if life.denied_at is not None and now - life.denied_at < BETWEEN_DENIALS:
                continue
            if life.state is Stage.PROCESSING:
                question = Question(ask=Ask.FILE, key=life.key, job_id=life.job_id, file_id=life.file_id)
            elif self._is_doubtful(life, now):
                question = Question(ask=Ask.JOB, key=life.key, job_id=life.job_id)
            else:
                continue
            found.append((life.seen_at, question))
        return [question for _, question in sorted(found, key=lambda pair: pair[0])]

    def answered_file(self, question: Question, file: Recorded | None, now: datetime) -> list[RecordingFact]:
        """What a file is now; None: the server says that there is no such file."""
        life = self._lives.get(question.key)
        if life is None or life.state is Stage.SETTLED:
            return []
        if file is None or (file.job_id and file.job_id != life.job_id):
            return self._deny(life, Outcome.INTERRUPTED, now)
        verdict = self._verdict(life, file, now)
        job = self._jobs.get(life.job_id)
        if job is not None and job.starts_at == life.starts_at and (job.has_failed or job.error):
            verdict = stronger(verdict or Outcome.MISSED, Outcome.FAILED)
        if verdict is Outcome.INTERRUPTED:
            return self._deny(replace(life, file_id=file.id), verdict, now)
        if verdict is None:
            self._put(
                replace(life, file_id=file.id, state=Stage.PROCESSING, seen_at=now, ended_at=life.ended_at or now)
            )
            return []
        note = "still processing" if verdict is Outcome.COMPLETED and not file.processed else ""
        flags = [word for word, on in (("Delayed", file.delayed), ("Corrupted", file.corrupted)) if on]
        done = replace(life, file_id=file.id, title=life.title or file.title)
        return self._settle(done, verdict, now, flags=flags, note=note)

    def answered_job(
        self, question: Question, job: Job | None, file: Recorded | None, *, is_recording: bool, now: datetime
    ) -> list[RecordingFact]:
        """What was found of a job in doubt: its entry, a file of it, whether it records. All None is a denial."""
        life = self._lives.get(question.key)
        if life is None or life.state in (Stage.SETTLED, Stage.PROCESSING):
            return []
        if file is not None:
            facts = self.file_made(file.id, life.job_id, life.program_id, now)
            return facts + self.answered_file(question, file, now)
        if job is not None and job.starts_at == life.starts_at and (job.has_failed or job.error or job.is_skipped):
            return self._job(job, now, is_news=True)
        if is_recording:
            if life.state is Stage.SCHEDULED:
                is_old = now - life.starts_at > OLD_NEWS
                return [replace(fact, is_silent=is_old) for fact in self.began(life.job_id, life.program_id, now)]
            self._put(replace(life, denials=0, denied_at=None, seen_at=now))
            return []
        return self._deny(life, Outcome.MISSED if life.state is Stage.SCHEDULED else Outcome.INTERRUPTED, now)

    def forget_old(self, now: datetime) -> list[Key]:
        """Drop what was over two weeks ago."""
        old = [key for key, life in self._lives.items() if now - max(life.seen_at, life.ends_at) > KEPT]
        for key in old:
            del self._lives[key]
        return old

    def _job(self, job: Job, now: datetime, *, is_news: bool) -> list[RecordingFact]:
        key = (job.id, job.starts_at)
        life = self._lives.get(key)
        if life is None:
            if job.ends_at < now - KEPT:
                return []
            is_planned = job.starts_at - now > AHEAD or not is_news
            life = self._put(_life(self._dvr_id, job, now, was_scheduled=is_planned))
            word = "Scheduled" if is_news and is_planned and not job.is_skipped else ""
            facts = [RecordingFact(recording=life, word=word, kind="scheduled" if word else "", is_silent=not word)]
        else:
            facts = []
        if life.state is Stage.SETTLED:
            return facts
        if job.has_failed or job.error:
            return facts + self._settle(replace(life, error=job.error), Outcome.FAILED, now, note=job.error)
        if job.is_skipped and life.state is Stage.SCHEDULED:
            return facts + self._settle(life, Outcome.SKIPPED, now)
        if life.ends_at != job.ends_at:
            self._put(replace(life, ends_at=job.ends_at))
        return facts

    def _verdict(self, life: Lifecycle, file: Recorded, now: datetime) -> Outcome | None:
        """What the file says; None while it is too early to tell."""
        if file.cancelled:
            return Outcome.STOPPED if file.completed else Outcome.INTERRUPTED
        if file.processed:
            return Outcome.COMPLETED
        since = now - (life.ended_at or now)
        if file.completed and since >= STILL_PROCESSING:
            return Outcome.COMPLETED
        return Outcome.COMPLETED if file.completed and since >= LONGEST_PROCESSING else None

    def _is_doubtful(self, life: Lifecycle, now: datetime) -> bool:
        if life.state is Stage.SCHEDULED:
            return now - life.starts_at >= GRACE
        if life.state is not Stage.RECORDING:
            return False
        return life.job_id not in self._jobs or now - life.ends_at >= GRACE

    def _deny(self, life: Lifecycle, outcome: Outcome, now: datetime) -> list[RecordingFact]:
        """Two denials, half a minute apart, make a verdict."""
        if life.denied_at is not None and now - life.denied_at < BETWEEN_DENIALS:
            return []
        denied = self._put(replace(life, denials=life.denials + 1, denied_at=now))
        return self._settle(denied, outcome, now) if denied.denials >= DENIALS else []

    def _settle(
        self,
        life: Lifecycle,
        outcome: Outcome,
        now: datetime,
        *,
        flags: Sequence[str] = (),
        note: str = "",
        is_silent: bool = False,
    ) -> list[RecordingFact]:
        if life.state is Stage.SETTLED:
            return []
        done = self._put(
            replace(life, state=Stage.SETTLED, outcome=outcome, ended_at=life.ended_at or now, seen_at=now)
        )
        word = WORDS[outcome] + "".join(f" ({flag})" for flag in flags)
        return [
            RecordingFact(
                recording=done, word="" if is_silent else word, kind=outcome.value, note=note, is_silent=is_silent
            )
        ]

    def _has_vanished(self, life: Lifecycle, *, first: bool) -> bool:
        """Whether it was on the list and is not any more; found so at start it happened while we were away: told too."""
        return life.was_scheduled or not first

    def _current(self, job_id: str, now: datetime) -> Lifecycle | None:
        """The lifecycle of a job that begins now: the open one whose start is nearest."""
        lives = [life for life in self._lives.values() if life.job_id == job_id]
        is_open = [life for life in lives if life.state in (Stage.SCHEDULED, Stage.RECORDING)]
        pool = is_open or [life for life in lives if now - life.starts_at < timedelta(hours=1) and life.ends_at > now]
        return min(pool, key=lambda life: abs(life.starts_at - now), default=None)

    def _unplanned(self, job_id: str, now: datetime) -> Lifecycle:
        job = self._jobs.get(job_id)
        if job is not None:
            return self._put(_life(self._dvr_id, job, now, was_scheduled=False))
        return self._put(
            Lifecycle(dvr_id=self._dvr_id, job_id=job_id, starts_at=now, ends_at=now + timedelta(hours=1), seen_at=now)
        )

    def _of_file(self, job_id: str, program_id: str, now: datetime) -> Lifecycle | None:
        pool = [
            life for life in self._lives.values() if life.state is not Stage.SETTLED and life.starts_at <= now + GRACE
        ]
        if job_id:
            pool = [life for life in pool if life.job_id == job_id]
        else:
            pool = [
                life for life in pool if life.state is Stage.RECORDING and life.program_id == program_id and program_id
            ]
        return max(pool, key=lambda life: life.starts_at, default=None)

    def _put(self, life: Lifecycle) -> Lifecycle:
        self._lives[life.key] = life
        return life


def stronger(left: Outcome, right: Outcome) -> Outcome:
    """Of two results that evidence supports, the one that counts."""
    return right if PRIORITY[right] > PRIORITY[left] else left


def _life(dvr_id: str, job: Job, now: datetime, *, was_scheduled: bool) -> Lifecycle:
    return Lifecycle(
        dvr_id=dvr_id,
        job_id=job.id,
        starts_at=job.starts_at,
        ends_at=job.ends_at,
        title=job.title,
        episode_title=job.episode_title,
        channel_number=job.channel,
        image_url=job.image,
        summary=job.summary,
        program_id=job.program_id,
        was_scheduled=was_scheduled,
        seen_at=now,
    )
