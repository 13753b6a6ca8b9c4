"""Playlist files that people put into a folder: new ones become accounts, changed ones are read again."""

import asyncio

from polycast.core.identity.caller import SYSTEM
from polycast.core.jobs.model import Run, Tick
from polycast.core.storage import Database, Unit
from polycast.live.folders import free_name
from polycast.live.preferences.groups import SystemSettings
from polycast.live.preferences.service import Preferences
from polycast.live.sources.accounts.forms import AccountForm
from polycast.live.sources.accounts.service import Accounts
from polycast.live.sources.accounts.store import AccountStore
from polycast.live.sources.files import ENDINGS, AccountFiles
from polycast.live.sources.model import AccountType, RefreshAccount, Status


class FileWatch:
    """Looks into `<data>/m3us`."""

    def __init__(
        self, *, db: Database, accounts: Accounts, store: AccountStore, files: AccountFiles, preferences: Preferences
    ) -> None:
        self._db = db
        self._accounts = accounts
        self._store = store
        self._files = files
        self._preferences = preferences

    async def look(self, payload: Tick, run: Run) -> None:
        """The job `live.watch_files`."""
        found = await asyncio.to_thread(self._files.found, ENDINGS)
        if not found:
            return
        known = await self._db.write(self._enqueue_changed, found)
        settings = await self._db.read(self._preferences.group_in, SystemSettings)
        if not settings.auto_import_mapped_files:
            return
        for name in sorted(found.keys() - known):
            taken = {detail.account.name for detail in await self._accounts.all(SYSTEM)}
            free = free_name(name, taken, otherwise="Playlist")
            form = AccountForm(name=free, account_type=AccountType.FILE.value, file_path=self._files.stored(name))
            await self._accounts.create(SYSTEM, form)

    def _enqueue_changed(self, unit: Unit, found: dict[str, int]) -> set[str]:
        """Queue accounts whose file has another time than at the last look; names of files that have an account."""
        known: set[str] = set()
        for account_id, file_path, stamp, status in self._store.of_files(unit):
            name = self._files.holds(file_path, found)
            if name is None:
                continue
            known.add(name)
            if stamp != str(found[name]):
                # Remembered at once, so that a file that cannot be read is not tried every twenty seconds.
                self._store.update(unit, account_id, {"etag": str(found[name])})
                if status not in {Status.IDLE, Status.PENDING_SETUP}:
                    unit.enqueue("live.refresh_account", RefreshAccount(account_id=account_id))
        return known
