"""Notes of use, written later and together: a request never waits for, or fails on, the row that it was made."""

import logging
from datetime import datetime, timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import Storage
from polycast.core.identity.audit.service import Audit
from polycast.core.identity.caller import Credential
from polycast.core.identity.devices.service import DevicePasswords
from polycast.core.identity.keys.service import ApiKeys
from polycast.core.identity.known import Known
from polycast.core.identity.sessions.service import Sessions
from polycast.core.identity.throttle.service import Throttle
from polycast.core.storage.database import Database
from polycast.core.storage.unit import Unit

log = logging.getLogger("polycast.core.identity")

EVERY: Final = timedelta(minutes=1)
PURGE_EVERY: Final = timedelta(hours=1)
AUDIT_KEPT: Final = timedelta(days=365)
MOST: Final = 10_000  # credentials between two writes

Note = tuple[Credential, int]


class Touches:
    """When each credential was last used; slides the sessions that slide."""

    def __init__(
        self, *, db: Database, sessions: Sessions, keys: ApiKeys, devices: DevicePasswords, throttle: Throttle,
        audit: Audit, clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._sessions = sessions
        self._keys = keys
        self._devices = devices
        self._throttle = throttle
        self._audit = audit
        self._clock = clock
        self._notes: dict[Note, tuple[datetime, str]] = {}

    def note(self, known: Known, now: datetime) -> None:
        """Remember a use, unless one of the last minute is stored already."""
        if known.credential_id is None or (known.used_at is not None and now - known.used_at < EVERY):
            return
        key = (known.credential, known.credential_id)
        if key in self._notes or len(self._notes) < MOST:
            self._notes[key] = (now, known.kind)

    async def flush(self) -> None:
        """Write what is remembered. Raises: Storage; then it is remembered still."""
        if not self._notes:
            return
        notes, self._notes = self._notes, {}
        try:
            await self._db.write(self._write, notes)
        except Storage:
            self._notes = notes | self._notes
            raise

    async def run(self) -> None:
        """Flush each minute, and drop each hour what has ended, until cancelled."""
        purged = self._clock.monotonic() - PURGE_EVERY
        try:
            while True:
                try:
                    await self.flush()
                    if self._clock.monotonic() - purged >= PURGE_EVERY:
                        await self._db.write(self._purge)
                        purged = self._clock.monotonic()
                except Storage as error:
                    log.warning("uses of sessions and keys are not noted for now: %s", error)
                await self._clock.sleep(EVERY)
        finally:
            await self.flush()

    def _write(self, unit: Unit, notes: dict[Note, tuple[datetime, str]]) -> None:
        for (credential, row_id), (at, kind) in notes.items():
            match credential:
                case Credential.SESSION | Credential.JWT:
                    self._sessions.seen_in(unit, row_id, kind=kind, at=at)
                case Credential.API_KEY:
                    self._keys.used_in(unit, row_id, at)
                case Credential.DEVICE:
                    self._devices.used_in(unit, row_id, at)
                case _:
                    pass

    def _purge(self, unit: Unit) -> None:
        self._sessions.purge_in(unit)
        self._throttle.purge_in(unit)
        self._audit.purge_in(unit, before=self._clock.now() - AUDIT_KEPT)
