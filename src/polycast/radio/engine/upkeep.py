"""Drops what the engine has kept long enough."""

from datetime import timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.jobs import Job, Run, Tick
from polycast.core.storage import Database
from polycast.radio.engine.store import AudienceStore

SESSIONS: Final = timedelta(days=90)
MINUTES: Final = timedelta(days=30)
BATCH: Final = 2000


class Upkeep:
    """Old sessions and minutes."""

    def __init__(self, *, db: Database, store: AudienceStore, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._clock = clock

    async def clean(self, payload: Tick, run: Run) -> None:
        """The job: in small units, until nothing is left."""
        now = self._clock.now()
        while True:
            run.check()
            found = await self._db.write(
                self._store.clean, sessions_before=now - SESSIONS, minutes_before=now - MINUTES, limit=BATCH
            )
            if found < BATCH:
                return

    def jobs(self) -> list[Job]:
        """Each hour."""
        return [
            Job(
                name="radio.clean_audience",
                payload=Tick,
                run=self.clean,
                one_per="",
                every=timedelta(hours=1),
                title="Drop old listening sessions",
            )
        ]
