"""The worker's part: what is old goes."""

from datetime import timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.jobs import Job, Run, Tick
from polycast.core.storage import Database
from polycast.monitor.alerts.store_rules import IncidentStore
from polycast.monitor.alerts.teller import Stores
from polycast.monitor.history.store_samples import SampleStore
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.service import Servers

INCIDENTS_KEPT: Final = timedelta(days=365)
COOLDOWNS_KEPT: Final = timedelta(hours=24)


class Upkeep:
    """Nightly."""

    def __init__(
        self,
        *,
        db: Database,
        book: PreferencesBook,
        stores: Stores,
        servers: Servers,
        samples: SampleStore,
        incidents: IncidentStore,
        clock: Clock,
    ) -> None:
        self._db = db
        self._book = book
        self._stores = stores
        self._servers = servers
        self._samples = samples
        self._incidents = incidents
        self._clock = clock

    async def prune(self, payload: Tick, run: Run) -> None:
        """Drop history, deliveries and viewings older than the settings say, and servers archived for 30 days."""
        self._book.reread()  # another process may have changed them
        stored = await self._book.load()
        now = self._clock.now()
        before = now - timedelta(days=stored.known.history_retention_days)
        dropped = 0
        for drop in (
            lambda unit: self._stores.activities.clear(unit, before=before),
            lambda unit: self._stores.deliveries.drop_before(unit, before),
            lambda unit: self._stores.sessions.drop_before(unit, before),
            lambda unit: self._stores.recordings.drop_before(unit, before),
            self._stores.activities.drop_unused_texts,
        ):
            while count := await self._db.write(drop):
                run.check()
                dropped += count
        await self._db.write(self._samples.drop_old, now)
        await self._db.write(self._incidents.drop_before, now - INCIDENTS_KEPT)
        await self._db.write(self._stores.cooldowns.drop_before, now - COOLDOWNS_KEPT)
        purged = await self._servers.purge()
        await run.progress(1, 1, f"{dropped} old rows, {purged} archived servers")


def jobs(upkeep: Upkeep) -> list[Job]:
    """What the worker does."""
    return [
        Job(
            name="monitor.prune_history",
            payload=Tick,
            run=upkeep.prune,
            cron="40 3 * * *",
            one_per="",
            title="Drop old history of the watch",
        )
    ]
