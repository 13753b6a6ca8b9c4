"""Files that are whole or not there: written beside their place, flushed, then renamed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def write_atomic(path: Path, *, mode: int = 0o640) -> Iterator[BinaryIO]:
    """A file to write into; it takes the place of `path` when the block ends well, and is dropped when it does not.

    Durable when the block has ended: contents and folder are flushed. A link at `path` is replaced, not followed.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # there only when the block has failed
    flush_folder(path.parent)


def write_bytes(path: Path, content: bytes, *, mode: int = 0o640) -> None:
    """`content` as the whole file, atomically and durably."""
    with write_atomic(path, mode=mode) as file:
        file.write(content)


def flush_folder(folder: Path) -> None:
    """Make renames and removals in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
