"""What is told about backups."""

from typing import ClassVar

from polycast.core.events.model import Audience, Event
from polycast.core.identity.scopes import Scope


class _BackupEvent(Event, frozen=True, kw_only=True):
    backup: str  # its name

    def audience(self) -> Audience:
        return Audience(scope=Scope.CORE_WRITE)


class BackupCreated(_BackupEvent, frozen=True, kw_only=True):
    """A backup was made and proved whole."""

    name: ClassVar[str] = "core.backup_created"

    size_bytes: int


class BackupFailed(_BackupEvent, frozen=True, kw_only=True):
    """A backup could not be made; nothing of it was left."""

    name: ClassVar[str] = "core.backup_failed"

    reason: str  # for people


class BackupRestored(_BackupEvent, frozen=True, kw_only=True):
    """All data is that of a backup now. The search is empty: whoever has things to be found indexes them again."""

    name: ClassVar[str] = "core.backup_restored"
