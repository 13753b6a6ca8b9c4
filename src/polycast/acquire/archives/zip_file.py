"""The directory of a ZIP file; the members that are stored. Source: PKWARE, APPNOTE.TXT 6.3."""

from collections.abc import Sequence
from struct import Struct as Layout
from typing import Final

from polycast.acquire.archives.model import Parsing, Stored, Unmappable, Volume, Why, parsed
from polycast.acquire.archives.spanned import Spanned

SIGNATURES: Final = (b"PK\x03\x04", b"PK\x05\x06")
TAIL_BYTES: Final = 256 * 1024
DIRECTORY_MOST: Final = 64 * 1024 * 1024
END: Final = Layout("<4s4H2LH")
END64: Final = Layout("<4sQ2H2L4Q")
LOCATOR: Final = Layout("<4sLQL")
ENTRY: Final = Layout("<4s6H3L5H2L")
LOCAL: Final = Layout("<4s5H3L2H")
WHOLE: Final = 0xFFFFFFFF


async def map_zip(volumes: Sequence[Volume]) -> list[Stored]:
    """Every stored member; the volumes are in order. Raises: Unmappable."""
    whole = Spanned(volumes)
    found = await parsed(_read(whole.size_bytes), whole)
    return [
        Stored(name=name, size_bytes=size, extents=whole.extents(start, size)) for name, start, size in found if size
    ]


def _read(size_bytes: int) -> Parsing[list[tuple[str, int, int]]]:
    """(name, first byte, size) of each member."""
    first = max(0, size_bytes - TAIL_BYTES)
    tail = yield (first, TAIL_BYTES)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < END.size:
        raise Unmappable(Why.INCOMPLETE, "The end of the archive is missing.")
    _, _, _, _, count, length, start, _ = END.unpack_from(tail, at)
    if count == 0xFFFF or WHOLE in {start, length}:
        count, length, start = yield from _large(tail, at)
    if length > DIRECTORY_MOST or start + length > size_bytes:
        raise Unmappable(Why.DAMAGED, "The archive is damaged.")
    directory = yield (start, length)
    members = []
    for name, local, size in _entries(directory, count):
        head = yield (local, LOCAL.size)
        if len(head) < LOCAL.size or not head.startswith(b"PK\x03\x04"):
            raise Unmappable(Why.DAMAGED, "The archive is damaged.")
        name_bytes, extra_bytes = LOCAL.unpack(head)[-2:]
        members.append((name, local + LOCAL.size + name_bytes + extra_bytes, size))
    return members


def _large(tail: bytes, at: int) -> Parsing[tuple[int, int, int]]:
    if at < LOCATOR.size or not tail.startswith(b"PK\x06\x07", at - LOCATOR.size):
        raise Unmappable(Why.DAMAGED, "The archive is damaged.")
    place = LOCATOR.unpack_from(tail, at - LOCATOR.size)[2]
    record = yield (place, END64.size)
    if len(record) < END64.size or not record.startswith(b"PK\x06\x06"):
        raise Unmappable(Why.DAMAGED, "The archive is damaged.")
    fields = END64.unpack(record)
    return fields[7], fields[8], fields[9]


def _entries(directory: bytes, count: int) -> list[tuple[str, int, int]]:
    found = []
    at = 0
    for _ in range(count):
        if len(directory) - at < ENTRY.size or not directory.startswith(b"PK\x01\x02", at):
            raise Unmappable(Why.DAMAGED, "The archive is damaged.")
        fields = ENTRY.unpack_from(directory, at)
        flags, method = fields[3], fields[4]
        packed, size, name_bytes, extra_bytes, note_bytes, local = *fields[8:10], *fields[10:13], fields[16]
        at += ENTRY.size
        raw, extra = directory[at : at + name_bytes], directory[at + name_bytes : at + name_bytes + extra_bytes]
        at += name_bytes + extra_bytes + note_bytes
        name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        size, packed, local = _sizes(extra, size, packed, local)
        if name.endswith("/"):
            continue
        if flags & 1:
            raise Unmappable(Why.ENCRYPTED, "The archive is encrypted.")
        if method != 0 or packed != size:
            raise Unmappable(Why.COMPRESSED, f"{name} is compressed in the archive.")
        found.append((name, local, size))
    return found


def _sizes(extra: bytes, size: int, packed: int, local: int) -> tuple[int, int, int]:
    """The three values, from the zip64 field where they did not fit."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = int.from_bytes(extra[at : at + 2], "little"), int.from_bytes(extra[at + 2 : at + 4], "little")
        if kind == 1:
            values = [int.from_bytes(extra[at + 4 + 8 * i : at + 12 + 8 * i], "little") for i in range(length // 8)]
            size = values.pop(0) if size == WHOLE and values else size
            packed = values.pop(0) if packed == WHOLE and values else packed
            local = values.pop(0) if local == WHOLE and values else local
        at += 4 + length
    return size, packed, local
