"""7z headers, plain, packed or enciphered; the members that are copied as they are. Source: 7-Zip, "7zFormat.txt"."""

from binascii import crc32
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from polycast.acquire.archives.keys import Keys
from polycast.acquire.archives.model import CbcKey, Parsing, Stored, Unmappable, Volume, Why, parsed
from polycast.acquire.archives.spanned import Spanned
from polycast.core.errors import PolycastError
from polycast.core.files import plain_lzma
from polycast.core.secrets import aes_cbc

SIGNATURE: Final = bytes.fromhex("377abcaf271c")
START_BYTES: Final = 32
HEADER_MOST: Final = 64 * 1024 * 1024
MOST: Final = 1_000_000  # of anything that is counted
COPY, LZMA, LZMA2, AES = bytes.fromhex("00"), bytes.fromhex("030101"), bytes.fromhex("21"), bytes.fromhex("06f10701")
END, HEADER, MAIN, FILES, PACK, UNPACK, SUB = 0x00, 0x01, 0x04, 0x05, 0x06, 0x07, 0x08
SIZE, CRC, FOLDER, SIZES, COUNTS, EMPTY, NAMES, ENCODED = 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x11, 0x17


class Coder(Struct, frozen=True):
    """One step from stored to plain bytes."""

    id: bytes
    properties: bytes


class Packed(Struct):
    """One stretch of stored bytes: how it is coded, and the members in it."""

    coders: list[Coder]
    order: list[int]  # of the coders, from the stored bytes on
    sizes: list[int]  # after each coder
    start: int = 0  # behind the start header
    length: int = 0
    members: list[int] = []  # sizes

    @property
    def size_bytes(self) -> int:
        return self.sizes[self.order[-1]]


async def map_seven_zip(volumes: Sequence[Volume], password: str) -> list[Stored]:
    """Every stored member; the volumes are in order. Raises: Unmappable."""
    whole = Spanned(volumes)
    keys = Keys(password)
    try:
        stretches, names = await parsed(_read(whole.size_bytes, keys), whole)
    except IndexError as error:
        raise Unmappable(Why.DAMAGED, "The archive is damaged.") from error
    members: list[Stored] = []
    for stretch in stretches:
        cipher, skip = _cipher(stretch, keys), 0
        for size in stretch.members:
            if not names:
                raise Unmappable(Why.DAMAGED, "The archive is damaged.")
            start = START_BYTES + stretch.start + (0 if cipher else skip)
            extents = whole.extents(start, stretch.length if cipher else size)
            members.append(
                Stored(name=names.pop(0), size_bytes=size, extents=extents, cipher=cipher, skip=skip if cipher else 0)
            )
            skip += size
    return members


def _cipher(stretch: Packed, keys: Keys) -> CbcKey | None:
    """Raises: Unmappable for anything but copied bytes, enciphered or not."""
    kinds = [coder.id for coder in stretch.coders if coder.id != COPY]
    if not kinds:
        return None
    if kinds != [AES]:
        raise Unmappable(Why.COMPRESSED, "The archive is compressed.")
    return _key(next(coder for coder in stretch.coders if coder.id == AES), keys)


def _key(coder: Coder, keys: Keys) -> CbcKey:
    first, second = coder.properties[0], coder.properties[1] if len(coder.properties) > 1 else 0
    salt_bytes, iv_bytes = (first >> 7 & 1) + (second >> 4), (first >> 6 & 1) + (second & 15)
    salt, iv = coder.properties[2 : 2 + salt_bytes], coder.properties[2 + salt_bytes : 2 + salt_bytes + iv_bytes]
    return CbcKey(key=keys.seven_zip(salt, first & 0x3F), iv=iv.ljust(16, b"\0"))


def _read(size_bytes: int, keys: Keys) -> Parsing[tuple[list[Packed], list[str]]]:
    start = yield (0, START_BYTES)
    if len(start) < START_BYTES or not start.startswith(SIGNATURE):
        raise Unmappable(Why.DAMAGED, "This is no 7z archive.")
    offset, length = int.from_bytes(start[12:20], "little"), int.from_bytes(start[20:28], "little")
    if START_BYTES + offset + length > size_bytes:
        raise Unmappable(Why.INCOMPLETE, "The last parts of the archive are missing.")
    if length > HEADER_MOST:
        raise Unmappable(Why.DAMAGED, "The header of the archive is too large.")
    header = yield (START_BYTES + offset, length)
    if crc32(header) != int.from_bytes(start[28:32], "little"):
        raise Unmappable(Why.DAMAGED, "The archive is damaged.")
    for _ in range(4):
        fields = _Fields(header)
        kind = fields.byte()
        if kind == HEADER:
            return _header(fields)
        if kind != ENCODED:
            break
        stretches = _streams(fields)
        if not stretches:
            break
        stretch = stretches[0]
        packed = yield (START_BYTES + stretch.start, stretch.length)
        header = _unpacked(stretch, packed, keys)
    raise Unmappable(Why.DAMAGED, "The archive is damaged.")


def _unpacked(stretch: Packed, packed: bytes, keys: Keys) -> bytes:
    """A header that is packed, enciphered or both."""
    is_sealed = any(coder.id == AES for coder in stretch.coders)
    for at in stretch.order:
        coder, size = stretch.coders[at], stretch.sizes[at]
        try:
            if coder.id == AES:
                cipher = _key(coder, keys)
                packed = aes_cbc(cipher.key, cipher.iv, packed[: len(packed) // 16 * 16])[:size]
            elif coder.id in (LZMA, LZMA2):
                packed = plain_lzma(packed, properties=coder.properties, size_bytes=size, limit=HEADER_MOST)
            elif coder.id != COPY:
                raise Unmappable(Why.DAMAGED, "The header of the archive is packed in a way that is not known.")
        except Unmappable:
            raise
        except (PolycastError, ValueError) as error:
            why = Why.BAD_PASSWORD if is_sealed else Why.DAMAGED
            text = "The password of the archive is wrong." if is_sealed else "The archive is damaged."
            raise Unmappable(why, text) from error
    if is_sealed and packed[:1] not in (bytes([HEADER]), bytes([ENCODED])):
        raise Unmappable(Why.BAD_PASSWORD, "The password of the archive is wrong.")
    return packed


class _Fields:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def take(self, size: int) -> bytes:
        found = self._data[self._at : self._at + size]
        if len(found) != size:
            raise Unmappable(Why.DAMAGED, "The archive is damaged.")
        self._at += size
        return found

    def number(self) -> int:
        """As many following bytes as the first has leading ones; its other bits are the highest."""
        first, value = self.byte(), 0
        for extra in range(8):
            mask = 0x80 >> extra
            if not first & mask:
                return value | (first & (mask - 1)) << (8 * extra)
            value |= self.byte() << (8 * extra)
        return value

    def count(self) -> int:
        found = self.number()
        if found > MOST:
            raise Unmappable(Why.DAMAGED, "The archive is damaged.")
        return found

    def flags(self, count: int) -> list[bool]:
        raw = self.take((count + 7) // 8)
        return [bool(raw[at // 8] & 0x80 >> at % 8) for at in range(count)]

    def skip_digests(self, count: int) -> None:
        known = count if self.byte() else sum(self.flags(count))
        self.take(4 * known)


def _header(fields: _Fields) -> tuple[list[Packed], list[str]]:
    stretches: list[Packed] = []
    names: list[str] = []
    while (kind := fields.byte()) != END:
        if kind == MAIN:
            stretches = _streams(fields)
        elif kind == FILES:
            names = _names(fields)
        else:
            raise Unmappable(Why.DAMAGED, "The archive holds what is not known.")
    return stretches, names


def _streams(fields: _Fields) -> list[Packed]:
    start, lengths, stretches = 0, list[int](), list[Packed]()
    while (kind := fields.byte()) != END:
        if kind == PACK:
            start, lengths = _pack(fields)
        elif kind == UNPACK:
            stretches = _folders(fields)
        elif kind == SUB:
            _members(fields, stretches)
        else:
            raise Unmappable(Why.DAMAGED, "The archive holds what is not known.")
    if len(lengths) < len(stretches):
        raise Unmappable(Why.DAMAGED, "The archive is damaged.")
    for stretch, length in zip(stretches, lengths, strict=False):
        stretch.start, stretch.length = start, length
        stretch.members = stretch.members or [stretch.size_bytes]
        start += length
    return stretches


def _pack(fields: _Fields) -> tuple[int, list[int]]:
    start, count = fields.number(), fields.count()
    lengths: list[int] = []
    while (kind := fields.byte()) != END:
        if kind == SIZE:
            lengths = [fields.number() for _ in range(count)]
        elif kind == CRC:
            fields.skip_digests(count)
    return start, lengths


def _folders(fields: _Fields) -> list[Packed]:
    stretches: list[Packed] = []
    while (kind := fields.byte()) != END:
        if kind == FOLDER:
            count = fields.count()
            if fields.byte():
                raise Unmappable(Why.DAMAGED, "The archive keeps its header elsewhere.")
            stretches = [_folder(fields) for _ in range(count)]
        elif kind == SIZES:
            for stretch in stretches:
                stretch.sizes = [fields.number() for _ in stretch.coders]
        elif kind == CRC:
            fields.skip_digests(len(stretches))
    return stretches


def _folder(fields: _Fields) -> Packed:
    """The coders of a stretch, each with one input and one output, and in which order they follow one another."""
    coders: list[Coder] = []
    count = fields.count()
    for _ in range(count):
        flags = fields.byte()
        name = fields.take(flags & 15)
        if flags & 0x10:
            raise Unmappable(Why.COMPRESSED, "The archive is compressed.")
        coders.append(Coder(name, fields.take(fields.count()) if flags & 0x20 else b""))
    feeds = {}  # whose output -> whose input
    for _ in range(count - 1):
        taker, giver = fields.number(), fields.number()
        feeds[giver] = taker
    order = [at for at in range(count) if at not in feeds.values()][:1]
    while order and len(order) < count and order[-1] in feeds:
        order.append(feeds[order[-1]])
    if len(order) != count or max(order) >= count:
        raise Unmappable(Why.DAMAGED, "The archive is damaged.")
    return Packed(coders, order, [])


def _members(fields: _Fields, stretches: list[Packed]) -> None:
    counts = [1] * len(stretches)
    kind = fields.byte()
    if kind == COUNTS:
        counts = [fields.count() for _ in stretches]
        kind = fields.byte()
    has_sizes = kind == SIZE
    for stretch, count in zip(stretches, counts, strict=True):
        sizes = [fields.number() for _ in range(count - 1)] if has_sizes and count else []
        stretch.members = [*sizes, stretch.size_bytes - sum(sizes)] if count else []
    if has_sizes:
        kind = fields.byte()
    while kind != END:
        if kind == CRC:
            fields.skip_digests(sum(counts))
        kind = fields.byte()


def _names(fields: _Fields) -> list[str]:
    """Names of the members that have content, in order."""
    count = fields.count()
    names: list[str] = []
    empty = [False] * count
    while (kind := fields.byte()) != END:
        inside = _Fields(fields.take(fields.number()))
        if kind == EMPTY:
            empty = inside.flags(count)
        elif kind == NAMES:
            if inside.byte():
                raise Unmappable(Why.DAMAGED, "The archive keeps its header elsewhere.")
            names = _utf16(inside, count)
    return [name for name, is_empty in zip(names, empty, strict=True) if not is_empty] if names else []


def _utf16(fields: _Fields, count: int) -> list[str]:
    found: list[str] = []
    for _ in range(count):
        units = bytearray()
        while (unit := fields.take(2)) != b"\0\0":
            units += unit
        found.append(units.decode("utf-16-le", "replace"))
    return found
