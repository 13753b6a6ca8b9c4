"""Signs of life, health, aggregates over all DVRs. Source: specs/monitor.md 3.5, 3.8."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from polycast.core.clock import Clock
from polycast.core.http import Answer, Docs, Route, get, post
from polycast.core.identity.caller import Caller
from polycast.monitor.alerts.severity import severity_of
from polycast.monitor.dialects.channelwatch import wire
from polycast.monitor.dialects.channelwatch.gate import ADMIN, FREE, reads, writes
from polycast.monitor.dialects.channelwatch.views import Seen, Views
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.versions import judge
from polycast.monitor.watch.board import Board
from polycast.monitor.watch.supervisor import Supervisor

TAGS = Docs(tags=["System"])
VERSION = "0.9.15"  # of the API as its clients know it


class Life(Struct, frozen=True, kw_only=True):
    """When we started."""

    started_at: datetime


@get("/api/ping", policy=FREE, docs=TAGS)
async def ping() -> dict[str, str]:
    """We live."""
    return {"status": "ok"}


@get("/healthz/live", policy=FREE, docs=TAGS)
async def live() -> dict[str, str]:
    """We live; touches nothing."""
    return {"status": "ok"}


@get("/healthz/startup", policy=FREE, docs=TAGS)
async def startup(board: Board) -> Answer[dict[str, str]]:
    """Whether the watch has started."""
    if board.has_started or not board.is_ours:
        return Answer({"status": "ready"})
    return Answer({"status": "not_ready"}, status=503)


@get("/healthz/ready", policy=FREE, docs=TAGS)
async def ready(caller: Caller, views: Views, book: PreferencesBook) -> Answer[dict[str, Any]]:
    """Whether every enabled DVR is watched well; what is wrong is told to those who may know."""
    several = await views.all(enabled_only=True)
    is_ready = bool(several) and all(seen.health.ready for seen in several)
    body: dict[str, Any] = {"status": "ready" if is_ready else "not_ready", "ready": is_ready}
    if any(scope.value == "monitor:read" for scope in caller.scopes):
        tested = views.tested
        body |= {
            "dvrs": [_ready_dvr(views, seen) for seen in several],
            "stale_threshold_seconds": book.now.monitor_stale_seconds,
            "tested_version_range": {"min": tested.min, "max": tested.max},
        }
    return Answer(body, status=200 if is_ready else 503)


def _ready_dvr(views: Views, seen: Seen) -> dict[str, Any]:
    judged = judge(seen.state.version, views.tested)
    return {
        "id": seen.server.dvr_id,
        "name": seen.server.shown_name,
        "monitoring_status": seen.health.status.value,
        "freshness_status": seen.health.freshness,
        "connected": seen.state.connected,
        "reason": seen.health.reason,
        "last_freshness_at": wire.stamp(seen.state.freshness_at),
        "freshness_age_seconds": seen.health.age_s,
        "version": seen.state.version or None,
        "version_compatible": judged.is_compatible,
        "version_warning": judged.warning,
    }


@get("/api/health", policy=FREE, docs=TAGS)
async def health(views: Views) -> Answer[dict[str, Any]]:
    """Whether every enabled DVR is watched well."""
    several = await views.all(enabled_only=True)
    is_ready = bool(several) and all(seen.health.ready for seen in several)
    body = {
        "status": "ok" if is_ready else "degraded",
        "ready": is_ready,
        "dvrs": [
            {
                "id": seen.server.dvr_id,
                "name": seen.server.shown_name,
                "monitoring_status": seen.health.status.value,
                "reason": seen.health.reason,
            }
            for seen in several
        ],
    }
    return Answer(body, status=200 if is_ready else 503)


@get("/api/about", policy=reads(), docs=TAGS)
async def about() -> dict[str, str]:
    """What this is."""
    return {
        "app_name": "ChannelWatch",
        "version": VERSION,
        "developer": "Polycast",
        "description": "The watch of Polycast, speaking ChannelWatch's API.",
        "github_url": "",
        "dockerhub_url": "",
        "server": "polycast",
    }


@get("/api/system-info", policy=reads(), docs=TAGS)
async def system_info(
    views: Views, book: PreferencesBook, clock: Clock, life: Life, dvr_id: str = ""
) -> dict[str, Any]:
    """Everything at once, over all DVRs or one."""
    several = [await views.seen(dvr_id)] if dvr_id else await views.all(enabled_only=True)
    first = several[0] if several else None
    up = clock.now() - life.started_at
    prefs = book.now
    return {
        "channelwatch_version": VERSION,
        "channels_dvr_host": first.server.host if first else None,
        "channels_dvr_port": first.server.port if first else None,
        "channels_dvr_server_version": (first.state.version or None) if first else None,
        "timezone": prefs.tz,
        **_disks(several, views),
        "log_retention_days": prefs.log_retention_days,
        "start_time": wire.stamp(life.started_at),
        "container_start_time": wire.stamp(life.started_at),
        "uptime_data": {
            "days": up.days,
            "hours": up.seconds // 3600,
            "minutes": up.seconds % 3600 // 60,
            "seconds": up.seconds % 60,
        },
        "core_status": "Running",
        "library_shows": sum(seen.state.shows for seen in several),
        "library_movies": sum(seen.state.movies for seen in several),
        "library_episodes": sum(seen.state.episodes for seen in several),
        "dvr_status": [views.status(seen) for seen in several],
    }


def _disks(several: list[Seen], views: Views) -> dict[str, Any]:
    """Sums; the thresholds are applied to them."""
    known = [seen.state for seen in several if seen.state.disk_total and seen.state.disk_free is not None]
    total = sum(state.disk_total or 0 for state in known)
    free = sum(state.disk_free or 0 for state in known)
    prefs = several[0].prefs if several else None
    return {
        "disk_usage_percent": round((total - free) / total * 100) if total else None,
        "disk_usage_gb": wire.gib(total - free) if known else None,
        "disk_total_gb": wire.gib(total) if known else None,
        "disk_free_gb": wire.gib(free) if known else None,
        "disk_severity": severity_of(total, free, prefs).value if prefs and known else "normal",
    }


@get("/api/recordings/upcoming", policy=reads(), docs=TAGS)
async def upcoming(views: Views, limit: Annotated[int, Meta(ge=1, le=1000)] = 250) -> list[wire.UpcomingRecording]:
    """What all DVRs are going to record."""
    return views.upcoming(await views.all(enabled_only=True), limit=limit)


@get("/api/recordings/active", policy=reads(), docs=TAGS)
async def active_recordings(views: Views) -> int:
    """How many recordings run."""
    return sum(
        1
        for seen in await views.all(enabled_only=True)
        if seen.state.connected
        for plan in seen.state.planned
        if plan.starts_at <= seen.now < plan.ends_at
    )


@get("/api/streams/active", policy=reads(), docs=TAGS)
async def active_streams(views: Views) -> int:
    """How many activities there are."""
    return sum(seen.state.activity_count for seen in await views.all(enabled_only=True) if seen.state.connected)


@get("/api/streams/details", policy=reads(), docs=TAGS)
async def stream_details(views: Views) -> wire.StreamTotals:
    """Who watches and what is recorded, everywhere."""
    return views.totals(await views.all(enabled_only=True))


@post("/api/restart_core", policy=writes(ADMIN), status=202, docs=TAGS)
async def restart_core(supervisor: Supervisor) -> wire.Message:
    """Start every watch afresh."""
    supervisor.restart_all()
    return wire.Message("Restart command sent to process 'core'.")


@post("/api/restart_container", policy=writes(ADMIN), status=202, docs=TAGS)
async def restart_container(supervisor: Supervisor) -> wire.Message:
    """The same: the rest of the server goes on."""
    supervisor.restart_all()
    return wire.Message("Restart initiated. Only the watch is restarted; the rest of the server goes on.")


def routes() -> list[Route]:
    """For the dialect."""
    return [
        ping, live, startup, ready, health, about, system_info, upcoming, active_recordings, active_streams,
        stream_details, restart_core, restart_container,
    ]  # fmt: skip
