"""A folder that foreign names may be looked up in: each step through a descriptor, no link followed, no way out."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.files.names import UnsafePath, segments

FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
MAX_DEPTH: Final = 64


class Found(Struct, frozen=True):
    """A regular file met on a walk."""

    path: str  # relative to the root, "/" between segments; surrogateescape for names that are no UTF-8
    size_bytes: int
    modified_ns: int  # since 1970 UTC
    inode: int
    device: int


class Root:
    """An open folder. Links are refused on every step, so that nobody can swap one in between check and use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def open(self, *parts: str) -> BinaryIO:
        """An existing regular file, for reading. Raises: NotFound (also for links and folders), UnsafePath."""
        return os.fdopen(self.descriptor(*parts), "rb")

    def descriptor(self, *parts: str) -> int:
        """Like `open`, as a bare descriptor that the caller closes."""
        folder, name = self._parent(parts, make=False)
        try:
            found = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except OSError as error:
            raise NotFound("File") from error
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(found).st_mode):
            os.close(found)
            raise NotFound("File")
        return found

    def create(self, *parts: str, mode: int = 0o640) -> BinaryIO:
        """A new file for writing, its folders made as needed. Raises: FileExistsError, UnsafePath."""
        folder, name = self._parent(parts, make=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.fdopen(os.open(name, flags, mode, dir_fd=folder), "wb")
        finally:
            os.close(folder)

    def make_folder(self, *parts: str) -> None:
        """The folder and those above it, where missing. Raises: UnsafePath."""
        os.close(self._descend([segment for part in parts for segment in segments(part)], make=True))

    def delete(self, *parts: str) -> None:
        """Remove a file, or a link itself; nothing happens when it is gone. Raises: UnsafePath."""
        folder, name = self._parent(parts, make=False)
        try:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
        finally:
            os.close(folder)

    def _parent(self, parts: Sequence[str], *, make: bool) -> tuple[int, str]:
        names = [segment for part in parts for segment in segments(part)]
        if not names:
            raise UnsafePath("A file name is missing.")
        return self._descend(names[:-1], make=make), names[-1]

    def _descend(self, names: Sequence[str], *, make: bool) -> int:
        current = os.dup(self._fd)
        for name in names:
            try:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(name, 0o750, dir_fd=current)
                following = os.open(name, FOLDER, dir_fd=current)
            except OSError as error:
                raise NotFound("Folder") from error
            finally:
                os.close(current)
            current = following
        return current


def walk(root: Path, *, inside: Sequence[Path] = ()) -> Iterator[Found]:
    """Every regular file below `root`, folder by folder; names of one folder in order. Hidden ones (`.x`) included.

    A link counts as what it points to when that lies in `root` or one of `inside`; other links, loops, devices and
    folders that may not be read are passed over. Raises: FileNotFoundError without `root`. Reads as it goes: pull it off the event loop.
    """
    allowed = [path.resolve() for path in (root, *inside)]
    top = root.stat()
    seen = {(top.st_dev, top.st_ino)}
    waiting: list[tuple[str, Path, int]] = [("", root, 0)]
    while waiting:
        prefix, folder, depth = waiting.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        below: list[tuple[str, Path, int]] = []
        for entry in entries:
            known = _looked_at(entry, allowed)
            if known is None:
                continue
            path = f"{prefix}{entry.name}"
            if stat.S_ISREG(known.st_mode):
                yield Found(path, known.st_size, known.st_mtime_ns, known.st_ino, known.st_dev)
            elif depth < MAX_DEPTH and (known.st_dev, known.st_ino) not in seen:
                seen.add((known.st_dev, known.st_ino))
                below.append((f"{path}/", Path(entry.path), depth + 1))
        waiting.extend(reversed(below))


def _looked_at(entry: os.DirEntry[str], allowed: Sequence[Path]) -> os.stat_result | None:
    try:
        if entry.is_symlink():
            target = Path(entry.path).resolve(strict=True)
            if not any(target.is_relative_to(base) for base in allowed):
                return None
        known = entry.stat()
    except (OSError, RuntimeError):
        return None
    return known if stat.S_ISREG(known.st_mode) or stat.S_ISDIR(known.st_mode) else None
