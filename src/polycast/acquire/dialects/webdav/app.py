"""The dialect, put together."""

from typing import Any, Final

from polycast.acquire.dialects.gate import READ, WRITE
from polycast.acquire.dialects.webdav.errors import DavError, spell
from polycast.acquire.dialects.webdav.inbox import FILE_BYTES
from polycast.acquire.dialects.webdav.inbox_routes import InboxRoutes
from polycast.acquire.dialects.webdav.rooms import Rooms
from polycast.acquire.dialects.webdav.tree import TreeRoutes
from polycast.acquire.dialects.webdav.xml import read_propfind
from polycast.core.errors import NotAllowed, NotFound, NotSignedIn
from polycast.core.http import Request, Response, byte_dialect, byte_route, read_body
from polycast.core.http.dialects import ByteRoute
from polycast.core.identity.caller import Caller, Policy
from polycast.core.identity.scopes import Scope
from polycast.core.module import Dialect, Slash

CLAIMS: Final = ("/webdav/*", "/acquire/webdav/*")
METHODS: Final = ("OPTIONS", "GET", "PROPFIND", "PROPPATCH", "PUT", "DELETE", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK")
HEADERS: Final = {"DAV": "1, 2", "MS-Author-Via": "DAV"}
BODY_BYTES: Final = 256 * 1024
LINKED: Final = Policy(anonymous=True, kinds=READ.kinds, in_query=False, rate=READ.rate)
WRITES: Final = frozenset({"PUT", "DELETE", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "PROPPATCH"})


class WebDav:
    """One endpoint for all paths: which words lead where is decided here."""

    def __init__(self, rooms: Rooms, inbox: InboxRoutes) -> None:
        self._rooms = rooms
        self._tree = TreeRoutes(rooms)
        self._inbox = inbox

    async def serve(self, request: Request, caller: Caller) -> Any:
        config = await self._rooms.configs.read()
        if config.disable_webdav:
            raise NotFound("WebDAV")
        method, words, base = request.method, _words(request), _base(request)
        if method == "OPTIONS":
            return Response(status_code=200, headers={**HEADERS, "Allow": ", ".join((*METHODS, "HEAD"))})
        if words and words[0] == "inbox":
            if not config.webdav_inbox:
                raise NotFound("The inbox")
            return await self._in_inbox(request, caller, f"{base}/inbox", words[1:])
        if method == "PROPFIND":
            depth = _depth(request)
            asked = read_propfind(await read_body(request.receive, BODY_BYTES))
            return await self._tree.propfind(base, words, depth, asked)
        if method == "GET":
            return await self._tree.get(base, words)
        if method == "DELETE":
            caller.require(Scope.ACQUIRE_WRITE)
            return await self._tree.delete(caller, words)
        if method in ("LOCK", "UNLOCK"):
            return await self._advisory(request, caller, base, words)
        raise DavError(403, "This tree is read only.")

    async def _advisory(self, request: Request, caller: Caller, base: str, words: list[str]) -> Response:
        """A lock without a meaning, so that clients mount read-write."""
        if request.method == "UNLOCK":
            return Response(status_code=204)
        token = "opaquelocktoken:00000000-0000-4000-8000-000000000000"  # noqa: S105 - no secret
        body = (
            '<?xml version="1.0" encoding="utf-8"?><d:prop xmlns:d="DAV:"><d:lockdiscovery><d:activelock>'
            "<d:locktype><d:write/></d:locktype><d:lockscope><d:exclusive/></d:lockscope><d:depth>0</d:depth>"
            f"<d:timeout>Second-600</d:timeout><d:locktoken><d:href>{token}</d:href></d:locktoken>"
            "</d:activelock></d:lockdiscovery></d:prop>"
        )
        return Response(body, 200, headers={"Lock-Token": f"<{token}>"}, media_type="application/xml")

    async def _in_inbox(self, request: Request, caller: Caller, base: str, words: list[str]) -> Any:
        method, own = request.method, self._inbox
        if method in WRITES:
            caller.require(Scope.ACQUIRE_WRITE)
        if method == "PROPFIND":
            depth = _depth(request)
            asked = read_propfind(await read_body(request.receive, BODY_BYTES))
            return await own.propfind(base, words, depth, asked)
        if method == "GET":
            return await own.get(base, words)
        if method == "PUT":
            return await own.put(request, caller, words)
        if method == "MKCOL":
            return await own.make_folder(request, words)
        if method == "DELETE":
            return await own.delete(request, words)
        if method in ("COPY", "MOVE"):
            return await own.transfer(request, base, words, moves=method == "MOVE")
        if method == "UNLOCK":
            return await own.unlock(request, words)
        body = await read_body(request.receive, BODY_BYTES)
        if method == "LOCK":
            return await own.lock(request, base, words, body)
        return await own.proppatch(request, base, words, body)

    async def stream(self, request: Request, caller: Caller) -> Any:
        """A file for a player: with a credential, or by the signed link of a `.strm` file."""
        token = request.query_params.get("token", "")
        if caller.is_anonymous and not self._tree.may_stream(request, token):
            raise NotSignedIn("bad_token" if token else "missing")
        if not caller.is_anonymous and not caller.has(Scope.ACQUIRE_READ):
            raise NotAllowed("scope")
        return await self._tree.get(_base(request), _words(request))


def webdav_dialect(rooms: Rooms, inbox: InboxRoutes) -> Dialect:
    """Everything below `/webdav`, also below `/acquire`."""
    own = WebDav(rooms, inbox)
    routes: list[ByteRoute] = []
    for prefix in ("/webdav", "/acquire/webdav"):
        routes.append(byte_route(f"{prefix}/stream/{{group}}/{{entry}}/{{file}}", own.stream, policy=LINKED))
        for path in (prefix, f"{prefix}/{{path:path}}"):
            reads = [method for method in METHODS if method not in WRITES]
            routes.append(byte_route(path, own.serve, policy=READ, methods=reads, body_limit=BODY_BYTES))
            routes.append(byte_route(path, own.serve, policy=WRITE, methods=sorted(WRITES), body_limit=FILE_BYTES))
    app = byte_dialect(routes, identity=rooms.gate, spell=spell, body_limit=BODY_BYTES)
    return Dialect(
        name="acquire.webdav", claims=CLAIMS, app=app, slash=Slash.EITHER, spell=spell, body_limit=FILE_BYTES
    )


def _words(request: Request) -> list[str]:
    path: str = request.scope["path"].removeprefix("/acquire")
    return [word for word in path.removeprefix("/webdav").split("/") if word]


def _base(request: Request) -> str:
    return "/acquire/webdav" if request.scope["path"].startswith("/acquire/") else "/webdav"


def _depth(request: Request) -> int:
    """Raises: DavError for `infinity`."""
    text = request.headers.get("depth", "1").strip().lower()
    if text == "infinity":
        raise DavError(403, "A depth of infinity is not answered.", condition="propfind-finite-depth")
    if text not in ("0", "1"):
        raise DavError(400, "A depth is 0 or 1.")
    return int(text)
