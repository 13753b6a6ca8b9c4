"""The guide, the line-up, and what happens while people watch."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage import Key

revision = "live_0002_lineup"
down_revision = "live_0001_start"
branch_labels = None
depends_on = None

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER_ORDER = sa.text("coalesce(eff_number, 4611686018427387904)")


def upgrade() -> None:
    _guide_sources()
    _guide_channels()
    _programme_pages()
    _logos()
    _channels()
    _guide_suggestions()
    _channel_overrides()
    _channel_streams()
    _channel_profiles()
    _channel_profile_members()
    _undos()
    _user_channel_profiles()
    _relays()
    _slots()
    _clients()
    _system_events()


def _guide_sources() -> None:
    op.create_table(
        "live_guide_sources",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("source_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("url_sealed", sa.LargeBinary),
        sa.Column("url_masked", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("file_path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("username_sealed", sa.LargeBinary),
        sa.Column("password_sealed", sa.LargeBinary),
        sa.Column("is_active", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("refresh_hours", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("cron", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("priority", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("status", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("last_message", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("custom_properties", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger),
        sa.Column("next_refresh_at", sa.BigInteger),
        sa.Column("channel_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("programme_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("etag", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("last_modified", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("content_digest", sa.LargeBinary),
        sa.Column("kept_file", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("name", name="uq_live_guide_sources_name"),
    )
    op.create_index("ix_live_guide_sources_name_key", "live_guide_sources", ["name_key", "id"])


def _guide_channels() -> None:
    op.create_table(
        "live_guide_channels",
        sa.Column("id", Key, primary_key=True),
        sa.Column(
            "source_id", sa.BigInteger, sa.ForeignKey("live_guide_sources.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("tvg_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("tvg_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("icon_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("programmes_key", sa.BigInteger),
        sa.Column("programme_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("source_id", "tvg_id", name="uq_live_guide_channels_source_id_tvg_id"),
    )
    op.create_index("ix_live_guide_channels_name", "live_guide_channels", ["name_key", "id"])
    op.create_index("ix_live_guide_channels_tvg", "live_guide_channels", ["tvg_key", "source_id"])


def _programme_pages() -> None:
    op.create_table(
        "live_programme_pages",
        sa.Column("id", Key, primary_key=True),
        sa.Column(
            "guide_channel_id",
            sa.BigInteger,
            sa.ForeignKey(
                "live_guide_channels.id",
                name="fk_live_programme_pages_guide_channel_id_live_guide_channels",
                ondelete="CASCADE",
            ),
            nullable=False,
        ),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("titles", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index(
        "ix_live_programme_pages_window", "live_programme_pages", ["guide_channel_id", "first_at", "last_at"]
    )


def _guide_suggestions() -> None:
    op.create_table(
        "live_guide_suggestions",
        sa.Column("id", Key, primary_key=True),
        sa.Column(
            "channel_id",
            sa.BigInteger,
            sa.ForeignKey(
                "live_channels.id", name="fk_live_guide_suggestions_channel_id_live_channels", ondelete="CASCADE"
            ),
            nullable=False,
        ),
        sa.Column("score", sa.BigInteger, nullable=False),
        sa.Column("is_certain", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("candidates", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("channel_id", name="uq_live_guide_suggestions_channel_id"),
    )
    op.create_index("ix_live_guide_suggestions_score", "live_guide_suggestions", ["score", "id"])


def _logos() -> None:
    op.create_table(
        "live_logos",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("url", name="uq_live_logos_url"),
    )
    op.create_index("ix_live_logos_name_key", "live_logos", ["name_key", "id"])


def _channels() -> None:
    op.create_table(
        "live_channels",
        sa.Column("id", Key, primary_key=True),
        sa.Column("uuid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("number", sa.BigInteger),
        sa.Column("group_id", sa.BigInteger, sa.ForeignKey("live_groups.id", ondelete="SET NULL")),
        sa.Column("logo_id", sa.BigInteger, sa.ForeignKey("live_logos.id", ondelete="SET NULL")),
        sa.Column("tvg_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("tvc_guide_stationid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("guide_channel_id", sa.BigInteger, sa.ForeignKey("live_guide_channels.id", ondelete="SET NULL")),
        sa.Column("stream_profile_id", sa.BigInteger, sa.ForeignKey("live_stream_profiles.id", ondelete="SET NULL")),
        sa.Column("eff_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("eff_name_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("eff_number", sa.BigInteger),
        sa.Column("eff_group_id", sa.BigInteger, sa.ForeignKey("live_groups.id", ondelete="SET NULL")),
        sa.Column("eff_logo_id", sa.BigInteger, sa.ForeignKey("live_logos.id", ondelete="SET NULL")),
        sa.Column("eff_tvg_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("eff_tvc_guide_stationid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("eff_guide_channel_id", sa.BigInteger, sa.ForeignKey("live_guide_channels.id", ondelete="SET NULL")),
        sa.Column(
            "eff_stream_profile_id", sa.BigInteger, sa.ForeignKey("live_stream_profiles.id", ondelete="SET NULL")
        ),
        sa.Column("user_level", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_adult", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_radio", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_catchup", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("catchup_days", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_hidden", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("auto_created", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("auto_account_id", sa.BigInteger, sa.ForeignKey("live_accounts.id", ondelete="SET NULL")),
        sa.Column("auto_group_id", sa.BigInteger, sa.ForeignKey("live_groups.id", ondelete="SET NULL")),
        sa.Column("relay_options", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("uuid", name="uq_live_channels_uuid"),
    )
    op.create_index("ix_live_channels_auto", "live_channels", ["auto_account_id", "auto_group_id"])
    op.create_index("ix_live_channels_base_group", "live_channels", ["group_id"])
    op.create_index("ix_live_channels_base_guide", "live_channels", ["guide_channel_id"])
    op.create_index("ix_live_channels_base_logo", "live_channels", ["logo_id"])
    op.create_index("ix_live_channels_group", "live_channels", ["eff_group_id", NUMBER_ORDER, "id"])
    op.create_index("ix_live_channels_guide", "live_channels", ["eff_guide_channel_id", "eff_number"])
    op.create_index("ix_live_channels_logo", "live_channels", ["eff_logo_id"])
    op.create_index("ix_live_channels_name", "live_channels", ["eff_name_key", "id"])
    op.create_index("ix_live_channels_number", "live_channels", ["eff_number", "id"])
    op.create_index("ix_live_channels_tvg", "live_channels", ["eff_tvg_id"])
    op.create_index("ix_live_channels_order", "live_channels", [NUMBER_ORDER, "id"])
    op.create_index("ix_live_channels_visible", "live_channels", ["is_hidden", NUMBER_ORDER, "id"])
    op.create_index("ix_live_channels_visible_name", "live_channels", ["is_hidden", "eff_name_key", "id"])


def _channel_overrides() -> None:
    op.create_table(
        "live_channel_overrides",
        sa.Column(
            "channel_id",
            sa.BigInteger,
            sa.ForeignKey("live_channels.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("name", sa.Text),
        sa.Column("number", sa.BigInteger),
        sa.Column("group_id", sa.BigInteger, sa.ForeignKey("live_groups.id", ondelete="SET NULL")),
        sa.Column("logo_id", sa.BigInteger, sa.ForeignKey("live_logos.id", ondelete="SET NULL")),
        sa.Column("tvg_id", sa.Text),
        sa.Column("tvc_guide_stationid", sa.Text),
        sa.Column("guide_channel_id", sa.BigInteger, sa.ForeignKey("live_guide_channels.id", ondelete="SET NULL")),
        sa.Column("stream_profile_id", sa.BigInteger, sa.ForeignKey("live_stream_profiles.id", ondelete="SET NULL")),
    )


def _channel_streams() -> None:
    op.create_table(
        "live_channel_streams",
        sa.Column(
            "channel_id",
            sa.BigInteger,
            sa.ForeignKey("live_channels.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column(
            "stream_id",
            sa.BigInteger,
            sa.ForeignKey("live_streams.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("position", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    )
    op.create_index("ix_live_channel_streams_stream", "live_channel_streams", ["stream_id", "channel_id"])


def _channel_profiles() -> None:
    op.create_table(
        "live_channel_profiles",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("name", name="uq_live_channel_profiles_name"),
    )


def _channel_profile_members() -> None:
    op.create_table(
        "live_channel_profile_members",
        sa.Column(
            "profile_id",
            sa.BigInteger,
            sa.ForeignKey("live_channel_profiles.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column(
            "channel_id",
            sa.BigInteger,
            sa.ForeignKey("live_channels.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
    )
    op.create_index("ix_live_channel_profile_members_channel", "live_channel_profile_members", ["channel_id"])


def _undos() -> None:
    op.create_table(
        "live_undos",
        sa.Column("id", Key, primary_key=True),
        sa.Column("token", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("text", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("token", name="uq_live_undos_token"),
    )


def _user_channel_profiles() -> None:
    op.create_table(
        "live_user_channel_profiles",
        sa.Column(
            "user_id",
            sa.BigInteger,
            sa.ForeignKey("core_users.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column(
            "profile_id",
            sa.BigInteger,
            sa.ForeignKey("live_channel_profiles.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
    )
    op.create_index("ix_live_user_channel_profiles_profile", "live_user_channel_profiles", ["profile_id"])


def _relays() -> None:
    op.create_table(
        "live_relays",
        sa.Column(
            "channel_id",
            sa.BigInteger,
            sa.ForeignKey("live_channels.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("node", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("address", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("stream_id", sa.BigInteger),
        sa.Column("account_profile_id", sa.BigInteger),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
    )


def _slots() -> None:
    op.create_table(
        "live_slots",
        sa.Column("id", Key, primary_key=True),
        sa.Column("account_id", sa.BigInteger, sa.ForeignKey("live_accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column(
            "account_profile_id",
            sa.BigInteger,
            sa.ForeignKey("live_account_profiles.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("server_group_id", sa.BigInteger),
        sa.Column("login_fingerprint", sa.LargeBinary),
        sa.Column("holder", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("node", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("priority", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("taken_at", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("holder", "account_profile_id", name="uq_live_slots_holder_account_profile_id"),
    )
    op.create_index("ix_live_slots_login", "live_slots", ["server_group_id", "login_fingerprint", "lease_until"])
    op.create_index("ix_live_slots_profile", "live_slots", ["account_profile_id", "lease_until"])


def _clients() -> None:
    op.create_table(
        "live_clients",
        sa.Column("id", Key, primary_key=True),
        sa.Column("client_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("node", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("channel_uuid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("channel_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("stream_id", sa.BigInteger),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("username", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("ip_address", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("user_agent", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("connected_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("end_reason", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("bytes_sent", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("failovers", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("output_format", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("output_profile_id", sa.BigInteger),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("client_id", name="uq_live_clients_client_id"),
    )
    op.create_index("ix_live_clients_ended", "live_clients", ["ended_at", "id"])
    op.create_index(
        "ix_live_clients_running",
        "live_clients",
        ["user_id", "id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_live_clients_user", "live_clients", ["user_id", "id"])


def _system_events() -> None:
    op.create_table(
        "live_system_events",
        sa.Column("id", Key, primary_key=True),
        sa.Column("event_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("channel_uuid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("channel_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_index("ix_live_system_events_type", "live_system_events", ["event_type", "id"])
