"""Which servers are watched, what people have set, and how each server was when last looked at."""

from sqlalchemy import Column, String, Table, Text, UniqueConstraint

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, moment, whole, words
from polycast.monitor.tables.base import METADATA

servers = Table(
    "monitor_servers",
    METADATA,
    key(),
    words("dvr_id"),  # "dvr_" and 8 hex digits; what clients and history rows name it by
    words("provider"),
    words("name"),
    words("host"),
    whole("port"),
    words("scheme"),
    flag("verify_tls", on=True),
    flag("enabled", on=True),
    words("username"),
    words("api_key"),  # sealed
    Column("overrides", JsonText, nullable=False),
    words("group_name"),
    words("notes"),
    whole("position"),
    moment("deleted_at", optional=True),  # archived since
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("dvr_id"),
)

# One row per setting that somebody has set; secrets sealed. Keys nobody knows are kept as they came.
preferences = Table(
    "monitor_preferences",
    METADATA,
    Column("name", String(120), primary_key=True),
    Column("value", Text, nullable=False),  # JSON
)

# How a server was, for other nodes and for the next start.
snapshots = Table(
    "monitor_snapshots",
    METADATA,
    Column("dvr_id", String(40), primary_key=True),
    Column("body", Text, nullable=False),  # JSON of watch.model.Snapshot
    moment("at"),
)
