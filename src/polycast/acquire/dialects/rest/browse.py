"""The tree as JSON, and its files."""

from collections.abc import Sequence
from typing import Any, Final

from polycast.acquire.catalogue.folder import Folder
from polycast.acquire.catalogue.tree import Shown
from polycast.acquire.dialects.asked import Asked, read
from polycast.acquire.dialects.bytes import SourceAnswer
from polycast.acquire.dialects.rest.answers import json, tagged
from polycast.acquire.dialects.rest.rooms import Rooms
from polycast.acquire.dialects.rest.wire import file_of, folder_of, group_of
from polycast.core.errors import Invalid, NotFound
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller
from polycast.core.storage import fold

VERSION_FILE: Final = "version.txt"
SORTS: Final = ("name", "size", "mod_time", "active_debrid")


class Browse:
    """Groups, folders, files."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def root(self, request: Request, caller: Caller) -> Response:
        self._rooms.tree.require_loaded()
        now = self._rooms.clock.now()
        rows = [group_of(name, now) for name in await self._rooms.tree.groups()]
        rows.append(group_of(VERSION_FILE, now, is_dir=False, size=len(self._rooms.version) + 1))
        return json(_page(rows, await read(request), "", ""))

    async def group(self, request: Request, caller: Caller) -> Response:
        group = request.path_params["group"]
        if group == VERSION_FILE:
            return Response(f"{self._rooms.version}\n", media_type="text/plain")
        asked = await read(request)
        folders = await self._rooms.tree.found(group, asked.text("search")[:200])
        folders = _ordered(folders, asked)
        cut, head = _window(len(folders), asked)
        entries = [folder_of(group, folder) for folder in folders[cut]]
        return tagged(request, {"entries": entries, **head, "current_dir": group, "parent_dir": "/"})

    async def folder(self, request: Request, caller: Caller) -> Response:
        group, name = request.path_params["group"], request.path_params["torrent"]
        folder = await self._rooms.tree.folder(group, name)
        rows = [file_of(group, name, shown) for shown in await self._rooms.tree.files(folder)]
        return tagged(request, _page(rows, await read(request), name, f"/{group}"))

    async def download(self, request: Request, caller: Caller) -> SourceAnswer:
        return SourceAnswer(self._rooms.reading, await self._shown(request), attachment=True)

    async def _shown(self, request: Request) -> Shown:
        self._rooms.tree.require_loaded()
        folder = await self._rooms.tree.known(request.path_params["torrent"])
        if folder is None:
            raise NotFound("The folder")
        return await self._rooms.tree.file(folder, request.path_params["file"])

    async def delete(self, request: Request, caller: Caller) -> Response:
        count = await self._delete(caller, [request.path_params["id"]])
        if not count:
            raise NotFound("The torrent")
        return json({"success": True, "message": "Torrent deleted"})

    async def delete_many(self, request: Request, caller: Caller) -> Response:
        sent = (await read(request)).json
        ids = sent.get("ids") if isinstance(sent, dict) else None
        if not isinstance(ids, list) or not ids or not all(isinstance(one, str) for one in ids):
            raise Invalid.one("ids", "required", "A list of ids is missing.")
        count = await self._delete(caller, ids)
        return json({"success": True, "message": f"{count} torrents deleted", "count": count})

    async def _delete(self, caller: Caller, ids: Sequence[str]) -> int:
        """Ids are hashes. It goes from the accounts too: nothing else is left to delete."""
        found = await self._rooms.db.read(self._rooms.entries.many, [one.lower() for one in ids])
        return await self._rooms.changes.delete(caller, found, files=True, remote=True)


def _ordered(folders: Sequence[Folder], asked: Asked) -> Sequence[Folder]:
    sort, descending = _sort(asked)
    if sort == "size":
        return sorted(folders, key=lambda folder: folder.size_bytes, reverse=descending)
    if sort == "mod_time":
        return sorted(folders, key=lambda folder: folder.added_at, reverse=descending)
    if sort == "active_debrid":
        return sorted(folders, key=lambda folder: folder.active, reverse=descending)
    return folders[::-1] if descending else folders


def _sort(asked: Asked) -> tuple[str, bool]:
    sort = asked.text("sort_by") or "name"
    if sort not in SORTS:
        raise Invalid.one("sort_by", "invalid", f"sort_by is one of {', '.join(SORTS)}.")
    return sort, asked.text("sort_order") == "desc"


def _window(total: int, asked: Asked) -> tuple[slice, dict[str, Any]]:
    limit = min(max(asked.number("limit") or 50, 1), 100)
    page = min(max(asked.number("page") or 1, 1), 10_000_000)
    head = {"total": total, "page": page, "limit": limit, "total_pages": -(-total // limit)}
    return slice((page - 1) * limit, page * limit), head


def _page(rows: list[dict[str, Any]], asked: Asked, current: str, parent: str) -> dict[str, Any]:
    words = fold(asked.text("search")[:200]).split()
    rows = [row for row in rows if all(word in row["name"].casefold() for word in words)]
    if asked.has("sort_by"):
        sort, descending = _sort(asked)
        rows = sorted(rows, key=lambda row: row[sort], reverse=descending)
        rows = sorted(rows, key=lambda row: not row["is_dir"])
    cut, head = _window(len(rows), asked)
    return {"entries": rows[cut], **head, "current_dir": current, "parent_dir": parent}
