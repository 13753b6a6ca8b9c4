"""Debrid-Link on a loopback socket: its API v2 as documented."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes.debrid_base import DebridBase, Item, hash_of
from tests.fakes.real_debrid import serving

WORDS = {"bad_key": "badToken", "slots": "maxTorrent", "gone": "fileNotFound"}


class DebridLink(DebridBase):
    """The service. Files carry their addresses."""

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v2"

    def error(self, word: str) -> web.Response:
        status = 401 if word == "bad_key" else 400
        return web.json_response({"success": False, "error": WORDS.get(word, word)}, status=status)

    def ok(self, value: Any, **more: Any) -> web.Response:
        return web.json_response({"success": True, "value": value, **more})

    async def infos(self, request: web.Request) -> web.Response:
        user = {"username": "tester", "email": "t@example.net", "accountType": 1, "premiumLeft": 864_000, "pts": 3}
        return self.ok(user)

    def _shown(self, item: Item) -> dict[str, Any]:
        release, ready = item.release, item.is_ready
        files = [
            {
                "id": f"{item.id}-{number}",
                "name": path,
                "downloadUrl": self.address(release.info_hash, number)
                if ready and (release.info_hash, number) not in self.gone
                else "",
                "downloaded": False,
                "size": len(content),
                "downloadPercent": 100 if ready else 40,
            }
            for number, (path, content) in enumerate(release.files, 1)
        ]
        return {
            "id": str(item.id),
            "name": release.name,
            "hashString": release.info_hash,
            "uploadRatio": 0,
            "serverId": "s1",
            "wait": False,
            "peersConnected": 4,
            "status": 100 if ready else 4,
            "totalSize": release.size,
            "files": files,
            "trackers": [],
            "isZip": False,
            "created": int(item.added),
            "downloadPercent": 100 if ready else 40,
            "downloadSpeed": 0 if ready else 700_000,
            "uploadSpeed": 0,
            "error": 3 if item.is_dead else 0,
            "errorString": "no peers" if item.is_dead else "",
        }

    async def list(self, request: web.Request) -> web.Response:
        if ids := request.query.get("ids"):
            found = [self.items[int(one)] for one in ids.split(",") if int(one) in self.items]
            return self.ok([self._shown(item) for item in found])
        page, size = int(request.query.get("page", "0")), int(request.query.get("perPage", "20"))
        rows = list(reversed(self.items.values()))
        pages = max(1, -(-len(rows) // size))
        paging = {"page": page, "pages": pages, "next": page + 1 if page + 1 < pages else -1, "previous": page - 1}
        return self.ok([self._shown(item) for item in rows[page * size : (page + 1) * size]], pagination=paging)

    async def added(self, request: web.Request) -> web.Response:
        if request.content_type == "application/json":
            info_hash = hash_of((await request.json())["url"])
        else:
            part: Any = (await request.post())["file"]
            info_hash = self.by_torrent(part.file.read())
        if info_hash in self.refused:
            return self.error("torrentTooBig")
        if self.active() >= self.slots:
            return self.error("maxTorrent")
        return self.ok(self._shown(self.add(info_hash)))

    async def remove(self, request: web.Request) -> web.Response:
        gone = [one for one in request.match_info["ids"].split(",") if self.items.pop(int(one), None)]
        return self.ok(gone) if gone else self.error("badId")


@asynccontextmanager
async def debrid_link() -> AsyncIterator[DebridLink]:
    fake = DebridLink()
    app = web.Application(middlewares=[fake.door], client_max_size=32 * 1024 * 1024)
    app.add_routes(
        [
            web.get("/api/v2/account/infos", fake.infos),
            web.get("/api/v2/seedbox/list", fake.list),
            web.post("/api/v2/seedbox/add", fake.added),
            web.delete("/api/v2/seedbox/{ids}/remove", fake.remove),
            web.get("/cdn/{token}/{name}", fake.file),
        ]
    )
    async with serving(app) as port:
        fake.port = port
        yield fake
