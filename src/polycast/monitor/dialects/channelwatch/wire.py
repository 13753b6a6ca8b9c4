"""What the DVR routes put in bytes. Key sets and their order are the reference's. Source: specs/monitor.md 3.2."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from polycast.monitor.alerts.severity import GIB, Severity
from polycast.monitor.history.model import Activity, Page


class Dvr(Struct, frozen=True, kw_only=True):
    """An element of `GET /api/v1/dvrs`: exactly five keys."""

    id: str
    name: str
    host: str
    port: int
    enabled: bool


class DvrStatus(Struct, frozen=True, kw_only=True):
    """`GET /api/v1/dvrs/{dvr_id}`."""

    id: str
    name: str
    host: str
    port: int
    connected: bool
    version: str | None
    version_compatible: bool | None
    version_warning: str | None
    disk_usage_percent: int | None
    disk_total_gb: float | None
    disk_free_gb: float | None
    library_shows: int
    library_movies: int
    library_episodes: int
    monitoring_status: str
    monitoring_ready: bool
    monitoring_reason: str | None
    freshness_status: str
    last_freshness_at: str | None
    last_event_at: str | None
    freshness_age_seconds: float | None
    stale_threshold_seconds: int
    active_streams: int


class StreamWatching(Struct, frozen=True, kw_only=True):
    device: str
    channel: str
    image: str


class StreamRecording(Struct, frozen=True, kw_only=True):
    title: str
    until: str


class StreamTotals(Struct, frozen=True, kw_only=True):
    """`GET /api/streams/details`."""

    total: int
    watching: list[StreamWatching]
    recording: list[StreamRecording]
    subtitle: str
    image: str


class Streams(Struct, frozen=True, kw_only=True):
    """`GET /api/v1/dvrs/{dvr_id}/streams`."""

    dvr_id: str
    dvr_name: str
    total: int
    watching: list[StreamWatching]
    recording: list[StreamRecording]
    subtitle: str
    image: str


class SystemInfo(Struct, frozen=True, kw_only=True):
    """`GET /api/v1/dvrs/{dvr_id}/system-info`; never a path."""

    dvr_id: str
    dvr_name: str
    host: str
    port: int
    connected: bool
    version: str | None
    version_compatible: bool | None
    version_warning: str | None
    disk_usage_percent: int | None
    disk_usage_gb: float | None
    disk_total_gb: float | None
    disk_free_gb: float | None
    disk_severity: Severity
    library_shows: int
    library_movies: int
    library_episodes: int


class DvrHealth(Struct, frozen=True, kw_only=True):
    """`GET /api/v1/dvrs/{dvr_id}/health`."""

    dvr_id: str
    dvr_name: str
    host: str
    port: int
    connected: bool
    version: str | None
    version_compatible: bool | None
    version_warning: str | None
    disk_status: str
    disk_free_gb: float | None
    disk_total_gb: float | None
    last_checked: str
    last_event_at: str | None
    last_freshness_at: str | None
    last_freshness_source: str | None
    freshness_age_seconds: float | None
    freshness_status: str
    monitoring_status: str
    monitoring_ready: bool
    monitoring_reason: str | None
    session_state_size: int
    recent_alert_rate: float


class UpcomingRecording(Struct, frozen=True, kw_only=True):
    """An element of the lists of upcoming recordings."""

    id: str
    title: str
    start_time: int
    end_time: int
    channel: str
    scheduled_time: str
    image: str
    artwork_fallback_exhausted: bool
    dvr_id: str
    dvr_name: str


class ActivityItem(Struct, frozen=True, kw_only=True):
    """A line of history."""

    id: str
    type: str
    title: str
    message: str
    timestamp: str
    icon: str
    channel_name: str
    channel_number: str
    device_name: str
    device_ip: str
    program_title: str
    image_url: str
    stream_source: str
    extra: Mapping[str, Any]
    dvr_id: str
    dvr_name: str
    is_test: bool

    @classmethod
    def of(cls, one: Activity) -> "ActivityItem":
        return cls(
            id=one.uuid,
            type=one.event_type,
            title=one.title,
            message=one.message,
            timestamp=one.at.isoformat(),
            icon=one.icon,
            channel_name=one.channel_name,
            channel_number=one.channel_number,
            device_name=one.device_name,
            device_ip=one.device_ip,
            program_title=one.program_title,
            image_url=one.image_url,
            stream_source=one.stream_source,
            extra=one.extra,
            dvr_id=one.dvr_id,
            dvr_name=one.dvr_name,
            is_test=one.is_test,
        )


class ActivityPage(Struct, frozen=True, kw_only=True):
    """A cut of history."""

    items: list[ActivityItem]
    total: int
    offset: int
    limit: int

    @classmethod
    def of(cls, page: Page, *, offset: int, limit: int) -> "ActivityPage":
        return cls(items=[ActivityItem.of(one) for one in page.items], total=page.total, offset=offset, limit=limit)


class Message(Struct, frozen=True):
    """A sentence."""

    message: str


def gib(count: int | None) -> float | None:
    """Bytes as GiB, two decimals."""
    return None if count is None else round(count / GIB, 2)


def stamp(at: datetime | None) -> str | None:
    """UTC to the second, offset `+00:00`."""
    return None if at is None else at.replace(microsecond=0).isoformat()
