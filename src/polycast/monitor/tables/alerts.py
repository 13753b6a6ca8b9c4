"""Who is told what: cooldowns, deliveries, rules, incidents, silences."""

from sqlalchemy import Column, Index, String, Table, Text, UniqueConstraint, text

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, whole, words
from polycast.monitor.tables.base import METADATA

# What must not be told again after a restart, and what was last told.
cooldowns = Table(
    "monitor_cooldowns",
    METADATA,
    Column("name", String(250), primary_key=True),
    moment("at"),
    Column("value", Text, nullable=False, server_default=text("''")),  # JSON
    Index("ix_monitor_cooldowns_at", "at"),
)

# Outbox and log in one: `pending` rows are to be sent, all others tell what became of them.
deliveries = Table(
    "monitor_deliveries",
    METADATA,
    key(),
    words("uuid"),  # the same over all tries
    words("dvr_id"),
    words("activity_uuid"),
    words("provider_type"),  # apprise, discord, email, webhook
    words("channel"),  # pushover, discord, ..., webhook
    words("channel_id"),  # which of several
    words("event_type"),
    words("severity"),
    words("status"),
    whole("tries"),
    whole("payload_size"),
    words("error"),
    Column("notice", JsonText, nullable=False),  # outbox.model.Notice
    moment("created_at"),
    moment("due_at"),
    moment("expires_at"),
    moment("at"),  # of the last change
    whole("latency_ms"),
    UniqueConstraint("uuid", "channel", "channel_id"),
    Index(
        "ix_monitor_deliveries_pending",
        "due_at",
        "id",
        sqlite_where=text("status = 'pending'"),
        postgresql_where=text("status = 'pending'"),
    ),
    Index("ix_monitor_deliveries_at", "at", "id"),
    Index("ix_monitor_deliveries_dvr", "dvr_id", "at", "id"),
    Index("ix_monitor_deliveries_channel", "channel", "at", "id"),
    Index("ix_monitor_deliveries_status", "status", "at", "id"),
)

rules = Table(
    "monitor_rules",
    METADATA,
    key(),
    words("name"),
    flag("enabled", on=True),
    flag("built_in"),
    Column("body", JsonText, nullable=False),  # alerts.rules.RuleBody
    moment("created_at"),
    moment("updated_at"),
)

incidents = Table(
    "monitor_incidents",
    METADATA,
    key(),
    words("dvr_id"),
    words("kind"),
    words("severity"),
    words("title"),
    words("state"),  # open, acknowledged, resolved
    flag("muted"),
    whole("events"),
    moment("opened_at"),
    moment("seen_at"),
    moment("resolved_at", optional=True),
    Index(
        "ix_monitor_incidents_open",
        "dvr_id",
        "kind",
        sqlite_where=text("resolved_at IS NULL"),
        postgresql_where=text("resolved_at IS NULL"),
    ),
    Index("ix_monitor_incidents_opened", "opened_at", "id"),
)

incident_notes = Table(
    "monitor_incident_notes",
    METADATA,
    key(),
    link("incident_id", "monitor_incidents"),
    moment("at"),
    words("kind"),  # opened, event, acknowledged, comment, muted, resolved
    words("text"),
    words("actor"),
    Index("ix_monitor_incident_notes_incident", "incident_id", "id"),
)

silences = Table(
    "monitor_silences",
    METADATA,
    key(),
    Column("match", JsonText, nullable=False),  # alerts.rules.Match
    words("comment"),
    words("made_by"),
    moment("starts_at"),
    moment("ends_at"),
    Index("ix_monitor_silences_ends", "ends_at"),
)
