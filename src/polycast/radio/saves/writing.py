"""Writing an account's archive: one pass, bounded memory. Blocking."""

import base64
import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from polycast.core.files import TarWriter, walk, write_atomic, write_tar
from polycast.radio.saves.model import ACCOUNT, FORMAT, MANIFEST, Manifest, Saved
from polycast.radio.stations.model import FOLDERS

HEADROOM: Final = 1.1
OURS: Final = ".part"


class Hashing:
    """A reader that notes the hash of what passes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        fresh = self._file.read(size)
        self.sha256.update(fresh)
        return fresh


class Archive:
    """An archive while it is written: every member with its hash."""

    def __init__(self, packed: TarWriter) -> None:
        self._packed = packed
        self.hashes: dict[str, str] = {}
        self.size_bytes = 0

    def text(self, name: str, content: bytes) -> None:
        self._packed.add_bytes(name, content)
        self.hashes[name] = hashlib.sha256(content).hexdigest()
        self.size_bytes += len(content)

    def file(self, name: str, path: Path) -> None:
        """A file as it is now; one that is gone, or is none, is passed over."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return
        with os.fdopen(descriptor, "rb") as file:
            known = os.fstat(file.fileno())
            reader = Hashing(file)
            self._packed.add_file(
                name,
                reader,  # type: ignore[arg-type]  # reading is all that is asked of it
                size_bytes=known.st_size,
                mtime=int(known.st_mtime),
            )
        self.hashes[name] = reader.sha256.hexdigest()
        self.size_bytes += known.st_size


def estimate(folder: Path, *, quick: bool) -> int:
    """Bytes that an archive of `folder` may need."""
    return 0 if quick else sum(size for _, size in files_of(folder))


def files_of(folder: Path) -> Iterator[tuple[str, int]]:
    """(name below the account's folder, size) of everything that is saved."""
    for name in FOLDERS:
        if (folder / name).is_dir():
            for found in walk(folder / name):
                if not found.path.endswith(OURS):
                    yield f"{name}/{found.path}", found.size_bytes


def write_save(  # what an archive is made of
    target: Path, saved: Saved, folder: Path, *, quick: bool, at: datetime, version: str, check: Callable[[], None]
) -> int:
    """The archive, whole or not at all; its size. `check` is called between files and may stop it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with write_atomic(target, mode=0o600) as file, write_tar(file) as packed:
        archive = Archive(packed)
        archive.text(ACCOUNT, msgspec.json.encode(saved.account))
        for name, rows in saved.rows.items():
            lines = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
            archive.text(f"db/{name}.jsonl", lines)
        if not quick:
            for name, _ in files_of(folder):
                check()
                archive.file(name, folder / name)
        manifest = Manifest(
            format=FORMAT,
            username=saved.account.username,
            created=at,
            quick=quick,
            version=version,
            files=len(archive.hashes),
            bytes=archive.size_bytes,
            sha256=archive.hashes,
        )
        packed.add_bytes(MANIFEST, msgspec.json.encode(manifest))
    return target.stat().st_size


def text_of(sealed: bytes | None) -> str:
    return "" if sealed is None else base64.b64encode(sealed).decode()
