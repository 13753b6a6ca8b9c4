"""Radarr, Sonarr and Seerr servers, what they tell us, and what is asked of them. Source: specs/library.md 3.20, 3.24."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from polycast.core.errors import Invalid
from polycast.core.http import Route, delete, get, patch, post
from polycast.core.identity.caller import Caller
from polycast.library.connections.news import ArrNews, News, SeerrNews
from polycast.library.connections.servers import ARRS, Servers
from polycast.library.dialects.v1.integrations import CheckedOut
from polycast.library.dialects.v1.policies import ADMIN, PUBLIC, USER
from polycast.library.dialects.v1.wire import Cursors, Out, Paged, PageOf, Sent, iso, iso_or_none

Url = Annotated[str, Meta(min_length=8, max_length=500, pattern="^https?://")]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Key = Annotated[str, Meta(min_length=1, max_length=300)]
Path = Annotated[str, Meta(min_length=1, max_length=1000, pattern="^/")]
STATUSES = ("pending", "approved", "available", "declined", "failed")


class Mapping(Sent, frozen=True, kw_only=True):
    """Where a folder of that server is here."""

    remote: Path
    local: Path


class ServerIn(Sent, frozen=True, kw_only=True):
    """A server to connect. What only Radarr and Sonarr have is let be for Seerr."""

    name: Name
    base_url: Url
    api_key: Key
    root_folder: Annotated[str, Meta(max_length=1000)] = ""
    quality_profile_id: int | None = None
    path_mappings: Annotated[list[Mapping], Meta(max_length=20)] = []
    is_default: bool = False
    is4k: bool = False


class ServerChange(Sent, frozen=True, kw_only=True):
    """What to change. Absent keeps."""

    name: Name | UnsetType = UNSET
    base_url: Url | UnsetType = UNSET
    api_key: Key | UnsetType = UNSET
    root_folder: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET
    quality_profile_id: int | None | UnsetType = UNSET
    path_mappings: Annotated[list[Mapping], Meta(max_length=20)] | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET
    is4k: bool | UnsetType = UNSET


class ServerOut(Out, frozen=True, kw_only=True):
    """A connected server; its key is never shown. `webhook_path` is what to enter there, below this server's address."""

    id: str
    name: str
    base_url: str
    version: str | None
    root_folder: str
    quality_profile_id: int | None
    path_mappings: list[dict[str, str]]
    is_default: bool
    is4k: bool
    status: str  # ok, error, unknown
    last_error: str | None
    checked_at: str | None
    webhook_path: str
    last_event: str | None
    last_event_at: str | None


class ProfileOut(Out, frozen=True, kw_only=True):
    """A quality profile or a tag."""

    id: int
    name: str


class FolderOut(Out, frozen=True, kw_only=True):
    """A root folder."""

    path: str
    accessible: bool
    free_space: int | None


class OptionsOut(Out, frozen=True, kw_only=True):
    """What titles can be added with."""

    quality_profiles: list[ProfileOut]
    root_folders: list[FolderOut]
    tags: list[ProfileOut]


class WantedAsked(Paged, frozen=True, kw_only=True):
    """Which requests."""

    status: Literal["all", "pending", "approved", "available", "declined", "failed"] = "all"


class WantedOut(Out, frozen=True, kw_only=True):
    """What somebody has asked for."""

    id: str
    seerr_instance_id: str
    request_id: int
    tmdb_id: int | None
    tvdb_id: int | None
    media_type: str
    title: str | None
    status: str
    requested_by: str | None
    requested_at: str
    media_id: str | None


class WantedPage(Out, frozen=True, kw_only=True):
    """Requests, and how many there are in each state."""

    items: list[WantedOut]
    counts: dict[str, int]
    next_cursor: str | None
    has_more: bool


class RequestIn(Sent, frozen=True, kw_only=True):
    """What to ask for."""

    media_type: Literal["movie", "tv"]
    tmdb_id: Annotated[int, Meta(ge=1, le=2**31)]
    seasons: list[Annotated[int, Meta(ge=0, le=1000)]] | Literal["all"] | None = None
    is4k: bool = False


class FetchIn(Sent, frozen=True, kw_only=True):
    """A title that is not here: by whom it is to be had."""

    media_type: Literal["movie", "tv"]
    tmdb_id: Annotated[int, Meta(ge=1, le=2**31)] | None = None
    tvdb_id: Annotated[int, Meta(ge=1, le=2**31)] | None = None
    via: Literal["seerr", "arr"] = "seerr"
    seasons: list[Annotated[int, Meta(ge=0, le=1000)]] | None = None


def _instances(kind: str) -> list[Route]:
    """The same routes for each kind of server."""
    base = "/v1/seerr/instances" if kind == "seerr" else f"/v1/integrations/{kind}/instances"

    @get(base, policy=ADMIN)
    async def listed(caller: Caller, servers: Servers) -> PageOf[ServerOut]:
        """Connected servers of this kind."""
        return PageOf(items=[_server(row, servers) for row in await servers.all(caller, kind)])

    @post(base, policy=ADMIN, sent=ServerIn, status=201)
    async def added(caller: Caller, servers: Servers, sent: ServerIn) -> ServerOut:
        """Connect a server."""
        row = await servers.add(
            caller, kind, name=sent.name, url=sent.base_url, key=sent.api_key, options=_options(sent)
        )
        return _server(row, servers)

    @patch(base + "/{server_id}", policy=ADMIN, sent=ServerChange)
    async def changed(caller: Caller, servers: Servers, server_id: str, sent: ServerChange) -> ServerOut:
        """Change how it is connected."""
        values = {} if sent.name is UNSET else {"name": sent.name}
        if sent.base_url is not UNSET:
            values["url"] = sent.base_url.rstrip("/")
        key = None if sent.api_key is UNSET else sent.api_key
        return _server(
            await servers.change(caller, kind, server_id, values=values, key=key, options=_options(sent)), servers
        )

    @delete(base + "/{server_id}", policy=ADMIN, status=204)
    async def removed(caller: Caller, servers: Servers, server_id: str) -> None:
        """Forget a server and its key."""
        await servers.remove(caller, kind, server_id)

    @post(base + "/{server_id}/test", policy=ADMIN)
    async def tested(caller: Caller, servers: Servers, server_id: str) -> CheckedOut:
        """Whether it answers and takes the key."""
        told = await servers.check(caller, kind, server_id)
        return CheckedOut(ok=told.ok, message=told.message, version=told.version or None)

    return [listed, added, changed, removed, tested]


def _offers(kind: str) -> Route:
    @get(f"/v1/integrations/{kind}/instances/{{server_id}}/options", policy=ADMIN)
    async def options(caller: Caller, servers: Servers, server_id: str) -> OptionsOut:
        """Quality profiles, root folders and tags of the server."""
        found = await servers.options(caller, kind, server_id)
        return OptionsOut(
            quality_profiles=[ProfileOut(id=one.id, name=one.name) for one in found.profiles],
            root_folders=[
                FolderOut(path=one.path, accessible=one.accessible, free_space=one.free_space) for one in found.folders
            ],
            tags=[ProfileOut(id=one.id, name=one.label) for one in found.tags],
        )

    return options


def _hook(kind: str) -> Route:
    @post(f"/v1/integrations/webhooks/{kind}/{{secret}}", policy=PUBLIC, sent=ArrNews)
    async def told(server_news: News, secret: str, sent: ArrNews) -> dict[str, Any]:
        """The server's "Webhook" connection: the folders of what came, went or was renamed are looked into."""
        return {"ok": True, "folders": await server_news.of_arr(kind, secret, sent)}

    return told


@post("/v1/integrations/webhooks/seerr/{secret}", policy=PUBLIC, sent=SeerrNews)
async def seerr_told(server_news: News, secret: str, sent: SeerrNews) -> dict[str, bool]:
    """Seerr's webhook, in its default form."""
    await server_news.of_seerr(secret, sent)
    return {"ok": True}


@get("/v1/seerr", policy=ADMIN)
async def seerr(caller: Caller, servers: Servers) -> dict[str, Any]:
    """Seerr servers, and how many requests there are in each state."""
    rows, counts = await servers.wanted(caller, status=None, before=None, limit=1)
    del rows
    items = [{"id": row.nanoid, "name": row.name, "baseUrl": row.url} for row in await servers.all(caller, "seerr")]
    return {"items": items, "counts": dict.fromkeys(STATUSES, 0) | counts}


@post("/v1/seerr/instances/{server_id}/sync", policy=ADMIN)
async def sync(caller: Caller, servers: Servers, server_id: str) -> dict[str, int]:
    """Read all requests of the server now."""
    return {"requests": await servers.sync(caller, server_id)}


@get("/v1/seerr/wanted", policy=ADMIN, query=WantedAsked)
async def wanted(caller: Caller, servers: Servers, cursors: Cursors, query: WantedAsked) -> WantedPage:
    """What people have asked for, the youngest first."""
    before = cursors.read(query.cursor, int, ("wanted", query.status))
    status = None if query.status == "all" else query.status
    rows, counts = await servers.wanted(caller, status=status, before=before, limit=query.limit + 1)
    page = cursors.page(
        [_wanted(row) for row in rows], limit=query.limit, place=lambda index: rows[index].id,
        filters=("wanted", query.status),
    )  # fmt: skip
    return WantedPage(
        items=page.items, counts=dict.fromkeys(STATUSES, 0) | counts, next_cursor=page.next_cursor,
        has_more=page.has_more,
    )  # fmt: skip


@post("/v1/seerr/requests", policy=USER, sent=RequestIn, status=201)
async def request(caller: Caller, servers: Servers, sent: RequestIn) -> WantedOut:
    """Ask for a title at Seerr."""
    return _wanted(await servers.request(caller, sent.media_type, sent.tmdb_id, seasons=sent.seasons, is_4k=sent.is4k))


@delete("/v1/seerr/requests/{request_id}", policy=ADMIN, status=204)
async def take_back(caller: Caller, servers: Servers, request_id: str) -> None:
    """Take a request back, there too."""
    await servers.take_back(caller, request_id)


@post("/v1/discover/request", policy=USER, sent=FetchIn, status=202)
async def fetch(caller: Caller, servers: Servers, sent: FetchIn) -> dict[str, Any]:
    """Have a title that is not here fetched: by way of Seerr, or (managers) by Radarr or Sonarr themselves."""
    if sent.via == "seerr":
        if sent.tmdb_id is None:
            raise Invalid.one("tmdbId", "required", "Seerr knows titles by TMDB's id")
        row = await servers.request(caller, sent.media_type, sent.tmdb_id, seasons=sent.seasons, is_4k=False)
        return {"via": "seerr", "title": row.title, "status": row.status, "requestId": row.nanoid}
    kind, external = ("radarr", sent.tmdb_id) if sent.media_type == "movie" else ("sonarr", sent.tvdb_id)
    if external is None:
        field = "tmdbId" if kind == "radarr" else "tvdbId"
        raise Invalid.one(field, "required", f"{kind.capitalize()} knows titles by this id")
    title = await servers.fetch_title(caller, kind, external, seasons=sent.seasons)
    return {"via": kind, "title": title, "status": "approved", "requestId": None}


def _options(sent: ServerIn | ServerChange) -> dict[str, Any]:
    told: dict[str, Any] = {
        "rootFolder": sent.root_folder, "qualityProfileId": sent.quality_profile_id, "isDefault": sent.is_default,
        "is4k": sent.is4k,
    }  # fmt: skip
    if sent.path_mappings is not UNSET:
        told["pathMappings"] = [{"remote": one.remote, "local": one.local} for one in sent.path_mappings]
    return {name: value for name, value in told.items() if value is not UNSET}


def _server(row: Any, servers: Servers) -> ServerOut:
    options = row.options
    return ServerOut(
        id=row.nanoid, name=row.name, base_url=row.url, version=row.version or None,
        root_folder=options.get("rootFolder", ""), quality_profile_id=options.get("qualityProfileId"),
        path_mappings=options.get("pathMappings", []), is_default=options.get("isDefault", False),
        is4k=options.get("is4k", False),
        status="error" if row.error else "ok" if row.checked_at else "unknown", last_error=row.error or None,
        checked_at=iso_or_none(row.checked_at), webhook_path=f"/v1/integrations/webhooks/{row.type}/{servers.hook_of(row)}",
        last_event=row.last_event or None, last_event_at=iso_or_none(row.last_event_at),
    )  # fmt: skip


def _wanted(row: Any) -> WantedOut:
    return WantedOut(
        id=row.nanoid, seerr_instance_id=row.server, request_id=row.request_id, tmdb_id=row.tmdb, tvdb_id=row.tvdb,
        media_type=row.media_type, title=row.title or None, status=row.status, requested_by=row.requested_by or None,
        requested_at=iso(row.requested_at), media_id=row.media,
    )  # fmt: skip


def routes() -> list[Route]:
    """In the order of the reference."""
    arrs = [route for kind in ARRS for route in (*_instances(kind), _offers(kind), _hook(kind))]
    return [*arrs, seerr_told, seerr, *_instances("seerr"), sync, wanted, request, take_back, fetch]
