"""The folder of backups: what is done with files, in a thread or before there is a loop. Blocking throughout."""

import errno
import fcntl
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct

from polycast.core.backups.making import Wish, make_backup
from polycast.core.backups.model import Backup, Kind, Manifest
from polycast.core.backups.reading import open_backup, read_cover
from polycast.core.backups.restoring import RestoreWish, restore_backup
from polycast.core.errors import Busy, Invalid, NotFound, Storage, TooLarge
from polycast.core.module import BackupPart
from polycast.core.storage import Branch, StorageSettings

FOLDER: Final = "backups"  # below the data directory
NAME: Final = re.compile(r"polycast-backup-(\d{4}\.\d\d\.\d\d\.\d\d\.\d\d\.\d\d)\.zip")
TIME: Final = "%Y.%m.%d.%H.%M.%S"  # UTC


class House(Struct, frozen=True, kw_only=True):
    """What there is to back up."""

    storage: StorageSettings
    branches: Sequence[Branch]
    parts: Sequence[BackupPart]  # the modules'; core's comes by itself
    version: str  # of Polycast


class Making(Struct, frozen=True, kw_only=True):
    """How to make a backup."""

    kind: Kind
    at: datetime
    passphrase: str = ""
    check: Callable[[], None] = lambda: None  # called often; raises to break off
    progress: Callable[[int, int], None] = lambda done, total: None  # tables written, of how many


class Shelf:
    """`<data>/backups`."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.folder = house.storage.data_dir / FOLDER

    def all(self) -> list[Backup]:
        """Youngest first; a damaged one has its `problem`."""
        paths = [path for path in self.folder.glob("polycast-backup-*.zip") if NAME.fullmatch(path.name)]
        return [looked_at(path) for path in sorted(paths, key=lambda path: path.name, reverse=True)]

    def path(self, name: str) -> Path:
        """Raises: NotFound."""
        path = self.folder / name if NAME.fullmatch(name) else None
        if path is None or not path.is_file():
            raise NotFound("Backup")
        return path

    def free_path(self, at: datetime, *, name: str = "") -> Path:
        """Where a new one may lie: `name`, when it is one of ours and free, else one made from the time."""
        if NAME.fullmatch(name) and not (self.folder / name).exists():
            return self.folder / name
        while (path := self.folder / f"polycast-backup-{at.strftime(TIME)}.zip").exists():
            at += timedelta(seconds=1)
        return path

    def make(self, making: Making) -> Path:
        """A new backup, proved whole. Raises: Storage; Busy, while another one is being made."""
        with self._alone(), disk_errors():
            return self._make(making)

    def verify(self, path: Path, passphrase: str, check: Callable[[], None] = lambda: None) -> Manifest:
        """Read it to the end. Raises: BadBackup, BadArchive, TooLarge; what `check` raises."""
        with (
            tempfile.TemporaryDirectory(prefix=".checking-", dir=self.folder) as work,
            open_backup(path, Path(work), passphrase) as opened,
        ):
            opened.verify(check)
            return opened.manifest

    def restore(self, path: Path, safety: Making, *, passphrase: str, with_credentials: bool) -> Manifest:
        """Prove `path` whole, back up what is there, then exchange all of it. Raises: as `restore_backup`; Busy."""
        wish = RestoreWish(
            parts=self._house.parts,
            passphrase=passphrase,
            with_credentials=with_credentials,
            before=lambda: self._make(safety),
        )
        with self._alone(), disk_errors():
            return restore_backup(self._house.storage, self._house.branches, path, wish)

    def drop_old(self, keep: int) -> None:
        """Remove all but the youngest `keep` of those made by schedule."""
        scheduled = [backup for backup in self.all() if backup.kind is Kind.SCHEDULED and not backup.problem]
        for backup in scheduled[keep:]:
            (self.folder / backup.name).unlink(missing_ok=True)

    def _make(self, making: Making) -> Path:
        path = self.free_path(making.at)
        wish = Wish(
            kind=making.kind,
            made_at=making.at,
            version=self._house.version,
            parts=self._house.parts,
            passphrase=making.passphrase,
            check=making.check,
            progress=making.progress,
        )
        make_backup(self._house.storage, path, wish)
        with ExitStack() as undo:
            undo.callback(path.unlink)
            self.verify(path, making.passphrase, making.check)
            undo.pop_all()
        return path

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One backup or restore at a time, in all processes. Raises: Busy."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy("A backup or restore is under way already.", retry_after=30) from error
            yield
        finally:
            os.close(handle)


def looked_at(path: Path) -> Backup:
    """What the list says about a file."""
    found = NAME.fullmatch(path.name)
    made_at = datetime.strptime(found[1], TIME).replace(tzinfo=UTC) if found else datetime.fromtimestamp(0, UTC)
    size = path.stat().st_size
    try:
        cover = read_cover(path)
    except (Invalid, TooLarge) as error:
        return Backup(
            name=path.name,
            size_bytes=size,
            made_at=made_at,
            kind=Kind.UPLOADED,
            version="",
            is_sealed=False,
            problem=error.message,
        )
    return Backup(
        name=path.name,
        size_bytes=size,
        made_at=cover.made_at,
        kind=cover.kind,
        version=cover.version,
        is_sealed=cover.sealing is not None,
    )


@contextmanager
def disk_errors() -> Iterator[None]:
    """A full or read-only disk, in our words."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}:
            raise
        full = error.errno != errno.EROFS
        text = "The disk has no room for the backup." if full else "The disk cannot be written."
        raise Storage(text, reason="full" if full else "read_only") from error
