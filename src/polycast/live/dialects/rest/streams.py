"""`/api/channels/streams/`. Source: `specs/live.md` 3.3."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.http import Answer, Docs, Envelope, PageNumber, Request, Route, delete, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest.errors import Refused
from polycast.live.dialects.rest.levels import READ, WRITE
from polycast.live.dialects.rest.streams_wire import Preview, Stream, StreamChange
from polycast.live.sources.room import Sources
from polycast.live.sources.streams.model import Order, PreviewAsk, StreamQuery

PAGES: Final = PageNumber(default=50, cap=10_000)
TAGS: Final = Docs(tags=["channels"])
BULK_LIMIT: Final = 8 * 1024 * 1024  # bytes of ids
HEAVY: Final = 500  # rows; from here on a list is turned into JSON off the event loop


class StreamList(Struct, frozen=True, kw_only=True):
    """Filters of a list of streams; they combine with AND. Streams of inactive accounts are hidden."""

    page: str = ""
    page_size: str = ""
    search: str = ""  # in the name or the group's name
    ordering: str = ""  # name, channel_group__name, m3u_account__name, tvg_id; "-" before it turns it round
    name: str = ""
    channel_group: str = ""  # names, or ids as digits, with commas
    channel_group_name: str = ""
    m3u_account: str = ""  # ids with commas
    m3u_account_name: str = ""
    m3u_account_is_active: bool | None = None
    tvg_id: str = ""
    assigned: int | None = None  # streams of this channel
    unassigned: bool = False
    hide_stale: bool = False
    is_catchup: bool = False
    enabled: bool | None = None
    ids: str = ""  # with commas: these, as a bare array

    def asked(self) -> StreamQuery:
        order, descending = _order(self.ordering)
        return StreamQuery(
            search=self.search,
            name=self.name,
            groups=_words(self.channel_group),
            group_name=self.channel_group_name,
            account_ids=tuple(_numbers(self.m3u_account)) or ((0,) if self.m3u_account.strip() else ()),
            account_name=self.m3u_account_name,
            account_is_active=self.m3u_account_is_active,
            tvg_id=self.tvg_id,
            assigned=self.assigned,
            unassigned=self.unassigned,
            hide_stale=self.hide_stale,
            is_catchup=self.is_catchup,
            enabled=self.enabled,
            order=order,
            descending=descending,
        )


class StreamIds(Struct, frozen=True, kw_only=True):
    """Which streams."""

    ids: list[int]


class StreamsGone(Struct, frozen=True, kw_only=True):
    """Which streams are to go."""

    stream_ids: list[int]


class NamedAccount(Struct, frozen=True, kw_only=True):
    """An account to choose."""

    id: int
    name: str


class FilterOptions(Struct, frozen=True, kw_only=True):
    """What lists of streams can be narrowed to."""

    groups: list[str]
    m3u_accounts: list[NamedAccount]


def routes() -> list[Route]:
    """Streams."""
    return [
        *(stream_list, ids, groups, filter_options, by_ids, regex_preview, bulk_delete),
        *(create, one, replace, change, remove),
    ]


@get("/api/channels/streams/", policy=READ, query=StreamList, docs=TAGS)
async def stream_list(
    request: Request, caller: Caller, query: StreamList, sources: Sources
) -> Envelope[Stream] | list[Stream]:
    """Streams in pages, the last name first; with `ids` these streams, as a bare array."""
    if query.ids:
        return [Stream.of(stream) for stream in await sources.streams.by_ids(caller, _numbers(query.ids))]
    cut = PAGES.read(request.scope)
    found = await sources.streams.page(caller, query.asked(), offset=cut.offset, limit=cut.limit)
    if len(found.items) < HEAVY:
        results = [Stream.of(stream) for stream in found.items]
    else:
        results = await asyncio.to_thread(lambda: [Stream.of(stream) for stream in found.items])
    return PAGES.page(request.scope, cut, results, count=found.count)


@get("/api/channels/streams/ids/", policy=READ, query=StreamList, docs=TAGS)
async def ids(caller: Caller, query: StreamList, sources: Sources) -> Sequence[int]:
    """The ids of all streams that the filters of the list find."""
    found = await sources.streams.ids(caller, query.asked())
    return await _encoded(found)  # type: ignore[return-value]  # the array, already in JSON


@get("/api/channels/streams/groups/", policy=READ, docs=TAGS)
async def groups(caller: Caller, sources: Sources) -> list[str]:
    """Names of the groups that hold streams."""
    return (await sources.streams.options(caller)).groups


@get("/api/channels/streams/filter-options/", policy=READ, docs=TAGS)
async def filter_options(caller: Caller, sources: Sources) -> FilterOptions:
    """What the list can be narrowed to."""
    found = await sources.streams.options(caller)
    accounts = [NamedAccount(id=account_id, name=name) for account_id, name in found.accounts]
    return FilterOptions(groups=found.groups, m3u_accounts=accounts)


@post("/api/channels/streams/by-ids/", policy=READ, sent=StreamIds, body_limit=BULK_LIMIT, docs=TAGS)
async def by_ids(caller: Caller, sources: Sources, sent: StreamIds) -> list[Stream]:
    """These streams, in the order asked for."""
    return [Stream.of(stream) for stream in await sources.streams.by_ids(caller, sent.ids)]


@get("/api/channels/streams/regex-preview/", policy=WRITE, docs=TAGS)
async def regex_preview(
    caller: Caller,
    sources: Sources,
    channel_group: str = "",
    m3u_account_id: int | None = None,
    find: str = "",
    replace: str = "",
    match: str = "",
    exclude: str = "",
    limit: int = 10,
) -> Preview:
    """What expressions would do to the names of a group."""
    if not channel_group:
        raise Refused("channel_group is required")
    ask = PreviewAsk(
        group=channel_group,
        account_id=m3u_account_id,
        find=find,
        replace=replace,
        match=match,
        exclude=exclude,
        limit=limit,
    )
    return Preview.of(await sources.previews.show(caller, ask))


@delete(
    "/api/channels/streams/bulk-delete/",
    policy=WRITE,
    sent=StreamsGone,
    status=204,
    body_limit=BULK_LIMIT,
    docs=TAGS,
)
async def bulk_delete(caller: Caller, sources: Sources, sent: StreamsGone) -> None:
    """Drop streams; those that are gone already do not matter."""
    await sources.streams.delete(caller, sent.stream_ids)


@post("/api/channels/streams/", policy=WRITE, sent=StreamChange, status=201, docs=TAGS)
async def create(caller: Caller, sources: Sources, sent: StreamChange) -> Stream:
    """Add a stream of one's own."""
    return Stream.of(await sources.streams.create(caller, sent.form()))


@get("/api/channels/streams/{stream_id}/", policy=READ, docs=TAGS)
async def one(caller: Caller, stream_id: int, sources: Sources) -> Stream:
    """One stream."""
    return Stream.of(await sources.streams.get(caller, stream_id))


@put("/api/channels/streams/{stream_id}/", policy=WRITE, sent=StreamChange, docs=TAGS)
async def replace(caller: Caller, stream_id: int, sources: Sources, sent: StreamChange) -> Stream:
    """Write a stream; what a provider says of its own stays."""
    return Stream.of(await sources.streams.change(caller, stream_id, sent.form()))


@patch("/api/channels/streams/{stream_id}/", policy=WRITE, sent=StreamChange, docs=TAGS)
async def change(caller: Caller, stream_id: int, sources: Sources, sent: StreamChange) -> Stream:
    """Change a stream; what a provider says of its own stays."""
    return Stream.of(await sources.streams.change(caller, stream_id, sent.form()))


@delete("/api/channels/streams/{stream_id}/", policy=WRITE, status=204, docs=TAGS)
async def remove(caller: Caller, stream_id: int, sources: Sources) -> None:
    """Drop a stream. A provider's comes back with its next change."""
    if not await sources.streams.delete(caller, [stream_id]):
        raise NotFound("The stream")


async def _encoded(found: Sequence[int]) -> Answer[Any]:
    return Answer(await asyncio.to_thread(msgspec.json.encode, found) if len(found) > 50_000 else found)


def _order(ordering: str) -> tuple[Order, bool]:
    """The first order that is known; DRF passes over the others."""
    known = {order.value: order for order in Order}
    for word in ordering.split(","):
        order = known.get(word.strip().lstrip("-"))
        if order is not None:
            return order, word.strip().startswith("-")
    return Order.NAME, True


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",") if word.strip().isdecimal() and len(word.strip()) < 19]
