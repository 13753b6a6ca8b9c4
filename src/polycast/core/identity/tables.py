"""The tables of identity. Modules may have foreign keys to `core_users.id`."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from polycast.core.storage.tables import metadata
from polycast.core.storage.types import Flag, Instant, JsonText, Key

METADATA: Final[MetaData] = metadata("core")

users: Final = Table(
    "core_users",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("nanoid", Text, nullable=False, unique=True),  # 21 characters
    Column("uuid", Text, nullable=False, unique=True),  # lower case, with dashes
    Column("username", Text, nullable=False),
    Column("username_key", Text, nullable=False, unique=True),
    Column("email", Text, unique=True),  # lower case
    Column("name", Text, nullable=False),  # as people want to be called; may be empty
    Column("role", Text, nullable=False),
    Column("tenant_id", BigInteger),  # whose the user is, in radio hosting
    Column("is_active", Flag, nullable=False),
    Column("password_hash", Text),  # Argon2id, PHC; none: no sign-in by password
    Column("password_changed_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("last_sign_in_at", Instant),
    Index("ix_core_users_role", "role"),
    Index("ix_core_users_tenant_id", "tenant_id", "id"),
)

sessions: Final = Table(
    "core_sessions",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("core_users.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),  # SessionKind.name
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("device", Text, nullable=False),  # the User-Agent, or what a client calls itself
    Column("address", Text, nullable=False),
    Column("scopes", JsonText(list[str])),  # none: all of the user's role
    Column("profile_id", BigInteger),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),  # slides while it is used
    Column("last_at", Instant, nullable=False),  # never later than this
    Column("fresh_at", Instant),
    Index("ix_core_sessions_user_id", "user_id"),
    Index("ix_core_sessions_ends_at", "ends_at"),
)

api_keys: Final = Table(
    "core_api_keys",
    METADATA,
    Column("id", Key, primary_key=True),
    Column(
        "user_id", BigInteger, ForeignKey("core_users.id", ondelete="CASCADE")
    ),  # none: the server's own key, with `role`
    Column("role", Text),
    Column("name", Text, nullable=False),
    Column("made_by", Text, nullable=False),  # the dialect whose rules it follows; "" for keys made in the UI
    Column("prefix", Text, nullable=False),  # its first 8 characters, to tell keys apart
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("sealed", LargeBinary),  # only where an API must show it again
    Column("scopes", JsonText(list[str])),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("ends_at", Instant),
    Index("ix_core_api_keys_user_id", "user_id"),
)

device_passwords: Final = Table(
    "core_device_passwords",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("core_users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("secret_hash", LargeBinary),  # SHA-256 of a random one
    Column("password_hash", Text),  # Argon2id of a chosen one; exactly one of the two is there
    Column("scopes", JsonText(list[str])),
    Column("networks", JsonText(list[str])),  # CIDRs it works from; none: from everywhere
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("ends_at", Instant),
    UniqueConstraint("user_id", "name"),
)

throttle: Final = Table(
    "core_throttle",
    METADATA,
    Column("key", Text, primary_key=True),  # "net:10.0.0.0/32", "account:7"
    Column("failures", Integer, nullable=False),
    Column("since", Instant, nullable=False),  # start of the window that is counted
    Column("until", Instant),  # refused until then
    Index("ix_core_throttle_since", "since"),
)

audit: Final = Table(
    "core_audit",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("user_id", BigInteger),  # no foreign key: the entry outlives the user
    Column("username", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("details", JsonText(dict[str, str])),
    Index("ix_core_audit_at", "at"),
    Index("ix_core_audit_user_id", "user_id", "id"),
    Index("ix_core_audit_action", "action", "id"),
)
