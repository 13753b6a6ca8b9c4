"""`/api/connect/clients/`: who watches, and who has watched. Source: `specs/live.md` 3.12."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from polycast.core.http import Docs, Envelope, PageNumber, Request, Route, delete, get
from polycast.core.identity.caller import Caller
from polycast.live.activity.clients import Clients
from polycast.live.dialects.rest.levels import SELF
from polycast.live.dialects.rest.lists import Lists
from polycast.live.relay.service import Relays
from polycast.live.relay.store_clients import ClientRow

TAGS = Docs(tags=["connect"])
PAGES = PageNumber(default=50, cap=1000)


class ClientOut(Struct, frozen=True, kw_only=True):
    """A client. `channel_id` is the channel's key, `channel_uuid` what players have in their address."""

    id: int
    kind: str  # live, vod, catchup
    channel_id: int | None
    channel_uuid: str | None
    channel_name: str
    stream_id: int | None
    user_id: int | None
    username: str
    ip_address: str
    user_agent: str
    connected_at: datetime
    bytes_sent: int
    current_rate_kbps: float
    output_format: str
    output_profile_id: int | None
    state: str

    @classmethod
    def of(cls, row: ClientRow, relays: Relays) -> "ClientOut":
        sent, rate = relays.measures(row.channel_uuid, row.client_id)
        fields = {name: getattr(row, name) for name in cls.__struct_fields__ if hasattr(row, name)}
        own = {
            "channel_uuid": row.channel_uuid or None,
            "bytes_sent": max(row.bytes_sent, sent),
            "current_rate_kbps": round(rate / 1000, 1),
        }
        return cls(**fields | own)


class PastClientOut(Struct, frozen=True, kw_only=True):
    """A client that has left."""

    id: int
    kind: str
    channel_id: int | None
    channel_uuid: str | None
    channel_name: str
    stream_id: int | None
    user_id: int | None
    username: str
    ip_address: str
    user_agent: str
    connected_at: datetime
    ended_at: datetime
    duration: float  # seconds
    bytes_sent: int
    failovers: int
    output_format: str
    output_profile_id: int | None
    end_reason: str

    @classmethod
    def of(cls, row: ClientRow) -> "PastClientOut":
        ended = row.ended_at or row.seen_at
        fields = {name: getattr(row, name) for name in cls.__struct_fields__ if hasattr(row, name)}
        own = {
            "channel_uuid": row.channel_uuid or None,
            "ended_at": ended,
            "duration": (ended - row.connected_at).total_seconds(),
        }
        return cls(**fields | own)


def routes() -> Sequence[Route]:
    """Those of this file. They take the services `clients`, `relays` and `lists`."""
    return [many, past, one, stop]


@get("/api/connect/clients/", policy=SELF, docs=TAGS)
async def many(request: Request, caller: Caller, clients: Clients, relays: Relays, lists: Lists) -> Envelope[ClientOut]:
    """Who watches now."""
    return lists.paged(request, [ClientOut.of(row, relays) for row in await clients.watching(caller)])


@get("/api/connect/clients/history/", policy=SELF, docs=TAGS)
async def past(request: Request, caller: Caller, clients: Clients) -> Envelope[PastClientOut]:
    """Who has watched, latest first."""
    cut = PAGES.read(request.scope)
    rows, count = await clients.history(caller, limit=cut.limit, offset=cut.offset)
    return PAGES.page(request.scope, cut, [PastClientOut.of(row) for row in rows], count=count)


@get("/api/connect/clients/{client_id}/", policy=SELF, docs=TAGS)
async def one(caller: Caller, clients: Clients, relays: Relays, client_id: int) -> ClientOut:
    """One client."""
    return ClientOut.of(await clients.get(caller, client_id), relays)


@delete("/api/connect/clients/{client_id}/", policy=SELF, status=204, docs=TAGS)
async def stop(caller: Caller, clients: Clients, client_id: int) -> None:
    """End its stream."""
    await clients.stop(caller, client_id)
