"""Recent activity, exports, the log of deliveries. Source: specs/monitor.md 3.9."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from polycast.core.clock import Clock
from polycast.core.http import Docs, Response, Route, StreamingResponse, get, post
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database
from polycast.monitor.dialects.channelwatch import wire
from polycast.monitor.dialects.channelwatch.errors import Refused
from polycast.monitor.dialects.channelwatch.gate import OPERATOR, reads, writes
from polycast.monitor.history.model import Activity, Filter, types_of
from polycast.monitor.history.service import History
from polycast.monitor.outbox.model import Delivery
from polycast.monitor.outbox.store import DeliveryStore
from polycast.monitor.servers.service import Servers

TAGS = Docs(tags=["History"])
COLUMNS: Final = (
    "id", "dvr_id", "dvr_name", "event_type", "title", "message", "timestamp", "channel_name", "channel_number",
    "device_name", "device_ip", "program_title", "image_url", "stream_source", "is_test",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@get("/api/recent-activity", policy=reads(), docs=TAGS)
async def recent(
    told: History, clock: Clock, hours: float = 24, limit: Annotated[int, Meta(ge=1, le=1000)] = 250
) -> list[wire.ActivityItem]:
    """Newest first; `hours` of 0 and less knows no bound."""
    since = clock.now() - timedelta(hours=min(hours, 87_600)) if hours > 0 else None
    return [wire.ActivityItem.of(one) for one in await told.recent(since=since, limit=limit)]


@get("/api/v1/activity-history/filters", policy=reads(), docs=TAGS)
async def filters(
    caller: Caller, told: History, clock: Clock, dvr_id: str = "", hours: float = 0, event_type: str = ""
) -> dict[str, Any]:
    """Which devices there are to choose from."""
    since = clock.now() - timedelta(hours=min(hours, 87_600)) if hours > 0 else None
    wanted = Filter(dvr_id=dvr_id, types=types_of(event_type), since=since)
    found = await told.clients(caller, wanted)
    return {"clients": [{"value": name, "label": name, "count": count} for name, count in found]}


@post("/api/clear-activity-history", policy=writes(OPERATOR), docs=TAGS)
async def clear(caller: Caller, told: History, dvr_id: str = "", before: datetime | None = None) -> wire.Message:
    """Delete lines, all or some."""
    await told.clear(caller, dvr_id=dvr_id, before=before)
    return wire.Message("Activity history cleared successfully")


@get("/api/v1/history/export", policy=reads(), docs=TAGS)
async def export(caller: Caller, told: History, servers: Servers, dvr_id: str = "", format: str = "csv") -> Response:
    """Everything, oldest first, in pieces."""
    makers = {"csv": (_csv, "text/csv; charset=utf-8"), "json": (_json, "application/json"), "ndjson": (_ndjson, "application/x-ndjson")}  # fmt: skip
    if format not in makers:
        raise Refused("ACTIVITY_FORMAT_UNSUPPORTED", 400, "format must be csv, json or ndjson")
    known = {server.dvr_id for server in await servers.all()}
    name = dvr_id if dvr_id in known else "all"
    maker, media = makers[format]
    pieces = told.export(caller, Filter(dvr_id=dvr_id))
    headers = {"Content-Disposition": f'attachment; filename="channelwatch-history-{name}.{format}"'}
    return StreamingResponse(maker(pieces), media_type=media, headers=headers)


@get("/api/v1/notification-log", policy=reads(), docs=TAGS)
async def notification_log(
    db: Database,
    deliveries: DeliveryStore,
    dvr_id: str = "",
    channel: str = "",
    status: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    offset: Annotated[int, Meta(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Meta(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """What became of messages, newest first."""
    rows, total = await db.read(
        deliveries.page,
        wanted={"dvr_id": dvr_id, "channel": channel, "status": status},
        since=since,
        until=until,
        offset=offset,
        limit=limit,
    )
    return {"items": [delivery(row) for row in rows], "total": total, "offset": offset, "limit": limit}


def delivery(row: Delivery) -> dict[str, Any]:
    """A line of the log."""
    return {
        "id": row.id,
        "dvr_id": row.dvr_id,
        "activity_event_id": row.activity_uuid or None,
        "provider_type": row.provider_type,
        "channel_id": row.channel_id or None,
        "channel": row.channel,
        "event_type": row.event_type,
        "status": row.status,
        "retry_count": row.tries,
        "payload_size": row.payload_size,
        "error": row.error or None,
        "sent_at": row.at.isoformat(),
    }


async def _csv(pieces: AsyncIterator[list[Activity]]) -> AsyncIterator[bytes]:
    yield (",".join(COLUMNS) + "\r\n").encode()
    async for rows in pieces:
        yield "".join(_line(row) for row in rows).encode()


async def _ndjson(pieces: AsyncIterator[list[Activity]]) -> AsyncIterator[bytes]:
    async for rows in pieces:
        yield b"".join(msgspec.json.encode(wire.ActivityItem.of(row)) + b"\n" for row in rows)


async def _json(pieces: AsyncIterator[list[Activity]]) -> AsyncIterator[bytes]:
    separator = b"["
    async for rows in pieces:
        yield separator + b",".join(msgspec.json.encode(wire.ActivityItem.of(row)) for row in rows)
        separator = b","
    yield b"]" if separator == b"," else b"[]"


def _line(row: Activity) -> str:
    item = wire.ActivityItem.of(row)
    cells = (
        item.id, item.dvr_id, item.dvr_name, item.type, item.title, item.message, item.timestamp, item.channel_name,
        item.channel_number, item.device_name, item.device_ip, item.program_title, item.image_url, item.stream_source,
        "true" if item.is_test else "false",
    )  # fmt: skip
    return ",".join(map(_cell, cells)) + "\r\n"


def _cell(text: str) -> str:
    """Quoted as RFC 4180 says; what a spreadsheet would compute gets an apostrophe."""
    safe = "'" + text if text.startswith(_FORMULA) else text
    if any(mark in safe for mark in ',"\r\n'):
        return '"' + safe.replace('"', '""') + '"'
    return safe


def routes() -> list[Route]:
    """For the dialect."""
    return [recent, filters, clear, export, notification_log]
