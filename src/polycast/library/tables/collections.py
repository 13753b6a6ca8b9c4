"""Collections, watchlists, and how people like their start page."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from polycast.core.storage import JsonText
from polycast.core.storage.columns import key, moment, sorted_words, whole, words
from polycast.library.tables.base import METADATA

collections = Table(
    "library_collections",
    METADATA,
    key(),
    words("nanoid"),
    words("uuid"),
    words("name"),
    sorted_words("name_key"),
    words("description"),
    words("type"),  # manual, auto, smart, builtin
    words("match_mode"),  # all, any
    words("media_scope"),  # movies, shows, both
    Column("rules", JsonText, nullable=False),
    words("sort_by"),
    words("sort_order"),
    Column("item_limit", BigInteger),
    words("visibility"),  # server, private
    words("poster"),
    Column("tmdb", BigInteger),  # of a franchise
    whole("item_count"),
    Column("created_by", BigInteger),
    moment("last_refreshed_at", optional=True),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("nanoid"),
    UniqueConstraint("uuid"),
    Index("ix_library_collections_name", "name_key", "id"),
    Index("ix_library_collections_type", "type", "id"),
    Index("ix_library_collections_owner", "created_by", "name_key"),
)

collection_items = Table(
    "library_collection_items",
    METADATA,
    Column(
        "collection_id",
        BigInteger,
        ForeignKey("library_collections.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "item_id", BigInteger, ForeignKey("library_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    whole("position"),
    moment("added_at"),
    Index("ix_library_collection_items_order", "collection_id", "position", "item_id"),
    Index("ix_library_collection_items_item", "item_id"),
)

watchlist = Table(
    "library_watchlist",
    METADATA,
    key(),
    words("nanoid"),
    Column("user_id", BigInteger, nullable=False),
    whole("profile_id"),
    words("media_type"),
    Column("item_id", BigInteger, ForeignKey("library_items.id", ondelete="SET NULL")),
    Column("tmdb", BigInteger),
    words("identity"),  # "tmdb:movie:550", else "item:12": what a person lists once
    words("title"),
    Column("year", BigInteger),
    words("poster"),
    words("source"),
    moment("added_at"),
    UniqueConstraint("nanoid"),
    UniqueConstraint("user_id", "profile_id", "identity"),
    Index("ix_library_watchlist_user", "user_id", "profile_id", "id"),
    Index("ix_library_watchlist_item", "item_id"),
)

# What a person has arranged: layout of the start page, playback preferences, overrides for a show. JSON by name.
preferences = Table(
    "library_preferences",
    METADATA,
    key(),
    Column("user_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("body", JsonText, nullable=False),
    moment("updated_at"),
    UniqueConstraint("user_id", "name"),
)
