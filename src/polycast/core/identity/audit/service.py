"""The audit log: append-only, without secrets and without full addresses of pages."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import Storage
from polycast.core.identity.audit.model import AuditEntry
from polycast.core.identity.audit.store import AuditStore
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage.database import Database
from polycast.core.storage.unit import Unit

log = logging.getLogger("polycast.core.identity")

LENGTH: Final = 300  # characters of any one text
PAGE: Final = 500
DENIALS_EVERY: Final = timedelta(minutes=1)  # one entry for each credential and reason; a loop of refusals is one fact
DENIALS: Final = 1024  # credentials remembered for that


class Audit:
    """What happened to accounts, rights and secrets, and who was refused."""

    def __init__(self, *, db: Database, store: AuditStore, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._clock = clock
        self._denied: dict[str, timedelta] = {}

    def note(
        self,
        unit: Unit,
        caller: Caller,
        action: str,
        *,
        target: str = "",
        result: str = "ok",
        details: Mapping[str, str] | None = None,
    ) -> None:
        """Add an entry in `unit`, the transaction of the deed itself."""
        self._store.insert(
            unit,
            at=self._clock.now(),
            user_id=caller.user_id,
            username=_plain(caller.username),
            address=_plain(caller.address),
            action=action,
            target=_plain(target),
            result=result,
            request_id=_plain(caller.request_id),
            details={name: _plain(text) for name, text in details.items()} if details else None,
        )

    async def write(
        self,
        caller: Caller,
        action: str,
        *,
        target: str = "",
        result: str = "ok",
        details: Mapping[str, str] | None = None,
    ) -> None:
        """Add an entry in a transaction of its own."""
        await self._db.write(self.note, caller, action, target=target, result=result, details=details)

    async def denied(self, caller: Caller, reason: str, path: str) -> None:
        """Note that somebody signed in was refused; at most one entry a minute for each credential and reason."""
        key = f"{caller.credential}:{caller.credential_id}:{caller.user_id}:{reason}"
        now = self._clock.monotonic()
        last = self._denied.get(key)
        if last is not None and now - last < DENIALS_EVERY:
            return
        if len(self._denied) >= DENIALS:
            self._denied.clear()
        self._denied[key] = now
        try:
            await self.write(caller, "denied", target=path, result=reason)
        except Storage as error:  # a full disk must not turn a refusal into something else
            log.warning("a refusal was not noted: %s", error)

    async def list(
        self,
        caller: Caller,
        *,
        before: int | None = None,
        limit: int = 100,
        user_id: int | None = None,
        action: str | None = None,
    ) -> list[AuditEntry]:
        """A page, newest first. Raises: NotAllowed, without `core:admin`."""
        caller.require(Scope.CORE_ADMIN)
        return await self._db.read(
            self._store.list, before=before, limit=min(limit, PAGE), user_id=user_id, action=action
        )

    def purge_in(self, unit: Unit, *, before: datetime) -> int:
        """Drop entries from before; their number."""
        return self._store.purge(unit, before=before)


def somebody(username: str, *, address: str, user_id: int | None = None, request_id: str = "") -> Caller:
    """A stand-in for a caller who is not known yet: the one who tries to sign in."""
    return Caller(user_id=user_id, username=username, address=address, request_id=request_id)


def _plain(text: str) -> str:
    """Control characters escaped, so that an entry cannot pretend to be two."""
    short = text[:LENGTH]
    return short if short.isprintable() else "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in short)
