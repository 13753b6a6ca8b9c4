"""Our own additions below `/api/v1/monitor/`. Source: specs/monitor.md 3.12."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound
from polycast.core.http import Docs, Route, get, post
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database
from polycast.monitor.alerts.incidents import Incident, Incidents
from polycast.monitor.alerts.tests import Trials
from polycast.monitor.dialects.channelwatch import wire
from polycast.monitor.dialects.channelwatch.errors import Refused
from polycast.monitor.dialects.channelwatch.gate import OPERATOR, reads, writes
from polycast.monitor.dialects.channelwatch.log import delivery
from polycast.monitor.dialects.channelwatch.views import Seen, Views, percent
from polycast.monitor.history.charts import METRICS, Charts, Forecast, Point
from polycast.monitor.outbox.addresses import destinations
from polycast.monitor.outbox.model import PENDING
from polycast.monitor.outbox.office import Office
from polycast.monitor.outbox.store import DeliveryStore
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.recordings.store import RecordingStore
from polycast.monitor.sessions.store import SessionStore
from polycast.monitor.watch.state import NowRecording, Watching

TAGS = Docs(tags=["Monitor"])
Offset = Annotated[int, Meta(ge=0, le=2**53)]
Limit = Annotated[int, Meta(ge=1, le=200)]
PREVIEWED: Final = 500


class Card(Struct, frozen=True, kw_only=True):
    """A server as the wall shows it."""

    id: str
    name: str
    provider: str
    host: str
    port: int
    enabled: bool
    group: str
    connected: bool
    monitoring_status: str
    reason: str
    version: str | None
    version_warning: str | None
    disk_total: int | None
    disk_free: int | None
    disk_percent: int | None
    disk_severity: str
    stream_count: int
    session_count: int
    watching: list[Watching]
    recording: list[NowRecording]
    planned: int
    next_title: str | None
    next_at: datetime | None
    shows: int
    movies: int
    episodes: int
    freshness_at: datetime | None
    started_at: datetime | None
    uptime_seconds: int | None
    offline_since: datetime | None
    latency_ms: int
    error: str
    details: dict[str, str]


class Overview(Struct, frozen=True, kw_only=True):
    """Everything for a dashboard, in one call."""

    servers: list[Card]
    watching: int
    recording: int
    incidents: list[Incident]
    ready: bool


class Watched(Struct, frozen=True, kw_only=True):
    what: str
    seconds: int
    sessions: int


class Stats(Struct, frozen=True, kw_only=True):
    """Watch time and recordings of a span."""

    group_by: str
    since: datetime
    until: datetime
    items: list[Watched]
    recordings: dict[str, int]


class Tried(Struct, frozen=True, kw_only=True):
    """What a destination said to a test."""

    success: bool
    answer: str
    latency_ms: int
    payload_size: int


class Place(Struct, frozen=True, kw_only=True):
    """Where messages go, without its address."""

    channel: str
    channel_id: str
    provider_type: str


class Said(Struct, frozen=True, kw_only=True):
    text: str = ""


@get("/api/v1/monitor/overview", policy=reads(), docs=TAGS)
async def overview(caller: Caller, views: Views, incidents: Incidents) -> Overview:
    """All servers of every kind, and what is wrong."""
    several = await views.all(all_kinds=True)
    is_open, _ = await incidents.page(caller, is_open=True, limit=50, offset=0)
    enabled = [seen for seen in several if seen.server.enabled]
    return Overview(
        servers=[card(views, seen) for seen in several],
        watching=sum(len(seen.state.watching) for seen in enabled if seen.state.connected),
        recording=sum(len(seen.state.recording) for seen in enabled if seen.state.connected),
        incidents=is_open,
        ready=bool(enabled) and all(seen.health.ready for seen in enabled),
    )


def card(views: Views, seen: Seen) -> Card:
    """One server for the wall."""
    server, state = seen.server, seen.state
    coming = [plan for plan in state.planned if plan.starts_at > seen.now]
    status = views.status(seen)
    return Card(
        id=server.dvr_id, name=server.shown_name, provider=server.provider.value, host=server.host, port=server.port,
        enabled=server.enabled, group=server.group_name, connected=state.connected,
        monitoring_status=seen.health.status.value, reason=seen.health.reason, version=state.version or None,
        version_warning=status.version_warning if server.provider == "channels" else None,
        disk_total=state.disk_total, disk_free=state.disk_free, disk_percent=percent(state),
        disk_severity=views.severity(seen).value, stream_count=state.stream_count, session_count=state.session_count,
        watching=state.watching if state.connected else [], recording=state.recording if state.connected else [],
        planned=len(coming), next_title=coming[0].title if coming else None,
        next_at=coming[0].starts_at if coming else None, shows=state.shows, movies=state.movies,
        episodes=state.episodes, freshness_at=state.freshness_at, started_at=state.started_at,
        uptime_seconds=int((seen.now - state.started_at).total_seconds()) if state.started_at else None,
        offline_since=state.offline_since, latency_ms=state.latency_ms, error=state.error if not state.connected else "",
        details=state.details,
    )  # fmt: skip


@get("/api/v1/monitor/sessions", policy=reads(), docs=TAGS)
async def sessions(
    views: Views, db: Database, store: SessionStore, history: bool = False, dvr_id: str = "",
    since: datetime | None = None, until: datetime | None = None, offset: Offset = 0, limit: Limit = 50,
) -> dict[str, Any]:  # fmt: skip
    """Who watches now; with `history` who watched."""
    if history:
        rows, total = await db.read(store.past, dvr_id=dvr_id, since=since, until=until, offset=offset, limit=limit)
        items = [
            {"dvr_id": one.dvr_id, "kind": one.kind, "device": one.who, "user": one.user_name, "what": one.what,
             "title": one.title, "ip": one.ip, "source": one.source, "started_at": one.started_at,
             "ended_at": one.ended_at, "end_reason": one.end_reason, "watched_seconds": int(one.watched.total_seconds())}
            for one in rows
        ]  # fmt: skip
        return {"items": items, "total": total, "offset": offset, "limit": limit}
    several = [await views.seen(dvr_id)] if dvr_id else await views.all(enabled_only=True, all_kinds=True)
    live = [
        {"dvr_id": seen.server.dvr_id, "dvr_name": seen.server.shown_name, **_watching(one)}
        for seen in several
        if seen.state.connected
        for one in seen.state.watching
    ]
    return {"items": live, "total": len(live), "offset": 0, "limit": len(live)}


def _watching(one: Watching) -> dict[str, Any]:
    return {
        "key": one.key, "kind": one.kind, "device": one.device, "user": one.user, "what": one.channel,
        "title": one.title, "ip": one.ip, "source": one.source, "position_seconds": one.position_s,
        "since": one.since, "image": one.program_image or one.channel_image,
    }  # fmt: skip


@get("/api/v1/monitor/recordings", policy=reads(), docs=TAGS)
async def recordings(
    db: Database, recorded: RecordingStore, dvr_id: str = "", offset: Offset = 0, limit: Limit = 50
) -> dict[str, Any]:
    """What became of recordings, newest first."""
    rows, total = await db.read(recorded.past, dvr_id=dvr_id, offset=offset, limit=limit)
    return {"items": rows, "total": total, "offset": offset, "limit": limit}


@get("/api/v1/monitor/stats", policy=reads(), docs=TAGS)
async def stats(
    db: Database,
    clock: Clock,
    store: SessionStore,
    recorded: RecordingStore,
    group_by: Literal["device", "channel", "program", "user"] = "device",
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    dvr_id: str = "",
) -> Stats:
    """Watch time by device, channel, programme or user; recordings by outcome."""
    until = to_at or clock.now()
    since = from_at or until - timedelta(days=7)
    rows = await db.read(store.watched, group=group_by, since=since, until=until, dvr_id=dvr_id)
    outcomes = await db.read(recorded.outcomes, since=since, dvr_id=dvr_id)
    return Stats(
        group_by=group_by,
        since=since,
        until=until,
        items=[Watched(what=what, seconds=seconds, sessions=count) for what, seconds, count in rows],
        recordings=outcomes,
    )


@get("/api/v1/monitor/series", policy=reads(), docs=TAGS)
async def series(
    views: Views,
    charts: Charts,
    clock: Clock,
    dvr_id: str,
    metric: str = "disk_free",
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    step: int = 0,
) -> list[Point]:
    """A figure over time."""
    if metric not in METRICS:
        raise Invalid.one("metric", "not_a_choice", f"One of {', '.join(METRICS)}.")
    await views.seen(dvr_id)
    until = to_at or clock.now()
    return await charts.series(dvr_id, metric, since=from_at or until - timedelta(days=1), until=until, step=step)


@get("/api/v1/monitor/dvrs/{dvr_id}/forecast", policy=reads(), docs=TAGS)
async def forecast(views: Views, charts: Charts, dvr_id: str) -> Forecast:
    """When the disk will be full."""
    await views.seen(dvr_id)
    found = await charts.forecast(dvr_id)
    if found is None:
        raise NotFound("A forecast")
    return found


@get("/api/v1/monitor/incidents", policy=reads(), docs=TAGS)
async def incidents_listed(
    caller: Caller, incidents: Incidents, is_open: bool | None = None, offset: Offset = 0, limit: Limit = 50
) -> dict[str, Any]:
    """What was wrong, newest first, each with its story."""
    items, total = await incidents.page(caller, is_open=is_open, limit=limit, offset=offset)
    return {"items": items, "total": total, "offset": offset, "limit": limit}


@post("/api/v1/monitor/incidents/{incident_id}/{action}", policy=writes(OPERATOR), sent=Said, docs=TAGS)
async def incident_act(caller: Caller, incidents: Incidents, incident_id: int, action: str, sent: Said) -> Incident:
    """`ack`, `mute`, `resolve` or `comment`."""
    if action not in ("ack", "mute", "resolve", "comment"):
        raise NotFound("This action")
    return await incidents.act(caller, incident_id, action, sent.text)


@get("/api/v1/monitor/outbox", policy=reads(), docs=TAGS)
async def outbox(db: Database, deliveries: DeliveryStore, offset: Offset = 0, limit: Limit = 50) -> dict[str, Any]:
    """Messages that wait."""
    rows, total = await db.read(
        deliveries.page, wanted={}, since=None, until=None, offset=offset, limit=limit, pending=True
    )
    return {"items": [delivery(row) for row in rows], "total": total, "offset": offset, "limit": limit}


@post("/api/v1/monitor/outbox/{delivery_id}/retry", policy=writes(OPERATOR), docs=TAGS)
async def retry(
    db: Database, deliveries: DeliveryStore, office: Office, clock: Clock, delivery_id: int
) -> wire.Message:
    """Try a message once more, now."""
    found = await db.read(deliveries.get, delivery_id)
    if found is None:
        raise NotFound("The message")
    if found.status == "sent":
        raise Refused("CONFLICT", 409, "The message was delivered.")
    now = clock.now()
    values = {"status": PENDING, "due_at": now, "expires_at": now + timedelta(hours=1), "tries": 0}
    await db.write(deliveries.change, delivery_id, values)
    office.ring()
    return wire.Message("The message is tried again.")


@get("/api/v1/monitor/destinations", policy=reads(), docs=TAGS)
async def destinations_listed(book: PreferencesBook) -> list[Place]:
    """Where messages go; no address is shown."""
    prefs = (await book.load()).known
    return [
        Place(channel=one.channel, channel_id=one.channel_id, provider_type=one.provider_type)
        for one in destinations(prefs)
    ]


@post("/api/v1/monitor/destinations/{channel}/test", policy=writes(OPERATOR), docs=TAGS)
async def destination_test(book: PreferencesBook, trials: Trials, channel: str, channel_id: str = "") -> Tried:
    """One real message to one destination, with its answer."""
    prefs = (await book.load()).known
    place = next((one for one in destinations(prefs) if (one.channel, one.channel_id) == (channel, channel_id)), None)
    result = await trials.to(place) if place is not None else None
    if result is None:
        raise NotFound("The destination")
    return Tried(
        success=result.ok,
        answer=result.text,
        latency_ms=int(result.latency / timedelta(milliseconds=1)),
        payload_size=result.size,
    )


def routes() -> list[Route]:
    """For the dialect."""
    return [
        overview, sessions, recordings, stats, series, forecast, incidents_listed, incident_act,
        outbox, retry, destinations_listed, destination_test, ]  # fmt: skip
