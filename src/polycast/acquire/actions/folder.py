"""The download folder: what is made in it is written down, and only that is ever removed."""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from polycast.core.files import safe_path

FREE_PART: Final = 0.05  # of a disk that downloads leave


def make_folder(root: Path, *parts: str) -> Path:
    """A folder below `root`, made where missing. Raises: UnsafePath, OSError."""
    root.mkdir(mode=0o750, parents=True, exist_ok=True)
    folder = safe_path(root, *parts)
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    return folder


def put_link(folder: Path, name: str, target: str) -> Path:
    """A symbolic link called `name`; one that points elsewhere is replaced, a real file is left alone."""
    path = folder / name
    if path.is_symlink():
        if str(path.readlink()) == target:
            return path
        path.unlink()
    elif path.exists():
        return path
    path.symlink_to(target)
    return path


def put_text(folder: Path, name: str, text: str) -> Path:
    """A small text file, whole or not at all."""
    path, part = folder / name, folder / f".{name[:100]}.part"
    part.write_text(text, "utf-8")
    part.replace(path)
    return path


def open_part(folder: Path, name: str) -> tuple[BinaryIO, int]:
    """The unfinished file of a download, and how much of it is there."""
    path = folder / f".{name[:100]}.part"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    file = os.fdopen(descriptor, "r+b")
    return file, file.seek(0, os.SEEK_END)


def finish_part(file: BinaryIO, folder: Path, name: str) -> Path:
    """Flush and rename it."""
    file.flush()
    os.fsync(file.fileno())
    file.close()
    (folder / f".{name[:100]}.part").replace(folder / name)
    return folder / name


def drop_part(folder: Path, name: str) -> None:
    (folder / f".{name[:100]}.part").unlink(missing_ok=True)


def is_there(folder: Path, name: str, size_bytes: int) -> bool:
    """Whether a download has been finished before."""
    path = folder / name
    return path.is_file() and not path.is_symlink() and path.stat().st_size == size_bytes


def has_room(folder: Path, size_bytes: int) -> bool:
    disk = shutil.disk_usage(folder)
    return disk.free - size_bytes > disk.total * FREE_PART


def free_bytes(folder: Path) -> int:
    """Of the disk that `folder` is, or will be, on."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def can_read(path: Path) -> bool:
    """Whether a first byte comes from behind a link."""
    try:
        with path.open("rb") as file:
            return len(file.read(1)) == 1
    except OSError:
        return False


def remove(root: Path, made: Sequence[tuple[str, str]]) -> list[str]:
    """Remove what was made, files first, then folders that are empty; no link is followed. The paths that are gone."""
    base = root.resolve()
    gone = []
    for text, kind in sorted(made, key=lambda one: (one[1] == "folder", -len(one[0]))):
        path = Path(text)
        if ".." in path.parts or not path.parent.resolve().is_relative_to(base) or path == base:
            continue
        with suppress(OSError):
            if kind == "folder":
                path.rmdir()
            else:
                path.unlink()
            gone.append(text)
    return gone
