"""What happens while people watch."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage import Key

revision = "library_0002_playback"
down_revision = "library_0001_start"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _progress()
    _plays()
    _sessions()
    _marks()
    _looks()
    _subtitles()
    _subtitle_shifts()
    _variants()
    _optimization()
    _devices()
    _display_preferences()
    _quick_connects()


def _progress() -> None:
    op.create_table(
        "library_progress",
        sa.Column("id", Key, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("profile_id", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("top_id", sa.BigInteger),
        sa.Column("position_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("duration_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("watched", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("play_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("last_played_at", sa.BigInteger),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("audio_language", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("subtitle_language", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("file_id", sa.BigInteger),
        sa.Column("source", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("is_hidden", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_favorite", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.ForeignKeyConstraint(["user_id"], ["core_users.id"], name="fk_library_progress_user_id", ondelete="CASCADE"),
        sa.UniqueConstraint("user_id", "profile_id", "item_id", name="uq_library_progress_user_id_profile_id_item_id"),
    )
    op.create_index("ix_library_progress_item", "library_progress", ["item_id"])
    op.create_index("ix_library_progress_recent", "library_progress", ["user_id", "profile_id", "last_played_at"])
    op.create_index("ix_library_progress_top", "library_progress", ["user_id", "profile_id", "top_id"])


def _plays() -> None:
    op.create_table(
        "library_plays",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("profile_id", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("top_id", sa.BigInteger),
        sa.Column("file_id", sa.BigInteger),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("played_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("completed", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("mode", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("client", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("device", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.ForeignKeyConstraint(["user_id"], ["core_users.id"], name="fk_library_plays_user_id", ondelete="CASCADE"),
        sa.UniqueConstraint("nanoid", name="uq_library_plays_nanoid"),
    )
    op.create_index("ix_library_plays_item", "library_plays", ["item_id", "started_at"])
    op.create_index("ix_library_plays_started", "library_plays", ["started_at"])
    op.create_index("ix_library_plays_user", "library_plays", ["user_id", "profile_id", "started_at"])


def _sessions() -> None:
    op.create_table(
        "library_sessions",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("profile_id", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("credential_id", sa.BigInteger),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("file_id", sa.BigInteger, nullable=False),
        sa.Column("play_id", sa.BigInteger),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("mode", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("quality", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("position_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("duration_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("bandwidth_bps", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("client", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("device", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("network", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.ForeignKeyConstraint(["user_id"], ["core_users.id"], name="fk_library_sessions_user_id", ondelete="CASCADE"),
        sa.UniqueConstraint("nanoid", name="uq_library_sessions_nanoid"),
    )
    op.create_index("ix_library_sessions_ended", "library_sessions", ["ended_at"])
    op.create_index(
        "ix_library_sessions_live",
        "library_sessions",
        ["user_id", "id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _marks() -> None:
    op.create_table(
        "library_marks",
        sa.Column("id", Key, primary_key=True),
        sa.Column("uuid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("file_id", sa.BigInteger),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("start_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("end_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("source", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("confidence", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_locked", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.ForeignKeyConstraint(["file_id"], ["library_files.id"], name="fk_library_marks_file_id", ondelete="CASCADE"),
        sa.UniqueConstraint("uuid", name="uq_library_marks_uuid"),
    )
    op.create_index("ix_library_marks_file", "library_marks", ["file_id"])
    op.create_index("ix_library_marks_item", "library_marks", ["item_id", "start_ms"])


def _looks() -> None:
    op.create_table(
        "library_looks",
        sa.Column("file_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("size", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["library_files.id"], name="fk_library_looks_file_id", ondelete="CASCADE"),
        sa.UniqueConstraint("file_id", "kind", name="uq_library_looks_file_id_kind"),
    )


def _subtitles() -> None:
    op.create_table(
        "library_subtitles",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("file_id", sa.BigInteger),
        sa.Column("source", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("format", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("language", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("is_forced", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_hearing_impaired", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("offset_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["library_files.id"], name="fk_library_subtitles_file_id", ondelete="SET NULL"
        ),
        sa.UniqueConstraint("nanoid", name="uq_library_subtitles_nanoid"),
    )
    op.create_index("ix_library_subtitles_item", "library_subtitles", ["item_id", "id"])


def _subtitle_shifts() -> None:
    op.create_table(
        "library_subtitle_shifts",
        sa.Column("sidecar_id", sa.BigInteger, nullable=False),
        sa.Column("offset_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("sidecar_id", name="pk_library_subtitle_shifts"),
    )


def _variants() -> None:
    op.create_table(
        "library_variants",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("file_id", sa.BigInteger, nullable=False),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("recipe", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("container", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("video_codec", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("audio_codec", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("height", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("bitrate", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("size", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("status", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("error", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("covers", sa.Text, nullable=False),
        sa.Column("probed", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["library_files.id"], name="fk_library_variants_file_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("file_id", "recipe", name="uq_library_variants_file_id_recipe"),
        sa.UniqueConstraint("nanoid", name="uq_library_variants_nanoid"),
    )
    op.create_index("ix_library_variants_item", "library_variants", ["item_id"])
    op.create_index("ix_library_variants_status", "library_variants", ["status", "id"])


def _optimization() -> None:
    op.create_table(
        "library_optimization",
        sa.Column("id", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library_optimization"),
    )


def _devices() -> None:
    op.create_table(
        "library_devices",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("credential_id", sa.BigInteger, nullable=False),
        sa.Column("device_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("device", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("client", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("version", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("capabilities", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_users.id"], name="fk_library_devices_user_id", ondelete="CASCADE"),
        sa.UniqueConstraint("credential_id", name="uq_library_devices_credential_id"),
        sa.UniqueConstraint("nanoid", name="uq_library_devices_nanoid"),
    )
    op.create_index("ix_library_devices_user", "library_devices", ["user_id", "device_id"])


def _display_preferences() -> None:
    op.create_table(
        "library_display_preferences",
        sa.Column("id", Key, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("client", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("body", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["core_users.id"], name="fk_library_display_preferences_user_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", "name", "client", name="uq_library_display_preferences_user_id_name_client"),
    )


def _quick_connects() -> None:
    op.create_table(
        "library_quick_connects",
        sa.Column("id", Key, primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("code", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("device_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("device", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("client", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("version", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("secret_hash", name="uq_library_quick_connects_secret_hash"),
    )
    op.create_index("ix_library_quick_connects_code", "library_quick_connects", ["code"])
