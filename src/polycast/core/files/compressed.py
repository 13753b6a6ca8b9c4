"""Reading compressed input of unknown origin as a plain stream, with bounds on what it may grow to."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from msgspec import Struct

from polycast.core.errors import Invalid, TooLarge

MIB: Final = 1024 * 1024
BUFFER: Final = 256 * 1024
XZ_MEMORY: Final = 256 * MIB
DAMAGE: Final = (zlib.error, lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile, EOFError)


class Growth(Struct, frozen=True, kw_only=True):
    """How far decompressed content may go."""

    size_bytes: int = 4096 * MIB
    ratio: int = 200  # decompressed to compressed
    free_bytes: int = 10 * MIB  # the ratio counts only after this much


class Damaged(Invalid):
    """Compressed content that cannot be read to its end."""


@contextmanager
def open_compressed(source: Path | BinaryIO, *, growth: Growth | None = None) -> Iterator[BinaryIO]:
    """The plain content of a file: gzip, xz, bzip2, the single file in a zip, or the file as it is, told by its magic.

    A file object must be seekable and stays open. One level is opened: a gzip in a gzip stays one. Reading raises
    TooLarge beyond `growth`, Damaged for broken content. Blocking: use it off the event loop.
    """
    growth = growth or Growth()
    with ExitStack() as stack:
        raw = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        start = raw.tell()
        magic = raw.read(6)
        raw.seek(0, io.SEEK_END)
        packed_bytes = raw.tell() - start
        raw.seek(start)
        plain = _plain(stack, raw, magic)
        if plain is raw:
            packed_bytes = growth.size_bytes  # nothing grows: only the size counts
        bounded = _Bounded(plain, growth, packed_bytes)
        yield cast("BinaryIO", io.BufferedReader(bounded, BUFFER))


def gzip_writer(raw: BinaryIO, *, level: int = 6) -> gzip.GzipFile:
    """A gzip stream into `raw`, without name and time, so that equal content gives equal bytes. The caller closes it."""
    return gzip.GzipFile(filename="", mode="wb", compresslevel=level, fileobj=raw, mtime=0)


def _plain(stack: ExitStack, raw: BinaryIO, magic: bytes) -> IO[bytes]:
    if magic[:2] == b"\x1f\x8b":
        unpacked = gzip.GzipFile(fileobj=raw, mode="rb")
        stack.callback(unpacked.close)
        return cast("IO[bytes]", unpacked)
    if magic == b"\xfd7zXZ\x00":
        return cast("IO[bytes]", stack.enter_context(_Xz(raw)))
    if magic[:3] == b"BZh":
        return stack.enter_context(bz2.BZ2File(raw))
    if magic[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        return _single(stack, raw)
    return raw


def _single(stack: ExitStack, raw: BinaryIO) -> IO[bytes]:
    try:
        packed = stack.enter_context(zipfile.ZipFile(raw))
        files = [info for info in packed.infolist() if not info.is_dir()]
        if len(files) != 1:
            raise Damaged.one("", "not_one_file", f"The zip holds {len(files)} files; exactly one is expected.")
        return stack.enter_context(packed.open(files[0]))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # RuntimeError: it has a password
        raise Damaged.one("", "damaged", "The zip cannot be read.") from error


class _Xz(io.RawIOBase):
    """An xz stream (several may follow each other) with a bound on the memory its header may ask for."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        while True:
            if self._unpacker.eof:
                rest = (self._unpacker.unused_data or self._raw.read(BUFFER)).lstrip(b"\0")
                if not rest:
                    return b""
                self._unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
                out = self._unpacker.decompress(rest, size)
            elif self._unpacker.needs_input:
                fresh = self._raw.read(BUFFER)
                if not fresh:
                    raise EOFError
                out = self._unpacker.decompress(fresh, size)
            else:
                out = self._unpacker.decompress(b"", size)
            if out:
                return out


class _Bounded(io.RawIOBase):
    def __init__(self, plain: IO[bytes], growth: Growth, packed_bytes: int) -> None:
        self._plain = plain
        self._limit = min(growth.size_bytes, max(growth.free_bytes, packed_bytes * growth.ratio))
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # typeshed wants its private Buffer name
        try:
            fresh = self._plain.read(len(buffer))
        except DAMAGE as error:
            raise Damaged.one("", "damaged", "The compressed content is damaged or cut short.") from error
        self._seen += len(fresh)
        if self._seen > self._limit:
            raise TooLarge("The content grows beyond what is allowed when it is decompressed.")
        buffer[: len(fresh)] = fresh
        return len(fresh)


def plain_lzma(packed: bytes, *, properties: bytes, size_bytes: int, limit: int = 64 * MIB) -> bytes:
    """A raw LZMA (5 property bytes) or LZMA2 (1) stream, as 7z keeps its headers. Raises: Damaged; TooLarge."""
    if size_bytes > limit:
        raise TooLarge("The header of the archive is too large.")
    try:
        decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[_lzma_filter(properties, limit)])
        plain = decoder.decompress(packed, size_bytes)
    except (lzma.LZMAError, ValueError) as error:
        raise Damaged.one("file", "damaged", "The compressed header is damaged.") from error
    if len(plain) != size_bytes:
        raise Damaged.one("file", "damaged", "The compressed header is damaged.")
    return plain


def _lzma_filter(properties: bytes, limit: int) -> dict[str, int]:
    if len(properties) == 1:  # LZMA2: the size of the dictionary alone
        bits = properties[0]
        size = 2**32 - 1 if bits == 40 else (2 | (bits & 1)) << (bits // 2 + 11)
        return {"id": lzma.FILTER_LZMA2, "dict_size": min(size, limit)}
    if len(properties) != 5 or properties[0] >= 9 * 5 * 5:
        raise ValueError("no properties of LZMA")
    lc, rest = properties[0] % 9, properties[0] // 9
    size = min(max(int.from_bytes(properties[1:], "little"), 4096), limit)
    return {"id": lzma.FILTER_LZMA1, "dict_size": size, "lc": lc, "lp": rest % 5, "pb": rest // 5}
