"""The dialect: one address, many modes, every failure a 200 with a sentence. Source: `specs/acquire.md` 3.7."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

import msgspec

from polycast.acquire.dialects.asked import Asked, read
from polycast.acquire.dialects.gate import PUBLIC, READ, WRITE
from polycast.acquire.dialects.sabnzbd.adding import BODY_BYTES, AddingPosts
from polycast.acquire.dialects.sabnzbd.lists import Lists
from polycast.acquire.dialects.sabnzbd.rooms import Rooms
from polycast.acquire.dialects.sabnzbd.settings import VERSION, Settings
from polycast.core.errors import NotAllowed, NotSignedIn, PolycastError
from polycast.core.http import Request, Response, byte_dialect, byte_route
from polycast.core.identity.caller import Caller, Policy
from polycast.core.module import Dialect, Slash, Spelled

CLAIMS: Final = ("/sabnzbd/*", "/acquire/sabnzbd/*")
OPEN: Final = frozenset({"version", "auth"})
Answer = Callable[[Asked, Caller], Awaitable[Mapping[str, Any]]]


def sabnzbd_dialect(rooms: Rooms) -> Dialect:
    """Everything below `/sabnzbd`, also below `/acquire`."""
    api = Api(rooms)
    routes = [
        byte_route(
            f"{prefix}/sabnzbd/{path}", api.answer, policy=PUBLIC, methods=["GET", "POST"], body_limit=BODY_BYTES
        )
        for prefix in ("", "/acquire")
        for path in ("api", "")
    ]
    app = byte_dialect(routes, identity=rooms.gate, spell=spell, body_limit=1024 * 1024)
    return Dialect(
        name="acquire.sabnzbd", claims=CLAIMS, app=app, slash=Slash.EITHER, spell=spell, body_limit=BODY_BYTES
    )


def failed(text: str) -> dict[str, Any]:
    return {"status": False, "error": text}


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """A 200 with a sentence: its clients read nothing else."""
    return Spelled(status=200, body=msgspec.json.encode(failed(error.message)))


class Api:
    """Finds out who asks, and for what."""

    def __init__(self, rooms: Rooms) -> None:
        self._gate = rooms.gate
        lists, adding, settings = Lists(rooms), AddingPosts(rooms), Settings(rooms)
        self._reads: dict[str, Answer] = {
            "queue": lists.queue,
            "history": lists.history,
            "get_files": lists.files,
            "get_config": settings.config,
            "get_cats": settings.categories,
            "get_scripts": settings.scripts,
            "fullstatus": settings.status,
            "status": settings.status,
            "server_stats": settings.statistics,
            "warnings": settings.warnings,
        }
        self._writes: dict[str, Answer] = {
            "addfile": adding.add_file,
            "addurl": adding.add_url,
            "addlocalfile": adding.refused,
            "pause": lists.pause_all,
            "resume": lists.resume_all,
            "retry": lists.retry,
            "change_cat": lists.change_category,
            "switch": settings.done,
            "set_config": settings.done,
        }

    async def answer(self, request: Request, caller: Caller) -> Response:
        """A mode. What is wrong is said in the answer, whose status is 200."""
        try:
            return _json(await self._answer(request))
        except NotSignedIn as error:
            return _json(failed("API Key Required" if error.reason == "missing" else "API Key Incorrect"))
        except NotAllowed:
            return _json(failed("API Key Incorrect"))
        except PolycastError as error:
            return _json(failed(error.message))

    async def _answer(self, request: Request) -> Mapping[str, Any]:
        asked = await read(request, BODY_BYTES)
        mode = asked.text("mode").lower()
        if mode == "version":
            return {"version": VERSION}
        if mode == "auth":
            return {"auth": "apikey"}
        writes = mode in self._writes or asked.text("name") in Lists.WRITES.get(mode, ())
        caller = await self._caller(request, asked, WRITE if writes else READ)
        run = self._writes.get(mode) or self._reads.get(mode)
        return failed("not implemented") if run is None else await run(asked, caller)

    async def _caller(self, request: Request, asked: Asked, policy: Policy) -> Caller:
        """By `apikey` or by name and password. Raises: NotSignedIn, NotAllowed; TooMany."""
        scope: MutableMapping[str, Any] = dict(request.scope)
        headers = [pair for pair in scope["headers"] if pair[0] not in (b"authorization", b"x-api-key", b"cookie")]
        if key := asked.text("apikey"):
            scope["headers"] = [*headers, (b"x-api-key", key.encode())]
        elif name := asked.text("ma_username"):
            pair = f"{name}:{asked.text('ma_password')}".encode()
            scope["headers"] = [*headers, (b"authorization", b"Basic " + _base64(pair))]
        return await self._gate.authenticate(scope, policy)


def _base64(raw: bytes) -> bytes:
    return msgspec.json.encode(raw).strip(b'"')


def _json(value: Mapping[str, Any]) -> Response:
    return Response(msgspec.json.encode(value), headers={"cache-control": "no-store"}, media_type="application/json")
