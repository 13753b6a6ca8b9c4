"""Playlists and what is in them. Source: `specs/radio.md` 3.14."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta

from polycast.core.errors import Invalid, NotFound
from polycast.core.http import Answer, Request, Response, Route, Upload, delete, get, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.lists import paged
from polycast.radio.dialects.panel.policies import CORS, OWN, PUBLIC, WRITE
from polycast.radio.dialects.panel.reports import file as file_answer
from polycast.radio.dialects.panel.sent import DropSent, MoveSent, NameSent, PlaylistSent, RecordingsSent, given
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.library.service import Library
from polycast.radio.playlists.service import Playlists
from polycast.radio.ports import Air
from polycast.radio.recordings.service import Recordings
from polycast.radio.reports.sheets import XLSX, Cell, workbook

M3U_MOST = 5_000_000
MISSING_SHOWN = 100
EXCEL_MOST = 100_000
HEADS: Mapping[str, Sequence[Cell]] = {
    "en": ("No.", "File", "Artist", "Title", "Length", "Added"),
    "de": ("Nr.", "Datei", "Interpret", "Titel", "Länge", "Hinzugefügt"),
}
IDS = Annotated[list[int], Meta(max_length=10_000)]
ONE = f"{V2}/playlists/{{pk}}"


@get(f"{V2}/playlists/", policy=PUBLIC)
async def page(caller: Caller, playlists: Playlists, air: Air, server: int) -> Answer[list[wire.Shown]]:
    """Names and counters."""
    now = air.on_air(server).playlist_id
    rows = [wire.playlist(one, on_air=now) for one in await playlists.of_station(caller, server)]
    return Answer(rows, headers=CORS)


@post(f"{V2}/playlists/", policy=WRITE, sent=PlaylistSent, status=201, body_limit=M3U_MOST)
async def create(caller: Caller, sent: PlaylistSent, playlists: Playlists) -> wire.Shown:
    """An empty one, or what the M3U in the field `m3u` of a multipart form names."""
    if sent.server is UNSET:
        raise Invalid.one("server", "required")
    name, is_random = "" if sent.name is UNSET else sent.name, sent.is_random is True
    file = sent.m3u[-1] if isinstance(sent.m3u, list) and sent.m3u else sent.m3u
    if not isinstance(file, Upload):
        return wire.playlist(await playlists.create(caller, sent.server, name, is_random=is_random), on_air=None)
    made, number, missing = await playlists.import_m3u(
        caller, sent.server, name or file.filename.rpartition(".")[0], file.content, is_random=is_random
    )
    return wire.playlist(made, on_air=None) | {"imported": number, "missing": missing[:MISSING_SHOWN]}


@get(f"{ONE}/excel/", policy=PUBLIC)
async def excel(caller: Caller, pk: int, playlists: Playlists, lang: str = "en") -> Response:
    """A workbook of what is in it."""
    one, rows = await playlists.sheet(caller, pk, limit=EXCEL_MOST)
    sheet: list[Sequence[Cell]] = [HEADS.get(lang[:2], HEADS["en"])]
    for number, (_, _, _, added, track) in enumerate(rows, 1):
        length = wire.clock(track.length_ms)
        sheet.append((number, track.filename, track.author, track.title, length, f"{added:%Y-%m-%d}"))
    return file_answer(workbook(one.name, sheet), XLSX, f"playlist-{pk}.xlsx")


@post(f"{ONE}/add_recording/", policy=WRITE, sent=RecordingsSent)
async def add_recording(
    caller: Caller, pk: int, sent: RecordingsSent, playlists: Playlists, recordings: Recordings
) -> dict[str, list[int]]:
    """Recordings of a DJ, copied into the library; the keys of their tracks."""
    await playlists.get(caller, pk)
    made = await recordings.to_library(caller, sent.dj, sent.recordings)
    await playlists.add(caller, pk, [one.id for one in made])
    return {"tracks": [one.id for one in made]}


@get(f"{ONE}/", policy=OWN)
async def one(caller: Caller, pk: int, playlists: Playlists, air: Air) -> wire.Shown:
    """One of them."""
    found = await playlists.get(caller, pk)
    return wire.playlist(found, on_air=air.on_air(found.station_id).playlist_id)


@put(f"{ONE}/", policy=WRITE, sent=PlaylistSent)
async def update(caller: Caller, pk: int, sent: PlaylistSent, playlists: Playlists) -> wire.Shown:
    """What is not sent stays."""
    return wire.playlist(await playlists.update(caller, pk, given(sent, "server", "m3u")), on_air=None)


@delete(f"{ONE}/", policy=WRITE, status=204)
async def remove(caller: Caller, pk: int, playlists: Playlists) -> None:
    """The tracks stay in the library."""
    await playlists.delete(caller, pk)


def _adding(word: str) -> Route:
    @post(f"{ONE}/{word}/", policy=WRITE, sent=IDS)
    async def add(caller: Caller, pk: int, sent: list[int], playlists: Playlists) -> wire.Empty:
        """Keys of tracks; their order is kept."""
        await playlists.add(caller, pk, sent)
        return wire.Empty()

    return add


@post(f"{ONE}/start_broadcasting/", policy=WRITE)
async def start(caller: Caller, pk: int, playlists: Playlists) -> dict[str, Any]:
    """On air at the next full minute."""
    return {"result": "ok", "event": await playlists.start(caller, pk)}


@post(f"{ONE}/copy/", policy=WRITE, sent=NameSent)
async def copy(caller: Caller, pk: int, sent: NameSent, playlists: Playlists) -> dict[str, Any]:
    """The same tracks under another name."""
    made = await playlists.copy(caller, pk, sent.new_name)
    return {"new_name": made.name, "id": made.id}


@post(f"{ONE}/order_tracks/", policy=WRITE, sent=IDS)
async def order(caller: Caller, pk: int, sent: list[int], playlists: Playlists) -> wire.Empty:
    """Keys of entries, in the order they are to have."""
    await playlists.order(caller, pk, sent)
    return wire.Empty()


@post(f"{ONE}/shuffle_tracks/", policy=WRITE)
async def shuffle(caller: Caller, pk: int, playlists: Playlists) -> wire.Empty:
    """Another order, once."""
    await playlists.shuffle(caller, pk)
    return wire.Empty()


@post(f"{ONE}/clean_duplicates/", policy=WRITE)
async def clean(caller: Caller, pk: int, playlists: Playlists) -> wire.Empty:
    """Each track once."""
    await playlists.clean_duplicates(caller, pk)
    return wire.Empty()


@get(f"{ONE}/tracks/", policy=OWN)
async def entries(  # a page of a list
    caller: Caller, pk: int, playlists: Playlists, request: Request, limit: int = 1000, offset: int = 0, q: str = ""
) -> Any:
    """What is in it, in order."""
    size, start_at = min(max(limit, 1), 1000), max(offset, 0)
    rows, count = await playlists.entries(caller, pk, limit=size, offset=start_at, text=q)
    return paged(request.scope, list(map(wire.entry, rows)), count=count, limit=size, offset=start_at)


@get(f"{ONE}/tracks/{{entries}}/", policy=OWN)
async def some(caller: Caller, pk: int, entries: str, playlists: Playlists) -> Any:
    """One entry, or several with commas between."""
    wanted = _keys(entries)
    rows, _ = await playlists.entries(caller, pk, limit=len(wanted), offset=0, only=wanted)
    if not rows:
        raise NotFound("The entry")
    shown = list(map(wire.entry, rows))
    return shown[0] if "," not in entries else shown


@delete(f"{ONE}/tracks/{{entries}}/", policy=WRITE)
async def drop(caller: Caller, pk: int, entries: str, playlists: Playlists) -> wire.Length:
    """Out of the playlist; the length afterwards."""
    length, dropped = await playlists.drop(caller, pk, _keys(entries))
    if not dropped:
        raise NotFound("The entry")
    return wire.Length(length=length)


@post(f"{ONE}/tracks/bulk_delete/", policy=WRITE, sent=DropSent)
async def drop_many(caller: Caller, pk: int, sent: DropSent, playlists: Playlists, library: Library) -> wire.Length:
    """Out of the playlist; with `fs` out of the library, too."""
    length, dropped = await playlists.drop(caller, pk, sent.tracks)
    if sent.fs:
        await library.remove(caller, list(dict.fromkeys(dropped)))
        length = (await playlists.get(caller, pk)).duration_ms
    return wire.Length(length=length)


@put(f"{ONE}/tracks/bulk_move/", policy=WRITE, sent=MoveSent)
async def move(caller: Caller, pk: int, sent: MoveSent, playlists: Playlists) -> wire.Empty:
    """Together to a position, counted from 1."""
    await playlists.move(caller, pk, sent.tracks, sent.position)
    return wire.Empty()


def _keys(text: str) -> list[int]:
    words = text.split(",")[:1000]
    if not all(word.isdigit() and len(word) < 19 for word in words):
        raise NotFound("The entry")
    return [int(word) for word in words]


def routes() -> list[Route]:
    adding = [_adding("add_tracks"), _adding("add_tracks_ordered")]
    changing = [excel, add_recording, start, copy, order, shuffle, clean, drop_many, move]
    return [page, create, one, update, remove, *adding, *changing, entries, some, drop]
