"""The programs that search and import, and the upkeep of what they were given."""

from sqlalchemy import Column, Index, LargeBinary, Table, UniqueConstraint

from polycast.acquire.tables.base import METADATA
from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, moment, whole, words

arrs = Table(
    "acquire_arrs",
    METADATA,
    key(),
    words("name"),  # also its category
    words("host"),
    Column("token_sealed", LargeBinary),
    words("kind"),  # sonarr, radarr, lidarr, readarr, whisparr, others
    flag("skip_repair"),
    words("download_uncached"),  # "", yes, no
    words("selected_debrid"),
    words("source"),  # auto, manual, config
    words("state"),  # pending, active
    whole("user_id"),  # in whose name it signs in
    words("version"),
    words("problem"),
    moment("seen_at", optional=True),
    moment("added_at"),
    UniqueConstraint("name"),
    Index("ix_acquire_arrs_host", "host"),
)

cleanups = Table(
    "acquire_cleanups",
    METADATA,
    key(),
    words("arr"),
    words("download_id"),
    words("title"),
    words("rule"),
    words("action"),
    words("result"),
    moment("at"),
    Index("ix_acquire_cleanups_at", "at"),
    UniqueConstraint("arr", "download_id", "rule"),
)

repair_runs = Table(
    "acquire_repair_runs",
    METADATA,
    key(),
    words("run_id"),
    words("trigger"),
    words("status"),
    words("stage"),
    Column("wanted", JsonText, nullable=False),
    Column("stats", JsonText, nullable=False),
    Column("broken", JsonText, nullable=False),
    words("error"),
    words("cancel_reason"),
    words("source"),
    moment("started_at"),
    moment("updated_at"),
    moment("completed_at", optional=True),
    UniqueConstraint("run_id"),
    Index("ix_acquire_repair_runs_started", "started_at"),
)

repair_actions = Table(
    "acquire_repair_actions",
    METADATA,
    key(),
    words("run_id"),
    words("kind"),
    words("info_hash"),
    words("protocol"),
    words("status"),
    words("error"),
    moment("started_at"),
    moment("completed_at", optional=True),
    Index("ix_acquire_repair_actions_run", "run_id"),
)

health = Table(
    "acquire_health",
    METADATA,
    key(),
    words("entry_name"),
    words("info_hash"),
    words("protocol"),
    words("status"),
    words("previous_status"),
    words("fingerprint"),
    whole("file_count"),
    Column("broken_files", JsonText, nullable=False),
    words("failure_reason"),
    flag("is_dirty"),
    words("dirty_reason"),
    moment("checked_at", optional=True),
    moment("ok_at", optional=True),
    moment("failed_at", optional=True),
    moment("repaired_at", optional=True),
    moment("due_at", optional=True),
    whole("unknowns"),  # inconclusive looks in a row
    words("active_run_id"),
    moment("updated_at"),
    UniqueConstraint("info_hash"),
    Index("ix_acquire_health_due", "due_at"),
    Index("ix_acquire_health_status", "status"),
)
