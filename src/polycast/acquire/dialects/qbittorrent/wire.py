"""What qBittorrent 4.6.7 sends. Source: its Web API 2.9.3; `specs/acquire.md` 3.6.4, 3.6.5, 3.6.8."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from polycast.acquire.catalogue.model import AT_PROVIDER, Entry, File, State

ETA_NEVER: Final = 8_640_000  # seconds: no estimate
PIECE_BYTES: Final = 4 * 1024 * 1024
WORDS: Final[Mapping[State, str]] = {
    State.QUEUED: "queuedDL",
    State.RESOLVING: "metaDL",
    State.DOWNLOADING: "downloading",
    State.STALLED: "stalledDL",
    State.MOVING: "moving",
    State.DONE: "pausedUP",
    State.FAILED: "error",
    State.MISSING: "missingFiles",
}
NEWER: Final[Mapping[str, str]] = {"pausedUP": "stoppedUP", "pausedDL": "stoppedDL"}


class Profile(Struct, frozen=True, kw_only=True):
    """Which version we say we are."""

    app: str
    api: str
    is_5: bool

    def word(self, entry: Entry) -> str:
        word = WORDS[entry.state]
        if entry.is_paused and entry.state not in (State.DONE, State.FAILED, State.MISSING):
            word = "pausedDL"
        return NEWER.get(word, word) if self.is_5 else word


PROFILES: Final[Mapping[str, Profile]] = {
    "4": Profile(app="v4.6.7", api="2.9.3", is_5=False),
    "5": Profile(app="v5.1.4", api="2.11.4", is_5=True),
}


class TorrentInfo(Struct, frozen=True, kw_only=True):
    """An element of `torrents/info`, and with its hash outside one of `sync/maindata`."""

    added_on: int
    amount_left: int
    auto_tmm: bool
    availability: float
    category: str
    completed: int
    completion_on: int
    content_path: str
    debrid: str
    debrid_id: str
    dl_limit: int
    dlspeed: int
    download_path: str
    downloaded: int
    downloaded_session: int
    eta: int
    f_l_piece_prio: bool
    force_start: bool
    hash: str
    inactive_seeding_time_limit: int
    infohash_v1: str
    infohash_v2: str
    last_activity: int
    magnet_uri: str
    max_inactive_seeding_time: int
    max_ratio: float
    max_seeding_time: int
    name: str
    num_complete: int
    num_incomplete: int
    num_leechs: int
    num_seeds: int
    priority: int
    progress: float
    ratio: float
    ratio_limit: float
    save_path: str
    seeding_time: int
    seeding_time_limit: int
    seen_complete: int
    seq_dl: bool
    size: int
    state: str
    super_seeding: bool
    tags: str
    time_active: int
    total_size: int
    tracker: str
    trackers_count: int
    up_limit: int
    uploaded: int
    uploaded_session: int
    upspeed: int


class TorrentInfo5(TorrentInfo, frozen=True, kw_only=True):
    """The same of qBittorrent 5."""

    comment: str
    created_by: str
    has_metadata: bool
    popularity: float
    private: bool | None
    reannounce: int
    root_path: str


def stamp(at: datetime | None, default: int = -1) -> int:
    """Seconds since 1970."""
    return default if at is None else int(at.timestamp())


def info_of(entry: Entry, profile: Profile, place: int = 0) -> TorrentInfo:
    """`place` is the one in the queue, from 1; 0 for what is through it."""
    values = _values(entry, profile, place)
    if not profile.is_5:
        return TorrentInfo(**values)
    return TorrentInfo5(
        **values,
        comment=entry.client.comment,
        created_by="",
        has_metadata=entry.state not in (State.QUEUED, State.RESOLVING),
        popularity=0.0,
        private=None,
        reannounce=0,
        root_path=entry.content_path,
    )


def _values(entry: Entry, profile: Profile, place: int) -> dict[str, Any]:
    client, done = entry.client, entry.is_complete
    had = entry.size_bytes if done else int(entry.size_bytes * min(max(progress_of(entry), 0.0), 1.0))
    left = entry.size_bytes - had
    ended = stamp(entry.completed_at, stamp(entry.updated_at))
    return {
        "added_on": stamp(entry.added_at),
        "amount_left": left,
        "auto_tmm": client.auto_management,
        "availability": 1.0,
        "category": entry.category,
        "completed": had,
        "completion_on": stamp(entry.completed_at, -1),
        "content_path": entry.content_path,
        "debrid": entry.active_provider,
        "debrid_id": entry.info_hash,
        "dl_limit": client.download_limit,
        "dlspeed": entry.speed_bps if entry.state in AT_PROVIDER else 0,
        "download_path": client.download_path,
        "downloaded": had,
        "downloaded_session": had,
        "eta": left // entry.speed_bps if entry.speed_bps and left else ETA_NEVER,
        "f_l_piece_prio": client.first_last,
        "force_start": entry.is_forced,
        "hash": entry.info_hash,
        "inactive_seeding_time_limit": client.inactive_minutes,
        "infohash_v1": entry.info_hash,
        "infohash_v2": "",
        "last_activity": ended,
        **_more_values(entry, profile, place, had=had),
    }


def _more_values(entry: Entry, profile: Profile, place: int, *, had: int) -> dict[str, Any]:
    client, done, limit = entry.client, entry.is_complete, entry.client.ratio_limit
    ended = stamp(entry.completed_at, stamp(entry.updated_at))
    return {
        "magnet_uri": entry.magnet,
        "max_inactive_seeding_time": client.inactive_minutes if client.inactive_minutes >= 0 else -1,
        "max_ratio": limit if limit >= 0 else 1.0,
        "max_seeding_time": client.seeding_minutes if client.seeding_minutes >= 0 else -1,
        "name": entry.name,
        "num_complete": entry.seeders,
        "num_incomplete": 0,
        "num_leechs": 0,
        "num_seeds": entry.seeders,
        "priority": place,
        "progress": 1.0 if done else progress_of(entry),
        "ratio": ratio_of(entry),
        "ratio_limit": limit if limit >= 0 else 1.0,
        "save_path": entry.save_path,
        "seeding_time": seeding_seconds(entry),
        "seeding_time_limit": client.seeding_minutes,
        "seen_complete": stamp(entry.completed_at, -1),
        "seq_dl": client.sequential,
        "size": entry.size_bytes,
        "state": profile.word(entry),
        "super_seeding": client.super_seeding,
        "tags": ", ".join(entry.tags),
        "time_active": max(0, ended - stamp(entry.added_at)),
        "total_size": entry.size_bytes,
        "tracker": client.trackers[0] if client.trackers else "",
        "trackers_count": len(client.trackers),
        "up_limit": client.upload_limit,
        "uploaded": int(had * ratio_of(entry)),
        "uploaded_session": 0,
        "upspeed": 0,
    }


def progress_of(entry: Entry) -> float:
    """Never all of it before it is complete, or an Arr would look for files that are not there."""
    if entry.state is State.MOVING and entry.size_bytes:
        return min(0.999, max(0.9, entry.fetched_bytes / entry.size_bytes))
    return min(max(entry.progress, 0.0), 0.999)


def ratio_of(entry: Entry) -> float:
    """What was asked for is reached as soon as it is complete: an Arr may remove it then."""
    return max(1.0, entry.client.ratio_limit) if entry.is_complete else 0.0


def seeding_seconds(entry: Entry) -> int:
    return max(0, entry.client.seeding_minutes, entry.client.inactive_minutes) * 60 if entry.is_complete else 0


def properties_of(entry: Entry, piece_bytes: int, created_by: str, *, is_private: bool) -> dict[str, Any]:
    """`torrents/properties`."""
    info = _values(entry, PROFILES["4"], 0)
    pieces = -(-entry.size_bytes // piece_bytes) if entry.size_bytes else 0
    return {
        "addition_date": info["added_on"],
        "comment": entry.client.comment,
        "completion_date": info["completion_on"],
        "created_by": created_by,
        "creation_date": info["added_on"],
        "dl_limit": entry.client.download_limit or -1,
        "dl_speed": info["dlspeed"],
        "dl_speed_avg": info["completed"] // max(1, info["time_active"]),
        "download_path": entry.client.download_path,
        "eta": info["eta"],
        "hash": entry.info_hash,
        "infohash_v1": entry.info_hash,
        "infohash_v2": "",
        "is_private": is_private,
        "last_seen": info["last_activity"],
        "name": entry.name,
        "nb_connections": 0,
        "nb_connections_limit": 100,
        "peers": 0,
        "peers_total": 0,
        "piece_size": piece_bytes,
        "pieces_have": pieces if entry.is_complete else int(pieces * info["progress"]),
        "pieces_num": pieces,
        "reannounce": 0,
        "save_path": entry.save_path,
        "seeding_time": info["seeding_time"],
        "seeds": entry.seeders,
        "seeds_total": entry.seeders,
        "share_ratio": info["ratio"],
        "time_elapsed": info["time_active"],
        "total_downloaded": info["downloaded"],
        "total_downloaded_session": info["downloaded_session"],
        "total_size": entry.size_bytes,
        "total_uploaded": info["uploaded"],
        "total_uploaded_session": 0,
        "total_wasted": 0,
        "up_limit": entry.client.upload_limit or -1,
        "up_speed": 0,
        "up_speed_avg": 0,
    }


def file_of(entry: Entry, file: File, index: int, first_piece: int, piece_bytes: int) -> dict[str, Any]:
    """An element of `torrents/files`."""
    last = max(first_piece, (first_piece * piece_bytes + file.size_bytes - 1) // piece_bytes)
    shown: dict[str, Any] = {
        "index": index,
        "name": f"{entry.folder}/{file.name}",
        "size": file.size_bytes,
        "progress": 1.0 if entry.is_complete else progress_of(entry),
        "priority": file.priority,
        "availability": 1.0,
        "piece_range": [first_piece, last],
    }
    if index == 0:
        shown["is_seed"] = entry.is_complete
    return shown


def trackers_of(entry: Entry) -> list[dict[str, Any]]:
    """`torrents/trackers`: three that are none, then the real ones."""
    common = {"num_peers": 0, "num_seeds": 0, "num_leeches": 0, "num_downloaded": 0, "msg": ""}
    pseudo = [{"url": f"** [{word}] **", "status": 2, "tier": -1, **common} for word in ("DHT", "PeX", "LSD")]
    real = [
        {"url": url, "status": 2, "tier": tier, **common, "num_seeds": entry.seeders}
        for tier, url in enumerate(entry.client.trackers)
    ]
    return [*pseudo, *real]
