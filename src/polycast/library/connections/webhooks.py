"""Telling other programs what happens here: JSON, signed, tried again. Source: specs/library.md 4.11."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import NotFound, PolycastError, Unavailable
from polycast.core.events import Listener
from polycast.core.identity.audit.service import Audit
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.ids import Ids
from polycast.core.jobs import Job, Retry, Run
from polycast.core.net import Body, Outbound
from polycast.core.secrets import Secrets
from polycast.core.secrets.shared import signature
from polycast.core.storage import Database, Unit
from polycast.library.connections.store_webhooks import WebhookStore
from polycast.library.events import ItemsChanged, LibraryChanged
from polycast.library.playback.events import PlaybackStarted, PlaybackStopped

JOB: Final = "library.tell_webhook"
EVENTS: Final = ("item.added", "scan.completed", "playback.started", "playback.stopped")
ATTEMPTS: Final = 6
CONTEXT: Final = "library.webhook"
MOST: Final = 100  # titles told in one message


class Tell(Struct, frozen=True):
    """Payload: `body` is the JSON as it is signed and sent."""

    webhook_id: int
    event: str
    body: str


class Webhooks:
    """Addresses that an administrator has named."""

    def __init__(
        self, *, db: Database, store: WebhookStore, out: Callable[[], Outbound], secrets: Secrets, audit: Audit,
        clock: Clock, ids: Ids,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._out = out
        self._secrets = secrets
        self._audit = audit
        self._clock = clock
        self._ids = ids

    def jobs(self) -> list[Job]:
        """For the worker."""
        retry = Retry(attempts=ATTEMPTS, first_wait=timedelta(seconds=10), longest_wait=timedelta(minutes=30))
        return [Job(name=JOB, payload=Tell, run=self.tell, retry=retry, title="Tell a webhook")]

    def listeners(self) -> list[Listener]:
        """What is told."""
        return [
            Listener(name="library.webhooks_items", event=ItemsChanged, once=self._items),
            Listener(name="library.webhooks_scans", event=LibraryChanged, once=self._scan),
            Listener(name="library.webhooks_started", event=PlaybackStarted, once=self._started),
            Listener(name="library.webhooks_stopped", event=PlaybackStopped, once=self._stopped),
        ]

    async def all(self, caller: Caller) -> list[Any]:
        """Raises: NotAllowed."""
        caller.require(Scope.LIBRARY_WRITE)
        return await self._db.read(self._store.all)

    async def add(self, caller: Caller, *, name: str, url: str, secret: str, events: list[str]) -> Any:
        """Raises: NotAllowed."""
        caller.require(Scope.LIBRARY_WRITE)

        def work(unit: Unit) -> Any:
            key = self._store.insert(
                unit, nanoid=self._ids.nanoid(), name=name, url=url, secret=self._secrets.seal(secret, context=CONTEXT),
                events=events, told_item=self._store.youngest(unit), created_by=caller.user_id,
                created_at=self._clock.now(),
            )  # fmt: skip
            self._audit.note(unit, caller, "settings.webhook", target=f"webhook:{key}")
            return self._store.by_id(unit, key)

        return await self._db.write(work)

    async def change(self, caller: Caller, nanoid: str, values: dict[str, Any]) -> Any:
        """`values`: name, url, secret, events, is_enabled. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        told = dict(values)
        if secret := told.pop("secret", None):
            told["secret"] = self._secrets.seal(secret, context=CONTEXT)

        def work(unit: Unit) -> Any:
            row = self._require(unit, nanoid)
            if told:
                self._store.update(unit, row.id, **told)
            self._audit.note(unit, caller, "settings.webhook", target=f"webhook:{row.id}")
            return self._store.by_id(unit, row.id)

        return await self._db.write(work)

    async def remove(self, caller: Caller, nanoid: str) -> None:
        """Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        await self._db.write(lambda unit: self._store.delete(unit, self._require(unit, nanoid).id))

    async def test(self, caller: Caller, nanoid: str) -> tuple[bool, str]:
        """Tell it now that this is a test; whether it took it, and what was said. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        row = await self._db.read(self._require, nanoid)
        try:
            status = await self._send(row, "test", self._body("test", {"message": "This is a test."}))
        except PolycastError as error:
            return False, error.message
        return 200 <= status < 300, f"It answered with status {status}."

    async def tell(self, payload: Tell, run: Run) -> None:
        """The job. Raises: Unavailable, so that it is tried again."""
        row = await self._db.read(self._store.by_id, payload.webhook_id)
        if row is None or not row.is_enabled:
            return
        status, error = 0, ""
        try:
            status = await self._send(row, payload.event, payload.body)
        except PolycastError as failure:
            error = failure.message
        is_good = 200 <= status < 300
        error = "" if is_good else error or f"It answered with status {status}."
        failures = 0 if is_good else row.failures + 1
        told: dict[str, Any] = {"status": status, "error": error, "failures": failures, "at": self._clock.now()}
        await self._db.write(lambda unit: self._store.said(unit, row.id, **told))
        if not is_good and run.attempt < ATTEMPTS:
            raise Unavailable(error)

    async def _send(self, row: Any, event: str, body: str) -> int:
        secret = self._secrets.open(row.secret, context=CONTEXT)
        signed = signature(secret, body.encode()).hex()
        headers = {"Content-Type": "application/json", "X-Polycast-Event": event,
                   "X-Polycast-Signature": f"sha256={signed}"}  # fmt: skip
        got = await self._out().fetch(
            row.url, method="POST", headers=headers, body=Body(data=body.encode()), follows=False
        )
        return got.status

    def _items(self, unit: Unit, event: ItemsChanged) -> None:
        for row in self._wanting(unit, "item.added"):
            found = self._store.titles(unit, event.item_ids, after=row.told_item)
            for start in range(0, len(found), MOST):
                some = found[start : start + MOST]
                self._queue(unit, row, "item.added", {"items": [_title(one) for one in some]})
            if found:
                self._store.update(unit, row.id, told_item=found[-1].id)

    def _scan(self, unit: Unit, event: LibraryChanged) -> None:
        if event.change == "scanned":
            for row in self._wanting(unit, "scan.completed"):
                self._queue(unit, row, "scan.completed", {"libraryId": event.library})

    def _started(self, unit: Unit, event: PlaybackStarted) -> None:
        told = {"sessionId": event.session, "mediaId": event.item, "title": event.title, "mode": event.mode,
                "device": event.device}  # fmt: skip
        for row in self._wanting(unit, "playback.started"):
            self._queue(unit, row, "playback.started", told)

    def _stopped(self, unit: Unit, event: PlaybackStopped) -> None:
        title = self._store.title_of(unit, event.item)
        told = {"sessionId": event.session, "mediaId": event.item, "title": title, "position": event.position}
        for row in self._wanting(unit, "playback.stopped"):
            self._queue(unit, row, "playback.stopped", told)

    def _wanting(self, unit: Unit, event: str) -> list[Any]:
        return [row for row in self._store.all(unit) if row.is_enabled and event in row.events]

    def _queue(self, unit: Unit, row: Any, event: str, told: dict[str, Any]) -> None:
        unit.enqueue(JOB, Tell(row.id, event, self._body(event, told)))

    def _body(self, event: str, told: dict[str, Any]) -> str:
        return msgspec.json.encode({"event": event, "at": _iso(self._clock.now()), **told}).decode()

    def _require(self, unit: Unit, nanoid: str) -> Any:
        row = self._store.get(unit, nanoid)
        if row is None:
            raise NotFound("The webhook")
        return row


def _title(row: Any) -> dict[str, Any]:
    return {
        "mediaType": row.kind, "id": row.nanoid, "libraryId": row.library, "title": row.title, "year": row.year,
        "show": row.show_title, "seasonNumber": row.season_number, "episodeNumber": row.episode_number,
        "externalIds": {"tmdb": row.tmdb, "imdb": row.imdb, "tvdb": row.tvdb}, "addedAt": _iso(row.added_at),
    }  # fmt: skip


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
