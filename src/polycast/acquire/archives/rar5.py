"""RAR 5 headers. Source: RARLAB, "RAR 5.0 archive format"."""

from binascii import crc32
from typing import Final

from polycast.acquire.archives.keys import Keys
from polycast.acquire.archives.model import Parsing, Unmappable, Why
from polycast.acquire.archives.rar_model import RarFile, RarVolume
from polycast.core.secrets import aes_cbc

SIGNATURE_BYTES: Final = 8
MAIN, FILE, SERVICE, ENCRYPTION, END = 1, 2, 3, 4, 5
HEAD_BYTES: Final = 1024  # most headers are shorter; a longer one costs a second look
LONGEST_HEADER: Final = 2 * 1024 * 1024
BLOCKS: Final = 100_000
BLOCK: Final = 16


class _Bytes:
    """Reads a header's fields one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def vint(self) -> int:
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return value
            shift += 7
            if shift > 63:
                raise Unmappable(Why.DAMAGED, "The archive is damaged.")

    def take(self, size: int) -> bytes:
        found = self._data[self._at : self._at + size]
        if len(found) != size or size < 0:
            raise Unmappable(Why.DAMAGED, "The archive is damaged.")
        self._at += size
        return found


class _Header:
    def __init__(self, data: bytes, after: int) -> None:
        """`data`: the header from its type on; `after`: where it ends in the volume."""
        fields = _Bytes(data)
        self.type = fields.vint()
        self.flags = fields.vint()
        self.extra_bytes = fields.vint() if self.flags & 1 else 0
        self.data_bytes = fields.vint() if self.flags & 2 else 0
        self.fields = fields
        self.after = after

    @property
    def extra(self) -> _Bytes:
        """The extra area; the fields before it must have been read."""
        self.fields.take(self.fields.left - self.extra_bytes)
        return self.fields


def read_rar5(keys: Keys) -> Parsing[RarVolume]:
    """Every header of a volume. Raises: Unmappable."""
    at = SIGNATURE_BYTES
    key: bytes | None = None
    number: int | None = None
    files: list[RarFile] = []
    for _ in range(BLOCKS):
        header = yield from _header(at, key)
        if header is None:
            return RarVolume(number=number, files=tuple(files), has_next=False)
        at = header.after + header.data_bytes
        if header.type == ENCRYPTION:
            key = _archive_key(header.fields, keys)
        elif header.type == MAIN:
            flags = header.fields.vint()
            number = (header.fields.vint() if flags & 2 else 0) if flags & 1 else None
        elif header.type == FILE:
            files.append(_file(header, keys))
        elif header.type == END:
            return RarVolume(number=number, files=tuple(files), has_next=bool(header.fields.vint() & 1))
    raise Unmappable(Why.DAMAGED, "The archive has too many parts.")


def _header(at: int, key: bytes | None) -> Parsing[_Header | None]:
    """The header at `at`; None at the end of the volume."""
    head = yield (at, HEAD_BYTES)
    if not head:
        return None
    if key is not None:
        return (yield from _sealed_header(at, key, head))
    fields = _Bytes(head)
    checksum = int.from_bytes(fields.take(4), "little")
    size = fields.vint()
    start = len(head) - fields.left
    if size > LONGEST_HEADER:
        raise Unmappable(Why.DAMAGED, "The archive is damaged.")
    if start + size > len(head):
        head = yield (at, start + size)
    if len(head) < start + size or crc32(head[4 : start + size]) != checksum:
        raise Unmappable(Why.DAMAGED, "The archive is damaged.")
    return _Header(head[start : start + size], at + start + size)


def _sealed_header(at: int, key: bytes, head: bytes) -> Parsing[_Header | None]:
    if len(head) < 2 * BLOCK:
        return None
    iv = head[:BLOCK]
    plain = aes_cbc(key, iv, head[BLOCK : len(head) // BLOCK * BLOCK])
    fields = _Bytes(plain)
    checksum = int.from_bytes(fields.take(4), "little")
    size = fields.vint()
    start = len(plain) - fields.left
    if size > LONGEST_HEADER:
        raise Unmappable(Why.BAD_PASSWORD, "The password of the archive is wrong.")
    whole = -(-(start + size) // BLOCK) * BLOCK
    if whole > len(plain):
        head = yield (at, BLOCK + whole)
        plain = aes_cbc(key, iv, head[BLOCK : len(head) // BLOCK * BLOCK])
    if crc32(plain[4 : start + size]) != checksum:
        raise Unmappable(Why.BAD_PASSWORD, "The password of the archive is wrong.")
    return _Header(plain[start : start + size], at + BLOCK + whole)


def _archive_key(fields: _Bytes, keys: Keys) -> bytes:
    fields.vint()  # version
    flags, count, salt = fields.vint(), fields.take(1)[0], fields.take(16)
    return keys.rar5(salt, count, fields.take(12) if flags & 1 else b"")


def _file(header: _Header, keys: Keys) -> RarFile:
    fields = header.fields
    flags, size = fields.vint(), fields.vint()
    fields.vint()  # attributes
    fields.take(4 if flags & 2 else 0)
    fields.take(4 if flags & 4 else 0)
    method = fields.vint() >> 7 & 7
    fields.vint()  # system
    name = fields.take(fields.vint()).decode("utf-8", "replace")
    if flags & 8:
        raise Unmappable(Why.DAMAGED, f"{name} has no known size.")
    return RarFile(
        name=name,
        size_bytes=size,
        offset=header.after,
        packed_bytes=header.data_bytes,
        is_stored=method == 0,
        is_folder=bool(flags & 1),
        goes_on_from_before=bool(header.flags & 8),
        goes_on_after=bool(header.flags & 0x10),
        cipher=_cipher(header.extra, keys),
    )


def _cipher(extra: _Bytes, keys: Keys) -> tuple[bytes, bytes] | None:
    while extra.left > 1:
        record = _Bytes(extra.take(extra.vint()))
        if record.vint() != 1:
            continue
        record.vint()  # version
        flags, count, salt, iv = record.vint(), record.take(1)[0], record.take(16), record.take(16)
        return keys.rar5(salt, count, record.take(12) if flags & 1 else b""), iv
    return None
