"""Podcasts: feeds once for everybody, subscriptions and positions for each."""

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, sorted_words, whole, words
from polycast.library.tables.base import METADATA

podcasts = Table(
    "library_podcasts",
    METADATA,
    key(),
    words("nanoid"),
    words("feed_url"),
    words("title"),
    sorted_words("title_key"),
    words("author"),
    words("description"),
    words("language"),
    words("image"),
    words("link"),
    flag("explicit"),
    Column("categories", JsonText, nullable=False),
    whole("episode_count"),
    moment("latest_at", optional=True),
    words("etag"),
    words("last_modified"),
    words("error"),
    whole("failures"),
    moment("refreshed_at", optional=True),
    moment("due_at"),
    moment("created_at"),
    UniqueConstraint("nanoid"),
    UniqueConstraint("feed_url"),
    Index("ix_library_podcasts_due", "due_at"),
)

podcast_episodes = Table(
    "library_podcast_episodes",
    METADATA,
    key(),
    words("nanoid"),
    link("podcast_id", "library_podcasts"),
    words("guid"),
    words("title"),
    words("description"),
    moment("published_at"),
    whole("duration_s"),
    Column("season", BigInteger),
    Column("episode", BigInteger),
    words("audio_url"),
    words("audio_type"),
    whole("audio_bytes"),
    words("image"),
    words("chapters_url"),
    words("transcript_url"),
    UniqueConstraint("nanoid"),
    UniqueConstraint("podcast_id", "guid"),
    Index("ix_library_podcast_episodes_order", "podcast_id", "published_at", "id"),
)

podcast_subscriptions = Table(
    "library_podcast_subscriptions",
    METADATA,
    key(),
    Column("user_id", BigInteger, nullable=False),
    link("podcast_id", "library_podcasts"),
    Column("settings", JsonText, nullable=False),
    moment("created_at"),
    UniqueConstraint("user_id", "podcast_id"),
    Index("ix_library_podcast_subscriptions_podcast", "podcast_id"),
)

podcast_positions = Table(
    "library_podcast_positions",
    METADATA,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("episode_id", BigInteger, primary_key=True, autoincrement=False),
    whole("position_ms"),
    flag("played"),
    moment("updated_at"),
)

# Other servers: where people move from, and what is connected. Secrets are sealed.
sources = Table(
    "library_sources",
    METADATA,
    key(),
    words("nanoid"),
    words("type"),  # plex, jellyfin, emby; radarr, sonarr, seerr
    words("name"),
    words("url"),
    Column("secret", Text),  # sealed, base64
    words("server_id"),
    words("version"),
    Column("options", JsonText, nullable=False),
    moment("created_at"),
    moment("last_import_at", optional=True),
    UniqueConstraint("nanoid"),
    Index("ix_library_sources_type", "type", "id"),
)
