"""What the media library tells the house."""

from typing import ClassVar

from polycast.core.events import Audience, Event
from polycast.core.identity.scopes import Scope


class ScanChanged(Event, frozen=True, kw_only=True):
    """A scan moves on or has ended."""

    name: ClassVar[str] = "library.scan_changed"
    coalesce: ClassVar[str | None] = "library"

    library: str  # its nanoid
    workflow: str
    status: str
    phase: str = ""
    done: int = 0
    total: int | None = None

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIBRARY_WRITE)


class LibraryChanged(Event, frozen=True, kw_only=True):
    """A library was made, changed or removed, or its titles have. Holds no title: whoever hears it asks anew."""

    name: ClassVar[str] = "library.library_changed"

    library_id: int
    library: str  # its nanoid
    change: str  # created, updated, removed, scanned, permissions

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIBRARY_PLAY)


class ItemsChanged(Event, frozen=True, kw_only=True):
    """Titles came, changed or went. For listeners in the house; keys only."""

    name: ClassVar[str] = "library.items_changed"

    item_ids: list[int]

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIBRARY_WRITE)


class PathArrived(Event, frozen=True, kw_only=True):
    """Another module has put a finished file into a folder of ours."""

    name: ClassVar[str] = "library.path_arrived"

    path: str
