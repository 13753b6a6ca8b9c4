"""What the variables of templates are for each kind of alert. Source: specs/monitor.md 5.8."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from polycast.monitor.alerts import texts
from polycast.monitor.alerts.context import Context, airing_values, numbers
from polycast.monitor.providers.channels.wire import Recorded
from polycast.monitor.recordings.model import Lifecycle, RecordingFact
from polycast.monitor.sessions.model import Session


def channel_values(session: Session, context: Context) -> dict[str, Any]:
    """Of somebody who watches a channel."""
    looked = context.looked
    logo = looked.channel.logo if looked.channel is not None else ""
    name = session.channel_name or (looked.channel.name if looked.channel is not None else "")
    art = looked.airing.image if looked.airing is not None else ""
    first, second = (logo, art) if context.prefs.cw_image_source == "CHANNEL" else (art, logo)
    return {
        **airing_values(looked.airing),
        "channel_number": session.channel_number,
        "channel_name": name or f"Channel {session.channel_number}",
        "client_name": session.device or session.ip,
        "device_name": session.device,
        "client_ip": session.ip,
        "stream_source": session.source,
        "resolution": session.resolution,
        "stream_count": context.stream_count,
        "channel_logo": logo,
        "image_url": first or second,
        "is_live": True,
    }


def vod_values(session: Session, context: Context) -> dict[str, Any]:
    """Of somebody who watches a file."""
    file = context.looked.file
    length = file.duration if file is not None else timedelta()
    at = texts.short_span(session.position)
    progress = f"{at} / {texts.short_span(length)}" if length else at
    percent = round(session.position / length * 100) if length else ""
    return {
        **(_file_values(file) if file is not None else {"title": session.title, "media_type": "other"}),
        "media_title": media_title(file) if file is not None else session.title,
        "device_name": session.device,
        "client_name": session.device or session.ip,
        "client_ip": session.ip,
        "playback_time": at,
        "progress_percent": percent,
        "progress_line": progress,
        "duration": texts.short_span(length) if length else "",
        "duration_secs": int(length.total_seconds()) or "",
        "stream_count": context.stream_count,
        "is_live": False,
    }


def _file_values(file: Recorded) -> dict[str, Any]:
    is_episode = bool(file.episode_title or file.season or file.episode)
    return {
        **numbers({"season_number": file.season, "episode_number": file.episode}),
        "media_type": "episode" if is_episode else "movie",
        "title": file.title,
        "show_name": file.title if is_episode else "",
        "episode_title": file.episode_title,
        "summary": file.summary,
        "full_summary": file.full_summary,
        "image_url": file.image,
        "thumbnail_url": file.image,
        "content_rating": file.rating,
        "genres": list(file.genres),
        "cast": list(file.cast),
        "directors": list(file.directors),
        "tags": list(file.tags),
        "categories": list(file.categories),
        "release_year": file.release_year or "",
        "release_date": file.release_date,
        "watched": file.watched,
        "favorited": file.favorited,
        "channel": file.channel,
    }


def media_title(file: Recorded) -> str:
    """`Show - S02E01 - Title`, or the film's."""
    code = f"S{file.season:02d}E{file.episode:02d}" if file.season and file.episode else ""
    return texts.joined([file.title, code, file.episode_title])


def recording_values(fact: RecordingFact, context: Context) -> dict[str, Any]:
    """Of a recording."""
    life, looked = fact.recording, context.looked
    channel = life.channel_name or (looked.channel.name if looked.channel is not None else "")
    logo = looked.channel.logo if looked.channel is not None else ""
    return {
        "recording_status": fact.kind,
        "recording_status_friendly": fact.word,
        "status": fact.word,
        "job_id": life.job_id,
        "title": life.title,
        "show_name": life.title,
        "episode_title": life.episode_title,
        "summary": life.summary,
        "channel_number": life.channel_number,
        "channel_name": channel or (f"Channel {life.channel_number}" if life.channel_number else ""),
        "channel_logo": logo,
        "image_url": life.image_url or logo,
        "start_time": texts.clock_time(life.started_at or life.starts_at, context.zone),
        "end_time": texts.clock_time(life.ends_at, context.zone),
        "duration": texts.long_span(life.ends_at - life.starts_at),
        "time_table": texts.day_and_time(life.starts_at, context.now, context.zone, zoned=True),
        "error_message": life.error or fact.note,
        "is_pass": life.was_scheduled,
        "completed": fact.kind in ("completed", "stopped"),
        "corrupted": "(Corrupted)" in fact.word,
        "processed": fact.kind == "completed" and not fact.note,
        "stream_count": context.stream_count,
        "details": fact.note,
    }


def disk_values(severity: str, total: int, free: int, path: str, context: Context) -> dict[str, Any]:
    """Of a disk."""
    prefs, used = context.prefs, total - free
    is_critical = severity == "critical"
    percent = prefs.ds_critical_threshold_percent if is_critical else prefs.ds_warning_threshold_percent
    gib = prefs.ds_critical_threshold_gb if is_critical else prefs.ds_warning_threshold_gb
    return {
        "severity": severity,
        "disk_path": path,
        "disk_label": path.rstrip("/").rpartition("/")[2],
        "disk_total": texts.size(total),
        "disk_total_bytes": total,
        "disk_used": texts.size(used),
        "disk_used_bytes": used,
        "disk_free": texts.size(free),
        "disk_free_bytes": free,
        "disk_percent": f"{used / total * 100:.1f}%",
        "disk_percent_num": round(used / total * 100, 1),
        "free_percent": f"{free / total * 100:.1f}%",
        "threshold": f"{percent:g}% or {gib:g} GB free",
        "threshold_num": percent,
    }


def structured(session: Session) -> Mapping[str, Any]:
    """A viewing, for programs."""
    return {
        "kind": session.kind.value,
        "device": {"name": session.device, "ip": session.ip},
        "channel": {"number": session.channel_number, "name": session.channel_name},
        "program": {"title": session.title},
        "source": session.source,
        "resolution": session.resolution,
    }


def structured_recording(life: Lifecycle) -> Mapping[str, Any]:
    """A recording, for programs."""
    return {
        "recording": {
            "job_id": life.job_id,
            "title": life.title,
            "start": int(life.starts_at.timestamp()),
            "end": int(life.ends_at.timestamp()),
            "state": life.state.value,
            "outcome": life.outcome.value if life.outcome is not None else None,
        },
        "channel": {"number": life.channel_number, "name": life.channel_name},
    }
