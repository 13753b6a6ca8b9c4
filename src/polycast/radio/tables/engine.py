"""What the engine keeps: who listened, and how many at each minute."""

from sqlalchemy import Index, Table, UniqueConstraint

from polycast.core.storage.columns import key, link, moment, whole, words
from polycast.radio.tables.base import METADATA

sessions = Table(
    "radio_sessions",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    link("channel_id", "radio_channels", optional=True, gone="SET NULL"),
    words("address"),
    words("country"),
    words("agent"),
    words("player"),  # the family of the agent
    words("referer"),
    moment("at"),  # when it began
    whole("length_ms"),
    whole("sent_bytes"),
    words("ended"),  # left, limit, slow, kicked, suspended, traffic ...
    Index("ix_radio_sessions_station_id", "station_id", "at"),
    Index("ix_radio_sessions_at", "at"),
)

minutes = Table(
    "radio_minutes",
    METADATA,
    link("station_id", "radio_stations"),
    moment("at"),
    whole("listeners"),
    whole("unique_listeners"),
    UniqueConstraint("station_id", "at"),
    Index("ix_radio_minutes_at", "at"),
)
