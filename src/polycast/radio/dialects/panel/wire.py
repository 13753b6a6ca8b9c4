"""Exactly what the broadcaster API sends. Source: `specs/radio.md` 2.5, 3.14."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from polycast.radio.library.model import NUMBERS
from polycast.radio.panel.service import StationView
from polycast.radio.ports import Air, ChannelLoad, DjState
from polycast.radio.stations.model import NETWORKS, Channel, Dj, Played, Track
from polycast.radio.stations.programme import GridEvent, Playlist

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PER_PAGE = 1000
STATION_FIELDS = (
    "slug", "title", "description", "genre", "image", "url_address", "minisite_display", "timezone", "charset",
    "meta_format", "static_metadata", "autodj_enabled", "crossfade_mode", "crossfade_sec", "loudness_target",
    "random_mode", "resume_after_live", "trim_silence", "eq_preset", "eq_gains", "dc_filter", "requests_enabled",
    "request_ip_timeout", "request_track_timeout", "requests_moderated", "likes_enabled", "public",
)  # fmt: skip
OWN_STATION_FIELDS = ("geo_mode", "geo_countries", "fallback_file", "is_started", "is_paused")
CHANNEL_FIELDS = (
    "id", "active", "s_type", "s_format", "port", "ssl_port", "mount_point", "public", "autodj_enabled",
    "centovacast_compatible", "proxy_enabled", "ssl_proxy_enabled", "allow_auth_listeners_only", "queue_size",
    "burst_size", "listeners_peak",
)  # fmt: skip
DJ_FIELDS = (
    "id", "name", "active", "cat", "stream_url", "priority", "metadata", "meta_charset", "volume_change",
    "do_recording", "do_recording_hourly", "image",
)  # fmt: skip
TRACK_FIELDS = (
    "id", "path", "filename", "meta", "author", "author_other", "title", "album", "genre", "performance_type",
    "composer", "lyricist", "publisher", "label", "year", "comment", "samplerate", "checksum", "requestable",
    "requests_number", "human_up", "human_down", "auto_up", "auto_down", "gain_db", "peak_value", "max_volume_db",
    "isrc", "mbid", "disable_crossfade", "has_waveform",
)  # fmt: skip
PLAYED_FIELDS = (
    "id", "metadata", "author", "author_other", "title", "album", "genre", "year", "comment", "performance_type",
    "composer", "lyricist", "publisher", "label", "isrc", "dj_name", "playlist_title", "n_listeners", "jingle_id",
)  # fmt: skip

Shown = dict[str, Any]


class Empty(Struct, frozen=True):
    """`{}`."""


class Result(Struct, frozen=True, kw_only=True):
    result: str = "ok"


class Length(Struct, frozen=True, kw_only=True):
    length: int  # ms


class Votes(Struct, frozen=True, kw_only=True):
    up: int
    down: int


def milliseconds(at: datetime | None) -> int | None:
    return None if at is None else int((at - EPOCH).total_seconds() * 1000)


def human(size_bytes: int) -> str:
    """ "0 B", "78.60 Gb"."""
    size, units = float(size_bytes), ("B", "Kb", "Mb", "Gb", "Tb")
    index = 0
    while size >= 1000 and index < len(units) - 1:
        size, index = size / 1000, index + 1
    return f"{size_bytes} B" if index == 0 else f"{size:.2f} {units[index]}"


def clock(length_ms: int) -> str:
    """ "05:43"; "1:05:43" from an hour on."""
    minutes, seconds = divmod(length_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def station(view: StationView, air: Air) -> Shown:
    """A server of the API; passwords and geo rules for its owner."""
    one = view.seen.station
    found: Shown = {"id": one.id, "default": one.is_default, "pid": None, "autodj_version": "polycast"}
    found |= {name: getattr(one, name) for name in STATION_FIELDS}
    found |= {"history_window": 500, "state": air.on_air(one.id).state}
    if view.seen.is_own:
        found |= {name: getattr(one, name) for name in OWN_STATION_FIELDS}
        found |= {"owner": one.account_id, "password": view.password}
    return found


def channel(view: StationView, one: Channel, load: ChannelLoad, *, base: str, host: str) -> Shown:
    """A channel; stream keys and passwords for its owner alone."""
    path = f"/listen/{view.seen.station.slug}/{one.proxy_url_path or one.mount_point.lstrip('/')}"
    direct = f"http://{f'[{host}]' if ':' in host else host}:{one.port}{one.mount_point}"
    found: Shown = {name: getattr(one, name) for name in CHANNEL_FIELDS}
    found |= {
        "server": one.station_id,
        "active": one.active and not one.is_paused,
        "bitrate": str(one.bitrate),
        "listeners": str(one.listeners),
        "ip_address": host,
        "traf": one.traffic_bytes,
        "traf_month": one.traffic_month_bytes,
        "proxy_status": int(one.proxy_enabled),
        "proxy_url_path": path,
        "ssl_proxy_status": int(one.ssl_proxy_enabled),
        "ssl_proxy_url_path": path,
        "listeners_current": load.listeners,
        "traffic": human(one.traffic_bytes),
        "state": load.state,
        "links_html": {"m3u": f"{direct}.m3u", "pls": f"{direct}.pls", "xspf": f"{direct}.xspf"},
        "stream_url": direct,
        "secure_stream_url": f"{base}{path}" if base.startswith("https:") else "",
        "admin_link": "",
        **{f"{network}_stream_image": "" for network in NETWORKS},
        **{f"{network}_stream_image_resolution": "" for network in NETWORKS if network != "rutube"},
    }
    if view.seen.is_own:
        found |= _own_channel(view, one, f"{base}{path}")
    return found


def _own_channel(view: StationView, one: Channel, proxied: str) -> Shown:
    password, admin = view.channel_passwords.get(one.id, ("", ""))
    found: Shown = {
        "password": password,
        "admin_password": admin,
        "sc_authhash": "",
        "shoutcast_uid": "",
        "shoutcast_license_key": "",
        "vhost_name": "",
        "proxy_stream_url": proxied,
        "ssl_proxy_stream_url": proxied if proxied.startswith("https:") else "",
        "redirect_url": one.redirect_url,
        "fallback_mount": one.fallback_mount,
    }
    for network in NETWORKS:
        row = view.restreams.get(one.id, {}).get(network, {})
        found |= {
            f"{network}_stream_url": row.get("url", ""),
            f"{network}_stream_key": row.get("key", ""),
            f"{network}_stream_enabled": row.get("enabled", False),
        }
    return found


def dj(view: StationView, one: Dj, state: DjState | None) -> Shown:
    """A DJ; the password for the station's owner alone."""
    found: Shown = {name: getattr(one, name) for name in DJ_FIELDS}
    found |= {
        "server": one.station_id,
        "port": str(one.port) if one.port else None,
        "image_thumbnail": one.image,
        "image_medium": one.image,
        "connected": state.connected if state else False,
        "on_air": state.on_air if state else False,
        "dt_connect": one.dt_connect,
        "dt_disconnect": one.dt_disconnect,
        "enforce_schedule": one.enforce_schedule,
        "buffer_ms": one.buffer_ms,
        "meta_source": one.meta_source,
    }
    if view.seen.is_own:
        found |= {"password": view.dj_passwords.get(one.id, ""), "username": one.username}
    return found


def track(one: Track) -> Shown:
    """A piece of the library."""
    found: Shown = {name: getattr(one, name) for name in TRACK_FIELDS}
    length = one.length_ms
    if one.region_start is not None or one.region_end is not None:
        end = one.region_end if one.region_end is not None else length / 1000
        length = max(int((end - (one.region_start or 0)) * 1000), 0)
    return found | {
        "server": one.station_id,
        "public_path": "",
        "length": one.length_ms,
        "length_formatted": clock(one.length_ms),
        "audio_format": NUMBERS.get(one.audio_format, 0),
        "mtime": milliseconds(one.mtime),
        "atime": milliseconds(one.played_at),
        "added_ts": milliseconds(one.added_at),
        "tag_image": one.image,
        "image_medium": one.image,
        "image_large": one.image,
        "category": None if one.category_id is None else {"id": one.category_id, "name": ""},
        "playback_start_time": one.region_start,
        "playback_end_time": one.region_end,
        "playback_start_bytes_offset": None,
        "playback_end_bytes_offset": None,
        "playback_region_calculation_status": one.region_status or None,
        "region_length": length,
    }


def playlist(one: Playlist, *, on_air: int | None) -> Shown:
    return {
        "id": one.id,
        "name": one.name,
        "duration": one.duration_ms,
        "tracks_num": one.tracks_num,
        "playlist_files_per_page": PER_PAGE,
        "is_default": one.is_default,
        "is_random": one.is_random,
        "on_air": one.id == on_air,
        "directory_name": one.directory_name,
        "current_track_order": one.current_order,
        "server": one.station_id,
    }


def entry(row: tuple[int, int, int, datetime, Track]) -> Shown:
    entry_id, order, flag, added, one = row
    return {"id": entry_id, "order": order, "flag": flag, "added_ts": milliseconds(added), "track": track(one)}


def played(one: Played) -> Shown:
    """A row of the history."""
    found: Shown = {name: getattr(one, name) for name in PLAYED_FIELDS}
    return found | {
        "ts": milliseconds(one.at),
        "length": one.length_ms,
        "all_music_id": one.track_id,
        "img_url": one.image,
        "img_medium_url": one.image,
        "img_large_url": one.image,
        "img_fetched": bool(one.image),
    }


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def grid_event(one: GridEvent, start: datetime | None = None, end: datetime | None = None) -> Shown:
    """An event; with its times when it is one of those in a range."""
    return {
        "id": one.id,
        "server": one.station_id,
        "name": one.name,
        "periodicity": one.periodicity,
        "cast_type": one.cast_type,
        "break_track": one.break_track,
        "start_playlist_from_beginning": one.start_playlist_from_beginning,
        "start_date": one.start_date,
        "start_time": f"{one.start_time:%H:%M:%S}",
        "finish_date": one.finish_date,
        "finish_time": f"{one.finish_time:%H:%M:%S}" if one.finish_time else None,
        **{f"wd_{name}": day in one.weekdays for day, name in enumerate(DAYS)},
        **{f"week_{week}": week in one.weeks for week in range(1, 5)},
        "playlist": one.playlist_id,
        "playlist_after_radioshow": one.playlist_after_id,
        "rotation_after_radioshow": one.rotation_after_id,
        "dj": one.dj_id,
        "rotation": one.rotation_id,
        "allow_jingles": one.allow_jingles,
        "allow_song_requests": one.allow_song_requests,
        "allow_jingles_after": one.allow_jingles_after,
        "allow_song_requests_after": one.allow_song_requests_after,
        "color": one.color,
        "color2": one.color2,
        "local_time": f"{one.start_time:%H:%M:%S}",
        "timezone": one.timezone,
        "parent_id": None,
        "start_ts": milliseconds(start),
        "start_ts_utc_readable": None if start is None else f"{start.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "end_ts": milliseconds(end),
    }
