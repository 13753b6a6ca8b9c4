"""The writable folder: an ordinary one on disk, bounded, in which nothing is ever followed outside."""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct

from polycast.acquire.dialects.webdav.errors import DavError
from polycast.core.errors import NotFound
from polycast.core.files import UnsafePath, safe_path

FILE_BYTES: Final = 256 * 1024 * 1024
FILES: Final = 5_000
PROPERTIES: Final = 2_000
DONE: Final = ".done"


class Item(Struct, frozen=True, kw_only=True):
    """A file or folder of it."""

    path: str  # relative
    name: str
    is_folder: bool
    size_bytes: int
    modified_at: datetime
    etag: str


class Inbox:
    """`<data>/acquire/inbox`. Methods block: they are called in a thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._dead: dict[str, dict[str, str]] = {}

    def path(self, words: Sequence[str]) -> Path:
        """Raises: DavError for names that lead elsewhere."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            found = safe_path(self._root, *words)
        except UnsafePath as error:
            raise DavError(403, "This name may not be used.") from error
        if any(len(word.encode()) > 180 or word.startswith(".part-") for word in words):
            raise DavError(403, "This name may not be used.")
        return found

    def item(self, words: Sequence[str]) -> Item:
        """Raises: NotFound."""
        return self._item(self.path(words), words)

    def _item(self, path: Path, words: Sequence[str]) -> Item:
        try:
            known = path.lstat()
        except OSError as error:
            raise NotFound("The file") from error
        if path.is_symlink():
            raise NotFound("The file")
        is_folder = path.is_dir()
        return Item(
            path="/".join(words),
            name=words[-1] if words else "inbox",
            is_folder=is_folder,
            size_bytes=0 if is_folder else known.st_size,
            modified_at=datetime.fromtimestamp(int(known.st_mtime), UTC),
            etag=f'"{known.st_mtime_ns:x}-{known.st_size:x}"',
        )

    def children(self, words: Sequence[str]) -> list[Item]:
        path = self.path(words)
        if not path.is_dir():
            return []
        names = sorted(entry.name for entry in os.scandir(path) if not entry.is_symlink())
        return [self._item(path / name, [*words, name]) for name in names[:FILES] if not name.startswith(".part-")]

    def dead(self, path: str) -> dict[str, str]:
        """Properties that clients have set."""
        return dict(self._dead.get(path, {}))

    def set_dead(self, path: str, values: dict[str, str]) -> None:
        if sum(map(len, self._dead.values())) >= PROPERTIES and path not in self._dead:
            raise DavError(507, "There are too many properties.")
        self._dead[path] = values

    def begin(self, words: Sequence[str]) -> tuple[BinaryIO, Path, bool]:
        """A file to write into, its place, and whether there is one already. Raises: DavError."""
        path = self.path(words)
        if not words or path.is_dir():
            raise DavError(405, "This is a folder.")
        if not path.parent.is_dir():
            raise DavError(409, "Its folder is missing.")
        if self._count() >= FILES:
            raise DavError(507, "There are too many files.")
        part = path.parent / f".part-{os.urandom(6).hex()}"
        return part.open("xb"), part, path.exists()

    def finish(self, part: Path, words: Sequence[str]) -> None:
        part.replace(self.path(words))

    def drop(self, part: Path) -> None:
        part.unlink(missing_ok=True)

    def _count(self) -> int:
        return sum(len(files) for _, _, files in os.walk(self._root))

    def make_folder(self, words: Sequence[str]) -> None:
        path = self.path(words)
        if path.exists():
            raise DavError(405, "It is there already.")
        if not path.parent.is_dir():
            raise DavError(409, "Its folder is missing.")
        path.mkdir(mode=0o700)

    def delete(self, words: Sequence[str]) -> None:
        path = self.path(words)
        if not words:
            raise DavError(403, "The inbox itself stays.")
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        else:
            raise NotFound("The file")
        self._forget("/".join(words))

    def _forget(self, text: str) -> None:
        for name in [name for name in self._dead if name == text or name.startswith(f"{text}/")]:
            del self._dead[name]

    def transfer(self, words: Sequence[str], to: Sequence[str], *, moves: bool, overwrite: bool, deep: bool) -> bool:
        """Copy or move; whether something was replaced. Raises: NotFound; DavError."""
        source, target = self.path(words), self.path(to)
        if not source.exists():
            raise NotFound("The file")
        if source == target or target.is_relative_to(source) or not words or not to:
            raise DavError(403, "It cannot be put into itself.")
        if not target.parent.is_dir():
            raise DavError(409, "The folder to put it in is missing.")
        replaced = target.exists()
        if replaced and not overwrite:
            raise DavError(412, "There is something already.")
        if replaced:
            self.delete(to)
        if moves:
            source.rename(target)
        elif source.is_dir() and not deep:
            target.mkdir(mode=0o700)
        elif source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copyfile(source, target, follow_symlinks=False)
        self._carry("/".join(words), "/".join(to), moves=moves)
        return replaced

    def _carry(self, old: str, new: str, *, moves: bool) -> None:
        for name in [name for name in self._dead if name == old or name.startswith(f"{old}/")]:
            self._dead[new + name.removeprefix(old)] = dict(self._dead[name])
            if moves:
                del self._dead[name]

    def content(self, words: Sequence[str]) -> bytes:
        return self.path(words).read_bytes()

    def done(self, words: Sequence[str]) -> None:
        """It has been taken in."""
        folder = self._root / DONE
        folder.mkdir(mode=0o700, exist_ok=True)
        with suppress(OSError):
            self.path(words).replace(folder / words[-1])
