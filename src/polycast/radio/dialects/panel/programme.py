"""The grid, the queue, requests, history, what is on and what will be. Source: `specs/radio.md` 3.14, 4.9, 5.8."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import UNSET

from polycast.core.clock import Clock
from polycast.core.errors import Invalid
from polycast.core.http import Answer, Request, Route, delete, get, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.lists import paged
from polycast.radio.dialects.panel.policies import CORS, OWN, PUBLIC, WRITE
from polycast.radio.dialects.panel.sent import GridSent, QueueSent, RequestSent, grid_values
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.engine.picking.grid import between
from polycast.radio.grid.service import Grid
from polycast.radio.panel.service import Panel
from polycast.radio.ports import Air
from polycast.radio.wishes.service import Wishes

LONGEST = timedelta(days=366)
WEEK = timedelta(days=7)


@get(f"{V2}/grid/", policy=PUBLIC)
async def grid_page(  # a range of a list
    caller: Caller, grid: Grid, clock: Clock, server: int, start_ts: int | None = None, end_ts: int | None = None
) -> Answer[list[wire.Shown]]:
    """Events with their times between `start_ts` and `end_ts` (ms UTC); the next seven days without them."""
    _, events = await grid.of_station(caller, server)
    first = _moment(start_ts) if start_ts is not None else clock.now()
    last = _moment(end_ts) if end_ts is not None else first + WEEK
    if not first <= last <= first + LONGEST:
        raise Invalid.one("end_ts", "invalid")
    rows = [wire.grid_event(one.event, one.start, one.end) for one in between(events, first, last)]
    return Answer(rows, headers=CORS)


@post(f"{V2}/grid/", policy=WRITE, sent=GridSent, status=201)
async def create_event(caller: Caller, sent: GridSent, grid: Grid) -> wire.Shown:
    """Something at a time."""
    if sent.server is UNSET:
        raise Invalid.one("server", "required")
    return wire.grid_event(await grid.create(caller, sent.server, grid_values(sent)))


@get(f"{V2}/grid/{{pk}}/", policy=PUBLIC)
async def event(caller: Caller, pk: int, grid: Grid) -> Answer[wire.Shown]:
    """One event."""
    return Answer(wire.grid_event(await grid.get(caller, pk)), headers=CORS)


@put(f"{V2}/grid/{{pk}}/", policy=WRITE, sent=GridSent)
async def update_event(caller: Caller, pk: int, sent: GridSent, grid: Grid) -> wire.Shown:
    """What is not sent stays."""
    return wire.grid_event(await grid.update(caller, pk, grid_values(sent)))


@delete(f"{V2}/grid/{{pk}}/", policy=WRITE, status=204)
async def delete_event(caller: Caller, pk: int, grid: Grid) -> None:
    """It is not on any more."""
    await grid.delete(caller, pk)


@delete(f"{V2}/grid/clear/", policy=WRITE)
async def clear(caller: Caller, grid: Grid, server: int) -> wire.Result:
    """All events of a station."""
    await grid.clear(caller, server)
    return wire.Result()


@get(f"{V2}/history/", policy=PUBLIC)
async def history(
    caller: Caller, wishes: Wishes, request: Request, server: int, limit: int = 50, offset: int = 0
) -> Answer[Any]:
    """What was on, the latest first; at most 500 rows."""
    size, start = min(max(limit, 1), 500), max(offset, 0)
    rows, count = await wishes.history(caller, server, limit=size, offset=start)
    page = paged(request.scope, [wire.played(row) for row in rows], count=count, limit=size, offset=start)
    return Answer(page, headers=CORS)


@get(f"{V2}/queue/", policy=OWN)
async def queue(caller: Caller, wishes: Wishes, server: int) -> list[wire.Shown]:
    """What is played before the programme."""
    return [
        {
            "id": one.id,
            "immediately": one.immediately,
            "added_ts": wire.milliseconds(one.added_at),
            "track": wire.track(track),
        }
        for one, track in await wishes.queued(caller, server)
    ]


@post(f"{V2}/queue/", policy=WRITE, sent=QueueSent, status=201)
async def enqueue(caller: Caller, sent: QueueSent, wishes: Wishes) -> dict[str, int]:
    """At its end; `immediately` cuts the track that is on."""
    return {"id": await wishes.enqueue(caller, sent.server, sent.music_id, immediately=sent.immediately)}


@delete(f"{V2}/queue/", policy=WRITE, status=204)
async def dequeue(caller: Caller, wishes: Wishes, server: int, id: int | None = None) -> None:  # the parameter's name
    """One, or all of it."""
    await wishes.drop_queued(caller, server, id)


@get(f"{V2}/track_requests/", policy=PUBLIC)
async def requests(  # a page of a list
    caller: Caller, wishes: Wishes, server: int, show_pending: bool = False, limit: int = 50, offset: int = 0
) -> Answer[list[wire.Shown]]:
    """The latest first; who asked from where, their owner alone sees."""
    rows, is_own = await wishes.requests(
        caller, server, pending=show_pending, limit=min(max(limit, 1), 500), offset=max(offset, 0)
    )
    shown = [
        {
            "id": one.id,
            "dttm": wire.milliseconds(one.at),
            "played_at": wire.milliseconds(one.played_at),
            "all_music": wire.track(track),
            "person": one.person,
            "message": one.message,
            "moderated": one.moderated,
            "server": one.station_id,
        }
        | ({"src_ip": one.address} if is_own else {})
        for one, track in rows
    ]
    return Answer(shown, headers=CORS)


@post(f"{V2}/track_requests/", policy=PUBLIC, sent=RequestSent, status=201)
async def ask(caller: Caller, sent: RequestSent, wishes: Wishes) -> Answer[dict[str, int]]:
    """A listener wants to hear a track."""
    request_id = await wishes.ask(
        caller,
        sent.server_id,
        sent.music_id,
        person=sent.person,
        message=sent.message,
        ip_s=sent.ip_timeout or 0,
        track_s=sent.track_timeout or 0,
    )
    return Answer({"id": request_id}, headers=CORS)


@put(f"{V2}/track_requests/{{pk}}/", policy=WRITE)
async def accept(caller: Caller, pk: int, wishes: Wishes) -> wire.Result:
    """It may be played."""
    await wishes.decide(caller, pk, accepted=True)
    return wire.Result()


@delete(f"{V2}/track_requests/{{pk}}/", policy=WRITE, status=204)
async def refuse(caller: Caller, pk: int, wishes: Wishes) -> None:
    """It is taken away."""
    await wishes.decide(caller, pk, accepted=None)


@get(f"{V2}/forecast/", policy=PUBLIC)
async def forecast(caller: Caller, panel: Panel, air: Air, server: int, hours: int = 3) -> Answer[list[wire.Shown]]:
    """What would be on if nobody changed anything."""
    await panel.station(caller, server)
    planned = await air.forecast(server, hours=min(max(hours, 1), 24))
    rows = [
        {
            "ts": wire.milliseconds(one.at),
            "kind": one.kind,
            "title": one.title,
            "length": one.length_ms,
            "all_music_id": one.track_id,
            "playlist_title": one.playlist_title,
            "why": one.why,
        }
        for one in planned
    ]
    return Answer(rows, headers=CORS)


@get(f"{V2}/listeners/", policy=OWN)
async def listeners(caller: Caller, panel: Panel, air: Air, server: int) -> list[wire.Shown]:
    """Who listens now."""
    await panel.own(caller, server)
    return [
        {
            "id": one.id,
            "ip": one.address,
            "country": one.country,
            "city": one.city,
            "agent": one.agent,
            "player": one.player,
            "channel": one.channel_id,
            "since": wire.milliseconds(one.since),
            "bytes": one.sent_bytes,
        }
        for one in air.sessions(server)
    ]


@delete(f"{V2}/listeners/{{pk}}/", policy=WRITE, status=204)
async def kick(caller: Caller, pk: int, panel: Panel, server: int) -> None:
    """Send a listener away."""
    await panel.tell(caller, server, "kick", target=pk)


def _moment(ts: int) -> datetime:
    """Of milliseconds, or seconds where they are. Raises: Invalid."""
    seconds = ts / 1000 if ts > 10**11 else float(ts)
    if not 0 <= seconds < 10**11:
        raise Invalid.one("start_ts", "invalid")
    return datetime.fromtimestamp(seconds, UTC)


def routes() -> list[Route]:
    events = [grid_page, create_event, clear, event, update_event, delete_event]
    wanted = [queue, enqueue, dequeue, requests, ask, accept, refuse]
    return [*events, history, *wanted, forecast, listeners, kick]
