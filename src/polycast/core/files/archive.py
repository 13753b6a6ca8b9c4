"""Zip archives: our own writing, and extraction that takes regular files and folders and nothing else."""

import itertools
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final

from msgspec import Struct

from polycast.core.errors import Invalid, NotFound, Problem, TooLarge
from polycast.core.files.compressed import DAMAGE, MIB, Growth
from polycast.core.files.names import UnsafePath, segments
from polycast.core.files.root import Root

LEVEL: Final = 1  # three times as fast as the usual 6, and rows of a database get hardly larger
ENTRIES: Final = 50_000
COPY: Final = 256 * 1024


class BadArchive(Invalid):
    """An archive that breaks a rule of extraction. Nothing of it may be used."""

    def __init__(self, why: str) -> None:
        super().__init__([Problem("archive", "bad_archive", {}, why)])


class Entry(Struct, frozen=True):
    """A file in an archive."""

    name: str  # relative, "/" between segments
    size_bytes: int
    packed_bytes: int


class ZipReader:
    """An archive whose listing has passed every rule; contents are bounded while they are read."""

    def __init__(self, packed: zipfile.ZipFile, growth: Growth) -> None:
        self._packed = packed
        self._growth = growth
        self._infos = _checked(packed, growth)
        self.entries = [
            Entry(name, info.file_size, info.compress_size) for name, info in self._infos.items() if not info.is_dir()
        ]

    def read(self, name: str, *, limit: int = 64 * MIB) -> bytes:
        """A whole file. Raises: KeyError, TooLarge beyond `limit`, BadArchive."""
        info = self._infos[name]
        if info.file_size > limit:
            raise TooLarge(f"{name} in the archive is larger than expected.")
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """A file in pieces; its check sum is verified at the end. Raises: KeyError, TooLarge, BadArchive."""
        info = self._infos[name]
        seen = 0
        try:
            with self._packed.open(info) as plain:
                while fresh := plain.read(COPY):
                    seen += len(fresh)
                    if seen > info.file_size:
                        raise BadArchive("A file in the archive is longer than the archive says.")
                    yield fresh
        except (*DAMAGE, NotImplementedError, RuntimeError) as error:
            raise BadArchive("The archive is damaged, or has a password.") from error

    def extract(self, staging: Path) -> int:
        """Every file below `staging`, which must be empty; how many. Raises: BadArchive, TooLarge."""
        if any(staging.iterdir()):
            raise BadArchive("The folder to extract into is not empty.")
        try:
            with Root(staging) as root:
                for name, info in self._infos.items():
                    self._extract(root, name, info)
        except (FileExistsError, NotFound) as error:
            raise BadArchive("One entry of the archive stands in the way of another.") from error
        return len(self.entries)

    def _extract(self, root: Root, name: str, info: zipfile.ZipInfo) -> None:
        if info.is_dir():
            root.make_folder(name)
            return
        with root.create(name) as file:
            for chunk in self.chunks(name):
                file.write(chunk)


@contextmanager
def open_zip(source: Path | BinaryIO, *, growth: Growth | None = None) -> Iterator[ZipReader]:
    """A foreign archive, its listing checked. Blocking. Raises: BadArchive, TooLarge."""
    try:
        packed = zipfile.ZipFile(source)
    except (*DAMAGE, OSError, ValueError, NotImplementedError) as error:
        raise BadArchive("This is no zip archive, or it is damaged.") from error
    with packed:
        yield ZipReader(packed, growth or Growth())


class ZipWriter:
    """An archive of ours while it is written; names are checked like those of foreign ones."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed

    def add_file(self, name: str, path: Path) -> None:
        self._packed.write(path, "/".join(segments(name)))

    def add_bytes(self, name: str, content: bytes) -> None:
        self._packed.writestr("/".join(segments(name)), content)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A member to stream into, of any size."""
        with self._packed.open("/".join(segments(name)), "w", force_zip64=True) as member:
            yield member


@contextmanager
def write_zip(target: Path | BinaryIO) -> Iterator[ZipWriter]:
    """A new archive. For a file that must be whole or absent, write into the file that `write_atomic` gives."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL, strict_timestamps=False) as packed:
        yield ZipWriter(packed)


def _checked(packed: zipfile.ZipFile, growth: Growth) -> dict[str, zipfile.ZipInfo]:
    infos = packed.infolist()
    if len(infos) > ENTRIES:
        raise TooLarge(f"The archive has more than {ENTRIES} entries.")
    found: dict[str, zipfile.ZipInfo] = {}
    folded: set[str] = set()
    spans: list[tuple[int, int]] = []
    total = packed_total = 0
    for info in infos:
        name = _name(info)
        key = unicodedata.normalize("NFC", name).casefold()
        if key in folded:
            raise BadArchive("Two entries of the archive have the same name.")
        folded.add(key)
        found[name] = info
        spans.append((info.header_offset, info.header_offset + 30 + info.compress_size))
        total += info.file_size
        packed_total += info.compress_size
    _refuse_overlaps(spans)
    _refuse_growth(total, packed_total, growth)
    return found


def _name(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR} or (kind != 0 and (kind == stat.S_IFDIR) != info.is_dir()):
        raise BadArchive("The archive holds something that is neither file nor folder.")
    original = getattr(info, "orig_filename", info.filename)  # zipfile cuts at NUL and turns other separators round
    try:
        names = segments(original.removesuffix("/"))
    except UnsafePath as error:
        raise BadArchive("A name in the archive leads out of its folder.") from error
    if not names or "/".join(names) != original.removesuffix("/"):
        raise BadArchive("A name in the archive is not in its plain form.")
    return "/".join(names)


def _refuse_overlaps(spans: list[tuple[int, int]]) -> None:
    """Entries sharing bytes are how a small archive claims to be a huge one. Source: Fifield, A better zip bomb (2019)."""
    spans.sort()
    if any(end > following for (_, end), (following, _) in itertools.pairwise(spans)):
        raise BadArchive("Entries of the archive overlap.")


def _refuse_growth(total: int, packed_total: int, growth: Growth) -> None:
    if total > growth.size_bytes or (total > growth.free_bytes and total > packed_total * growth.ratio):
        raise TooLarge("The archive grows beyond what is allowed when it is extracted.")
