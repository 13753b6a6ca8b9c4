"""Stations, their channels and DJs, and the library they play from."""

from sqlalchemy import BigInteger, Column, Float, Index, LargeBinary, Table, UniqueConstraint, text

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, sorted_words, whole, words
from polycast.radio.tables.base import METADATA


def fraction(name: str, *, start: float | None = None) -> Column[float]:
    """A real number: seconds, decibels."""
    if start is None:
        return Column(name, Float)
    return Column(name, Float, nullable=False, server_default=text(str(start)))


stations = Table(
    "radio_stations",
    METADATA,
    key(),
    link("account_id", "radio_accounts"),
    words("slug"),
    words("title"),
    words("description"),
    words("genre"),
    words("image"),
    words("url_address"),
    flag("is_default"),
    flag("is_started", on=True),  # what its owner wants; what is so, the engine knows
    flag("is_paused"),  # over `limit_stations`
    Column("password_sealed", LargeBinary),  # of sources that come to a channel directly
    words("timezone"),
    words("charset"),
    words("meta_format"),
    words("static_metadata"),
    flag("autodj_enabled", on=True),
    words("crossfade_mode"),  # off, fade, mix, smart
    fraction("crossfade_sec", start=3.0),
    fraction("loudness_target", start=-14.0),  # LUFS
    words("random_mode"),  # balanced, permutation
    words("resume_after_live"),  # resume, next
    flag("trim_silence", on=True),
    words("eq_preset"),
    Column("eq_gains", JsonText(list[float]), nullable=False),  # ten, in dB
    flag("dc_filter", on=True),
    flag("requests_enabled", on=True),
    whole("request_ip_timeout", start=300),  # seconds
    whole("request_track_timeout", start=900),  # seconds
    flag("requests_moderated"),
    whole("request_every", start=1),  # at most one request in so many tracks
    flag("likes_enabled", on=True),
    flag("public", on=True),
    flag("minisite_display"),
    words("geo_mode"),  # off, allow, deny
    Column("geo_countries", JsonText(list[str]), nullable=False),
    Column("geo_networks", JsonText(list[str]), nullable=False),
    Column("geo_agents", JsonText(list[str]), nullable=False),
    words("fallback_file"),
    Column("widget", JsonText(dict[str, str]), nullable=False),  # colours and words of the player on other pages
    moment("created_at"),
    UniqueConstraint("slug"),
    Index("ix_radio_stations_account_id", "account_id"),
)

channels = Table(
    "radio_channels",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    flag("active", on=True),
    flag("is_paused"),  # over `limit_streams`
    whole("bitrate", start=128),  # kbit/s
    whole("listeners"),  # limit; 0: the account's is all
    words("s_type"),
    words("s_format"),
    whole("port"),
    whole("ssl_port"),
    words("mount_point"),
    words("fallback_mount"),
    flag("public", on=True),
    flag("autodj_enabled", on=True),
    flag("centovacast_compatible"),
    flag("proxy_enabled", on=True),
    flag("ssl_proxy_enabled", on=True),
    words("proxy_url_path"),
    flag("allow_auth_listeners_only"),
    flag("hls_enabled", on=True),
    whole("queue_size", start=524288),  # bytes
    whole("burst_size", start=131072),  # bytes
    Column("password_sealed", LargeBinary),  # of a source; none: the station's
    Column("admin_password_sealed", LargeBinary),
    words("redirect_url"),  # where listeners over the limit are sent
    whole("listeners_peak"),
    whole("traffic_bytes"),
    whole("traffic_month_bytes"),
    words("traffic_month"),
    moment("created_at"),
    Index("ix_radio_channels_station_id", "station_id"),
    Index("ix_radio_channels_port", "port"),
)

restreams = Table(
    "radio_restreams",
    METADATA,
    link("channel_id", "radio_channels"),
    words("network"),  # youtube, fb, vk, telegram, rutube
    words("url"),
    Column("key_sealed", LargeBinary),
    flag("enabled"),
    words("image"),
    words("image_resolution"),
    UniqueConstraint("channel_id", "network"),
)

djs = Table(
    "radio_djs",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("name"),
    words("username"),
    flag("active", on=True),
    words("cat"),  # auto, real, ws, server
    whole("port"),  # 0: none; port + 1 is the DJ's too
    words("stream_url"),  # of a relay
    whole("priority"),  # 0 is the highest
    words("metadata"),  # a fixed title, with meta_source `fixed`
    words("meta_source"),  # stream, fixed
    words("meta_charset"),
    words("image"),
    whole("volume_change"),  # percent
    flag("do_recording"),
    flag("do_recording_hourly"),
    flag("enforce_schedule"),
    whole("buffer_ms", start=2000),
    whole("silence_seconds", start=30),  # 0: silence is nothing to leave for
    Column("password_sealed", LargeBinary),
    moment("dt_connect", optional=True),
    moment("dt_disconnect", optional=True),
    moment("created_at"),
    Index("ix_radio_djs_station_id", "station_id"),
    Index("ix_radio_djs_port", "port"),
)

categories = Table(
    "radio_categories",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("name"),
    UniqueConstraint("station_id", "name"),
)

tracks = Table(
    "radio_tracks",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("path"),  # below the station's media folder, "Rock/a.mp3"; or the http(s) address of a remote track
    flag("is_remote"),
    words("folder"),  # "/Rock/"; "/" at the top
    words("filename"),  # without its extension
    words("author"),
    words("author_other"),
    words("title"),
    sorted_words("author_key"),
    sorted_words("title_key"),
    words("album"),
    words("genre"),
    words("performance_type"),
    words("composer"),
    words("lyricist"),
    words("publisher"),
    words("label"),
    words("year"),
    words("comment"),
    words("isrc"),
    words("mbid"),
    whole("length_ms"),
    whole("samplerate"),
    words("audio_format"),  # mp3, flac, aac, m4a, opus, ogg, wav
    whole("size_bytes"),
    moment("mtime"),
    moment("added_at"),
    words("checksum"),
    flag("requestable", on=True),
    whole("requests_number"),
    whole("human_up"),
    whole("human_down"),
    whole("auto_up"),
    whole("auto_down"),
    words("image"),  # the cover's name below the account's `covers`
    fraction("gain_db"),  # to the station's target; none: not measured yet
    fraction("loudness_lufs"),
    fraction("peak_value"),
    fraction("max_volume_db"),
    link("category_id", "radio_categories", optional=True, gone="SET NULL"),
    fraction("cue_in"),  # s: where sound begins, as measured
    fraction("cue_out"),
    fraction("region_start"),  # s: as its owner chose, before what was measured
    fraction("region_end"),
    words("region_status"),  # "", waiting, done, failed
    flag("disable_crossfade"),
    flag("has_waveform"),
    words("state"),  # new: found; ready: its tags are read; broken: it does not play
    moment("played_at", optional=True),
    UniqueConstraint("station_id", "path"),
    Index("ix_radio_tracks_author_key", "station_id", "author_key", "title_key"),
    Index("ix_radio_tracks_title_key", "station_id", "title_key"),
    Index("ix_radio_tracks_folder", "station_id", "folder"),
    Index("ix_radio_tracks_checksum", "station_id", "checksum"),
    Index("ix_radio_tracks_category_id", "category_id"),
)

votes = Table(
    "radio_votes",
    METADATA,
    link("track_id", "radio_tracks"),
    words("address"),
    moment("at"),
    UniqueConstraint("track_id", "address"),
    Index("ix_radio_votes_at", "at"),
)

playlists = Table(
    "radio_playlists",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("name"),
    flag("is_default"),  # every track of the station is in it
    flag("is_random"),
    words("directory_name"),  # kept in step with this folder
    whole("current_order"),  # where it goes on, when it is not random
    moment("created_at"),
    Index("ix_radio_playlists_station_id", "station_id"),
)

playlist_entries = Table(
    "radio_playlist_entries",
    METADATA,
    key(),
    link("playlist_id", "radio_playlists"),
    link("track_id", "radio_tracks"),
    Column("position", BigInteger, nullable=False),
    whole("flag"),
    moment("added_at"),
    Index("ix_radio_playlist_entries_playlist_id", "playlist_id", "position"),
    Index("ix_radio_playlist_entries_track_id", "track_id"),
)

history = Table(
    "radio_history",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    moment("at"),  # when it began
    words("metadata"),
    words("author"),
    words("author_other"),
    words("title"),
    words("album"),
    words("genre"),
    words("year"),
    words("comment"),
    words("performance_type"),
    words("composer"),
    words("lyricist"),
    words("publisher"),
    words("label"),
    words("isrc"),
    whole("length_ms"),
    words("dj_name"),
    words("playlist_title"),
    whole("n_listeners"),
    link("track_id", "radio_tracks", optional=True, gone="SET NULL"),
    link("jingle_id", "radio_jingles", optional=True, gone="SET NULL"),
    flag("is_request"),
    words("image"),
    words("why"),  # why this track, in the words of the log
    Index("ix_radio_history_station_id", "station_id", "at"),
    Index("ix_radio_history_track_id", "track_id"),
    Index("ix_radio_history_at", "at"),
)
