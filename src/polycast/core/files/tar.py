"""Tar archives packed by gzip, as a stream: our own writing, and extraction that takes files and folders and nothing else."""

import io
import tarfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from polycast.core.errors import NotFound, TooLarge
from polycast.core.files.archive import COPY, ENTRIES, BadArchive, Entry
from polycast.core.files.compressed import DAMAGE, Damaged, Growth, gzip_writer, open_compressed
from polycast.core.files.names import UnsafePath, segments
from polycast.core.files.root import Root

LEVEL: Final = 1  # music does not get smaller, and what does is small


class TarWriter:
    """An archive of ours while it is written, one member after another, nothing of it in memory."""

    def __init__(self, packed: tarfile.TarFile) -> None:
        self._packed = packed

    def add_bytes(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content), len(content), 0)

    def add_file(self, name: str, file: BinaryIO, *, size_bytes: int, mtime: int = 0) -> None:
        """Exactly `size_bytes` of an open file. Raises: BadArchive, when it has become shorter meanwhile."""
        self._add(name, file, size_bytes, mtime)

    def _add(self, name: str, file: BinaryIO, size_bytes: int, mtime: int) -> None:
        member = tarfile.TarInfo("/".join(segments(name)))
        member.size, member.mtime, member.mode = size_bytes, mtime, 0o640
        try:
            self._packed.addfile(member, file)
        except OSError as error:
            if error.errno is not None:  # of the disk
                raise
            raise BadArchive("A file became shorter while it was saved.") from error


@contextmanager
def write_tar(target: BinaryIO) -> Iterator[TarWriter]:
    """A new archive into `target`; it stays open. Blocking."""
    with (
        gzip_writer(target, level=LEVEL) as zipped,
        tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT, bufsize=COPY) as packed,
    ):
        yield TarWriter(packed)


class TarReader:
    """A foreign archive read from its start to its end, each entry judged before its content."""

    def __init__(self, packed: tarfile.TarFile, growth: Growth) -> None:
        self._packed = packed
        self._growth = growth

    def entries(self) -> Iterator[tuple[Entry, BinaryIO]]:
        """Regular files in order, each to be read before the next is asked for. Folders are passed over.

        Raises: BadArchive for links, devices, names that lead out or come twice; TooLarge; Damaged.
        """
        seen: set[str] = set()
        total = count = 0
        try:
            for member in self._packed:
                count += 1
                if count > ENTRIES:
                    raise TooLarge(f"The archive has more than {ENTRIES} entries.")
                name = _name(member)
                if member.isdir():
                    continue
                key = unicodedata.normalize("NFC", name).casefold()
                if key in seen:
                    raise BadArchive("Two entries of the archive have the same name.")
                seen.add(key)
                total += member.size
                if total > self._growth.size_bytes:
                    raise TooLarge("The archive grows beyond what is allowed when it is extracted.")
                content = self._packed.extractfile(member)
                if content is None:
                    raise BadArchive("The archive holds something that is neither file nor folder.")
                yield Entry(name, member.size, member.size), content  # type: ignore[misc]  # a reader of bytes it is
        except (tarfile.TarError, Damaged, *DAMAGE) as error:
            raise BadArchive("The archive is damaged.") from error

    def extract(self, staging: Path) -> int:
        """Every file below `staging`, which must be empty; how many. Raises: BadArchive, TooLarge."""
        if any(staging.iterdir()):
            raise BadArchive("The folder to extract into is not empty.")
        count = 0
        try:
            with Root(staging) as root:
                for entry, content in self.entries():
                    with root.create(entry.name) as file:
                        while fresh := content.read(COPY):
                            file.write(fresh)
                    count += 1
        except (FileExistsError, NotFound) as error:
            raise BadArchive("One entry of the archive stands in the way of another.") from error
        return count


@contextmanager
def open_tar(source: Path | BinaryIO, *, growth: Growth | None = None) -> Iterator[TarReader]:
    """A foreign archive, packed by gzip or not at all, as a stream. Blocking. Raises: BadArchive, TooLarge."""
    growth = growth or Growth()
    with open_compressed(source, growth=growth) as plain:
        try:
            packed = tarfile.open(  # noqa: SIM115 - it is closed below, and a failure to open is worded here
                fileobj=plain, mode="r|", bufsize=COPY
            )
        except (tarfile.TarError, Damaged, *DAMAGE) as error:
            raise BadArchive("This is no tar archive, or it is damaged.") from error
        with packed:
            yield TarReader(packed, growth)


def _name(member: tarfile.TarInfo) -> str:
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise BadArchive("The archive holds something that is neither file nor folder.")
    original = member.name.removeprefix("./").removesuffix("/")
    try:
        names = segments(original)
    except UnsafePath as error:
        raise BadArchive("A name in the archive leads out of its folder.") from error
    if "/".join(names) != original and original != ".":
        raise BadArchive("A name in the archive is not in its plain form.")
    return "/".join(names)
