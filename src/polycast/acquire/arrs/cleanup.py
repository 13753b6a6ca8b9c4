"""Clearing up what an Arr cannot import: only our own items, not at once, and never in masses."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from polycast.acquire.arrs import wire
from polycast.acquire.arrs.cleanup_store import CleanupStore
from polycast.acquire.arrs.client import ArrClient
from polycast.acquire.arrs.model import Arr
from polycast.acquire.arrs.owner import PushFailure
from polycast.acquire.arrs.service import Arrs
from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.config.model import CleanupRule, Config
from polycast.acquire.config.service import Configs
from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.jobs import Run, Tick
from polycast.core.storage import Database, Unit, clean

RIPE_AFTER: Final = timedelta(minutes=5)
PER_HOUR: Final = 20  # actions for one Arr
SEEN: Final = 2_000


class Known(Struct, frozen=True):
    """A rule that comes with the server: every word of one of `words` must stand in the messages."""

    id: str
    words: tuple[tuple[str, ...], ...]
    action: str


CATALOGUE: Final = (
    Known("title_mismatch", (("title mismatch",),), "import"),
    Known("matched_by_id", (("matched to", "by id"),), "import"),
    Known("unable_to_parse", (("unable to parse download",),), "blacklist_research"),
    Known("no_eligible_files", (("no files found are eligible",),), "blacklist_research"),
    Known("episodes_missing", (("not imported or missing from the release",),), "blacklist_research"),
    Known("file_empty", (("file is empty",),), "blacklist_research"),
    Known("invalid_local_path", (("is not a valid local path",),), ""),
    Known("not_grabbed", (("not in a category",),), ""),
)
FAILED: Final = "failed_download"


class Chosen(Struct, frozen=True, kw_only=True):
    """What would be, or was, done with an item."""

    arr: str
    item: wire.QueueItem
    rule: str
    action: str


class Cleanup:
    """Looks into the queues of all Arrs."""

    def __init__(
        self,
        *,
        db: Database,
        store: CleanupStore,
        entries: EntryStore,
        arrs: Arrs,
        configs: Configs,
        clock: Clock,
    ) -> None:
        self._db = db
        self._store = store
        self._entries = entries
        self._arrs = arrs
        self._configs = configs
        self._clock = clock

    async def look(self, payload: Tick, run: Run) -> None:
        """The job `acquire.clean_queues`."""
        config = await self._configs.read()
        if not config.queue_cleanup.enabled:
            return
        for arr in await self._arrs.all():
            run.check()
            try:
                await self._clean(arr, config)
            except PolycastError as error:
                await self._db.write(self._store.note_problem, arr.id, clean(error.message, 500))

    async def chosen(self, arr: Arr, config: Config) -> list[Chosen]:
        """What would be done now: items of ours that have been stuck for long enough."""
        queue = await self._arrs.client(arr).queue()
        now = self._clock.now()
        stuck = [item for item in queue if _is_stuck(item)]
        ours = await self._db.read(self._ours, [item.download_id.lower() for item in stuck])
        ripe = await self._db.write(
            self._ripe, arr.name, [item for item in stuck if item.download_id.lower() in ours], now
        )
        found = []
        for item in ripe:
            rule, action = _rule(item, config.queue_cleanup.rules)
            if action:
                found.append(Chosen(arr=arr.name, item=item, rule=rule, action=action))
        return found

    def _ours(self, unit: Unit, hashes: Sequence[str]) -> frozenset[str]:
        return frozenset(entry.info_hash for entry in self._entries.many(unit, hashes[:SEEN]))

    def _ripe(self, unit: Unit, arr: str, items: Sequence[wire.QueueItem], now: datetime) -> list[wire.QueueItem]:
        """Those first seen stuck long enough ago."""
        first = self._store.seen(unit, arr, [item.download_id for item in items], now)
        return [item for item in items if now - first[item.download_id] >= RIPE_AFTER]

    async def _clean(self, arr: Arr, config: Config) -> None:
        client = self._arrs.client(arr)
        chosen = await self.chosen(arr, config)
        allowed = PER_HOUR - await self._db.read(
            self._store.done_since, arr.name, self._clock.now() - timedelta(hours=1)
        )
        # What was done before may stay in its queue for long; it must not use up what is allowed.
        due = [
            one
            for one in chosen
            if not await self._db.read(self._store.is_done, arr.name, one.item.download_id, one.rule)
        ]
        for one in due[: max(0, allowed)]:
            result = "dry run" if config.queue_cleanup.dry_run else await self._act(client, one)
            await self._db.write(
                self._store.note,
                arr.name,
                one.item.download_id,
                title=clean(one.item.title, 300),
                rule=one.rule,
                action=one.action,
                result=result,
                at=self._clock.now(),
            )

    async def _act(self, client: ArrClient, one: Chosen) -> str:
        if one.action == "import":
            found = await client.candidates(one.item.download_id)
            if not found:
                return "nothing to import"
            await client.import_now(found, one.item.download_id)
            return "imported"
        searches = one.action == "blacklist_research"
        await client.drop_from_queue([one.item.id], blocklist=True, searches=searches)
        return "blocklisted, searched again" if searches else "blocklisted"

    async def push(self, payload: PushFailure, run: Run) -> None:
        """The job `acquire.push_failure`: an Arr never searches again because a client says `error`."""
        arr = await self._arrs.of_category(payload.category)
        config = await self._configs.read()
        if arr is None or not config.queue_cleanup.enabled:
            return
        rule = f"our error: {payload.why[:100]}"
        if await self._db.read(self._store.is_done, arr.name, payload.info_hash, rule):
            return
        since = self._clock.now() - timedelta(hours=1)
        if await self._db.read(self._store.done_since, arr.name, since) >= PER_HOUR:
            return
        client = self._arrs.client(arr)
        items = [item for item in await client.queue() if item.download_id.lower() == payload.info_hash]
        if items and not config.queue_cleanup.dry_run:
            await client.drop_from_queue([item.id for item in items], blocklist=True, searches=True)
        values: dict[str, Any] = {
            "title": clean(items[0].title, 300) if items else "",
            "rule": rule,
            "action": "blacklist_research",
            "result": "blocklisted, searched again" if items else "not in its queue",
            "at": self._clock.now(),
        }
        await self._db.write(self._store.note, arr.name, payload.info_hash, **values)


def _is_stuck(item: wire.QueueItem) -> bool:
    return bool(item.download_id) and (
        item.status.lower() == "failed" or item.tracked_download_status.lower() in ("warning", "error")
    )


def _rule(item: wire.QueueItem, custom: Sequence[CleanupRule]) -> tuple[str, str]:
    """The first rule that fits and what it says; the configuration may change what the server's own ones say."""
    text = " ".join(
        [item.error_message, *(part for one in item.status_messages for part in [one.title, *one.messages])]
    ).lower()
    by_id = {rule.id: rule.action for rule in custom if rule.id and not rule.match}
    if item.status.lower() == "failed":
        return FAILED, by_id.get(FAILED, "blacklist_research")
    for known in CATALOGUE:
        if any(all(word in text for word in words) for words in known.words):
            return known.id, by_id.get(known.id, known.action)
    for rule in custom:
        if rule.match and rule.match.lower() in text:
            return rule.id or rule.match[:50], rule.action
    return "", ""
