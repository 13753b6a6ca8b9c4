"""The routes of our own pages about news servers."""

from collections.abc import Sequence
from typing import Any, Final

from polycast.acquire.dialects.polycast import servers_wire, wire
from polycast.acquire.dialects.rest.rooms import Rooms
from polycast.core.errors import Invalid, NotFound, PolycastError
from polycast.core.http import Docs, Route, delete, get, post
from polycast.core.identity.caller import Caller, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope

READ: Final[Policy] = needs(Scope.ACQUIRE_READ)
ADMIN: Final[Policy] = needs(Scope.ACQUIRE_ADMIN)
TRY: Final[Policy] = needs(Scope.ACQUIRE_ADMIN, rate=RateClass.COSTLY)
BASE: Final = "/polycast/v1/acquire/servers"
TAGS: Final = Docs(tags=["acquire"])


def server_routes() -> Sequence[Route]:
    """Takes the service `rooms`."""
    return [servers, save_server, drop_server, test_server]


@get(BASE, policy=READ, docs=TAGS)
async def servers(rooms: Rooms) -> servers_wire.NewsServers:
    """Every news server, as it is asked: by priority, the spare ones last."""
    return servers_wire.NewsServers(
        items=[servers_wire.NewsServer.of(one) for one in (await rooms.news.pool()).servers]
    )


@post(BASE, policy=ADMIN, sent=servers_wire.NewsServerForm, docs=TAGS)
async def save_server(caller: Caller, rooms: Rooms, sent: servers_wire.NewsServerForm) -> servers_wire.NewsServers:
    """Add one, or change the one with this host; without a password the stored one stays."""
    host = sent.host.strip().lower()
    if not host:
        raise Invalid.one("host", "required", "The address is missing.")
    rows = await _rows(caller, rooms)
    known = next((row for row in rows if row["host"] == host), None)
    row: dict[str, Any] = {"host": host, "priority": len(rows) + 1} if known is None else known
    if known is None:
        rows.append(row)
    row |= {
        "port": sent.port,
        "ssl": sent.ssl,
        "username": sent.username.strip(),
        "max_connections": sent.max_connections,
        "backup": sent.backup,
    }
    if sent.password:
        row["password"] = sent.password
    await rooms.configs.change(caller, {"usenet": {"providers": rows}})
    return await servers.handler(rooms)  # type: ignore[no-any-return]


@delete(f"{BASE}/{{host}}", policy=ADMIN, status=204, docs=TAGS)
async def drop_server(caller: Caller, rooms: Rooms, host: str) -> None:
    """Forget it. Posts that only it had can be read no more."""
    rows = await _rows(caller, rooms)
    kept = [row for row in rows if row["host"] != host]
    if len(kept) == len(rows):
        raise NotFound("The news server")
    await rooms.configs.change(caller, {"usenet": {"providers": kept}})


@post(f"{BASE}/{{host}}/test", policy=TRY, docs=TAGS)
async def test_server(rooms: Rooms, host: str) -> wire.Found:
    """Connect, sign in, and ask for the time."""
    server = next((one for one in (await rooms.news.pool()).servers if one.name == host), None)
    if server is None:
        raise NotFound("The news server")
    try:
        async with server.lent() as connection:
            await connection.ping()
    except PolycastError as error:
        server.failed(error)
        return wire.Found(ok=False, text=error.message)
    return wire.Found(ok=True, text="")


async def _rows(caller: Caller, rooms: Rooms) -> list[dict[str, Any]]:
    whole = await rooms.configs.document(caller, reveal=True)
    return list(whole["usenet"]["providers"])
