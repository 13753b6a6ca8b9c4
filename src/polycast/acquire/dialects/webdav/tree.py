"""The read-only tree: groups, folders, files."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from polycast.acquire.catalogue.folder import Folder
from polycast.acquire.catalogue.model import Action
from polycast.acquire.catalogue.tree import Shown
from polycast.acquire.dialects.bytes import SourceAnswer, etag_of, type_of
from polycast.acquire.dialects.webdav.errors import DavError
from polycast.acquire.dialects.webdav.rooms import Rooms
from polycast.acquire.dialects.webdav.xml import HEAD, TAIL, Asked, FolderRows, Resource, row
from polycast.core.errors import NotFound
from polycast.core.http import Request, Response, StreamingResponse
from polycast.core.identity.caller import Caller

XML: Final = 'application/xml; charset="utf-8"'
VERSION_FILE: Final = "version.txt"
LINKS: Final = "links"
STREAM: Final = "stream"
PIECE: Final = 64 * 1024  # characters
SAFE: Final = "!$&'()*+,;=:@-._~"
PLAIN: Final = re.compile(r"[A-Za-z0-9._~-]+")
INDEXED: Final = 2_000  # rows of the page that a browser gets


def encoded(*words: str) -> str:
    return "/".join(word if PLAIN.fullmatch(word) else quote(word, safe=SAFE) for word in words)


class TreeRoutes:
    """PROPFIND, GET, HEAD and DELETE. Listings come from memory: no provider is asked."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def propfind(self, base: str, words: Sequence[str], depth: int, asked: Asked) -> Any:
        """A streamed multistatus. Raises: NotFound; Busy."""
        if len(words) == 1 and depth and words[0] not in (STREAM, LINKS, VERSION_FILE):
            folders = await self._rooms.tree.folders(words[0])
            here = f"{base}/{encoded(words[0])}"
            own = _folder(f"{here}/", words[0], self._rooms.clock.now())
            return StreamingResponse(_many(own, here, folders, asked), status_code=207, media_type=XML)
        own, children = await self._listed(base, words, depth)
        return StreamingResponse(_written(own, children, asked), status_code=207, media_type=XML)

    async def _listed(self, base: str, words: Sequence[str], depth: int) -> tuple[Resource, AsyncIterator[Resource]]:
        tree, now = self._rooms.tree, self._rooms.clock.now()
        tree.require_loaded()
        if words and words[0] == STREAM:
            base, words = f"{base}/{STREAM}", words[1:]
        if not words:
            quota = tree.count()[1]
            own = _folder(f"{base}/", "webdav", now, quota=(0, quota))
            return own, self._groups(base, now) if depth else _none()
        if words == [VERSION_FILE]:
            return self._version(base, now), _none()
        if words[0] == LINKS:
            return await self._links(base, words, depth, now)
        group = words[0]
        folders = await tree.folders(group)
        if len(words) == 1:
            own = _folder(f"{base}/{encoded(group)}/", group, now)
            return own, _folders(f"{base}/{encoded(group)}", folders) if depth else _none()
        folder = await tree.folder(group, words[1])
        here = f"{base}/{encoded(group, folder.name)}"
        if len(words) == 2:
            return _as_folder(here, folder), self._files(here, folder) if depth else _none()
        if len(words) > 3:
            raise NotFound("The file")
        return _file(here, await tree.file(folder, words[2])), _none()

    def _version(self, base: str, now: datetime) -> Resource:
        return Resource(
            href=f"{base}/{VERSION_FILE}",
            name=VERSION_FILE,
            is_folder=False,
            modified_at=now.replace(hour=0, minute=0, second=0, microsecond=0),
            size_bytes=len(self._rooms.version) + 1,
            content_type="text/plain",
            etag=f'"{self._rooms.version}"',
        )

    async def _groups(self, base: str, now: datetime) -> AsyncIterator[Resource]:
        for name in await self._rooms.tree.groups():
            yield _folder(f"{base}/{encoded(name)}/", name, now)
        if (await self._rooms.configs.read()).webdav_inbox:
            yield _folder(f"{base}/inbox/", "inbox", now)
        yield self._version(base, now)

    async def _files(self, here: str, folder: Folder) -> AsyncIterator[Resource]:
        for shown in await self._rooms.tree.files(folder):
            yield _file(here, shown)

    async def _links(
        self, base: str, words: Sequence[str], depth: int, now: datetime
    ) -> tuple[Resource, AsyncIterator[Resource]]:
        """What rclone shows as symbolic links: `<category>/<name>/<file>.rclonelink`."""
        here = f"{base}/{encoded(*words)}"
        if len(words) == 1:
            found = sorted({name for f in await self._rooms.tree.folders("__all__") for name in f.categories})
            return _folder(f"{here}/", LINKS, now), _plain(here, found, now) if depth else _none()
        folders = await self._rooms.tree.folders(words[1])
        if len(words) == 2:
            own = _folder(f"{here}/", words[1], now)
            return own, _folders(here, folders) if depth else _none()
        folder = await self._rooms.tree.folder(words[1], words[2])
        if len(words) == 3:
            return _as_folder(here, folder), self._link_rows(here, folder) if depth else _none()
        target, shown = await self._link(words)
        return _link_row(here, shown, target), _none()

    async def _link_rows(self, here: str, folder: Folder) -> AsyncIterator[Resource]:
        config = await self._rooms.configs.read()
        for shown in await self._rooms.tree.files(folder):
            if shown.detail.entry.action is Action.SYMLINK:
                name = f"{shown.file.name}.rclonelink"
                yield _link_row(f"{here}/{encoded(name)}", shown, _target(config.mount.mount_path, shown))

    async def _link(self, words: Sequence[str]) -> tuple[str, Shown]:
        if len(words) != 4 or not words[3].endswith(".rclonelink"):
            raise NotFound("The link")
        folder = await self._rooms.tree.folder(words[1], words[2])
        shown = await self._rooms.tree.file(folder, words[3].removesuffix(".rclonelink"))
        return _target((await self._rooms.configs.read()).mount.mount_path, shown), shown

    async def get(self, base: str, words: Sequence[str]) -> Any:
        """A file, or a small page for browsers. Raises: NotFound; Busy."""
        tree = self._rooms.tree
        tree.require_loaded()
        if words == [VERSION_FILE]:
            return Response(f"{self._rooms.version}\n", media_type="text/plain")
        if words and words[0] == LINKS and len(words) == 4:
            target, _ = await self._link(words)
            return Response(target.encode(), media_type="text/plain")
        bare = words[1:] if words and words[0] == STREAM else words
        if len(bare) == 3:
            folder = await tree.folder(bare[0], bare[1])
            return SourceAnswer(self._rooms.reading, await tree.file(folder, bare[2]), attachment=False)
        own, children = await self._listed(base, words, 1)
        rows: list[Resource] = []
        async for child in children:
            rows.append(child)
            if len(rows) >= INDEXED:
                break
        return Response(_page(own, rows), media_type="text/html")

    async def delete(self, caller: Caller, words: Sequence[str]) -> Response:
        """As the configuration says: refused, hidden, or removed."""
        mode = (await self._rooms.configs.read()).webdav_delete
        bare = [word for word in words if word != STREAM]
        if mode == "deny" or len(bare) not in (2, 3):
            raise DavError(403, "Nothing is deleted here.")
        folder = await self._rooms.tree.folder(bare[0], bare[1])
        if len(bare) == 3:
            shown = await self._rooms.tree.file(folder, bare[2])
            await self._rooms.changes.file_priority(caller, shown.detail.entry, [_index(shown)], 0)
        else:
            entries = [(await self._rooms.records.detail(one)).entry for one in folder.hashes]
            await self._rooms.changes.delete(caller, entries, files=True, remote=mode == "remove")
        return Response(status_code=204)

    def may_stream(self, request: Request, token: str) -> bool:
        """Whether a link of a `.strm` file asks."""
        path: str = request.scope["path"].removeprefix("/acquire")
        return self._rooms.is_linked(encoded_path(path), token)


def encoded_path(path: str) -> str:
    """As `.strm` files spell it."""
    return "/".join(quote(word, safe="") if number > 3 else word for number, word in enumerate(path.split("/")))


async def _written(own: Resource, children: AsyncIterator[Resource], asked: Asked) -> AsyncIterator[bytes]:
    piece = [HEAD, row(own, asked)]
    size = 0
    async for child in children:
        text = row(child, asked)
        piece.append(text)
        size += len(text)
        if size > PIECE:
            yield "".join(piece).encode()
            piece, size = [], 0
    piece.append(TAIL)
    yield "".join(piece).encode()


async def _many(own: Resource, here: str, folders: Sequence[Folder], asked: Asked) -> AsyncIterator[bytes]:
    """The folders of a group. Between two pieces everybody else has a turn."""
    rows = FolderRows(asked)
    piece, size = [HEAD, row(own, asked)], 0
    for folder in folders:
        text = rows.row(f"{here}/{encoded(folder.name)}", folder.name, folder.added_at)
        piece.append(text)
        size += len(text)
        if size > PIECE:
            yield "".join(piece).encode()
            piece, size = [], 0
    piece.append(TAIL)
    yield "".join(piece).encode()


async def _none() -> AsyncIterator[Resource]:
    nothing: tuple[Resource, ...] = ()
    for resource in nothing:
        yield resource


async def _plain(here: str, names: Sequence[str], now: datetime) -> AsyncIterator[Resource]:
    for name in names:
        yield _folder(f"{here}/{encoded(name)}/", name, now)


async def _folders(here: str, folders: Sequence[Folder]) -> AsyncIterator[Resource]:
    for folder in folders:
        yield _as_folder(f"{here}/{encoded(folder.name)}", folder)


def _as_folder(here: str, folder: Folder) -> Resource:
    return Resource(href=f"{here}/", name=folder.name, is_folder=True, modified_at=folder.added_at)


def _folder(href: str, name: str, at: datetime, quota: tuple[int, int] | None = None) -> Resource:
    return Resource(href=href, name=name, is_folder=True, modified_at=at, quota=quota)


def _file(here: str, shown: Shown) -> Resource:
    return Resource(
        href=f"{here}/{encoded(shown.file.name)}",
        name=shown.file.name,
        is_folder=False,
        modified_at=shown.file.added_at,
        size_bytes=shown.file.size_bytes,
        content_type=type_of(shown.file.name),
        etag=etag_of(shown),
    )


def _link_row(href: str, shown: Shown, target: str) -> Resource:
    return Resource(
        href=href,
        name=f"{shown.file.name}.rclonelink",
        is_folder=False,
        modified_at=shown.file.added_at,
        size_bytes=len(target.encode()),
        content_type="text/plain",
        etag=etag_of(shown),
    )


def _target(mount_path: str, shown: Shown) -> str:
    return f"{mount_path.rstrip('/')}/__all__/{shown.detail.entry.folder}/{shown.file.name}"


def _index(shown: Shown) -> int:
    return next(number for number, file in enumerate(shown.detail.files) if file.id == shown.file.id)


def _page(own: Resource, rows: Sequence[Resource]) -> str:
    def escaped(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")

    items = "".join(f'<li><a href="{escaped(one.href)}">{escaped(one.name)}</a></li>' for one in rows)
    title = escaped(own.name)
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1><ul>{items}</ul></body></html>"
    )
