"""`/api/epg/sources/`, `import/` and `epgdata/`: where guide data comes from, and its channels."""

from polycast.core.errors import Invalid, NotBuilt
from polycast.core.http import Docs, Envelope, Media, Request, Route, delete, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest.epg_wire import (
    EpgData,
    EpgSource,
    EpgSourceIn,
    EpgSourcePatch,
    EpgUpload,
    Import,
    Imported,
)
from polycast.live.dialects.rest.errors import Refused
from polycast.live.dialects.rest.levels import READ, WRITE
from polycast.live.dialects.rest.lists import PAGES, Lists
from polycast.live.guide.model import SourceForm
from polycast.live.guide.room import Guide

ROOT = "/api/epg/sources/"
TAGS = Docs(tags=["epg"])
UPLOAD_LIMIT = 64 * 1024 * 1024
LINEUPS = "Schedules Direct is not supported by this version."


def routes() -> list[Route]:
    """Sources, imports, guide channels."""
    return [
        many,
        upload,
        one,
        new,
        replace,
        change,
        remove,
        lineups,
        add_lineup,
        drop_lineup,
        find_lineups,
        read_again,
        guide_channels,
        guide_channel,
    ]


@get(ROOT, policy=READ, docs=TAGS)
async def many(request: Request, caller: Caller, guide: Guide, lists: Lists) -> list[EpgSource] | Envelope[EpgSource]:
    """All sources."""
    return await lists.bare(request, [EpgSource.of(source) for source in await guide.sources.all(caller)])


@post(
    f"{ROOT}upload/",
    policy=WRITE,
    sent=EpgUpload,
    status=201,
    body_limit=UPLOAD_LIMIT,
    media=(Media.MULTIPART,),
    docs=TAGS,
)
async def upload(caller: Caller, sent: EpgUpload, guide: Guide) -> EpgSource:
    """Add a guide as a file."""
    path = await guide.uploads.keep(sent.file.filename, sent.file.content)
    form = SourceForm(name=sent.name or sent.file.filename[:255], file_path=path)
    return EpgSource.of(await guide.sources.create(caller, form))


@get(f"{ROOT}{{source_id}}/", policy=READ, docs=TAGS)
async def one(caller: Caller, source_id: int, guide: Guide) -> EpgSource:
    """One source."""
    return EpgSource.of(await guide.sources.get(caller, source_id))


@post(ROOT, policy=WRITE, sent=EpgSourceIn, status=201, docs=TAGS)
async def new(caller: Caller, sent: EpgSourceIn, guide: Guide) -> EpgSource:
    """Add a source; its guide is fetched in the background."""
    return EpgSource.of(await guide.sources.create(caller, sent.form()))


@put(f"{ROOT}{{source_id}}/", policy=WRITE, sent=EpgSourceIn, docs=TAGS)
async def replace(caller: Caller, source_id: int, sent: EpgSourceIn, guide: Guide) -> EpgSource:
    """Change a source in full."""
    return EpgSource.of(await guide.sources.change(caller, source_id, sent.form()))


@patch(f"{ROOT}{{source_id}}/", policy=WRITE, sent=EpgSourcePatch, docs=TAGS)
async def change(caller: Caller, source_id: int, sent: EpgSourcePatch, guide: Guide) -> EpgSource:
    """Change what is named."""
    return EpgSource.of(await guide.sources.change(caller, source_id, sent.form()))


@delete(f"{ROOT}{{source_id}}/", policy=WRITE, status=204, docs=TAGS)
async def remove(caller: Caller, source_id: int, guide: Guide) -> None:
    """Remove a source with its guide channels and programmes."""
    await guide.sources.delete(caller, source_id)


@get(f"{ROOT}{{source_id}}/sd-lineups/", policy=READ, docs=TAGS)
async def lineups(caller: Caller, source_id: int, guide: Guide) -> None:
    """The line-ups of a Schedules Direct account."""
    await guide.sources.get(caller, source_id)
    raise NotBuilt(LINEUPS)


@post(f"{ROOT}{{source_id}}/sd-lineups/", policy=WRITE, docs=TAGS)
async def add_lineup(caller: Caller, source_id: int, guide: Guide) -> None:
    """Add a line-up to a Schedules Direct account."""
    await guide.sources.get(caller, source_id)
    raise NotBuilt(LINEUPS)


@delete(f"{ROOT}{{source_id}}/sd-lineups/", policy=WRITE, docs=TAGS)
async def drop_lineup(caller: Caller, source_id: int, guide: Guide) -> None:
    """Take a line-up from a Schedules Direct account."""
    await guide.sources.get(caller, source_id)
    raise NotBuilt(LINEUPS)


@post(f"{ROOT}{{source_id}}/sd-lineups/search/", policy=WRITE, docs=TAGS)
async def find_lineups(caller: Caller, source_id: int, guide: Guide) -> None:
    """Line-ups of a place."""
    await guide.sources.get(caller, source_id)
    raise NotBuilt(LINEUPS)


@post("/api/epg/import/", policy=WRITE, sent=Import, status=202, docs=TAGS)
async def read_again(caller: Caller, sent: Import, guide: Guide) -> Imported:
    """Fetch and read a guide again."""
    try:
        await guide.sources.refresh(caller, sent.id, force=sent.force)
    except Invalid as error:
        if error.problems[0].code != "dummy":
            raise
        raise Refused(error.problems[0].text, extra={"success": False}) from error
    return Imported(success=True, message="EPG data refresh initiated.")


@get("/api/epg/epgdata/", policy=READ, docs=TAGS)
async def guide_channels(
    request: Request, caller: Caller, guide: Guide, lists: Lists, search: str = "", epg_source: int | None = None
) -> list[EpgData] | Envelope[EpgData]:
    """Channels of guides, by name; `search` looks in name and tvg id."""
    cut = await lists.cut(request)
    if cut is None:
        found, _ = await guide.guide_channels.page(caller, search=search, source_id=epg_source, limit=None)
        return [EpgData.of(channel) for channel in found]
    found, count = await guide.guide_channels.page(
        caller, search=search, source_id=epg_source, offset=cut.offset, limit=cut.limit
    )
    return PAGES.page(request.scope, cut, [EpgData.of(channel) for channel in found], count=count)


@get("/api/epg/epgdata/{guide_channel_id}/", policy=READ, docs=TAGS)
async def guide_channel(caller: Caller, guide_channel_id: int, guide: Guide) -> EpgData:
    """One channel of a guide."""
    return EpgData.of(await guide.guide_channels.get(caller, guide_channel_id))
