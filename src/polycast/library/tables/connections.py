"""Services and servers that this one is connected with. Secrets are sealed."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, UniqueConstraint

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, whole, words
from polycast.library.tables.base import METADATA

# Accounts at Trakt, one a user. Without `access` somebody is on the way there with `device`.
trakt_links = Table(
    "library_trakt_links",
    METADATA,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    words("username"),
    Column("access", LargeBinary),
    Column("refresh", LargeBinary),
    moment("expires_at", optional=True),
    Column("device", LargeBinary),
    moment("device_until", optional=True),
    moment("poll_at", optional=True),
    whole("interval_s", start=5),
    Column("seen", JsonText, nullable=False),  # Trakt's last activities that were taken over: {"movies": "2026-..."}
    moment("pushed_at", optional=True),  # what was watched here until then is told there
    moment("synced_at", optional=True),
    words("error"),
    moment("created_at"),
)

# How servers of `library_sources` (Radarr, Sonarr, Seerr) are doing, and the secret in the address of their webhook.
server_states = Table(
    "library_server_states",
    METADATA,
    Column("source_id", BigInteger, primary_key=True, autoincrement=False),
    Column("hook_hash", LargeBinary, nullable=False),
    Column("hook_sealed", LargeBinary, nullable=False),
    moment("checked_at", optional=True),
    words("error"),
    words("last_event"),
    moment("last_event_at", optional=True),
    UniqueConstraint("hook_hash"),
)

# What people have asked for at a Seerr server.
wanted = Table(
    "library_wanted",
    METADATA,
    key(),
    words("nanoid"),
    link("source_id", "library_sources"),
    whole("request_id"),
    words("media_type"),  # movie, tv
    Column("tmdb", BigInteger),
    Column("tvdb", BigInteger),
    words("title"),
    words("status"),  # pending, approved, available, declined, failed
    words("requested_by"),
    moment("requested_at"),
    moment("updated_at"),
    UniqueConstraint("nanoid"),
    UniqueConstraint("source_id", "request_id"),
    Index("ix_library_wanted_status", "status", "id"),
    Index("ix_library_wanted_tmdb", "tmdb"),
)

# Addresses that are told what happens here.
webhooks = Table(
    "library_webhooks",
    METADATA,
    key(),
    words("nanoid"),
    words("name"),
    words("url"),
    Column("secret", LargeBinary, nullable=False),
    Column("events", JsonText, nullable=False),
    flag("is_enabled", on=True),
    whole("last_status"),
    words("error"),
    whole("failures"),
    whole("told_item"),  # the youngest title that it was told of: keys only grow
    moment("last_at", optional=True),
    Column("created_by", BigInteger),
    moment("created_at"),
    UniqueConstraint("nanoid"),
)

# Devices that wait for somebody to approve their code elsewhere (RFC 8628).
device_logins = Table(
    "library_device_logins",
    METADATA,
    key(),
    Column("device_hash", LargeBinary, nullable=False),
    words("user_code"),
    words("client"),
    Column("user_id", BigInteger),  # who has said yes
    flag("is_denied"),
    moment("polled_at", optional=True),
    moment("expires_at"),
    UniqueConstraint("device_hash"),
    UniqueConstraint("user_code"),
)

# Wrong PINs, by account and profile (0: the account's own).
pin_tries = Table(
    "library_pin_tries",
    METADATA,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("profile_id", BigInteger, primary_key=True, autoincrement=False),
    whole("failures"),
    moment("since"),
    moment("until", optional=True),
)

# Episodes of podcasts that are kept here.
podcast_files = Table(
    "library_podcast_files",
    METADATA,
    Column("episode_id", BigInteger, primary_key=True, autoincrement=False),
    words("name"),  # of the file in our own folder
    words("type"),
    whole("bytes"),
    words("status"),  # pending, ready, failed
    words("error"),
    Column("asked_by", BigInteger),
    moment("created_at"),
)

podcast_queue = Table(
    "library_podcast_queue",
    METADATA,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("episode_id", BigInteger, primary_key=True, autoincrement=False),
    whole("position"),
    moment("added_at"),
    Index("ix_library_podcast_queue_order", "user_id", "position"),
)

# When others were asked for their ratings of a title, whatever came of it.
rated = Table(
    "library_rated",
    METADATA,
    Column(
        "item_id", BigInteger, ForeignKey("library_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    moment("at"),
)
