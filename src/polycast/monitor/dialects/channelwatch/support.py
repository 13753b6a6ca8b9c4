"""The log, what support people ask for, and whether there is a newer version. Source: specs/monitor.md 3.10, 4.11."""

import asyncio
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

import polycast
from polycast.core.clock import Clock
from polycast.core.http import Docs, Response, Route, get, post
from polycast.monitor.access.modes import Modes
from polycast.monitor.dialects.channelwatch import wire
from polycast.monitor.dialects.channelwatch.errors import Refused
from polycast.monitor.dialects.channelwatch.gate import ADMIN, OPERATOR, reads, writes
from polycast.monitor.dialects.channelwatch.manage import shown
from polycast.monitor.dialects.channelwatch.views import Views
from polycast.monitor.journal.bundle import LINES, PRIVACY, debug_bundle, stripped
from polycast.monitor.journal.service import MOST_LINES, NAME, Journal
from polycast.monitor.preferences.model import SCHEMA_VERSION
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.service import Servers
from polycast.monitor.updates.service import CheckFailed, Updates

TAGS = Docs(tags=["Support"])
REPORT_BYTES: Final = 64 * 1024
NO_STORE: Final = {"Cache-Control": "no-store"}
Lines = Annotated[int, Meta(ge=1, le=MOST_LINES)]


class Report(Struct, frozen=True, kw_only=True):
    """What somebody wants to tell."""

    summary: Annotated[str, Meta(max_length=200)] = ""
    description: Annotated[str, Meta(max_length=20_000)] = ""
    include_logs: bool = True


@get("/api/logs", policy=reads(OPERATOR), docs=TAGS)
async def logs(journal: Journal, lines: Lines = 100) -> dict[str, Any]:
    """The end of the watch's own log, newest last."""
    return {"lines": await journal.tail(lines)}


@get("/api/logs/download", policy=reads(OPERATOR), docs=TAGS)
async def logs_download(journal: Journal) -> Response:
    """The log as a file."""
    if not await journal.size():
        raise Refused("LOG_NOT_FOUND", 404, "There is no log yet.")
    body = "".join(f"{line}\n" for line in await journal.tail(100_000))
    return _attached(body.encode(), NAME, "text/plain; charset=utf-8")


@get("/api/v1/debug/bundle", policy=reads(ADMIN), docs=TAGS)
async def bundle(
    journal: Journal, views: Views, book: PreferencesBook, servers: Servers, modes: Modes, clock: Clock
) -> Response:
    """What helps those who help: no secrets, no addresses."""
    body = await _bundle(journal, views, book, servers, modes, clock)
    return _attached(body, f"channelwatch_debug_{clock.now():%Y%m%dT%H%M%SZ}.zip", "application/zip")


async def _bundle(
    journal: Journal, views: Views, book: PreferencesBook, servers: Servers, modes: Modes, clock: Clock,
    *, report: dict[str, Any] | None = None, with_log: bool = True,
) -> bytes:  # fmt: skip
    settings = shown(await book.load(), await servers.all(), has_key=(await modes.now()).has_key)
    health = {"dvrs": [msgspec.to_builtins(await views.health(seen)) for seen in await views.all(all_kinds=True)]}
    for one in health["dvrs"]:
        one["host"], one["port"] = "****", 0
    return await asyncio.to_thread(
        debug_bundle, settings=settings, lines=await journal.tail(LINES) if with_log else [], health=health,
        now=clock.now(), more=None if report is None else {"report.json": report},
    )  # fmt: skip


@get("/api/v1/support/report-config", policy=reads(ADMIN), docs=TAGS)
async def report_config() -> dict[str, Any]:
    """What a report may be like. None leaves by itself: it is made here and sent by you."""
    return {
        "submission_available": False,
        "offline_package_available": True,
        "max_request_bytes": REPORT_BYTES,
        "max_log_lines": LINES,
        "privacy": PRIVACY,
    }


@post("/api/v1/support/report-dry-run", policy=writes(ADMIN), sent=Report, body_limit=REPORT_BYTES, docs=TAGS)
async def report_dry_run(journal: Journal, clock: Clock, sent: Report) -> dict[str, Any]:
    """The report as it would be written; nothing is sent."""
    report = _report(sent, clock)
    lines = await journal.tail(LINES) if sent.include_logs else []
    return {"report": report, "log": [stripped(line) for line in lines], "submitted": False}


@post("/api/v1/support/offline-package", policy=writes(ADMIN), sent=Report, body_limit=REPORT_BYTES, docs=TAGS)
async def offline_package(
    journal: Journal, views: Views, book: PreferencesBook, servers: Servers, modes: Modes, clock: Clock, sent: Report
) -> Response:
    """The report with the debug bundle, as a file to be handed on by you."""
    report = _report(sent, clock)
    body = await _bundle(journal, views, book, servers, modes, clock, report=report, with_log=sent.include_logs)
    return _attached(body, f"channelwatch_report_{clock.now():%Y%m%dT%H%M%SZ}.zip", "application/zip")


def _report(sent: Report, clock: Clock) -> dict[str, Any]:
    """Raises: Refused, without a summary."""
    if not sent.summary.strip():
        raise Refused("SUPPORT_REPORT_PAYLOAD_INVALID", 422, "A report needs a summary.")
    return {
        "created_at": wire.stamp(clock.now()),
        "app_version": polycast.__version__,
        "summary": stripped(sent.summary.strip()),
        "description": stripped(sent.description.strip()),
    }


@get("/api/v1/update/status", policy=reads(ADMIN), docs=TAGS)
async def update_status(modes: Modes, updates: Updates) -> dict[str, Any]:
    """This server never updates itself; what the last check found stands here."""
    return await _update(modes, updates)


async def _update(modes: Modes, updates: Updates) -> dict[str, Any]:
    latest = updates.latest
    return {
        "current_version": polycast.__version__,
        "runtime_abi": None,
        "settings_schema_version": SCHEMA_VERSION,
        "active_bundle": None,
        "latest": None if latest is None else latest.version,
        "update_available": latest is not None and latest.is_newer,
        "image_required": latest is not None and latest.is_newer,
        "last_job": None,
        "rollback_available": False,
        "auth_disabled_warning": (await modes.now()).is_overridden,
        "checked_at": None if latest is None else wire.stamp(latest.checked_at),
        "check_available": updates.is_set_up,
    }


@post("/api/v1/update/check", policy=writes(ADMIN), docs=TAGS)
async def update_check(modes: Modes, updates: Updates) -> dict[str, Any]:
    """Ask the address of the settings which version is the newest."""
    try:
        await updates.check()
    except CheckFailed as error:
        raise Refused("UPDATE_CHECK_FAILED", 502, str(error)) from error
    return await _update(modes, updates)


@post("/api/v1/update/apply", policy=writes(ADMIN), docs=TAGS)
async def update_apply() -> None:
    """Refused: a new version comes with the package or the image."""
    raise Refused("UPDATE_IMAGE_REQUIRED", 409, "Update the package or the image of Polycast instead.")


@post("/api/v1/update/rollback", policy=writes(ADMIN), docs=TAGS)
async def update_rollback() -> None:
    """Refused likewise."""
    raise Refused("UPDATE_IMAGE_REQUIRED", 409, "Restore a backup with the older package or image instead.")


@get("/api/v1/update/jobs/{job_id}", policy=reads(ADMIN), docs=TAGS)
async def update_job(job_id: str) -> None:
    """There is never one."""
    raise Refused("UPDATE_JOB_NOT_FOUND", 404, f"Update job '{job_id[:60]}' not found")


def _attached(body: bytes, name: str, media: str) -> Response:
    return Response(
        body, media_type=media, headers={**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    )


def routes() -> list[Route]:
    """For the dialect."""
    return [
        logs, logs_download, bundle, report_config, report_dry_run, offline_package, update_status, update_check,
        update_apply, update_rollback, update_job,
    ]  # fmt: skip
