"""Runs that look for dead content, and what is known of each entry's health."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct


class RunStatus(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    SELECTING = "selecting"
    PROBING = "probing"
    REPAIRING = "repairing"
    DONE = "done"


class HealthStatus(StrEnum):
    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    BROKEN = "broken"
    REPAIRING = "repairing"
    UNSUPPORTED = "unsupported"
    STALE = "stale"
    DEGRADED = "degraded"


PROOF: Final = frozenset(
    {"hoster_unavailable", "missing_provider_link", "empty_download_link", "usenet_segment_missing", "entry_not_found"}
)


class Wish(Struct, frozen=True, kw_only=True):
    """What a run is to do."""

    source: str = "both"  # arr, managed, both
    arr: str = ""
    media_ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    protocol: str = "all"
    fixes: bool = False
    ignores_last: bool = False
    unrestricts: bool = False
    strategy: str = "per_entry"
    workers: int = 5
    confirmed: bool = False  # mass deletions were agreed to


class Stats(Struct, frozen=True, kw_only=True):
    """Counts of a run."""

    candidates: int = 0
    skipped_fresh: int = 0
    probed: int = 0
    healthy: int = 0
    broken: int = 0
    unknown: int = 0
    repaired: int = 0
    cleared: int = 0
    repair_failed: int = 0
    unresolved: int = 0
    held_back: int = 0


class Broken(Struct, frozen=True, kw_only=True):
    """A file that is not there any more, and whose it is."""

    entry_name: str
    file_name: str
    info_hash: str
    protocol: str = "torrent"
    reason: str = ""
    size: int = 0
    provider: str = ""
    arr_name: str = ""
    arr_kind: str = ""
    media_id: int = 0
    episode_ids: tuple[int, ...] = ()
    arr_file_id: int = 0
    season_number: int = 0
    target_path: str = ""
    source_path: str = ""
    fixed: bool = False


class RepairRun(Struct, frozen=True, kw_only=True):
    """A row of a run."""

    run_id: str
    trigger: str
    status: RunStatus
    stage: Stage
    wanted: Wish
    stats: Stats
    broken: tuple[Broken, ...] = ()
    error: str = ""
    cancel_reason: str = ""
    source: str = ""
    started_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None

    @property
    def is_pending(self) -> bool:
        """It found something, and nobody has decided what to do about it."""
        open_ones = any(not one.fixed for one in self.broken)
        return self.status is RunStatus.COMPLETED and open_ones and not self.wanted.fixes


class Health(Struct, frozen=True, kw_only=True):
    """What is known of an entry."""

    entry_name: str
    info_hash: str
    protocol: str
    status: HealthStatus
    previous_status: str = ""
    fingerprint: str = ""
    file_count: int = 0
    broken_files: tuple[Broken, ...] = ()
    failure_reason: str = ""
    is_dirty: bool = False
    dirty_reason: str = ""
    checked_at: datetime | None = None
    ok_at: datetime | None = None
    failed_at: datetime | None = None
    repaired_at: datetime | None = None
    due_at: datetime | None = None
    unknowns: int = 0
    active_run_id: str = ""
    updated_at: datetime


Row = Mapping[str, Any]
