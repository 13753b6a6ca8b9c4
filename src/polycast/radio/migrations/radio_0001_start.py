"""The first tables of radio hosting."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage import Key

revision = "radio_0001_start"
down_revision = None
branch_labels = ("radio",)
depends_on = "core_0002_identity"

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _account_events()
    _accounts()
    _mail_templates()
    _mails()
    _ssh_hosts()
    _templates()
    _usage_days()
    _values()
    _stations()
    _auth_listeners()
    _categories()
    _channels()
    _djs()
    _intro_groups()
    _jingle_blocks()
    _jingle_categories()
    _news()
    _playlists()
    _podcasts()
    _webhooks()
    _episodes()
    _intros()
    _jingles()
    _restreams()
    _rotations()
    _tracks()
    _grid_events()
    _history()
    _intro_slots()
    _jingle_schemes()
    _playlist_entries()
    _queue()
    _requests()
    _votes()


def _account_events() -> None:
    op.create_table(
        "radio_account_events",
        sa.Column("id", Key, primary_key=True),
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("text", sa.Text, nullable=False, server_default=sa.text("''")),
    )
    op.create_index("ix_radio_account_events_account_id", "radio_account_events", ["account_id", "id"])


def _accounts() -> None:
    op.create_table(
        "radio_accounts",
        sa.Column(
            "id",
            sa.BigInteger,
            sa.ForeignKey("core_users.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("owner_id", sa.BigInteger),
        sa.Column("email", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("email_key", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("image", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("status", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("status_error", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("suspend_reason", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("server_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("panel_port", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("default_channel_port", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("port_range_min", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("port_range_max", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_stations", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_streams", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_listeners", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_bitrate", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_du", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_traffic", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_accounts", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("youtube_streaming_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("fb_streaming_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("vk_streaming_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("tg_streaming_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("geoblocking_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("stereo_tool_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("url_branding_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("website_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("tts_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("podcasts_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("save_dj_streams_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("backup_status", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("backup_auto_type", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("backup_auto_when", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("backup_quick", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("backup_at", sa.BigInteger),
        sa.Column("backup_due_at", sa.BigInteger),
        sa.Column("branded_url", sa.Text, unique=True),
        sa.Column("branded_url_status", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("station_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("website_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("language", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("timezone", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("du_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("traffic_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("traffic_month", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("traffic_told", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("token_epoch", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("login_at", sa.BigInteger),
        sa.Column("joined_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_radio_accounts_email_key", "radio_accounts", ["email_key"])
    op.create_index("ix_radio_accounts_kind", "radio_accounts", ["kind", "id"])
    op.create_index("ix_radio_accounts_owner_id", "radio_accounts", ["owner_id"])
    op.create_index("ix_radio_accounts_panel_port", "radio_accounts", ["panel_port"])
    op.create_index("ix_radio_accounts_status", "radio_accounts", ["status"])


def _mail_templates() -> None:
    op.create_table(
        "radio_mail_templates",
        sa.Column("id", Key, primary_key=True),
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("language", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("email_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("subject", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("body", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("owner_id", "language", "email_type"),
    )


def _mails() -> None:
    op.create_table(
        "radio_mails",
        sa.Column("id", Key, primary_key=True),
        sa.Column("account_id", sa.BigInteger),
        sa.Column("email_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_radio_mails_account_id", "radio_mails", ["account_id", "email_type", "created_at"])
    op.create_index("ix_radio_mails_created_at", "radio_mails", ["created_at"])


def _ssh_hosts() -> None:
    op.create_table(
        "radio_ssh_hosts",
        sa.Column("id", Key, primary_key=True),
        sa.Column("host", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("port", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("public_key", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("host", "port"),
    )


def _templates() -> None:
    op.create_table(
        "radio_templates",
        sa.Column("id", Key, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("server_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("limit_stations", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_streams", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_listeners", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_bitrate", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_du", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_traffic", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("limit_accounts", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("youtube_streaming_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("fb_streaming_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("vk_streaming_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("tg_streaming_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("geoblocking_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("stereo_tool_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("url_branding_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("website_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("tts_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("podcasts_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("save_dj_streams_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("name_key"),
    )


def _usage_days() -> None:
    op.create_table(
        "radio_usage_days",
        sa.Column("account_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("listeners_peak", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("listened_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("traffic_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("du_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    )


def _values() -> None:
    op.create_table(
        "radio_values",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("sealed", sa.LargeBinary),
    )


def _stations() -> None:
    op.create_table(
        "radio_stations",
        sa.Column("id", Key, primary_key=True),
        sa.Column("account_id", sa.BigInteger, sa.ForeignKey("radio_accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("slug", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("description", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("genre", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("image", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("url_address", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("is_default", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_started", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("is_paused", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("password_sealed", sa.LargeBinary),
        sa.Column("timezone", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("charset", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("meta_format", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("static_metadata", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("autodj_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("crossfade_mode", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("crossfade_sec", sa.Float, nullable=False, server_default=sa.text("3.0")),
        sa.Column("loudness_target", sa.Float, nullable=False, server_default=sa.text("-14.0")),
        sa.Column("random_mode", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("resume_after_live", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("trim_silence", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("eq_preset", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("eq_gains", sa.Text, nullable=False),
        sa.Column("dc_filter", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("requests_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("request_ip_timeout", sa.BigInteger, nullable=False, server_default=sa.text("300")),
        sa.Column("request_track_timeout", sa.BigInteger, nullable=False, server_default=sa.text("900")),
        sa.Column("requests_moderated", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("request_every", sa.BigInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("likes_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("public", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("minisite_display", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("geo_mode", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("geo_countries", sa.Text, nullable=False),
        sa.Column("geo_networks", sa.Text, nullable=False),
        sa.Column("geo_agents", sa.Text, nullable=False),
        sa.Column("fallback_file", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("widget", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("slug"),
    )
    op.create_index("ix_radio_stations_account_id", "radio_stations", ["account_id"])


def _auth_listeners() -> None:
    op.create_table(
        "radio_auth_listeners",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("token_sealed", sa.LargeBinary, nullable=False),
        sa.Column("active", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("expires_at", sa.BigInteger),
        sa.UniqueConstraint("station_id", "token_hash"),
    )


def _categories() -> None:
    op.create_table(
        "radio_categories",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("station_id", "name"),
    )


def _channels() -> None:
    op.create_table(
        "radio_channels",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("active", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("is_paused", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("bitrate", sa.BigInteger, nullable=False, server_default=sa.text("128")),
        sa.Column("listeners", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("s_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("s_format", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("port", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("ssl_port", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("mount_point", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("fallback_mount", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("public", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("autodj_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("centovacast_compatible", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("proxy_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("ssl_proxy_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("proxy_url_path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("allow_auth_listeners_only", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("hls_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("queue_size", sa.BigInteger, nullable=False, server_default=sa.text("524288")),
        sa.Column("burst_size", sa.BigInteger, nullable=False, server_default=sa.text("131072")),
        sa.Column("password_sealed", sa.LargeBinary),
        sa.Column("admin_password_sealed", sa.LargeBinary),
        sa.Column("redirect_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("listeners_peak", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("traffic_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("traffic_month_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("traffic_month", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_radio_channels_port", "radio_channels", ["port"])
    op.create_index("ix_radio_channels_station_id", "radio_channels", ["station_id"])


def _djs() -> None:
    op.create_table(
        "radio_djs",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("username", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("active", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("cat", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("port", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("stream_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("priority", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("metadata", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("meta_source", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("meta_charset", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("image", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("volume_change", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("do_recording", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("do_recording_hourly", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("enforce_schedule", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("buffer_ms", sa.BigInteger, nullable=False, server_default=sa.text("2000")),
        sa.Column("silence_seconds", sa.BigInteger, nullable=False, server_default=sa.text("30")),
        sa.Column("password_sealed", sa.LargeBinary),
        sa.Column("dt_connect", sa.BigInteger),
        sa.Column("dt_disconnect", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_radio_djs_port", "radio_djs", ["port"])
    op.create_index("ix_radio_djs_station_id", "radio_djs", ["station_id"])


def _intro_groups() -> None:
    op.create_table(
        "radio_intro_groups",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("is_default", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    )
    op.create_index("ix_radio_intro_groups_station_id", "radio_intro_groups", ["station_id"])


def _jingle_blocks() -> None:
    op.create_table(
        "radio_jingle_blocks",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("items", sa.Text, nullable=False),
    )
    op.create_index("ix_radio_jingle_blocks_station_id", "radio_jingle_blocks", ["station_id"])


def _jingle_categories() -> None:
    op.create_table(
        "radio_jingle_categories",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("station_id", "name"),
    )


def _news() -> None:
    op.create_table(
        "radio_news",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("text", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_radio_news_station_id", "radio_news", ["station_id", "at"])


def _playlists() -> None:
    op.create_table(
        "radio_playlists",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("is_default", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_random", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("directory_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("current_order", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_radio_playlists_station_id", "radio_playlists", ["station_id"])


def _podcasts() -> None:
    op.create_table(
        "radio_podcasts",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("description", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("image", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("language", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("category", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("published", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_radio_podcasts_station_id", "radio_podcasts", ["station_id"])


def _webhooks() -> None:
    op.create_table(
        "radio_webhooks",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary),
        sa.Column("active", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("last_result", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("last_at", sa.BigInteger),
    )
    op.create_index("ix_radio_webhooks_station_id", "radio_webhooks", ["station_id"])


def _episodes() -> None:
    op.create_table(
        "radio_episodes",
        sa.Column("id", Key, primary_key=True),
        sa.Column("podcast_id", sa.BigInteger, sa.ForeignKey("radio_podcasts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("guid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("description", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("published", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("pub_date", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("size_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("image", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("explicit", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("season", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("number", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    )
    op.create_index("ix_radio_episodes_podcast_id", "radio_episodes", ["podcast_id", "pub_date"])


def _intros() -> None:
    op.create_table(
        "radio_intros",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("group_id", sa.BigInteger, sa.ForeignKey("radio_intro_groups.id", ondelete="SET NULL")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("length_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_default", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("''")),
    )
    op.create_index("ix_radio_intros_station_id", "radio_intros", ["station_id"])


def _jingles() -> None:
    op.create_table(
        "radio_jingles",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("category_id", sa.BigInteger, sa.ForeignKey("radio_jingle_categories.id", ondelete="SET NULL")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("length_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("size_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("gain_db", sa.Float),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_radio_jingles_station_id", "radio_jingles", ["station_id"])


def _restreams() -> None:
    op.create_table(
        "radio_restreams",
        sa.Column("channel_id", sa.BigInteger, sa.ForeignKey("radio_channels.id", ondelete="CASCADE"), nullable=False),
        sa.Column("network", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("key_sealed", sa.LargeBinary),
        sa.Column("enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("image", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("image_resolution", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("channel_id", "network"),
    )


def _rotations() -> None:
    op.create_table(
        "radio_rotations",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("shuffled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("fallback_playlist_id", sa.BigInteger, sa.ForeignKey("radio_playlists.id", ondelete="SET NULL")),
        sa.Column("items", sa.Text, nullable=False),
    )
    op.create_index("ix_radio_rotations_station_id", "radio_rotations", ["station_id"])


def _tracks() -> None:
    op.create_table(
        "radio_tracks",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("is_remote", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("folder", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("filename", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("author", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("author_other", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("author_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("title_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("album", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("genre", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("performance_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("composer", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("lyricist", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("publisher", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("label", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("year", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("comment", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("isrc", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("mbid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("length_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("samplerate", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("audio_format", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("size_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("mtime", sa.BigInteger, nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("checksum", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("requestable", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("requests_number", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("human_up", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("human_down", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("auto_up", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("auto_down", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("image", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("gain_db", sa.Float),
        sa.Column("loudness_lufs", sa.Float),
        sa.Column("peak_value", sa.Float),
        sa.Column("max_volume_db", sa.Float),
        sa.Column("category_id", sa.BigInteger, sa.ForeignKey("radio_categories.id", ondelete="SET NULL")),
        sa.Column("cue_in", sa.Float),
        sa.Column("cue_out", sa.Float),
        sa.Column("region_start", sa.Float),
        sa.Column("region_end", sa.Float),
        sa.Column("region_status", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("disable_crossfade", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("has_waveform", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("played_at", sa.BigInteger),
        sa.UniqueConstraint("station_id", "path"),
    )
    op.create_index("ix_radio_tracks_author_key", "radio_tracks", ["station_id", "author_key", "title_key"])
    op.create_index("ix_radio_tracks_category_id", "radio_tracks", ["category_id"])
    op.create_index("ix_radio_tracks_checksum", "radio_tracks", ["station_id", "checksum"])
    op.create_index("ix_radio_tracks_folder", "radio_tracks", ["station_id", "folder"])
    op.create_index("ix_radio_tracks_title_key", "radio_tracks", ["station_id", "title_key"])


def _grid_events() -> None:
    op.create_table(
        "radio_grid_events",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("periodicity", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("cast_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("break_track", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("start_playlist_from_beginning", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("start_date", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("start_time", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("finish_date", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("finish_time", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("weekdays", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("weeks", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("playlist_id", sa.BigInteger, sa.ForeignKey("radio_playlists.id", ondelete="CASCADE")),
        sa.Column("playlist_after_id", sa.BigInteger, sa.ForeignKey("radio_playlists.id", ondelete="SET NULL")),
        sa.Column("rotation_after_id", sa.BigInteger, sa.ForeignKey("radio_rotations.id", ondelete="SET NULL")),
        sa.Column("dj_id", sa.BigInteger, sa.ForeignKey("radio_djs.id", ondelete="CASCADE")),
        sa.Column("rotation_id", sa.BigInteger, sa.ForeignKey("radio_rotations.id", ondelete="CASCADE")),
        sa.Column("allow_jingles", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("allow_song_requests", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("allow_jingles_after", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("allow_song_requests_after", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("color", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("color2", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("timezone", sa.Text, nullable=False, server_default=sa.text("''")),
    )
    op.create_index("ix_radio_grid_events_station_id", "radio_grid_events", ["station_id"])


def _history() -> None:
    op.create_table(
        "radio_history",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("metadata", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("author", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("author_other", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("album", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("genre", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("year", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("comment", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("performance_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("composer", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("lyricist", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("publisher", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("label", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("isrc", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("length_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("dj_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("playlist_title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("n_listeners", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("track_id", sa.BigInteger, sa.ForeignKey("radio_tracks.id", ondelete="SET NULL")),
        sa.Column("jingle_id", sa.BigInteger, sa.ForeignKey("radio_jingles.id", ondelete="SET NULL")),
        sa.Column("is_request", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("image", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("why", sa.Text, nullable=False, server_default=sa.text("''")),
    )
    op.create_index("ix_radio_history_at", "radio_history", ["at"])
    op.create_index("ix_radio_history_station_id", "radio_history", ["station_id", "at"])
    op.create_index("ix_radio_history_track_id", "radio_history", ["track_id"])


def _intro_slots() -> None:
    op.create_table(
        "radio_intro_slots",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("intro_id", sa.BigInteger, sa.ForeignKey("radio_intros.id", ondelete="CASCADE")),
        sa.Column("group_id", sa.BigInteger, sa.ForeignKey("radio_intro_groups.id", ondelete="CASCADE")),
        sa.Column("start", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("finish", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("weekdays", sa.BigInteger, nullable=False, server_default=sa.text("127")),
    )
    op.create_index("ix_radio_intro_slots_station_id", "radio_intro_slots", ["station_id"])


def _jingle_schemes() -> None:
    op.create_table(
        "radio_jingle_schemes",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("jingle_id", sa.BigInteger, sa.ForeignKey("radio_jingles.id", ondelete="CASCADE")),
        sa.Column("category_id", sa.BigInteger, sa.ForeignKey("radio_jingle_categories.id", ondelete="CASCADE")),
        sa.Column("block_id", sa.BigInteger, sa.ForeignKey("radio_jingle_blocks.id", ondelete="CASCADE")),
        sa.Column("every_tracks", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("every_minutes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("minutes", sa.Text, nullable=False),
        sa.Column("times", sa.Text, nullable=False),
        sa.Column("date_from", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("date_to", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("weekdays", sa.BigInteger, nullable=False, server_default=sa.text("127")),
        sa.Column("interrupt", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("mix_level", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("random_from_category", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("no_repeat", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
    )
    op.create_index("ix_radio_jingle_schemes_station_id", "radio_jingle_schemes", ["station_id"])


def _playlist_entries() -> None:
    op.create_table(
        "radio_playlist_entries",
        sa.Column("id", Key, primary_key=True),
        sa.Column(
            "playlist_id", sa.BigInteger, sa.ForeignKey("radio_playlists.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("track_id", sa.BigInteger, sa.ForeignKey("radio_tracks.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("flag", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("added_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_radio_playlist_entries_playlist_id", "radio_playlist_entries", ["playlist_id", "position"])
    op.create_index("ix_radio_playlist_entries_track_id", "radio_playlist_entries", ["track_id"])


def _queue() -> None:
    op.create_table(
        "radio_queue",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("track_id", sa.BigInteger, sa.ForeignKey("radio_tracks.id", ondelete="CASCADE"), nullable=False),
        sa.Column("immediately", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("added_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_radio_queue_station_id", "radio_queue", ["station_id", "id"])


def _requests() -> None:
    op.create_table(
        "radio_requests",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", sa.BigInteger, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("track_id", sa.BigInteger, sa.ForeignKey("radio_tracks.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("played_at", sa.BigInteger),
        sa.Column("person", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("message", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("address", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("moderated", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    )
    op.create_index("ix_radio_requests_address", "radio_requests", ["station_id", "address", "at"])
    op.create_index("ix_radio_requests_station_id", "radio_requests", ["station_id", "at"])
    op.create_index("ix_radio_requests_track_id", "radio_requests", ["track_id", "at"])


def _votes() -> None:
    op.create_table(
        "radio_votes",
        sa.Column("track_id", sa.BigInteger, sa.ForeignKey("radio_tracks.id", ondelete="CASCADE"), nullable=False),
        sa.Column("address", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("track_id", "address"),
    )
    op.create_index("ix_radio_votes_at", "radio_votes", ["at"])
