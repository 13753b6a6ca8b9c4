"""`Content-Encoding`, undone in bounded steps: a small body must not become a huge one."""

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

from polycast.core.errors import TooLarge
from polycast.core.net.errors import BadAnswer
from polycast.core.net.limits import RATIO_FREE, RATIO_LIMIT

STEP: Final = 256 * 1024  # decoded bytes handed on at a time
ACCEPTED: Final = "gzip, deflate"
_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS


class Decoder(Protocol):
    """Turns received pieces into decoded ones."""

    def feed(self, piece: bytes) -> Iterator[bytes]: ...

    def end(self) -> None:
        """Raises: BadAnswer, when the body is incomplete."""
        ...


class Identity:
    """A body sent as it is."""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        yield piece

    def end(self) -> None:
        pass


class Inflate:
    """gzip (several members too) and deflate (with and without the zlib header, as servers do both)."""

    def __init__(self, *, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._head = b""  # of a deflate body, until its two header bytes are here
        self._inflate = zlib.decompressobj(_GZIP) if is_gzip else None
        self._received = 0
        self._decoded = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        self._received += len(piece)
        if self._inflate is None:
            piece = self._head = self._head + piece
            if len(piece) < 2:
                return
            self._inflate = zlib.decompressobj(_ZLIB if _has_zlib_header(piece) else _RAW)
        while True:
            if self._inflate.eof:
                if not self._is_gzip or not piece.strip(b"\0"):
                    return  # padding after the end, as some servers send it
                self._inflate = zlib.decompressobj(_GZIP)
            decoded = _step(self._inflate, piece)
            self._decoded += len(decoded)
            if self._decoded > RATIO_FREE and self._decoded > self._received * RATIO_LIMIT:
                raise TooLarge("The answer unpacks to far more than was sent.")
            if decoded:
                yield decoded
            if self._inflate.eof:
                piece = self._inflate.unused_data
            else:
                piece = self._inflate.unconsumed_tail
                if not piece and len(decoded) < STEP:
                    return

    def end(self) -> None:
        if self._received and (self._inflate is None or not self._inflate.eof):
            raise BadAnswer("The answer broke off.", reason="broken")


def _has_zlib_header(data: bytes) -> bool:
    """Source: RFC 1950, 2.2."""
    return data[0] & 0x0F == 8 and (data[0] * 256 + data[1]) % 31 == 0


def _step(inflate: "zlib._Decompress", data: bytes) -> bytes:
    try:
        return inflate.decompress(data, STEP)
    except zlib.error:
        raise BadAnswer("The answer is packed wrongly.", reason="encoding") from None


def decoder_for(encoding: str) -> Decoder:
    """The decoder of a `Content-Encoding` header. Raises: BadAnswer for one we never accept."""
    names = [name for part in encoding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if not names:
        return Identity()
    if len(names) == 1 and names[0] in ("gzip", "x-gzip", "deflate"):
        return Inflate(is_gzip=names[0] != "deflate")
    raise BadAnswer("The answer is packed in a way that was not asked for.", reason="encoding")
