"""`/v1/metadata`, edits of titles, `/v1/discover`. Source: specs/library.md 3.3, 3.10, 3.19."""

from datetime import date
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from polycast.core.errors import Invalid, NotFound, Unavailable
from polycast.core.http import Media, Route, Upload, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.library.catalogue.model import Kind
from polycast.library.catalogue.titles import Titles
from polycast.library.dialects.v1.policies import ADMIN, USER
from polycast.library.dialects.v1.titles_shapes import Movie, Show
from polycast.library.dialects.v1.titles_wire import IMAGES, movie, show
from polycast.library.dialects.v1.wire import Cursors, Out, PageOf, Run, Sent
from polycast.library.metadata.curating import KINDS, PICTURES, Curating
from polycast.library.metadata.model import Facts
from polycast.library.providers.tmdb.client import Tmdb
from polycast.library.scanning.scans import Scans

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(max_length=20_000)]
Short = Annotated[str, Meta(max_length=300)]
Words = Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(max_length=200)]
UPLOAD = 20 * 1024 * 1024
LISTS = {
    ("movie", "popular"): "/movie/popular", ("movie", "top_rated"): "/movie/top_rated",
    ("movie", "upcoming"): "/movie/upcoming", ("movie", "now_playing"): "/movie/now_playing",
    ("tv", "popular"): "/tv/popular", ("tv", "top_rated"): "/tv/top_rated", ("tv", "upcoming"): "/tv/on_the_air",
    ("tv", "now_playing"): "/tv/airing_today",
}  # fmt: skip


class CandidateOut(Out, frozen=True, kw_only=True):
    """What a provider offers."""

    provider: str
    id: int
    title: str
    original_title: str | None
    year: int | None
    overview: str | None
    poster: str | None
    popularity: float
    confidence: float


class SearchAsked(Sent, frozen=True, kw_only=True):
    """What to look for."""

    type: Literal["movie", "tv"]
    q: Annotated[str, Meta(min_length=1, max_length=200)]
    year: Annotated[int, Meta(ge=1800, le=2200)] | None = None
    provider: Literal["tmdb", "tvdb"] | None = None  # the wanted one
    language: Annotated[str, Meta(max_length=20)] = "en"


class IdentifyIn(Sent, frozen=True, kw_only=True):
    """Which one it is."""

    media_type: Literal["movie", "show"]
    media_id: Id
    provider: Literal["tmdb", "tvdb"] = "tmdb"
    external_id: Annotated[int, Meta(ge=1, le=2**31)]
    replace_artwork: bool = True


class MediaIn(Sent, frozen=True, kw_only=True):
    """A title."""

    media_type: Literal["movie", "show"]
    media_id: Id


class RefreshIn(Sent, frozen=True, kw_only=True):
    """A title, or a whole library."""

    media_type: Literal["movie", "show"] | None = None
    media_id: Id | None = None
    library_id: Id | None = None
    mode: Literal["missing", "all"] = "all"
    artwork: bool = False


class PictureOut(Out, frozen=True, kw_only=True):
    """A picture that could be shown."""

    id: str
    kind: str
    source: str
    language: str | None
    width: int
    height: int
    url: str | None
    is_selected: bool


class ChooseIn(Sent, frozen=True, kw_only=True):
    """Which picture, or its address, or a file."""

    artwork_id: Id | None = None
    url: Annotated[str, Meta(min_length=1, max_length=2000)] | None = None
    file: Upload | None = None


class Chosen(Out, frozen=True, kw_only=True):
    """What is shown now."""

    kind: str
    url: str


class LocksIn(Sent, frozen=True, kw_only=True):
    """What refreshes leave alone."""

    locked_fields: Words


class LocksOut(Out, frozen=True, kw_only=True):
    """What refreshes leave alone."""

    locked_fields: list[str]


class EditIn(Sent, frozen=True, kw_only=True):
    """What a person says of a title; absent keeps."""

    title: Annotated[str, Meta(min_length=1, max_length=300)] | UnsetType = UNSET
    sort_title: Short | UnsetType = UNSET
    original_title: Short | UnsetType = UNSET
    year: Annotated[int, Meta(ge=1800, le=2200)] | UnsetType = UNSET
    release_date: date | UnsetType = UNSET
    overview: Text | UnsetType = UNSET
    tagline: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET
    runtime: Annotated[int, Meta(ge=0, le=100_000)] | UnsetType = UNSET
    content_rating: Annotated[str, Meta(max_length=50)] | UnsetType = UNSET
    genres: Words | UnsetType = UNSET
    keywords: Words | UnsetType = UNSET
    studios: Words | UnsetType = UNSET
    networks: Words | UnsetType = UNSET
    countries: Words | UnsetType = UNSET
    lock: bool = True


class Provider(Out, frozen=True, kw_only=True):
    """Somebody to ask."""

    id: str
    enabled: bool
    configured: bool
    status: str
    ratings: list[str]


class DiscoverAsked(Sent, frozen=True, kw_only=True):
    """What to show."""

    type: Literal["movie", "tv", "all"] = "all"
    category: Literal["trending", "popular", "top_rated", "upcoming", "now_playing"] = "trending"
    window: Literal["day", "week"] = "week"
    page: Annotated[int, Meta(ge=1, le=500)] = 1
    cursor: str = ""


class Discovered(Out, frozen=True, kw_only=True):
    """A title that TMDB knows."""

    tmdb_id: int
    media_type: str
    title: str
    year: int | None
    overview: str | None
    poster: str | None
    rating: float
    in_library: bool
    media_id: str | None
    request_status: str | None


@get("/v1/metadata", policy=ADMIN)
async def providers_(tmdb: Tmdb) -> PageOf[Provider]:
    """Who can be asked."""
    return PageOf(items=_providers(tmdb))


@get("/v1/metadata/providers", policy=ADMIN)
async def providers(tmdb: Tmdb) -> PageOf[Provider]:
    """Who can be asked."""
    return PageOf(items=_providers(tmdb))


@get("/v1/metadata/search", policy=ADMIN, query=SearchAsked)
async def search(caller: Caller, curating: Curating, query: SearchAsked) -> PageOf[CandidateOut]:
    """What a provider offers for a name."""
    found = await curating.search(caller, query.type, query.q, query.year, query.language, query.provider)
    return PageOf(
        items=[
            CandidateOut(
                provider=one.provider,
                id=one.id,
                title=one.title,
                original_title=one.original_title or None,
                year=one.year,
                overview=one.overview or None,
                poster=one.poster or None,
                popularity=one.popularity,
                confidence=round(one.confidence, 3),
            )
            for one in found
        ]
    )


@post("/v1/metadata/identify", policy=ADMIN, sent=IdentifyIn, status=202)
async def identify(caller: Caller, curating: Curating, sent: IdentifyIn) -> Run:
    """It is this one."""
    kind = KINDS[sent.media_type]
    found = await curating.identify(
        caller, kind, sent.media_id, sent.provider, sent.external_id, artwork=sent.replace_artwork
    )
    return Run(workflow_id=found.nanoid, status=found.status.value)


@post("/v1/metadata/unmatch", policy=ADMIN, sent=MediaIn)
async def unmatch(caller: Caller, curating: Curating, sent: MediaIn) -> dict[str, str]:
    """It is not what it was taken for."""
    await curating.unmatch(caller, KINDS[sent.media_type], sent.media_id)
    return {"matchStatus": "unmatched"}


@post("/v1/metadata/refresh", policy=ADMIN, sent=RefreshIn, status=202)
async def refresh(caller: Caller, curating: Curating, scans: Scans, sent: RefreshIn) -> Run:
    """Ask providers anew, about a title or a library."""
    if sent.library_id is not None:
        found = await scans.refresh(caller, sent.library_id)
    elif sent.media_type is not None and sent.media_id is not None:
        found = await curating.look_again(caller, KINDS[sent.media_type], sent.media_id, artwork=sent.artwork)
    else:
        raise Invalid.one("mediaId", "required", "mediaType and mediaId, or libraryId")
    return Run(workflow_id=found.nanoid, status=found.status.value)


@get("/v1/metadata/{media_type}/{media_id}/images", policy=ADMIN)
async def pictures(
    caller: Caller, curating: Curating, media_type: str, media_id: str, kind: Short | None = None
) -> PageOf[PictureOut]:
    """Every picture that could be shown."""
    found = await curating.pictures(caller, _kind(media_type), media_id, kind)
    return PageOf(
        items=[
            PictureOut(
                id=one.nanoid,
                kind=one.kind,
                source=one.source,
                language=one.language or None,
                width=one.width,
                height=one.height,
                url=f"{IMAGES}/{one.name}" if one.name else None,
                is_selected=one.is_selected,
            )
            for one in found
        ]
    )


@put(
    "/v1/metadata/{media_type}/{media_id}/images/{kind}", policy=ADMIN, sent=ChooseIn, body_limit=UPLOAD,
    media=(Media.JSON, Media.MULTIPART),
)  # fmt: skip
async def choose(
    caller: Caller, curating: Curating, media_type: str, media_id: str, kind: str, sent: ChooseIn
) -> Chosen:
    """Show another picture: a candidate, or one that is sent along."""
    if kind not in PICTURES:
        raise NotFound("The kind of picture")
    if sent.file is not None:
        name = await curating.upload(caller, _kind(media_type), media_id, kind, sent.file.content)
    elif sent.artwork_id is not None:
        name = await curating.choose(caller, _kind(media_type), media_id, kind, sent.artwork_id)
    elif sent.url is not None:
        name = await curating.choose_url(caller, _kind(media_type), media_id, kind, sent.url)
    else:
        raise Invalid.one("artworkId", "required", "artworkId, a url, or a file")
    return Chosen(kind=kind, url=f"{IMAGES}/{name}")


@patch("/v1/metadata/{media_type}/{media_id}/locks", policy=ADMIN, sent=LocksIn)
async def locks(caller: Caller, curating: Curating, media_type: str, media_id: str, sent: LocksIn) -> LocksOut:
    """What refreshes leave alone."""
    return LocksOut(locked_fields=await curating.lock(caller, _kind(media_type), media_id, sent.locked_fields))


@patch("/v1/movies/{movie_id}", policy=ADMIN, sent=EditIn)
async def edit_movie(caller: Caller, curating: Curating, titles: Titles, movie_id: str, sent: EditIn) -> Movie:
    """Edit a film; what is edited is locked."""
    await curating.edit(caller, Kind.MOVIE, movie_id, _facts(sent), _named(sent), lock=sent.lock)
    return movie(await titles.get(caller, movie_id, Kind.MOVIE))


@patch("/v1/shows/{show_id}", policy=ADMIN, sent=EditIn)
async def edit_show(caller: Caller, curating: Curating, titles: Titles, show_id: str, sent: EditIn) -> Show:
    """Edit a show; what is edited is locked."""
    await curating.edit(caller, Kind.SHOW, show_id, _facts(sent), _named(sent), lock=sent.lock)
    return show(await titles.get(caller, show_id, Kind.SHOW))


@get("/v1/discover", policy=USER, query=DiscoverAsked)
async def discover(
    caller: Caller, tmdb: Tmdb, titles: Titles, cursors: Cursors, query: DiscoverAsked
) -> PageOf[Discovered]:
    """What is talked about, whether it is here or not; 503 without a key."""
    if not tmdb.has_key:
        raise Unavailable("There is no key for TMDB.")
    bound = ("discover", query.type, query.category, query.window)
    page = cursors.read(query.cursor, int, bound) or query.page
    path = LISTS.get((query.type, query.category), f"/trending/{query.type}/{query.window}")
    found = await tmdb.listed(path, page=page, language="en")
    words = {one.id: one.media_type or ("movie" if one.title else "tv") for one in found.results}
    here = await titles.by_tmdb(caller, {key: "movie" if word == "movie" else "show" for key, word in words.items()})
    items = [
        Discovered(
            tmdb_id=one.id, media_type=words[one.id], title=one.title or one.name,
            year=_year(one.release_date or one.first_air_date), overview=one.overview or None, poster=one.poster_path,
            rating=one.vote_average, in_library=one.id in here, media_id=here.get(one.id), request_status=None,
        )
        for one in found.results
        if words[one.id] in ("movie", "tv")
    ]  # fmt: skip
    more = found.page < found.total_pages
    return PageOf(items=items, next_cursor=cursors.write(page + 1, bound) if more else None, has_more=more)


def _providers(tmdb: Tmdb) -> list[Provider]:
    return [
        Provider(id="tmdb", enabled=True, configured=tmdb.has_key, status="ok" if tmdb.has_key else "no_key",
                 ratings=["tmdb"]),
        Provider(id="nfo", enabled=True, configured=True, status="ok", ratings=["imdb", "tmdb", "rt_critics", "metacritic"]),
    ]  # fmt: skip


def _kind(word: str) -> Kind:
    if word not in KINDS:
        raise NotFound("The title")
    return KINDS[word]


def _named(sent: EditIn) -> list[str]:
    renamed = EditIn.__struct_encode_fields__
    pairs = zip(EditIn.__struct_fields__, renamed, strict=True)
    return [shown for name, shown in pairs if name != "lock" and getattr(sent, name) is not UNSET]


def _facts(sent: EditIn) -> Facts:
    def told(name: str, default: Any) -> Any:
        value = getattr(sent, name)
        return default if value is UNSET else value

    return Facts(
        title=told("title", ""), sort_title=told("sort_title", ""), original_title=told("original_title", ""),
        year=told("year", None), released=told("release_date", None), overview=told("overview", ""),
        tagline=told("tagline", ""), runtime=told("runtime", None), content_rating=told("content_rating", ""),
        genres=tuple(told("genres", ())), keywords=tuple(told("keywords", ())), studios=tuple(told("studios", ())),
        networks=tuple(told("networks", ())), countries=tuple(told("countries", ())),
    )  # fmt: skip


def _year(text: str | None) -> int | None:
    return int(text[:4]) if text and text[:4].isdigit() else None


def routes() -> list[Route]:
    """In the order of the reference."""
    return [
        providers_, providers, search, identify, unmatch, refresh, pictures, choose, locks, edit_movie, edit_show,
        discover,
    ]  # fmt: skip
