"""Backups of accounts: now, by schedule, and back again on any machine."""

import asyncio
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound, PolycastError, Problem
from polycast.core.identity.caller import SYSTEM
from polycast.core.jobs import Run, Tick
from polycast.core.secrets import BadSignature, Secrets, Tokens
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import Account, Kind, Status
from polycast.radio.accounts.ports import Letters
from polycast.radio.accounts.store import AccountStore
from polycast.radio.accounts.who import Who
from polycast.radio.saves import model
from polycast.radio.saves.model import ENDING, BackupAccount, RestoreFile, Saved, SavedAccount
from polycast.radio.saves.restoring import PASSWORD, Restoring
from polycast.radio.saves.store_rows import RowStore
from polycast.radio.saves.writing import HEADROOM, estimate, text_of, write_save

PURPOSE: Final = "radio.backup"
ONE_FILE: Final = timedelta(minutes=10)
NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,30}\.tar\.gz")
EVERY: Final = {model.DAILY: timedelta(days=1), model.WEEKLY: timedelta(days=7), model.MONTHLY: timedelta(days=30)}
LAST: Final = "final_backup"  # noted once an account that goes was saved
SETTLED: Final = timedelta(seconds=5)


class Saves:
    """Keeps and restores accounts. One file for each, replaced as a whole."""

    def __init__(  # a room of its own
        self, *, db: Database, store: AccountStore, rows: RowStore, restoring: Restoring,
        letters: Letters, secrets: Secrets, tokens: Tokens, clock: Clock, data_dir: Path,
        folders: Callable[[], tuple[Path, Path]], version: str,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._rows = rows
        self._restoring = restoring
        self._letters = letters
        self._secrets = secrets
        self._tokens = tokens
        self._clock = clock
        self._data_dir = data_dir
        self._folders = folders
        self._version = version

    async def ask(self, who: Who, account_id: int, *, quick: bool) -> None:
        """Queue a backup; nothing more while one waits or runs. Raises: NotFound."""
        await self._db.write(self._ask, who, account_id, quick)

    def _ask(self, unit: Unit, who: Who, account_id: int, quick: bool) -> None:
        account = who.see(self._store.get(unit, account_id), Kind.BROADCASTER)
        if account.backup.status in (model.QUEUED, model.RUNNING, model.RESTORE_QUEUED, model.RESTORING):
            return
        self._store.update(unit, account_id, backup_status=model.QUEUED, backup_quick=quick)
        unit.enqueue("radio.backup_account", BackupAccount(account_id=account_id, quick=quick), by=who.id)

    async def schedule(self, who: Who, account_id: int, *, when: int, kind: int, everybody: bool) -> None:
        """When backups are made by themselves. Raises: NotFound."""
        await self._db.write(self._schedule, who, account_id, when, kind, everybody)

    def _schedule(self, unit: Unit, who: Who, account_id: int, when: int, kind: int, everybody: bool) -> None:
        who.see(self._store.get(unit, account_id), Kind.BROADCASTER)
        ids = self._store.visible_ids(unit, who.id, who.kind) if everybody else [account_id]
        for one in ids:
            self._store.update(unit, one, backup_auto_when=when, backup_auto_type=kind, backup_due_at=None)

    async def ask_back(self, who: Who, account_id: int, file: str) -> None:
        """Queue a restore of an account from its own backup. Raises: NotFound; Invalid."""
        await self._db.write(self._ask_back, who, account_id, file)

    def _ask_back(self, unit: Unit, who: Who, account_id: int, file: str) -> None:
        account = who.see(self._store.get(unit, account_id), Kind.BROADCASTER)
        if file != f"{account.username}{ENDING}" or not self._file(account).is_file():
            raise Invalid([Problem("file", "does_not_exist")])
        if account.backup.status in (model.QUEUED, model.RUNNING, model.RESTORE_QUEUED, model.RESTORING):
            raise Invalid([Problem("non_field_errors", "account_busy")])
        self._store.update(unit, account_id, backup_status=model.RESTORE_QUEUED)
        unit.enqueue("radio.restore_account", RestoreFile(file=file, overwrite=True, account_id=account_id), by=who.id)

    async def file(self, who: Who, account_id: int) -> tuple[Path, str]:
        """The finished archive and its name. Raises: NotFound."""
        account = who.see(await self._db.read(self._store.get, account_id), Kind.BROADCASTER)
        path = self._file(account)
        if account.backup.at is None or not await asyncio.to_thread(path.is_file):
            raise NotFound("The backup")
        return path, path.name

    def ticket(self, account_id: int) -> str:
        """A token for one download, so that the login token need not stand in an address."""
        return self._tokens.sign(str(account_id), purpose=PURPOSE, life=ONE_FILE)

    def is_ticket(self, text: str, account_id: int) -> bool:
        """Whether `text` is a `ticket` for this account."""
        try:
            return self._tokens.verify(text, purpose=PURPOSE) == str(account_id)
        except BadSignature:
            return False

    def _file(self, account: Account) -> Path:
        return self._backups / f"{account.username}{ENDING}"

    @property
    def _backups(self) -> Path:
        return self._data_dir / self._folders()[0]

    async def make(self, payload: BackupAccount, run: Run) -> None:
        """The job. Raises: Conflict, when the disk has no room."""
        account = await self._db.read(self._store.get, payload.account_id)
        if account is None:
            return
        await self._db.write(self._store.update, account.id, backup_status=model.RUNNING)
        saved = await self._db.read(self._saved, account)
        try:
            await run.thread(self._write, account, saved, payload.quick, run.check)
        except (OSError, PolycastError) as error:
            await self._db.write(self._failed, account, "backup_failed", str(error), model.FAILED)
            raise
        await self._db.write(self._made, account)

    async def make_last(self, account: Account, run: Run) -> None:
        """Save an account that is being deleted: once, before anything of it goes. Raises: Conflict; OSError.

        The archive brings it back as it was before, by the restore folder.
        """
        if account.kind is not Kind.BROADCASTER or await self._db.read(self._is_saved_last, account.id):
            return
        status = Status.SUSPENDED if account.suspend_reason else Status.ACTIVE
        saved = await self._db.read(self._saved, msgspec.structs.replace(account, status=status))
        await run.thread(self._write, account, saved, False, run.check)
        await self._db.write(self._store.note, account.id, LAST, "", at=self._clock.now())

    def _is_saved_last(self, unit: Unit, account_id: int) -> bool:
        return any(code == LAST for _, code, _ in self._store.events(unit, account_id, limit=50))

    def _saved(self, unit: Unit, account: Account) -> Saved:
        hashed = self._rows.password_hash(unit, account.id)
        sealed = None if hashed is None else self._secrets.seal(hashed, context=PASSWORD)
        return Saved(
            account=SavedAccount(
                username=account.username,
                email=account.email,
                first_name=account.first_name,
                status=account.status.value,
                password_sealed=text_of(sealed),
                values=self._rows.account_values(unit, account.id),
                port_range_min=account.ports.port_range_min,
            ),
            rows=self._rows.read(unit, account.id),
        )

    def _write(self, account: Account, saved: Saved, quick: bool, check: Callable[[], None]) -> None:
        folder, target = self._data_dir / "radio" / "accounts" / str(account.id), self._file(account)
        target.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(target.parent).free < estimate(folder, quick=quick) * HEADROOM:
            raise Conflict("There is not enough room for the backup.", reason="disk_full")
        now = self._clock.now()
        write_save(target, saved, folder, quick=quick, at=now, version=self._version, check=check)

    def _made(self, unit: Unit, account: Account) -> None:
        now = self._clock.now()
        self._store.update(unit, account.id, backup_status=model.READY, backup_at=now)
        self._store.note(unit, account.id, "backup_done", "", at=now)
        self._letters.put(unit, account, "backup_done")

    def _failed(self, unit: Unit, account: Account, code: str, why: str, status: int) -> None:
        self._store.update(unit, account.id, backup_status=status)
        self._store.note(unit, account.id, code, why, at=self._clock.now())
        self._letters.put(unit, account, code)

    async def due(self, payload: Tick, run: Run) -> None:
        """The job: queue what is due. A missed one is made up once."""
        await self._db.write(self._due)

    def _due(self, unit: Unit) -> None:
        now = self._clock.now()
        for account in self._store.many(unit, self._store.in_status(unit, Status.ACTIVE, Status.SUSPENDED)).values():
            every = EVERY.get(account.backup.auto_when)
            if every is None:
                continue
            # Between three and five, spread so that not all accounts are saved at once.
            spread = timedelta(hours=3, minutes=account.id * 7 % 120)
            if account.backup.due_at is None:
                midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
                first = midnight + spread
                self._store.update(unit, account.id, backup_due_at=first if first > now else first + every)
            elif account.backup.due_at <= now:
                passed = (now - account.backup.due_at) // every + 1
                self._store.update(unit, account.id, backup_due_at=account.backup.due_at + passed * every)
                self._ask(unit, _system(), account.id, account.backup.auto_type == model.QUICK)

    async def watch(self, payload: Tick, run: Run) -> None:
        """The job: files that somebody has put into the restore folder are restored, then moved away."""
        for name in await run.thread(self._waiting):
            await self._db.write(self._queue_file, name)

    def _waiting(self) -> list[str]:
        folder = self._data_dir / self._folders()[1]
        if not folder.is_dir():
            return []
        before = self._clock.now().timestamp() - SETTLED.total_seconds()
        return sorted(
            path.name for path in folder.iterdir() if NAME.fullmatch(path.name) and path.stat().st_mtime < before
        )

    def _queue_file(self, unit: Unit, name: str) -> None:
        unit.enqueue("radio.restore_account", RestoreFile(file=name))

    async def bring_back(self, payload: RestoreFile, run: Run) -> None:
        """The job. Raises: what is wrong with the archive; it is told on the account, too."""
        account = await self._db.read(self._store.get, payload.account_id) if payload.account_id else None
        folder = self._backups if payload.account_id else self._data_dir / self._folders()[1]
        if not NAME.fullmatch(payload.file) or not (folder / payload.file).is_file():
            return
        if account is not None:
            await self._db.write(self._store.update, account.id, backup_status=model.RESTORING)
        try:
            restored = await self._restoring.restore(
                folder / payload.file, run, overwrite=payload.overwrite, only=account
            )
        except (OSError, PolycastError, ValueError) as error:
            if account is not None:
                why = str(error)
                await self._db.write(self._failed, account, "restore_failed", why, model.RESTORE_FAILED)
            else:
                await run.thread(_put_aside, folder / payload.file, "failed")
            raise
        await self._db.write(self._store.update, restored, backup_status=model.READY if account else model.NONE)
        if account is None:
            await run.thread(_put_aside, folder / payload.file, "done")


def _system() -> Who:
    return Who(id=None, kind=Kind.ADMIN, caller=SYSTEM)


def _put_aside(path: Path, word: str) -> None:
    path.replace(path.with_name(f"{path.name}.{word}"))
