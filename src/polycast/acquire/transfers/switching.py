"""Moving an entry to another account."""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from polycast.acquire.catalogue.model import Entry, State, Status
from polycast.acquire.providers.accounts import Accounts
from polycast.acquire.transfers.changes import DropRemote
from polycast.acquire.transfers.records import Records
from polycast.acquire.transfers.submitting import Refused, Submitting
from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.jobs import Run
from polycast.core.storage import Database, Unit


class SwitchEntry(Struct, frozen=True):
    """Payload: have another account hold an entry."""

    info_hash: str
    source: str
    target: str
    keep_old: bool


class Switching:
    """Asked for in the web process, done in the worker."""

    def __init__(
        self, *, db: Database, accounts: Accounts, records: Records, submitting: Submitting, clock: Clock
    ) -> None:
        self._db = db
        self._accounts = accounts
        self._records = records
        self._submitting = submitting
        self._clock = clock

    async def start(self, caller: Caller, entry: Entry, *, target: str, keep_old: bool) -> dict[str, Any]:
        """A switcher job. Raises: Invalid for an account that is not there; Conflict when it is there already."""
        caller.require(Scope.ACQUIRE_WRITE)
        if await self._accounts.named(target) is None:
            raise Invalid.one("target", "unknown", "There is no such account.")
        if entry.active_provider == target:
            raise Conflict("It is at this account already.", reason="same")
        payload = SwitchEntry(entry.info_hash, entry.active_provider, target, keep_old)
        job = await self._db.write(self._enqueue, payload)
        return {
            "id": str(job),
            "info_hash": entry.info_hash,
            "source_provider": entry.active_provider,
            "target_provider": target,
            "status": "pending",
            "progress": 0,
            "error": "",
            "keep_old": keep_old,
            "wait_complete": True,
            "created_at": self._clock.now().isoformat(),
            "completed_at": None,
        }

    def _enqueue(self, unit: Unit, payload: SwitchEntry) -> int:
        return unit.enqueue("acquire.switch_entry", payload)

    async def switch(self, payload: SwitchEntry, run: Run) -> None:
        """The job `acquire.switch_entry`."""
        detail = await self._records.detail(payload.info_hash)
        entry = detail.entry
        asked = replace(entry, options=replace(entry.options, debrid=payload.target, download_uncached=True))
        found = await self._submitting.submit(asked)
        if isinstance(found, Refused):
            raise Conflict(found.why, reason="refused")
        done = found.item.status is Status.DOWNLOADED
        state = State.DONE if done and entry.is_complete else (State.MOVING if done else State.DOWNLOADING)
        await self._records.taken(entry, found.live.name, found.item, found.files, state=state)
        if payload.keep_old or not done:
            return
        for placement in detail.placements:
            if placement.provider == payload.source:
                await self._records.drop_placement(detail, payload.source)
                await self._db.write(self._drop, DropRemote(payload.source, placement.remote_id))

    def _drop(self, unit: Unit, payload: DropRemote) -> None:
        unit.enqueue("acquire.drop_remote", payload)
