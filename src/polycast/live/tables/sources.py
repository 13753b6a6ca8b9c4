"""Where streams come from: accounts with their profiles, filters and groups, and the streams themselves."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint, text

from polycast.core.storage import JsonText
from polycast.core.storage.columns import SORTED, flag, key, link, moment, sorted_words, whole, words
from polycast.live.tables.base import METADATA

server_groups = Table(
    "live_server_groups",
    METADATA,
    key(),
    words("name"),
    UniqueConstraint("name"),
)

accounts = Table(
    "live_accounts",
    METADATA,
    key(),
    words("name"),
    sorted_words("name_key"),
    words("account_type"),  # STD, XC, HDHR, FILE
    Column("url_sealed", LargeBinary),  # the playlist's or panel's address, sealed: it often holds a login
    words("url_masked"),  # the same with every credential as ***
    words("file_path"),  # below the data directory (uploads) or an absolute path of a watched folder
    Column("username_sealed", LargeBinary),
    Column("password_sealed", LargeBinary),
    # The login found in the address or in stream addresses: JSON [username, password], sealed. Stored stream
    # addresses carry {username} and {password} in its place.
    Column("login_sealed", LargeBinary),
    link("server_group_id", "live_server_groups", optional=True, gone="SET NULL"),
    whole("max_streams"),  # 0: no limit
    flag("is_active", on=True),
    flag("locked"),
    link("user_agent_id", "live_user_agents", optional=True, gone="SET NULL"),
    link("stream_profile_id", "live_stream_profiles", optional=True, gone="SET NULL"),
    whole("refresh_hours"),  # 0: never
    words("cron"),  # five fields, server zone; wins over the hours
    whole("stale_days", start=7),
    whole("priority"),
    words("status"),  # idle, fetching, parsing, error, success, pending_setup, disabled
    words("last_message"),
    flag("enable_vod"),
    flag("auto_enable_groups_live", on=True),
    flag("auto_enable_groups_vod", on=True),
    flag("auto_enable_groups_series", on=True),
    words("orphan_cleanup"),  # always, preserve_customized, never
    Column("custom_properties", JsonText, nullable=False),  # what we never read
    moment("created_at"),
    moment("updated_at", optional=True),  # last success
    moment("scanned_at", optional=True),  # start of the last complete scan: what a present stream was last seen at
    moment("next_refresh_at", optional=True),
    moment("deleted_at", optional=True),  # nobody sees it any more; a job removes its streams, then the row
    whole("stream_count"),
    whole("entry_count"),  # of the last accepted scan, before filters: what the drop guard compares with
    whole("indexed_id"),  # every stream of the account up to this key stands in the tables by name, tvg-id and hash
    words("hash_keys"),  # the parts its streams' hashes were made of; "" before the first import
    flag("is_held"),  # the drop guard holds a refresh back until somebody confirms
    words("etag"),
    words("last_modified"),
    Column("content_digest", LargeBinary),  # SHA-256 of the bytes last imported
    Column("shape_digest", LargeBinary),  # SHA-256 of the settings that shaped it: filters, enabled groups, hash keys
    Index("ux_live_accounts_name", "name", unique=True),
    Index("ix_live_accounts_name_key", "name_key", "id"),
)

account_profiles = Table(
    "live_account_profiles",
    METADATA,
    key(),
    link("account_id", "live_accounts"),
    words("name"),
    whole("max_streams"),
    flag("is_active", on=True),
    flag("is_default"),
    words("search_pattern"),
    words("replace_pattern"),
    moment("expires_at", optional=True),
    Column("user_info", JsonText),  # of an Xtream login, without user name and password
    Column("server_info", JsonText),
    moment("info_at", optional=True),  # when the two were last asked for
    Column("login_fingerprint", LargeBinary),  # accounts of a server group share connections per equal login
    words("catchup_layout"),  # the catch-up address layout that worked last
    Column("custom_properties", JsonText, nullable=False),
    UniqueConstraint("account_id", "name"),
)

filters = Table(
    "live_filters",
    METADATA,
    key(),
    link("account_id", "live_accounts"),
    words("filter_type"),  # group, name, url
    words("regex_pattern"),
    flag("exclude", on=True),
    flag("case_sensitive", on=True),
    whole("position"),
    Column("custom_properties", JsonText, nullable=False),
    Index("ix_live_filters_account", "account_id", "position", "id"),
)

groups = Table(
    "live_groups",
    METADATA,
    key(),
    words("name"),
    sorted_words("name_key"),
    UniqueConstraint("name"),
    Index("ix_live_groups_name_key", "name_key", "id"),
)

group_accounts = Table(
    "live_group_accounts",
    METADATA,
    key(),
    link("account_id", "live_accounts"),
    link("group_id", "live_groups"),
    flag("enabled", on=True),
    flag("auto_channel_sync"),
    Column("sync_start", BigInteger),  # first and last channel number of the sync, thousandths
    Column("sync_end", BigInteger),
    words("category_id"),  # the provider's (xc_id)
    Column("custom_properties", JsonText, nullable=False),
    whole("stream_count"),
    moment("stale_at", optional=True),
    moment("last_seen_at", optional=True),  # set with stale_at; a present group was seen at the account's scanned_at
    UniqueConstraint("account_id", "group_id"),
    Index("ix_live_group_accounts_group", "group_id"),
)

# A present row is not touched by a refresh that finds it unchanged: only what is missing gets `stale_at` and
# `last_seen_at`. What lists sort and search by stands in the three `live_stream_*` tables below: filled in the order
# of their keys they cost half a microsecond a row; as indices here, met in playlist order, they made an import of
# 500 k rows 18 s longer. `group_id` has no foreign key: its check would need one more index; the store keeps it.
streams = Table(
    "live_streams",
    METADATA,
    key(),
    link("account_id", "live_accounts"),
    Column("group_id", BigInteger),
    words("name"),
    words("url"),  # {username} and {password} stand for the account's login; "" for Xtream: made from provider_id
    Column("url_sealed", LargeBinary),  # of a custom stream whose address holds a credential; `url` is then masked
    words("tvg_id"),
    words("logo_url"),
    Column("provider_id", BigInteger),  # the provider's stream_id
    Column("number", BigInteger),  # the provider's channel number, thousandths
    whole("position"),  # provider order within the account; gaps between
    flag("is_adult"),
    flag("is_catchup"),
    whole("catchup_days"),
    flag("is_custom"),
    flag("enabled", on=True),
    Column("local_file", Text),
    link("stream_profile_id", "live_stream_profiles", optional=True, gone="SET NULL"),
    Column("attributes", JsonText),  # what the playlist said besides, and "vlc_opts"; None: nothing
    Column("hash", LargeBinary, nullable=False),  # SHA-256 of the identity (m3u_hash_key)
    Column("content_key", BigInteger, nullable=False),  # fingerprint of the provider's words for it
    moment("stale_at", optional=True),
    moment("last_seen_at", optional=True),  # set with stale_at; a present stream was seen at the account's scanned_at
    moment("created_at"),
    moment("updated_at"),
    Index("ix_live_streams_account", "account_id", "group_id", "id"),
    Index(
        "ix_live_streams_stale",
        "account_id",
        "last_seen_at",
        sqlite_where=text("stale_at IS NOT NULL"),
        postgresql_where=text("stale_at IS NOT NULL"),
    ),
    Index(
        "ix_live_streams_catchup", "id", sqlite_where=text("is_catchup = 1"), postgresql_where=text("is_catchup = 1")
    ),
    Index("ix_live_streams_disabled", "id", sqlite_where=text("enabled = 0"), postgresql_where=text("enabled = 0")),
    Index(
        "ix_live_streams_profile",
        "stream_profile_id",
        sqlite_where=text("stream_profile_id IS NOT NULL"),
        postgresql_where=text("stream_profile_id IS NOT NULL"),
    ),
)

# Streams by name. A stream that is not here yet is being imported; one that is gone from `live_streams` is ignored.
stream_names = Table(
    "live_stream_names",
    METADATA,
    Column("name_key", SORTED, primary_key=True),
    Column("stream_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, nullable=False),
    Column("group_id", BigInteger),
    sqlite_with_rowid=False,
)

stream_tvgs = Table(
    "live_stream_tvgs",
    METADATA,
    Column("tvg_key", SORTED, primary_key=True),
    Column("stream_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# Streams by identity: the first 63 bits of `hash`. One stream of an account has it; other accounts may have theirs.
stream_hashes = Table(
    "live_stream_hashes",
    METADATA,
    Column("hash_key", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("stream_id", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What playing a stream has taught us; apart, so that the relay and an import never write to one row.
stream_stats = Table(
    "live_stream_stats",
    METADATA,
    Column(
        "stream_id",
        BigInteger,
        ForeignKey("live_streams.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("stats", JsonText),  # codec, resolution, bit rates: the keys of the stream's `stream_stats`
    moment("updated_at", optional=True),
    whole("health", start=1000),  # 0 dead - 1000 well; decays with failures
    moment("failed_at", optional=True),
)
