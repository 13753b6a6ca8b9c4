"""The guide: its sources, their channels, and the programmes of channels somebody watches."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, UniqueConstraint

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, sorted_words, whole, words
from polycast.live.tables.base import METADATA

guide_sources = Table(
    "live_guide_sources",
    METADATA,
    key(),
    words("name"),
    sorted_words("name_key"),
    words("source_type"),  # xmltv, schedules_direct, dummy
    Column("url_sealed", LargeBinary),
    words("url_masked"),
    words("file_path"),
    Column("username_sealed", LargeBinary),
    Column("password_sealed", LargeBinary),
    flag("is_active", on=True),
    whole("refresh_hours"),
    words("cron"),
    whole("priority"),
    words("status"),  # idle, fetching, parsing, error, success, disabled
    words("last_message"),
    Column(
        "custom_properties", JsonText, nullable=False
    ),  # patterns and templates of a dummy guide, auto_apply_epg_logos
    moment("created_at"),
    moment("updated_at", optional=True),  # last success
    moment("next_refresh_at", optional=True),
    whole("channel_count"),
    whole("programme_count"),
    words("etag"),
    words("last_modified"),
    Column("content_digest", LargeBinary),
    words("kept_file"),  # name of the guide as it came below <data>/guides, for channels that are mapped later
    UniqueConstraint("name"),
    Index("ix_live_guide_sources_name_key", "name_key", "id"),
)

guide_channels = Table(
    "live_guide_channels",
    METADATA,
    key(),
    link("source_id", "live_guide_sources"),
    words("tvg_id"),
    sorted_words("tvg_key"),
    words("name"),
    sorted_words("name_key"),
    words("icon_url"),
    Column("programmes_key", BigInteger),  # fingerprint of its programmes; None: none are stored
    whole("programme_count"),
    UniqueConstraint("source_id", "tvg_id"),
    Index("ix_live_guide_channels_tvg", "tvg_key", "source_id"),
    Index("ix_live_guide_channels_name", "name_key", "id"),
)

# The programmes of one guide channel that begin on one day (UTC), in one row: a week of a thousand channels is seven
# thousand rows instead of 180 thousand, loaded in a fifth of the time, and a guide channel is replaced in one short
# commit. `titles` is what searches look through before they unpack anything.
programme_pages = Table(
    "live_programme_pages",
    METADATA,
    key(),
    link("guide_channel_id", "live_guide_channels"),
    moment("first_at"),  # the earliest start
    moment("last_at"),  # the latest end
    whole("count"),
    words("titles"),  # folded, a line each
    Column("body", LargeBinary, nullable=False),  # MessagePack, by start: see live/guide/pages.py
    Index("ix_live_programme_pages_window", "guide_channel_id", "first_at", "last_at"),
)

# What a run of the matching proposes; one row for each channel that it looked at.
guide_suggestions = Table(
    "live_guide_suggestions",
    METADATA,
    key(),
    link("channel_id", "live_channels"),
    Column("score", BigInteger, nullable=False),  # of the best candidate, 0-1000; -1 without one
    flag("is_certain"),  # good enough to be taken without a look
    Column("candidates", JsonText, nullable=False),  # best first: live/guide/match/finder.py
    moment("made_at"),
    UniqueConstraint("channel_id"),
    Index("ix_live_guide_suggestions_score", "score", "id"),
)
