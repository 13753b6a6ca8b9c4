"""What a backup is, outside and inside.

polycast-backup-2026.11.21.03.00.00.zip
  backup.json        the Cover: who made it, when, whether it is sealed
  payload.bin        only when sealed: the rest, as a zip of its own, encrypted (`sealing.py`)
  tables/<name>.jsonl  a table: lines of JSON arrays (`core/storage/copying.py`)
  files.bin          the contents of all files, one after the other, in the order of the manifest
  manifest.json      the Manifest: every table and file with its SHA-256
  keys/...           only when sealed: the key files, without which stored credentials cannot be opened
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

from polycast.core.errors import Invalid, Problem
from polycast.core.module import BackupPart
from polycast.core.storage.copying import Dumped

PRODUCT: Final = "polycast"
FORMAT: Final = 1
COVER_FILE: Final = "backup.json"
PAYLOAD_FILE: Final = "payload.bin"
MANIFEST_FILE: Final = "manifest.json"
CONTENTS_FILE: Final = "files.bin"
KEY_FILES: Final = ("seal.key", "sign.key")  # below keys/

# What belongs to the running server rather than to its data: a restore leaves these rows as they are.
KEPT_TABLES: Final = frozenset({"core_audit", "core_jobs", "core_workers", "core_leases", "core_schedules"})
# What lets somebody in without a password: restored only when asked for, or an old backup would revive what was revoked.
CREDENTIAL_TABLES: Final = frozenset({"core_sessions", "core_api_keys", "core_device_passwords"})
# Made again from the rows that were indexed, when `core.backup_restored` is told: the engines' own full-text parts cannot
# be carried over, and the rest without them would say that all is indexed.
SEARCH_TABLES: Final = frozenset({"core_search", "core_search_words", "core_search_grams", "core_search_texts"})
CORE_PART: Final = BackupPart(
    name="core",
    skip_tables=tuple(sorted({"core_throttle"} | SEARCH_TABLES | (KEPT_TABLES - {"core_audit"}))),
)


class Kind(StrEnum):
    """Why a backup was made. Only scheduled ones are removed again by themselves."""

    MANUAL = "manual"
    SCHEDULED = "scheduled"
    SAFETY = "safety"  # before a restore
    UPDATE = "update"  # before a change of the schema
    UPLOADED = "uploaded"


class Sealing(Struct, frozen=True, kw_only=True):
    """How the key of a sealed backup comes from its passphrase: scrypt (RFC 7914)."""

    salt: bytes
    n: int
    r: int
    p: int


class Cover(Struct, frozen=True, kw_only=True):
    """What may be read without the passphrase."""

    product: str
    format: int
    version: str  # of Polycast
    made_at: datetime
    kind: Kind
    sealing: Sealing | None = None


class TableEntry(Struct, frozen=True, kw_only=True):
    """A table in the backup."""

    name: str
    dumped: Dumped
    size_bytes: int
    sha256: str  # of the lines


class FileEntry(Struct, frozen=True, kw_only=True):
    """A file in the backup."""

    path: str  # below the data directory, "/" between segments
    size_bytes: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """Everything that is in the backup."""

    product: str
    format: int
    version: str
    made_at: datetime
    revisions: Sequence[str]  # of the schema
    tables: Sequence[TableEntry]
    folders: Sequence[str]  # taken whole, even when nothing was in them
    files: Sequence[FileEntry]
    keys: Sequence[FileEntry] = ()


class Backup(Struct, frozen=True, kw_only=True):
    """A backup in the list."""

    name: str
    size_bytes: int
    made_at: datetime
    kind: Kind
    version: str
    is_sealed: bool
    problem: str = ""  # why it cannot be used; empty when it looks well


class BadBackup(Invalid):
    """A file that is no backup of ours, is damaged, or needs another passphrase. Nothing of it may be used."""

    def __init__(self, why: str, *, code: str = "bad_backup") -> None:
        super().__init__([Problem("backup", code, {}, why)])
