"""Who may see what: managed profiles, their exceptions, PINs."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, whole, words
from polycast.library.tables.base import METADATA

profiles = Table(
    "library_profiles",
    METADATA,
    key(),
    words("nanoid"),
    Column("user_id", BigInteger, nullable=False),
    words("name"),
    words("avatar"),
    Column("max_age", BigInteger),
    flag("block_unrated"),
    words("rating_country"),
    flag("kids_ui"),
    Column("pin_hash", Text),
    Column("allowed_libraries", JsonText),  # keys of libraries; null: all the account may see
    Column("daily_limit", BigInteger),  # minutes
    words("bedtime_from"),  # "20:30"
    words("bedtime_to"),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("nanoid"),
    Index("ix_library_profiles_user", "user_id", "id"),
)

restrictions = Table(
    "library_restrictions",
    METADATA,
    Column(
        "profile_id",
        BigInteger,
        ForeignKey("library_profiles.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "item_id", BigInteger, ForeignKey("library_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    words("action"),  # allow, block
    Index("ix_library_restrictions_item", "item_id"),
)

account_pins = Table(
    "library_account_pins",
    METADATA,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    words("pin_hash"),
    moment("set_at"),
)

screen_time = Table(
    "library_screen_time",
    METADATA,
    Column(
        "profile_id",
        BigInteger,
        ForeignKey("library_profiles.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("day", BigInteger, primary_key=True, autoincrement=False),  # days since 1970, server zone
    whole("seconds"),
    link("last_item_id", "library_items", optional=True, gone="SET NULL"),
)
