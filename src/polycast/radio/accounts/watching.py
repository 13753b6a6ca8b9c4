"""Limits that nobody reaches by asking: traffic and disk are looked at each minute, their owners are told."""

from datetime import datetime
from typing import Final

from polycast.core.clock import Clock
from polycast.core.jobs import Job, Lane, Run, Tick
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.changes import LIFTED
from polycast.radio.accounts.model import MB, Account, Status
from polycast.radio.accounts.ports import Letters
from polycast.radio.accounts.store import AccountStore

STEPS: Final = (100, 95, 80)  # percent, the highest first
EVERY_S: Final = 60
DISK_TOLD: Final = "disk_limit"


class Watching:
    """Writes to accounts that come near their limits; turning listeners away is the engine's."""

    def __init__(self, *, db: Database, store: AccountStore, letters: Letters, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._letters = letters
        self._clock = clock

    async def look(self, payload: Tick, run: Run) -> None:
        """The job."""
        await self._db.write(self._look)

    def _look(self, unit: Unit) -> None:
        now = self._clock.now()
        for account in self._store.many(unit, self._store.in_status(unit, Status.ACTIVE)).values():
            self._traffic(unit, account, now)
            self._disk(unit, account, now)

    def _traffic(self, unit: Unit, account: Account, now: datetime) -> None:
        limit = account.limits.limit_traffic
        share = account.traffic_bytes * 100 // (limit * MB) if limit else 0
        step = next((one for one in STEPS if share >= one), 0)
        if account.traffic_told >= LIFTED or step <= account.traffic_told:
            return
        self._store.update(unit, account.id, traffic_told=step)
        self._store.note(unit, account.id, "traffic_limit", f"{step} %", at=now)
        values = {"limit": str(limit), "used": str(account.traffic_bytes // MB)}
        self._letters.put(unit, account, "traffic_limit", values)

    def _disk(self, unit: Unit, account: Account, now: datetime) -> None:
        limit = account.limits.limit_du
        if not limit or account.du_bytes * 100 < limit * MB * STEPS[-1]:
            return
        told = [at for at, code, _ in self._store.events(unit, account.id, limit=50) if code == DISK_TOLD]
        if told and (now - told[0]).days < 1:
            return
        self._store.note(unit, account.id, DISK_TOLD, f"{account.du_bytes // MB} of {limit} MB", at=now)
        values = {"limit": str(limit), "used": str(account.du_bytes // MB)}
        self._letters.put(unit, account, DISK_TOLD, values)

    def jobs(self) -> list[Job]:
        """One look each minute."""
        return [
            Job(
                name="radio.watch_limits",
                payload=Tick,
                run=self.look,
                lane=Lane.QUICK,
                one_per="",
                cron="* * * * *",
                title="Look at the limits of radio accounts",
            )
        ]
