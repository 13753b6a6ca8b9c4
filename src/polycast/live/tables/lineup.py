"""The line-up people curate: channels, what overrides them, who sees them, and their logos."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint, text

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, sorted_words, whole, words
from polycast.live.tables.base import METADATA

logos = Table(
    "live_logos",
    METADATA,
    key(),
    words("name"),
    sorted_words("name_key"),
    words("url"),  # remote, or a path below <data>/logos
    moment("created_at"),
    UniqueConstraint("url"),
    Index("ix_live_logos_name_key", "name_key", "id"),
)

# What lists sort by: channels without a number after all others. As an expression, because the engines do not agree
# on where nulls belong, and neither uses an index that says otherwise.
NUMBER_ORDER = text("coalesce(eff_number, 4611686018427387904)")

# `name`, `number` ... are what a sync or a person wrote; `eff_*` is override ?? that, kept by the store with each
# write of either row, because lists sort and filter by it. Numbers are thousandths.
channels = Table(
    "live_channels",
    METADATA,
    key(),
    words("uuid"),  # version 4; in player addresses, stable for the life of the channel
    words("name"),
    Column("number", BigInteger),
    link("group_id", "live_groups", optional=True, gone="SET NULL"),
    link("logo_id", "live_logos", optional=True, gone="SET NULL"),
    words("tvg_id"),
    words("tvc_guide_stationid"),
    link("guide_channel_id", "live_guide_channels", optional=True, gone="SET NULL"),
    link("stream_profile_id", "live_stream_profiles", optional=True, gone="SET NULL"),
    words("eff_name"),
    sorted_words("eff_name_key"),
    Column("eff_number", BigInteger),
    link("eff_group_id", "live_groups", optional=True, gone="SET NULL"),
    link("eff_logo_id", "live_logos", optional=True, gone="SET NULL"),
    words("eff_tvg_id"),
    words("eff_tvc_guide_stationid"),
    link("eff_guide_channel_id", "live_guide_channels", optional=True, gone="SET NULL"),
    link("eff_stream_profile_id", "live_stream_profiles", optional=True, gone="SET NULL"),
    whole("user_level"),
    flag("is_adult"),
    flag("is_radio"),
    flag("is_catchup"),
    whole("catchup_days"),
    flag("is_hidden"),  # hidden_from_output; `enabled` is its inverse
    flag("auto_created"),
    link("auto_account_id", "live_accounts", optional=True, gone="SET NULL"),
    link("auto_group_id", "live_groups", optional=True, gone="SET NULL"),  # the group whose sync made it
    Column("relay_options", JsonText),  # constants of the relay that differ for this channel
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("uuid"),
    Index("ix_live_channels_number", "eff_number", "id"),
    Index("ix_live_channels_name", "eff_name_key", "id"),
    Index("ix_live_channels_order", NUMBER_ORDER, "id"),
    Index("ix_live_channels_visible", "is_hidden", NUMBER_ORDER, "id"),
    Index("ix_live_channels_visible_name", "is_hidden", "eff_name_key", "id"),
    Index("ix_live_channels_group", "eff_group_id", NUMBER_ORDER, "id"),
    Index("ix_live_channels_guide", "eff_guide_channel_id", "eff_number"),
    Index("ix_live_channels_base_group", "group_id"),
    Index("ix_live_channels_base_guide", "guide_channel_id"),
    Index("ix_live_channels_logo", "eff_logo_id"),
    Index("ix_live_channels_base_logo", "logo_id"),
    Index("ix_live_channels_auto", "auto_account_id", "auto_group_id"),
    Index("ix_live_channels_tvg", "eff_tvg_id"),
)

channel_overrides = Table(
    "live_channel_overrides",
    METADATA,
    Column(
        "channel_id",
        BigInteger,
        ForeignKey("live_channels.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("name", Text),
    Column("number", BigInteger),
    link("group_id", "live_groups", optional=True, gone="SET NULL"),
    link("logo_id", "live_logos", optional=True, gone="SET NULL"),
    Column("tvg_id", Text),
    Column("tvc_guide_stationid", Text),
    link("guide_channel_id", "live_guide_channels", optional=True, gone="SET NULL"),
    link("stream_profile_id", "live_stream_profiles", optional=True, gone="SET NULL"),
)

channel_streams = Table(
    "live_channel_streams",
    METADATA,
    Column(
        "channel_id",
        BigInteger,
        ForeignKey("live_channels.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "stream_id",
        BigInteger,
        ForeignKey("live_streams.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    whole("position"),  # the order of failover
    Index("ix_live_channel_streams_stream", "stream_id", "channel_id"),
)

channel_profiles = Table(
    "live_channel_profiles",
    METADATA,
    key(),
    words("name"),
    UniqueConstraint("name"),
)

channel_profile_members = Table(
    "live_channel_profile_members",
    METADATA,
    Column(
        "profile_id",
        BigInteger,
        ForeignKey("live_channel_profiles.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "channel_id",
        BigInteger,
        ForeignKey("live_channels.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    flag("enabled", on=True),
    Index("ix_live_channel_profile_members_channel", "channel_id"),
)

# How channels were before a change of many, for a day.
undos = Table(
    "live_undos",
    METADATA,
    key(),
    words("token"),
    words("text"),
    moment("made_at"),
    Column("body", LargeBinary, nullable=False),  # MessagePack: see live/lineup/undo.py
    UniqueConstraint("token"),
)

# Counted up by triggers with each write to what lists of channels show: the sum over the writers is the line-up's version.
lineup_versions = Table(
    "live_lineup_versions",
    METADATA,
    Column("writer", BigInteger, primary_key=True, autoincrement=False),
    whole("version"),
)
