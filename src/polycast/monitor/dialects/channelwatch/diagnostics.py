"""Tests, discovery, and what support people ask for. Source: specs/monitor.md 3.3, 3.10."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, structs

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.http import Docs, Route, get, post
from polycast.monitor.access.modes import Modes
from polycast.monitor.alerts.tests import Outcome, Trials
from polycast.monitor.dialects.channelwatch.gate import OPERATOR, reads, writes
from polycast.monitor.dialects.channelwatch.views import Seen, Views
from polycast.monitor.discovery.mdns import Discovery, Found
from polycast.monitor.outbox.safety import Safety
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.model import Provider
from polycast.monitor.servers.service import Servers

TAGS = Docs(tags=["Diagnostics"])
SCAN: Final = timedelta(seconds=5)
LEGACY_SCAN: Final = timedelta(seconds=3)
KNOWN: Final = "All discovered DVR servers are already configured."
NOTHING: Final = "No Channels DVR server was found on the local network. Add it manually by its address."
ON_LOOPBACK: Final = (
    "No Channels DVR server was found: this server listens on loopback only, so only this machine was searched. "
    "Start it with POLYCAST_HOST=0.0.0.0 (in a container with host network mode), or add the DVR manually."
)
STALE_PLAN: Final = timedelta(hours=1)


class Preview(Struct, frozen=True, kw_only=True):
    source: str
    url: str


class ScanServer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    host: str
    port: int
    display_name_suggestion: str
    version: str = ""
    dvr_id: str = ""
    provider: str = ""


class Scan(Struct, frozen=True, kw_only=True):
    """What a search found."""

    servers: list[ScanServer]
    manual_add_available: bool
    message: str | None


@post("/api/v1/discovery/scan", policy=writes(OPERATOR), docs=Docs(tags=["Discovery"]))
async def scan(discovery: Discovery, servers: Servers, verbose: bool = False) -> Scan:
    """Browse mDNS for five seconds; what is configured already is left out."""
    found = await discovery.browse(SCAN)
    places = {(one.host.lower(), one.port) for one in await servers.active()}
    shown = [one for one in found if verbose or one.provider is Provider.CHANNELS]
    new = [one for one in shown if (one.host.lower(), one.port) not in places]
    message = None
    if not new:
        message = KNOWN if shown else ON_LOOPBACK if discovery.is_on_loopback else NOTHING
    return Scan(servers=[_found(one, verbose=verbose) for one in new], manual_add_available=True, message=message)


def _found(one: Found, *, verbose: bool) -> ScanServer:
    plain = ScanServer(host=one.host, port=one.port, display_name_suggestion=one.name)
    return structs.replace(plain, version=one.version, dvr_id=one.dvr_id, provider=one.provider) if verbose else plain


@get("/api/discover-servers", policy=reads(), docs=Docs(tags=["Discovery"]))
async def discover(discovery: Discovery) -> dict[str, Any]:
    """The older search: three seconds, everything that answers."""
    try:
        found = await discovery.browse(LEGACY_SCAN)
    except PolycastError as error:
        return {"servers": [], "error": error.message}
    channels = [one for one in found if one.provider is Provider.CHANNELS]
    return {
        "servers": [{"host": one.host, "port": one.port, "name": one.name, "version": one.version} for one in channels],
        "error": None,
    }


@post("/api/run_test/{name}", policy=writes(OPERATOR), docs=TAGS)
async def run_test(trials: Trials, name: str, dvr_id: str = "") -> Outcome:
    """Send a test through the real way out; success only when it was delivered."""
    return await trials.run(name.replace("_", " "), dvr_id)


@post("/api/v1/notifications/destination-safety/preview", policy=writes(OPERATOR), sent=Preview, docs=TAGS)
async def safety_preview(safety: Safety, sent: Preview) -> dict[str, Any]:
    """Whether a notification may go to this address."""
    return await safety.preview(sent.source, sent.url)


@get("/api/v1/runtime/preflight", policy=reads(), docs=TAGS)
async def preflight(modes: Modes, servers: Servers, book: PreferencesBook) -> dict[str, Any]:
    """What keeps the watch from working, and what might."""
    mode = await modes.now()
    stored = await servers.active()
    warnings = ["Authentication is disabled by CW_DISABLE_AUTH."] if mode.is_overridden else []
    if not stored:
        warnings.append("No DVR is configured.")
    warnings += [
        f"Enter the key of {one.shown_name} again: the stored one cannot be opened."
        for one in stored
        if one.api_key and not servers.key_of(one)
    ]
    blockers = ["The setup is not finished."] if mode.setup_required else []
    status = "blocked" if blockers else "warning" if warnings else "ok"
    return {"status": status, "setup_required": mode.setup_required, "blockers": blockers, "warnings": warnings}


@get("/api/v1/maintenance-windows", policy=reads(), docs=TAGS)
async def maintenance_windows(
    views: Views,
    book: PreferencesBook,
    clock: Clock,
    minimum_minutes: Annotated[int, Meta(ge=1, le=1440)] = 60,
    days: Annotated[int, Meta(ge=1, le=31)] = 7,
    start_hour: Annotated[int, Meta(ge=0, le=23)] = 0,
    end_hour: Annotated[int, Meta(ge=1, le=24)] = 24,
    weekdays: str = "0,1,2,3,4,5,6",
    dvr_id: str = "",
) -> dict[str, Any]:
    """When nothing is planned to be recorded; an unknown plan is never free."""
    chosen = sorted({int(word) for word in weekdays.split(",") if word.strip().isdecimal() and int(word) < 7})
    several = [await views.seen(dvr_id)] if dvr_id else await views.all(enabled_only=True)
    zone = ZoneInfo(book.now.tz)
    wanted = _Wanted(
        minimum=timedelta(minutes=minimum_minutes),
        days=days,
        start=start_hour,
        end=end_hour,
        weekdays=frozenset(chosen),
    )
    return {
        "timezone": book.now.tz,
        "minimum_minutes": minimum_minutes,
        "days": days,
        "start_hour": start_hour,
        "end_hour": end_hour,
        "weekdays": chosen,
        "dvrs": [_gaps(seen, wanted, zone, clock.now()) for seen in several],
    }


class _Wanted(Struct, frozen=True, kw_only=True):
    minimum: timedelta
    days: int
    start: int
    end: int
    weekdays: frozenset[int]


def _gaps(seen: Seen, wanted: _Wanted, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """Status, how far the plan reaches, and the free spans of each day."""
    found: dict[str, Any] = {"dvr_id": seen.server.dvr_id, "dvr_name": seen.server.shown_name}
    if not seen.state.connected:
        return found | {
            "status": "unreachable",
            "coverage_end": None,
            "windows": [],
            "message": "The DVR does not answer.",
        }
    if seen.state.plan_known_at is None:
        return found | {
            "status": "unknown",
            "coverage_end": None,
            "windows": [],
            "message": "Its schedule is not known.",
        }
    busy = sorted((plan.starts_at, plan.ends_at) for plan in seen.state.planned if plan.ends_at > now)
    windows: list[dict[str, Any]] = []
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(wanted.days + 1):
        local = midnight + timedelta(days=day)
        if local.weekday() not in wanted.weekdays:
            continue
        start = max(local + timedelta(hours=wanted.start), now.astimezone(zone))
        end = local + timedelta(hours=wanted.end)
        windows += _free(start, end, busy, wanted.minimum)
    end = now + timedelta(days=wanted.days)
    return found | {"status": "available", "coverage_end": end.replace(microsecond=0).isoformat(), "windows": windows, "message": None}  # fmt: skip


def _free(
    start: datetime, end: datetime, busy: list[tuple[datetime, datetime]], minimum: timedelta
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = start
    for begins, ends in [*busy, (end, end)]:
        until = min(begins, end)
        if until - at >= minimum:
            minutes = int((until - at) / timedelta(minutes=1))
            found.append({"start": _iso(at), "end": _iso(until), "duration_minutes": minutes})
        at = max(at, ends)
        if at >= end:
            break
    return found


def _iso(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def routes() -> list[Route]:
    """For the dialect."""
    return [
        scan, discover, run_test, safety_preview, preflight, maintenance_windows,
    ]  # fmt: skip
