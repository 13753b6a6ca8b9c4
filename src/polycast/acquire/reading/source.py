"""A file that can be read from anywhere, wherever it lies: at a debrid service, in news articles, on our disk."""

from collections.abc import AsyncIterator
from typing import Protocol

from polycast.acquire.catalogue.model import Detail, File


class FileSource(Protocol):
    """Bytes of a known number. Nothing is held open between reads."""

    size_bytes: int

    def read(self, offset: int, length: int) -> AsyncIterator[bytes]:
        """`length` bytes from `offset`, in pieces as they come; closing the iterator ends the reading at once.

        Raises: PolycastError, when they cannot be had; never ends early without raising.
        """
        ...


class SourceMaker(Protocol):
    """Knows how entries of one protocol ("torrent", "nzb") are read."""

    protocol: str

    def source(self, detail: Detail, file: File) -> FileSource:
        """Costs nothing before the first read."""
        ...
