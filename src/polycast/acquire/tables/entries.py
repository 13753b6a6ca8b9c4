"""Acquired items, their files, and where they live."""

from sqlalchemy import BigInteger, Column, Float, Index, LargeBinary, Table, Text, UniqueConstraint, text

from polycast.acquire.tables.base import METADATA
from polycast.core.storage import JsonText
from polycast.core.storage.columns import SORTED, flag, key, link, moment, sorted_words, whole, words

entries = Table(
    "acquire_entries",
    METADATA,
    key(),
    words("info_hash"),  # 40 hex digits, lower case; of an NZB its id
    words("protocol"),  # torrent, nzb
    words("name"),
    words("original_name"),
    sorted_words("name_key"),
    words("folder"),  # what the tree calls it; kept when the naming changes, because imported links point there
    whole("size_bytes"),  # of the selected files
    words("magnet"),
    words("category"),
    Column("tags", JsonText, nullable=False),
    words("state"),  # State
    flag("is_paused"),
    flag("is_forced"),  # passes the queue
    flag("in_client"),  # a download client still shows it
    flag("is_bad"),
    Column("progress", Float, nullable=False, server_default=text("0")),
    whole("speed_bps"),  # bytes a second
    whole("seeders"),
    whole("fetched_bytes"),  # of a local download
    whole("position"),  # order in the queue
    words("active_provider"),
    words("action"),  # symlink, download, strm, none
    words("save_path"),
    Column("options", JsonText, nullable=False),  # Options: what the request asked for
    Column("client", JsonText, nullable=False),  # ClientSettings: what a download client stored and reads back
    words("error"),
    words("error_code"),
    whole("error_count"),
    moment("error_at", optional=True),
    moment("added_at"),
    moment("updated_at"),
    moment("completed_at", optional=True),
    moment("imported_at", optional=True),
    moment("moved_at", optional=True),  # when progress last moved
    moment("retry_at", optional=True),
    whole("inserts"),  # times it was put back at a provider in the last day
    moment("inserted_at", optional=True),
    UniqueConstraint("info_hash"),
    Index("ix_acquire_entries_client", "in_client", "category"),
    Index("ix_acquire_entries_state", "state"),
    Index("ix_acquire_entries_added", "added_at", "id"),
    Index("ix_acquire_entries_folder", "folder"),
    Index("ix_acquire_entries_board", "in_client", "protocol", "updated_at", "id"),
)

files = Table(
    "acquire_files",
    METADATA,
    key(),
    link("entry_id", "acquire_entries"),
    whole("position"),
    words("name"),  # of one segment, safe, unique in its entry
    words("path"),  # as the torrent has it
    whole("size_bytes"),
    moment("added_at"),
    Column("range_start", BigInteger),  # inside the provider's single packed file
    whole("priority", start=1),
    flag("is_deleted"),
    UniqueConstraint("entry_id", "name"),
)

placements = Table(
    "acquire_placements",
    METADATA,
    key(),
    link("entry_id", "acquire_entries"),
    words("provider"),  # name of the account
    words("remote_id"),
    words("status"),  # Status
    Column("progress", Float, nullable=False, server_default=text("0")),
    Column("remote_files", JsonText, nullable=False),  # file name -> RemoteRef
    moment("added_at"),
    moment("downloaded_at", optional=True),
    moment("removed_at", optional=True),
    whole("missed"),  # syncs in a row that did not list it
    words("fingerprint"),
    UniqueConstraint("entry_id", "provider"),
    Index("ix_acquire_placements_remote", "provider", "remote_id"),
)

torrents = Table(
    "acquire_torrents",
    METADATA,
    key(),
    link("entry_id", "acquire_entries"),
    Column("content", LargeBinary, nullable=False),
    UniqueConstraint("entry_id"),
)

made = Table(
    "acquire_made",
    METADATA,
    key(),
    link("entry_id", "acquire_entries"),
    words("path"),  # absolute, below the download folder
    words("kind"),  # folder, link, file
    UniqueConstraint("entry_id", "path"),
)

intents = Table(
    "acquire_intents",
    METADATA,
    key(),
    words("info_hash"),
    words("provider"),
    moment("made_at"),
    UniqueConstraint("info_hash", "provider"),
)

links = Table(
    "acquire_links",
    METADATA,
    key(),
    words("provider"),
    words("account"),  # fingerprint of the download key
    words("link"),  # what it was made from
    Column("url_sealed", LargeBinary, nullable=False),
    whole("size_bytes"),
    moment("made_at"),
    UniqueConstraint("provider", "account", "link"),
)

categories = Table(
    "acquire_categories",
    METADATA,
    key(),
    words("name"),
    words("save_path"),
    UniqueConstraint("name"),
)

tags = Table("acquire_tags", METADATA, key(), words("name"), UniqueConstraint("name"))

documents = Table(
    "acquire_documents",
    METADATA,
    key(),
    words("name"),  # config, preferences
    Column("value", JsonText, nullable=False),
    whole("version"),
    UniqueConstraint("name"),
)

accounts = Table(
    "acquire_accounts",
    METADATA,
    key(),
    words("provider"),  # name in the configuration
    Column("profile", JsonText, nullable=False),
    words("error"),
    moment("disabled_until", optional=True),
    moment("looked_at", optional=True),
    moment("synced_at", optional=True),
    whole("items"),
    whole("held_back"),  # placements that a sync wants to drop, until a second one agrees
    moment("held_at", optional=True),
    UniqueConstraint("provider"),
)

usage = Table(
    "acquire_usage",
    METADATA,
    key(),
    words("provider"),
    words("day"),  # YYYY-MM-DD, UTC
    whole("bytes_served"),
    UniqueConstraint("provider", "day"),
)

__all__ = [
    "SORTED",
    "Text",
    "accounts",
    "categories",
    "documents",
    "entries",
    "files",
    "intents",
    "links",
    "made",
    "placements",
    "tags",
    "torrents",
    "usage",
]
