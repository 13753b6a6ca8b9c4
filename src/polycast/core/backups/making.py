"""Writing a backup while the server runs. Blocking throughout: for a thread, or for the start before there is a loop."""

import hashlib
import logging
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from polycast.core.backups.model import (
    CONTENTS_FILE,
    CORE_PART,
    COVER_FILE,
    FORMAT,
    KEY_FILES,
    MANIFEST_FILE,
    PAYLOAD_FILE,
    PRODUCT,
    Cover,
    FileEntry,
    Kind,
    Manifest,
    Sealing,
    TableEntry,
)
from polycast.core.backups.sealing import Sealer, new_sealing
from polycast.core.files import UnsafePath, ZipWriter, segments, walk, write_atomic, write_zip
from polycast.core.module import BackupPart
from polycast.core.storage import StorageSettings
from polycast.core.storage.copying import Snapshot, snapshot

COPY: Final = 1024 * 1024

log = logging.getLogger("polycast.core.backups")


class Wish(Struct, frozen=True, kw_only=True):
    """What to put into a backup, and why."""

    kind: Kind
    made_at: datetime
    version: str
    parts: Sequence[BackupPart]  # the modules'; core's comes by itself
    passphrase: str = ""  # empty: not sealed, and without the keys to stored credentials
    check: Callable[[], None] = lambda: None  # called often; raises to break off
    progress: Callable[[int, int], None] = lambda done, total: None  # tables written, of how many


def make_backup(storage: StorageSettings, target: Path, wish: Wish) -> None:
    """Write a backup to `target`, which is whole or not there.

    Raises: Storage; OSError, when the disk is full; what `wish.check` raises.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=target.parent) as name:
        work = Path(name)
        with write_atomic(target, mode=0o600) as file, write_zip(file) as packed:
            sealing = new_sealing() if wish.passphrase else None
            packed.add_bytes(COVER_FILE, msgspec.json.encode(_cover(wish, sealing)))
            if sealing is None:
                _fill(packed, storage, work, wish)
                return
            payload = work / "payload.zip"
            with write_zip(payload) as inner:
                _fill(inner, storage, work, wish)
            with packed.open(PAYLOAD_FILE) as member, payload.open("rb") as plain:
                sealer = Sealer(member.write, sealing, wish.passphrase)
                for piece in _pieces(plain):
                    wish.check()
                    sealer.write(piece)
                sealer.close()


def _cover(wish: Wish, sealing: Sealing | None) -> Cover:
    return Cover(
        product=PRODUCT,
        format=FORMAT,
        version=wish.version,
        made_at=wish.made_at,
        kind=wish.kind,
        sealing=sealing,
    )


def _fill(packed: ZipWriter, storage: StorageSettings, work: Path, wish: Wish) -> None:
    parts = [CORE_PART, *wish.parts]
    skipped = {table for part in parts for table in part.skip_tables}
    folders = sorted({folder for part in parts for folder in part.folders})
    with snapshot(storage, work) as state:
        tables = _tables(packed, state, skipped, wish)
        revisions = state.revisions
    with packed.open(CONTENTS_FILE) as member:
        files = [entry for folder in folders for entry in _files(member.write, storage.data_dir, folder, wish)]
    manifest = Manifest(
        product=PRODUCT,
        format=FORMAT,
        version=wish.version,
        made_at=wish.made_at,
        revisions=revisions,
        tables=tables,
        folders=folders,
        files=files,
        keys=_keys(packed, storage.data_dir) if wish.passphrase else (),
    )
    packed.add_bytes(MANIFEST_FILE, msgspec.json.encode(manifest))


def _tables(packed: ZipWriter, state: Snapshot, skipped: Collection[str], wish: Wish) -> list[TableEntry]:
    entries = []
    names = [name for name in state.tables if name not in skipped]
    for done, name in enumerate(names):
        wish.progress(done, len(names))
        with packed.open(table_file(name)) as member:
            counted = _Counted(member.write, wish.check)
            dumped = state.dump(name, counted.write)
        entries.append(
            TableEntry(name=name, dumped=dumped, size_bytes=counted.size_bytes, sha256=counted.sum.hexdigest())
        )
    wish.progress(len(names), len(names))
    return entries


def table_file(name: str) -> str:
    return f"tables/{name}.jsonl"


class _Counted:
    def __init__(self, write: Callable[[bytes], object], check: Callable[[], None]) -> None:
        self._write = write
        self._check = check
        self.sum = hashlib.sha256()
        self.size_bytes = 0

    def write(self, piece: bytes) -> None:
        self._check()
        self._write(piece)
        self.sum.update(piece)
        self.size_bytes += len(piece)


def _files(write: Callable[[bytes], object], data_dir: Path, folder: str, wish: Wish) -> Iterator[FileEntry]:
    """Append every file of a folder to the contents. One that goes away meanwhile, or has an impossible name, is left out."""
    root = data_dir / folder
    for found in walk(root) if root.is_dir() else ():
        path = f"{folder}/{found.path}"
        try:
            segments(path)
            file = (root / found.path).open("rb")
        except (UnsafePath, FileNotFoundError) as error:
            log.warning("left out of the backup: %s (%s)", path, type(error).__name__)
            continue
        with file:
            counted = _Counted(write, wish.check)
            for piece in _pieces(file):
                counted.write(piece)
        yield FileEntry(path=path, size_bytes=counted.size_bytes, sha256=counted.sum.hexdigest())


def _keys(packed: ZipWriter, data_dir: Path) -> list[FileEntry]:
    entries = []
    for name in KEY_FILES:
        path = data_dir / "keys" / name
        if path.exists():
            content = path.read_bytes()
            packed.add_bytes(f"keys/{name}", content)
            entries.append(
                FileEntry(path=f"keys/{name}", size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
            )
    return entries


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(COPY):
        yield piece
