"""AllDebrid on a loopback socket: its API v4 and v4.1 as documented."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes.debrid_base import DebridBase, Item, hash_of
from tests.fakes.real_debrid import serving

WORDS = {"bad_key": "AUTH_BAD_APIKEY", "slots": "MAGNET_TOO_MANY_ACTIVE", "gone": "LINK_DOWN"}


class AllDebrid(DebridBase):
    """The service. One item comes as an object, several as a list."""

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v4"

    def error(self, word: str) -> web.Response:
        code = WORDS.get(word, word)
        return web.json_response({"status": "error", "error": {"code": code, "message": f"It is {code}"}})

    def ok(self, data: Any) -> web.Response:
        return web.json_response({"status": "success", "data": data})

    async def user(self, request: web.Request) -> web.Response:
        user = {"username": "tester", "email": "t@example.net", "isPremium": True, "isSubscribed": False}
        return self.ok({"user": {**user, "premiumUntil": 1_803_000_000, "fidelityPoints": 5}})

    def _added(self, info_hash: str) -> dict[str, Any]:
        if info_hash in self.refused:
            return {"magnet": info_hash, "error": {"code": "MAGNET_TOO_LARGE", "message": "It is too large"}}
        if self.active() >= self.slots:
            return {"magnet": info_hash, "error": {"code": "MAGNET_TOO_MANY_ACTIVE", "message": "Too many"}}
        item = self.add(info_hash)
        release = item.release
        return {
            "magnet": info_hash,
            "hash": info_hash,
            "name": release.name,
            "filename_original": "",
            "size": release.size,
            "ready": item.is_ready,
            "id": item.id,
        }

    async def upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        return self.ok({"magnets": [self._added(hash_of(str(form["magnets[]"])))]})

    async def upload_file(self, request: web.Request) -> web.Response:
        part: Any = (await request.post())["files[]"]
        info_hash = self.by_torrent(part.file.read())
        if not info_hash:
            return self.ok(
                {"files": [{"file": part.filename, "error": {"code": "MAGNET_INVALID_FILE", "message": "x"}}]}
            )
        return self.ok({"files": [{"file": part.filename, **self._added(info_hash)}]})

    def _shown(self, item: Item) -> dict[str, Any]:
        code = 4 if item.is_ready else (15 if item.is_dead else 1)
        size = item.release.size
        return {
            "id": item.id,
            "filename": item.release.name,
            "size": size,
            "hash": item.release.info_hash,
            "status": "Ready" if code == 4 else "Downloading",
            "statusCode": code,
            "downloaded": size if code == 4 else size // 2,
            "uploaded": 0,
            "seeders": 3,
            "downloadSpeed": 0 if code == 4 else 500_000,
            "uploadSpeed": 0,
            "uploadDate": int(item.added),
            "completionDate": int(item.added) if code == 4 else 0,
            "type": "m",
            "nbLinks": len(item.release.files),
        }

    async def status(self, request: web.Request) -> web.Response:
        form = await request.post()
        if "id" in form:
            item = self.items.get(int(str(form["id"])))
            return self.error("MAGNET_INVALID_ID") if item is None else self.ok({"magnets": self._shown(item)})
        return self.ok({"magnets": [self._shown(item) for item in reversed(self.items.values())]})

    async def files(self, request: web.Request) -> web.Response:
        item = self.items[int(str((await request.post())["id[]"]))]
        rows = []
        for number, (path, content) in enumerate(item.release.files, 1):
            link = f"https://alldebrid.com/f/{item.release.info_hash}-{number}"
            rows.append({"n": path.rpartition("/")[2], "s": len(content), "l": link})
        return self.ok({"magnets": [{"id": str(item.id), "files": [{"n": item.release.name, "e": rows}]}]})

    async def delete(self, request: web.Request) -> web.Response:
        self.items.pop(int(str((await request.post())["id"])), None)
        return self.ok({"message": "Magnet was successfully deleted"})

    async def unlock(self, request: web.Request) -> web.Response:
        link = str((await request.post())["link"])
        info_hash, _, number = link.rpartition("/")[2].partition("-")
        if (info_hash, int(number)) in self.gone:
            return self.error("LINK_DOWN")
        content = self.releases[info_hash].files[int(number) - 1][1]
        address = self.address(info_hash, int(number))
        return self.ok(
            {"link": address, "host": "magnet", "filename": "x", "filesize": len(content), "id": "1", "streams": []}
        )

    async def infos(self, request: web.Request) -> web.Response:
        link = str((await request.post())["link[]"])
        info_hash, _, number = link.rpartition("/")[2].partition("-")
        if (info_hash, int(number)) in self.gone:
            return self.ok({"infos": [{"link": link, "error": {"code": "LINK_DOWN", "message": "gone"}}]})
        return self.ok({"infos": [{"link": link, "filename": "x", "size": 1, "host": "magnet"}]})


@asynccontextmanager
async def alldebrid() -> AsyncIterator[AllDebrid]:
    fake = AllDebrid()
    app = web.Application(middlewares=[fake.door], client_max_size=32 * 1024 * 1024)
    for path, handler in (
        ("/v4/user", fake.user),
        ("/v4/magnet/upload", fake.upload),
        ("/v4/magnet/upload/file", fake.upload_file),
        ("/v4.1/magnet/status", fake.status),
        ("/v4/magnet/files", fake.files),
        ("/v4/magnet/delete", fake.delete),
        ("/v4/link/unlock", fake.unlock),
        ("/v4/link/infos", fake.infos),
    ):
        app.router.add_route("*", path, handler)
    app.router.add_get("/cdn/{token}/{name}", fake.file)
    async with serving(app) as port:
        fake.port = port
        yield fake
