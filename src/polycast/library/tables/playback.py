"""What happens while people watch: progress, history, sessions, and what was found out about files for playing them."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, UniqueConstraint, text

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, whole, words
from polycast.library.tables.base import METADATA

# Where a person stopped, and what they have seen. Keyed by what a title is, never by its files; no scan deletes a row, so
# `item_id` is no foreign key. `profile_id` is 0 for the account itself.
progress = Table(
    "library_progress",
    METADATA,
    key(),
    Column("user_id", BigInteger, nullable=False),
    whole("profile_id"),
    Column("item_id", BigInteger, nullable=False),
    Column("top_id", BigInteger),  # the show of an episode
    whole("position_ms"),
    whole("duration_ms"),
    flag("watched"),
    whole("play_count"),
    moment("last_played_at", optional=True),
    moment("updated_at"),
    words("audio_language"),
    words("subtitle_language"),
    Column("file_id", BigInteger),
    words("source"),  # playback, manual, import, trakt, jellyfin_client
    flag("is_hidden"),  # taken off "continue watching" until played again
    flag("is_favorite"),
    UniqueConstraint("user_id", "profile_id", "item_id"),
    Index("ix_library_progress_recent", "user_id", "profile_id", "last_played_at"),
    Index("ix_library_progress_top", "user_id", "profile_id", "top_id"),
    Index("ix_library_progress_item", "item_id"),
)

# One row per viewing, never changed after its end.
plays = Table(
    "library_plays",
    METADATA,
    key(),
    words("nanoid"),
    Column("user_id", BigInteger, nullable=False),
    whole("profile_id"),
    Column("item_id", BigInteger, nullable=False),
    Column("top_id", BigInteger),
    Column("file_id", BigInteger),
    words("kind"),  # movie, episode
    words("title"),
    moment("started_at"),
    moment("ended_at", optional=True),
    whole("played_ms"),
    flag("completed"),
    words("mode"),
    words("client"),
    words("device"),
    UniqueConstraint("nanoid"),
    Index("ix_library_plays_user", "user_id", "profile_id", "started_at"),
    Index("ix_library_plays_started", "started_at"),
    Index("ix_library_plays_item", "item_id", "started_at"),
)

# A playback session; alive while `ended_at` is null. It outlives the process that made it.
sessions = Table(
    "library_sessions",
    METADATA,
    key(),
    words("nanoid"),
    Column("user_id", BigInteger, nullable=False),
    whole("profile_id"),
    Column("credential_id", BigInteger),
    Column("item_id", BigInteger, nullable=False),
    Column("file_id", BigInteger, nullable=False),
    Column("play_id", BigInteger),
    words("state"),  # ready, playing, paused, suspended, ended, expired
    words("mode"),
    words("quality"),
    whole("position_ms"),
    whole("duration_ms"),
    whole("bandwidth_bps"),
    Column("plan", JsonText, nullable=False),  # what was asked and what was decided
    words("address"),
    words("client"),
    words("device"),
    words("network"),  # lan, wan
    moment("started_at"),
    moment("seen_at"),
    moment("ended_at", optional=True),
    UniqueConstraint("nanoid"),
    Index(
        "ix_library_sessions_live",
        "user_id",
        "id",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("ix_library_sessions_ended", "ended_at"),
)

# Intros, credits, recaps, previews, commercials.
marks = Table(
    "library_marks",
    METADATA,
    key(),
    words("uuid"),
    Column("item_id", BigInteger, nullable=False),
    link("file_id", "library_files", optional=True),
    words("kind"),  # intro, credits, recap, preview, commercial
    whole("start_ms"),
    whole("end_ms"),
    words("source"),  # chapter, fingerprint, blackframe, manual, import
    whole("confidence"),  # 0-100
    flag("is_locked"),
    UniqueConstraint("uuid"),
    Index("ix_library_marks_item", "item_id", "start_ms"),
    Index("ix_library_marks_file", "file_id"),
)

# Where a file's pictures can be entered, and what its sound is like; good while size and time are those of the file.
looks = Table(
    "library_looks",
    METADATA,
    link("file_id", "library_files"),
    words("kind"),  # keyframes, sound_head, sound_tail
    whole("size"),
    whole("mtime_ns"),
    Column("content", LargeBinary, nullable=False),
    moment("made_at"),
    UniqueConstraint("file_id", "kind"),
)

# Subtitles that were fetched or sent to us; those beside a video are `library_sidecars`.
subtitles = Table(
    "library_subtitles",
    METADATA,
    key(),
    words("nanoid"),
    Column("item_id", BigInteger, nullable=False),
    link("file_id", "library_files", optional=True, gone="SET NULL"),
    words("source"),  # downloaded, uploaded
    words("format"),  # srt, ass, vtt
    words("language"),
    words("title"),
    flag("is_forced"),
    flag("is_hearing_impaired"),
    whole("offset_ms"),
    words("name"),  # of the file in our own folder
    moment("created_at"),
    UniqueConstraint("nanoid"),
    Index("ix_library_subtitles_item", "item_id", "id"),
)

# Shifts of subtitle files beside a video, which we do not write to.
subtitle_shifts = Table(
    "library_subtitle_shifts",
    METADATA,
    Column("sidecar_id", BigInteger, primary_key=True, autoincrement=False),
    whole("offset_ms"),
)

# Copies made ahead of time for devices that cannot play the original.
variants = Table(
    "library_variants",
    METADATA,
    key(),
    words("nanoid"),
    link("file_id", "library_files"),
    Column("item_id", BigInteger, nullable=False),
    words("name"),  # of the file in our own folder
    words("recipe"),
    words("container"),
    words("video_codec"),
    words("audio_codec"),
    whole("height"),
    whole("bitrate"),
    whole("size"),
    words("status"),  # pending, running, ready, failed
    words("error"),
    Column("covers", JsonText, nullable=False),  # device names
    Column("probed", JsonText),
    moment("created_at"),
    moment("used_at"),
    UniqueConstraint("nanoid"),
    UniqueConstraint("file_id", "recipe"),
    Index("ix_library_variants_status", "status", "id"),
    Index("ix_library_variants_item", "item_id"),
)

optimization = Table(
    "library_optimization",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # one row
    Column("body", JsonText, nullable=False),
)

# Devices of Jellyfin clients, by the session that their token is.
devices = Table(
    "library_devices",
    METADATA,
    key(),
    words("nanoid"),
    Column("user_id", BigInteger, nullable=False),
    Column("credential_id", BigInteger, nullable=False),
    words("device_id"),
    words("device"),
    words("client"),
    words("version"),
    Column("capabilities", JsonText, nullable=False),
    moment("seen_at"),
    UniqueConstraint("nanoid"),
    UniqueConstraint("credential_id"),
    Index("ix_library_devices_user", "user_id", "device_id"),
)

display_preferences = Table(
    "library_display_preferences",
    METADATA,
    key(),
    Column("user_id", BigInteger, nullable=False),
    words("name"),
    words("client"),
    Column("body", JsonText, nullable=False),
    UniqueConstraint("user_id", "name", "client"),
)

quick_connects = Table(
    "library_quick_connects",
    METADATA,
    key(),
    Column("secret_hash", LargeBinary, nullable=False),
    words("code"),
    words("device_id"),
    words("device"),
    words("client"),
    words("version"),
    Column("user_id", BigInteger),  # who has said yes
    moment("created_at"),
    UniqueConstraint("secret_hash"),
    Index("ix_library_quick_connects_code", "code"),
)
