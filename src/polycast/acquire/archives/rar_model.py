"""Headers of a RAR volume, of either format."""

from msgspec import Struct


class RarFile(Struct, frozen=True, kw_only=True):
    """A member's part in one volume."""

    name: str
    size_bytes: int  # unpacked, of the whole member
    offset: int  # of its bytes in the volume
    packed_bytes: int  # in this volume
    is_stored: bool
    is_folder: bool
    goes_on_from_before: bool
    goes_on_after: bool
    cipher: tuple[bytes, bytes] | None = None  # key, start value


class RarVolume(Struct, frozen=True, kw_only=True):
    """A volume."""

    number: int | None  # from 0, when the headers say it
    files: tuple[RarFile, ...]
    has_next: bool  # its end says that another follows
