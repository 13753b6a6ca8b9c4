"""What our own pages read and write."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from polycast.acquire.arrs.model import Arr, ArrKind, Check
from polycast.acquire.catalogue.folder import Folder
from polycast.acquire.catalogue.model import Entry, State
from polycast.acquire.catalogue.tree import Shown
from polycast.acquire.providers.upkeep import AccountView
from polycast.acquire.repair.model import Health, RepairRun


class Transfer(Struct, frozen=True, kw_only=True):
    """A row of the downloads table. `id` is the hash."""

    id: str
    name: str
    category: str
    state: str
    is_paused: bool
    is_bad: bool
    progress: float  # 0..1
    size_bytes: int
    speed_bps: int
    seeders: int
    provider: str
    action: str
    error: str
    error_code: str
    path: str
    tags: tuple[str, ...]
    added_at: datetime

    @classmethod
    def of(cls, entry: Entry) -> "Transfer":
        return cls(
            id=entry.info_hash,
            name=entry.name,
            category=entry.category,
            state=entry.state.value,
            is_paused=entry.is_paused,
            is_bad=entry.is_bad,
            progress=1.0 if entry.is_complete else min(max(entry.progress, 0.0), 1.0),
            size_bytes=entry.size_bytes,
            speed_bps=entry.speed_bps if entry.state is State.DOWNLOADING else 0,
            seeders=entry.seeders,
            provider=entry.active_provider,
            action=entry.action.value,
            error=entry.error,
            error_code=entry.error_code,
            path=entry.content_path,
            tags=entry.tags,
            added_at=entry.added_at,
        )


class Transfers(Struct, frozen=True, kw_only=True):
    """A page; `next` is the cursor of the following one."""

    items: list[Transfer]
    next: str | None
    total: int
    categories: list[str]


class TransfersNew(Struct, kw_only=True):
    """Magnets, hashes or addresses, one a line."""

    text: Annotated[str, Meta(min_length=1, max_length=200_000)]
    category: Annotated[str, Meta(max_length=100)] = ""
    action: Literal["", "symlink", "download", "strm", "none"] = ""
    account: Annotated[str, Meta(max_length=100)] = ""


class AddResult(Struct, frozen=True, kw_only=True):
    """What became of one line."""

    text: str
    id: str
    name: str
    error: str


class AddResults(Struct, frozen=True, kw_only=True):
    items: list[AddResult]


class Chosen(Struct, kw_only=True):
    """Entries by their hashes, and what is to be done with them."""

    ids: Annotated[list[str], Meta(min_length=1, max_length=10_000)]
    what: Literal["pause", "resume", "retry", "delete"]
    files: bool = True
    accounts: bool = False


class Count(Struct, frozen=True, kw_only=True):
    count: int


class TreeRow(Struct, frozen=True, kw_only=True):
    """A folder or a file; `path` is what opens it."""

    id: str
    name: str
    is_folder: bool
    size_bytes: int
    files: int
    added_at: datetime | None
    account: str
    is_bad: bool
    link: str  # of a file: where its bytes are

    @classmethod
    def group(cls, name: str) -> "TreeRow":
        return cls(
            id=name, name=name, is_folder=True, size_bytes=0, files=0, added_at=None, account="", is_bad=False, link=""
        )

    @classmethod
    def folder(cls, folder: Folder) -> "TreeRow":
        return cls(
            id=folder.name,
            name=folder.name,
            is_folder=True,
            size_bytes=folder.size_bytes,
            files=folder.file_count,
            added_at=folder.added_at,
            account=folder.active,
            is_bad=folder.is_bad,
            link="",
        )

    @classmethod
    def file(cls, shown: Shown, link: str) -> "TreeRow":
        return cls(
            id=shown.file.name,
            name=shown.file.name,
            is_folder=False,
            size_bytes=shown.file.size_bytes,
            files=0,
            added_at=shown.file.added_at,
            account=shown.detail.entry.active_provider,
            is_bad=shown.detail.entry.is_bad,
            link=link,
        )


class TreePage(Struct, frozen=True, kw_only=True):
    items: list[TreeRow]
    next: str | None
    total: int


class Account(Struct, frozen=True, kw_only=True):
    """An account at a provider."""

    name: str
    provider: str
    username: str
    kind: str
    premium_until: str
    slots_used: int
    slots_limit: int | None
    error: str
    is_disabled: bool
    is_throttled: bool
    looked_at: str
    synced_at: str
    items: int
    held_back: int
    placements: int
    bytes_served: int
    rate_limit: str

    @classmethod
    def of(cls, view: AccountView, rate_limit: str) -> "Account":
        profile = view.profile
        return cls(
            name=view.name,
            provider=view.provider,
            username=str(profile.get("username") or ""),
            kind=str(profile.get("kind") or ""),
            premium_until=str(profile.get("premium_until") or ""),
            slots_used=int(profile.get("slots_used") or 0),
            slots_limit=profile.get("slots_limit"),
            error=view.error,
            is_disabled=view.disabled_until is not None,
            is_throttled=view.is_halved,
            looked_at=view.looked_at or "",
            synced_at=view.synced_at or "",
            items=view.items,
            held_back=view.held_back,
            placements=view.placements,
            bytes_served=view.bytes_served,
            rate_limit=rate_limit,
        )


class Accounts(Struct, frozen=True, kw_only=True):
    items: list[Account]


class AccountForm(Struct, kw_only=True):
    """An account to add or change. An empty key keeps the stored one."""

    provider: Literal["realdebrid", "alldebrid", "debridlink", "torbox", "premiumize"]
    name: Annotated[str, Meta(max_length=100)] = ""
    api_key: Annotated[str, Meta(max_length=500)] = ""
    download_uncached: bool = False


class Found(Struct, frozen=True, kw_only=True):
    """How a test went."""

    ok: bool
    text: str


class ArrRow(Struct, frozen=True, kw_only=True):
    """A connection to an Arr."""

    id: int
    name: str
    host: str
    kind: str
    state: str
    source: str
    version: str
    problem: str
    has_token: bool

    @classmethod
    def of(cls, arr: Arr) -> "ArrRow":
        return cls(
            id=arr.id,
            name=arr.name,
            host=arr.host,
            kind=arr.kind.value,
            state=arr.state.value,
            source=arr.source,
            version=arr.version,
            problem=arr.problem,
            has_token=bool(arr.token),
        )


class Arrs(Struct, frozen=True, kw_only=True):
    items: list[ArrRow]


class ArrNew(Struct, kw_only=True):
    """A connection to add, or the one with this name to change."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    host: Annotated[str, Meta(min_length=1, max_length=500)]
    token: Annotated[str, Meta(max_length=200)] = ""
    kind: ArrKind | None = None


class Checked(Struct, frozen=True, kw_only=True):
    """Every step of a test, with what would mend it."""

    items: Sequence[Check]


class Run(Struct, frozen=True, kw_only=True):
    """A repair run."""

    id: str
    trigger: str
    status: str
    stage: str
    is_pending: bool
    started_at: datetime
    completed_at: datetime | None
    candidates: int
    probed: int
    healthy: int
    broken: int
    unknown: int
    repaired: int
    failed: int
    held_back: int
    error: str

    @classmethod
    def of(cls, run: RepairRun) -> "Run":
        stats = run.stats
        return cls(
            id=run.run_id,
            trigger=run.trigger,
            status=run.status.value,
            stage=str(run.stage),
            is_pending=run.is_pending,
            started_at=run.started_at,
            completed_at=run.completed_at,
            candidates=stats.candidates,
            probed=stats.probed,
            healthy=stats.healthy,
            broken=stats.broken,
            unknown=stats.unknown,
            repaired=stats.repaired,
            failed=stats.repair_failed,
            held_back=stats.held_back,
            error=run.error or run.cancel_reason,
        )


class Sick(Struct, frozen=True, kw_only=True):
    """An entry that is not well."""

    name: str
    status: str
    reason: str
    checked_at: datetime | None

    @classmethod
    def of(cls, one: Health) -> "Sick":
        return cls(name=one.entry_name, status=one.status.value, reason=one.failure_reason, checked_at=one.checked_at)


class Repair(Struct, frozen=True, kw_only=True):
    runs: list[Run]
    counts: dict[str, int]
    sick: list[Sick]
    next_at: datetime | None


class RepairNew(Struct, kw_only=True):
    fixes: bool = False
    everything: bool = False


class Settings(Struct, frozen=True, kw_only=True):
    """The settings that people change most; the rest is in `/api/config`."""

    download_folder: str
    mount_path: str
    default_download_action: str
    folder_naming: str
    categories: tuple[str, ...]
    refresh_interval: str
    max_active_downloads: int
    remove_stalled_after: str
    allow_samples: bool
    skip_multi_season: bool
    use_auth: bool
    arr_logins: bool
    webdav_inbox: bool
    webdav_delete: str
    repair_enabled: bool
    repair_schedule: str
    repair_auto: bool
    cleanup_enabled: bool
    cleanup_dry_run: bool


class SettingsPatch(Struct, kw_only=True):
    """Some of them by name."""

    values: dict[str, Any]


class Mount(Struct, frozen=True, kw_only=True):
    """What starts an rclone that mounts the tree."""

    command: list[str]
    unit: str  # of systemd
