"""From being created to on air, and from being deleted to gone. Each step may run twice."""

import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import Invalid
from polycast.core.events import Listener
from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.events import UserAdded, UserRemoved
from polycast.core.identity.scopes import Role
from polycast.core.identity.service import Identity
from polycast.core.jobs import Run, Tick
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.leases import free_blocks
from polycast.radio.accounts.model import Account, Kind, Ports, Status
from polycast.radio.accounts.ports import Letters
from polycast.radio.accounts.service import MakeAccount, RemoveAccount
from polycast.radio.accounts.store import AccountStore
from polycast.radio.events import AccountChanged, AccountRemoved, StationChanged
from polycast.radio.settings import RadioSettings
from polycast.radio.stations.making import Making
from polycast.radio.stations.model import FOLDERS
from polycast.radio.stations.store import StationStore

FOLDER_MODE: Final = 0o700
STALE: Final = timedelta(minutes=1)
MAIL_TYPE: Final = "account_deleted"


class Lifecycle:
    """Makes and removes what an account consists of."""

    def __init__(
        self, *, db: Database, store: AccountStore, stations: StationStore, making: Making, identity: Identity,
        letters: Letters, settings: Callable[[], RadioSettings], data_dir: Path, clock: Clock,
        final: Callable[[Account, Run], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._stations = stations
        self._making = making
        self._identity = identity
        self._letters = letters
        self._settings = settings
        self._root = data_dir / "radio" / "accounts"
        self._clock = clock
        self._final = final  # saves an account for the last time

    async def make(self, payload: MakeAccount, run: Run) -> None:
        """The job: folders, the first station, ACTIVE."""
        account = await self._db.read(self._store.get, payload.account_id)
        if account is None or account.status is not Status.BEING_CREATED:
            return
        try:
            await run.thread(make_folders, self._root / str(account.id))
            await self._db.write(self._make, account.id)
        except (OSError, Invalid) as error:
            await self._db.write(self._failed, account.id, str(error))
            raise

    def _make(self, unit: Unit, account_id: int) -> None:
        account = self._store.get(unit, account_id)
        if account is None or account.status is not Status.BEING_CREATED:
            return
        if not self._stations.of_account(unit, account_id):
            station_id = self._making.first(unit, account)
            unit.publish(StationChanged(account_id=account_id, station_id=station_id))
        self._store.update(unit, account_id, status=Status.ACTIVE.value, status_error="")
        self._store.note(unit, account_id, "created", "", at=self._clock.now())
        unit.publish(AccountChanged(account_id=account_id))
        self._letters.put(unit, account, "account_created")

    def _failed(self, unit: Unit, account_id: int, why: str) -> None:
        self._store.update(unit, account_id, status_error=why[:300])
        self._store.note(unit, account_id, "creation_failed", why, at=self._clock.now())

    async def remove(self, payload: RemoveAccount, run: Run) -> None:
        """The job: files first, then the rows, so that a crash in between leaves something to go on from."""
        account = await self._db.read(self._store.get, payload.account_id)
        if account is not None and account.status is not Status.BEING_DELETED:
            return
        if account is not None and self._settings().keep_final_backup:
            await self._final(account, run)
        await run.thread(remove_folder, self._root / str(payload.account_id))
        if account is not None:
            await self._db.write(self._remove, account)

    def _remove(self, unit: Unit, account: Account) -> None:
        self._letters.put(unit, account, MAIL_TYPE)
        self._store.delete(unit, account.id)
        if self._identity.users.find_in(unit, account.id) is not None:
            self._identity.users.delete_in(unit, account.id, by=SYSTEM)

    async def sweep(self, payload: Tick, run: Run) -> None:
        """The job: whatever was left half made or half deleted is taken up again."""
        await self._db.write(self._sweep)

    def _sweep(self, unit: Unit) -> None:
        made = self._store.many(unit, self._store.in_status(unit, Status.BEING_CREATED))
        for account in made.values():
            if not account.status_error:  # what failed three times is left for a person to look at
                unit.enqueue("radio.make_account", MakeAccount(account_id=account.id))
        for account_id in self._store.in_status(unit, Status.BEING_DELETED):
            unit.enqueue("radio.remove_account", RemoveAccount(account_id=account_id))

    def listeners(self) -> list[Listener]:
        """Users that are made and removed elsewhere in the house."""
        return [
            Listener(name="radio.adopt_user", event=UserAdded, once=self._adopt),
            Listener(name="radio.forget_user", event=UserRemoved, once=self._forget),
        ]

    def _adopt(self, unit: Unit, event: UserAdded) -> None:
        """A tenant made on the house's own page gets an account with no limits yet."""
        kind = {Role.RESELLER.value: Kind.RESELLER, Role.BROADCASTER.value: Kind.BROADCASTER}.get(event.role)
        is_gone = self._identity.users.find_in(unit, event.user_id) is None
        if kind is None or is_gone or self._store.get(unit, event.user_id) is not None:
            return
        self._store.ensure(unit, event.user_id, kind, at=self._clock.now())
        if kind is Kind.BROADCASTER:
            ports = self._first_block(unit)
            self._store.update(
                unit,
                event.user_id,
                status=Status.BEING_CREATED.value,
                panel_port=ports.panel_port,
                default_channel_port=ports.default_channel_port,
                port_range_min=ports.port_range_min,
                port_range_max=ports.port_range_max,
            )
            unit.enqueue("radio.make_account", MakeAccount(account_id=event.user_id))

    def _first_block(self, unit: Unit) -> Ports:
        settings = self._settings()
        taken = self._store.blocks(unit)
        blocks = free_blocks(taken, first=settings.port_pool_min, last=settings.port_pool_max, size=settings.block_size)
        return next(iter(blocks), Ports())

    def _forget(self, unit: Unit, event: UserRemoved) -> None:
        """The rows went with the user; what plays and what lies on the disk did not."""
        unit.publish(AccountRemoved(account_id=event.user_id))
        unit.enqueue("radio.remove_account", RemoveAccount(account_id=event.user_id))


def make_folders(folder: Path) -> None:
    """An account's own folder, for nobody else on the machine. Blocking."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    for name in FOLDERS:
        (folder / name).mkdir(mode=FOLDER_MODE, exist_ok=True)


def remove_folder(folder: Path) -> None:
    """All of it; a link in it is removed, not followed. Blocking."""
    if folder.exists():
        shutil.rmtree(folder)
