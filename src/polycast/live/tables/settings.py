"""Small tables people set things up with: user agents, profiles of streams and outputs, settings, tuners, users."""

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, whole, words
from polycast.live.tables.base import METADATA

user_agents = Table(
    "live_user_agents",
    METADATA,
    key(),
    words("name"),
    words("user_agent"),
    words("description"),
    flag("is_active", on=True),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("name"),
    UniqueConstraint("user_agent"),
)

stream_profiles = Table(
    "live_stream_profiles",
    METADATA,
    key(),
    words("name"),
    words("command"),  # "" for the built-in Proxy and Redirect
    words("parameters"),
    flag("is_active", on=True),
    flag("locked"),
    link("user_agent_id", "live_user_agents", optional=True, gone="SET NULL"),
    UniqueConstraint("name"),
)

output_profiles = Table(
    "live_output_profiles",
    METADATA,
    key(),
    words("name"),
    words("command"),
    words("parameters"),
    flag("is_active", on=True),
    flag("locked"),
    UniqueConstraint("name"),
)

# One row per group of settings ("stream_settings" ...). What `value` leaves out has its default in code.
settings = Table(
    "live_settings",
    METADATA,
    key(),
    words("key"),
    words("name"),
    Column("value", JsonText, nullable=False),
    UniqueConstraint("key"),
)

hdhr_devices = Table(
    "live_hdhr_devices",
    METADATA,
    key(),
    words("friendly_name"),
    words("device_id"),
    whole("tuner_count", start=3),
    UniqueConstraint("device_id"),
)

# Groups of users and what clients of the original say they permit. Kept for those clients; roles are what counts.
user_groups = Table(
    "live_user_groups",
    METADATA,
    key(),
    words("name"),
    Column("permissions", JsonText, nullable=False),
    UniqueConstraint("name"),
)

# What a user has in this module only. The foreign key to core_users stands in the migration.
user_properties = Table(
    "live_user_properties",
    METADATA,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    whole("stream_limit"),  # concurrent streams; 0: no limit
    Column("user_level", BigInteger),  # 0, 1 or 10 where it differs from what the role says
    Column("first_name", Text),
    Column("last_name", Text),
    Column("custom_properties", JsonText, nullable=False),
    Column("avatar_config", JsonText, nullable=False),
)

# The channel profiles a user is held to; none: every channel the level permits.
user_channel_profiles = Table(
    "live_user_channel_profiles",
    METADATA,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("profile_id", BigInteger, primary_key=True, autoincrement=False),
    Index("ix_live_user_channel_profiles_profile", "profile_id"),
)
