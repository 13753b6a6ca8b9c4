"""What the REST API sends. Source: `specs/acquire.md` 2.5, 2.8, 3.3, 3.5."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from polycast.acquire.arrs.model import Arr
from polycast.acquire.catalogue.folder import Folder
from polycast.acquire.catalogue.model import Detail, Entry, Placement, State
from polycast.acquire.catalogue.tree import Shown
from polycast.acquire.config.document import MASK
from polycast.acquire.transfers.adding import Added

STATES: Final = {
    State.QUEUED: "queuedDL",
    State.RESOLVING: "metaDL",
    State.DOWNLOADING: "downloading",
    State.STALLED: "stalledDL",
    State.MOVING: "moving",
    State.DONE: "pausedUP",
    State.FAILED: "error",
    State.MISSING: "error",
}
STATUSES: Final = {
    State.QUEUED: "queued",
    State.RESOLVING: "downloading",
    State.DOWNLOADING: "downloading",
    State.STALLED: "downloading",
    State.MOVING: "downloaded",
    State.DONE: "downloaded",
    State.FAILED: "error",
    State.MISSING: "error",
}


def date(at: datetime) -> str:
    """RFC 3339 in whole seconds, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def entry_of(detail: Detail, mount_path: str) -> dict[str, Any]:
    """An element of `GET /api/torrents`."""
    entry = detail.entry
    shown: dict[str, Any] = {
        "protocol": entry.protocol,
        "info_hash": entry.info_hash,
        "name": entry.name,
        "original_filename": entry.original_name or entry.name,
        "size": entry.size_bytes,
        "bytes": entry.size_bytes,
        "magnet": entry.magnet,
        "is_downloading": entry.state is State.MOVING,
        "size_downloaded": entry.fetched_bytes,
        "active_provider": entry.active_provider,
        "providers": {one.provider: _placement(detail, one) for one in detail.placements},
        "files": _files(detail),
        "state": "pausedDL" if entry.is_paused and not entry.is_complete else STATES[entry.state],
        "status": STATUSES[entry.state],
        "progress": 1 if entry.is_complete else round(min(max(entry.progress, 0), 1), 4),
        "speed": entry.speed_bps,
        "seeders": entry.seeders,
        "is_complete": entry.is_complete,
        "bad": entry.is_bad,
        "category": entry.category,
        "tags": list(entry.tags),
        "mount_path": f"{mount_path.rstrip('/')}/__all__",
        "save_path": entry.save_path,
        "content_path": entry.content_path,
        "added_on": date(entry.added_at),
        "created_at": date(entry.added_at),
        "updated_at": date(entry.updated_at),
        "action": entry.action.value,
        "download_uncached": bool(entry.options.download_uncached),
        "callback_url": entry.options.callback_url,
        "skip_multi_season": entry.options.skip_multi_season,
        "last_error": entry.error,
        "error_code": entry.error_code,
        "error_count": entry.error_count,
    }
    times = (
        ("completed_at", entry.completed_at),
        ("imported_at", entry.imported_at),
        ("last_error_time", entry.error_at),
    )
    return shown | {name: date(at) for name, at in times if at is not None}


def _files(detail: Detail) -> dict[str, Any]:
    return {
        file.name: {
            "name": file.name,
            "path": file.path,
            "size": file.size_bytes,
            "added_on": date(file.added_at),
            "deleted": file.is_deleted,
            "infohash": detail.entry.info_hash,
        }
        for file in detail.files
    }


def _placement(detail: Detail, one: Placement) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "provider": one.provider,
        "id": one.remote_id,
        "added_at": date(one.added_at),
        "status": one.status.value,
        "progress": one.progress,
        "files": {
            name: {"id": ref.id, "link": link_of(detail.entry, name), "path": f"/{ref.path}"}
            for name, ref in one.remote_files.items()
        },
    }
    if one.downloaded_at is not None:
        shown["downloaded_at"] = date(one.downloaded_at)
    return shown


def link_of(entry: Entry, name: str) -> str:
    """Ours: a provider's link leaves the server in no answer."""
    return f"/api/browse/download/{quote(entry.folder, safe='')}/{quote(name, safe='')}"


def request_of(added: Added | None, *, link: str, options: dict[str, Any], error: str = "") -> dict[str, Any]:
    """An import request: what became of one item of `POST /api/add`."""
    entry = added.entry if added else None
    failed = bool(error) or (entry is not None and entry.state is State.FAILED)
    return {
        "id": entry.info_hash if entry else "",
        "name": entry.name if entry else "",
        "downloadFolder": entry.save_path if entry else "",
        "debrid": options.get("debrid", ""),
        "magnet": {
            "name": entry.name if entry else "",
            "infoHash": entry.info_hash if entry else "",
            "size": entry.size_bytes if entry else 0,
            "link": entry.magnet if entry else link,
        },
        "arr": entry.category if entry else options.get("arr", ""),
        "action": entry.action.value if entry else options.get("action", ""),
        "downloadUncached": bool(options.get("downloadUncached")),
        "callBackUrl": options.get("callbackUrl", ""),
        "skip_multi_season": bool(options.get("skipMultiSeason")),
        "status": "error" if failed else ("started" if entry and entry.state is not State.QUEUED else "queued"),
        "completedAt": date(entry.completed_at) if entry and entry.completed_at else None,
        "error": error or (entry.error if entry and failed else ""),
        "type": "api",
        "async": True,
    }


def arr_of(arr: Arr, *, reveal: bool = False) -> dict[str, Any]:
    """An element of `GET /api/arrs`."""
    return {
        "name": arr.name,
        "host": arr.host,
        "token": arr.token if reveal else (MASK if arr.token else ""),
        "type": arr.kind.value,
        "skip_repair": arr.skip_repair,
        "download_uncached": arr.download_uncached,
        "selected_debrid": arr.selected_debrid,
        "source": arr.source,
    }


def folder_of(group: str, folder: Folder) -> dict[str, Any]:
    """A folder in a listing."""
    return {
        "name": folder.name,
        "path": f"/{group}/{folder.name}",
        "size": folder.size_bytes,
        "mod_time": folder.added_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "is_dir": True,
        "info_hash": folder.hashes[0],
        "can_delete": True,
        "active_debrid": folder.active,
    }


def file_of(group: str, folder: str, shown: Shown) -> dict[str, Any]:
    """A file in a listing."""
    return {
        "name": shown.file.name,
        "path": f"/{group}/{folder}/{shown.file.name}",
        "size": shown.file.size_bytes,
        "mod_time": shown.file.added_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "is_dir": False,
        "info_hash": shown.detail.entry.info_hash,
        "can_delete": False,
        "active_debrid": shown.detail.entry.active_provider,
    }


def group_of(name: str, modified: datetime, *, is_dir: bool = True, size: int = 0) -> dict[str, Any]:
    """An entry of the root."""
    return {
        "name": name,
        "path": f"/{name}",
        "size": size,
        "mod_time": modified.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "is_dir": is_dir,
        "info_hash": "",
        "can_delete": False,
        "active_debrid": "",
    }
