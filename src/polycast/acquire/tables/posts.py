"""What is known of posts, so that they can be read: never all of it in memory."""

from sqlalchemy import Column, LargeBinary, Table, UniqueConstraint

from polycast.acquire.tables.base import METADATA
from polycast.core.storage.columns import key, link, whole

posts = Table(
    "acquire_posts",
    METADATA,
    key(),
    link("entry_id", "acquire_entries"),
    Column("members", LargeBinary, nullable=False),  # JSON of the members, sealed: it may hold keys of archives
    whole("holes"),  # bytes that were filled with zeros while it was read
    UniqueConstraint("entry_id"),
)

post_files = Table(
    "acquire_post_files",
    METADATA,
    key(),
    link("entry_id", "acquire_entries"),
    whole("position"),
    whole("part_bytes"),
    whole("size_bytes"),
    Column("message_ids", LargeBinary, nullable=False),  # one a line
    UniqueConstraint("entry_id", "position"),
)
