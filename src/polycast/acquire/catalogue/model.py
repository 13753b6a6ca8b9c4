"""Entries, their files, and where they live."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

MAGNET_TYPES = frozenset({"torrent", "nzb"})


class State(StrEnum):
    """Where an entry is on its way; each dialect has a word for each."""

    QUEUED = "queued"  # waits for a slot, a rate or a provider that answers
    RESOLVING = "resolving"  # a provider has it and looks for its files
    DOWNLOADING = "downloading"
    STALLED = "stalled"  # the provider has no seeds or no speed
    MOVING = "moving"  # a local action runs
    DONE = "done"
    FAILED = "failed"
    MISSING = "missing"  # it was there, and no provider has it now


ENDED = frozenset({State.DONE, State.FAILED, State.MISSING})
AT_PROVIDER = frozenset({State.RESOLVING, State.DOWNLOADING, State.STALLED})


class Status(StrEnum):
    """How an item is doing at a provider."""

    WAITING = "waiting"  # for its metadata, or for us to choose files
    QUEUED = "queued"
    DOWNLOADING = "downloading"
    DOWNLOADED = "downloaded"
    ERROR = "error"
    DEAD = "dead"


class Action(StrEnum):
    """What is put into the download folder."""

    SYMLINK = "symlink"
    DOWNLOAD = "download"
    STRM = "strm"
    NONE = "none"


class Options(Struct, frozen=True, kw_only=True):
    """What the request for an entry asked for."""

    debrid: str = ""  # only this account
    download_uncached: bool | None = None
    skip_multi_season: bool = False
    rm_tracker_urls: bool = False
    callback_url: str = ""
    source: str = "api"  # api, qbit, sabnzbd, watch, switcher
    password: str = ""
    parent: str = ""  # hash of the pack that this season was split from
    arr: str = ""


class ClientSettings(Struct, frozen=True, kw_only=True):
    """What download clients set and read back; nothing here changes what we do."""

    ratio_limit: float = -2
    seeding_minutes: int = -2
    inactive_minutes: int = -2
    download_limit: int = 0
    upload_limit: int = 0
    sequential: bool = False
    first_last: bool = False
    super_seeding: bool = False
    auto_management: bool = False
    trackers: tuple[str, ...] = ()
    comment: str = ""
    download_path: str = ""


class Entry(Struct, frozen=True, kw_only=True):
    """One acquired item."""

    id: int
    info_hash: str
    protocol: str = "torrent"
    name: str
    original_name: str = ""
    folder: str
    size_bytes: int = 0
    magnet: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    state: State = State.QUEUED
    is_paused: bool = False
    is_forced: bool = False
    in_client: bool = True
    is_bad: bool = False
    progress: float = 0.0
    speed_bps: int = 0
    seeders: int = 0
    fetched_bytes: int = 0
    position: int = 0
    active_provider: str = ""
    action: Action = Action.SYMLINK
    save_path: str = ""
    options: Options = Options()
    client: ClientSettings = ClientSettings()
    error: str = ""
    error_code: str = ""
    error_count: int = 0
    error_at: datetime | None = None
    added_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None
    imported_at: datetime | None = None
    moved_at: datetime | None = None
    retry_at: datetime | None = None
    inserts: int = 0
    inserted_at: datetime | None = None

    @property
    def content_path(self) -> str:
        """Where a download client finds it. Never equal to `save_path`, or an Arr thinks it is not ready."""
        return f"{self.save_path}/{self.folder}"

    @property
    def is_complete(self) -> bool:
        return self.state is State.DONE


class File(Struct, frozen=True, kw_only=True):
    """A file of an entry."""

    id: int
    entry_id: int
    position: int
    name: str
    path: str
    size_bytes: int
    added_at: datetime
    range_start: int | None = None
    priority: int = 1
    is_deleted: bool = False


class NewFile(Struct, frozen=True, kw_only=True):
    """A file that a provider, or a torrent, says an entry has."""

    path: str
    size_bytes: int
    remote_id: str = ""
    link: str = ""
    range_start: int | None = None


class RemoteRef(Struct, frozen=True, kw_only=True):
    """A file as one provider knows it."""

    id: str = ""
    link: str = ""
    path: str = ""
    start: int = 0  # of its bytes in the file behind the link: not 0 in an archive of several


class Placement(Struct, frozen=True, kw_only=True):
    """An entry at one provider."""

    id: int
    entry_id: int
    provider: str
    remote_id: str
    status: Status
    progress: float = 0.0
    remote_files: Mapping[str, RemoteRef] = {}
    added_at: datetime
    downloaded_at: datetime | None = None
    removed_at: datetime | None = None
    missed: int = 0
    fingerprint: str = ""

    @property
    def is_live(self) -> bool:
        return self.removed_at is None and self.status is Status.DOWNLOADED


class Detail(Struct, frozen=True, kw_only=True):
    """An entry with everything that belongs to it."""

    entry: Entry
    files: tuple[File, ...]
    placements: tuple[Placement, ...]

    @property
    def shown(self) -> tuple[File, ...]:
        """What people see of its files."""
        return tuple(file for file in self.files if not file.is_deleted)
