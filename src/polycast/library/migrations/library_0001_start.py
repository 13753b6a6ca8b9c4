"""The first tables of the media library."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage import Key

revision = "library_0001_start"
down_revision = None
branch_labels = ("library",)
depends_on = "core_0002_identity"

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _account_pins()
    _collections()
    _flags()
    _invites()
    _libraries()
    _people()
    _podcast_positions()
    _podcasts()
    _preferences()
    _profiles()
    _sources()
    _workflows()
    _items()
    _paths()
    _permissions()
    _podcast_episodes()
    _podcast_subscriptions()
    _skipped()
    _artwork()
    _collection_items()
    _credits()
    _files()
    _folders()
    _ratings()
    _restrictions()
    _screen_time()
    _tags()
    _watchlist()
    _file_episodes()
    _sidecars()


def _account_pins() -> None:
    op.create_table(
        "library_account_pins",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("pin_hash", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("set_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_library_account_pins"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["core_users.id"], name="fk_library_account_pins_user_id", ondelete="CASCADE"
        ),
    )


def _collections() -> None:
    op.create_table(
        "library_collections",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("uuid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("description", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("match_mode", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("media_scope", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("sort_by", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("sort_order", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("item_limit", sa.BigInteger),
        sa.Column("visibility", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("poster", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("tmdb", sa.BigInteger),
        sa.Column("item_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("created_by", sa.BigInteger),
        sa.Column("last_refreshed_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("nanoid", name="uq_library_collections_nanoid"),
        sa.UniqueConstraint("uuid", name="uq_library_collections_uuid"),
    )
    op.create_index("ix_library_collections_name", "library_collections", ["name_key", "id"])
    op.create_index("ix_library_collections_owner", "library_collections", ["created_by", "name_key"])
    op.create_index("ix_library_collections_type", "library_collections", ["type", "id"])


def _flags() -> None:
    op.create_table(
        "library_flags",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("enabled", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_library_flags"),
    )


def _invites() -> None:
    op.create_table(
        "library_invites",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("code_sealed", sa.LargeBinary, nullable=False),
        sa.Column("role", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("libraries", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("created_by", sa.BigInteger),
        sa.Column("used_by", sa.BigInteger),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("code_hash", name="uq_library_invites_code_hash"),
        sa.UniqueConstraint("nanoid", name="uq_library_invites_nanoid"),
    )
    op.create_index("ix_library_invites_used", "library_invites", ["used_at", "id"])


def _libraries() -> None:
    op.create_table(
        "library_libraries",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("language", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("country", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("scan_interval_minutes", sa.BigInteger),
        sa.Column("watch_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("prefer_local", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("trickplay", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("detect_intros", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        sa.Column("item_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("scan_status", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("scan_error", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("last_scanned_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.BigInteger),
        sa.UniqueConstraint("nanoid", name="uq_library_libraries_nanoid"),
    )


def _people() -> None:
    op.create_table(
        "library_people",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("uuid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("tmdb", sa.BigInteger),
        sa.Column("imdb", sa.Text),
        sa.Column("biography", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("birthday", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("deathday", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("place_of_birth", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("known_for", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("image", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("refreshed_at", sa.BigInteger),
        sa.UniqueConstraint("nanoid", name="uq_library_people_nanoid"),
        sa.UniqueConstraint("uuid", name="uq_library_people_uuid"),
    )
    op.create_index("ix_library_people_name", "library_people", ["name_key", "id"])
    op.create_index("ix_library_people_tmdb", "library_people", ["tmdb"])


def _podcast_positions() -> None:
    op.create_table(
        "library_podcast_positions",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("episode_id", sa.BigInteger, nullable=False),
        sa.Column("position_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("played", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "episode_id", name="pk_library_podcast_positions"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["core_users.id"], name="fk_library_podcast_positions_user_id", ondelete="CASCADE"
        ),
    )


def _podcasts() -> None:
    op.create_table(
        "library_podcasts",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("feed_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("author", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("description", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("language", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("image", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("link", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("explicit", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("categories", sa.Text, nullable=False),
        sa.Column("episode_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("latest_at", sa.BigInteger),
        sa.Column("etag", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("last_modified", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("error", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("failures", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("refreshed_at", sa.BigInteger),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("feed_url", name="uq_library_podcasts_feed_url"),
        sa.UniqueConstraint("nanoid", name="uq_library_podcasts_nanoid"),
    )
    op.create_index("ix_library_podcasts_due", "library_podcasts", ["due_at"])


def _preferences() -> None:
    op.create_table(
        "library_preferences",
        sa.Column("id", Key, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["core_users.id"], name="fk_library_preferences_user_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", "name", name="uq_library_preferences_user_id_name"),
    )


def _profiles() -> None:
    op.create_table(
        "library_profiles",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("avatar", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("max_age", sa.BigInteger),
        sa.Column("block_unrated", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("rating_country", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("kids_ui", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("pin_hash", sa.Text),
        sa.Column("allowed_libraries", sa.Text),
        sa.Column("daily_limit", sa.BigInteger),
        sa.Column("bedtime_from", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("bedtime_to", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_users.id"], name="fk_library_profiles_user_id", ondelete="CASCADE"),
        sa.UniqueConstraint("nanoid", name="uq_library_profiles_nanoid"),
    )
    op.create_index("ix_library_profiles_user", "library_profiles", ["user_id", "id"])


def _sources() -> None:
    op.create_table(
        "library_sources",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("secret", sa.Text),
        sa.Column("server_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("version", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_import_at", sa.BigInteger),
        sa.UniqueConstraint("nanoid", name="uq_library_sources_nanoid"),
    )
    op.create_index("ix_library_sources_type", "library_sources", ["type", "id"])


def _workflows() -> None:
    op.create_table(
        "library_workflows",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("subject", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("status", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("job_id", sa.BigInteger),
        sa.Column("parent_id", sa.BigInteger),
        sa.Column("input", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("error", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("created_by", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("finished_at", sa.BigInteger),
        sa.UniqueConstraint("nanoid", name="uq_library_workflows_nanoid"),
    )
    op.create_index("ix_library_workflows_parent", "library_workflows", ["parent_id"])
    op.create_index("ix_library_workflows_status", "library_workflows", ["status", "id"])
    op.create_index("ix_library_workflows_subject", "library_workflows", ["type", "subject", "finished_at"])
    op.create_index("ix_library_workflows_type", "library_workflows", ["type", "id"])


def _items() -> None:
    op.create_table(
        "library_items",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("uuid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("library_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("parent_id", sa.BigInteger),
        sa.Column("top_id", sa.BigInteger),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title_key", SORTED, nullable=False, server_default=sa.text("''")),
        sa.Column("original_title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("original_language", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("year", sa.BigInteger),
        sa.Column("released", sa.BigInteger),
        sa.Column("overview", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("tagline", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("runtime", sa.BigInteger),
        sa.Column("content_rating", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("min_age", sa.BigInteger),
        sa.Column("is_rated", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("season_number", sa.BigInteger),
        sa.Column("episode_number", sa.BigInteger),
        sa.Column("end_number", sa.BigInteger),
        sa.Column("absolute_number", sa.BigInteger),
        sa.Column("status", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("ordering", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("last_aired", sa.BigInteger),
        sa.Column("match_key", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("match_status", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("match_confidence", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("candidates", sa.Text),
        sa.Column("retry_at", sa.BigInteger),
        sa.Column("tries", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("refreshed_at", sa.BigInteger),
        sa.Column("tmdb", sa.BigInteger),
        sa.Column("imdb", sa.Text),
        sa.Column("tvdb", sa.BigInteger),
        sa.Column("collection_tmdb", sa.BigInteger),
        sa.Column("collection_name", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("rating", sa.BigInteger),
        sa.Column("popularity", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("locked", sa.Text, nullable=False),
        sa.Column("images", sa.Text, nullable=False),
        sa.Column("extra", sa.Text, nullable=False),
        sa.Column("is_available", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_shell", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("episode_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("available_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("height", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("resolution", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("hdr", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("video_codec", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("audio_codec", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("audio_channels", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("container", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("file_size", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("bitrate", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("duration_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library_libraries.id"], name="fk_library_items_library_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("library_id", "kind", "match_key", name="uq_library_items_library_id_kind_match_key"),
        sa.UniqueConstraint("nanoid", name="uq_library_items_nanoid"),
        sa.UniqueConstraint("uuid", name="uq_library_items_uuid"),
    )
    op.create_index("ix_library_items_added", "library_items", ["kind", "added_at", "id"])
    op.create_index("ix_library_items_bitrate", "library_items", ["kind", "bitrate", "id"])
    op.create_index("ix_library_items_collection", "library_items", ["collection_tmdb"])
    op.create_index("ix_library_items_imdb", "library_items", ["kind", "imdb"])
    op.create_index("ix_library_items_library", "library_items", ["library_id", "kind", "id"])
    op.create_index("ix_library_items_match", "library_items", ["library_id", "match_status", "kind"])
    op.create_index("ix_library_items_parent", "library_items", ["parent_id", "episode_number", "id"])
    op.create_index("ix_library_items_rating", "library_items", ["kind", sa.text("coalesce(rating, -1)"), "id"])
    op.create_index("ix_library_items_released", "library_items", ["kind", sa.text("coalesce(released, -1)"), "id"])
    op.create_index("ix_library_items_retry", "library_items", ["match_status", "retry_at"])
    op.create_index("ix_library_items_runtime", "library_items", ["kind", sa.text("coalesce(runtime, -1)"), "id"])
    op.create_index("ix_library_items_size", "library_items", ["kind", "file_size", "id"])
    op.create_index("ix_library_items_title", "library_items", ["kind", "title_key", "id"])
    op.create_index("ix_library_items_tmdb", "library_items", ["kind", "tmdb"])
    op.create_index("ix_library_items_top", "library_items", ["top_id", "kind", "season_number", "episode_number"])
    op.create_index("ix_library_items_tvdb", "library_items", ["kind", "tvdb"])
    op.create_index("ix_library_items_year", "library_items", ["kind", sa.text("coalesce(year, -1)"), "id"])


def _paths() -> None:
    op.create_table(
        "library_paths",
        sa.Column("id", Key, primary_key=True),
        sa.Column("library_id", sa.BigInteger, nullable=False),
        sa.Column("path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("position", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("file_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("error", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library_libraries.id"], name="fk_library_paths_library_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("path", name="uq_library_paths_path"),
    )
    op.create_index("ix_library_paths_library", "library_paths", ["library_id", "position"])


def _permissions() -> None:
    op.create_table(
        "library_permissions",
        sa.Column("library_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("granted_by", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("library_id", "user_id", name="pk_library_permissions"),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library_libraries.id"], name="fk_library_permissions_library_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["core_users.id"], name="fk_library_permissions_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_library_permissions_user", "library_permissions", ["user_id", "library_id"])


def _podcast_episodes() -> None:
    op.create_table(
        "library_podcast_episodes",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("podcast_id", sa.BigInteger, nullable=False),
        sa.Column("guid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("description", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("published_at", sa.BigInteger, nullable=False),
        sa.Column("duration_s", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("season", sa.BigInteger),
        sa.Column("episode", sa.BigInteger),
        sa.Column("audio_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("audio_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("audio_bytes", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("image", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("chapters_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("transcript_url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.ForeignKeyConstraint(
            ["podcast_id"], ["library_podcasts.id"], name="fk_library_podcast_episodes_podcast_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("nanoid", name="uq_library_podcast_episodes_nanoid"),
        sa.UniqueConstraint("podcast_id", "guid", name="uq_library_podcast_episodes_podcast_id_guid"),
    )
    op.create_index(
        "ix_library_podcast_episodes_order", "library_podcast_episodes", ["podcast_id", "published_at", "id"]
    )


def _podcast_subscriptions() -> None:
    op.create_table(
        "library_podcast_subscriptions",
        sa.Column("id", Key, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("podcast_id", sa.BigInteger, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["podcast_id"],
            ["library_podcasts.id"],
            name="fk_library_podcast_subscriptions_podcast_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["core_users.id"], name="fk_library_podcast_subscriptions_user_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", "podcast_id", name="uq_library_podcast_subscriptions_user_id_podcast_id"),
    )
    op.create_index("ix_library_podcast_subscriptions_podcast", "library_podcast_subscriptions", ["podcast_id"])


def _skipped() -> None:
    op.create_table(
        "library_skipped",
        sa.Column("id", Key, primary_key=True),
        sa.Column("library_id", sa.BigInteger, nullable=False),
        sa.Column("path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("reason", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library_libraries.id"], name="fk_library_skipped_library_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("path", name="uq_library_skipped_path"),
    )
    op.create_index("ix_library_skipped_library", "library_skipped", ["library_id", "id"])


def _artwork() -> None:
    op.create_table(
        "library_artwork",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("item_id", sa.BigInteger),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("source", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("language", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("width", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("height", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("sha256", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("origin", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("blur_hash", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("score", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_items.id"], name="fk_library_artwork_item_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("nanoid", name="uq_library_artwork_nanoid"),
    )
    op.create_index("ix_library_artwork_item", "library_artwork", ["item_id", "kind", "id"])
    op.create_index("ix_library_artwork_sha", "library_artwork", ["sha256"])


def _collection_items() -> None:
    op.create_table(
        "library_collection_items",
        sa.Column("collection_id", sa.BigInteger, nullable=False),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("collection_id", "item_id", name="pk_library_collection_items"),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["library_collections.id"],
            name="fk_library_collection_items_collection_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_items.id"], name="fk_library_collection_items_item_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_library_collection_items_item", "library_collection_items", ["item_id"])
    op.create_index(
        "ix_library_collection_items_order", "library_collection_items", ["collection_id", "position", "item_id"]
    )


def _credits() -> None:
    op.create_table(
        "library_credits",
        sa.Column("id", Key, primary_key=True),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("character", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("job", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("department", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("position", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_items.id"], name="fk_library_credits_item_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["library_people.id"], name="fk_library_credits_person_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_library_credits_item", "library_credits", ["item_id", "kind", "position"])
    op.create_index("ix_library_credits_person", "library_credits", ["person_id", "kind", "item_id"])


def _files() -> None:
    op.create_table(
        "library_files",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("library_id", sa.BigInteger, nullable=False),
        sa.Column("path_id", sa.BigInteger, nullable=False),
        sa.Column("folder_id", sa.BigInteger),
        sa.Column("item_id", sa.BigInteger),
        sa.Column("path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("role", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("size", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("inode", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("device", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("fingerprint", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("movie_hash", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("missing_since", sa.BigInteger),
        sa.Column("probe_status", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("probe_error", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("probe_tries", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("probed", sa.Text),
        sa.Column("duration_ms", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("bitrate", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("container", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("video_codec", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("audio_codec", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("audio_channels", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("width", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("height", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("resolution", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("hdr", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("edition", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("three_d", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("part_index", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("part_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("parsed", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_items.id"], name="fk_library_files_item_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library_libraries.id"], name="fk_library_files_library_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["path_id"], ["library_paths.id"], name="fk_library_files_path_id", ondelete="CASCADE"),
        sa.UniqueConstraint("nanoid", name="uq_library_files_nanoid"),
        sa.UniqueConstraint("path", name="uq_library_files_path"),
    )
    op.create_index("ix_library_files_fingerprint", "library_files", ["fingerprint"])
    op.create_index("ix_library_files_folder", "library_files", ["folder_id"])
    op.create_index("ix_library_files_item", "library_files", ["item_id", "role", "height"])
    op.create_index("ix_library_files_library", "library_files", ["library_id", "state", "id"])
    op.create_index("ix_library_files_missing", "library_files", ["missing_since"])
    op.create_index("ix_library_files_probe", "library_files", ["library_id", "probe_status", "id"])


def _folders() -> None:
    op.create_table(
        "library_folders",
        sa.Column("id", Key, primary_key=True),
        sa.Column("library_id", sa.BigInteger, nullable=False),
        sa.Column("path_id", sa.BigInteger, nullable=False),
        sa.Column("path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("parent", sa.Text),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("signature", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library_libraries.id"], name="fk_library_folders_library_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["library_paths.id"], name="fk_library_folders_path_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("path", name="uq_library_folders_path"),
    )
    op.create_index("ix_library_folders_library", "library_folders", ["library_id", "id"])


def _ratings() -> None:
    op.create_table(
        "library_ratings",
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("scale", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("votes", sa.BigInteger),
        sa.Column("url", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("item_id", "source", name="pk_library_ratings"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_items.id"], name="fk_library_ratings_item_id", ondelete="CASCADE"
        ),
    )


def _restrictions() -> None:
    op.create_table(
        "library_restrictions",
        sa.Column("profile_id", sa.BigInteger, nullable=False),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("action", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("profile_id", "item_id", name="pk_library_restrictions"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_items.id"], name="fk_library_restrictions_item_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["library_profiles.id"], name="fk_library_restrictions_profile_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_library_restrictions_item", "library_restrictions", ["item_id"])


def _screen_time() -> None:
    op.create_table(
        "library_screen_time",
        sa.Column("profile_id", sa.BigInteger, nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("last_item_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("profile_id", "day", name="pk_library_screen_time"),
        sa.ForeignKeyConstraint(
            ["last_item_id"], ["library_items.id"], name="fk_library_screen_time_last_item_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["library_profiles.id"], name="fk_library_screen_time_profile_id", ondelete="CASCADE"
        ),
    )


def _tags() -> None:
    op.create_table(
        "library_tags",
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value_key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("position", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("item_id", "kind", "value_key", name="pk_library_tags"),
        sa.ForeignKeyConstraint(["item_id"], ["library_items.id"], name="fk_library_tags_item_id", ondelete="CASCADE"),
    )
    op.create_index("ix_library_tags_value", "library_tags", ["kind", "value_key", "item_id"])


def _watchlist() -> None:
    op.create_table(
        "library_watchlist",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("profile_id", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("media_type", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("item_id", sa.BigInteger),
        sa.Column("tmdb", sa.BigInteger),
        sa.Column("identity", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("year", sa.BigInteger),
        sa.Column("poster", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("source", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_items.id"], name="fk_library_watchlist_item_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["core_users.id"], name="fk_library_watchlist_user_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("nanoid", name="uq_library_watchlist_nanoid"),
        sa.UniqueConstraint(
            "user_id", "profile_id", "identity", name="uq_library_watchlist_user_id_profile_id_identity"
        ),
    )
    op.create_index("ix_library_watchlist_item", "library_watchlist", ["item_id"])
    op.create_index("ix_library_watchlist_user", "library_watchlist", ["user_id", "profile_id", "id"])


def _file_episodes() -> None:
    op.create_table(
        "library_file_episodes",
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("file_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("item_id", "file_id", name="pk_library_file_episodes"),
        sa.ForeignKeyConstraint(
            ["file_id"], ["library_files.id"], name="fk_library_file_episodes_file_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_items.id"], name="fk_library_file_episodes_item_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_library_file_episodes_file", "library_file_episodes", ["file_id"])


def _sidecars() -> None:
    op.create_table(
        "library_sidecars",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("library_id", sa.BigInteger, nullable=False),
        sa.Column("file_id", sa.BigInteger),
        sa.Column("folder_id", sa.BigInteger),
        sa.Column("path", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("format", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("language", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("is_forced", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("is_hearing_impaired", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("size", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["library_files.id"], name="fk_library_sidecars_file_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library_libraries.id"], name="fk_library_sidecars_library_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("nanoid", name="uq_library_sidecars_nanoid"),
        sa.UniqueConstraint("path", name="uq_library_sidecars_path"),
    )
    op.create_index("ix_library_sidecars_file", "library_sidecars", ["file_id", "kind"])
    op.create_index("ix_library_sidecars_folder", "library_sidecars", ["folder_id"])
    op.create_index("ix_library_sidecars_library", "library_sidecars", ["library_id", "kind", "id"])
