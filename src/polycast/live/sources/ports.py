"""What refreshes need of others."""

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from msgspec import Struct

from polycast.core.events.model import Event
from polycast.core.jobs.model import Run


class Imported(Struct, frozen=True, kw_only=True):
    """A complete import, before it is reported."""

    account_id: int
    scanned_at: datetime  # streams of the account without `stale_at` were met in this scan
    has_changed: bool  # False: no stream was added, changed, lost or found again


class Synced(Struct, frozen=True, kw_only=True):
    """What the channels made of an import."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    failed: int = 0


class AfterImport(Protocol):
    """Called at the end of each complete import: auto channel sync, catch-up roll-up."""

    async def imported(self, what: Imported, run: Run) -> Synced: ...


class NothingAfter:
    """For a server without channels to keep in step."""

    async def imported(self, what: Imported, run: Run) -> Synced:
        return Synced()


class AccountChannels(Protocol):
    """The channels that a sync has made from an account: the line-up's."""

    async def remove_of(self, account_id: int) -> int:
        """Stop and delete them; how many."""
        ...


class NoChannels:
    """For a server without channels."""

    async def remove_of(self, account_id: int) -> int:
        return 0


class Unpack(Protocol):
    """Opens a file that may be compressed (gz, xz, zip by magic) as the plain bytes, bounded. `core/files` has it."""

    def __call__(self, source: Path, /) -> AbstractContextManager[BinaryIO]: ...


class Teller(Protocol):
    """Where progress is told: `core/events`."""

    def tell(self, event: Event) -> None: ...
