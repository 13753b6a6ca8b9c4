"""The rows that are there before anybody sets anything up: user agents, stream profiles, settings, the custom account."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "live_0003_first_rows"
down_revision = "live_0002_lineup"
branch_labels = None
depends_on = None

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

USER_AGENTS = (
    ("TiviMate", "TiviMate/5.1.6 (Android 12)"),
    ("VLC", "VLC/3.0.21 LibVLC/3.0.21"),
    (
        "Chrome",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    ),
)
# name, command, parameters, locked. `{streamUrl}` becomes the input our own fetcher feeds.
STREAM_PROFILES = (
    ("Proxy", "", "", 1),
    ("Redirect", "", "", 1),
    ("ffmpeg", "ffmpeg", "-user_agent {userAgent} -i {streamUrl} -c copy -f mpegts pipe:1", 1),
    ("streamlink", "streamlink", "{streamUrl} best --stdout", 0),
    ("VLC", "cvlc", "-vv -I dummy --no-video-title-show {streamUrl} --sout #standard{access=file,mux=ts,dst=-}", 0),
)
SETTINGS = (
    ("stream_settings", "Stream Settings"),
    ("dvr_settings", "DVR Settings"),
    ("proxy_settings", "Proxy Settings"),
    ("backup_settings", "Backup Settings"),
    ("network_access", "Network Access"),
    ("system_settings", "System Settings"),
    ("epg_settings", "EPG Settings"),
    ("user_limit_settings", "User Limit Settings"),
)


def upgrade() -> None:
    connection = op.get_bind()
    now = (datetime.now(UTC) - EPOCH) // timedelta(microseconds=1)
    agents = sa.table("live_user_agents", *map(sa.column, ("name", "user_agent", "created_at", "updated_at")))
    connection.execute(
        sa.insert(agents),
        [{"name": name, "user_agent": text, "created_at": now, "updated_at": now} for name, text in USER_AGENTS],
    )
    profiles = sa.table("live_stream_profiles", *map(sa.column, ("name", "command", "parameters", "locked")))
    connection.execute(
        sa.insert(profiles),
        [{"name": n, "command": c, "parameters": p, "locked": locked} for n, c, p, locked in STREAM_PROFILES],
    )
    settings = sa.table("live_settings", *map(sa.column, ("key", "name", "value")))
    connection.execute(sa.insert(settings), [{"key": k, "name": n, "value": "{}"} for k, n in SETTINGS])
    _custom_account(connection, now)


def _custom_account(connection: sa.Connection, now: int) -> None:
    """The locked account that streams made by hand belong to, and its one profile without a limit."""
    names = (
        "name",
        "name_key",
        "account_type",
        "status",
        "locked",
        "orphan_cleanup",
        "custom_properties",
        "created_at",
    )
    accounts = sa.table("live_accounts", sa.column("id"), *map(sa.column, names))
    values = ("custom", "custom", "STD", "idle", 1, "always", "{}", now)
    connection.execute(sa.insert(accounts).values(dict(zip(names, values, strict=True))))
    found = connection.execute(sa.select(accounts.c.id).where(accounts.c.name == "custom")).scalar_one()
    profile = {
        "account_id": found,
        "name": "custom Default",
        "is_default": 1,
        "search_pattern": "^(.*)$",
        "replace_pattern": "$1",
        "custom_properties": "{}",
    }
    profiles = sa.table("live_account_profiles", *map(sa.column, profile))
    connection.execute(sa.insert(profiles).values(profile))
