"""`/api/channels/logos/`. Source: `specs/live.md` 2.2, 3.3."""

from datetime import timedelta
from typing import Annotated, Final

from msgspec import UNSET, Struct, UnsetType

from polycast.core.errors import Invalid
from polycast.core.files import FileAnswer
from polycast.core.http import (
    Docs,
    Envelope,
    Media,
    PageNumber,
    Request,
    Route,
    Upload,
    delete,
    get,
    line,
    patch,
    post,
    put,
)
from polycast.core.identity.caller import Caller, Policy, RateClass
from polycast.live.dialects.rest.levels import READ, WRITE
from polycast.live.lineup import model
from polycast.live.lineup.logos import UPLOAD_LIMIT, version_of
from polycast.live.lineup.room import LineUp
from polycast.live.lineup.store_logos import SHOWN, LogoQuery

PAGES: Final = PageNumber(default=50, cap=1000)
TAGS: Final = Docs(tags=["channels"])
# Players and Kodi fetch logos without a credential; the picture of a channel is no secret.
PICTURE: Final = Policy(anonymous=True, rate=RateClass.BYTES)
CACHE: Final = f"public, max-age={int(timedelta(hours=4).total_seconds())}"
FORM_OVERHEAD: Final = 64 * 1024  # bytes of a multipart body around the file


class Logo(Struct, frozen=True, kw_only=True):
    """A picture of channels."""

    id: int
    name: str
    url: str
    cache_url: str
    channel_count: int
    is_used: bool
    channel_names: list[str]

    @classmethod
    def of(cls, logo: model.Logo, request: Request) -> "Logo":
        names = [f"Channel: {name}" for name in logo.channel_names]
        if logo.channel_count > SHOWN:
            names.append(f"...and {logo.channel_count - SHOWN} more")
        return cls(
            id=logo.id,
            name=logo.name,
            url=logo.url,
            cache_url=cache_url(request, logo.id, logo.url),
            channel_count=logo.channel_count,
            is_used=logo.channel_count > 0,
            channel_names=names,
        )


class LogoNew(Struct, frozen=True, kw_only=True):
    """Body of POST and PUT."""

    name: Annotated[str, line(255)]
    url: Annotated[str, line(4096)]


class LogoChange(Struct, frozen=True, kw_only=True):
    """Body of PATCH."""

    name: Annotated[str, line(255)] | UnsetType = UNSET
    url: Annotated[str, line(4096)] | UnsetType = UNSET


class LogoUpload(Struct, frozen=True, kw_only=True):
    """A multipart form with a picture."""

    file: Upload
    name: Annotated[str, line(255, blank=True)] = ""


class LogoList(Struct, frozen=True, kw_only=True):
    """Filters of the list; they combine with AND."""

    page: str = ""
    page_size: str = ""
    no_pagination: bool = False
    ids: list[int] | None = None
    used: bool | None = None
    name: str = ""


class LogoIds(Struct, frozen=True, kw_only=True):
    """Which logos."""

    logo_ids: list[int]
    delete_files: bool = False


class CleanUp(Struct, frozen=True, kw_only=True):
    """Whether uploaded files go too."""

    delete_files: bool = False


class CleanedUp(Struct, frozen=True, kw_only=True):
    """What was dropped."""

    message: str
    deleted_count: int
    deleted_logos: list[str]
    local_files_deleted: int


def cache_url(request: Request, logo_id: int, url: str) -> str:
    """The absolute address of the kept picture; it changes with where the picture comes from."""
    origin = request.scope["state"].get("origin", "")
    return f"{origin}/api/channels/logos/{logo_id}/cache/?v={version_of(url)}"


def routes() -> list[Route]:
    """Logos and their pictures."""
    return [logo_list, create, upload, clean_up, bulk_delete, one, replace, change, remove, picture]


@get("/api/channels/logos/", policy=READ, query=LogoList, docs=TAGS)
async def logo_list(request: Request, caller: Caller, query: LogoList, lineup: LineUp) -> Envelope[Logo] | list[Logo]:
    """Logos by name, in pages; all of them with `no_pagination=true`."""
    asked = LogoQuery(name=query.name, used=query.used, ids=query.ids)
    if query.no_pagination:
        rows, _ = await lineup.logos.page(caller, asked, limit=None)
        return [Logo.of(logo, request) for logo in rows]
    cut = PAGES.read(request.scope)
    rows, count = await lineup.logos.page(caller, asked, offset=cut.offset, limit=cut.limit)
    return PAGES.page(request.scope, cut, [Logo.of(logo, request) for logo in rows], count=count)


@post("/api/channels/logos/", policy=WRITE, sent=LogoNew, status=201, docs=TAGS)
async def create(request: Request, caller: Caller, lineup: LineUp, sent: LogoNew) -> Logo:
    """Add a logo by its address."""
    return Logo.of(await lineup.logos.create(caller, sent.name, sent.url), request)


@post(
    "/api/channels/logos/upload/",
    policy=WRITE,
    sent=LogoUpload,
    status=201,
    body_limit=UPLOAD_LIMIT + FORM_OVERHEAD,
    media=(Media.MULTIPART,),
    docs=TAGS,
)
async def upload(request: Request, caller: Caller, lineup: LineUp, sent: LogoUpload) -> Logo:
    """Add a picture file: JPEG, PNG, GIF, WebP or SVG, 5 MB at most."""
    return Logo.of(await lineup.logos.upload(caller, sent.file.filename, sent.file.content, sent.name), request)


@post("/api/channels/logos/cleanup/", policy=WRITE, sent=CleanUp, docs=TAGS)
async def clean_up(caller: Caller, lineup: LineUp, sent: CleanUp) -> CleanedUp:
    """Drop the logos that no channel uses."""
    gone = await lineup.logos.clean_up(caller, files=sent.delete_files)
    count = len(gone.names)
    return CleanedUp(
        message=f"Successfully deleted {count} unused logos" if count else "No unused logos found",
        deleted_count=count,
        deleted_logos=list(gone.names),
        local_files_deleted=gone.files,
    )


@delete("/api/channels/logos/bulk-delete/", policy=WRITE, sent=LogoIds, status=204, docs=TAGS)
async def bulk_delete(caller: Caller, lineup: LineUp, sent: LogoIds) -> None:
    """Drop logos; those that are gone already do not matter."""
    if not sent.logo_ids:
        raise Invalid.one("logo_ids", "required")
    await lineup.logos.delete(caller, sent.logo_ids, files=sent.delete_files)


@get("/api/channels/logos/{logo_id}/", policy=READ, docs=TAGS)
async def one(request: Request, caller: Caller, logo_id: int, lineup: LineUp) -> Logo:
    """One logo."""
    return Logo.of(await lineup.logos.get(caller, logo_id), request)


@put("/api/channels/logos/{logo_id}/", policy=WRITE, sent=LogoNew, docs=TAGS)
async def replace(request: Request, caller: Caller, logo_id: int, lineup: LineUp, sent: LogoNew) -> Logo:
    """Write a logo."""
    return Logo.of(await lineup.logos.change(caller, logo_id, name=sent.name, url=sent.url), request)


@patch("/api/channels/logos/{logo_id}/", policy=WRITE, sent=LogoChange, docs=TAGS)
async def change(request: Request, caller: Caller, logo_id: int, lineup: LineUp, sent: LogoChange) -> Logo:
    """Change a logo."""
    name = None if isinstance(sent.name, UnsetType) else sent.name
    url = None if isinstance(sent.url, UnsetType) else sent.url
    return Logo.of(await lineup.logos.change(caller, logo_id, name=name, url=url), request)


@delete("/api/channels/logos/{logo_id}/", policy=WRITE, status=204, docs=TAGS)
async def remove(caller: Caller, logo_id: int, lineup: LineUp, delete_file: bool = False) -> None:
    """Drop a logo; channels that show it are without one then."""
    await lineup.logos.get(caller, logo_id)
    await lineup.logos.delete(caller, [logo_id], files=delete_file)


@get("/api/channels/logos/{logo_id}/cache/", policy=PICTURE, docs=TAGS)
async def picture(logo_id: int, lineup: LineUp, width: int | None = None, v: str = "") -> FileAnswer:
    """The picture, kept here; `width` asks for one at most that wide."""
    found = await lineup.logos.picture(logo_id, width)
    return FileAnswer(found.path, content_type=found.content_type, etag=found.etag, cache=CACHE)
