"""How a server is, as last seen: what every read is answered from. A dead server costs a request nothing."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from polycast.core.events import Audience, Event
from polycast.core.identity.scopes import Scope
from polycast.monitor.servers.model import Server


class Monitoring(StrEnum):
    """How well a server is watched."""

    MISSING = "missing"
    DEAD = "dead"
    STARTING = "starting"
    STALE = "stale"
    HEALTHY = "healthy"


class Watching(Struct, frozen=True, kw_only=True):
    """Somebody who watches now."""

    key: str
    kind: str
    device: str
    channel: str  # its name; the title for a file
    number: str = ""
    ip: str = ""
    source: str = ""
    user: str = ""
    title: str = ""
    position_s: int = 0
    since: datetime
    program_image: str = ""
    channel_image: str = ""


class NowRecording(Struct, frozen=True, kw_only=True):
    """What is recorded now."""

    title: str
    until: str = ""
    channel: str = ""


class Planned(Struct, frozen=True, kw_only=True):
    """A recording to come."""

    job_id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    channel: str
    image: str = ""
    logo: str = ""
    rule_id: str = ""


class ServerState(Struct, kw_only=True):
    """Everything about a server that changes; its watcher writes it, everybody else reads."""

    task_alive: bool = False
    stream_open: bool = False
    connection_status: str = "unknown"  # online, offline
    connected: bool = False  # the last probe was answered
    alerts_paused: bool = False
    freshness_at: datetime | None = None
    freshness_source: str | None = None
    event_at: datetime | None = None
    seen_before: datetime | None = None  # when the last run last heard of it
    checked_at: datetime | None = None
    online_since: datetime | None = None
    offline_since: datetime | None = None
    version: str = ""
    name: str = ""
    started_at: datetime | None = None
    disk_total: int | None = None  # bytes
    disk_free: int | None = None
    shows: int = 0
    movies: int = 0
    episodes: int = 0
    activity_count: int = 0
    session_count: int = 0
    stream_count: int = 0
    watching: list[Watching] = []
    recording: list[NowRecording] = []
    planned: list[Planned] = []
    plan_known_at: datetime | None = None
    events: int = 0
    alert_events: int = 0
    filtered: int = 0
    errors: int = 0
    reconnects: int = 0
    latency_ms: int = 0
    error: str = ""  # why the last try failed, in words for a person
    details: dict[str, str] = {}  # of kinds of servers that tell more: tuners, signal

    def fresh(self, source: str, at: datetime) -> None:
        """Word of the server has come."""
        self.freshness_at, self.freshness_source = at, source

    @property
    def disk_used(self) -> int | None:
        return None if self.disk_total is None or self.disk_free is None else self.disk_total - self.disk_free


class Health(Struct, frozen=True, kw_only=True):
    """How well a server is watched at a moment."""

    status: Monitoring
    ready: bool
    reason: str
    age_s: float | None

    @property
    def freshness(self) -> str:
        return "fresh" if self.status is Monitoring.HEALTHY else self.status.value


def health_of(server: Server, state: ServerState | None, *, now: datetime, stale_s: int) -> Health:
    """Source: specs/monitor.md 2.4; the first condition that holds."""
    if not server.enabled:
        return Health(status=Monitoring.MISSING, ready=False, reason="Monitoring is disabled for this DVR", age_s=None)
    if state is None:
        return Health(status=Monitoring.MISSING, ready=False, reason="No freshness state published yet", age_s=None)
    age = None if state.freshness_at is None else max(0.0, round((now - state.freshness_at).total_seconds(), 1))
    if not state.task_alive:
        return Health(status=Monitoring.DEAD, ready=False, reason="Monitor task is not alive", age_s=age)
    if age is None:
        return Health(
            status=Monitoring.STARTING, ready=False, reason="Waiting for the first freshness update", age_s=age
        )
    if age > stale_s:
        return Health(status=Monitoring.STALE, ready=False, reason=f"No freshness update for {int(age)}s", age_s=age)
    return Health(status=Monitoring.HEALTHY, ready=True, reason="Freshness updates are current", age_s=age)


class ServerChanged(Event, frozen=True, kw_only=True):
    """A server looks different than before, for pages that show it."""

    name: ClassVar[str] = "monitor.server_changed"
    coalesce: ClassVar[str | None] = "dvr_id"

    dvr_id: str

    def audience(self) -> Audience:
        return Audience(scope=Scope.MONITOR_READ)


SNAPSHOT_EVERY = timedelta(seconds=30)
