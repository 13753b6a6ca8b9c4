"""TorBox on a loopback socket: its API v1 as documented."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from tests.fakes.debrid_base import DebridBase, Item, hash_of
from tests.fakes.real_debrid import serving

WORDS = {"bad_key": ("BAD_TOKEN", 403), "slots": ("ACTIVE_LIMIT", 400), "gone": ("LINK_OFFLINE", 400)}


class TorBox(DebridBase):
    """The service."""

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/api"

    def error(self, word: str) -> web.Response:
        code, status = WORDS.get(word, (word, 400))
        body = {"success": False, "error": code, "detail": f"It is {code}", "data": None}
        return web.json_response(body, status=status)

    def ok(self, data: Any) -> web.Response:
        return web.json_response({"success": True, "error": None, "detail": "Fine", "data": data})

    async def me(self, request: web.Request) -> web.Response:
        user = {"id": 1, "email": "t@example.net", "plan": 2, "premium_expires_at": "2027-03-01T00:00:00Z"}
        return self.ok({**user, "cooldown_until": None, "total_downloaded": 12})

    async def create(self, request: web.Request) -> web.Response:
        form: Any = await request.post()
        info_hash = hash_of(str(form["magnet"])) if "magnet" in form else self.by_torrent(form["file"].file.read())
        if info_hash in self.refused:
            return self.error("DOWNLOAD_TOO_LARGE")
        if self.active() >= self.slots:
            return self.error("ACTIVE_LIMIT")
        item = self.add(info_hash)
        return self.ok({"torrent_id": item.id, "hash": info_hash, "auth_id": "a"})

    def _shown(self, item: Item) -> dict[str, Any]:
        ready, release = item.is_ready, item.release
        state = "cached" if ready else ("failed (no seeds)" if item.is_dead else "downloading")
        added = datetime.fromtimestamp(item.added, UTC).isoformat()
        return {
            "id": item.id,
            "hash": release.info_hash,
            "created_at": added,
            "updated_at": added,
            "size": release.size,
            "active": not ready,
            "download_state": state,
            "seeds": 6,
            "peers": 1,
            "ratio": 0,
            "progress": 1 if ready else 0.25,
            "download_speed": 0 if ready else 900_000,
            "upload_speed": 0,
            "name": release.name,
            "eta": 0,
            "download_present": ready and (release.info_hash, 0) not in self.gone,
            "download_finished": ready,
            "files": [
                {
                    "id": number,
                    "name": path,
                    "short_name": path.rpartition("/")[2],
                    "size": len(content),
                    "infected": False,
                }
                for number, (path, content) in enumerate(release.files, 1)
            ],
            "cached": ready,
        }

    async def mylist(self, request: web.Request) -> web.Response:
        if wanted := request.query.get("id"):
            item = self.items.get(int(wanted))
            return self.error("ITEM_NOT_FOUND") if item is None else self.ok(self._shown(item))
        offset, limit = int(request.query.get("offset", "0")), int(request.query.get("limit", "1000"))
        rows = list(reversed(self.items.values()))[offset : offset + limit]
        return self.ok([self._shown(item) for item in rows])

    async def control(self, request: web.Request) -> web.Response:
        sent = await request.json()
        if sent["operation"] != "delete" or self.items.pop(sent["torrent_id"], None) is None:
            return self.error("ITEM_NOT_FOUND")
        return self.ok(None)

    async def requestdl(self, request: web.Request) -> web.Response:
        item = self.items.get(int(request.query["torrent_id"]))
        if item is None:
            return self.error("ITEM_NOT_FOUND")
        number = int(request.query["file_id"])
        if (item.release.info_hash, number) in self.gone:
            return self.error("LINK_OFFLINE")
        return self.ok(self.address(item.release.info_hash, number))

    async def checkcached(self, request: web.Request) -> web.Response:
        wanted = request.query["hash"].split(",")
        rows = [{"name": one, "size": 1, "hash": one} for one in wanted if one in self.cached]
        if request.query.get("format") == "object":
            return self.ok({row["hash"]: row for row in rows})
        return self.ok(rows)


@asynccontextmanager
async def torbox() -> AsyncIterator[TorBox]:
    fake = TorBox()
    app = web.Application(middlewares=[fake.door], client_max_size=32 * 1024 * 1024)
    base = "/v1/api"
    app.add_routes(
        [
            web.get(f"{base}/user/me", fake.me),
            web.post(f"{base}/torrents/createtorrent", fake.create),
            web.get(f"{base}/torrents/mylist", fake.mylist),
            web.post(f"{base}/torrents/controltorrent", fake.control),
            web.get(f"{base}/torrents/requestdl", fake.requestdl),
            web.get(f"{base}/torrents/checkcached", fake.checkcached),
            web.get("/cdn/{token}/{name}", fake.file),
        ]
    )
    async with serving(app) as port:
        fake.port = port
        yield fake
