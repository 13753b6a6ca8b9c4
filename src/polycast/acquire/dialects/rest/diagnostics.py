"""What the original has below its own root: statistics, logs, hooks, the set-up wizard. Only under `/acquire/`."""

import resource
from typing import Any, Final

from polycast.acquire.dialects.asked import read
from polycast.acquire.dialects.rest.answers import json
from polycast.acquire.dialects.rest.rooms import Rooms
from polycast.acquire.providers.errors import ProviderError
from polycast.acquire.repair.model import Wish
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller
from polycast.core.identity.sessions.model import UI

KIB: Final = 1024
UI_SIGN_IN: Final = "/app/"


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
                "mount": {"type": (await self._rooms.configs.read()).mount.type},
            }
        )

    async def speed_test(self, request: Request, caller: Caller) -> Response:
        sent = (await read(request)).json
        sent = sent if isinstance(sent, dict) else {}
        if sent.get("protocol") != "debrid":
            raise Invalid.one("protocol", "invalid", "Only debrid accounts are measured here.")
        live = await self._rooms.accounts.named(str(sent.get("provider") or ""))
        if live is None:
            raise NotFound("The account")
        started = self._rooms.clock.monotonic()
        error = ""
        try:
            await live.provider.account()
        except ProviderError as failure:
            error = failure.message
        took = self._rooms.clock.monotonic() - started
        shown: dict[str, Any] = {
            "provider": live.name,
            "protocol": "debrid",
            "speed_mbps": 0.0,
            "latency_ms": round(took.total_seconds() * 1000, 1),
            "bytes_read": 0,
            "tested_at": self._rooms.clock.now().isoformat(),
            "error": error,
        }
        return json(shown)

    async def ingests(self, request: Request, caller: Caller) -> Response:
        wanted = request.path_params.get("debrid", "")
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
        """The log is the server's; it is not handed out in pieces here."""
        return json([])

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
