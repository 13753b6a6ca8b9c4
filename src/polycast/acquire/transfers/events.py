"""What is published or told about entries."""

from typing import ClassVar

from polycast.core.events import Audience, Event
from polycast.core.identity.scopes import Scope

READERS = Audience(scope=Scope.ACQUIRE_READ)


class EntryAdded(Event, frozen=True, kw_only=True):
    """Somebody wants something."""

    name: ClassVar[str] = "acquire.entry_added"
    info_hash: str
    title: str
    category: str

    def audience(self) -> Audience:
        return READERS


class EntryChanged(Event, frozen=True, kw_only=True):
    """An entry has another state."""

    name: ClassVar[str] = "acquire.entry_changed"
    info_hash: str
    title: str
    category: str
    state: str
    error: str = ""
    provider: str = ""
    path: str = ""  # where a client finds it

    def audience(self) -> Audience:
        return READERS


class EntryRemoved(Event, frozen=True, kw_only=True):
    """An entry is no more shown to download clients, or gone altogether."""

    name: ClassVar[str] = "acquire.entry_removed"
    info_hash: str
    title: str
    category: str
    is_gone: bool

    def audience(self) -> Audience:
        return READERS


class LibraryChanged(Event, frozen=True, kw_only=True):
    """Folders of the tree have come, gone or changed."""

    name: ClassVar[str] = "acquire.library_changed"
    hashes: list[str]

    def audience(self) -> Audience:
        return READERS


class Progressed(Event, frozen=True, kw_only=True):
    """How far a transfer is; told, not stored."""

    name: ClassVar[str] = "acquire.progressed"
    coalesce: ClassVar[str | None] = "info_hash"
    info_hash: str
    state: str
    progress: float
    speed_bps: int
    seeders: int

    def audience(self) -> Audience:
        return READERS


class PlaybackFailed(Event, frozen=True, kw_only=True):
    """A file could not be read to its end."""

    name: ClassVar[str] = "acquire.playback_failed"
    info_hash: str
    file: str
    reason: str

    def audience(self) -> Audience:
        return READERS
