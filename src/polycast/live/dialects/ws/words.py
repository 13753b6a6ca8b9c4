"""Our events in the words of `/ws/`. Source: `specs/live.md` 4.6.

Each function takes one event and gives the `data` objects that clients get for it; an event without a function is not
told there.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.events import Event
from polycast.core.jobs import JobChanged, JobState
from polycast.core.notify import NotificationAdded
from polycast.live.dialects.rest.notifications import NewsOut
from polycast.live.guide.match.service import Matched, MatchProgress, SingleMatched
from polycast.live.guide.model import GuideFailed, GuideProgress, GuideRefreshed, GuideSourceChanged
from polycast.live.lineup.events import ChannelCreated
from polycast.live.lineup.from_guide import JOB as TAKE_FROM_GUIDE
from polycast.live.lineup.from_streams import JOB as CREATE_CHANNELS
from polycast.live.lineup.numbers import as_json
from polycast.live.relay.events import ChannelStats
from polycast.live.sources.model import (
    AccountInfoRefreshed,
    RehashProgress,
    SourceFailed,
    SourceProgress,
    SourceRefreshed,
    StreamsRehashed,
)

Data = dict[str, Any]
ADMIN_ONLY: Final = frozenset({"channel_stats", "vod_stats", "timeshift_stats", "vod_started", "vod_stopped"})
# The names of three jobs in one: which it was, only its payload says.
TAKEN: Final[Mapping[str, str]] = {
    "name": "epg_name_setting_progress",
    "tvg_id": "epg_tvg_id_setting_progress",
    "logo": "epg_logo_setting_progress",
}
JOB_STATES: Final[Mapping[JobState, str]] = {
    JobState.WAITING: "pending",
    JobState.RUNNING: "running",
    JobState.DONE: "completed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "failed",
}


class Told(Struct, frozen=True, kw_only=True):
    """A message, and how it is paced: those of one `pace` come at most twice a second unless they are `last`."""

    data: Data
    pace: str = ""
    last: bool = True


def source_progress(event: SourceProgress) -> list[Told]:
    data = {
        "type": "m3u_refresh",
        "account": event.account_id,
        "action": event.action,
        "progress": event.progress,
        "status": event.status,
        "message": event.message,
        "streams_processed": event.streams_processed,
        "elapsed_time": event.elapsed_seconds,
    }
    return [Told(data=data, pace=f"m3u {event.account_id}", last=event.progress >= 100)]


def source_refreshed(event: SourceRefreshed) -> list[Told]:
    data = {
        "type": "m3u_refresh",
        "account": event.account_id,
        "action": "processing_groups" if event.groups_only else "parsing",
        "progress": 100,
        "status": "pending_setup" if event.groups_only else "success",
        "message": event.message,
        "streams_processed": event.entries,
        "streams_created": event.streams_created,
        "streams_updated": event.streams_updated,
        "streams_stale": event.streams_stale,
        "streams_deleted": event.streams_deleted,
        "channels_created": event.channels_created,
        "channels_updated": event.channels_updated,
        "channels_deleted": event.channels_deleted,
        "channels_failed": event.channels_failed,
        "failed_stream_details": [],
        "elapsed_time": event.elapsed_seconds,
    }
    return [Told(data=data)]


def source_failed(event: SourceFailed) -> list[Told]:
    data = {
        "type": "m3u_refresh",
        "account": event.account_id,
        "action": "parsing",
        "progress": 100,
        "status": "error",
        "message": event.message,
        "error": event.message,
    }
    other = {"type": "account_refresh_error", "account": event.account_id, "message": event.message}
    return [Told(data=data), Told(data=other | {"error": event.reason})]


def account_info(event: AccountInfoRefreshed) -> list[Told]:
    kind = "account_info_refresh_error" if event.error is not None else "account_info_refresh_success"
    data: Data = {"type": kind, "profile_id": event.profile_id, "profile_name": event.profile_name}
    data["message"] = event.message or event.error or "Account info refreshed"
    return [Told(data=data if event.error is None else data | {"error": event.error})]


def rehash_progress(event: RehashProgress) -> list[Told]:
    data = {
        "type": "stream_rehash",
        "action": event.action,
        "progress": event.progress,
        "message": event.message,
    }
    return [Told(data=data, pace="rehash", last=event.action != "processing")]


def rehashed(event: StreamsRehashed) -> list[Told]:
    message = f"{event.streams} streams have new identities, {event.merged} were doubled."
    return [Told(data={"type": "stream_rehash", "action": "completed", "progress": 100, "message": message})]


def guide_progress(event: GuideProgress) -> list[Told]:
    data = {
        "type": "epg_refresh",
        "source": event.source_id,
        "action": event.action,
        "progress": event.progress,
        "status": event.status,
        "message": event.message,
    }
    return [Told(data=data, pace=f"epg {event.source_id}", last=event.progress >= 100)]


def guide_refreshed(event: GuideRefreshed) -> list[Told]:
    data = {
        "type": "epg_refresh",
        "source": event.source_id,
        "action": "parsing_programs",
        "progress": 100,
        "status": "success",
        "message": event.message,
        "channels": event.channels,
        "programs": event.programmes,
    }
    return [Told(data=data)]


def guide_failed(event: GuideFailed) -> list[Told]:
    data = {
        "type": "epg_refresh",
        "source": event.source_id,
        "action": "refresh",
        "progress": 100,
        "status": "error",
        "message": event.message,
        "error": event.message,
    }
    other = {"type": "epg_fetch_error", "source": event.source_id, "detail": event.message}
    return [Told(data=data), Told(data=other)]


def guide_source_changed(event: GuideSourceChanged) -> list[Told]:
    if event.change != "created":
        return []
    return [Told(data={"type": "epg_data_created", "source": event.source_id})]


def match_progress(event: MatchProgress) -> list[Told]:
    data = {
        "type": "epg_matching_progress",
        "total": event.total,
        "matched": event.matched,
        "remaining": event.remaining,
        "current_channel": event.current_channel,
        "stage": event.stage,
        "progress_percent": round(100 * (event.total - event.remaining) / event.total) if event.total else 100,
    }
    return [Told(data=data, pace="match", last=event.stage != "matching")]


def matched(event: Matched) -> list[Told]:
    associations = [{"channel_id": channel, "epg_data_id": guide} for channel, guide in event.associations]
    data = {
        "type": "epg_match",
        "success": True,
        "matches_count": event.taken,
        "message": event.message,
        "associations": associations,
    }
    return [Told(data=data)]


def single_matched(event: SingleMatched) -> list[Told]:
    data = {
        "type": "single_channel_epg_match",
        "channel_id": event.channel_id,
        "matched": event.is_matched,
        "message": event.message,
        "epg_id": event.guide_channel_id,
        "epg_name": event.guide_name,
    }
    return [Told(data=data)]


def channel_created(event: ChannelCreated) -> list[Told]:
    data: dict[str, Any] = {"type": "channels_created", "count": 1, "channel_id": event.channel_id}
    if event.channel_name:
        data |= {"channel_name": event.channel_name, "channel_number": as_json(event.number)}
    return [Told(data=data)]


def channel_stats(event: ChannelStats) -> list[Told]:
    stats = msgspec.json.encode({"channels": event.channels, "count": event.count}).decode()
    return [Told(data={"success": True, "type": "channel_stats", "stats": stats}, pace="stats", last=False)]


def notification(event: NotificationAdded, at: datetime) -> list[Told]:
    news = NewsOut.told(event, at)
    return [Told(data={"type": "system_notification", "notification": msgspec.to_builtins(news)})]


def job_changed(event: JobChanged, payload: Mapping[str, Any]) -> list[Told]:
    """`payload` is what the job was asked; {} when it is gone."""
    kind = "bulk_channel_creation_progress" if event.job == CREATE_CHANNELS else TAKEN.get(str(payload.get("what")), "")
    if not kind:
        return []
    status = JOB_STATES[event.state]
    counted = "created_count" if event.job == CREATE_CHANNELS else "updated_count"
    data = {
        "type": kind,
        "task_id": str(event.job_id),
        "progress": event.done,
        "total": event.total or 0,
        "status": status,
        "message": event.error or event.note or event.title,
        counted: event.done,
        "error_count": 1 if event.error else 0,
        "errors": [event.error] if event.error else [],
    }
    return [Told(data=data, pace=f"job {event.job_id}", last=status in ("completed", "failed"))]


JOBS: Final = frozenset({CREATE_CHANNELS, TAKE_FROM_GUIDE})
WORDS: Final[Mapping[type[Event], Callable[[Any], Sequence[Told]]]] = {
    SourceProgress: source_progress,
    SourceRefreshed: source_refreshed,
    SourceFailed: source_failed,
    AccountInfoRefreshed: account_info,
    RehashProgress: rehash_progress,
    StreamsRehashed: rehashed,
    GuideProgress: guide_progress,
    GuideRefreshed: guide_refreshed,
    GuideFailed: guide_failed,
    GuideSourceChanged: guide_source_changed,
    MatchProgress: match_progress,
    Matched: matched,
    SingleMatched: single_matched,
    ChannelCreated: channel_created,
    ChannelStats: channel_stats,
}
BY_NAME: Final[Mapping[str, type[Event]]] = {event.name: event for event in WORDS}
NAMES: Final = frozenset(BY_NAME) | {JobChanged.name, NotificationAdded.name}


def told(name: str, body: bytes, at: datetime) -> Sequence[Told]:
    """What clients get for the event `name`; nothing for jobs, whose payload is not in the event."""
    if name == NotificationAdded.name:
        return notification(msgspec.json.decode(body, type=NotificationAdded), at)
    kind = BY_NAME.get(name)
    return [] if kind is None else WORDS[kind](msgspec.json.decode(body, type=kind))
