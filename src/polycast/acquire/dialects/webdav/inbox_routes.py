"""Class 2 WebDAV on the inbox. What is dropped there is added."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from html import escape
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from polycast.acquire.catalogue.model import Options
from polycast.acquire.dialects.bytes import type_of
from polycast.acquire.dialects.webdav.errors import DavError
from polycast.acquire.dialects.webdav.inbox import FILE_BYTES, Inbox, Item
from polycast.acquire.dialects.webdav.locks import Lock, Locks
from polycast.acquire.dialects.webdav.tree import XML, encoded
from polycast.acquire.dialects.webdav.xml import DAV, Asked, Resource, multistatus, row
from polycast.acquire.transfers.adding import Adding, Wanted
from polycast.acquire.transfers.ports import NzbIntake
from polycast.core.errors import NotFound, PolycastError
from polycast.core.files import FileAnswer
from polycast.core.http import Request, Response
from polycast.core.http.bodies import chunks_of
from polycast.core.identity.caller import Caller
from polycast.core.xmlin import Element, read_xml

TORRENTS: Final = (".torrent", ".magnet")
LIFE: Final = timedelta(minutes=10)


class InboxRoutes:
    """`base` is the address of the inbox as the client has asked for it."""

    def __init__(self, inbox: Inbox, locks: Locks, adding: Adding, nzbs: NzbIntake | None) -> None:
        self._inbox = inbox
        self._locks = locks
        self._adding = adding
        self._nzbs = nzbs

    async def propfind(self, base: str, words: Sequence[str], depth: int, asked: Asked) -> Response:
        item = await asyncio.to_thread(self._inbox.item, words)
        items = [item, *(await asyncio.to_thread(self._inbox.children, words) if depth and item.is_folder else [])]
        return Response(multistatus([row(self._resource(base, one), asked) for one in items]), 207, media_type=XML)

    def _resource(self, base: str, item: Item) -> Resource:
        href = f"{base}/{encoded(*item.path.split('/'))}" if item.path else base
        held = self._locks.on(item.path)
        return Resource(
            href=f"{href}/" if item.is_folder else href,
            name=item.name,
            is_folder=item.is_folder,
            modified_at=item.modified_at,
            size_bytes=item.size_bytes,
            content_type=type_of(item.name),
            etag=item.etag,
            dead=self._inbox.dead(item.path),
            locks="".join(lock.element(href) for lock in held),
        )

    async def get(self, base: str, words: Sequence[str]) -> Any:
        item = await asyncio.to_thread(self._inbox.item, words)
        if item.is_folder:
            names = [one.name for one in await asyncio.to_thread(self._inbox.children, words)]
            return Response("\n".join(names), media_type="text/plain")
        return FileAnswer(self._inbox.path(words), content_type=type_of(item.name), etag=item.etag, attachment=True)

    async def put(self, request: Request, caller: Caller, words: Sequence[str]) -> Response:
        self._require_free(request, words)
        if request.headers.get("content-range"):
            raise DavError(400, "A part of a file cannot be written.")
        file, part, existed = await asyncio.to_thread(self._inbox.begin, words)
        is_whole = False
        try:
            with file:
                async for chunk in chunks_of(request.receive, FILE_BYTES):
                    await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(self._inbox.finish, part, words)
            is_whole = True
        finally:
            if not is_whole:
                await asyncio.to_thread(self._inbox.drop, part)
        await self._take_in(caller, words)
        return Response(status_code=204 if existed else 201)

    async def _take_in(self, caller: Caller, words: Sequence[str]) -> None:
        """Add what was dropped; what cannot be read stays where it is."""
        name = words[-1].lower()
        is_nzb = self._nzbs is not None and name.endswith((".nzb", ".nzb.gz"))
        if not (is_nzb or name.endswith(TORRENTS)):
            return
        wanted = Wanted(category=words[0] if len(words) > 1 else "", options=Options(source="watch"))
        with suppress(PolycastError):
            content = await asyncio.to_thread(self._inbox.content, words)
            if is_nzb and self._nzbs is not None:
                await self._nzbs.add_nzb(caller, content, name=words[-1], wanted=wanted)
            else:
                await self._adding.add(caller, await self._adding.read(content), wanted)
            await asyncio.to_thread(self._inbox.done, words)

    async def make_folder(self, request: Request, words: Sequence[str]) -> Response:
        self._require_free(request, words)
        if [chunk async for chunk in chunks_of(request.receive, 65_536)]:
            raise DavError(415, "A folder has no content.")
        await asyncio.to_thread(self._inbox.make_folder, words)
        return Response(status_code=201)

    async def delete(self, request: Request, words: Sequence[str]) -> Response:
        if urlsplit(str(request.url)).fragment or "#" in request.scope["path"]:
            raise DavError(400, "A fragment has no place here.")
        self._require_free(request, words, deep=True)
        await asyncio.to_thread(self._inbox.delete, words)
        self._locks.forget("/".join(words))
        return Response(status_code=204)

    async def transfer(self, request: Request, base: str, words: Sequence[str], *, moves: bool) -> Response:
        target = self._destination(request, base)
        if moves:
            self._require_free(request, words, deep=True)
        self._require_free(request, target)
        overwrite = request.headers.get("overwrite", "T").strip().upper() != "F"
        deep = request.headers.get("depth", "infinity").strip() != "0"
        replaced = await asyncio.to_thread(
            self._inbox.transfer, words, target, moves=moves, overwrite=overwrite, deep=deep
        )
        if moves:
            self._locks.forget("/".join(words))
        return Response(status_code=204 if replaced else 201)

    def _destination(self, request: Request, base: str) -> list[str]:
        """Raises: DavError, when it is not in the inbox of this server."""
        text = request.headers.get("destination", "")
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise DavError(400, "The destination is no address.") from error
        if not text or (parts.netloc and parts.netloc.lower() != request.headers.get("host", "").lower()):
            raise DavError(502, "The destination is on another server.")
        path = unquote(parts.path)
        if not path.startswith(f"{base}/") or "\x00" in path:
            raise DavError(403, "The destination is outside the inbox.")
        words = [word for word in path.removeprefix(base).split("/") if word]
        if any(word in {".", ".."} for word in words):
            raise DavError(403, "The destination is outside the inbox.")
        return words

    async def proppatch(self, request: Request, base: str, words: Sequence[str], body: bytes) -> Response:
        self._require_free(request, words)
        item = await asyncio.to_thread(self._inbox.item, words)
        changes = _changes(body)
        protected = [name for _, name, _ in changes if name.startswith(DAV)]
        dead = self._inbox.dead(item.path)
        if not protected:
            for adds, name, value in changes:
                dead.pop(name, None)
                if adds:
                    dead[name] = value
            self._inbox.set_dead(item.path, dead)
        status = {name: ("403 Forbidden" if name in protected else "424 Failed Dependency") for _, name, _ in changes}
        resource = self._resource(base, item)
        parts = []
        for _, name, _ in changes:
            word = status[name] if protected else "200 OK"
            inner = _element(name)
            parts.append(f"<d:propstat><d:prop>{inner}</d:prop><d:status>HTTP/1.1 {word}</d:status></d:propstat>")
        response = f"<d:response><d:href>{escape(resource.href)}</d:href>{''.join(parts)}</d:response>"
        return Response(multistatus([response]), 207, media_type=XML)

    async def lock(self, request: Request, base: str, words: Sequence[str], body: bytes) -> Response:
        path, life = "/".join(words), _life(request.headers.get("timeout", ""))
        href = f"{base}/{encoded(*words)}" if words else base
        if not body.strip():
            held = [one for one in self._locks.on(path) if one.token in request.headers.get("if", "")]
            renewed = self._locks.renew(held[0].token, life) if held else None
            if renewed is None:
                raise DavError(412, "There is no such lock.")
            return _locked(renewed, href, 200)
        root = _xml(body)
        owner = root.find(f"{DAV}owner")
        scope = root.find(f"{DAV}lockscope")
        status = 200
        try:
            await asyncio.to_thread(self._inbox.item, words)
        except NotFound:
            file, part, _ = await asyncio.to_thread(self._inbox.begin, words)
            file.close()
            await asyncio.to_thread(self._inbox.finish, part, words)
            status = 201
        made = self._locks.take(
            path,
            owner=_inner(owner) if owner is not None else "",
            is_deep=request.headers.get("depth", "infinity").strip() != "0",
            is_shared=scope is not None and scope.find(f"{DAV}shared") is not None,
            life=life,
        )
        if made is None:
            raise DavError(423, "It is locked.", condition="no-conflicting-lock")
        return _locked(made, href, status)

    async def unlock(self, request: Request, words: Sequence[str]) -> Response:
        token = request.headers.get("lock-token", "").strip().strip("<>")
        if not token:
            raise DavError(400, "The lock token is missing.")
        if not self._locks.drop(token, "/".join(words)):
            raise DavError(409, "There is no such lock.", condition="lock-token-matches-request-uri")
        return Response(status_code=204)

    def _require_free(self, request: Request, words: Sequence[str], *, deep: bool = False) -> None:
        """Raises: DavError, when somebody else's lock is in the way or a condition fails."""
        condition, path = request.headers.get("if", ""), "/".join(words)
        if not self._locks.may(path, condition):
            raise DavError(423, "It is locked.", condition="lock-token-submitted")
        if deep and any(lock.token not in condition for lock in self._locks.below(path)):
            raise DavError(423, "Something in it is locked.", condition="lock-token-submitted")


def _locked(lock: Lock, href: str, status: int) -> Response:
    body = (
        '<?xml version="1.0" encoding="utf-8"?><d:prop xmlns:d="DAV:"><d:lockdiscovery>'
        f"{lock.element(href)}</d:lockdiscovery></d:prop>"
    )
    return Response(body.encode(), status, headers={"lock-token": f"<{lock.token}>"}, media_type=XML)


def _life(text: str) -> timedelta:
    for part in text.split(","):
        seconds = part.strip().removeprefix("Second-")
        if seconds.isascii() and seconds.isdigit() and len(seconds) < 10:
            return timedelta(seconds=max(1, int(seconds)))
    return LIFE


def _xml(body: bytes) -> Element:
    try:
        return read_xml(body, namespaces=True)
    except PolycastError as error:
        raise DavError(400, "The request is no XML.") from error


def _changes(body: bytes) -> list[tuple[bool, str, str]]:
    """(sets, name, inner XML) in the order of the request. Raises: DavError."""
    root = _xml(body)
    if root.name != f"{DAV}propertyupdate":
        raise DavError(400, "The request is no propertyupdate.")
    found = []
    for part in root.children:
        adds = part.name == f"{DAV}set"
        prop = part.find(f"{DAV}prop")
        if (adds or part.name == f"{DAV}remove") and prop is not None:
            found += [(adds, child.name, _inner(child)) for child in prop.children]
    return found


def _inner(element: Element) -> str:
    """What is inside, as XML of its own."""
    return escape(element.text) + "".join(_element(child.name, _inner(child)) for child in element.children)


def _element(name: str, inner: str = "") -> str:
    uri, bare = name[1:].split("}", 1) if name.startswith("{") else ("", name)
    if uri == "DAV:":
        return f"<d:{bare}>{inner}</d:{bare}>"
    if not uri:
        return f'<{bare} xmlns="">{inner}</{bare}>'
    return f'<x:{bare} xmlns:x="{escape(uri)}">{inner}</x:{bare}>'
