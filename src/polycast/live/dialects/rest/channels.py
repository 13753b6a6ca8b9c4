"""`/api/channels/` (numbers as text) and `/api/channels/channels/` (numbers as numbers): the same rows, two faces."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from polycast.core.http import Answer, Docs, Envelope, Request, Route, Slice, delete, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest import channels_wire as wire
from polycast.live.dialects.rest.channels_kept import kept
from polycast.live.dialects.rest.channels_query import PAGES, ChannelList
from polycast.live.dialects.rest.channels_wire import shape_of, worded
from polycast.live.dialects.rest.levels import READ, WRITE
from polycast.live.dialects.rest.lists import Lists
from polycast.live.dialects.rest.streams_wire import Stream, StreamStats
from polycast.live.lineup.model import Channel
from polycast.live.lineup.numbers import as_json
from polycast.live.lineup.room import LineUp
from polycast.live.sources.room import Sources

T = TypeVar("T")
HEAVY: Final = 500  # rows; from here on a list is turned into JSON off the event loop
TAGS: Final = Docs(tags=["channels"])


class ChannelPage(Struct, kw_only=True):
    """A page of channels at `/api/channels/channels/`."""

    count: int
    next: str | None
    previous: str | None
    has_unassigned_epg_channels: bool
    results: list[wire.Channel]


class Summary(Struct, frozen=True, kw_only=True):
    """A channel in short, with what counts."""

    id: int
    uuid: str
    name: str
    logo_id: int | None
    channel_number: int | float | None
    epg_data_id: int | None
    channel_group_id: int | None

    @classmethod
    def of(cls, channel: Channel) -> "Summary":
        facts = channel.effective
        return cls(
            id=channel.id,
            uuid=channel.uuid,
            name=facts.name,
            logo_id=facts.logo_id,
            channel_number=as_json(facts.number),
            epg_data_id=facts.guide_channel_id,
            channel_group_id=facts.group_id,
        )


def routes() -> list[Route]:
    """CRUD of both faces, and the lists of the second."""
    return [
        *(ids, summary, by_uuids),
        *(numbered_list, numbered_create, numbered_one, numbered_put, numbered_patch, numbered_delete),
        *(channel_list, create, one, replace, change, remove, linked, linked_stats),
    ]


@get("/api/channels/", policy=READ, query=ChannelList, docs=TAGS)
async def numbered_list(
    request: Request, caller: Caller, query: ChannelList, lineup: LineUp, sources: Sources
) -> Envelope[wire.NumberedChannel]:
    """Channels in pages, by number."""
    cut, asked = PAGES.read(request.scope), query.asked(order="number")

    async def made() -> Envelope[wire.NumberedChannel]:
        found = await lineup.channels.page(caller, asked, offset=cut.offset, limit=cut.limit)
        shape = shape_of(wire.NumberedChannel, await _streams_of(caller, found.items, query, sources))
        return PAGES.page(request.scope, cut, await _shaped(found.items, shape), count=found.count)

    return await (made() if query.include_streams else kept(request, caller, lineup, asked, cut, made))


@post("/api/channels/", policy=WRITE, sent=wire.NumberedNew, status=201, docs=TAGS)
async def numbered_create(caller: Caller, lineup: LineUp, sent: wire.NumberedNew) -> wire.NumberedChannel:
    """Add a channel."""
    with worded():
        return wire.NumberedChannel.of(await lineup.channels.create(caller, sent.new()))


@get("/api/channels/{channel_id}/", policy=READ, docs=TAGS)
async def numbered_one(
    caller: Caller, channel_id: int, lineup: LineUp, sources: Sources, include_streams: bool = False
) -> wire.NumberedChannel:
    """One channel."""
    channel = await lineup.channels.get(caller, channel_id)
    streams = await _streams(caller, [channel], sources) if include_streams else None
    return shape_of(wire.NumberedChannel, streams)(channel)


@put("/api/channels/{channel_id}/", policy=WRITE, sent=wire.NumberedFull, docs=TAGS)
async def numbered_put(
    caller: Caller, channel_id: int, lineup: LineUp, sent: wire.NumberedFull
) -> wire.NumberedChannel:
    """Write a channel; what is absent and not required stays."""
    with worded():
        return wire.NumberedChannel.of(await lineup.channels.change(caller, channel_id, sent.patch()))


@patch("/api/channels/{channel_id}/", policy=WRITE, sent=wire.NumberedChange, docs=TAGS)
async def numbered_patch(
    caller: Caller, channel_id: int, lineup: LineUp, sent: wire.NumberedChange
) -> wire.NumberedChannel:
    """Change a channel."""
    with worded():
        return wire.NumberedChannel.of(await lineup.channels.change(caller, channel_id, sent.patch()))


@delete("/api/channels/{channel_id}/", policy=WRITE, status=204, docs=TAGS)
async def numbered_delete(caller: Caller, channel_id: int, lineup: LineUp, stop_stream: bool = False) -> None:
    """Drop a channel. What plays on it ends, asked for or not."""
    await lineup.channels.delete_one(caller, channel_id)


@get("/api/channels/channels/", policy=READ, query=ChannelList, docs=TAGS)
async def channel_list(
    request: Request, caller: Caller, query: ChannelList, lineup: LineUp, sources: Sources, lists: Lists
) -> ChannelPage | list[wire.Channel]:
    """Channels, the highest number first: a bare array, or a page when one is asked for."""
    asked = query.asked(order="-number")
    cut = await lists.cut(request, PAGES)

    async def made() -> ChannelPage | list[wire.Channel]:
        return await _classic(request, caller, query, lineup, sources, cut)

    return await (made() if query.include_streams else kept(request, caller, lineup, asked, cut, made))


async def _classic(
    request: Request, caller: Caller, query: ChannelList, lineup: LineUp, sources: Sources, cut: Slice | None
) -> ChannelPage | list[wire.Channel]:
    asked = query.asked(order="-number")
    if cut is None:
        rows = await lineup.channels.all(caller, asked)
        shape = shape_of(wire.Channel, await _streams_of(caller, rows, query, sources))
        return await written(rows, shape)  # type: ignore[return-value]  # the array, already in JSON
    found = await lineup.channels.page(caller, asked, offset=cut.offset, limit=cut.limit, asks_guides=True)
    shape = shape_of(wire.Channel, await _streams_of(caller, found.items, query, sources))
    page = PAGES.page(request.scope, cut, await _shaped(found.items, shape), count=found.count)
    return ChannelPage(
        count=page.count,
        next=page.next,
        previous=page.previous,
        has_unassigned_epg_channels=found.has_unguided,
        results=page.results,
    )


@post("/api/channels/channels/", policy=WRITE, sent=wire.ChannelNew, status=201, docs=TAGS)
async def create(caller: Caller, lineup: LineUp, sent: wire.ChannelNew) -> wire.Channel:
    """Add a channel; without a number it gets the next free one."""
    with worded():
        return wire.Channel.of(await lineup.channels.create(caller, sent.new()))


@get("/api/channels/channels/{channel_id}/", policy=READ, docs=TAGS)
async def one(
    caller: Caller, channel_id: int, lineup: LineUp, sources: Sources, include_streams: bool = False
) -> wire.Channel:
    """One channel."""
    channel = await lineup.channels.get(caller, channel_id)
    streams = await _streams(caller, [channel], sources) if include_streams else None
    return shape_of(wire.Channel, streams)(channel)


@put("/api/channels/channels/{channel_id}/", policy=WRITE, sent=wire.ChannelFull, docs=TAGS)
async def replace(caller: Caller, channel_id: int, lineup: LineUp, sent: wire.ChannelFull) -> wire.Channel:
    """Write a channel; what is absent and not required stays."""
    with worded():
        return wire.Channel.of(await lineup.channels.change(caller, channel_id, sent.patch()))


@patch("/api/channels/channels/{channel_id}/", policy=WRITE, sent=wire.ChannelChange, docs=TAGS)
async def change(caller: Caller, channel_id: int, lineup: LineUp, sent: wire.ChannelChange) -> wire.Channel:
    """Change a channel."""
    with worded():
        return wire.Channel.of(await lineup.channels.change(caller, channel_id, sent.patch()))


@delete("/api/channels/channels/{channel_id}/", policy=WRITE, status=204, docs=TAGS)
async def remove(caller: Caller, channel_id: int, lineup: LineUp, stop_stream: bool = False) -> None:
    """Drop a channel. What plays on it ends, asked for or not."""
    await lineup.channels.delete_one(caller, channel_id)


@get("/api/channels/channels/ids/", policy=READ, query=ChannelList, docs=TAGS)
async def ids(caller: Caller, query: ChannelList, lineup: LineUp) -> Sequence[int]:
    """The ids of all channels that the filters of the list find."""
    return await lineup.channels.ids(caller, query.asked(order="-number"))


@get("/api/channels/channels/summary/", policy=READ, query=ChannelList, docs=TAGS)
async def summary(caller: Caller, query: ChannelList, lineup: LineUp) -> list[Summary]:
    """Channels in short."""
    rows = await lineup.channels.all(caller, query.asked(order="number"))
    return await written(rows, Summary.of)  # type: ignore[return-value]  # the array, already in JSON


class Uuids(Struct, frozen=True, kw_only=True):
    """Channels by what stands in their addresses."""

    uuids: list[str]


@post("/api/channels/channels/by-uuids/", policy=READ, sent=Uuids, docs=TAGS)
async def by_uuids(caller: Caller, lineup: LineUp, sent: Uuids) -> list[wire.Channel]:
    """Channels by UUID, in the order asked for; dashboards ask this for what plays."""
    return [wire.Channel.of(channel) for channel in await lineup.channels.by_uuids(caller, sent.uuids)]


@get("/api/channels/channels/{channel_id}/streams/", policy=READ, docs=TAGS)
async def linked(caller: Caller, channel_id: int, lineup: LineUp, sources: Sources) -> list[Stream]:
    """The channel's streams, in the order of failover."""
    channel = await lineup.channels.get(caller, channel_id)
    found = await sources.streams.by_ids(caller, channel.stream_ids)
    return [Stream.of(stream) for stream in found]


@get("/api/channels/channels/{channel_id}/streams/stats/", policy=READ, docs=TAGS)
async def linked_stats(
    caller: Caller, channel_id: int, lineup: LineUp, sources: Sources, since: datetime | None = None, ids: str = ""
) -> list[StreamStats]:
    """What playing its streams has taught; `since` (ISO) and `ids` (with commas) narrow the list."""
    channel = await lineup.channels.get(caller, channel_id)
    wanted = {int(word) for word in ids.split(",") if word.strip().isdecimal()}
    return [
        StreamStats(id=stream.id, stream_stats=stream.stats, stream_stats_updated_at=stream.stats_updated_at)
        for stream in await sources.streams.by_ids(caller, channel.stream_ids)
        if (not ids or stream.id in wanted)
        and (since is None or (stream.stats_updated_at is not None and stream.stats_updated_at > since))
    ]


async def written(rows: Sequence[T], shape: Callable[[T], Any]) -> Answer[Any]:
    """Many rows as a bare array; what takes long is written in a thread, so that live bytes flow on."""
    if len(rows) < HEAVY:
        return Answer([shape(row) for row in rows])
    return Answer(await asyncio.to_thread(_encoded, rows, shape))


def _encoded(rows: Sequence[T], shape: Callable[[T], Any]) -> bytes:
    return msgspec.json.encode([shape(row) for row in rows])


async def _shaped(rows: Sequence[T], shape: Callable[[T], Any]) -> list[Any]:
    if len(rows) < HEAVY:
        return [shape(row) for row in rows]
    return await asyncio.to_thread(lambda: [shape(row) for row in rows])


async def _streams_of(
    caller: Caller, rows: Sequence[Channel], query: ChannelList, sources: Sources
) -> Mapping[int, Stream] | None:
    return await _streams(caller, rows, sources) if query.include_streams else None


async def _streams(caller: Caller, rows: Sequence[Channel], sources: Sources) -> Mapping[int, Stream]:
    wanted = list(dict.fromkeys(one for row in rows for one in row.stream_ids))
    return {stream.id: Stream.of(stream) for stream in await sources.streams.by_ids(caller, wanted)}
