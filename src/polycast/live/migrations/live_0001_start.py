"""Small tables people set live TV up with, and where streams come from."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage import Key

revision = "live_0001_start"
down_revision = None
branch_labels = ("live",)
depends_on = "core_0002_identity"

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _server_groups()
    _user_agents()
    _stream_profiles()
    _output_profiles()
    _settings()
    _hdhr_devices()
    _user_groups()
    _user_properties()
    _accounts()
    _account_profiles()
    _filters()
    _groups()
    _group_accounts()
    _streams()
    _stream_names()
    _stream_tvgs()
    _stream_hashes()
    _stream_stats()


def _server_groups() -> None:
    op.create_table(
        "live_server_groups",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("name", name="uq_live_server_groups_name"),
    )


def _user_agents() -> None:
    op.create_table(
        "live_user_agents",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("user_agent", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("description", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("is_active", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("name", name="uq_live_user_agents_name"),
        sa.UniqueConstraint("user_agent", name="uq_live_user_agents_user_agent"),
    )


def _stream_profiles() -> None:
    op.create_table(
        "live_stream_profiles",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("command", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("parameters", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("is_active", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("locked", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("user_agent_id", sa.BigInteger, sa.ForeignKey("live_user_agents.id", ondelete="SET NULL")),
        sa.UniqueConstraint("name", name="uq_live_stream_profiles_name"),
    )


def _output_profiles() -> None:
    op.create_table(
        "live_output_profiles",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("command", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("parameters", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("is_active", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("locked", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("name", name="uq_live_output_profiles_name"),
    )


def _settings() -> None:
    op.create_table(
        "live_settings",
        sa.Column("id", Key, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("value", sa.Text, nullable=False),
        sa.UniqueConstraint("key", name="uq_live_settings_key"),
    )


def _hdhr_devices() -> None:
    op.create_table(
        "live_hdhr_devices",
        sa.Column("id", Key, primary_key=True),
        sa.Column("friendly_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("device_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("tuner_count", sa.BigInteger, nullable=False, server_default=sa.text("3")),
        sa.UniqueConstraint("device_id", name="uq_live_hdhr_devices_device_id"),
    )


def _user_groups() -> None:
    op.create_table(
        "live_user_groups",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("permissions", sa.Text, nullable=False),
        sa.UniqueConstraint("name", name="uq_live_user_groups_name"),
    )


def _user_properties() -> None:
    op.create_table(
        "live_user_properties",
        sa.Column(
            "user_id",
            sa.BigInteger,
            sa.ForeignKey("core_users.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("stream_limit", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("user_level", sa.BigInteger),
        sa.Column("first_name", sa.Text),
        sa.Column("last_name", sa.Text),
        sa.Column("custom_properties", sa.Text, nullable=False),
        sa.Column("avatar_config", sa.Text, nullable=False),
    )


def _accounts() -> None:
    op.create_table(
        "live_accounts",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("account_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("url_sealed", sa.LargeBinary),
        sa.Column("url_masked", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("file_path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("username_sealed", sa.LargeBinary),
        sa.Column("password_sealed", sa.LargeBinary),
        sa.Column("login_sealed", sa.LargeBinary),
        sa.Column("server_group_id", sa.BigInteger, sa.ForeignKey("live_server_groups.id", ondelete="SET NULL")),
        sa.Column("max_streams", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_active", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("locked", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("user_agent_id", sa.BigInteger, sa.ForeignKey("live_user_agents.id", ondelete="SET NULL")),
        sa.Column("stream_profile_id", sa.BigInteger, sa.ForeignKey("live_stream_profiles.id", ondelete="SET NULL")),
        sa.Column("refresh_hours", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("cron", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("stale_days", sa.BigInteger, nullable=False, server_default=sa.text("7")),
        sa.Column("priority", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("status", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("last_message", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("enable_vod", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("auto_enable_groups_live", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("auto_enable_groups_vod", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("auto_enable_groups_series", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("orphan_cleanup", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("custom_properties", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger),
        sa.Column("scanned_at", sa.BigInteger),
        sa.Column("next_refresh_at", sa.BigInteger),
        sa.Column("deleted_at", sa.BigInteger),
        sa.Column("stream_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("entry_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("indexed_id", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("hash_keys", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("is_held", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("etag", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("last_modified", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("content_digest", sa.LargeBinary),
        sa.Column("shape_digest", sa.LargeBinary),
    )
    op.create_index("ix_live_accounts_name_key", "live_accounts", ["name_key", "id"])
    op.create_index("ux_live_accounts_name", "live_accounts", ["name"], unique=True)


def _account_profiles() -> None:
    op.create_table(
        "live_account_profiles",
        sa.Column("id", Key, primary_key=True),
        sa.Column("account_id", sa.BigInteger, sa.ForeignKey("live_accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("max_streams", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_active", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("is_default", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("search_pattern", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("replace_pattern", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("user_info", sa.Text),
        sa.Column("server_info", sa.Text),
        sa.Column("info_at", sa.BigInteger),
        sa.Column("login_fingerprint", sa.LargeBinary),
        sa.Column("catchup_layout", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("custom_properties", sa.Text, nullable=False),
        sa.UniqueConstraint("account_id", "name", name="uq_live_account_profiles_account_id_name"),
    )


def _filters() -> None:
    op.create_table(
        "live_filters",
        sa.Column("id", Key, primary_key=True),
        sa.Column("account_id", sa.BigInteger, sa.ForeignKey("live_accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("filter_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("regex_pattern", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("exclude", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("case_sensitive", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("position", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("custom_properties", sa.Text, nullable=False),
    )
    op.create_index("ix_live_filters_account", "live_filters", ["account_id", "position", "id"])


def _groups() -> None:
    op.create_table(
        "live_groups",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("name", name="uq_live_groups_name"),
    )
    op.create_index("ix_live_groups_name_key", "live_groups", ["name_key", "id"])


def _group_accounts() -> None:
    op.create_table(
        "live_group_accounts",
        sa.Column("id", Key, primary_key=True),
        sa.Column("account_id", sa.BigInteger, sa.ForeignKey("live_accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("group_id", sa.BigInteger, sa.ForeignKey("live_groups.id", ondelete="CASCADE"), nullable=False),
        sa.Column("enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("auto_channel_sync", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("sync_start", sa.BigInteger),
        sa.Column("sync_end", sa.BigInteger),
        sa.Column("category_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("custom_properties", sa.Text, nullable=False),
        sa.Column("stream_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("stale_at", sa.BigInteger),
        sa.Column("last_seen_at", sa.BigInteger),
        sa.UniqueConstraint("account_id", "group_id", name="uq_live_group_accounts_account_id_group_id"),
    )
    op.create_index("ix_live_group_accounts_group", "live_group_accounts", ["group_id"])


def _streams() -> None:
    op.create_table(
        "live_streams",
        sa.Column("id", Key, primary_key=True),
        sa.Column("account_id", sa.BigInteger, sa.ForeignKey("live_accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("group_id", sa.BigInteger),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("url_sealed", sa.LargeBinary),
        sa.Column("tvg_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("logo_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("provider_id", sa.BigInteger),
        sa.Column("number", sa.BigInteger),
        sa.Column("position", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_adult", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_catchup", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("catchup_days", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_custom", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("local_file", sa.Text),
        sa.Column("stream_profile_id", sa.BigInteger, sa.ForeignKey("live_stream_profiles.id", ondelete="SET NULL")),
        sa.Column("attributes", sa.Text),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("content_key", sa.BigInteger, nullable=False),
        sa.Column("stale_at", sa.BigInteger),
        sa.Column("last_seen_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_live_streams_account", "live_streams", ["account_id", "group_id", "id"])
    op.create_index(
        "ix_live_streams_catchup",
        "live_streams",
        ["id"],
        sqlite_where=sa.text("is_catchup = 1"),
        postgresql_where=sa.text("is_catchup = 1"),
    )
    op.create_index(
        "ix_live_streams_disabled",
        "live_streams",
        ["id"],
        sqlite_where=sa.text("enabled = 0"),
        postgresql_where=sa.text("enabled = 0"),
    )
    op.create_index(
        "ix_live_streams_profile",
        "live_streams",
        ["stream_profile_id"],
        sqlite_where=sa.text("stream_profile_id IS NOT NULL"),
        postgresql_where=sa.text("stream_profile_id IS NOT NULL"),
    )
    op.create_index(
        "ix_live_streams_stale",
        "live_streams",
        ["account_id", "last_seen_at"],
        sqlite_where=sa.text("stale_at IS NOT NULL"),
        postgresql_where=sa.text("stale_at IS NOT NULL"),
    )


def _stream_names() -> None:
    op.create_table(
        "live_stream_names",
        sa.Column("name_key", SORTED, primary_key=True),
        sa.Column("stream_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("group_id", sa.BigInteger),
        sqlite_with_rowid=False,
    )


def _stream_tvgs() -> None:
    op.create_table(
        "live_stream_tvgs",
        sa.Column("tvg_key", SORTED, primary_key=True),
        sa.Column("stream_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )


def _stream_hashes() -> None:
    op.create_table(
        "live_stream_hashes",
        sa.Column("hash_key", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("stream_id", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _stream_stats() -> None:
    op.create_table(
        "live_stream_stats",
        sa.Column(
            "stream_id",
            sa.BigInteger,
            sa.ForeignKey("live_streams.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("stats", sa.Text),
        sa.Column("updated_at", sa.BigInteger),
        sa.Column("health", sa.BigInteger, nullable=False, server_default=sa.text("1000")),
        sa.Column("failed_at", sa.BigInteger),
    )
