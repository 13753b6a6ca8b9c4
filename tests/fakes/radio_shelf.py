"""A web server with music: what remote tracks are fetched from, and where webhooks arrive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.radio.songs import song


class Letterbox:
    """What was posted to `/hook`: (headers, body)."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()
        self.status = 200

    async def take(self, request: web.Request) -> web.Response:
        self.came.put_nowait((dict(request.headers), await request.read()))
        return web.Response(status=self.status)


@asynccontextmanager
async def open_shelf(letters: Letterbox | None = None) -> AsyncIterator[str]:
    """`/tone.mp3` is music, `/page` is none, everything else is not there."""

    async def tone(_: web.Request) -> web.Response:
        return web.Response(body=song(title="Elsewhere", artist="Far"), content_type="audio/mpeg")

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<p>no sound</p>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/tone.mp3", tone)
    app.router.add_get("/page", page)
    if letters is not None:
        app.router.add_post("/hook", letters.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
