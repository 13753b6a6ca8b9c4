"""Services and servers outside, devices that wait for a code, wrong PINs, podcasts that are kept."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage import Key

revision = "library_0003_connections"
down_revision = "library_0002_playback"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _trakt_links()
    _server_states()
    _wanted()
    _webhooks()
    _device_logins()
    _pin_tries()
    _podcast_files()
    _podcast_queue()
    _rated()


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))


def _whole(name: str, start: int = 0) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text(str(start)))


def _of_user(table: str, *, gone: str = "CASCADE", column: str = "user_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["core_users.id"], name=f"fk_{table}_{column}", ondelete=gone)


def _trakt_links() -> None:
    op.create_table(
        "library_trakt_links",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        _words("username"),
        sa.Column("access", sa.LargeBinary),
        sa.Column("refresh", sa.LargeBinary),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("device", sa.LargeBinary),
        sa.Column("device_until", sa.BigInteger),
        sa.Column("poll_at", sa.BigInteger),
        _whole("interval_s", 5),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("pushed_at", sa.BigInteger),
        sa.Column("synced_at", sa.BigInteger),
        _words("error"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_library_trakt_links"),
        _of_user("library_trakt_links"),
    )


def _server_states() -> None:
    op.create_table(
        "library_server_states",
        sa.Column("source_id", sa.BigInteger, nullable=False),
        sa.Column("hook_hash", sa.LargeBinary, nullable=False),
        sa.Column("hook_sealed", sa.LargeBinary, nullable=False),
        sa.Column("checked_at", sa.BigInteger),
        _words("error"),
        _words("last_event"),
        sa.Column("last_event_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("source_id", name="pk_library_server_states"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["library_sources.id"], name="fk_library_server_states_source_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("hook_hash", name="uq_library_server_states_hook_hash"),
    )


def _wanted() -> None:
    op.create_table(
        "library_wanted",
        sa.Column("id", Key, primary_key=True),
        _words("nanoid"),
        sa.Column("source_id", sa.BigInteger, nullable=False),
        _whole("request_id"),
        _words("media_type"),
        sa.Column("tmdb", sa.BigInteger),
        sa.Column("tvdb", sa.BigInteger),
        _words("title"),
        _words("status"),
        _words("requested_by"),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["library_sources.id"], name="fk_library_wanted_source_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("nanoid", name="uq_library_wanted_nanoid"),
        sa.UniqueConstraint("source_id", "request_id", name="uq_library_wanted_source_id_request_id"),
    )
    op.create_index("ix_library_wanted_status", "library_wanted", ["status", "id"])
    op.create_index("ix_library_wanted_tmdb", "library_wanted", ["tmdb"])


def _webhooks() -> None:
    op.create_table(
        "library_webhooks",
        sa.Column("id", Key, primary_key=True),
        _words("nanoid"),
        _words("name"),
        _words("url"),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("is_enabled", sa.SmallInteger, nullable=False, server_default=sa.text("1")),
        _whole("last_status"),
        _words("error"),
        _whole("failures"),
        _whole("told_item"),
        sa.Column("last_at", sa.BigInteger),
        sa.Column("created_by", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        _of_user("library_webhooks", gone="SET NULL", column="created_by"),
        sa.UniqueConstraint("nanoid", name="uq_library_webhooks_nanoid"),
    )


def _device_logins() -> None:
    op.create_table(
        "library_device_logins",
        sa.Column("id", Key, primary_key=True),
        sa.Column("device_hash", sa.LargeBinary, nullable=False),
        _words("user_code"),
        _words("client"),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("is_denied", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("polled_at", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        _of_user("library_device_logins"),
        sa.UniqueConstraint("device_hash", name="uq_library_device_logins_device_hash"),
        sa.UniqueConstraint("user_code", name="uq_library_device_logins_user_code"),
    )


def _pin_tries() -> None:
    op.create_table(
        "library_pin_tries",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("profile_id", sa.BigInteger, nullable=False),
        _whole("failures"),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.PrimaryKeyConstraint("user_id", "profile_id", name="pk_library_pin_tries"),
        _of_user("library_pin_tries"),
    )


def _podcast_files() -> None:
    op.create_table(
        "library_podcast_files",
        sa.Column("episode_id", sa.BigInteger, nullable=False),
        _words("name"),
        _words("type"),
        _whole("bytes"),
        _words("status"),
        _words("error"),
        sa.Column("asked_by", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("episode_id", name="pk_library_podcast_files"),
        _of_user("library_podcast_files", gone="SET NULL", column="asked_by"),
    )


def _podcast_queue() -> None:
    op.create_table(
        "library_podcast_queue",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("episode_id", sa.BigInteger, nullable=False),
        _whole("position"),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "episode_id", name="pk_library_podcast_queue"),
        _of_user("library_podcast_queue"),
        sa.ForeignKeyConstraint(
            ["episode_id"],
            ["library_podcast_episodes.id"],
            name="fk_library_podcast_queue_episode_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_library_podcast_queue_order", "library_podcast_queue", ["user_id", "position"])


def _rated() -> None:
    op.create_table(
        "library_rated",
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("item_id", name="pk_library_rated"),
        sa.ForeignKeyConstraint(["item_id"], ["library_items.id"], name="fk_library_rated_item_id", ondelete="CASCADE"),
    )
