"""Opening a backup of unknown origin, and proving that it is whole. Blocking."""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from polycast.core.backups.making import table_file
from polycast.core.backups.model import (
    CONTENTS_FILE,
    COVER_FILE,
    FORMAT,
    MANIFEST_FILE,
    PAYLOAD_FILE,
    PRODUCT,
    BadBackup,
    Cover,
    FileEntry,
    Manifest,
    TableEntry,
)
from polycast.core.backups.sealing import unsealed
from polycast.core.files import Growth, ZipReader, open_zip, segments

GIB: Final = 1024**3
GROWTH: Final = Growth(size_bytes=512 * GIB)
COVER_BYTES: Final = 64 * 1024
MANIFEST_BYTES: Final = 256 * 1024**2
LINE_BYTES: Final = 256 * 1024**2  # no row is longer
T = TypeVar("T", Cover, Manifest)


def read_cover(path: Path) -> Cover:
    """What the backup says about itself in the clear. Raises: BadBackup, BadArchive, TooLarge."""
    with open_zip(path, growth=GROWTH) as packed:
        return _cover(packed)


class Opened:
    """A backup whose listing fits its manifest; the contents are checked while they are read."""

    def __init__(self, cover: Cover, packed: ZipReader) -> None:
        self.cover = cover
        self._packed = packed
        self.manifest = _told(packed, MANIFEST_FILE, MANIFEST_BYTES, Manifest)
        _refuse_foreign(self.manifest.product, self.manifest.format)
        self._refuse_odd_names()

    def lines(self, entry: TableEntry) -> Generator[bytes, None, None]:
        """The rows of a table; to be closed when not read to the end. Raises, at the end: BadBackup, when they are not those that were written."""
        rest = b""
        for piece in self._checked(table_file(entry.name), entry.size_bytes, entry.sha256):
            lines = (rest + piece).split(b"\n") if rest else piece.split(b"\n")
            rest = lines.pop()
            if len(rest) > LINE_BYTES:
                raise BadBackup(f"A row of {entry.name} is longer than any can be.")
            yield from lines
        if rest:
            yield rest

    def files(self) -> Generator[tuple[FileEntry, Iterator[bytes]], None, None]:
        """Each file with its contents, which must be read to the end before the next; to be closed. Raises: BadBackup."""
        source = _Source(self._packed.chunks(CONTENTS_FILE))
        for entry in self.manifest.files:
            yield entry, _proved(source.take(entry.size_bytes), entry.size_bytes, entry.sha256, entry.path)
        if source.has_more():
            raise BadBackup("The backup holds more than its manifest says.")

    def key(self, entry: FileEntry) -> bytes:
        """A key file of a sealed backup. Raises: BadBackup."""
        return b"".join(self._checked(entry.path, entry.size_bytes, entry.sha256))

    def verify(self, check: Callable[[], None] = lambda: None) -> None:
        """Read everything once. Raises: BadBackup, BadArchive, TooLarge; what `check` raises."""
        for table in self.manifest.tables:
            rows = 0
            with closing(self.lines(table)) as lines:
                for rows, _ in enumerate(lines, start=1):
                    if rows % 10_000 == 0:
                        check()
            if rows != table.dumped.rows:
                raise BadBackup(f"{table.name} has {rows} rows instead of {table.dumped.rows}.")
        with closing(self.files()) as files:
            for _, contents in files:
                for _ in contents:
                    check()
        for entry in self.manifest.keys:
            self.key(entry)

    def _checked(self, name: str, size_bytes: int, sha256: str) -> Iterator[bytes]:
        try:
            return _proved(self._packed.chunks(name), size_bytes, sha256, name)
        except KeyError as error:
            raise BadBackup(f"{name} is missing from the backup.") from error

    def _refuse_odd_names(self) -> None:
        present = {entry.name for entry in self._packed.entries}
        wanted = {table_file(table.name) for table in self.manifest.tables} | {CONTENTS_FILE}
        if missing := wanted - present:
            raise BadBackup(f"{min(missing)} is missing from the backup.")
        for entry in self.manifest.files:
            if not any(entry.path.startswith(f"{folder}/") for folder in self.manifest.folders):
                raise BadBackup("A file of the backup lies outside its folders.")
            segments(entry.path)
        for folder in self.manifest.folders:
            segments(folder)


@contextmanager
def open_backup(path: Path, work: Path, passphrase: str = "") -> Iterator[Opened]:
    """A backup to read from; `work` is a folder of our own for the unsealed payload.

    Raises: BadBackup (code `passphrase_needed` or `wrong_passphrase` where that is why), BadArchive, TooLarge.
    """
    with ExitStack() as stack:
        packed = stack.enter_context(open_zip(path, growth=GROWTH))
        cover = _cover(packed)
        if cover.sealing is not None:
            if not passphrase:
                raise BadBackup("This backup is sealed; its passphrase is needed.", code="passphrase_needed")
            payload = work / "unsealed.zip"
            stack.callback(payload.unlink, missing_ok=True)
            payload.touch(mode=0o600)
            with payload.open("wb") as plain:
                for piece in unsealed(_member(packed, PAYLOAD_FILE), cover.sealing, passphrase):
                    plain.write(piece)
            packed = stack.enter_context(open_zip(payload, growth=GROWTH))
        yield Opened(cover, packed)


def _cover(packed: ZipReader) -> Cover:
    cover = _told(packed, COVER_FILE, COVER_BYTES, Cover)
    _refuse_foreign(cover.product, cover.format)
    return cover


def _refuse_foreign(product: str, number: int) -> None:
    if product != PRODUCT:
        raise BadBackup("This is no backup made by Polycast.")
    if number > FORMAT:
        raise BadBackup("The backup was made by a newer version of Polycast.", code="newer_backup")


def _told(packed: ZipReader, name: str, limit: int, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(packed.read(name, limit=limit), type=kind)
    except KeyError as error:
        raise BadBackup("This is no backup made by Polycast.") from error
    except msgspec.MsgspecError as error:
        raise BadBackup(f"{name} in the backup cannot be read.") from error


def _member(packed: ZipReader, name: str) -> Iterator[bytes]:
    try:
        yield from packed.chunks(name)
    except KeyError as error:
        raise BadBackup(f"{name} is missing from the backup.") from error


def _proved(pieces: Iterable[bytes], size_bytes: int, sha256: str, name: str) -> Iterator[bytes]:
    total = hashlib.sha256()
    size = 0
    for piece in pieces:
        total.update(piece)
        size += len(piece)
        yield piece
    if size != size_bytes or total.hexdigest() != sha256:
        raise BadBackup(f"{name} in the backup is damaged.")


class _Source:
    """Pieces of bytes, taken by size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def take(self, size_bytes: int) -> Iterator[bytes]:
        """The next `size_bytes`, or fewer where the source ends."""
        while size_bytes > 0:
            piece = self._rest or next(self._pieces, b"")
            if not piece:
                return
            self._rest = piece[size_bytes:]
            yield piece[:size_bytes]
            size_bytes -= len(piece[:size_bytes])

    def has_more(self) -> bool:
        return bool(self._rest or next(self._pieces, b""))
