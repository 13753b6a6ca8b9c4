"""The library: uploaded, tagged, voted for. Source: `specs/radio.md` 3.14."""

from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct

from polycast.core.errors import Invalid
from polycast.core.files import FileAnswer
from polycast.core.http import Answer, Part, Request, Route, delete, get, parts_of, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.lists import paged
from polycast.radio.dialects.panel.policies import BYTES, CORS, PUBLIC, UPLOAD, WRITE
from polycast.radio.dialects.panel.sent import TrackSent, given
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.library.model import LARGEST
from polycast.radio.library.service import Library
from polycast.radio.library.store import TrackFind

ORDERS = {1: "author", 2: "title", 3: "random"}
SMALL = 4096  # bytes of a text field beside a file


class MusicQuery(Struct, frozen=True, kw_only=True):
    """What the library may be asked for."""

    server: int | None = None
    genre: str = ""
    with_tags_only: bool = False
    remote: bool | None = None
    requestable: bool | None = None
    search_q: str = ""
    q: str = ""
    order: int = 0
    limit: int = 100
    offset: int = 0


@get(f"{V2}/music/", policy=PUBLIC, query=MusicQuery)
async def page(caller: Caller, query: MusicQuery, library: Library, request: Request) -> Answer[Any]:
    """A station's tracks, in pages."""
    if query.server is None:
        raise Invalid.one("server", "required")
    find = TrackFind(
        station_id=query.server,
        text=query.search_q or query.q,
        genre=query.genre,
        with_tags_only=query.with_tags_only,
        requestable=query.requestable,
        remote=query.remote,
        order=ORDERS.get(query.order, ""),
    )
    rows, count, _ = await library.page(caller, find, limit=min(query.limit, 1000), offset=query.offset)
    shown = [wire.track(one) for one in rows]
    return Answer(paged(request.scope, shown, count=count, limit=query.limit, offset=query.offset), headers=CORS)


@get(f"{V2}/music/{{pk}}/", policy=PUBLIC)
async def track(caller: Caller, pk: int, library: Library) -> Answer[wire.Shown]:
    """One track."""
    return Answer(wire.track(await library.get(caller, pk)), headers=CORS)


@put(f"{V2}/music/{{pk}}/", policy=WRITE, sent=TrackSent)
async def update(caller: Caller, pk: int, sent: TrackSent, library: Library) -> wire.Shown:
    """Words and switches; the file stays as it is."""
    return wire.track(await library.change(caller, pk, given(sent)))


@delete(f"{V2}/music/{{pk}}/", policy=WRITE, status=204)
async def remove(caller: Caller, pk: int, library: Library) -> None:
    """The file goes, too."""
    await library.remove(caller, [pk])


@get(f"{V2}/music/{{pk}}/download/", policy=BYTES)
async def download(caller: Caller, pk: int, library: Library) -> FileAnswer:
    """The file."""
    path = await library.file(caller, pk)
    return FileAnswer(path, content_type="application/octet-stream", name=path.name, attachment=True)


def _vote(word: str, *, up: bool) -> Route:
    @post(f"{V2}/music/{{pk}}/{word}/", policy=PUBLIC)
    async def vote(caller: Caller, pk: int, library: Library) -> Answer[Any]:
        """One vote a day and address."""
        one, counted = await library.vote(caller, pk, up=up)
        if counted:
            return Answer(wire.Votes(up=one.human_up, down=one.human_down), headers=CORS)
        body = {"result": "already_voted", "up": one.human_up, "down": one.human_down}
        return Answer(body, status=400, headers=CORS)

    return vote


@get(f"{V2}/music/get_artists/", policy=PUBLIC)
async def artists(caller: Caller, library: Library, server: int) -> Answer[list[str]]:
    """Each once, in order."""
    return Answer(await library.words(caller, server, "author"), headers=CORS)


@get(f"{V2}/music/get_genres/", policy=PUBLIC)
async def genres(caller: Caller, library: Library, server: int) -> Answer[list[str]]:
    """Each once, in order."""
    return Answer(await library.words(caller, server, "genre"), headers=CORS)


@get(f"{V2}/music/folder_tree/", policy=PUBLIC)
async def folders(caller: Caller, library: Library, server: int) -> Answer[list[dict[str, Any]]]:
    """Folders with the number of their tracks."""
    rows = [{"path": path, "tracks_num": number} for path, number in await library.folders(caller, server)]
    return Answer(rows, headers=CORS)


@put(f"{V2}/mediafile/upload/", policy=UPLOAD, status=201, body_limit=LARGEST + 1_000_000)
async def upload(caller: Caller, library: Library, request: Request) -> wire.Shown:
    """A multipart body: `server_id` and `parent_dir` before the file `filename`."""
    return await _taken(caller, library, request)


@post(f"{V2}/mediafile/upload/", policy=UPLOAD, status=201, body_limit=LARGEST + 1_000_000)
async def upload_by_post(caller: Caller, library: Library, request: Request) -> wire.Shown:
    """As PUT, for forms."""
    return await _taken(caller, library, request)


async def _taken(caller: Caller, library: Library, request: Request) -> wire.Shown:
    """The file streams to its place while it comes; the station may also be named in the query."""
    fields = dict(request.query_params)
    station, part = await single_file(request, LARGEST + 1_000_000, fields)
    track = await library.upload(
        caller, station, folder=fields.get("parent_dir", ""), filename=part.filename or "", chunks=part.chunks
    )
    return wire.track(track)


async def single_file(request: Request, limit: int, fields: dict[str, str] | None = None) -> tuple[int, Part]:
    """The station that is named, and the file of a multipart body, still to be read. Raises: Invalid."""
    found = dict(request.query_params) if fields is None else fields
    async for part in parts_of(request.receive, request.headers.get("content-type", ""), limit):
        if part.filename is None:
            found[part.name] = await small(part.chunks)
            continue
        station = found.get("server_id") or found.get("server") or ""
        if not station.isdigit():
            raise Invalid.one("server_id", "required")
        return int(station[:18]), part
    raise Invalid.one("filename", "required")


async def small(chunks: AsyncIterator[bytes]) -> str:
    """A text field of a form; what is longer is cut."""
    text = bytearray()
    async for chunk in chunks:
        text += chunk[: max(SMALL - len(text), 0)]
    return text.decode("utf-8", "replace")


def routes() -> list[Route]:
    votes = [_vote("like", up=True), _vote("dislike", up=False)]
    return [page, artists, genres, folders, track, update, remove, download, *votes, upload, upload_by_post]
