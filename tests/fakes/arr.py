"""Sonarr or Radarr on a loopback socket: as much of its API v3 as a download client meets, with a state of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes.real_debrid import serving


class Arr:
    """The program. What it was told is in `commands`, `dropped` and `failed`."""

    def __init__(self) -> None:
        self.key = "arr-key-canary"
        self.app_name = "Radarr"
        self.port = 0
        self.calls: list[str] = []
        self.commands: list[str] = []
        self.dropped: list[dict[str, Any]] = []
        self.deleted: list[int] = []
        self.failed: list[int] = []
        self.queue: list[dict[str, Any]] = []
        self.movies: list[dict[str, Any]] = []
        self.series: list[dict[str, Any]] = []
        self.episodes: dict[int, list[dict[str, Any]]] = {}  # by series
        self.episode_files: dict[int, list[dict[str, Any]]] = {}
        self.grabs: list[dict[str, Any]] = []
        self.candidates: dict[str, list[dict[str, Any]]] = {}  # by download id: what it would import if told to
        self.imports: list[dict[str, Any]] = []
        self.searched: list[dict[str, Any]] = []
        self.remote_paths: list[dict[str, Any]] = []
        self.looked_at: list[str] = []
        self.sees_everything = True
        self.category = "radarr"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @web.middleware
    async def door(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.calls.append(f"{request.method} {request.path}")
        if request.headers.get("X-Api-Key") != self.key:
            return web.json_response({"error": "Unauthorized"}, status=401)
        return await handler(request)

    async def status(self, request: web.Request) -> web.Response:
        return web.json_response({"appName": self.app_name, "instanceName": self.app_name, "version": "5.14.0.9383"})

    async def command(self, request: web.Request) -> web.Response:
        sent = await request.json()
        self.commands.append(sent["name"])
        if sent["name"] == "ManualImport":
            self.imports.append(sent)
        if sent["name"] in ("EpisodeSearch", "MoviesSearch"):
            self.searched.append(sent)
        return web.json_response({"id": len(self.commands), "name": sent["name"], "status": "queued"}, status=201)

    async def listed(self, request: web.Request) -> web.Response:
        page, size = int(request.query.get("page", "1")), int(request.query.get("pageSize", "10"))
        rows = self.queue[(page - 1) * size : page * size]
        shown = {"page": page, "pageSize": size, "totalRecords": len(self.queue), "records": rows}
        return web.json_response(shown)

    async def drop(self, request: web.Request) -> web.Response:
        sent = await request.json()
        words = {name: request.query[name] for name in ("blocklist", "skipRedownload")}
        self.dropped.append({"ids": sent["ids"], **words})
        self.queue = [row for row in self.queue if row["id"] not in sent["ids"]]
        return web.json_response({})

    async def clients(self, request: web.Request) -> web.Response:
        word = "tvCategory" if self.app_name == "Sonarr" else "movieCategory"
        fields = [{"name": "host", "value": "polycast"}, {"name": word, "value": self.category}]
        row = {"name": "Polycast", "implementation": "QBittorrent", "enable": True, "fields": fields}
        return web.json_response([row])

    async def mappings(self, request: web.Request) -> web.Response:
        return web.json_response(self.remote_paths)

    async def media_files(self, request: web.Request) -> web.Response:
        path = request.query["path"]
        self.looked_at.append(path)
        return web.json_response([{"path": f"{path}/movie.mkv", "size": 1}] if self.sees_everything else [])

    async def all_movies(self, request: web.Request) -> web.Response:
        return web.json_response(self.movies)

    async def all_series(self, request: web.Request) -> web.Response:
        return web.json_response(self.series)

    async def of_series(self, request: web.Request) -> web.Response:
        known = self.episodes if request.path.endswith("/episode") else self.episode_files
        return web.json_response(known.get(int(request.query["seriesId"]), []))

    async def manual_import(self, request: web.Request) -> web.Response:
        return web.json_response(self.candidates.get(request.query["downloadId"], []))

    async def history(self, request: web.Request) -> web.Response:
        episode, movie = request.query.get("episodeId"), request.query.get("movieIds")
        rows = [
            row
            for row in self.grabs
            if (episode is None or str(row.get("episodeId")) == episode)
            and (movie is None or str(row.get("movieId")) == movie)
        ]
        return web.json_response({"page": 1, "pageSize": 50, "totalRecords": len(rows), "records": rows})

    async def mark_failed(self, request: web.Request) -> web.Response:
        self.failed.append(int(request.match_info["id"]))
        return web.json_response({})

    async def delete_files(self, request: web.Request) -> web.Response:
        name = "episodeFileIds" if request.path.endswith("/episodefile/bulk") else "movieFileIds"
        ids = (await request.json())[name]
        if len(set(ids)) != len(ids):
            return web.json_response({"message": "duplicate"}, status=500)
        self.deleted += ids
        return web.json_response({})


@asynccontextmanager
async def arr_server(app_name: str = "Radarr") -> AsyncIterator[Arr]:
    """The program for the length of the block."""
    fake = Arr()
    fake.app_name, fake.category = app_name, app_name.lower()
    app = web.Application(middlewares=[fake.door])
    base = "/api/v3"
    app.add_routes(
        [
            web.get(f"{base}/system/status", fake.status),
            web.post(f"{base}/command", fake.command),
            web.get(f"{base}/queue", fake.listed),
            web.delete(f"{base}/queue/bulk", fake.drop),
            web.get(f"{base}/downloadclient", fake.clients),
            web.get(f"{base}/remotepathmapping", fake.mappings),
            web.get(f"{base}/filesystem/mediafiles", fake.media_files),
            web.get(f"{base}/movie", fake.all_movies),
            web.get(f"{base}/history", fake.history),
            web.post(base + "/history/failed/{id}", fake.mark_failed),
            web.delete(f"{base}/moviefile/bulk", fake.delete_files),
            web.delete(f"{base}/episodefile/bulk", fake.delete_files),
            web.get(f"{base}/series", fake.all_series),
            web.get(f"{base}/episode", fake.of_series),
            web.get(f"{base}/episodefile", fake.of_series),
            web.get(f"{base}/manualimport", fake.manual_import),
        ]
    )
    async with serving(app) as port:
        fake.port = port
        yield fake
