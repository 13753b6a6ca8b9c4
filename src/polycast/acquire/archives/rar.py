"""What both RAR formats come to, and how the volumes of a set belong together. Source: specs/acquire.md 4.6."""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from polycast.acquire.archives.keys import Keys
from polycast.acquire.archives.model import CbcKey, Extent, Parsing, Stored, Unmappable, Volume, Why, parsed
from polycast.acquire.archives.rar4 import read_rar4
from polycast.acquire.archives.rar5 import read_rar5
from polycast.acquire.archives.rar_model import RarFile, RarVolume

RAR4: Final = bytes.fromhex("526172211a0700")
RAR5: Final = bytes.fromhex("526172211a070100")
_PART: Final = re.compile(r"\.part(\d{1,5})\.rar$", re.IGNORECASE)
_OLD: Final = re.compile(r"\.([r-z])(\d{2})$", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\.(\d{1,5})$")


def is_rar(head: bytes) -> bool:
    """Whether a file begins as a RAR volume does."""
    return head.startswith((RAR4, RAR5))


def read_volume(keys: Keys) -> Parsing[RarVolume]:
    """Every header of a volume. Raises: Unmappable."""
    head = yield (0, 8)
    if head.startswith(RAR5):
        return (yield from read_rar5(keys))
    if head.startswith(RAR4):
        return (yield from read_rar4(keys))
    raise Unmappable(Why.DAMAGED, "This is no RAR archive.")


class _Open(Struct):
    first: RarFile
    extents: list[Extent]
    packed: int


async def map_rar(volumes: Sequence[Volume], password: str) -> list[Stored]:
    """Every stored member of a set of volumes, which need not be in order. Raises: Unmappable."""
    keys = Keys(password)
    return join_rar([await parsed(read_volume(keys), volume) for volume in volumes], volumes)


def join_rar(found: Sequence[RarVolume], volumes: Sequence[Volume]) -> list[Stored]:
    """The members of volumes whose headers were read. Raises: Unmappable."""
    order = sorted(range(len(volumes)), key=lambda at: (_number(found[at], volumes[at].name), at))
    if found[order[-1]].has_next:
        raise Unmappable(Why.INCOMPLETE, "The last volumes of the archive are missing.")
    return _joined([(at, found[at]) for at in order])


def _joined(volumes: Sequence[tuple[int, RarVolume]]) -> list[Stored]:
    members: list[Stored] = []
    is_open: _Open | None = None
    for at, volume in volumes:
        for file in volume.files:
            if file.is_folder:
                continue
            if not file.is_stored:
                raise Unmappable(Why.COMPRESSED, f"{file.name} is compressed in the archive.")
            extent = Extent(at, file.offset, file.packed_bytes)
            if file.goes_on_from_before:
                if is_open is None or is_open.first.name != file.name:
                    raise Unmappable(Why.INCOMPLETE, "Volumes of the archive are missing.")
                is_open.extents.append(extent)
                is_open.packed += file.packed_bytes
            else:
                if is_open is not None:
                    raise Unmappable(Why.INCOMPLETE, "Volumes of the archive are missing.")
                is_open = _Open(file, [extent], file.packed_bytes)
            if not file.goes_on_after:
                members.append(_member(is_open))
                is_open = None
    if is_open is not None:
        raise Unmappable(Why.INCOMPLETE, "The last volumes of the archive are missing.")
    return members


def _member(done: _Open) -> Stored:
    size = done.first.size_bytes
    enough = -(-size // 16) * 16 if done.first.cipher else size
    if done.packed < enough or (not done.first.cipher and done.packed != size):
        raise Unmappable(Why.INCOMPLETE, f"{done.first.name} is not whole in the archive.")
    cipher = done.first.cipher
    return Stored(
        name=done.first.name,
        size_bytes=size,
        extents=tuple(done.extents),
        cipher=CbcKey(key=cipher[0], iv=cipher[1]) if cipher else None,
    )


def _number(volume: RarVolume, name: str) -> int:
    """Its place in the set: by its header, else by its name."""
    if volume.number is not None:
        return volume.number
    if found := _PART.search(name):
        return int(found[1])
    if found := _OLD.search(name):
        return (ord(found[1].lower()) - ord("r")) * 100 + int(found[2]) + 1
    if name.lower().endswith(".rar"):
        return 0
    if found := _NUMBER.search(name):
        return int(found[1])
    # A name that says nothing: where a member goes on, the volume is not the first.
    return 1 if volume.files and volume.files[0].goes_on_from_before else 0
