"""Real-Debrid on a loopback socket: its REST API 1.0 as documented, with a state machine of its own, and its file servers.

`async with real_debrid() as fake:` then `fake.know(release)` for what exists in the world, `cached=True` for what it
already holds. Faults are attributes that the next calls meet.
"""

import asyncio
import base64
import hashlib
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from tests.fakes.rar_writer import rar5
from tests.fakes.releases import Release

PACKED = 0  # the number of the archive; those of files begin at 1

ERRORS = {
    -1: ("internal_error", 500),
    5: ("slow_down", 429),
    7: ("unknown_ressource", 404),
    8: ("bad_token", 401),
    14: ("account_locked", 403),
    19: ("hoster_unavailable", 503),
    20: ("hoster_not_free", 403),
    21: ("too_many_active_downloads", 509),
    23: ("traffic_exhausted", 503),
    24: ("file_unavailable", 503),
    30: ("torrent_file_invalid", 400),
    31: ("action_already_done", 202),
    34: ("too_many_requests", 429),
    35: ("infringing_file", 451),
    36: ("fair_usage_limit", 403),
    37: ("disabled_endpoint", 403),
}


@dataclass
class Item:
    id: str
    release: Release
    status: str = "magnet_conversion"
    progress: float = 0
    selected: frozenset[int] = frozenset()
    added: float = field(default_factory=time.time)
    ready_at: float = 0.0
    ended: float | None = None


class RealDebrid:
    """The service. Times are real seconds; `fetch_seconds` is how long an uncached torrent takes."""

    def __init__(self) -> None:
        self.keys = {"rd-key-canary"}
        self.releases: dict[str, Release] = {}
        self.cached: set[str] = set()
        self.infringing: set[str] = set()
        self.items: dict[str, Item] = {}
        self.slots = 10
        self.fetch_seconds = 0.0
        self.latency = 0.0
        self.per_minute = 250
        self.packs = False  # several files are handed out as one stored archive ...
        self.pack_password = ""  # ... that nobody can look into
        self.fails: deque[tuple[str, int]] = deque()  # (path prefix, error code) met once each
        self.gone_links: set[str] = set()
        self.calls: list[str] = []
        self.refused = 0
        self.port = 0
        self.cdn_drops_after: int | None = None  # bytes after which each connection is cut
        self.cdn_status: int | None = None
        self.cdn_down = False
        self.cdn_expired: set[str] = set()
        self.cdn_reads: list[tuple[str, str]] = []
        self.witness: Callable[[str], Awaitable[None]] | None = (
            None  # told of each call before it counts, and once it has
        )
        self._links: dict[str, tuple[str, int]] = {}  # link -> (hash, file id)
        self._archives: dict[str, bytes] = {}
        self._downloads: dict[str, tuple[str, int]] = {}  # token -> (hash, file id)
        self._times: deque[float] = deque()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/rest/1.0"

    def know(self, release: Release, *, cached: bool = True) -> Release:
        self.releases[release.info_hash] = release
        if cached:
            self.cached.add(release.info_hash)
        return release

    def hold(self, release: Release) -> Item:
        """The account holds it already, added by somebody else."""
        item = Item(id=secrets.token_hex(6).upper(), release=release, status="downloaded", progress=100)
        item.selected, item.ended = frozenset(range(1, len(release.files) + 1)), time.time()
        self.items[item.id] = item
        return item

    def lose(self, release: Release) -> None:
        """It has it no more, and does not want it again."""
        self.gone_links |= {link for link, (owner, _) in self._links.items() if owner == release.info_hash}
        self.expire_links()
        self.infringing.add(release.info_hash)

    def expire_links(self) -> None:
        """Every address that was handed out stops working."""
        self.cdn_expired |= set(self._downloads)

    # --- the API ---------------------------------------------------------------------------------------------------

    def _error(self, code: int) -> web.Response:
        name, status = ERRORS[code]
        return web.json_response({"error": name, "error_code": code}, status=status)

    @web.middleware
    async def _door(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not request.path.startswith("/rest/1.0"):
            return await self._witnessed("GET /d", request, handler)
        path = request.path.removeprefix("/rest/1.0")
        now = time.monotonic()
        while self._times and self._times[0] < now - 60:
            self._times.popleft()
        if len(self._times) >= self.per_minute:
            self.refused += 1
            return self._error(34)
        self._times.append(now)
        self.calls.append(f"{request.method} {path}")
        if self.latency:
            await asyncio.sleep(self.latency)
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or key not in self.keys:
            return self._error(8)
        for index, (prefix, code) in enumerate(self.fails):
            if path.startswith(prefix):
                del self.fails[index]
                return self._error(code)
        return await self._witnessed(f"{request.method} {path}", request, handler)

    async def _witnessed(
        self, call: str, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self.witness is not None:
            await self.witness(f"before {call}")
        answer = await handler(request)
        if self.witness is not None:
            await self.witness(f"after {call}")
        return answer

    def _look(self, item: Item) -> Item:
        """Let time pass."""
        now = time.time()
        if item.status == "magnet_conversion":
            item.status = "waiting_files_selection"
        if item.status == "queued" and self._active(but=item) < self.slots:
            item.status = "downloading"
        if item.status == "downloading":
            left = item.ready_at - now
            item.progress = 100 if left <= 0 else max(0.0, 100 * (1 - left / max(self.fetch_seconds, 0.001)))
            if left <= 0:
                item.status, item.ended = "downloaded", now
        return item

    def _active(self, but: Item | None = None) -> int:
        return sum(1 for one in self.items.values() if one is not but and one.status in ("downloading", "queued"))

    def _shown(self, item: Item, *, files: bool) -> dict[str, Any]:
        self._look(item)
        release = item.release
        shown: dict[str, Any] = {
            "id": item.id,
            "filename": release.name,
            "hash": release.info_hash,
            "bytes": sum(len(release.files[i][1]) for i in range(len(release.files)) if i + 1 in item.selected),
            "host": "real-debrid.com",
            "split": 2000,
            "progress": round(item.progress),
            "status": item.status,
            "added": _date(item.added),
            "links": self._item_links(item) if item.status == "downloaded" else [],
        }
        if item.status == "downloading":
            shown |= {"speed": 1_000_000, "seeders": 5}
        if item.ended:
            shown["ended"] = _date(item.ended)
        if files:
            shown["original_filename"] = release.name
            shown["original_bytes"] = release.size
            known = item.status not in ("magnet_conversion", "magnet_error")
            shown["files"] = [
                {"id": n, "path": f"/{path}", "bytes": len(content), "selected": int(n in item.selected)}
                for n, (path, content) in enumerate(release.files, 1)
                if known
            ]
        return shown

    def _item_links(self, item: Item) -> list[str]:
        wanted = sorted(item.selected)
        if self.packs and len(wanted) > 1:
            return [self._link(item.release.info_hash, PACKED)]
        return [self._link(item.release.info_hash, number) for number in wanted]

    def _link(self, info_hash: str, number: int) -> str:
        digest = hashlib.sha256(f"{info_hash}/{number}".encode()).digest()
        word = base64.b32encode(digest).decode()[:13]
        link = f"https://real-debrid.com/d/{word}"
        self._links[link] = (info_hash, number)
        return link

    async def user(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "id": 1,
                "username": "tester",
                "email": "tester@example.net",
                "points": 120,
                "locale": "en",
                "avatar": "https://example.net/a.png",
                "type": "premium",
                "premium": 8_640_000,
                "expiration": "2027-03-01T00:00:00.000Z",
            }
        )

    async def active(self, request: web.Request) -> web.Response:
        return web.json_response({"nb": self._active(), "limit": self.slots})

    async def torrents(self, request: web.Request) -> web.Response:
        limit = min(int(request.query.get("limit", "100")), 5000)
        page = int(request.query.get("page", "1"))
        rows = sorted(self.items.values(), key=lambda item: -item.added)
        if request.query.get("filter") == "active":
            rows = [item for item in rows if item.status in ("downloading", "queued")]
        cut = rows[(page - 1) * limit : page * limit]
        if not cut:
            return web.Response(status=204)
        shown = [self._shown(item, files=False) for item in cut]
        return web.json_response(shown, headers={"X-Total-Count": str(len(rows))})

    async def info(self, request: web.Request) -> web.Response:
        item = self.items.get(request.match_info["id"])
        return self._error(7) if item is None else web.json_response(self._shown(item, files=True))

    async def add_magnet(self, request: web.Request) -> web.Response:
        magnet = str((await request.post()).get("magnet", ""))
        topic = parse_qs(urlsplit(magnet).query).get("xt", [""])[0]
        return self._add(topic.rpartition(":")[2].lower())

    async def add_torrent(self, request: web.Request) -> web.Response:
        content = await request.read()
        found = next((one for one in self.releases.values() if one.torrent == content), None)
        return self._error(30) if found is None else self._add(found.info_hash)

    def _add(self, info_hash: str) -> web.Response:
        if info_hash in self.infringing:
            return self._error(35)
        if self._active() >= self.slots:
            return self._error(21)
        release = self.releases.get(info_hash)
        if release is None:
            release = Release(name=info_hash, files=[], info_hash=info_hash, torrent=b"")
        item = Item(id=secrets.token_hex(6).upper(), release=release)
        if not release.files:
            item.status = "dead"
        self.items[item.id] = item
        return web.json_response({"id": item.id, "uri": f"{self.base_url}/torrents/info/{item.id}"}, status=201)

    async def select(self, request: web.Request) -> web.Response:
        item = self.items.get(request.match_info["id"])
        if item is None:
            return self._error(7)
        if item.status != "waiting_files_selection":
            return self._error(31)
        text = str((await request.post()).get("files", ""))
        count = len(item.release.files)
        item.selected = frozenset(range(1, count + 1) if text == "all" else map(int, text.split(",")))
        if item.release.info_hash in self.cached:
            item.status, item.progress, item.ended = "downloaded", 100, time.time()
        else:
            item.status, item.ready_at = "downloading", time.time() + self.fetch_seconds
        return web.Response(status=204)

    async def delete(self, request: web.Request) -> web.Response:
        if self.items.pop(request.match_info["id"], None) is None:
            return self._error(7)
        return web.Response(status=204)

    async def unrestrict(self, request: web.Request) -> web.Response:
        link = str((await request.post()).get("link", ""))
        if link in self.gone_links or link not in self._links:
            return self._error(24 if link in self.gone_links else 7)
        info_hash, number = self._links[link]
        path, content = self._content(info_hash, number)
        token = secrets.token_hex(8).upper()
        self._downloads[token] = (info_hash, number)
        name = path.rpartition("/")[2]
        return web.json_response(
            {
                "id": token,
                "filename": name,
                "mimeType": "video/x-matroska",
                "filesize": len(content),
                "link": link,
                "host": "real-debrid.com",
                "chunks": 32,
                "crc": 1,
                "download": f"http://127.0.0.1:{self.port}/d/{token}/{name}",
                "streamable": 1,
            }
        )

    async def check(self, request: web.Request) -> web.Response:
        link = str((await request.post()).get("link", ""))
        if link in self.gone_links or link not in self._links:
            return web.json_response({"error": "unavailable_file", "error_code": 24}, status=404)
        path, content = self._content(*self._links[link])
        return web.json_response({"link": link, "filename": path, "filesize": len(content), "supported": 1})

    # --- the file servers --------------------------------------------------------------------------------------------

    async def file(self, request: web.Request) -> web.StreamResponse:
        token = request.match_info["token"]
        self.cdn_reads.append((token, request.headers.get("Range", "")))
        if self.cdn_down:
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=503)
        if self.cdn_status is not None:
            return web.Response(status=self.cdn_status)
        if token not in self._downloads or token in self.cdn_expired:
            return web.Response(status=404)
        _, content = self._content(*self._downloads[token])
        return await serve_range(request, content, self)

    def _content(self, info_hash: str, number: int) -> tuple[str, bytes]:
        release = self.releases[info_hash]
        if number != PACKED:
            return release.files[number - 1]
        if info_hash not in self._archives:
            self._archives[info_hash] = rar5(release.files, password=self.pack_password)[0]
        return f"{release.name}.rar", self._archives[info_hash]


async def serve_range(request: web.Request, content: bytes, fake: Any) -> web.StreamResponse:
    """A file server's answer: whole or a range; cut off where the fake says so, even in the middle of a body."""
    start, end = 0, len(content)
    status, headers = 200, {"Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
    wanted = request.headers.get("Range", "")
    if wanted.startswith("bytes="):
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last) + 1, len(content)) if last else len(content)
        if start >= len(content):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
    answer = web.StreamResponse(status=status, headers=headers)
    answer.content_length = end - start
    await answer.prepare(request)
    at = start
    while at < end:
        if fake.cdn_down or (fake.cdn_drops_after is not None and at - start >= fake.cdn_drops_after):
            assert request.transport is not None
            request.transport.abort()
            return answer
        step = 64 * 1024 if fake.cdn_drops_after is None else min(64 * 1024, fake.cdn_drops_after)
        await answer.write(content[at : min(at + step, end)])
        at += step
    await answer.write_eof()
    return answer


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@asynccontextmanager
async def real_debrid() -> AsyncIterator[RealDebrid]:
    """The service for the length of the block."""
    fake = RealDebrid()
    app = web.Application(middlewares=[fake._door], client_max_size=32 * 1024 * 1024)
    base = "/rest/1.0"
    app.add_routes(
        [
            web.get(f"{base}/user", fake.user),
            web.get(f"{base}/torrents", fake.torrents),
            web.get(f"{base}/torrents/activeCount", fake.active),
            web.get(base + "/torrents/info/{id}", fake.info),
            web.post(f"{base}/torrents/addMagnet", fake.add_magnet),
            web.put(f"{base}/torrents/addTorrent", fake.add_torrent),
            web.post(base + "/torrents/selectFiles/{id}", fake.select),
            web.delete(base + "/torrents/delete/{id}", fake.delete),
            web.post(f"{base}/unrestrict/link", fake.unrestrict),
            web.post(f"{base}/unrestrict/check", fake.check),
            web.get("/d/{token}/{name}", fake.file),
        ]
    )
    async with serving(app) as port:
        fake.port = port
        yield fake


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[int]:
    """An aiohttp application on a free loopback port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert isinstance(site._server, asyncio.Server)
        yield site._server.sockets[0].getsockname()[1]
    finally:
        await runner.cleanup()
