"""What a refresh does with groups: the first look at a new account, and the counts after an import."""

from polycast.core.storage import Database, Unit
from polycast.live.sources.accounts.state import AccountState
from polycast.live.sources.model import AccountType, SourceRefreshed, Status
from polycast.live.sources.refresh.fetch import Fetches
from polycast.live.sources.refresh.importing import Importer, Target
from polycast.live.sources.refresh.playlist import EntryReader, raw_entries
from polycast.live.sources.refresh.readings import TUNER_GROUP
from polycast.live.sources.refresh.store_groups import GroupStore
from polycast.live.sources.refresh.work import NothingUsable, Work


class GroupSettling:
    """Keeps the groups of accounts in step with what refreshes meet."""

    def __init__(self, *, db: Database, store: GroupStore, state: AccountState, fetches: Fetches) -> None:
        self._db = db
        self._store = store
        self._state = state
        self._fetches = fetches

    async def settle(self, work: Work, importer: Importer) -> None:
        """What comes after the last entry: groups, what is missing, counts."""
        groups = work.groups
        names = {groups.name(n) for n in groups.met | set((work.material.categories or {}).values()) if n}
        for name in names:
            groups.wants(name)
        ids = await self._db.write(self._ensure, work, names)
        disabled = await self._db.read(self._state.disabled_groups, work.account_id)
        if work.scan is not None:
            await importer.finish(work.target, work.scan, work.outcome, unwanted=disabled.__contains__)
        await self._db.write(self._count, work.target, set(ids.values()))

    async def only_groups(self, work: Work) -> None:
        """The first look at a new account: its groups, for somebody to choose from. Raises: NothingUsable."""
        if work.material.categories is not None:
            names = {work.groups.name(name) for name in work.material.categories.values() if name}
        elif work.kind is AccountType.HDHOMERUN:
            names = {TUNER_GROUP}
        else:
            names = await work.run.thread(self._names, work)
        if not names:
            raise NothingUsable("No entry of the playlist can be used.")
        for name in names:
            work.groups.wants(name)
        await self._db.write(self._ensure, work, names)
        message = f"{len(names):,} groups found. Choose the groups to import, then refresh."
        await self._db.write(self._pending, work, message)
        work.meter.say("processing_groups", 100, Status.PENDING_SETUP, message)

    def _ensure(self, unit: Unit, work: Work, names: set[str]) -> dict[str, int]:
        ids = self._store.ensure(unit, work.account_id, names, enabled=work.groups.enabled)
        categories = work.material.categories or {}
        self._store.set_categories(
            unit, work.account_id, {ids[work.groups.name(n)]: key for key, n in categories.items() if n}
        )
        return ids

    def _count(self, unit: Unit, target: Target, met: set[int]) -> None:
        counts = self._store.stream_counts(unit, target.account_id)
        self._store.settle(unit, target.account_id, met=met, counts=counts, at=target.now, last_seen=target.last_seen)
        self._store.drop_stale(unit, target.account_id, before=target.now - target.stale_for)
        self._state.store.update(unit, target.account_id, {"stream_count": sum(counts.values())})

    def _pending(self, unit: Unit, work: Work, message: str) -> None:
        account = work.loaded.account
        self._state.say(unit, account.id, Status.PENDING_SETUP, message)
        unit.publish(
            SourceRefreshed(
                account_id=account.id,
                account_name=account.name,
                entries=work.entries,
                groups_only=True,
                message=message,
            )
        )

    def _names(self, work: Work) -> set[str]:
        reader = EntryReader()
        entries = (reader.read(raw) for raw in raw_entries(self._fetches.blocks(work.path), work.tally))
        return {work.groups.name(entry.group) for entry in entries}
