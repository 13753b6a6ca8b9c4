"""Backups: made, listed, checked, fetched, dropped, restored."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

from polycast.core.backups.events import BackupCreated, BackupFailed, BackupRestored
from polycast.core.backups.model import Backup, Kind, Manifest
from polycast.core.backups.reading import read_cover
from polycast.core.backups.shelf import House, Making, Shelf, disk_errors, looked_at
from polycast.core.clock import Clock
from polycast.core.errors import PolycastError, TooLarge
from polycast.core.events.model import Event
from polycast.core.files import write_atomic
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.jobs.model import Run, Tick
from polycast.core.settings import BackupSettings
from polycast.core.storage import Database, Unit

UPLOAD_BYTES: Final = 64 * 1024**3


class Auditor(Protocol):
    """Where it is written down who did what: `identity.audit`."""

    async def write(self, caller: Caller, action: str, *, target: str = "", result: str = "ok") -> None: ...


class CreateBackup(Struct, frozen=True, kw_only=True):
    """Payload of `core.create_backup`."""

    kind: Kind = Kind.MANUAL


class Backups:
    """The archives in `<data>/backups`, and the rules for them."""

    def __init__(
        self,
        *,
        house: House,
        db: Database,
        settings: Callable[[], BackupSettings],
        clock: Clock,
        audit: Auditor,
        restart: Callable[[], None],
    ) -> None:
        self._shelf = Shelf(house)
        self._db = db
        self._settings = settings
        self._clock = clock
        self._audit = audit
        self._restart = restart  # asks the supervisor to start every process again

    async def list(self, caller: Caller) -> list[Backup]:
        """All backups, youngest first; a damaged one has its `problem`."""
        caller.require(Scope.CORE_WRITE)
        return await asyncio.to_thread(self._shelf.all)

    async def get(self, caller: Caller, name: str) -> Backup:
        """Raises: NotFound."""
        caller.require(Scope.CORE_WRITE)
        return await asyncio.to_thread(looked_at, self._shelf.path(name))

    def path(self, caller: Caller, name: str) -> Path:
        """The file, to be sent. Raises: NotFound."""
        caller.require(Scope.CORE_WRITE)
        return self._shelf.path(name)

    async def enqueue(self, caller: Caller) -> int:
        """Have a backup made by the worker; the id of the job."""
        caller.require(Scope.CORE_WRITE)
        await self._audit.write(caller, "backup.create")
        return await self._db.write(Unit.enqueue, "core.create_backup", CreateBackup(), by=caller.user_id)

    async def verify(self, caller: Caller, name: str, *, passphrase: str = "") -> Manifest:
        """Read a backup to its end; what is in it. Raises: NotFound, BadBackup, TooLarge."""
        caller.require(Scope.CORE_WRITE)
        return await asyncio.to_thread(self._shelf.verify, self._shelf.path(name), passphrase or self._passphrase())

    async def delete(self, caller: Caller, name: str) -> None:
        """Raises: NotFound."""
        caller.require(Scope.CORE_WRITE)
        await asyncio.to_thread(self._shelf.path(name).unlink)
        await self._audit.write(caller, "backup.delete", target=name)

    async def add(self, caller: Caller, name: str, chunks: AsyncIterator[bytes]) -> Backup:
        """Take in a backup that somebody brings; it keeps its name when that is one of ours and free.

        Raises: BadBackup, when it is none; TooLarge.
        """
        caller.require(Scope.CORE_ADMIN)
        folder = self._shelf.folder
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        part = folder / f".upload-{os.urandom(8).hex()}"
        size = 0
        try:
            with disk_errors(), write_atomic(part, mode=0o600) as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > UPLOAD_BYTES:
                        raise TooLarge("The file is larger than any backup may be.")
                    await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(read_cover, part)
            path = self._shelf.free_path(self._clock.now(), name=name)
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
        await self._audit.write(caller, "backup.upload", target=path.name)
        return await asyncio.to_thread(looked_at, path)

    async def restore(
        self, caller: Caller, name: str, *, passphrase: str = "", with_credentials: bool = False
    ) -> Manifest:
        """Make the data what it was in a backup, after a backup of what it is; then every process starts again.

        Sign-ins, API keys and device passwords of the backup come back only `with_credentials`; otherwise there are
        none afterwards, and everybody signs in with the password.

        Raises: NotFound, BadBackup, TooLarge, Conflict, Storage, Busy, with nothing changed.
        """
        caller.require(Scope.CORE_ADMIN)
        path = self._shelf.path(name)
        await self._audit.write(caller, "backup.restore", target=name, result="begun")
        manifest = await asyncio.to_thread(
            self._shelf.restore,
            path,
            self._making(Kind.SAFETY),
            passphrase=passphrase or self._passphrase(),
            with_credentials=with_credentials,
        )
        await self._audit.write(caller, "backup.restore", target=name)
        await self._tell(BackupRestored(backup=name))
        self._restart()
        return manifest

    async def create(self, payload: CreateBackup, run: Run) -> None:
        """Job `core.create_backup`: make one, prove it whole, drop what is too old."""
        loop = asyncio.get_running_loop()

        def progress(done: int, total: int) -> None:
            asyncio.run_coroutine_threadsafe(run.progress(done, total, "tables"), loop)

        try:
            making = self._making(payload.kind, check=run.check, progress=progress)
            path = await run.thread(self._shelf.make, making)
        except PolycastError as error:
            await self._tell(BackupFailed(backup="", reason=error.message))
            raise
        await self._tell(BackupCreated(backup=path.name, size_bytes=path.stat().st_size))
        if payload.kind is Kind.SCHEDULED:
            await run.thread(self._shelf.drop_old, self._settings().keep)

    async def create_scheduled(self, payload: Tick, run: Run) -> None:
        """Job `core.create_scheduled_backup`."""
        await self.create(CreateBackup(kind=Kind.SCHEDULED), run)

    async def _tell(self, event: Event) -> None:
        await self._db.write(Unit.publish, event)

    def _passphrase(self) -> str:
        return self._settings().passphrase.plain

    def _making(
        self,
        kind: Kind,
        *,
        check: Callable[[], None] = lambda: None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Making:
        return Making(kind=kind, at=self._clock.now(), passphrase=self._passphrase(), check=check, progress=progress)
