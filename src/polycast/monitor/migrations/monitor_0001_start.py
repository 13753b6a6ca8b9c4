"""The first tables of the watch."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage import Key

revision = "monitor_0001_start"
down_revision = None
branch_labels = ("monitor",)
depends_on = "core_0002_identity"

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _cooldowns()
    _deliveries()
    _incidents()
    _preferences()
    _recordings()
    _rules()
    _samples()
    _servers()
    _sessions()
    _silences()
    _snapshots()
    _texts()
    _activities()
    _incident_notes()


def _cooldowns() -> None:
    op.create_table(
        "monitor_cooldowns",
        sa.Column("name", sa.String(250), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("value", sa.Text, nullable=False, server_default=sa.text("''")),
    )
    op.create_index("ix_monitor_cooldowns_at", "monitor_cooldowns", ["at"])


def _deliveries() -> None:
    op.create_table(
        "monitor_deliveries",
        sa.Column("id", Key, primary_key=True),
        sa.Column("uuid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("dvr_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("activity_uuid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("provider_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("channel", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("channel_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("event_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("severity", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("status", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("tries", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("payload_size", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("error", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("notice", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("latency_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("uuid", "channel", "channel_id", name="uq_monitor_deliveries_uuid_channel_channel_id"),
    )
    op.create_index("ix_monitor_deliveries_at", "monitor_deliveries", ["at", "id"])
    op.create_index("ix_monitor_deliveries_channel", "monitor_deliveries", ["channel", "at", "id"])
    op.create_index("ix_monitor_deliveries_dvr", "monitor_deliveries", ["dvr_id", "at", "id"])
    op.create_index(
        "ix_monitor_deliveries_pending",
        "monitor_deliveries",
        ["due_at", "id"],
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index("ix_monitor_deliveries_status", "monitor_deliveries", ["status", "at", "id"])


def _incidents() -> None:
    op.create_table(
        "monitor_incidents",
        sa.Column("id", Key, primary_key=True),
        sa.Column("dvr_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("severity", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("muted", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("events", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("resolved_at", sa.BigInteger),
    )
    op.create_index(
        "ix_monitor_incidents_open",
        "monitor_incidents",
        ["dvr_id", "kind"],
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index("ix_monitor_incidents_opened", "monitor_incidents", ["opened_at", "id"])


def _preferences() -> None:
    op.create_table(
        "monitor_preferences",
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def _recordings() -> None:
    op.create_table(
        "monitor_recordings",
        sa.Column("id", Key, primary_key=True),
        sa.Column("dvr_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("job_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("episode_title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("channel_number", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("channel_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("image_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("summary", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("program_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("outcome", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("was_scheduled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("file_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("error", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("denials", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("denied_at", sa.BigInteger),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("dvr_id", "job_id", "starts_at", name="uq_monitor_recordings_dvr_id_job_id_starts_at"),
    )
    op.create_index("ix_monitor_recordings_ended", "monitor_recordings", ["ended_at", "id"])
    op.create_index("ix_monitor_recordings_state", "monitor_recordings", ["dvr_id", "outcome", "starts_at"])


def _rules() -> None:
    op.create_table(
        "monitor_rules",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("built_in", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )


def _samples() -> None:
    op.create_table(
        "monitor_samples",
        sa.Column("dvr_id", sa.String(40), primary_key=True),
        sa.Column("metric", sa.String(40), primary_key=True),
        sa.Column("step_s", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False, server_default=sa.text("1")),
    )


def _servers() -> None:
    op.create_table(
        "monitor_servers",
        sa.Column("id", Key, primary_key=True),
        sa.Column("dvr_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("provider", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("host", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("port", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("scheme", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("verify_tls", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("username", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("api_key", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("overrides", sa.Text, nullable=False),
        sa.Column("group_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("notes", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("position", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("deleted_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("dvr_id", name="uq_monitor_servers_dvr_id"),
    )


def _sessions() -> None:
    op.create_table(
        "monitor_sessions",
        sa.Column("id", Key, primary_key=True),
        sa.Column("dvr_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("key", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("track", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("channel_number", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("channel_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("device", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("user_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("ip", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("source", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("resolution", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("file_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("image_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("position_s", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("alerted_position_s", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("alerted_at", sa.BigInteger),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("end_reason", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("watched_s", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("dvr_id", "key", "started_at", name="uq_monitor_sessions_dvr_id_key_started_at"),
    )
    op.create_index("ix_monitor_sessions_dvr", "monitor_sessions", ["dvr_id", "started_at", "id"])
    op.create_index(
        "ix_monitor_sessions_running",
        "monitor_sessions",
        ["dvr_id", "id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_monitor_sessions_started", "monitor_sessions", ["started_at", "id"])


def _silences() -> None:
    op.create_table(
        "monitor_silences",
        sa.Column("id", Key, primary_key=True),
        sa.Column("match", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("made_by", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_monitor_silences_ends", "monitor_silences", ["ends_at"])


def _snapshots() -> None:
    op.create_table(
        "monitor_snapshots",
        sa.Column("dvr_id", sa.String(40), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _texts() -> None:
    op.create_table(
        "monitor_texts",
        sa.Column("id", Key, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("folded", SORTED, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("digest", name="uq_monitor_texts_digest"),
    )


def _activities() -> None:
    op.create_table(
        "monitor_activities",
        sa.Column("id", Key, primary_key=True),
        sa.Column("uuid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("dvr_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("dvr_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("event_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("message", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("icon", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("channel_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("channel_number", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("device_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("device_key", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("device_ip", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("program_title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("image_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("stream_source", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("extra", sa.Text, nullable=False),
        sa.Column("is_test", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column(
            "text_id",
            sa.BigInteger,
            sa.ForeignKey("monitor_texts.id", ondelete="RESTRICT", name="fk_monitor_activities_text_id"),
            nullable=False,
        ),
        sa.UniqueConstraint("uuid", name="uq_monitor_activities_uuid"),
    )
    op.create_index("ix_monitor_activities_at", "monitor_activities", ["at", "id"])
    op.create_index("ix_monitor_activities_device", "monitor_activities", ["device_key", "at", "id"])
    op.create_index("ix_monitor_activities_dvr", "monitor_activities", ["dvr_id", "at", "id"])
    op.create_index("ix_monitor_activities_dvr_type", "monitor_activities", ["dvr_id", "event_type", "at", "id"])
    op.create_index("ix_monitor_activities_text", "monitor_activities", ["text_id", "at", "id"])
    op.create_index("ix_monitor_activities_type", "monitor_activities", ["event_type", "at", "id"])


def _incident_notes() -> None:
    op.create_table(
        "monitor_incident_notes",
        sa.Column("id", Key, primary_key=True),
        sa.Column(
            "incident_id",
            sa.BigInteger,
            sa.ForeignKey("monitor_incidents.id", ondelete="CASCADE", name="fk_monitor_incident_notes_incident_id"),
            nullable=False,
        ),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("text", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("actor", sa.Text, nullable=False, server_default=sa.text("''")),
    )
    op.create_index("ix_monitor_incident_notes_incident", "monitor_incident_notes", ["incident_id", "id"])
