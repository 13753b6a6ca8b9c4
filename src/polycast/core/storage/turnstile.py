"""The queue of all processes that write to one SQLite file.

SQLite's own waiting polls and is unfair: beside an import, another process's write waited for 630 ms. Here whoever
wants to write takes `turn`, then `write`, then gives `turn` back: the one who waits for `write` is next, whatever the
present writer does. The kernel lets go of both when a process dies.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Turnstile:
    """Two lock files beside the database. One thread at a time may stand in it; each process has its own."""

    def __init__(self, turn: Path, write: Path) -> None:
        self._paths = (turn, write)
        self._turn = -1
        self._write = -1

    def open(self) -> None:
        self._turn, self._write = (os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for path in self._paths)

    def close(self) -> None:
        for descriptor in (self._turn, self._write):
            if descriptor >= 0:
                os.close(descriptor)
        self._turn = self._write = -1

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Wait for our turn, and hold the right to write for the length of the block."""
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._write, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._turn, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(self._write, fcntl.LOCK_UN)
