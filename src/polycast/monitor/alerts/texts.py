"""The built-in texts. Lines with unknown values are left out; each has its switch. Source: specs/monitor.md 4.5."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from polycast.monitor.preferences.model import Preferences

GIB: Final = 1024**3
EMOJI: Final[Mapping[str, str]] = {
    "scheduled": "📅",
    "started": "🔴",
    "completed": "✅",
    "stopped": "⏹️",
    "cancelled": "🚫",
    "failed": "⚠️",
    "missed": "⚠️",
    "interrupted": "⚠️",
    "skipped": "⚠️",
}
WATCHING_TV: Final = "Channels DVR - Watching TV"
WATCHING_VOD: Final = "🎬 Channels DVR - Watching DVR Content"
RECORDING: Final = "Channels DVR - Recording Event"
DISK: Final[Mapping[str, str]] = {"warning": "⚠️ Low Disk Space Warning", "critical": "🚨 Low Disk Space Critical"}
LINE: Final = "-----------------------"


def channel_text(values: Mapping[str, Any], prefs: Preferences) -> str:
    """Somebody watches a channel."""
    name = values.get("channel_name") if prefs.cw_channel_name else ""
    return _lines(
        f"📺 {name}" if name else "",
        _line("Channel", values.get("channel_number"), on=prefs.cw_channel_number),
        _line("Program", values.get("program_title"), on=prefs.cw_program_name),
        _line("Resolution", values.get("resolution")),
        _line("Device", values.get("device_name"), on=prefs.cw_device_name),
        _line("Device IP", values.get("client_ip"), on=prefs.cw_device_ip),
        _line("Source", values.get("stream_source"), on=prefs.cw_stream_source),
        _line("Total Streams", values.get("stream_count"), on=prefs.stream_count),
    )


def vod_text(values: Mapping[str, Any], prefs: Preferences) -> str:
    """Somebody watches a file."""
    return _lines(
        str(values.get("media_title") or values.get("title") or "") if prefs.vod_title else "",
        _line("Duration", values.get("progress_line"), on=prefs.vod_duration or prefs.vod_progress),
        _line("Device Name", values.get("device_name"), on=prefs.vod_device_name),
        _line("Device IP", values.get("client_ip"), on=prefs.vod_device_ip),
        str(values.get("summary") or "") if prefs.vod_summary else "",
        _line("Rating", values.get("content_rating"), on=prefs.vod_rating),
        _line("Genres", _some(values.get("genres")), on=prefs.vod_genres),
        _line("Cast", _some(values.get("cast")), on=prefs.vod_cast),
    )


def recording_text(values: Mapping[str, Any], prefs: Preferences) -> str:
    """A recording was planned, began or ended."""
    name = values.get("channel_name") if prefs.rd_channel_name else ""
    emoji = EMOJI.get(str(values.get("recording_status")), "📼")
    return _lines(
        f"📺 {name}" if name else "",
        _line("Channel", values.get("channel_number"), on=prefs.rd_channel_number),
        f"{emoji} {values.get('recording_status_friendly')}" if prefs.rd_type else "",
        _line("Program", values.get("title"), on=prefs.rd_program_name),
        str(values.get("summary") or "") if prefs.rd_program_desc else "",
        LINE,
        _line("Scheduled", values.get("time_table")) if values.get("recording_status") == "scheduled" else "",
        _line("Recording", values.get("start_time")) if values.get("recording_status") != "scheduled" else "",
        _line("Duration", values.get("duration"), on=prefs.rd_duration),
        _line("Error", values.get("error_message")),
        _line("Total Streams", values.get("stream_count"), on=prefs.stream_count),
    )


def disk_text(values: Mapping[str, Any]) -> str:
    """A disk fills up. The path is for the owner only: in messages, never in an API."""
    free = f"{values.get('disk_free')} / {values.get('disk_total')} ({values.get('free_percent')})"
    return _lines(
        _line("Free Space", free),
        _line("Used Space", values.get("disk_used")),
        _line("DVR Path", values.get("disk_path")),
    )


def size(count: int) -> str:
    """`38.2 GB`, `1.8 TB`, in binary units as the server counts."""
    gib = count / GIB
    return f"{gib / 1024:.1f} TB" if gib >= 1024 else f"{gib:.1f} GB"


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    """`6:30 PM EDT`."""
    local = at.astimezone(zone)
    return f"{local.strftime('%I:%M %p').lstrip('0')} {local.tzname()}"


def day_and_time(at: datetime, now: datetime, zone: ZoneInfo, *, dated: str = "%b %d", zoned: bool = False) -> str:
    """`Today at 08:00 PM`, `Tomorrow at …`, else the date as `dated` says it."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    day = {0: "Today", 1: "Tomorrow"}.get(days, local.strftime(dated))
    clock = local.strftime("%I:%M %p")
    return f"{day} at {clock.lstrip('0') + ' ' + str(local.tzname()) if zoned else clock}"


def long_span(span: timedelta) -> str:
    """`30 minutes`, `1 hour 5 minutes`, `45 seconds`."""
    seconds = int(span.total_seconds())
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if not hours and not minutes:
        return _count(seconds, "second")
    return " ".join(
        filter(None, (_count(hours, "hour") if hours else "", _count(minutes, "minute") if minutes else ""))
    )


def short_span(span: timedelta) -> str:
    """`4m 01s`, `1h 30m 00s`."""
    seconds = int(span.total_seconds())
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{hours}h {minutes:02d}m {seconds % 60:02d}s" if hours else f"{minutes}m {seconds % 60:02d}s"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _line(label: str, value: Any, *, on: bool = True) -> str:
    return f"{label}: {value}" if on and value not in (None, "", 0) else ""


def _some(values: Any) -> str:
    return ", ".join(list(values)[:3]) if isinstance(values, list | tuple) else str(values or "")


def _lines(*lines: str) -> str:
    kept = [line for line in lines if line.strip()]
    while kept and kept[-1] == LINE:
        kept.pop()
    return "\n".join(kept)


def joined(parts: Iterable[str], separator: str = " - ") -> str:
    """The parts that are not empty."""
    return separator.join(part for part in parts if part)
