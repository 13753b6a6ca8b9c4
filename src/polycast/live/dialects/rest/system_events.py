"""`/api/core/system-events/`: what happened lately, the youngest first."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from polycast.core.http import Docs, Route, get
from polycast.core.identity.caller import Caller
from polycast.live.activity.events import SystemEvents
from polycast.live.activity.model import SystemEvent
from polycast.live.dialects.rest.levels import WRITE

TAGS = Docs(tags=["core"])
MOST = 1000


class EventOut(Struct, frozen=True, kw_only=True):
    """Something that happened."""

    id: int
    event_type: str
    event_type_display: str
    timestamp: datetime
    channel_id: str | None  # the channel's UUID
    channel_name: str | None
    details: dict[str, Any]

    @classmethod
    def of(cls, event: SystemEvent) -> "EventOut":
        return cls(
            id=event.id,
            event_type=event.event_type,
            event_type_display=event.title,
            timestamp=event.at,
            channel_id=event.channel_uuid or None,
            channel_name=event.channel_name or None,
            details=dict(event.details),
        )


class EventsOut(Struct, frozen=True, kw_only=True):
    """A piece of the ring."""

    events: list[EventOut]
    count: int
    total: int
    offset: int
    limit: int


def routes() -> list[Route]:
    """The one list."""
    return [many]


@get("/api/core/system-events/", policy=WRITE, docs=TAGS)
async def many(
    caller: Caller, system_events: SystemEvents, limit: int = 100, offset: int = 0, event_type: str = ""
) -> EventsOut:
    """What happened lately."""
    limit, offset = min(max(limit, 1), MOST), max(offset, 0)
    found, total = await system_events.page(caller, event_type=event_type, limit=limit, offset=offset)
    events = [EventOut.of(event) for event in found]
    return EventsOut(events=events, count=len(events), total=total, offset=offset, limit=limit)
