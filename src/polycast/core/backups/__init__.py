"""Backup and restore of everything: tables in a form that both engines read, and the folders that modules name."""

from polycast.core.backups.events import BackupCreated, BackupFailed, BackupRestored
from polycast.core.backups.jobs import jobs
from polycast.core.backups.model import CORE_PART, Backup, BadBackup, Kind, Manifest
from polycast.core.backups.restoring import finish_restore
from polycast.core.backups.service import Backups, CreateBackup
from polycast.core.backups.shelf import House, Making, Shelf

__all__ = [
    "CORE_PART",
    "Backup",
    "BackupCreated",
    "BackupFailed",
    "BackupRestored",
    "Backups",
    "BadBackup",
    "CreateBackup",
    "House",
    "Kind",
    "Making",
    "Manifest",
    "Shelf",
    "finish_restore",
    "jobs",
]
