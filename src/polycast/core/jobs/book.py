"""The jobs there are, and the way a unit puts one in the queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.events.outbox import Outbox
from polycast.core.events.pokes import Pokes
from polycast.core.jobs import store
from polycast.core.jobs.model import Job, JobChanged, JobState

if TYPE_CHECKING:
    from polycast.core.storage.unit import Unit

TOPIC: Final = "core.jobs"  # poked when there is something new to do or to stop
LONGEST_KEY: Final = 200  # characters; longer ones are stored as their hash
MOST_TOLD: Final = 32  # new jobs of one unit that are told of


class JobBook:
    """Storage's `Enqueuer`. Needs no database to be built."""

    def __init__(self, *, clock: Clock, outbox: Outbox, pokes: Pokes) -> None:
        self._clock = clock
        self._outbox = outbox
        self._pokes = pokes
        self._jobs: dict[str, Job] = {}
        self._added: WeakKeyDictionary[Unit, list[JobChanged]] = WeakKeyDictionary()

    @property
    def jobs(self) -> Mapping[str, Job]:
        """All registered jobs by name."""
        return self._jobs

    def register(self, jobs: Iterable[Job]) -> None:
        """Add jobs. Raises: ValueError for a name that is taken, or a `one_per` that the payload lacks."""
        for job in jobs:
            if job.name in self._jobs:
                raise ValueError(f"two jobs are called {job.name}")
            if job.one_per and job.one_per not in job.payload.__struct_fields__:
                raise ValueError(f"{job.name}: its payload has no field {job.one_per}")
            self._jobs[job.name] = job

    def put(
        self,
        unit: Unit,
        job: str,
        payload: Struct,
        *,
        due: datetime | None = None,
        priority: int = 0,
        by: int | None = None,
    ) -> int:
        """Add a job in `unit`; its id. Of a twin that waits or runs, that one's: it is at most brought forward.

        Raises: LookupError for a name nobody registered; TypeError for another job's payload.
        """
        known = self._jobs.get(job)
        if known is None:
            raise LookupError(f"there is no job {job}")
        if not isinstance(payload, known.payload):
            raise TypeError(f"{job} takes {known.payload.__name__}, not {type(payload).__name__}")
        now = self._clock.now()
        key = key_of(known, payload)
        if key is not None and (twin := store.twin(unit, key)) is not None:
            if twin.is_fresh:
                store.hurry(unit, twin.id, due=due or now, priority=priority)
            self._wake(unit)
            return twin.id
        job_id = store.add(
            unit,
            name=job,
            title=known.title or job,
            lane=known.lane.value,
            priority=priority,
            key=key,
            payload=msgspec.json.encode(payload).decode(),
            created_at=now,
            due_at=due or now,
            attempts=known.retry.attempts,
            by_user_id=by,
        )
        told = self._wake(unit)
        if len(told) < MOST_TOLD:
            told.append(
                JobChanged(job_id=job_id, job=job, title=known.title or job, state=JobState.WAITING, by_user_id=by)
            )
        return job_id

    def wake(self, unit: Unit) -> None:
        """Have the workers look at the queue once `unit` is committed."""
        self._wake(unit)

    def _wake(self, unit: Unit) -> list[JobChanged]:
        told = self._added.get(unit)
        if told is None:
            told = self._added[unit] = []
            unit.notify(TOPIC)
            unit.after_commit(partial(self._committed, told))
        return told

    def _committed(self, told: list[JobChanged]) -> None:
        self._pokes.poke(TOPIC, far=False)
        for event in told:
            self._outbox.tell(event)


def key_of(job: Job, payload: Struct) -> str | None:
    """What no two living jobs share. A job by schedule never overlaps itself, asked or not."""
    if job.one_per is None:
        return job.name if job.every is not None or job.cron is not None else None
    if not job.one_per:
        return job.name
    value = msgspec.json.encode(getattr(payload, job.one_per)).decode()
    if len(value) > LONGEST_KEY:
        value = blake2b(value.encode(), digest_size=20).hexdigest()
    return f"{job.name}:{value}"
