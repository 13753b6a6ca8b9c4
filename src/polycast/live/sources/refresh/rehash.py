"""Giving streams their identities anew after `m3u_hash_key` has changed. Doubled ones become one; channels keep it.

Each account remembers what its hashes are made of, and is brought in step by the job that refreshes it: so an account is
never refreshed and rehashed at once, and a change that was missed is made up for by the next refresh.
"""

from collections.abc import Sequence
from typing import Final

from polycast.core.errors import Conflict
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.jobs.model import Run, Tick
from polycast.core.storage import Database, Unit
from polycast.live.preferences.groups import StreamSettings
from polycast.live.preferences.service import Preferences
from polycast.live.sources.accounts.state import AccountState, Loaded
from polycast.live.sources.model import AccountType, RefreshAccount, RehashProgress, StreamsRehashed
from polycast.live.sources.ports import Teller
from polycast.live.sources.refresh.identity import hash_key, hash_keys, hasher
from polycast.live.sources.refresh.store import RefreshStore
from polycast.live.sources.refresh.store_rehash import RehashStore

PAGE: Final = 25_000
MERGE_PAGE: Final = 200


class Rehash:
    """Keeps identities in step with the setting."""

    def __init__(
        self,
        *,
        db: Database,
        store: RehashStore,
        bulk: RefreshStore,
        state: AccountState,
        preferences: Preferences,
        teller: Teller,
    ) -> None:
        self._db = db
        self._store = store
        self._bulk = bulk
        self._state = state
        self._preferences = preferences
        self._teller = teller

    async def start(self, caller: Caller) -> int:
        """Ask for all identities anew; the job's id. Raises: NotAllowed; Conflict, while an account is refreshed."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._start, caller.user_id)

    async def enqueue_all(self, payload: Tick, run: Run) -> None:
        """The job `live.rehash_streams`: one job for each account."""
        await self._db.write(self._enqueue)

    async def account(self, loaded: Loaded, run: Run) -> tuple[str, ...]:
        """Bring one account in step; the parts of its identities."""
        keys = hash_keys((await self._db.read(self._preferences.group_in, StreamSettings)).m3u_hash_key)
        named = ",".join(keys)
        if loaded.hash_keys in {named, ""} and not loaded.account.locked:
            if not loaded.hash_keys:
                await self._db.write(self._state.hashed_by, loaded.account.id, named)
            return keys
        if loaded.hash_keys == named:
            return keys
        account_id = loaded.account.id
        self._teller.tell(RehashProgress(action="starting", progress=0, message=loaded.account.name))
        changed, survivors = await self._new_hashes(loaded, keys, run)

        def write(unit: Unit, rows: Sequence[tuple[int, bytes, bytes]]) -> None:
            self._store.set_hashes(unit, account_id, rows)

        await self._db.write_bulk(write, changed)
        await self._merge(survivors)
        listed = sorted((hash_key(new), account_id, row_id) for row_id, _, new in changed if row_id not in survivors)
        await self._db.write_bulk(self._store.list_hashes, listed)
        await self._db.write(self._done, account_id, named, len(changed), len(survivors))
        self._teller.tell(RehashProgress(action="completed", progress=100, message=loaded.account.name))
        return keys

    async def _new_hashes(
        self, loaded: Loaded, keys: tuple[str, ...], run: Run
    ) -> tuple[Sequence[tuple[int, bytes, bytes]], dict[int, int]]:
        """What changes (id, old hash, new hash), and for each doubled stream the one that stays."""
        account_id, is_xtream = loaded.account.id, loaded.account.account_type is AccountType.XTREAM
        make = hasher(keys, account_id=account_id, is_xtream=is_xtream)
        first: dict[int, int] = {}
        survivors: dict[int, int] = {}
        changed: list[tuple[int, bytes, bytes]] = []
        after = (-1, -1)
        while page := await self._db.read(self._store.page, account_id, after, PAGE):
            run.check()
            for row in page:
                url = str(row.provider_id) if is_xtream else self._state.plain_url(row)
                digest = make(row.name, url, row.tvg_id, row.group_name or "")
                kept = first.setdefault(hash_key(digest), row.id)
                if kept != row.id:
                    survivors[row.id] = kept
                if digest != row.hash:
                    changed.append((row.id, row.hash, digest))
            after = (page[-1].group_id, page[-1].id)
        return changed, survivors

    async def _merge(self, survivors: dict[int, int]) -> None:
        doubled = list(survivors)
        for at in range(0, len(doubled), MERGE_PAGE):
            some = doubled[at : at + MERGE_PAGE]
            await self._db.write(self._merged, {i: survivors[i] for i in some})

    def _merged(self, unit: Unit, survivors: dict[int, int]) -> None:
        self._store.move_links(unit, survivors)
        self._bulk.remove(unit, list(survivors))

    def _done(self, unit: Unit, account_id: int, keys: str, changed: int, merged: int) -> None:
        self._state.hashed_by(unit, account_id, keys)
        unit.publish(StreamsRehashed(streams=changed, merged=merged))

    def _start(self, unit: Unit, by: int | None) -> int:
        if self._state.store.busy(unit):
            raise Conflict("Sources are being refreshed; try again when they are done.", reason="busy")
        return unit.enqueue("live.rehash_streams", Tick(), by=by)

    def _enqueue(self, unit: Unit) -> None:
        for account_id in self._store.all_accounts(unit):
            unit.enqueue("live.refresh_account", RefreshAccount(account_id=account_id, rehash_only=True))
