"""The library put in order, many tracks at once, and tracks from elsewhere. Source: `specs/radio.md` 3.14."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.errors import Invalid
from polycast.core.files import FileAnswer
from polycast.core.http import Answer, Route, get, line, post, put
from polycast.core.identity.caller import Caller
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.policies import CORS, COSTLY, PUBLIC, WRITE
from polycast.radio.dialects.panel.sent import Ids, NameSent
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.library.arranging import Arranging
from polycast.radio.library.remotes import RemoteNew, Remotes
from polycast.radio.library.service import Library
from polycast.radio.library.store import TrackFind

ONE = f"{V2}/music/{{pk}}"
Text = Annotated[str, line(255, blank=True)]
Path = Annotated[str, line(1000, blank=True)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)] | None


class RegionSent(Struct, kw_only=True):
    playback_start_time: Seconds = None
    playback_end_time: Seconds = None


class PlaylistsSent(Struct, kw_only=True):
    playlists: Ids


class BatchSent(Struct, kw_only=True):
    track_ids: Ids
    fields: dict[str, Text]
    update_mode: str = "overwrite"


class FoldersSent(Struct, kw_only=True):
    folders: Annotated[list[Path], Meta(max_length=1000)] = []
    text: Text = ""
    server: int | UnsetType = UNSET
    server_id: int | UnsetType = UNSET


class ServerSent(Struct, kw_only=True):
    server_id: int


class RequestableSent(Struct, kw_only=True):
    id: int
    requestable: bool


class MoveSent(Struct, kw_only=True):
    file_ids: Ids
    target_directory: Path
    server_id: int


class RemoveSent(Struct, kw_only=True):
    server_id: int
    files: Annotated[list[int | str], Meta(max_length=10_000)] = []
    directories: Annotated[list[Path], Meta(max_length=1000)] = []
    ml: bool | None = None  # sent by the original's pages; the row goes with its file either way


class RemoteSent(Struct, kw_only=True):
    path: Path
    server: int | UnsetType = UNSET
    author: Text = ""
    title: Text = ""
    album: Text = ""


class RemotesSent(Struct, kw_only=True):
    server: int
    files: Annotated[list[RemoteSent], Meta(min_length=1, max_length=100)]


@post(f"{ONE}/rename/", policy=WRITE, sent=NameSent)
async def rename(caller: Caller, pk: int, sent: NameSent, arranging: Arranging) -> wire.Shown:
    """The file's name; its ending stays."""
    return wire.track(await arranging.rename(caller, pk, sent.new_name))


@put(f"{ONE}/regions/", policy=WRITE, sent=RegionSent)
async def regions(caller: Caller, pk: int, sent: RegionSent, arranging: Arranging) -> wire.Shown:
    """From where to where it plays, in seconds; null is the beginning, the end."""
    return wire.track(await arranging.cut(caller, pk, sent.playback_start_time, sent.playback_end_time))


@get(f"{ONE}/waveform/", policy=PUBLIC)
async def waveform(caller: Caller, pk: int, arranging: Arranging) -> FileAnswer:
    """A byte for the peak of each piece of the track, 255 is full scale; at most 2000."""
    path = await arranging.wave(caller, pk)
    return FileAnswer(path, content_type="application/octet-stream", headers=CORS)


@post(f"{ONE}/waveform/", policy=WRITE)
async def draw(caller: Caller, pk: int, arranging: Arranging) -> wire.Result:
    """Drawn anew by a job."""
    await arranging.measure_again(caller, pk)
    return wire.Result(result="queued")


@get(f"{ONE}/playlists/", policy=PUBLIC)
async def playlists_of(caller: Caller, pk: int, arranging: Arranging) -> Answer[dict[str, list[int]]]:
    """The playlists that it is in."""
    return Answer({"playlists": await arranging.playlists_of(caller, pk)}, headers=CORS)


@post(f"{ONE}/playlists/", policy=WRITE, sent=PlaylistsSent)
async def set_playlists(caller: Caller, pk: int, sent: PlaylistsSent, arranging: Arranging) -> dict[str, Sequence[int]]:
    """Exactly these, and the default one."""
    added, removed = await arranging.set_playlists(caller, pk, sent.playlists)
    return {"added": added, "removed": removed}


@post(f"{V2}/music/batch_update/", policy=WRITE, sent=BatchSent)
async def batch(caller: Caller, sent: BatchSent, arranging: Arranging) -> dict[str, Any]:
    """Words for many tracks at once."""
    if sent.update_mode not in ("fill-empty", "overwrite"):
        raise Invalid.one("update_mode", "invalid_choice")
    fills_only = sent.update_mode == "fill-empty"
    updated = await arranging.batch(caller, sent.track_ids, sent.fields, fills_only=fills_only)
    return {"result": "ok", "updated": updated}


@post(f"{V2}/music/folder_files/", policy=WRITE, sent=FoldersSent)
async def folder_files(
    caller: Caller, sent: FoldersSent, arranging: Arranging, server: int | None = None
) -> list[wire.Shown]:
    """Tracks that lie right in these folders; everywhere without one."""
    station = next((one for one in (sent.server, sent.server_id, server) if isinstance(one, int)), None)
    if station is None:
        raise Invalid.one("server", "required")
    return [wire.track(one) for one in await arranging.in_folders(caller, station, sent.folders, sent.text)]


@get(f"{V2}/music/tree/", policy=PUBLIC)
async def tree(caller: Caller, library: Library, server_id: int) -> Answer[wire.Shown]:
    """Folders in each other, as the original's old pages read them."""
    root: wire.Shown = {"name": "/", "path": "/", "children": []}
    for path, _ in await library.folders(caller, server_id):
        at = root
        for name in [one for one in path.split("/") if one]:
            below: list[wire.Shown] = at["children"]
            known = next((one for one in below if one["name"] == name), None)
            if known is None:
                known = {"name": name, "path": f"{at['path']}{name}/", "children": []}
                below.append(known)
            at = known
    return Answer({"tree": root["children"], "open": ["/"], "root": "/"}, headers=CORS)


@post(f"{V2}/music/reset_top/", policy=WRITE, sent=ServerSent)
async def reset_top(caller: Caller, sent: ServerSent, arranging: Arranging) -> wire.Result:
    """Nobody has voted yet."""
    await arranging.reset_votes(caller, sent.server_id)
    return wire.Result()


@put(f"{V2}/music/toggle_requestable/", policy=WRITE, sent=Annotated[list[RequestableSent], Meta(max_length=10_000)])
async def toggle_requestable(caller: Caller, sent: list[RequestableSent], arranging: Arranging) -> wire.Result:
    """Which tracks listeners may ask for."""
    await arranging.mark(caller, {one.id: one.requestable for one in sent})
    return wire.Result()


@post(f"{V2}/music/move_files/", policy=WRITE, sent=MoveSent)
async def move_files(caller: Caller, sent: MoveSent, arranging: Arranging) -> wire.Shown:
    """Into one folder, made where it is missing."""
    moved, failed = await arranging.move(caller, sent.server_id, sent.file_ids, sent.target_directory)
    rows = [
        {"id": one.id, "old_path": one.old_path, "new_path": one.new_path, "filename": one.filename} for one in moved
    ]
    return {"moved_count": len(moved), "failed_count": failed, "moved_files": rows}


@post(f"{V2}/music/remove/", policy=WRITE, sent=RemoveSent)
async def remove_many(caller: Caller, sent: RemoveSent, arranging: Arranging) -> wire.Shown:
    """Files by key or path, and folders with all below."""
    removed = await arranging.remove(
        caller,
        sent.server_id,
        track_ids=[one for one in sent.files if isinstance(one, int)],
        paths=[one for one in sent.files if isinstance(one, str)],
        folders=sent.directories,
    )
    return {"result": "ok", "removed": removed}


@get(f"{V2}/music/remote/", policy=PUBLIC)
async def remote(caller: Caller, library: Library, server_id: int) -> Answer[list[wire.Shown]]:
    """Tracks that lie elsewhere."""
    find = TrackFind(station_id=server_id, remote=True, order="title")
    rows, _, _ = await library.page(caller, find, limit=1000, offset=0)
    return Answer([wire.track(one) for one in rows], headers=CORS)


@post(f"{V2}/music/remote_file/", policy=COSTLY, sent=RemoteSent, status=201)
async def remote_file(caller: Caller, sent: RemoteSent, remotes: Remotes) -> wire.Shown:
    """An address that answers with sound."""
    if sent.server is UNSET:
        raise Invalid.one("server", "required")
    [made] = await remotes.add(caller, sent.server, [_remote(sent)])
    return wire.track(made)


@post(f"{V2}/music/bulk_add_remote_files/", policy=COSTLY, sent=RemotesSent, status=201)
async def remote_files(caller: Caller, sent: RemotesSent, remotes: Remotes) -> list[wire.Shown]:
    """All of them, or none."""
    made = await remotes.add(caller, sent.server, [_remote(one) for one in sent.files])
    return [wire.track(one) for one in made]


def _remote(sent: RemoteSent) -> RemoteNew:
    return RemoteNew(url=sent.path, author=sent.author, title=sent.title, album=sent.album)


def routes() -> list[Route]:
    many = [batch, folder_files, tree, reset_top, toggle_requestable, move_files, remove_many]
    elsewhere = [remote, remote_file, remote_files]
    return [*many, *elsewhere, rename, regions, waveform, draw, playlists_of, set_playlists]
