"""Slots of queue and history, as its clients read them."""

from datetime import datetime, timedelta
from typing import Any, Final

from polycast.acquire.catalogue.model import Detail, Entry, State

PREFIX: Final = "SABnzbd_nzo_"
MIB: Final = 1024 * 1024
SIZES: Final = ("B", "KB", "MB", "GB", "TB")
WORDS: Final = {
    State.QUEUED: "Queued",
    State.RESOLVING: "Verifying",
    State.DOWNLOADING: "Downloading",
    State.STALLED: "Downloading",
    State.MOVING: "Moving",
}


def nzo_id(entry: Entry) -> str:
    return PREFIX + entry.info_hash


def hash_of(nzo: str) -> str:
    """ "" for what is no id of ours."""
    found = nzo.strip().removeprefix(PREFIX).lower()
    return found if len(found) == 40 and found.isalnum() else ""


def mib(size_bytes: int) -> str:
    return f"{size_bytes / MIB:.2f}"


def human(size_bytes: int) -> str:
    """`885.6 MB`."""
    value, unit = float(size_bytes), 0
    while value >= 1024 and unit < len(SIZES) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f} {SIZES[unit]}" if unit else f"{size_bytes} B"


def span(left: timedelta) -> str:
    """`H:MM:SS`, with days in front when there are some."""
    seconds = int(left.total_seconds())
    days, rest = divmod(max(seconds, 0), 86_400)
    hours, minutes, last = rest // 3600, rest % 3600 // 60, rest % 60
    return f"{days}:{hours:02d}:{minutes:02d}:{last:02d}" if days else f"{hours}:{minutes:02d}:{last:02d}"


def left_bytes(entry: Entry) -> int:
    return int(entry.size_bytes * (1 - entry.progress))


def queue_slot(entry: Entry, index: int, now: datetime) -> dict[str, Any]:
    left = left_bytes(entry)
    return {
        "index": index,
        "nzo_id": nzo_id(entry),
        "status": "Paused" if entry.is_paused else WORDS.get(entry.state, "Queued"),
        "filename": entry.name,
        "labels": [],
        "password": "",
        "cat": entry.category or "*",
        "mb": mib(entry.size_bytes),
        "mbleft": mib(left),
        "mbmissing": "0.00",
        "size": human(entry.size_bytes),
        "sizeleft": human(left),
        "percentage": str(int(entry.progress * 100)),
        "priority": "Force" if entry.is_forced else "Normal",
        "script": "None",
        "unpackopts": "3",
        "direct_unpack": None,
        "avg_age": f"{max(0, (now - entry.added_at).days)}d",
        "time_added": int(entry.added_at.timestamp()),
        "timeleft": "0:00:10" if not entry.is_paused else "0:00:00",
    }


def history_slot(entry: Entry) -> dict[str, Any]:
    done = entry.completed_at or entry.error_at or entry.updated_at
    is_good = entry.state is State.DONE
    path = entry.content_path if is_good else ""
    return {
        "nzo_id": nzo_id(entry),
        "name": entry.folder if is_good else entry.name,
        "nzb_name": f"{entry.original_name or entry.name}.nzb",
        "category": entry.category or "*",
        "status": "Completed" if is_good else "Failed",
        "fail_message": "" if is_good else entry.error,
        "storage": path,
        "path": path,
        "bytes": entry.size_bytes,
        "downloaded": entry.size_bytes,
        "size": human(entry.size_bytes),
        "download_time": max(0, int((done - entry.added_at).total_seconds())),
        "postproc_time": 0,
        "completed": int(done.timestamp()),
        "time_added": int(entry.added_at.timestamp()),
        "pp": "D",
        "script": "None",
        "script_line": "",
        "report": "",
        "url": "",
        "url_info": "",
        "meta": None,
        "stage_log": [],
        "completeness": 0,
        "series": None,
        "md5sum": "",
        "password": None,
        "action_line": "",
        "loaded": False,
        "retry": 0,
        "archive": False,
        "duplicate_key": "",
    }


def file_rows(detail: Detail, now: datetime) -> list[dict[str, Any]]:
    age = f"{max(0, (now - detail.entry.added_at).days)}d"
    return [
        {
            "filename": file.name,
            "mbleft": "0.00",
            "mb": mib(file.size_bytes),
            "bytes": f"{file.size_bytes}.00",
            "age": age,
            "nzf_id": f"SABnzbd_nzf_{file.id}",
            "status": "finished",
        }
        for file in detail.shown
    ]
