"""Bodies in chunks, taken apart as they come. Source: RFC 9112, 7.1."""

from typing import Final

LINE_MOST: Final = 1024
CHUNK_MOST: Final = 16 * 1024 * 1024


class BadChunk(Exception):
    """Not a chunk."""


class Unchunker:
    """Bytes in, the body out."""

    def __init__(self) -> None:
        self.is_over = False
        self._rest = bytearray()
        self._left = -1  # of the chunk that is read; -1: its size is awaited

    def feed(self, fresh: bytes) -> bytes:
        """What has come of the body. Raises: BadChunk."""
        self._rest += fresh
        found = bytearray()
        while not self.is_over:
            if self._left < 0 and not self._size():
                break
            taken = min(self._left, len(self._rest))
            found += self._rest[:taken]
            del self._rest[:taken]
            self._left -= taken
            if self._left or len(self._rest) < 2:
                break
            if self._rest[:2] != b"\r\n":
                raise BadChunk
            del self._rest[:2]
            self._left = -1
        return bytes(found)

    def _size(self) -> bool:
        end = self._rest.find(b"\n")
        if end < 0:
            if len(self._rest) > LINE_MOST:
                raise BadChunk
            return False
        word = bytes(self._rest[:end]).partition(b";")[0].strip()
        del self._rest[: end + 1]
        try:
            size = int(word, 16)
        except ValueError as error:
            raise BadChunk from error
        if not word or size < 0 or size > CHUNK_MOST:
            raise BadChunk
        if size == 0:
            self.is_over = True
            return False
        self._left = size
        return True
