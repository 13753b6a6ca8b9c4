"""What has happened: activities, sessions, recordings, and figures over time."""

from sqlalchemy import BigInteger, Column, Float, Index, LargeBinary, String, Table, UniqueConstraint, text

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, sorted_words, whole, words
from polycast.monitor.tables.base import METADATA

# What a search looks through. The same few thousand sentences come again and again, so each is kept once: a substring
# search then reads them, not a million rows.
texts = Table(
    "monitor_texts",
    METADATA,
    key(),
    Column("digest", LargeBinary, nullable=False),
    sorted_words("folded"),
    UniqueConstraint("digest"),
)

activities = Table(
    "monitor_activities",
    METADATA,
    key(),
    words("uuid"),
    words("dvr_id"),
    words("dvr_name"),
    words("event_type"),
    words("title"),
    words("message"),
    moment("at"),
    words("icon"),
    words("channel_name"),
    words("channel_number"),
    words("device_name"),
    words("device_key"),  # folded, spaces joined: what `client=` is compared with
    words("device_ip"),
    words("program_title"),
    words("image_url"),
    words("stream_source"),
    Column("extra", JsonText, nullable=False),
    flag("is_test"),
    link("text_id", "monitor_texts", gone="RESTRICT"),
    UniqueConstraint("uuid"),
    Index("ix_monitor_activities_at", "at", "id"),
    Index("ix_monitor_activities_dvr", "dvr_id", "at", "id"),
    Index("ix_monitor_activities_type", "event_type", "at", "id"),
    Index("ix_monitor_activities_dvr_type", "dvr_id", "event_type", "at", "id"),
    Index("ix_monitor_activities_text", "text_id", "at", "id"),
    Index("ix_monitor_activities_device", "device_key", "at", "id"),
)

# Running while `ended_at` is null, then history.
sessions = Table(
    "monitor_sessions",
    METADATA,
    key(),
    words("dvr_id"),
    words("kind"),  # channel, vod
    words("key"),  # upstream's name of the activity
    words("track"),  # what tells one viewing from another: "ch7-Living Room", "vod9297-<identifier>"
    words("title"),
    words("channel_number"),
    words("channel_name"),
    words("device"),
    words("user_name"),
    words("ip"),
    words("source"),
    words("resolution"),
    words("file_id"),
    words("image_url"),
    whole("position_s"),
    whole("alerted_position_s"),
    moment("alerted_at", optional=True),
    moment("started_at"),
    moment("seen_at"),
    moment("ended_at", optional=True),
    words("end_reason"),
    whole("watched_s"),
    UniqueConstraint("dvr_id", "key", "started_at"),
    Index(
        "ix_monitor_sessions_running",
        "dvr_id",
        "id",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("ix_monitor_sessions_started", "started_at", "id"),
    Index("ix_monitor_sessions_dvr", "dvr_id", "started_at", "id"),
)

recordings = Table(
    "monitor_recordings",
    METADATA,
    key(),
    words("dvr_id"),
    words("job_id"),
    moment("starts_at"),  # with the job's id the key of one lifecycle: ids are used again
    moment("ends_at"),
    words("title"),
    words("episode_title"),
    words("channel_number"),
    words("channel_name"),
    words("image_url"),
    words("summary"),
    words("program_id"),
    words("state"),
    words("outcome"),  # empty until it is settled
    flag("was_scheduled"),
    words("file_id"),
    words("error"),
    whole("denials"),  # negative confirmations in a row
    moment("denied_at", optional=True),
    moment("started_at", optional=True),
    moment("ended_at", optional=True),
    moment("seen_at"),
    UniqueConstraint("dvr_id", "job_id", "starts_at"),
    Index("ix_monitor_recordings_state", "dvr_id", "outcome", "starts_at"),
    Index("ix_monitor_recordings_ended", "ended_at", "id"),
)

samples = Table(
    "monitor_samples",
    METADATA,
    Column("dvr_id", String(40), primary_key=True),
    Column("metric", String(40), primary_key=True),
    Column("step_s", BigInteger, primary_key=True, autoincrement=False),  # 60, 300 or 3600
    Column("at", BigInteger, primary_key=True, autoincrement=False),  # seconds since 1970, a multiple of `step_s`
    Column("value", Float, nullable=False),  # mean of the step
    Column("count", BigInteger, nullable=False, server_default=text("1")),
)
