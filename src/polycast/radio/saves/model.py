"""Backups of single accounts: one archive each."""

from datetime import datetime
from typing import Any, Final

from msgspec import Struct

NONE, QUEUED, RUNNING, READY, FAILED, RESTORE_QUEUED, RESTORING, RESTORE_FAILED = range(8)
NEVER, DAILY, WEEKLY, MONTHLY = range(4)
FULL, QUICK = 0, 1
FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
ACCOUNT: Final = "account.json"
ENDING: Final = ".tar.gz"


class BackupAccount(Struct, frozen=True):
    """Save an account."""

    account_id: int
    quick: bool = False


class RestoreFile(Struct, frozen=True):
    """Bring an account back from a file of the restore folder, or from an account's own backup."""

    file: str  # a name, never a path
    overwrite: bool = False
    account_id: int = 0  # whose own backup it is; 0: one of the restore folder


class Manifest(Struct, frozen=True, kw_only=True):
    """What an archive holds, and how to tell whether it is whole."""

    format: int
    username: str
    created: datetime
    quick: bool
    version: str
    files: int
    bytes: int
    sha256: dict[str, str]


class SavedAccount(Struct, frozen=True, kw_only=True):
    """The account itself. Passwords are sealed with the key of the machine that saved it."""

    username: str
    email: str
    first_name: str
    status: int
    password_sealed: str  # base64; empty when there is none
    values: dict[str, Any]  # limits, features and the like, by column
    port_range_min: int


Rows = dict[str, list[dict[str, Any]]]


class Saved(Struct, frozen=True, kw_only=True):
    """An account and all of its rows, by table."""

    account: SavedAccount
    rows: Rows
