"""What is in a backup of the original's form."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, field

from polycast.core.errors import PolycastError
from polycast.monitor.history.model import Activity

BACKUP_SCHEMA: Final = 1
MIB: Final = 1024 * 1024
MOST_BYTES: Final = 64 * MIB  # of the archive
MOST_MEMBER: Final = 32 * MIB
MOST_TOTAL: Final = 128 * MIB
MOST_MEMBERS: Final = 256
MOST_MANIFEST: Final = MIB


class BadArchive(PolycastError):
    """No backup, or one that is damaged. Nothing of it is used."""

    code = "bad_archive"


class TooNew(PolycastError):
    """A backup of a later version than this one knows."""

    code = "too_new"


class OldUser(Struct, frozen=True, kw_only=True):
    """A user of an original."""

    username: str
    role: str
    password_hash: str = ""

    def __repr__(self) -> str:
        return f"OldUser({self.username!r})"


class Found(Struct, kw_only=True):
    """What a database file holds."""

    activities: list[Activity] = field(default_factory=list)
    users: list[OldUser] = field(default_factory=list)


class Manifest(Struct, frozen=True, kw_only=True):
    """`backup_manifest.json`."""

    backup_schema_version: int = BACKUP_SCHEMA
    settings_schema_version: int = 7
    created_at: str = ""
    created_by: str = ""
    files: list[str] = []


class Unpacked(Struct, frozen=True, kw_only=True):
    """A whole archive, judged and read."""

    manifest: Manifest
    settings: Mapping[str, Any]
    found: Found
    key: bytes | None  # opens its secrets; None: they stay closed

    def __repr__(self) -> str:
        return f"Unpacked({self.manifest!r})"
