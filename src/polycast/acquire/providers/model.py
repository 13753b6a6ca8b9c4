"""What every provider says, in one vocabulary."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from polycast.acquire.catalogue.model import Status


class RemoteFile(Struct, frozen=True, kw_only=True):
    """A file of an item at a provider."""

    id: str
    path: str
    size_bytes: int
    link: str = ""
    is_selected: bool = True


class RemoteItem(Struct, frozen=True, kw_only=True):
    """An item at a provider; in lists without files."""

    id: str
    info_hash: str
    name: str
    original_name: str = ""
    size_bytes: int = 0
    status: Status
    progress: float = 0.0
    speed_bps: int = 0
    seeders: int = 0
    added_at: datetime | None = None
    files: tuple[RemoteFile, ...] = ()
    needs_selection: bool = False
    is_packed: bool = False  # one link for many files: a stored archive of them all
    error: str = ""

    @property
    def fingerprint(self) -> str:
        """Changes when the item does, so that an unchanged one needs no further look."""
        return f"{self.status.value}:{self.size_bytes}:{self.name}"


class Account(Struct, frozen=True, kw_only=True):
    """Who we are at a provider."""

    username: str = ""
    email: str = ""
    kind: str = ""  # premium, free, trial
    premium_until: datetime | None = None
    points: int = 0
    slots_used: int = 0
    slots_limit: int | None = None
    traffic_bytes: int = 0


class DirectLink(Struct, frozen=True, kw_only=True):
    """Where a file's bytes are, for a while. Never leaves the server."""

    url: str
    size_bytes: int = 0

    def __repr__(self) -> str:
        return "DirectLink()"


class Probe(StrEnum):
    """Whether a file is still there."""

    ALIVE = "alive"
    GONE = "gone"
    UNKNOWN = "unknown"


class Abilities(Struct, frozen=True, kw_only=True):
    """How providers differ in what can be asked."""

    can_check_cache: bool = False
    has_direct_links: bool = False
    needs_selection: bool = False
    packs: bool = False
    takes_files: bool = True
    takes_nzbs: bool = False


class FileAt(Struct, frozen=True, kw_only=True):
    """A file at a provider, as much as is needed to read it."""

    item_id: str
    file_id: str
    link: str
    path: str
    size_bytes: int
    start: int = 0  # of its bytes in what the link leads to


Cached = Mapping[str, bool]  # hash -> whether the provider has it
