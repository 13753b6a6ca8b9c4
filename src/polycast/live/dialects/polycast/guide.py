"""The guide page: a window of rows and hours, a search that jumps to a cell, one programme."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from polycast.core.errors import NotBuilt
from polycast.core.http import Docs, Route, delete, get, post
from polycast.core.http.pages import MOST, size_of
from polycast.core.identity.caller import Caller, Policy, needs
from polycast.core.identity.scopes import Scope
from polycast.live.dialects.polycast.wire import MOST_ROWS, Programme, logo_url
from polycast.live.guide import model
from polycast.live.guide.room import Guide
from polycast.live.guide.store_guided import Guided, Rows
from polycast.live.guide.windows import Hit, Row
from polycast.live.lineup.numbers import shown

WATCH: Final[Policy] = needs(Scope.LIVE_PLAY)
TAGS: Final = Docs(tags=["guide"])
NO_RECORDING: Final = "This version does not record."
NO_REMINDER: Final = "This version does not remind."
MOST_PEOPLE: Final = 20


class GuideRow(Struct, frozen=True, kw_only=True):
    """A channel and what is on."""

    channel_id: int
    uuid: str
    number: str | None
    name: str
    logo_url: str | None
    programmes: list[Programme]

    @classmethod
    def of(cls, row: Row) -> "GuideRow":
        channel = row.channel
        return cls(
            channel_id=channel.id,
            uuid=channel.uuid,
            number=shown(channel.number),
            name=channel.name,
            logo_url=logo_url(channel.logo_id, channel.logo_source),
            programmes=[Programme.of(each, can_replay=False) for each in row.programmes],
        )


class GuideWindow(Struct, frozen=True, kw_only=True):
    """Some rows of the guide, and how many there are."""

    total: int
    rows: list[GuideRow]


class GuideHit(Struct, frozen=True, kw_only=True):
    """A programme that was found; `row` is its channel's place in the guide."""

    id: str
    channel_id: int
    channel_name: str
    row: int
    title: str
    sub_title: str
    start: int
    end: int

    @classmethod
    def of(cls, hit: Hit) -> "GuideHit":
        airing = hit.programme.airing
        return cls(
            id=str(hit.programme.id),
            channel_id=hit.channel.id,
            channel_name=hit.channel.name,
            row=hit.row,
            title=airing.title,
            sub_title=airing.sub_title,
            start=airing.start,
            end=airing.end,
        )


class GuideHits(Struct, frozen=True, kw_only=True):
    """What was found, the soonest first."""

    items: list[GuideHit]


class ProgrammeDetail(Struct, frozen=True, kw_only=True):
    """All that a page shows of a programme."""

    id: str
    channel_id: int
    channel_uuid: str
    channel_name: str
    title: str
    sub_title: str
    description: str
    start: int
    end: int
    categories: list[str]
    people: list[str]
    rating: str
    year: str
    season: int | None
    episode: int | None
    poster_url: str | None
    can_replay: bool
    recording: str
    recording_id: int | None
    reminder: bool

    @classmethod
    def of(cls, channel: Guided, programme: model.Programme) -> "ProgrammeDetail":
        airing, extras, cell = programme.airing, programme.extras, Programme.of(programme, can_replay=False)
        has_poster = bool(extras.get("icon")) and isinstance(programme.id, int)
        return cls(
            id=cell.id,
            channel_id=channel.id,
            channel_uuid=channel.uuid,
            channel_name=channel.name,
            title=airing.title,
            sub_title=airing.sub_title,
            description=airing.description,
            start=airing.start,
            end=airing.end,
            categories=[str(each) for each in extras.get("categories", ())],
            people=_people(programme),
            rating=str(extras.get("rating") or ""),
            year=str(extras.get("date") or "")[:4],
            season=cell.season,
            episode=cell.episode,
            poster_url=f"/api/epg/programs/{programme.id}/poster/" if has_poster else None,
            can_replay=False,
            recording="",
            recording_id=None,
            reminder=False,
        )


class RecordingMade(Struct, frozen=True, kw_only=True):
    """A recording that was planned."""

    id: int


def routes() -> Sequence[Route]:
    """Takes the service `guide`, the guide's room."""
    return [search, window, programme, remind, forget, record, cancel]


@get("/polycast/v1/live/guide", policy=WATCH, docs=TAGS)
async def window(
    caller: Caller,
    guide: Guide,
    start: int,
    end: int,
    offset: int = 0,
    limit: int = 50,
    group: int | None = None,
    search: str = "",
    profile: int | None = None,
) -> GuideWindow:
    """Rows of the line-up with the programmes that touch [start, end), unix seconds."""
    rows = Rows(search=search, group_id=group, profile_id=profile)
    found, total = await guide.windows.window(
        caller, rows, start=start, end=end, offset=max(0, offset), limit=size_of(limit, MOST_ROWS)
    )
    return GuideWindow(total=total, rows=[GuideRow.of(row) for row in found])


@get("/polycast/v1/live/guide/search", policy=WATCH, docs=TAGS)
async def search(caller: Caller, guide: Guide, q: str, limit: int = 50, group: int | None = None) -> GuideHits:
    """Programmes that run or are to come, by the words of their title."""
    found = await guide.windows.find(caller, q, Rows(group_id=group), limit=size_of(limit, MOST))
    return GuideHits(items=[GuideHit.of(hit) for hit in found])


@get("/polycast/v1/live/guide/programmes/{id}", policy=WATCH, docs=TAGS)
async def programme(caller: Caller, id: str, guide: Guide) -> ProgrammeDetail:
    """One programme."""
    return ProgrammeDetail.of(*await guide.windows.programme(caller, id))


@post("/polycast/v1/live/guide/programmes/{id}/reminder", policy=WATCH, docs=TAGS)
async def remind(caller: Caller, id: str, guide: Guide) -> None:
    """Be told before it begins."""
    await guide.windows.programme(caller, id)
    raise NotBuilt(NO_REMINDER)


@delete("/polycast/v1/live/guide/programmes/{id}/reminder", policy=WATCH, docs=TAGS)
async def forget(caller: Caller, id: str, guide: Guide) -> None:
    """Not to be told."""
    await guide.windows.programme(caller, id)
    raise NotBuilt(NO_REMINDER)


@post("/polycast/v1/live/guide/programmes/{id}/recording", policy=WATCH, docs=TAGS)
async def record(caller: Caller, id: str, guide: Guide) -> RecordingMade:
    """Record it."""
    await guide.windows.programme(caller, id)
    raise NotBuilt(NO_RECORDING)


@delete("/polycast/v1/live/guide/programmes/{id}/recording", policy=WATCH, docs=TAGS)
async def cancel(caller: Caller, id: str, guide: Guide) -> None:
    """Not to record it."""
    await guide.windows.programme(caller, id)
    raise NotBuilt(NO_RECORDING)


def _people(programme: model.Programme) -> list[str]:
    found: list[str] = []
    for people in (programme.extras.get("credits") or {}).values():
        for person in people:
            name = person.get("name") if isinstance(person, dict) else person
            if isinstance(name, str) and name not in found:
                found.append(name)
    return found[:MOST_PEOPLE]
