"""`/v1/migration`. Source: specs/library.md 3.15."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from polycast.core.errors import Unavailable
from polycast.core.http import Route, delete, get, post
from polycast.core.identity.caller import Caller
from polycast.library.dialects.v1.policies import ADMIN
from polycast.library.dialects.v1.titles_shapes import ExternalIds
from polycast.library.dialects.v1.wire import Cursors, Out, Paged, PageOf, Run, Sent, iso, iso_or_none
from polycast.library.migration.discovery import Neighbours
from polycast.library.migration.service import Migration

Kind = Literal["plex", "jellyfin", "emby"]
Url = Annotated[str, Meta(min_length=8, max_length=500, pattern=r"^https?://")]
Token = Annotated[str, Meta(min_length=1, max_length=500)]
Id = Annotated[str, Meta(min_length=1, max_length=200)]


class ConnectIn(Sent, frozen=True, kw_only=True):
    """Another server."""

    type: Kind
    url: Url
    token: Token


class Tested(Out, frozen=True, kw_only=True, omit_defaults=True):
    """Whether it is there."""

    ok: bool
    server_name: str | None = None
    version: str | None = None
    server_id: str | None = None
    error: str | None = None


class SourceIn(Sent, frozen=True, kw_only=True):
    """A server to be kept."""

    type: Kind
    name: Annotated[str, Meta(max_length=200)] = ""
    url: Url
    token: Token


class SourceOut(Out, frozen=True, kw_only=True):
    """A server that was added; its token is never told."""

    id: str
    type: str
    name: str
    url: str
    server_id: str
    version: str
    created_at: str
    last_import_at: str | None


class PreviewIn(Sent, frozen=True, kw_only=True):
    """A server that was added, or one to be tried."""

    source_id: Id | None = None
    type: Kind = "jellyfin"
    url: Annotated[str, Meta(max_length=500)] = ""
    token: Annotated[str, Meta(max_length=500)] = ""


class LibraryTheirs(Out, frozen=True, kw_only=True):
    """One of its libraries."""

    external_id: str
    name: str
    type: str
    item_count: int
    suggested_library_id: str | None


class UserTheirs(Out, frozen=True, kw_only=True):
    """One of its users."""

    external_id: str
    name: str
    email: str | None
    is_admin: bool
    suggested_user_id: str | None


class PreviewOut(Out, frozen=True, kw_only=True):
    """What there is to be taken along."""

    libraries: list[LibraryTheirs]
    users: list[UserTheirs]


class LibraryMap(Sent, frozen=True, kw_only=True):
    """Theirs and ours."""

    external_id: Id
    library_id: Id | None = None


class UserMap(Sent, frozen=True, kw_only=True):
    """Theirs and ours."""

    external_id: Id
    action: Literal["map", "skip"] = "map"
    user_id: Id | None = None


class ImportOptions(Sent, frozen=True, kw_only=True):
    """What to take along."""

    watch_history: bool = True
    create_shells: bool = True
    conflict: Literal["newest", "source", "local"] = "newest"


class ImportIn(Sent, frozen=True, kw_only=True):
    """An import."""

    source_id: Id
    libraries: Annotated[list[LibraryMap], Meta(min_length=1, max_length=200)]
    users: Annotated[list[UserMap], Meta(min_length=1, max_length=200)]
    options: ImportOptions = ImportOptions()


class Gap(Out, frozen=True, kw_only=True):
    """A title without a file."""

    media_type: str
    id: str
    title: str
    year: int | None
    external_ids: ExternalIds
    last_known_path: str | None


class Gaps(Out, frozen=True, kw_only=True):
    """All of them."""

    total: int
    movies: int
    shows: int
    items: list[Gap]
    next_cursor: str | None
    has_more: bool


@get("/v1/migration/discover", policy=ADMIN)
async def discover(neighbours: Neighbours, timeout: Annotated[float, Meta(ge=0.1, le=10)] = 3) -> dict[str, Any]:
    """Servers that answer on the network of this address."""
    return {"servers": await neighbours.ask(seconds=timeout)}


@post("/v1/migration/test-connection", policy=ADMIN, sent=ConnectIn)
async def test(caller: Caller, migration: Migration, sent: ConnectIn) -> Tested:
    """Whether a server is there and takes the token."""
    try:
        found = await migration.test(caller, sent.type, sent.url, sent.token)
    except Unavailable as error:
        return Tested(ok=False, error=error.message)
    return Tested(ok=True, server_name=found.name, version=found.version, server_id=found.id)


@post("/v1/migration/preview", policy=ADMIN, sent=PreviewIn)
async def preview(caller: Caller, migration: Migration, sent: PreviewIn) -> PreviewOut:
    """What there is to be taken along."""
    found = await migration.preview(caller, nanoid=sent.source_id, kind=sent.type, url=sent.url, token=sent.token)
    return PreviewOut(
        libraries=[
            LibraryTheirs(
                external_id=one.id, name=one.name, type=one.type, item_count=one.count, suggested_library_id=ours
            )
            for one, ours in found.libraries
        ],
        users=[
            UserTheirs(external_id=one.id, name=one.name, email=None, is_admin=one.is_admin, suggested_user_id=ours)
            for one, ours in found.users
        ],
    )


@post("/v1/migration/sources", policy=ADMIN, sent=SourceIn, status=201)
async def add(caller: Caller, migration: Migration, sent: SourceIn) -> SourceOut:
    """Keep a server for imports."""
    return _source(await migration.add(caller, sent.type, sent.name, sent.url, sent.token))


@get("/v1/migration/sources", policy=ADMIN)
async def sources(caller: Caller, migration: Migration) -> PageOf[SourceOut]:
    """Servers that were added."""
    return PageOf(items=[_source(row) for row in await migration.sources(caller)])


@delete("/v1/migration/sources/{source_id}", policy=ADMIN, status=204)
async def remove(caller: Caller, migration: Migration, source_id: str) -> None:
    """Forget a server and its token."""
    await migration.remove(caller, source_id)


@post("/v1/migration/import", policy=ADMIN, sent=ImportIn, status=202)
async def start(caller: Caller, migration: Migration, sent: ImportIn) -> Run:
    """Take over what users have seen."""
    users = {one.external_id: one.user_id for one in sent.users if one.action == "map" and one.user_id is not None}
    found = await migration.start(
        caller, sent.source_id, libraries={one.external_id: one.library_id for one in sent.libraries}, users=users,
        shells=sent.options.create_shells, conflict=sent.options.conflict,
    )  # fmt: skip
    return Run(workflow_id=found.nanoid, status=found.status.value)


@get("/v1/migration/gap-report", policy=ADMIN, query=Paged)
async def gaps(caller: Caller, migration: Migration, cursors: Cursors, query: Paged) -> Gaps:
    """Titles that were taken over and have no file yet."""
    after = cursors.read(query.cursor, int, "gaps") or 0
    counts, rows = await migration.gaps(caller, after=after, limit=query.limit + 1)
    shown = [
        Gap(media_type=row.kind, id=row.nanoid, title=row.title, year=row.year,
            external_ids=ExternalIds(tmdb=row.tmdb, imdb=row.imdb, tvdb=row.tvdb),
            last_known_path=row.extra.get("path") or None)
        for row in rows
    ]  # fmt: skip
    page = cursors.page(shown, limit=query.limit, place=lambda index: rows[index].id, filters="gaps")
    return Gaps(
        total=sum(counts.values()), movies=counts.get("movie", 0), shows=counts.get("show", 0), items=page.items,
        next_cursor=page.next_cursor, has_more=page.has_more,
    )  # fmt: skip


def _source(row: Any) -> SourceOut:
    return SourceOut(
        id=row.nanoid, type=row.type, name=row.name, url=row.url, server_id=row.server_id, version=row.version,
        created_at=iso(row.created_at), last_import_at=iso_or_none(row.last_import_at),
    )  # fmt: skip


def routes() -> list[Route]:
    """In the order of the reference."""
    return [discover, test, preview, add, sources, remove, start, gaps]
