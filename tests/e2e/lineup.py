"""A line-up on a server that runs in the test's own loop, made by the same calls as our pages make."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from polycast.core.identity.scopes import Role
from tests.e2e.walk import Entry, guide, playlist
from tests.fakes.http_upstream import ok, upstream
from tests.server import Client, Server


async def import_lineup(owner: Client, provider: str, idle: Callable[[], Awaitable[None]]) -> None:
    """Channels of all groups of `provider`'s playlist, with its guide; `idle` returns when no job waits or runs."""
    made = await owner.post("/api/m3u/accounts/", {"name": "Provider", "server_url": f"{provider}/list.m3u"})
    assert made.status == 201, made.text()
    account = made.json()["id"]
    await idle()
    groups = f"/polycast/v1/live/sources/m3u:{account}/groups"
    assert (await owner.patch(groups, {"all": True, "enabled": True, "auto_sync": True})).status == 200
    assert (await owner.post(f"/api/m3u/refresh/{account}/")).status == 202
    await idle()
    source = await owner.post(
        "/api/epg/sources/", {"name": "Guide", "source_type": "xmltv", "url": f"{provider}/guide.xml"}
    )
    assert source.status == 201, source.text()
    assert (await owner.post("/api/epg/import/", {"id": source.json()["id"]})).status == 202
    await idle()
    assert (await owner.post("/polycast/v1/live/match", {})).status == 202
    await idle()
    assert (await owner.post("/polycast/v1/live/match/apply", {"certain": True})).status == 200
    await idle()


@asynccontextmanager
async def lineup(server: Server, entries: Sequence[Entry]) -> AsyncIterator[Client]:
    """`entries` as channels with a guide; their pictures come from nowhere."""
    async with upstream() as provider:
        provider.on("/list.m3u", ok(playlist("http://127.0.0.1:9", entries), "audio/x-mpegurl"))
        provider.on("/guide.xml", ok(guide(entries), "application/xml"))
        owner = await server.client(Role.OWNER)
        await import_lineup(owner, provider.url(""), server.idle)
        yield owner
