"""RAR 1.5 to 4 headers. Source: RARLAB, technote.txt of RAR 4."""

from binascii import crc32
from struct import Struct as Layout
from typing import Final

from polycast.acquire.archives.keys import Keys
from polycast.acquire.archives.model import Parsing, Unmappable, Why
from polycast.acquire.archives.rar_model import RarFile, RarVolume
from polycast.core.secrets import aes_cbc

SIGNATURE_BYTES: Final = 7
MAIN, FILE, SERVICE, END = 0x73, 0x74, 0x7A, 0x7B
BASE: Final = Layout("<HBHH")  # crc, type, flags, size
FIELDS: Final = Layout("<IIBIIBBHI")  # packed, unpacked, os, crc, time, version, method, name length, attributes
STORED: Final = 0x30
IS_SEALED, LARGE, UNICODE, SALTED = 0x80, 0x100, 0x200, 0x400
BEFORE, AFTER, ENCRYPTED, FOLDER = 0x01, 0x02, 0x04, 0xE0
HAS_DATA: Final = 0x8000
HEAD_BYTES: Final = 1024
BLOCKS: Final = 100_000
BLOCK: Final = 16
SALT: Final = 8


class _Header:
    def __init__(self, data: bytes, after: int) -> None:
        _, self.type, self.flags, _ = BASE.unpack_from(data)
        self.data = data
        self.after = after
        self.data_bytes = int.from_bytes(data[7:11], "little") if self.flags & HAS_DATA and len(data) >= 11 else 0


def read_rar4(keys: Keys) -> Parsing[RarVolume]:
    """Every header of a volume. Raises: Unmappable."""
    at = SIGNATURE_BYTES
    is_sealed = has_next = False
    number: int | None = None
    files: list[RarFile] = []
    for _ in range(BLOCKS):
        header = yield from (_sealed_header(at, keys) if is_sealed else _header(at))
        if header is None:
            break
        if header.type == MAIN and header.flags & IS_SEALED:
            is_sealed = True
            if not keys.password:
                raise Unmappable(Why.ENCRYPTED, "The archive needs a password.")
        if header.type == FILE:
            files.append(_file(header, keys))
            header.data_bytes = files[-1].packed_bytes
        at = header.after + header.data_bytes
        if header.type == END:
            has_next = bool(header.flags & 1)
            if header.flags & 8:
                number = int.from_bytes(header.data[7 + (4 if header.flags & 2 else 0) :][:2], "little")
            break
    return RarVolume(number=number, files=tuple(files), has_next=has_next)


def _header(at: int) -> Parsing[_Header | None]:
    head = yield (at, HEAD_BYTES)
    if len(head) < BASE.size:
        return None
    checksum, _, _, size = BASE.unpack_from(head)
    if size > len(head):
        head = yield (at, size)
    if size < BASE.size or len(head) < size or crc32(head[2:size]) & 0xFFFF != checksum:
        raise Unmappable(Why.DAMAGED, "The archive is damaged.")
    return _Header(head[:size], at + size)


def _sealed_header(at: int, keys: Keys) -> Parsing[_Header | None]:
    head = yield (at, HEAD_BYTES)
    if len(head) < SALT + BLOCK:
        return None
    key, iv = keys.rar4(head[:SALT])
    sealed = head[SALT:]
    plain = aes_cbc(key, iv, sealed[: len(sealed) // BLOCK * BLOCK])
    checksum, _, _, size = BASE.unpack_from(plain)
    whole = -(-size // BLOCK) * BLOCK
    if whole > len(plain):
        head = yield (at, SALT + whole)
        sealed = head[SALT:]
        plain = aes_cbc(key, iv, sealed[: len(sealed) // BLOCK * BLOCK])
    if size < BASE.size or len(plain) < size or crc32(plain[2:size]) & 0xFFFF != checksum:
        raise Unmappable(Why.BAD_PASSWORD, "The password of the archive is wrong.")
    return _Header(plain[:size], at + SALT + whole)


def _file(header: _Header, keys: Keys) -> RarFile:
    data, at = header.data, BASE.size + FIELDS.size
    if len(data) < at:
        raise Unmappable(Why.DAMAGED, "The archive is damaged.")
    packed, size, _, _, _, _, method, name_bytes, _ = FIELDS.unpack_from(data, BASE.size)
    if header.flags & LARGE:
        packed |= int.from_bytes(data[at : at + 4], "little") << 32
        size |= int.from_bytes(data[at + 4 : at + 8], "little") << 32
        at += 8
    name = _name(data[at : at + name_bytes], is_unicode=bool(header.flags & UNICODE))
    at += name_bytes
    cipher = None
    if header.flags & ENCRYPTED:
        if not keys.password:
            raise Unmappable(Why.ENCRYPTED, "The archive needs a password.")
        cipher = keys.rar4(data[at : at + SALT] if header.flags & SALTED else b"")
    return RarFile(
        name=name,
        size_bytes=size,
        offset=header.after,
        packed_bytes=packed,
        is_stored=method == STORED,
        is_folder=header.flags & FOLDER == FOLDER,
        goes_on_from_before=bool(header.flags & BEFORE),
        goes_on_after=bool(header.flags & AFTER),
        cipher=cipher,
    )


def _name(raw: bytes, *, is_unicode: bool) -> str:
    """The name; with a packed Unicode form behind a NUL when the plain one does not suffice."""
    plain, _, packed = raw.partition(b"\0")
    if not is_unicode:
        return plain.decode("cp437", "replace").replace("\\", "/")
    if not packed:
        return plain.decode("utf-8", "replace").replace("\\", "/")
    return _unpacked_name(plain, packed).replace("\\", "/")


def _unpacked_name(plain: bytes, packed: bytes) -> str:
    """Two bits a character say how it is stored: alone, with the common high byte, whole, or as in the plain name."""
    codes: list[int] = []
    high = packed[0]
    at, bits, left = 1, 0, 0
    while at < len(packed):
        if left == 0:
            bits, left, at = packed[at], 8, at + 1
        left -= 2
        kind = bits >> left & 3
        if kind == 0:
            codes += packed[at : at + 1]
            at += 1
        elif kind == 1:
            codes += [byte | high << 8 for byte in packed[at : at + 1]]
            at += 1
        elif kind == 2:
            codes.append(int.from_bytes(packed[at : at + 2], "little"))
            at += 2
        else:
            count = packed[at] if at < len(packed) else 0
            shift = packed[at + 1] if count & 0x80 and at + 1 < len(packed) else None
            at += 1 if shift is None else 2
            for position in range(len(codes), min(len(codes) + (count & 0x7F) + 2, len(plain))):
                codes.append(plain[position] if shift is None else ((plain[position] + shift) & 0xFF) | high << 8)
    return "".join(map(chr, codes))
