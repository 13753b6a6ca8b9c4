"""What a refresh would do, found out without writing: fetched and read like a refresh, compared, thrown away."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from polycast.core.errors import Busy, Conflict, Invalid, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.preferences.groups import StreamSettings
from polycast.live.preferences.service import Preferences
from polycast.live.sources.accounts.state import AccountState, Loaded
from polycast.live.sources.refresh.fetch import Fetches, Material
from polycast.live.sources.refresh.identity import hash_keys
from polycast.live.sources.refresh.importing import Importer
from polycast.live.sources.refresh.playlist import Tally
from polycast.live.sources.refresh.readings import weighed
from polycast.live.sources.refresh.scan import POSITION_BITS, Candidate, Moved, Scan
from polycast.live.sources.refresh.service import DROP_LIMIT
from polycast.live.sources.refresh.store import RefreshStore
from polycast.live.sources.refresh.terms import PLAYLISTS, asked_of, groups_of, login_in, scan_of, shape_of
from polycast.live.sources.refresh.work import NothingUsable
from polycast.live.sources.streams.store import StreamStore

T = TypeVar("T")
PART: Final = 10_000  # entries compared at once; others use the database in between
SAMPLES: Final = 20
RETRY_AFTER: Final = 30  # seconds


class GroupChange(Struct, frozen=True, kw_only=True):
    """A group of the source."""

    name: str
    enabled: bool  # as a refresh would find it
    is_new: bool
    added: int


class DryRun(Struct, kw_only=True):
    """What a refresh would do."""

    entries: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0  # missing now: kept for the account's days, then deleted
    filtered: int = 0
    duplicates: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    groups: list[GroupChange] = field(default_factory=list)  # those with something new, by name
    added_names: list[str] = field(default_factory=list)  # the first ones
    removed_names: list[str] = field(default_factory=list)
    would_hold: bool = False  # the drop guard would ask first


class DryRuns:
    """Tries refreshes out, one at a time."""

    def __init__(
        self,
        *,
        db: Database,
        state: AccountState,
        fetches: Fetches,
        importer: Importer,
        bulk: RefreshStore,
        streams: StreamStore,
        preferences: Preferences,
    ) -> None:
        """`fetches` has a folder of its own: a refresh of the same account may run meanwhile."""
        self._db = db
        self._state = state
        self._fetches = fetches
        self._importer = importer
        self._bulk = bulk
        self._streams = streams
        self._preferences = preferences
        self._turn = asyncio.Lock()

    async def of(self, caller: Caller, account_id: int) -> DryRun:
        """Raises: NotAllowed; NotFound; Conflict for a switched-off account; Busy; what a refresh raises."""
        caller.require(Scope.LIVE_WRITE)
        loaded = await self._db.read(self._state.load, account_id)
        if loaded is None:
            raise NotFound("The account")
        if loaded.account.locked:
            raise Invalid.one("id", "locked", "The account for custom streams has nothing to refresh.")
        if not loaded.account.is_active:
            raise Conflict("The account is switched off.", reason="inactive")
        if self._turn.locked():
            raise Busy("Another dry run is under way.", retry_after=RETRY_AFTER)
        async with self._turn:
            try:
                return await self._compare(loaded)
            finally:
                await asyncio.to_thread(self._fetches.discard, account_id)

    async def _compare(self, loaded: Loaded) -> DryRun:
        settings = await self._db.read(self._preferences.group_in, StreamSettings)
        # What is stored has the identities of the last import, even when the setting has changed since.
        keys = hash_keys(loaded.hash_keys or settings.m3u_hash_key)
        groups = groups_of(loaded)
        trusts = loaded.shape_digest == shape_of(loaded, groups, keys)
        material = await self._fetches.fetch(asked_of(loaded, may_skip=trusts), _Aside(), _untold)
        survey, path = material.survey, material.path
        if survey is None or path is None or (trusts and survey.digest == loaded.content_digest):
            return DryRun(entries=loaded.entry_count, unchanged=loaded.account.stream_count)
        if not survey.entries:
            raise NothingUsable("The source gives no entry at all.")
        loaded, is_learnt = await self._with_login(loaded, path)
        known = await self._importer.known(loaded.account.id)
        scan = scan_of(loaded, known, groups, keys, trusts=trusts and not is_learnt, check=lambda: None)
        done = await self._told(loaded, material, path, scan)
        done.entries = survey.entries
        done.would_hold = survey.entries < loaded.entry_count * (1 - DROP_LIMIT)
        return done

    async def _with_login(self, loaded: Loaded, path: Path) -> tuple[Loaded, bool]:
        """The account with the login that its addresses carry, where it has none of its own, and whether it was found."""
        if loaded.login is not None or loaded.account.account_type not in PLAYLISTS:
            return loaded, False
        login = await asyncio.to_thread(login_in, self._fetches.blocks(path))
        return replace(loaded, login=login), login is not None

    async def _told(self, loaded: Loaded, material: Material, path: Path, scan: Scan) -> DryRun:
        done, tally, account = DryRun(), Tally(), loaded.account
        known = {group.group_name for group in loaded.groups}
        fresh: Counter[str] = Counter()
        items = weighed(scan, account.account_type, path, self._fetches.blocks(path), material.categories or {}, tally)
        while part := await asyncio.to_thread(_part, items):
            candidates = [item for item in part if type(item) is Candidate]
            found = await self._db.read(self._bulk.existing, account.id, [one.hash_key for one in candidates])
            for one in candidates:
                old = found.get(one.hash_key)
                if old is None:
                    fresh[one.group] += 1
                    if len(done.added_names) < SAMPLES:
                        done.added_names.append(one.name)
                elif old.is_stale or scan.known.pop(old.content_key, None) is not None:
                    done.changed += 1
                else:
                    done.duplicates += 1
        if not tally.entries:
            raise NothingUsable("No entry of the playlist can be used.")
        done.added, done.removed, done.unchanged = fresh.total(), len(scan.known), scan.progress.unchanged
        done.filtered, done.rejected = scan.progress.filtered, dict(tally.rejected)
        done.duplicates += scan.progress.duplicates
        done.removed_names = await self._db.read(
            self._names, [packed >> POSITION_BITS for packed in scan.known.values()]
        )
        met = scan.groups.met | {scan.groups.name(name) for name in (material.categories or {}).values() if name}
        done.groups = [
            GroupChange(name=name, enabled=scan.groups.wants(name), is_new=name not in known, added=fresh[name])
            for name in sorted(met)
            if fresh[name] or name not in known
        ]
        return done

    def _names(self, unit: Unit, ids: Sequence[int]) -> list[str]:
        return [stream.name for stream in self._streams.by_ids(unit, sorted(ids)[:SAMPLES])]


class _Aside:
    """What fetches need of a job, outside of one."""

    job_id = 0
    attempt = 1
    saved: bytes | None = None

    async def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Nobody looks."""

    async def checkpoint(self, value: Struct) -> None:
        """Nothing to go on from."""

    def check(self) -> None:
        """Ends with its request."""

    async def thread(self, fn: Callable[..., T], *args: object) -> T:
        return await asyncio.to_thread(fn, *args)


def _untold(done: int, total: int | None) -> None:
    """Nobody looks at the download."""


def _part(items: Iterator[Candidate | Moved]) -> list[Candidate | Moved]:
    return list(islice(items, PART))
