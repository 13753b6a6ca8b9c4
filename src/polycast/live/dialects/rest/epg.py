"""`/api/epg/`: what is on. Grid, what runs now, single programmes, search, pictures."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from polycast.core.errors import Invalid, PolycastError
from polycast.core.files import FileAnswer
from polycast.core.http import Docs, Envelope, PageNumber, Request, Route, get, post
from polycast.core.identity.caller import OPEN, Caller
from polycast.live.dialects.rest import epg_sources
from polycast.live.dialects.rest.epg_wire import (
    CurrentAsked,
    Detail,
    FoundStream,
    Grid,
    Hit,
    OnChannel,
    OnGuide,
    Parsing,
    Slim,
    shown_tvg_id,
    slim_values,
)
from polycast.live.dialects.rest.errors import Refused
from polycast.live.dialects.rest.levels import READ
from polycast.live.guide.listings import Found, ProgrammeQuery
from polycast.live.guide.query import TextQuery
from polycast.live.guide.room import Guide
from polycast.live.guide.store_guided import Wanted

TAGS = Docs(tags=["epg"])
PROGRAMMES = PageNumber(default=50, cap=500)
CACHE = "public, max-age=86400"


class SearchAsked(Struct, frozen=True, kw_only=True):
    """Filters of a search; they combine with AND. Texts know AND, OR, quotes and parentheses."""

    title: str = ""
    title_regex: bool = False
    title_whole_words: bool = False
    description: str = ""
    description_regex: bool = False
    description_whole_words: bool = False
    start_after: str = ""
    start_before: str = ""
    end_after: str = ""
    end_before: str = ""
    airing_at: str = ""
    channel: str = ""
    channel_id: int | None = None
    tvg_id: str = ""
    stream: str = ""
    group: str = ""
    epg_source: str = ""
    fields: str = ""
    page: str = ""
    page_size: str = ""


def routes() -> list[Route]:
    """All of `/api/epg/`."""
    return [*epg_sources.routes(), grid, current, search, many, one, poster]


@get("/api/epg/grid/", policy=READ, docs=TAGS)
async def grid(caller: Caller, guide: Guide, start: str = "", end: str = "", channel_ids: str = "") -> Grid:
    """Programmes of an hour ago until tomorrow, or of [start, end); made up ones for channels without a guide."""
    ids = None
    if channel_ids:
        words = [word.strip() for word in channel_ids.split(",")]
        if not all(word.isdecimal() and len(word) < 19 for word in words):
            raise Refused("channel_ids must be numbers with commas")
        ids = [int(word) for word in words]
    shown = await guide.listings.grid(caller, start=_moment("start", start), end=_moment("end", end), channel_ids=ids)
    seen: set[int | str] = set()
    data: list[Slim] = []
    for each in shown:
        if each.programme.id not in seen:
            seen.add(each.programme.id)
            data.append(Slim(**slim_values(each.programme, shown_tvg_id(each.channel, each.programme))))
    return Grid(data)


@post("/api/epg/current-programs/", policy=READ, sent=CurrentAsked, docs=TAGS)
async def current(
    caller: Caller, sent: CurrentAsked, guide: Guide
) -> list[Any]:  # of OnChannel, OnGuide, Parsing: a schema cannot tell them apart
    """What runs now, on channels or on guide channels."""
    if sent.epg_data_ids is UNSET or sent.epg_data_ids is None:
        uuids = None if isinstance(sent.channel_uuids, UnsetType) else sent.channel_uuids
        return [
            OnChannel(
                **slim_values(each.programme, shown_tvg_id(each.channel, each.programme)),
                channel_uuid=each.channel.uuid,
            )
            for each in await guide.listings.current(caller, uuids)
        ]
    if not isinstance(sent.channel_uuids, UnsetType) and sent.channel_uuids is not None:
        raise Refused("Provide either channel_uuids or epg_data_ids, not both")
    found: list[OnGuide | Parsing] = []
    for each in await guide.listings.current_of_guides(caller, sent.epg_data_ids):
        if each.programme is not None:
            values = slim_values(each.programme, each.tvg_id)
            found.append(OnGuide(**values, epg_data_id=each.guide_channel_id))
        elif each.is_loading:
            found.append(Parsing(each.guide_channel_id))
    return found


@get("/api/epg/programs/", policy=READ, docs=TAGS)
async def many(request: Request, caller: Caller, guide: Guide, page: str = "", page_size: str = "") -> Envelope[Slim]:
    """All stored programmes."""
    cut = PROGRAMMES.read(request.scope)
    found, count = await guide.listings.page(caller, offset=cut.offset, limit=cut.limit)
    rows = [Slim(**slim_values(each.programme, each.guide_channel.tvg_id)) for each in found]
    return PROGRAMMES.page(request.scope, cut, rows, count=count)


@get("/api/epg/programs/search/", policy=READ, query=SearchAsked, docs=TAGS)
async def search(request: Request, caller: Caller, query: SearchAsked, guide: Guide) -> Envelope[Hit]:
    """Programmes by words, times, channels and guides."""
    cut = PROGRAMMES.read(request.scope)
    found, count = await guide.listings.search(caller, _query(query), offset=cut.offset, limit=cut.limit)
    fields = frozenset(word.strip() for word in query.fields.split(",") if word.strip())
    streams = await _streams(found, guide) if not fields or "streams" in fields else {}
    rows = [
        Hit.of(each, [stream for channel in each.channels for stream in streams.get(channel.id, [])], fields)
        for each in found
    ]
    return PROGRAMMES.page(request.scope, cut, rows, count=count)


@get("/api/epg/programs/{programme_id}/", policy=READ, docs=TAGS)
async def one(request: Request, caller: Caller, programme_id: int, guide: Guide) -> Detail:
    """All that is known of a programme."""
    found = await guide.listings.get(caller, programme_id)
    origin = str(request.scope.get("state", {}).get("origin", ""))
    return Detail.of(found.programme, found.guide_channel.tvg_id, origin)


@get("/api/epg/programs/{programme_id}/poster/", policy=OPEN, docs=TAGS)
async def poster(programme_id: int, guide: Guide, width: int | None = None) -> FileAnswer:
    """The picture of a programme, kept here; `width` asks for one at most that wide."""
    found = await guide.posters.get(programme_id, width)
    return FileAnswer(found.path, content_type=found.content_type, etag=found.etag, cache=CACHE)


async def _streams(found: Sequence[Found], guide: Guide) -> dict[int, list[FoundStream]]:
    ids = sorted({channel.id for each in found for channel in each.channels})
    return {
        channel_id: [
            FoundStream(
                id=stream_id,
                name=name,
                tvg_id=tvg_id or None,
                m3u_account=account_id,
                channel_group=group or None,
            )
            for stream_id, name, tvg_id, account_id, group in streams
        ]
        for channel_id, streams in (await guide.listings.streams_of(ids)).items()
    }


def _query(asked: SearchAsked) -> ProgrammeQuery:
    try:
        return ProgrammeQuery(
            title=_text("title", asked.title, asked.title_regex, asked.title_whole_words),
            description=_text("description", asked.description, asked.description_regex, asked.description_whole_words),
            **{
                name: int(moment.timestamp())
                for name in ("start_after", "start_before", "end_after", "end_before", "airing_at")
                if (moment := _moment(name, getattr(asked, name))) is not None
            },
            wanted=Wanted(
                channel=asked.channel,
                channel_id=asked.channel_id,
                group=asked.group,
                stream=asked.stream,
                tvg_id=asked.tvg_id,
                source=asked.epg_source,
            ),
        )
    except Invalid as error:
        raise _refused(error) from error


def _text(path: str, text: str, is_regex: bool, whole_words: bool) -> TextQuery | None:
    return TextQuery(text, path=path, is_regex=is_regex, whole_words=whole_words) if text.strip() else None


def _moment(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        # A "+" that came unescaped in a query is a blank.
        found = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        raise Refused(f"Invalid datetime format for {name}") from None


def _refused(error: Invalid) -> PolycastError:
    problem = error.problems[0]
    return Refused(problem.text or f"{problem.path}: {problem.code}")
