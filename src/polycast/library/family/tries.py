"""Wrong PINs: five in a row close the door for five minutes, then for twice as long. Source: specs/library.md 3.13."""

from datetime import datetime, timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import TooMany
from polycast.core.storage import Database, Unit
from polycast.library.family.store import FamilyStore

TRIES: Final = 5
FIRST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(hours=1)
FORGOTTEN: Final = timedelta(days=1)  # after the last wrong one


class PinTries:
    """Counted by account and profile, beside what the whole server counts by network."""

    def __init__(self, *, db: Database, store: FamilyStore, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._clock = clock

    async def check(self, user_id: int, profile_id: int) -> None:
        """Raises: TooMany, while the door is closed."""
        row = await self._db.read(self._store.tries, user_id, profile_id)
        now = self._clock.now()
        if row is not None and row.until is not None and now < row.until:
            wait = max(1, -(-(row.until - now) // timedelta(seconds=1)))
            raise TooMany("Too many wrong PINs; wait a while.", retry_after=wait)

    async def wrong(self, user_id: int, profile_id: int) -> int:
        """Count one; how many may follow before the door closes."""
        return await self._db.write(self._wrong, user_id, profile_id)

    async def right(self, user_id: int, profile_id: int) -> None:
        """The streak has ended."""
        await self._db.write(self._store.clear_tries, user_id, profile_id)

    def _wrong(self, unit: Unit, user_id: int, profile_id: int) -> int:
        row, now = self._store.tries(unit, user_id, profile_id), self._clock.now()
        before = 0 if row is None or now - row.since > FORGOTTEN else row.failures
        failures = before + 1
        until = _closed(failures, now)
        self._store.set_tries(unit, user_id, profile_id, failures=failures, since=now, until=until)
        return (TRIES - failures % TRIES) % TRIES


def _closed(failures: int, now: datetime) -> datetime | None:
    """Until when; None while tries are left."""
    if failures % TRIES:
        return None
    times: int = 2 ** min(failures // TRIES - 1, 10)
    return now + min(LONGEST, FIRST * times)
