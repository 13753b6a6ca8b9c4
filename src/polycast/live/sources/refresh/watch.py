"""Playlist files that people put into `<data>/m3us`: what `folders.FolderWatch` makes of them."""

from collections.abc import Sequence

from polycast.core.identity.caller import SYSTEM
from polycast.core.storage import Unit
from polycast.live.folders import Known
from polycast.live.sources.accounts.forms import AccountForm
from polycast.live.sources.accounts.service import Accounts
from polycast.live.sources.accounts.store import AccountStore
from polycast.live.sources.files import ENDINGS
from polycast.live.sources.model import AccountType, RefreshAccount


class WatchedAccounts:
    """Accounts of files."""

    endings: Sequence[str] = ENDINGS
    otherwise = "Playlist"

    def __init__(self, *, accounts: Accounts, store: AccountStore) -> None:
        self._accounts = accounts
        self._store = store

    def known(self, unit: Unit) -> Sequence[Known]:
        return self._store.of_files(unit)

    def keep(self, unit: Unit, source_id: int, stamp: str) -> None:
        self._store.update(unit, source_id, {"etag": stamp})

    def refresh(self, unit: Unit, source_id: int) -> None:
        unit.enqueue("live.refresh_account", RefreshAccount(account_id=source_id))

    async def names(self) -> set[str]:
        return {detail.account.name for detail in await self._accounts.all(SYSTEM)}

    async def add(self, name: str, file_path: str) -> None:
        form = AccountForm(name=name, account_type=AccountType.FILE.value, file_path=file_path)
        await self._accounts.create(SYSTEM, form)
