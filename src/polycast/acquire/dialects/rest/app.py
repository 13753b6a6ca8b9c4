"""The dialect, put together."""

from typing import Final

from msgspec.structs import replace

from polycast.acquire.dialects.asked import MIB, heard
from polycast.acquire.dialects.gate import ADMIN, KINDS, NO_LIMIT, PUBLIC, READ, WRITE
from polycast.acquire.dialects.rest.browse import Browse
from polycast.acquire.dialects.rest.diagnostics import Diagnostics
from polycast.acquire.dialects.rest.entries import BODY_BYTES, Entries
from polycast.acquire.dialects.rest.errors import spell
from polycast.acquire.dialects.rest.public import Public
from polycast.acquire.dialects.rest.repairs import RepairRoutes
from polycast.acquire.dialects.rest.rooms import Rooms
from polycast.core.http import byte_dialect, byte_route
from polycast.core.http.dialects import ByteEndpoint, ByteRoute
from polycast.core.identity.caller import Policy
from polycast.core.module import Dialect, Slash

CLAIMS: Final = (
    "/version",
    "/api/config",
    "/api/add",
    "/api/arrs",
    "/api/refresh-token",
    "/api/torrents/*",
    "/api/repair/*",
    "/api/browse/*",
    "/acquire/*",
)
SIGNED_IN: Final = Policy(kinds=KINDS, rate=NO_LIMIT)
FRESH: Final = replace(SIGNED_IN, fresh=True)

Row = tuple[str, str, ByteEndpoint, Policy]


def rest_dialect(rooms: Rooms) -> Dialect:
    """The reference's routes at the root and below `/acquire`, the original's others below `/acquire` only."""
    rows = [*_public(rooms), *_entries(rooms), *_repairs(rooms), *_browse(rooms)]
    routes = [_route(prefix, row) for prefix in ("", "/acquire") for row in rows]
    routes += [_route("/acquire", row) for row in _diagnostics(rooms)]
    app = byte_dialect(routes, identity=rooms.gate, spell=spell)
    return Dialect(name="acquire.rest", claims=CLAIMS, app=app, slash=Slash.EITHER, spell=spell, body_limit=1024 * 1024)


def _route(prefix: str, row: Row) -> ByteRoute:
    method, path, endpoint, policy = row
    limit = BODY_BYTES if path == "/api/add" else None
    return byte_route(prefix + path, heard(endpoint, limit or MIB), policy=policy, methods=[method], body_limit=limit)


def _public(rooms: Rooms) -> list[Row]:
    public = Public(rooms)
    return [
        ("GET", "/version", public.version, PUBLIC),
        ("GET", "/api/config", public.config, READ),
        ("POST", "/api/config", public.change, ADMIN),
        ("POST", "/api/refresh-token", public.refresh_token, SIGNED_IN),
        ("GET", "/api/arrs", public.arrs, READ),
    ]


def _entries(rooms: Rooms) -> list[Row]:
    entries = Entries(rooms)
    return [
        ("GET", "/api/torrents", entries.shown, READ),
        ("DELETE", "/api/torrents", entries.delete, WRITE),
        ("GET", "/api/torrents/{hash}", entries.one, READ),
        ("POST", "/api/torrents/{hash}/retry", entries.retry, WRITE),
        ("POST", "/api/torrents/{hash}/switch", entries.switch, WRITE),
        ("DELETE", "/api/torrents/{category}/{hash}", entries.delete_one, WRITE),
        ("POST", "/api/add", entries.add, WRITE),
    ]


def _repairs(rooms: Rooms) -> list[Row]:
    repairs = RepairRoutes(rooms)
    return [
        ("POST", "/api/repair", repairs.start, WRITE),
        ("GET", "/api/repair/jobs", repairs.jobs, READ),
        ("DELETE", "/api/repair/jobs", repairs.forget, WRITE),
        ("POST", "/api/repair/jobs/{id}/process", repairs.process, WRITE),
        ("POST", "/api/repair/jobs/{id}/stop", repairs.stop_job, WRITE),
        ("GET", "/api/repair/config", repairs.config, READ),
        ("PUT", "/api/repair/config", repairs.set_config, ADMIN),
        ("GET", "/api/repair/status", repairs.status, READ),
        ("POST", "/api/repair/run", repairs.run, WRITE),
        ("POST", "/api/repair/stop", repairs.stop, WRITE),
        ("POST", "/api/repair/recheck/media", repairs.recheck, WRITE),
        ("POST", "/api/repair/fix", repairs.fix, WRITE),
        ("POST", "/api/repair/clear", repairs.clear, WRITE),
        ("POST", "/api/repair/clear-state", repairs.clear_state, WRITE),
        ("GET", "/api/repair/runs", repairs.runs, READ),
        ("DELETE", "/api/repair/runs", repairs.forget, WRITE),
        ("GET", "/api/repair/runs/{id}", repairs.one_run, READ),
        ("GET", "/api/repair/health", repairs.health, READ),
        ("GET", "/api/repair/health/{name}", repairs.one_health, READ),
        ("POST", "/api/repair/health/{name}/check", repairs.check, WRITE),
    ]


def _browse(rooms: Rooms) -> list[Row]:
    browse = Browse(rooms)
    return [
        ("GET", "/api/browse", browse.root, READ),
        ("GET", "/api/browse/download/{torrent}/{file}", browse.download, READ),
        ("DELETE", "/api/browse/torrents/batch", browse.delete_many, WRITE),
        ("DELETE", "/api/browse/torrents/{id}", browse.delete, WRITE),
        ("GET", "/api/browse/{group}", browse.group, READ),
        ("GET", "/api/browse/{group}/{torrent}", browse.folder, READ),
        ("GET", "/api/browse/{group}/{subgroup}/{torrent}", browse.folder, READ),
    ]


def _diagnostics(rooms: Rooms) -> list[Row]:
    own, public = Diagnostics(rooms), Public(rooms)
    return [
        ("GET", "/login", own.sign_in_page, PUBLIC),
        ("POST", "/login", own.sign_in, PUBLIC),
        ("GET", "/setup", own.sign_in_page, PUBLIC),
        ("GET", "/register", own.sign_in_page, PUBLIC),
        ("POST", "/register", public.refuse_setup, PUBLIC),
        ("POST", "/skip-auth", public.refuse_setup, PUBLIC),
        ("POST", "/api/setup/complete", public.refuse_setup, ADMIN),
        ("POST", "/api/update-auth", own.update_auth, FRESH),
        ("POST", "/api/mount/cache/cleanup", own.no_mount, ADMIN),
        ("POST", "/api/mount/cache/purge", own.no_mount, ADMIN),
        ("GET", "/debug/stats", own.stats, READ),
        ("POST", "/debug/speedtest", own.speed_test, WRITE),
        ("GET", "/debug/ingests", own.ingests, READ),
        ("GET", "/debug/ingests/{debrid}", own.ingests, READ),
        ("GET", "/debug/logs", own.logs, ADMIN),
        ("GET", "/debug/logs/rclone", own.rclone_logs, ADMIN),
        ("GET", "/logs", own.logs, ADMIN),
        ("POST", "/webhooks/tautulli", own.tautulli, WRITE),
    ]
