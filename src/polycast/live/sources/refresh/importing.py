"""Writing what a scan finds: bulk batches, the tables kept in key order, what is missing, and the counts."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import Final, cast

from msgspec import Struct

from polycast.core.jobs.model import Run
from polycast.core.storage import Database, Unit, fold
from polycast.core.storage.types import EPOCH
from polycast.live.sources.refresh.scan import POSITION_BITS, Candidate, Moved, Scan
from polycast.live.sources.refresh.store import Existing, RefreshStore, Unindexed
from polycast.live.sources.refresh.store_groups import GroupStore

SEGMENT: Final = 100_000  # new rows between two fillings of the tables in key order: bounds what is sorted in memory
KNOWN_PAGE: Final = 50_000  # rows of a read; a read may take a second at most
INDEX_PAGE: Final = 25_000


class Outcome(Struct):
    """What an import did."""

    created: int = 0
    updated: int = 0
    moved: int = 0
    duplicates: int = 0
    stale: int = 0
    deleted: int = 0

    @property
    def has_changed(self) -> bool:
        return bool(self.created or self.updated or self.moved or self.stale or self.deleted)


# What the tables by name, tvg-id and hash say of a stream: name key, tvg key, hash key, group id. A plain tuple: half a
# million named ones take a third of a second to make.
Listing = tuple[str, str, int, int]


class Target(Struct, frozen=True, kw_only=True):
    """The account that an import is for."""

    account_id: int
    now: datetime  # start of the scan
    last_seen: datetime  # start of the last complete scan: when what is missing now was last there
    stale_for: timedelta  # how long a missing stream stays
    indexed_id: int


class Importer:
    """Brings the streams of one account to what a scan says."""

    def __init__(self, *, db: Database, store: RefreshStore, groups: GroupStore) -> None:
        self._db = db
        self._store = store
        self._groups = groups

    async def known(self, account_id: int) -> dict[int, int]:
        """Fingerprint -> `id << 28 | position` of all present streams."""
        found: dict[int, int] = {}
        after = (-1, -1)
        while True:
            page = await self._db.read(self._store.present, account_id, after, KNOWN_PAGE)
            found.update(map(itemgetter(0, 1), page))
            if len(page) < KNOWN_PAGE:
                return found
            after = (page[-1].group_id, page[-1].id)

    async def write(self, target: Target, scan: Scan, items: Iterator[Candidate | Moved], run: Run) -> Outcome:
        """Write `items` in short batches. What was there before stays whole until `finish`."""
        outcome = Outcome()
        batch = _Batch(store=self._store, groups=self._groups, target=target, scan=scan, outcome=outcome)
        indexed = await self.index_left_over(target, run)
        while True:
            count = await self._db.write_bulk(batch.apply, islice(items, SEGMENT))
            if batch.listings:
                indexed = await self._index(target.account_id, indexed, batch.listings, run)
                batch.listings.clear()
            if count < SEGMENT:
                return outcome

    async def index_left_over(self, target: Target, run: Run) -> int:
        """List streams that an interrupted import left unlisted; the key up to which all are listed now."""
        after = target.indexed_id
        while page := await self._unindexed(target.account_id, after, INDEX_PAGE):
            await self._db.write_bulk(self._store.list_streams, page)
            after = page[-1].id
            await self._db.write(self._store.set_indexed, target.account_id, after)
            run.check()
        return after

    async def _index(self, account_id: int, after: int, added: Sequence[Listing], run: Run) -> int:
        """List the streams `added` above `after`, in the order of each table's key.

        Neighbours then share pages, which makes this cheap. Ids ascend in the order of insertion, so they need only be
        counted off against `added`.
        """
        ids = await self._ids_after(account_id, after)
        if len(ids) != len(added):
            # Somebody else has added or removed streams of this account meanwhile.
            left = Target(account_id=account_id, now=EPOCH, last_seen=EPOCH, stale_for=timedelta(), indexed_id=after)
            return await self.index_left_over(left, run)
        for fill, rows in (
            (self._store.fill_names, _by_name),
            (self._store.fill_tvgs, _by_tvg),
            (self._store.fill_hashes, _by_hash),
        ):
            run.check()
            ready = await run.thread(rows, account_id, ids, added)
            await self._db.write_bulk(fill, ready)
        await self._db.write(self._store.set_indexed, account_id, ids[-1])
        return ids[-1]

    async def _ids_after(self, account_id: int, after: int) -> Sequence[int]:
        """Ids of the account's streams above `after`, ascending; mostly a plain range, when nobody else adds streams."""
        count, first, last = await self._db.read(self._store.span_after, account_id, after=after)
        if count and last - first + 1 == count:
            return range(first, last + 1)
        ids: list[int] = []
        while page := await self._db.read(self._store.ids_after, account_id, after=after, limit=INDEX_PAGE):
            ids += page
            after = page[-1]
        return ids

    async def _unindexed(self, account_id: int, after: int, limit: int) -> list[Unindexed]:
        return await self._db.read(self._store.unindexed, account_id, after=after, limit=limit)

    async def finish(self, target: Target, scan: Scan, outcome: Outcome, *, unwanted: Callable[[int], bool]) -> None:
        """Mark what the scan did not meet, and remove what has been missing too long or is `unwanted` (by group id)."""
        left = [packed >> POSITION_BITS for packed in scan.known.values()]
        groups = await self._groups_of(target.account_id, set(left)) if left else {}
        at_once = target.stale_for <= timedelta()
        gone = [i for i in left if at_once or unwanted(groups.get(i, 0))]
        dropped = set(gone)
        stale = [i for i in left if i not in dropped]

        def mark(unit: Unit, ids: Sequence[int]) -> None:
            self._store.mark_missing(unit, ids, at=target.now, last_seen=target.last_seen)

        await self._db.write_bulk(mark, stale)
        outcome.stale = len(stale)
        outcome.deleted = await self.remove(gone) + await self.sweep(target)

    async def remove(self, ids: Sequence[int]) -> int:
        """Delete streams in short batches; how many."""

        def drop(unit: Unit, some: Sequence[int]) -> None:
            self._store.remove(unit, some)

        return await self._db.write_bulk(drop, ids)

    async def sweep(self, target: Target) -> int:
        """Delete streams that have been missing longer than the account keeps them; how many."""
        before = target.now - target.stale_for
        total = 0
        while ids := await self._db.read(self._store.outdated, target.account_id, before=before, limit=KNOWN_PAGE):
            total += await self.remove(ids)
        return total

    async def _groups_of(self, account_id: int, ids: set[int]) -> dict[int, int]:
        """Group ids of present streams, by stream id."""
        found: dict[int, int] = {}
        after = (-1, -1)
        while True:
            page = await self._db.read(self._store.present, account_id, after, KNOWN_PAGE)
            found.update((row.id, row.group_id) for row in page if row.id in ids)
            if len(page) < KNOWN_PAGE:
                return found
            after = (page[-1].group_id, page[-1].id)


class _Batch:
    """Applies batches of items; what it remembers between them is only what has been committed."""

    def __init__(
        self, *, store: RefreshStore, groups: GroupStore, target: Target, scan: Scan, outcome: Outcome
    ) -> None:
        self._store = store
        self._group_store = groups
        self._target = target
        self._scan = scan
        self._outcome = outcome
        self._group_ids: dict[str, int] = {}
        self._has_old = target.indexed_id > 0
        self.listings: list[Listing] = []  # of what was added and is not listed yet, in order

    def apply(self, unit: Unit, items: Sequence[Candidate | Moved]) -> None:
        moved = [item for item in items if type(item) is Moved]
        candidates = (
            [item for item in items if type(item) is Candidate] if moved else cast("Sequence[Candidate]", items)
        )
        self._store.move(unit, moved)
        ids = self._groups(unit, {c[0] for c in candidates})
        account_id, now = self._target.account_id, self._target.now
        fresh: Sequence[Candidate] = candidates
        changed: list[tuple[Existing, Candidate]] = []
        if self._has_old:
            old = self._store.existing(unit, account_id, [c.hash_key for c in candidates])
            fresh = [c for c in candidates if c.hash_key not in old]
            changed = [(old[c.hash_key], c) for c in candidates if c.hash_key in old and self._is_free(old[c.hash_key])]
        self._store.insert(unit, account_id, fresh, ids, now)
        self._store.update(unit, account_id, changed, ids, now)
        listings = [(_folded(c[2]), _folded(c[4]), c[1], ids[c[0]]) for c in fresh]
        unit.after_commit(lambda: self._count(listings, changed, len(moved), len(candidates)))

    def _is_free(self, old: Existing) -> bool:
        """Whether no other entry of this scan has taken the stream already."""
        return old.is_stale or old.content_key in self._scan.known

    def _count(
        self, listings: Sequence[Listing], changed: Sequence[tuple[Existing, Candidate]], moved: int, candidates: int
    ) -> None:
        self.listings += listings
        for old, _ in changed:
            self._scan.known.pop(old.content_key, None)
        self._outcome.created += len(listings)
        self._outcome.updated += len(changed)
        self._outcome.moved += moved
        self._outcome.duplicates += candidates - len(listings) - len(changed)

    def _groups(self, unit: Unit, names: set[str]) -> dict[str, int]:
        missing = names - self._group_ids.keys()
        if not missing:
            return self._group_ids
        made = self._group_store.ensure(unit, self._target.account_id, missing, enabled=self._scan.groups.enabled)
        unit.after_commit(lambda: self._group_ids.update(made))
        return self._group_ids | made


def _folded(text: str) -> str:
    """`fold`, with a short way for what most names are."""
    return text.lower() if text.isascii() else fold(text)


# Sorted without a key function: the second element is unique, so the others are never compared.
def _by_name(account_id: int, ids: Sequence[int], added: Sequence[Listing]) -> list[tuple[object, ...]]:
    return sorted((row[0], i, account_id, row[3]) for i, row in zip(ids, added, strict=True))


def _by_tvg(_account_id: int, ids: Sequence[int], added: Sequence[Listing]) -> list[tuple[object, ...]]:
    return sorted((row[1], i) for i, row in zip(ids, added, strict=True))


def _by_hash(account_id: int, ids: Sequence[int], added: Sequence[Listing]) -> list[tuple[object, ...]]:
    return sorted((row[2], account_id, i) for i, row in zip(ids, added, strict=True))
