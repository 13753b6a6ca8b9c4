"""What all simulated debrid services share: releases, items that are fetched in time, and file servers with ranges."""

import asyncio
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from tests.fakes.real_debrid import serve_range
from tests.fakes.releases import Release


@dataclass
class Item:
    """Something that somebody has added."""

    id: int
    release: Release
    ready_at: float
    added: float = field(default_factory=time.time)

    @property
    def is_ready(self) -> bool:
        return bool(self.release.files) and time.time() >= self.ready_at

    @property
    def is_dead(self) -> bool:
        return not self.release.files


class DebridBase:
    """Faults are attributes that the next calls meet."""

    def __init__(self) -> None:
        self.key = "key-canary"
        self.releases: dict[str, Release] = {}
        self.cached: set[str] = set()
        self.refused: set[str] = set()
        self.items: dict[int, Item] = {}
        self.slots = 10
        self.fetch_seconds = 0.0
        self.fails: deque[tuple[str, str]] = deque()  # (path part, error word) met once each
        self.throttles = 0  # calls that are answered 429
        self.gone: set[tuple[str, int]] = set()  # (hash, file number) that are there no more
        self.calls: list[str] = []
        self.port = 0
        self.cdn_down = False
        self.cdn_drops_after: int | None = None
        self.cdn_expired: set[str] = set()
        self._tokens: dict[str, tuple[str, int]] = {}
        self._next = 100

    def know(self, release: Release, *, cached: bool = True) -> Release:
        self.releases[release.info_hash] = release
        if cached:
            self.cached.add(release.info_hash)
        return release

    def add(self, info_hash: str) -> Item:
        release = self.releases.get(info_hash) or Release(name=info_hash, files=[], info_hash=info_hash, torrent=b"")
        self._next += 1
        wait = 0.0 if info_hash in self.cached else self.fetch_seconds
        item = Item(id=self._next, release=release, ready_at=time.time() + wait)
        self.items[item.id] = item
        return item

    def active(self) -> int:
        return sum(1 for item in self.items.values() if not item.is_ready)

    def by_torrent(self, content: bytes) -> str:
        return next((one.info_hash for one in self.releases.values() if one.torrent == content), "")

    def address(self, info_hash: str, number: int) -> str:
        """A file's address on the file servers; a new one each time."""
        token = secrets.token_hex(8)
        self._tokens[token] = (info_hash, number)
        name = self.releases[info_hash].files[number - 1][0].rpartition("/")[2]
        return f"http://127.0.0.1:{self.port}/cdn/{token}/{name}"

    def expire_links(self) -> None:
        self.cdn_expired |= set(self._tokens)

    async def file(self, request: web.Request) -> web.StreamResponse:
        token = request.match_info["token"]
        if self.cdn_down:
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=503)
        if token not in self._tokens or token in self.cdn_expired:
            return web.Response(status=403)
        info_hash, number = self._tokens[token]
        return await serve_range(request, self.releases[info_hash].files[number - 1][1], self)

    def failure(self, path: str) -> str:
        """The word of a fault that this call is to meet."""
        for index, (part, word) in enumerate(self.fails):
            if part in path:
                del self.fails[index]
                return word
        return ""

    @web.middleware
    async def door(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.startswith("/cdn/"):
            return await handler(request)
        self.calls.append(f"{request.method} {request.path}")
        if self.throttles:
            self.throttles -= 1
            return web.Response(status=429, headers={"Retry-After": "1"})
        await asyncio.sleep(0)
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return self.error("bad_key")
        if word := self.failure(request.path):
            return self.error(word)
        return await handler(request)

    def error(self, word: str) -> web.Response:
        raise NotImplementedError


def hash_of(magnet: str) -> str:
    return parse_qs(urlsplit(magnet).query).get("xt", [""])[0].rpartition(":")[2].lower()
