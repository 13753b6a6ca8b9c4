"""Search, people, watchlist, start page, recommendations. Source: specs/library.md 3.8, 3.10, 3.26."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, Problem
from polycast.core.http import Route, delete, get, post, put
from polycast.core.identity.caller import Caller
from polycast.library.collections.watchlist import Listed, Wanted, Watchlist
from polycast.library.dialects.v1.policies import USER
from polycast.library.dialects.v1.titles_shapes import Card, ExternalIds
from polycast.library.dialects.v1.titles_wire import IMAGES, card
from polycast.library.dialects.v1.wire import Cursors, Limit, Out, Paged, PageOf, Sent, iso, words_of
from polycast.library.home.service import HomeRows
from polycast.library.people.persons import Persons
from polycast.library.search.service import KINDS, Result, SearchRoom

Query = Annotated[str, Meta(min_length=1, max_length=200)]


class SearchAsked(Paged, frozen=True, kw_only=True):
    """What to look for."""

    q: Query
    types: list[Annotated[str, Meta(max_length=200)]] = []
    library_id: Annotated[str, Meta(max_length=64)] | None = None


class SuggestAsked(Sent, frozen=True, kw_only=True):
    """What was typed so far."""

    q: Query
    limit: Limit = 8


class Match(Out, frozen=True, kw_only=True):
    """Where it was found; `<em>` is the only markup in it."""

    field: str
    highlight: str


class Hit(Out, frozen=True, kw_only=True):
    """Something found."""

    type: str
    id: str
    title: str
    year: int | None
    image: str | None
    score: float
    match: Match


class Hits(Out, frozen=True, kw_only=True):
    """What was found, with how much of each kind."""

    items: list[Hit]
    facets: dict[str, int]
    next_cursor: str | None
    has_more: bool
    took_ms: int


class Suggestion(Out, frozen=True, kw_only=True):
    """What it may become."""

    text: str
    type: str
    id: str
    year: int | None
    image: str | None


class RoleOut(Out, frozen=True, kw_only=True):
    """A part in a title."""

    media: Card
    character: str | None
    job: str | None
    year: int | None


class Roles(Out, frozen=True, kw_only=True):
    """Everything somebody did here."""

    cast: list[RoleOut]
    crew: list[RoleOut]


class PersonOut(Out, frozen=True, kw_only=True):
    """Somebody."""

    id: str
    name: str
    biography: str | None
    birthday: str | None
    deathday: str | None
    place_of_birth: str | None
    known_for: str | None
    image: str | None
    external_ids: ExternalIds
    roles: Roles


class WatchlistIn(Sent, frozen=True, kw_only=True):
    """A title to be listed."""

    media_type: Literal["movie", "show"]
    media_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    tmdb_id: Annotated[int, Meta(ge=1, le=2**31)] | None = None
    title: Annotated[str, Meta(max_length=300)] = ""
    year: Annotated[int, Meta(ge=1800, le=2200)] | None = None


class WatchlistOut(Out, frozen=True, kw_only=True):
    """A title on the watchlist."""

    id: str
    media_type: str
    media_id: str | None
    tmdb_id: int | None
    title: str
    year: int | None
    poster: str | None
    added_at: str
    available: bool

    @classmethod
    def of(cls, one: Listed) -> "WatchlistOut":
        return cls(
            id=one.nanoid, media_type=one.media_type, media_id=one.media_id, tmdb_id=one.tmdb, title=one.title,
            year=one.year, poster=f"{IMAGES}/{one.poster}" if one.poster else None, added_at=iso(one.added_at),
            available=one.is_available,
        )  # fmt: skip


class HomeRow(Out, frozen=True, kw_only=True):
    """A row."""

    id: str
    title: str
    type: str
    items: list[Card]


class HomeOut(Out, frozen=True, kw_only=True):
    """A start page."""

    rows: list[HomeRow]
    hero: Card | None


class Layout(Sent, frozen=True, kw_only=True):
    """Ids of rows in the order they are wanted."""

    rows: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=100)]


class LimitAsked(Sent, frozen=True, kw_only=True):
    """How many."""

    limit: Limit = 20


class Done(Out, frozen=True, kw_only=True):
    """It is done."""

    ok: bool = True


@get("/v1/search", policy=USER, query=SearchAsked)
async def search(caller: Caller, search_room: SearchRoom, cursors: Cursors, clock: Clock, query: SearchAsked) -> Hits:
    """Everything by words, wrong letters included."""
    asked = words_of(query.types)
    wrong = [word for word in asked if word not in KINDS]
    if wrong:
        raise Invalid([Problem("types", "not_a_choice", {}, f"Unknown type: {wrong[0]}")])
    started = clock.monotonic()
    bound = ("search", query.q, asked, query.library_id)
    start = cursors.read(query.cursor, int, bound) or 0
    found = await search_room.find(caller, query.q, kinds=asked or KINDS, library=query.library_id)
    facets: dict[str, int] = {}
    for one in found:
        facets[one.kind] = facets.get(one.kind, 0) + 1
    page = found[start : start + query.limit]
    more = len(found) > start + query.limit
    took = clock.monotonic() - started
    return Hits(
        items=[_hit(one) for one in page],
        facets=facets,
        next_cursor=cursors.write(start + query.limit, bound) if more else None,
        has_more=more,
        took_ms=round(took.total_seconds() * 1000),
    )


@get("/v1/search/suggestions", policy=USER, query=SuggestAsked)
async def suggestions(caller: Caller, search_room: SearchRoom, query: SuggestAsked) -> PageOf[Suggestion]:
    """What the typed beginning may become."""
    found = await search_room.suggest(caller, query.q, limit=query.limit)
    return PageOf(
        items=[
            Suggestion(text=one.title, type=one.kind, id=one.id, year=one.year, image=_image(one.image))
            for one in found
        ]
    )


@get("/v1/people/{person_id}", policy=USER)
async def person(caller: Caller, persons: Persons, person_id: str) -> PersonOut:
    """Somebody and their roles in what the caller may see."""
    found = await persons.get(caller, person_id)
    row = found.row
    roles = [
        (one.kind, RoleOut(media=card(one.title), character=one.character or None, job=one.job or None,
                           year=one.title.item.year))
        for one in found.roles
    ]  # fmt: skip
    return PersonOut(
        id=row.nanoid, name=row.name, biography=row.biography or None, birthday=row.birthday or None,
        deathday=row.deathday or None, place_of_birth=row.place_of_birth or None, known_for=row.known_for or None,
        image=_image(row.image), external_ids=ExternalIds(tmdb=row.tmdb, imdb=row.imdb),
        roles=Roles(cast=[one for kind, one in roles if kind == "cast"], crew=[one for kind, one in roles if kind != "cast"]),
    )  # fmt: skip


@get("/v1/watchlist", policy=USER, query=Paged)
async def watchlist_(caller: Caller, watchlist: Watchlist, cursors: Cursors, query: Paged) -> PageOf[WatchlistOut]:
    """What the caller means to see, the last added first."""
    before = cursors.read(query.cursor, int, "watchlist")
    rows = await watchlist.page(caller, before=before, limit=query.limit + 1)
    shown = [WatchlistOut.of(one) for one in rows]
    return cursors.page(shown, limit=query.limit, place=lambda index: rows[index].id, filters="watchlist")


@post("/v1/watchlist", policy=USER, sent=WatchlistIn, status=201)
async def list_title(caller: Caller, watchlist: Watchlist, sent: WatchlistIn) -> WatchlistOut:
    """Put a title on the watchlist."""
    wanted = Wanted(
        media_type=sent.media_type, media_id=sent.media_id, tmdb=sent.tmdb_id, title=sent.title, year=sent.year
    )
    return WatchlistOut.of(await watchlist.add(caller, wanted))


@delete("/v1/watchlist/{entry_id}", policy=USER, status=204)
async def unlist(caller: Caller, watchlist: Watchlist, entry_id: str) -> None:
    """Take a title off."""
    await watchlist.remove(caller, entry_id)


@get("/v1/home", policy=USER)
async def home(caller: Caller, home_rows: HomeRows) -> HomeOut:
    """A whole start page in one answer."""
    found = await home_rows.page(caller)
    rows = [
        HomeRow(id=row.id, title=row.title, type=row.type, items=[card(one) for one in row.titles])
        for row in found.rows
    ]
    return HomeOut(rows=rows, hero=card(found.hero) if found.hero else None)


@put("/v1/home/layout", policy=USER, sent=Layout)
async def arrange(caller: Caller, home_rows: HomeRows, sent: Layout) -> Done:
    """Which rows come first."""
    await home_rows.arrange(caller, sent.rows)
    return Done()


@get("/v1/recommendations", policy=USER, query=LimitAsked)
async def recommendations(caller: Caller, home_rows: HomeRows, query: LimitAsked) -> PageOf[Card]:
    """Unseen titles that the caller might like."""
    return PageOf(items=[card(one) for one in await home_rows.recommended(caller, limit=query.limit)])


def _hit(one: Result) -> Hit:
    return Hit(
        type=one.kind, id=one.id, title=one.title, year=one.year, image=_image(one.image), score=one.score,
        match=Match(field=one.field, highlight=one.highlight),
    )  # fmt: skip


def _image(name: Any) -> str | None:
    if not name:
        return None
    return name if str(name).startswith("/") else f"{IMAGES}/{name}"


def routes() -> list[Route]:
    """In the order of the reference."""
    return [
        search, suggestions, person, watchlist_, list_title, unlist, home, arrange, recommendations,
    ]  # fmt: skip
