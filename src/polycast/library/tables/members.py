"""Invitations, flags, and what members keep of themselves."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, UniqueConstraint

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, moment, words
from polycast.library.tables.base import METADATA

invites = Table(
    "library_invites",
    METADATA,
    key(),
    words("nanoid"),
    Column("code_hash", LargeBinary, nullable=False),
    Column("code_sealed", LargeBinary, nullable=False),
    words("role"),
    Column("libraries", JsonText, nullable=False),  # keys
    moment("expires_at", optional=True),
    Column("created_by", BigInteger),
    Column("used_by", BigInteger),
    moment("used_at", optional=True),
    moment("created_at"),
    UniqueConstraint("nanoid"),
    UniqueConstraint("code_hash"),
    Index("ix_library_invites_used", "used_at", "id"),
)

flags = Table(
    "library_flags",
    METADATA,
    Column("name", Text, primary_key=True),
    flag("enabled"),
    moment("updated_at"),
)
