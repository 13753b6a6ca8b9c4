"""Per-DVR routes: all answered from what the watchers know. Source: specs/monitor.md 3.2."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from polycast.core.http import Docs, Request, Route, get
from polycast.core.identity.caller import Caller
from polycast.monitor.dialects.channelwatch import wire
from polycast.monitor.dialects.channelwatch.errors import Refused
from polycast.monitor.dialects.channelwatch.gate import reads
from polycast.monitor.dialects.channelwatch.views import Views
from polycast.monitor.history.model import Filter, types_of
from polycast.monitor.history.service import History

TAGS = Docs(tags=["DVRs"])
Limit = Annotated[int, Meta(ge=1, le=100)]
Offset = Annotated[int, Meta(ge=0, le=2**53)]


@get("/api/v1/dvrs", policy=reads(), docs=TAGS)
async def listed(views: Views) -> list[wire.Dvr]:
    """Configured DVRs, archived ones left out."""
    return await views.listed()


@get("/api/v1/dvrs/{dvr_id}", policy=reads(), docs=TAGS)
async def status(views: Views, dvr_id: str) -> wire.DvrStatus:
    """How one DVR is."""
    return views.status(await views.seen(dvr_id))


@get("/api/v1/dvrs/{dvr_id}/streams", policy=reads(), docs=TAGS)
async def streams(views: Views, dvr_id: str) -> wire.Streams:
    """Who watches, what is recorded."""
    return views.streams(await views.seen(dvr_id))


@get("/api/v1/dvrs/{dvr_id}/system-info", policy=reads(), docs=TAGS)
async def system_info(views: Views, dvr_id: str) -> wire.SystemInfo:
    """Version, disk and library of one DVR."""
    return views.system_info(await views.seen(dvr_id))


@get("/api/v1/dvrs/{dvr_id}/health", policy=reads(), docs=TAGS)
async def health(views: Views, dvr_id: str) -> wire.DvrHealth:
    """How well one DVR is watched."""
    return await views.health(await views.seen(dvr_id))


@get("/api/v1/dvrs/{dvr_id}/recordings/upcoming", policy=reads(), docs=TAGS)
async def upcoming(
    views: Views, dvr_id: str, limit: Annotated[int, Meta(ge=1, le=1000)] = 250
) -> list[wire.UpcomingRecording]:
    """What one DVR is going to record."""
    return views.upcoming([await views.seen(dvr_id)], limit=limit)


@get("/api/v1/dvrs/{dvr_id}/activity-history", policy=reads(), docs=TAGS)
async def activity_history(
    caller: Caller,
    views: Views,
    told: History,
    dvr_id: str,
    offset: Offset = 0,
    limit: Limit = 50,
    type: str = "all",
    search: str = "",
    sort: str = "desc",
    client: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    is_test: bool | None = None,
) -> wire.ActivityPage:
    """What happened at one DVR."""
    await views.seen(dvr_id)
    wanted = Filter(
        dvr_id=dvr_id, types=types_of(type), search=search.strip()[:200], client=client, since=since, until=until,
        is_test=is_test,
    )  # fmt: skip
    page = await told.page(caller, wanted, offset=offset, limit=limit, newest_first=is_newest_first(sort))
    return wire.ActivityPage.of(page, offset=offset, limit=limit)


@get("/api/activity-history", policy=reads(), docs=Docs(tags=["History"]))
async def all_history(
    caller: Caller,
    told: History,
    request: Request,
    offset: Offset = 0,
    limit: Limit = 50,
    type: str = "all",
    search: str = "",
    sort: str = "desc",
    client: str = "",
    dvr_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    is_test: bool | None = None,
) -> wire.ActivityPage:
    """What happened everywhere."""
    wanted = Filter(
        dvr_id=dvr_id, types=types_of(type), search=search.strip()[:200], client=client, since=since, until=until,
        is_test=is_test,
    )  # fmt: skip
    page = await told.page(caller, wanted, offset=offset, limit=limit, newest_first=is_newest_first(sort))
    return wire.ActivityPage.of(page, offset=offset, limit=limit)


def is_newest_first(sort: str) -> bool:
    """Raises: Refused, for another word than asc and desc."""
    word = sort.strip().lower()
    if word not in ("asc", "desc"):
        raise Refused("ACTIVITY_SORT_INVALID", 400, "sort must be asc or desc")
    return word == "desc"


def routes() -> list[Route]:
    """For the dialect."""
    return [listed, status, streams, system_info, health, upcoming, activity_history, all_history]
