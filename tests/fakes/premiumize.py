"""Premiumize on a loopback socket: its API as documented."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes.debrid_base import DebridBase, Item, hash_of
from tests.fakes.real_debrid import serving

WORDS = {
    "bad_key": "Not logged in.",
    "slots": "You already have a maximum of 25 active downloads in progress!",
    "gone": "Item not found",
}


class Premiumize(DebridBase):
    """The service: transfers that end in folders. `late_looks` is how often a finished one still has no files."""

    def __init__(self) -> None:
        super().__init__()
        self.late_looks = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def error(self, word: str) -> web.Response:
        return web.json_response({"status": "error", "message": WORDS.get(word, word)})

    def ok(self, **data: Any) -> web.Response:
        return web.json_response({"status": "success", **data})

    async def info(self, request: web.Request) -> web.Response:
        return self.ok(
            customer_id="123456789", premium_until=1_803_000_000, limit_used=0.1, space_used=5, booster_points=0
        )

    async def create(self, request: web.Request) -> web.Response:
        form: Any = await request.post()
        info_hash = hash_of(str(form["src"])) if "src" in form else self.by_torrent(form["file"].file.read())
        if info_hash in self.refused:
            return self.error("The content is not allowed")
        if self.active() >= self.slots:
            return self.error("slots")
        item = self.add(info_hash)
        return self.ok(id=str(item.id), name=item.release.name, type="torrent")

    def _shown(self, item: Item) -> dict[str, Any]:
        ready = item.is_ready
        return {
            "id": str(item.id),
            "name": item.release.name,
            "message": None,
            "status": "finished" if ready else ("error" if item.is_dead else "running"),
            "progress": None if ready else 0.3,
            "src": f"magnet:?xt=urn:btih:{item.release.info_hash}",
            "folder_id": f"f{item.id}" if ready else None,
            "file_id": None,
        }

    async def list(self, request: web.Request) -> web.Response:
        return self.ok(transfers=[self._shown(item) for item in reversed(self.items.values())])

    async def delete(self, request: web.Request) -> web.Response:
        form = await request.post()
        return self.ok() if self.items.pop(int(str(form["id"])), None) else self.error("Transfer not found")

    async def check(self, request: web.Request) -> web.Response:
        wanted = request.query.getall("items[]")
        found = [one in self.cached for one in wanted]
        return self.ok(response=found, transcoded=found, filename=wanted, filesize=["1"] * len(wanted))

    def _file(self, item: Item, number: int) -> dict[str, Any]:
        path, content = item.release.files[number - 1]
        address = self.address(item.release.info_hash, number)
        name = path.rpartition("/")[2]
        return {"id": f"{item.id}-{number}", "name": name, "type": "file", "size": len(content), "link": address}

    async def folder(self, request: web.Request) -> web.Response:
        item = self.items[int(request.query["id"].removeprefix("f"))]
        if self.late_looks:
            self.late_looks -= 1
            return self.ok(content=[], name=item.release.name, parent_id="0")
        rows = [self._file(item, number) for number in range(1, len(item.release.files) + 1)]
        return self.ok(content=rows, name=item.release.name, parent_id="0")

    async def details(self, request: web.Request) -> web.Response:
        item_id, _, number = request.query["id"].partition("-")
        item = self.items.get(int(item_id))
        if item is None or (item.release.info_hash, int(number)) in self.gone:
            return self.error("gone")
        return web.json_response(self._file(item, int(number)))


@asynccontextmanager
async def premiumize() -> AsyncIterator[Premiumize]:
    fake = Premiumize()
    app = web.Application(middlewares=[fake.door], client_max_size=32 * 1024 * 1024)
    app.add_routes(
        [
            web.get("/api/account/info", fake.info),
            web.post("/api/transfer/create", fake.create),
            web.get("/api/transfer/list", fake.list),
            web.post("/api/transfer/delete", fake.delete),
            web.get("/api/cache/check", fake.check),
            web.get("/api/folder/list", fake.folder),
            web.get("/api/item/details", fake.details),
            web.get("/cdn/{token}/{name}", fake.file),
        ]
    )
    async with serving(app) as port:
        fake.port = port
        yield fake
