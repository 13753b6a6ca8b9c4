"""What happens while people watch: who owns a running channel, its clients, the slots they hold, and the event ring."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, UniqueConstraint, text

from polycast.core.storage import JsonText
from polycast.core.storage.columns import key, link, moment, whole, words
from polycast.live.tables.base import METADATA

# One row per running channel: the node that reads the upstream. A lease: it counts until `lease_until`.
relays = Table(
    "live_relays",
    METADATA,
    Column(
        "channel_id",
        BigInteger,
        ForeignKey("live_channels.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    words("node"),
    words("address"),  # where other nodes fetch its bytes from
    words("state"),
    Column("stream_id", BigInteger),
    Column("account_profile_id", BigInteger),
    moment("started_at"),
    moment("lease_until"),
)

# A connection to a provider. Counted by profile and, in a server group, by login; dead once `lease_until` has passed.
slots = Table(
    "live_slots",
    METADATA,
    key(),
    link("account_id", "live_accounts"),
    link("account_profile_id", "live_account_profiles"),
    Column("server_group_id", BigInteger),
    Column("login_fingerprint", LargeBinary),
    words("holder"),  # what it is held for: "channel:<uuid>", "recording:<id>", "vod:<session>"
    words("node"),
    whole("priority"),
    moment("taken_at"),
    moment("lease_until"),
    UniqueConstraint("holder", "account_profile_id"),
    Index("ix_live_slots_profile", "account_profile_id", "lease_until"),
    Index("ix_live_slots_login", "server_group_id", "login_fingerprint", "lease_until"),
)

# Clients of live channels, films and catch-up: running while `ended_at` is null, then history.
clients = Table(
    "live_clients",
    METADATA,
    key(),
    words("client_id"),  # "client_<ms>_<4 digits>"
    words("kind"),  # live, vod, catchup
    words("node"),
    Column("channel_id", BigInteger),
    words("channel_uuid"),
    words("channel_name"),
    Column("stream_id", BigInteger),
    Column("user_id", BigInteger),
    words("username"),
    words("ip_address"),
    words("user_agent"),
    moment("connected_at"),
    moment("seen_at"),
    moment("ended_at", optional=True),
    words("end_reason"),
    whole("bytes_sent"),
    whole("failovers"),
    words("output_format"),
    Column("output_profile_id", BigInteger),
    words("state"),
    UniqueConstraint("client_id"),
    Index(
        "ix_live_clients_running",
        "user_id",
        "id",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("ix_live_clients_ended", "ended_at", "id"),
    Index("ix_live_clients_user", "user_id", "id"),
)

# A ring: the oldest go when there are more than `max_system_events`.
system_events = Table(
    "live_system_events",
    METADATA,
    key(),
    words("event_type"),
    moment("at"),
    words("channel_uuid"),
    words("channel_name"),
    Column("details", JsonText, nullable=False),
    Index("ix_live_system_events_type", "event_type", "id"),
)
