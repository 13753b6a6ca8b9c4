"""What download clients see, kept in memory and brought up to date by what has changed since: lists and deltas."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.acquire.catalogue.board_store import BoardStore
from polycast.acquire.catalogue.model import ENDED, Entry
from polycast.acquire.dialects.qbittorrent.wire import Profile, info_of
from polycast.core.storage import Database

STEPS: Final = 200  # changes that are remembered; who is further behind gets everything
START: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Step(Struct, frozen=True):
    """What one number differs in from the one before."""

    changed: Mapping[str, frozenset[str]]  # hash -> fields
    removed: frozenset[str]


class Board:
    """Entries of download clients by hash, in the order of their adding, the newest first."""

    def __init__(self, *, db: Database, store: BoardStore) -> None:
        self._db = db
        self._store = store
        self._entries: dict[str, Entry] = {}
        self._order: list[str] = []
        self._places: dict[str, int] = {}
        self._mark: tuple[int, int, datetime] = (0, 0, START)
        self._shown: dict[str, dict[str, Any]] = {}
        self._raw: dict[str, tuple[Entry, tuple[int, Profile], msgspec.Raw]] = {}
        self._profile: Profile | None = None
        self._is_stale = True
        self.rid = 0
        self.speed_bps = 0  # of all of them, as of the last look
        self._steps: OrderedDict[int, Step] = OrderedDict()

    async def entries(self) -> Sequence[Entry]:
        """All of them, as they are now."""
        self._is_stale = await self._refresh() or self._is_stale
        return [self._entries[info_hash] for info_hash in self._order]

    def raw(self, entry: Entry, profile: Profile) -> msgspec.Raw:
        """An entry's `torrents/info` as JSON, made once for as long as nothing of it changes."""
        place = self.place(entry.info_hash)
        known = self._raw.get(entry.info_hash)
        if known is not None and known[0] is entry and known[1] == (place, profile):
            return known[2]
        made = msgspec.Raw(msgspec.json.encode(info_of(entry, profile, place)))
        self._raw[entry.info_hash] = (entry, (place, profile), made)
        return made

    def place(self, info_hash: str) -> int:
        return self._places.get(info_hash, 0)

    async def entry(self, info_hash: str) -> Entry | None:
        self._is_stale = await self._refresh() or self._is_stale
        return self._entries.get(info_hash.lower())

    async def _refresh(self) -> bool:
        mark = await self._db.read(self._store.mark)
        if mark == self._mark:
            return False
        changed = await self._db.read(self._store.since, self._mark[2])
        if len(self._entries) + len(changed) != mark[0] or mark[1] != self._mark[1]:
            known = await self._db.read(self._store.hashes)
            self._entries = {name: entry for name, entry in self._entries.items() if name in known}
            self._raw = {name: made for name, made in self._raw.items() if name in known}
        for entry in changed:
            self._entries[entry.info_hash] = entry
        self._mark = mark
        self._order = sorted(
            self._entries, key=lambda name: (self._entries[name].added_at, self._entries[name].id), reverse=True
        )
        self.speed_bps = sum(entry.speed_bps for entry in self._entries.values())
        waiting = [entry for entry in self._entries.values() if entry.state not in ENDED]
        waiting.sort(key=lambda entry: (entry.position, entry.added_at, entry.id))
        self._places = {entry.info_hash: number for number, entry in enumerate(waiting, 1)}
        return True

    async def delta(self, rid: int, profile: Profile) -> tuple[bool, dict[str, dict[str, Any]], list[str]]:
        """(everything?, torrents, removed) since the number `rid`; `self.rid` is the new one."""
        has_changed = await self._refresh()
        if profile != self._profile:
            self._profile, self._shown = profile, {}
            self._steps.clear()
            has_changed = True
        self._is_stale = self._is_stale or has_changed
        if self._is_stale:
            self._advance(profile)
            self._is_stale = False
        if rid == self.rid and rid:
            return False, {}, []
        if rid <= 0 or rid > self.rid or rid + 1 not in self._steps:
            return True, {name: self._shown[name] for name in self._order}, []
        fields: dict[str, set[str]] = {}
        removed: set[str] = set()
        for number in range(rid + 1, self.rid + 1):
            step = self._steps[number]
            removed -= set(step.changed)
            for name, names in step.changed.items():
                fields.setdefault(name, set()).update(names)
            removed |= step.removed
        changed = {
            name: {field: self._shown[name][field] for field in sorted(names)}
            for name, names in fields.items()
            if name in self._shown
        }
        return False, changed, sorted(removed)

    def _advance(self, profile: Profile) -> None:
        """A new number when anything differs from what was shown last."""
        changed: dict[str, frozenset[str]] = {}
        fresh: dict[str, dict[str, Any]] = {}
        for name in self._order:
            shown = msgspec.to_builtins(info_of(self._entries[name], profile, self.place(name)))
            del shown["hash"]
            fresh[name] = shown
            before = self._shown.get(name)
            if before is None:
                changed[name] = frozenset(shown)
            elif before != shown:
                changed[name] = frozenset(field for field, value in shown.items() if before.get(field) != value)
        removed = frozenset(self._shown) - frozenset(fresh)
        if changed or removed or not self.rid:
            self.rid += 1
            self._steps[self.rid] = Step(changed, removed)
            while len(self._steps) > STEPS:
                self._steps.popitem(last=False)
        self._shown = fresh
