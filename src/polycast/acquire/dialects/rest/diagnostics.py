"""What the original has below its own root: statistics, logs, hooks, the set-up wizard. Only under `/acquire/`."""

import resource
from datetime import timedelta
from typing import Final

from polycast.acquire.dialects.asked import read
from polycast.acquire.dialects.rest.answers import json
from polycast.acquire.dialects.rest.rooms import Rooms
from polycast.acquire.repair.model import Wish
from polycast.core.errors import Conflict, Invalid, NotFound, PolycastError
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller
from polycast.core.identity.sessions.model import UI

KIB: Final = 1024
UI_SIGN_IN: Final = "/app/"
LINES: Final = 1_000


class Diagnostics:
    """For people who look for what is wrong."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def stats(self, request: Request, caller: Caller) -> Response:
        folders, size = self._rooms.tree.count()
        views = await self._rooms.upkeep.views()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
        return json(
            {
                "memory": {"peak_bytes": memory},
                "library": {"folders": folders, "bytes": size},
                "served_bytes": self._rooms.meters.total,
                "debrids": [
                    {
                        "name": one.name,
                        "provider": one.provider,
                        "profile": one.profile,
                        "error": one.error,
                        "library": one.placements,
                        "calls": one.calls,
                    }
                    for one in views
                ],
                "usenet": [
                    {
                        "host": server.name,
                        "connections": server.connections[0],
                        "limit": server.connections[1],
                        "error": server.error,
                    }
                    for server in (await self._rooms.news.pool()).servers
                ],
                "mount": {"type": (await self._rooms.configs.read()).mount.type},
            }
        )

    async def speed_test(self, request: Request, caller: Caller) -> Response:
        sent = (await read(request)).json
        sent = sent if isinstance(sent, dict) else {}
        protocol, name = sent.get("protocol"), str(sent.get("provider") or "")
        if protocol not in ("debrid", "nntp"):
            raise Invalid.one("protocol", "invalid", "protocol is debrid or nntp.")
        error = ""
        took = timedelta()
        try:
            took = await (self._latency_of(name) if protocol == "debrid" else self._latency_to(name))
        except NotFound:
            raise
        except PolycastError as failure:
            error = failure.message
        return json(
            {
                "provider": name,
                "protocol": protocol,
                "speed_mbps": 0.0,
                "latency_ms": round(took.total_seconds() * 1000, 1),
                "bytes_read": 0,
                "tested_at": self._rooms.clock.now().isoformat(),
                "error": error,
            }
        )

    async def _latency_of(self, name: str) -> timedelta:
        live = await self._rooms.accounts.named(name)
        if live is None:
            raise NotFound("The account")
        await live.provider.account()  # opens the connection
        started = self._rooms.clock.monotonic()
        await live.provider.account()
        return self._rooms.clock.monotonic() - started

    async def _latency_to(self, host: str) -> timedelta:
        """One round trip on a connection that is open and signed in."""
        server = next((one for one in (await self._rooms.news.pool()).servers if one.name == host), None)
        if server is None:
            raise NotFound("The news server")
        async with server.lent() as connection:
            started = self._rooms.clock.monotonic()
            await connection.ping()
            return self._rooms.clock.monotonic() - started

    async def ingests(self, request: Request, caller: Caller) -> Response:
        wanted = request.path_params.get("debrid", "")
        if wanted and await self._rooms.accounts.named(wanted) is None:
            raise NotFound("The account")
        found = []
        for name in await self._rooms.tree.groups():
            if (wanted and name != wanted) or await self._rooms.accounts.named(name) is None:
                continue
            found += [
                {"debrid": name, "name": folder.name, "hash": folder.hashes[0], "size": folder.size_bytes}
                for folder in await self._rooms.tree.folders(name)
            ]
        return json(found)

    async def tautulli(self, request: Request, caller: Caller) -> Response:
        sent = (await read(request)).json
        if not isinstance(sent, dict) or sent.get("topic") != "tautulli":
            raise Invalid.one("topic", "invalid", "This is no message of Tautulli.")
        media = sent.get("media_id")
        arr = str(sent.get("arr") or "")
        wish = Wish(
            source="arr" if arr else "both",
            arr=arr,
            media_ids=(str(media),) if media else (),
            fixes=bool(sent.get("fix")),
            ignores_last=bool(media),
        )
        run = await self._rooms.repairs.start(caller, wish)
        return json({"run_id": run.run_id})

    async def sign_in_page(self, request: Request, caller: Caller) -> Response:
        return Response(status_code=302, headers={"location": UI_SIGN_IN})

    async def sign_in(self, request: Request, caller: Caller) -> Response:
        sent = (await read(request)).json
        if not isinstance(sent, dict):
            raise Invalid.one("", "not_an_object", "A name and a password are needed.")
        identity = self._rooms.identity
        signed_in = await identity.sign_in(
            str(sent.get("username") or ""), str(sent.get("password") or ""), kind=UI.name, address=caller.address
        )
        answer = json({"success": True})
        secure = request.url.scheme == "https"
        answer.headers["set-cookie"] = identity.sessions.cookie(signed_in, secure=secure).header()
        return answer

    async def logs(self, request: Request, caller: Caller) -> Response:
        """The last lines of this module in this process, as text; the whole log is the server's."""
        asked = await read(request)
        lines = self._rooms.log.lines(min(max(asked.number("lines") or LINES, 1), LINES))
        return Response("".join(f"{line}\n" for line in lines), media_type="text/plain")

    async def rclone_logs(self, request: Request, caller: Caller) -> Response:
        raise NotFound("The log of rclone, which runs by itself,")

    async def update_auth(self, request: Request, caller: Caller) -> Response:
        sent = (await read(request)).json
        sent = sent if isinstance(sent, dict) else {}
        password = str(sent.get("password") or "")
        if not password or password != sent.get("confirm_password"):
            raise Invalid.one("confirm_password", "mismatch", "The passwords differ, or there is none.")
        if caller.user_id is None:
            raise Conflict("Only a user has a password.", reason="no_user")
        await self._rooms.identity.users.set_password(caller, caller.user_id, password)
        return json({"success": True})

    async def no_mount(self, request: Request, caller: Caller) -> Response:
        raise Invalid.one("mount", "not_dfs", "There is no such mount here.")
