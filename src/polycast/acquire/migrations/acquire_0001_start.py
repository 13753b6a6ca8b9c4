"""The first tables of acquisition."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage import Flag, Instant, JsonText, Key

revision = "acquire_0001_start"
down_revision = None
branch_labels = ("acquire",)
depends_on = None

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _accounts()
    _arrs()
    _categories()
    _cleanups()
    _documents()
    _entries()
    _health()
    _intents()
    _links()
    _repair_actions()
    _repair_runs()
    _tags()
    _usage()
    _files()
    _made()
    _placements()
    _torrents()


def _accounts() -> None:
    op.create_table(
        "acquire_accounts",
        sa.Column("id", Key, primary_key=True),
        sa.Column("provider", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("profile", JsonText, nullable=False),
        sa.Column("error", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("disabled_until", Instant),
        sa.Column("looked_at", Instant),
        sa.Column("synced_at", Instant),
        sa.Column("items", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("held_back", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("held_at", Instant),
        sa.UniqueConstraint("provider", name=op.f("uq_acquire_accounts_provider")),
    )


def _arrs() -> None:
    op.create_table(
        "acquire_arrs",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("host", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("token_sealed", sa.LargeBinary()),
        sa.Column("kind", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("skip_repair", Flag, nullable=False, server_default=sa.text("0")),
        sa.Column("download_uncached", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("selected_debrid", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("source", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("user_id", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("version", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("problem", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("seen_at", Instant),
        sa.Column("added_at", Instant, nullable=False),
        sa.UniqueConstraint("name", name=op.f("uq_acquire_arrs_name")),
    )
    op.create_index("ix_acquire_arrs_host", "acquire_arrs", ["host"])


def _categories() -> None:
    op.create_table(
        "acquire_categories",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("save_path", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("name", name=op.f("uq_acquire_categories_name")),
    )


def _cleanups() -> None:
    op.create_table(
        "acquire_cleanups",
        sa.Column("id", Key, primary_key=True),
        sa.Column("arr", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("download_id", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("rule", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("action", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("result", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("at", Instant, nullable=False),
        sa.UniqueConstraint("arr", "download_id", "rule", name=op.f("uq_acquire_cleanups_arr_download_id_rule")),
    )
    op.create_index("ix_acquire_cleanups_at", "acquire_cleanups", ["at"])


def _documents() -> None:
    op.create_table(
        "acquire_documents",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("value", JsonText, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("name", name=op.f("uq_acquire_documents_name")),
    )


def _entries() -> None:
    op.create_table(
        "acquire_entries",
        sa.Column("id", Key, primary_key=True),
        sa.Column("info_hash", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("protocol", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("name", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("original_name", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("name_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("folder", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("magnet", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("category", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("tags", JsonText, nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("is_paused", Flag, nullable=False, server_default=sa.text("0")),
        sa.Column("is_forced", Flag, nullable=False, server_default=sa.text("0")),
        sa.Column("in_client", Flag, nullable=False, server_default=sa.text("0")),
        sa.Column("is_bad", Flag, nullable=False, server_default=sa.text("0")),
        sa.Column("progress", sa.Float(), nullable=False, server_default=sa.text("0")),
        sa.Column("speed_bps", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("seeders", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("fetched_bytes", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("position", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("active_provider", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("action", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("save_path", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("options", JsonText, nullable=False),
        sa.Column("client", JsonText, nullable=False),
        sa.Column("error", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("error_code", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("error_count", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("error_at", Instant),
        sa.Column("added_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("completed_at", Instant),
        sa.Column("imported_at", Instant),
        sa.Column("moved_at", Instant),
        sa.Column("retry_at", Instant),
        sa.Column("inserts", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("inserted_at", Instant),
        sa.UniqueConstraint("info_hash", name=op.f("uq_acquire_entries_info_hash")),
    )
    op.create_index("ix_acquire_entries_added", "acquire_entries", ["added_at", "id"])
    op.create_index("ix_acquire_entries_client", "acquire_entries", ["in_client", "category"])
    op.create_index("ix_acquire_entries_state", "acquire_entries", ["state"])


def _health() -> None:
    op.create_table(
        "acquire_health",
        sa.Column("id", Key, primary_key=True),
        sa.Column("entry_name", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("info_hash", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("protocol", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("status", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("previous_status", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("fingerprint", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("file_count", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("broken_files", JsonText, nullable=False),
        sa.Column("failure_reason", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("is_dirty", Flag, nullable=False, server_default=sa.text("0")),
        sa.Column("dirty_reason", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("checked_at", Instant),
        sa.Column("ok_at", Instant),
        sa.Column("failed_at", Instant),
        sa.Column("repaired_at", Instant),
        sa.Column("due_at", Instant),
        sa.Column("unknowns", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("active_run_id", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("updated_at", Instant, nullable=False),
        sa.UniqueConstraint("info_hash", name=op.f("uq_acquire_health_info_hash")),
    )
    op.create_index("ix_acquire_health_due", "acquire_health", ["due_at"])
    op.create_index("ix_acquire_health_status", "acquire_health", ["status"])


def _intents() -> None:
    op.create_table(
        "acquire_intents",
        sa.Column("id", Key, primary_key=True),
        sa.Column("info_hash", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("provider", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("made_at", Instant, nullable=False),
        sa.UniqueConstraint("info_hash", "provider", name=op.f("uq_acquire_intents_info_hash_provider")),
    )


def _links() -> None:
    op.create_table(
        "acquire_links",
        sa.Column("id", Key, primary_key=True),
        sa.Column("provider", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("account", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("link", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("url_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("made_at", Instant, nullable=False),
        sa.UniqueConstraint("provider", "account", "link", name=op.f("uq_acquire_links_provider_account_link")),
    )


def _repair_actions() -> None:
    op.create_table(
        "acquire_repair_actions",
        sa.Column("id", Key, primary_key=True),
        sa.Column("run_id", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("kind", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("info_hash", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("protocol", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("status", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("error", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("completed_at", Instant),
    )
    op.create_index("ix_acquire_repair_actions_run", "acquire_repair_actions", ["run_id"])


def _repair_runs() -> None:
    op.create_table(
        "acquire_repair_runs",
        sa.Column("id", Key, primary_key=True),
        sa.Column("run_id", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("trigger", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("status", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("stage", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("wanted", JsonText, nullable=False),
        sa.Column("stats", JsonText, nullable=False),
        sa.Column("broken", JsonText, nullable=False),
        sa.Column("error", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("cancel_reason", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("source", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("completed_at", Instant),
        sa.UniqueConstraint("run_id", name=op.f("uq_acquire_repair_runs_run_id")),
    )
    op.create_index("ix_acquire_repair_runs_started", "acquire_repair_runs", ["started_at"])


def _tags() -> None:
    op.create_table(
        "acquire_tags",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("name", name=op.f("uq_acquire_tags_name")),
    )


def _usage() -> None:
    op.create_table(
        "acquire_usage",
        sa.Column("id", Key, primary_key=True),
        sa.Column("provider", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("day", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("bytes_served", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("provider", "day", name=op.f("uq_acquire_usage_provider_day")),
    )


def _files() -> None:
    op.create_table(
        "acquire_files",
        sa.Column("id", Key, primary_key=True),
        sa.Column("entry_id", sa.BigInteger(), sa.ForeignKey("acquire_entries.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("name", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("path", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("added_at", Instant, nullable=False),
        sa.Column("range_start", sa.BigInteger()),
        sa.Column("priority", sa.BigInteger(), nullable=False, server_default=sa.text("1")),
        sa.Column("is_deleted", Flag, nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("entry_id", "name", name=op.f("uq_acquire_files_entry_id_name")),
    )


def _made() -> None:
    op.create_table(
        "acquire_made",
        sa.Column("id", Key, primary_key=True),
        sa.Column("entry_id", sa.BigInteger(), sa.ForeignKey("acquire_entries.id", ondelete="CASCADE"), nullable=False),
        sa.Column("path", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("kind", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("entry_id", "path", name=op.f("uq_acquire_made_entry_id_path")),
    )


def _placements() -> None:
    op.create_table(
        "acquire_placements",
        sa.Column("id", Key, primary_key=True),
        sa.Column("entry_id", sa.BigInteger(), sa.ForeignKey("acquire_entries.id", ondelete="CASCADE"), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("remote_id", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("status", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("progress", sa.Float(), nullable=False, server_default=sa.text("0")),
        sa.Column("remote_files", JsonText, nullable=False),
        sa.Column("added_at", Instant, nullable=False),
        sa.Column("downloaded_at", Instant),
        sa.Column("removed_at", Instant),
        sa.Column("missed", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("fingerprint", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("entry_id", "provider", name=op.f("uq_acquire_placements_entry_id_provider")),
    )
    op.create_index("ix_acquire_placements_remote", "acquire_placements", ["provider", "remote_id"])


def _torrents() -> None:
    op.create_table(
        "acquire_torrents",
        sa.Column("id", Key, primary_key=True),
        sa.Column("entry_id", sa.BigInteger(), sa.ForeignKey("acquire_entries.id", ondelete="CASCADE"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("entry_id", name=op.f("uq_acquire_torrents_entry_id")),
    )
