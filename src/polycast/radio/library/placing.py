"""Files below a folder of an account's, made whole and removed. Blocking."""

import os
from pathlib import Path
from typing import BinaryIO, Final

from polycast.core.errors import NotFound
from polycast.core.files import Root

PART: Final = ".part"


def create(root: Path, path: str) -> BinaryIO:
    """A part file for `path`; what a broken attempt has left is dropped."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Root(root) as inside:
        if (root / f"{path}{PART}").exists():
            inside.delete(f"{path}{PART}")
        return inside.create(f"{path}{PART}")


def finish(part: BinaryIO, target: Path) -> None:
    """The part file takes its place, durably."""
    part.flush()
    os.fsync(part.fileno())
    Path(f"{target}{PART}").replace(target)


def descriptor(root: Path, path: str) -> int:
    """An open file below `root`; no link is followed. Raises: NotFound."""
    with Root(root) as inside:
        return inside.descriptor(path)


def remove(root: Path, path: str) -> int:
    """The size of what is gone now; 0 when it was gone before."""
    try:
        size = (root / path).stat().st_size
        with Root(root) as inside:
            inside.delete(path)
    except (FileNotFoundError, NotFound):
        return 0
    return size
