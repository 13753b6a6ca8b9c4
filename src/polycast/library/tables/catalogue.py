"""The catalogue: libraries, folders, files, titles, people, artwork."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, UniqueConstraint, text

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, sorted_words, whole, words
from polycast.library.tables.base import METADATA

libraries = Table(
    "library_libraries",
    METADATA,
    key(),
    words("nanoid"),
    words("name"),
    sorted_words("name_key"),
    words("type"),  # movie, tv, podcast, mixed, anime, home_video, music
    flag("enabled", on=True),
    words("language"),
    words("country"),
    Column("scan_interval_minutes", BigInteger),
    flag("watch_enabled", on=True),
    flag("prefer_local", on=True),
    words("trickplay"),  # on_demand, on_scan, never
    flag("detect_intros", on=True),
    whole("item_count"),
    words("scan_status"),  # idle, queued, scanning, error
    words("scan_error"),
    moment("last_scanned_at", optional=True),
    moment("created_at"),
    moment("updated_at"),
    moment("removed_at", optional=True),  # hidden from everybody; rows go in the background
    UniqueConstraint("nanoid"),
)

library_paths = Table(
    "library_paths",
    METADATA,
    key(),
    link("library_id", "library_libraries"),
    words("path"),
    whole("position"),
    whole("file_count"),  # at the last scan: an empty folder that held many is an unplugged disk
    words("error"),
    UniqueConstraint("path"),
    Index("ix_library_paths_library", "library_id", "position"),
)

permissions = Table(
    "library_permissions",
    METADATA,
    Column(
        "library_id",
        BigInteger,
        ForeignKey("library_libraries.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("granted_by", BigInteger),
    moment("created_at"),
    Index("ix_library_permissions_user", "user_id", "library_id"),
)

# Films, shows, seasons and episodes in one table: one visibility rule, one search, one keyset for all of them. What the
# rule reads (`library_id`, `top_id`, `min_age`, `is_rated`) stands in each row; a season and an episode repeat their show's.
items = Table(
    "library_items",
    METADATA,
    key(),
    words("nanoid"),
    words("uuid"),  # Jellyfin's 32 hex characters
    link("library_id", "library_libraries"),
    words("kind"),  # movie, show, season, episode
    Column("parent_id", BigInteger),  # a season's show, an episode's season
    Column("top_id", BigInteger),  # the film or show it belongs to; itself for these
    words("title"),
    sorted_words("title_key"),
    words("original_title"),
    words("original_language"),
    Column("year", BigInteger),
    Column("released", BigInteger),  # days since 1970: release, first air date, air date
    words("overview"),
    words("tagline"),
    Column("runtime", BigInteger),  # minutes
    words("content_rating"),
    Column("min_age", BigInteger),
    flag("is_rated"),
    Column("season_number", BigInteger),
    Column("episode_number", BigInteger),
    Column("end_number", BigInteger),  # last episode of a file that holds several
    Column("absolute_number", BigInteger),
    words("status"),  # of a show: returning, ended, canceled, in_production, planned, pilot
    words("ordering"),  # of a show: aired, dvd, absolute ...
    Column("last_aired", BigInteger),  # days since 1970
    words("match_key"),  # what it is by its name: folded title and year, or numbers below a show
    words("match_status"),  # pending, matched, pending_retry, unmatched, manual
    whole("match_confidence"),  # thousandths
    Column("candidates", JsonText),  # what it could be, best first, while nobody has decided
    moment("retry_at", optional=True),
    whole("tries"),
    moment("refreshed_at", optional=True),
    Column("tmdb", BigInteger),
    Column("imdb", Text),
    Column("tvdb", BigInteger),
    Column("collection_tmdb", BigInteger),
    words("collection_name"),
    Column("rating", BigInteger),  # hundredths of 10
    whole("popularity"),  # thousandths
    Column("locked", JsonText, nullable=False),  # names of fields that no refresh touches
    Column("images", JsonText, nullable=False),  # {"poster": "<sha256>"} of what is selected
    Column("extra", JsonText, nullable=False),  # what only details show: countries, trailers
    flag("is_available"),  # has a file that is there; of a show: an episode has
    flag("is_shell"),  # imported, waits for its file
    whole("episode_count"),  # of a show or season: known episodes
    whole("available_count"),  # of these, those with files
    # Of the best file, for filters and sorting.
    whole("height"),
    words("resolution"),
    words("hdr"),
    words("video_codec"),
    words("audio_codec"),
    whole("audio_channels"),
    words("container"),
    whole("file_size"),
    whole("bitrate"),
    whole("duration_ms"),
    moment("added_at"),
    moment("updated_at"),
    UniqueConstraint("nanoid"),
    UniqueConstraint("uuid"),
    UniqueConstraint("library_id", "kind", "match_key"),
    Index("ix_library_items_title", "kind", "title_key", "id"),
    Index("ix_library_items_added", "kind", "added_at", "id"),
    Index("ix_library_items_year", "kind", text("coalesce(year, -1)"), "id"),
    Index("ix_library_items_released", "kind", text("coalesce(released, -1)"), "id"),
    Index("ix_library_items_rating", "kind", text("coalesce(rating, -1)"), "id"),
    Index("ix_library_items_runtime", "kind", text("coalesce(runtime, -1)"), "id"),
    Index("ix_library_items_size", "kind", "file_size", "id"),
    Index("ix_library_items_bitrate", "kind", "bitrate", "id"),
    Index("ix_library_items_library", "library_id", "kind", "id"),
    Index("ix_library_items_parent", "parent_id", "episode_number", "id"),
    Index("ix_library_items_top", "top_id", "kind", "season_number", "episode_number"),
    Index("ix_library_items_tmdb", "kind", "tmdb"),
    Index("ix_library_items_imdb", "kind", "imdb"),
    Index("ix_library_items_tvdb", "kind", "tvdb"),
    Index("ix_library_items_match", "library_id", "match_status", "kind"),
    Index("ix_library_items_retry", "match_status", "retry_at"),
    Index("ix_library_items_collection", "collection_tmdb"),
)

# Words that titles share: genres, keywords, studios, networks, countries, and what enrichment adds.
tags = Table(
    "library_tags",
    METADATA,
    Column(
        "item_id", BigInteger, ForeignKey("library_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("kind", Text, primary_key=True),
    Column("value_key", Text, primary_key=True),  # folded
    words("value"),
    whole("position"),
    Index("ix_library_tags_value", "kind", "value_key", "item_id"),
)

# One row per folder of a library: what it looked like when it was last read. A quick scan reads only those that differ.
folders = Table(
    "library_folders",
    METADATA,
    key(),
    link("library_id", "library_libraries"),
    link("path_id", "library_paths"),
    words("path"),  # absolute
    Column("parent", Text),  # of `path`; null at the top
    whole("mtime_ns"),  # 0: look again
    words("signature"),  # of names, sizes and times in it
    UniqueConstraint("path"),
    Index("ix_library_folders_library", "library_id", "id"),
)

files = Table(
    "library_files",
    METADATA,
    key(),
    words("nanoid"),
    link("library_id", "library_libraries"),
    link("path_id", "library_paths"),
    Column("folder_id", BigInteger),
    link("item_id", "library_items", optional=True, gone="SET NULL"),
    words("path"),  # absolute
    words("role"),  # main, or the kind of an extra: trailer, featurette ...
    words("title"),  # of an extra
    whole("size"),  # bytes
    whole("mtime_ns"),
    whole("inode"),
    whole("device"),
    words("fingerprint"),  # of size and three pieces; "" until probed
    words("movie_hash"),  # OpenSubtitles' 64 bit, hex
    words("state"),  # available, missing
    moment("missing_since", optional=True),
    words("probe_status"),  # pending, ok, failed
    words("probe_error"),
    whole("probe_tries"),
    Column("probed", Text),  # JSON of what the prober found; null until then
    whole("duration_ms"),
    whole("bitrate"),
    words("container"),
    words("video_codec"),
    words("audio_codec"),
    whole("audio_channels"),
    whole("width"),
    whole("height"),
    words("resolution"),
    words("hdr"),
    words("edition"),
    words("three_d"),
    whole("part_index"),  # from 1; 0: the file is whole
    whole("part_count"),
    words("parsed"),  # JSON of what its name says
    moment("added_at"),
    UniqueConstraint("nanoid"),
    UniqueConstraint("path"),
    Index("ix_library_files_item", "item_id", "role", "height"),
    Index("ix_library_files_folder", "folder_id"),
    Index("ix_library_files_library", "library_id", "state", "id"),
    Index("ix_library_files_probe", "library_id", "probe_status", "id"),
    Index("ix_library_files_fingerprint", "fingerprint"),
    Index("ix_library_files_missing", "missing_since"),
)

# Further episodes that a file holds; the first one is `files.item_id`.
file_episodes = Table(
    "library_file_episodes",
    METADATA,
    Column(
        "item_id", BigInteger, ForeignKey("library_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column(
        "file_id", BigInteger, ForeignKey("library_files.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Index("ix_library_file_episodes_file", "file_id"),
)

# Subtitles and notes that lie beside a video.
sidecars = Table(
    "library_sidecars",
    METADATA,
    key(),
    words("nanoid"),
    link("library_id", "library_libraries"),
    link("file_id", "library_files", optional=True, gone="CASCADE"),
    Column("folder_id", BigInteger),
    words("path"),
    words("kind"),  # subtitle, audio, nfo, image
    words("format"),  # srt, ass, vtt ...
    words("language"),
    words("title"),
    flag("is_forced"),
    flag("is_hearing_impaired"),
    whole("size"),
    whole("mtime_ns"),
    UniqueConstraint("path"),
    UniqueConstraint("nanoid"),
    Index("ix_library_sidecars_file", "file_id", "kind"),
    Index("ix_library_sidecars_folder", "folder_id"),
    Index("ix_library_sidecars_library", "library_id", "kind", "id"),
)

# What scans passed over and why.
skipped = Table(
    "library_skipped",
    METADATA,
    key(),
    link("library_id", "library_libraries"),
    words("path"),
    words("reason"),
    moment("at"),
    UniqueConstraint("path"),
    Index("ix_library_skipped_library", "library_id", "id"),
)

people = Table(
    "library_people",
    METADATA,
    key(),
    words("nanoid"),
    words("uuid"),
    words("name"),
    sorted_words("name_key"),
    Column("tmdb", BigInteger),
    Column("imdb", Text),
    words("biography"),
    words("birthday"),
    words("deathday"),
    words("place_of_birth"),
    words("known_for"),
    words("image"),  # sha256, or "tmdb:/path.jpg" until it was fetched
    moment("refreshed_at", optional=True),
    UniqueConstraint("nanoid"),
    UniqueConstraint("uuid"),
    Index("ix_library_people_name", "name_key", "id"),
    Index("ix_library_people_tmdb", "tmdb"),
)

parts = Table(
    "library_credits",
    METADATA,
    key(),
    link("item_id", "library_items"),
    link("person_id", "library_people"),
    words("kind"),  # cast, crew
    words("character"),
    words("job"),
    words("department"),
    whole("position"),
    Index("ix_library_credits_item", "item_id", "kind", "position"),
    Index("ix_library_credits_person", "person_id", "kind", "item_id"),
)

ratings = Table(
    "library_ratings",
    METADATA,
    Column(
        "item_id", BigInteger, ForeignKey("library_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("source", Text, primary_key=True),  # imdb, tmdb, trakt, metacritic, letterboxd, rt_critics, rt_audience
    whole("value"),  # thousandths of its own scale
    whole("scale"),
    Column("votes", BigInteger),
    words("url"),
    moment("fetched_at"),
)

artwork = Table(
    "library_artwork",
    METADATA,
    key(),
    words("nanoid"),
    Column("item_id", BigInteger, ForeignKey("library_items.id", ondelete="CASCADE")),
    words("kind"),  # poster, backdrop, logo, still, banner, thumb, clearart, disc, profile
    words("source"),  # local, embedded, tmdb, tvdb, fanart, generated, upload
    words("language"),
    whole("width"),
    whole("height"),
    words("sha256"),  # of the bytes in our store; "" until fetched
    words("origin"),  # path beside the media, or the provider's path
    words("blur_hash"),
    whole("score"),
    UniqueConstraint("nanoid"),
    Index("ix_library_artwork_item", "item_id", "kind", "id"),
    Index("ix_library_artwork_sha", "sha256"),
)
