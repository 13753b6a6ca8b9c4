"""What is on when: rotations, the grid, jingles, intros, requests; and podcasts, which are heard at any time."""

from sqlalchemy import Column, Index, LargeBinary, Table, UniqueConstraint

from polycast.core.storage import JsonText
from polycast.core.storage.columns import flag, key, link, moment, whole, words
from polycast.radio.stations.programme import RotationItem
from polycast.radio.tables.base import METADATA
from polycast.radio.tables.stations import fraction

rotations = Table(
    "radio_rotations",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("name"),
    words("type"),  # weighted, sequential, clock
    flag("shuffled"),
    link("fallback_playlist_id", "radio_playlists", optional=True, gone="SET NULL"),
    Column("items", JsonText(list[RotationItem]), nullable=False),
    Index("ix_radio_rotations_station_id", "station_id"),
)

grid_events = Table(
    "radio_grid_events",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("name"),
    words("periodicity"),  # onetime, periodic
    words("cast_type"),  # playlist, radioshow, relay, rotation
    flag("break_track", on=True),
    flag("start_playlist_from_beginning"),
    words("start_date"),  # 2026-04-08
    words("start_time"),  # 08:00:00
    words("finish_date"),
    words("finish_time"),
    whole("weekdays"),  # bit 0 is Monday
    whole("weeks"),  # bit 0 is the first week of the month
    link("playlist_id", "radio_playlists", optional=True),
    link("playlist_after_id", "radio_playlists", optional=True, gone="SET NULL"),
    link("rotation_after_id", "radio_rotations", optional=True, gone="SET NULL"),
    link("dj_id", "radio_djs", optional=True),
    link("rotation_id", "radio_rotations", optional=True),
    flag("allow_jingles", on=True),
    flag("allow_song_requests", on=True),
    flag("allow_jingles_after", on=True),
    flag("allow_song_requests_after", on=True),
    words("color"),
    words("color2"),
    words("timezone"),
    Index("ix_radio_grid_events_station_id", "station_id"),
)

jingle_categories = Table(
    "radio_jingle_categories",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("name"),
    UniqueConstraint("station_id", "name"),
)

jingles = Table(
    "radio_jingles",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    link("category_id", "radio_jingle_categories", optional=True, gone="SET NULL"),
    words("name"),
    words("path"),  # below the account's `jingles`
    whole("length_ms"),
    whole("size_bytes"),
    fraction("gain_db"),
    moment("created_at"),
    Index("ix_radio_jingles_station_id", "station_id"),
)

jingle_schemes = Table(
    "radio_jingle_schemes",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("name"),
    flag("enabled", on=True),
    link("jingle_id", "radio_jingles", optional=True),
    link("category_id", "radio_jingle_categories", optional=True),
    link("block_id", "radio_jingle_blocks", optional=True),
    whole("every_tracks"),  # 0: not so
    whole("every_minutes"),
    Column("minutes", JsonText(list[int]), nullable=False),  # of each hour
    Column("times", JsonText(list[str]), nullable=False),  # 08:30:00
    words("date_from"),
    words("date_to"),
    whole("weekdays", start=127),
    flag("interrupt"),
    whole("mix_level"),  # percent of the music's volume below the jingle; 0: it waits for the track's end
    flag("random_from_category", on=True),
    flag("no_repeat", on=True),
    Index("ix_radio_jingle_schemes_station_id", "station_id"),
)

jingle_blocks = Table(
    "radio_jingle_blocks",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("name"),
    Column("items", JsonText(list[RotationItem]), nullable=False),
    Index("ix_radio_jingle_blocks_station_id", "station_id"),
)

queue = Table(
    "radio_queue",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    link("track_id", "radio_tracks"),
    flag("immediately"),
    moment("added_at"),
    Index("ix_radio_queue_station_id", "station_id", "id"),
)

requests = Table(
    "radio_requests",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    link("track_id", "radio_tracks"),
    moment("at"),
    moment("played_at", optional=True),
    words("person"),
    words("message"),
    words("address"),
    flag("moderated"),  # accepted
    Index("ix_radio_requests_station_id", "station_id", "at"),
    Index("ix_radio_requests_address", "station_id", "address", "at"),
    Index("ix_radio_requests_track_id", "track_id", "at"),
)

intros = Table(
    "radio_intros",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    link("group_id", "radio_intro_groups", optional=True, gone="SET NULL"),
    words("name"),
    words("path"),
    whole("length_ms"),
    flag("is_default"),
    words("state"),  # processing, ready, failed
    Index("ix_radio_intros_station_id", "station_id"),
)

intro_groups = Table(
    "radio_intro_groups",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("name"),
    flag("is_default"),
    Index("ix_radio_intro_groups_station_id", "station_id"),
)

intro_slots = Table(
    "radio_intro_slots",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    flag("enabled", on=True),
    link("intro_id", "radio_intros", optional=True),
    link("group_id", "radio_intro_groups", optional=True),
    words("start"),  # 08:00
    words("finish"),
    whole("weekdays", start=127),
    Index("ix_radio_intro_slots_station_id", "station_id"),
)

auth_listeners = Table(
    "radio_auth_listeners",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("name"),
    Column("token_hash", LargeBinary, nullable=False),
    Column("token_sealed", LargeBinary, nullable=False),
    flag("active", on=True),
    moment("expires_at", optional=True),
    UniqueConstraint("station_id", "token_hash"),
)

podcasts = Table(
    "radio_podcasts",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("title"),
    words("description"),
    words("image"),
    words("language"),
    words("category"),
    flag("published", on=True),
    moment("created_at"),
    Index("ix_radio_podcasts_station_id", "station_id"),
)

episodes = Table(
    "radio_episodes",
    METADATA,
    key(),
    link("podcast_id", "radio_podcasts"),
    words("guid"),
    words("title"),
    words("description"),
    flag("published", on=True),
    moment("pub_date"),
    whole("duration_ms"),
    whole("size_bytes"),
    words("path"),
    words("image"),
    flag("explicit"),
    whole("season"),
    whole("number"),
    Index("ix_radio_episodes_podcast_id", "podcast_id", "pub_date"),
)

news = Table(
    "radio_news",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("title"),
    words("text"),
    moment("at"),
    Index("ix_radio_news_station_id", "station_id", "at"),
)

webhooks = Table(
    "radio_webhooks",
    METADATA,
    key(),
    link("station_id", "radio_stations"),
    words("url"),
    Column("events", JsonText(list[str]), nullable=False),
    Column("secret_sealed", LargeBinary),
    flag("active", on=True),
    words("last_result"),
    moment("last_at", optional=True),
    Index("ix_radio_webhooks_station_id", "station_id"),
)
