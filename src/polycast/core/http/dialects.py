"""Dialects as ASGI apps: Litestar for JSON, Starlette for bytes. Both tell their routes and spell every failure."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from litestar import Litestar
from litestar import Request as LitestarRequest
from litestar import Response as LitestarResponse
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from starlette.requests import ClientDisconnect, Request

from polycast.core.errors import PolycastError
from polycast.core.http.answers import Sending
from polycast.core.http.bodies import Media, allow_body
from polycast.core.http.calls import Authenticator, Call, Defaults, Observe, admit, observed
from polycast.core.http.errors import MethodNotAllowed, UnknownPath
from polycast.core.http.failures import Failures, with_head
from polycast.core.http.paths import Paths
from polycast.core.http.routes import RouteInfo
from polycast.core.http.routing import WEBSOCKET, Route
from polycast.core.identity.caller import Caller, Policy

if TYPE_CHECKING:
    from polycast.core.module import Spell

_LITESTAR_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Litestar answers OPTIONS with the methods of one of a path's handlers; its 405 names those of all.
_ASKING_WHICH: Final = "WHICH"
Scope = MutableMapping[str, Any]
ByteEndpoint = Callable[[Request, Caller], Awaitable[Any]]


class OpenApi(Struct, frozen=True, kw_only=True):
    """The head of a dialect's OpenAPI document."""

    title: str
    version: str
    spec: str = "3.1"  # "3.0" or "3.1"
    description: str = ""
    shapes: Mapping[int, Any] = {}  # the type of an error body by status; 0 for all others
    failure_media: str = "application/json"  # "application/problem+json" for those who spell with `problem_details`


class ByteRoute(Struct, frozen=True, kw_only=True):
    """A route whose answer is bytes of its own making."""

    path: str
    endpoint: ByteEndpoint
    policy: Policy
    methods: Sequence[str] = ("GET",)
    body_limit: int | None = None


class _Passed(LitestarResponse[Any]):
    """Carries a finished answer through Litestar's exception handling."""

    def __init__(self, sending: Sending) -> None:
        super().__init__(content=None, status_code=sending.status)
        self._sending = sending

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> Any:
        return self._sending


class _Nothing:
    """The answer to a client that has left."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        return None


class Routed:
    """What both kinds of dialect share: the route table, WebSockets, the socket's failures."""

    def __init__(self, failures: Failures, *, ignore_case: bool, observe: Observe | None) -> None:
        self.routes: Sequence[RouteInfo] = ()
        self.ignores_case = ignore_case
        self._failures = failures
        self._observe = observe
        self._sockets: Paths[Call] = Paths(ignore_case=ignore_case)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        state = scope.setdefault("state", {})
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            state["path"] = scope["path"]
            await self._http(scope, receive, send if self._observe is None else observed(self._observe, scope, send))

    async def _http(self, scope: Scope, receive: Any, send: Any) -> None:
        raise NotImplementedError

    async def _socket(self, scope: Scope, receive: Any, send: Any) -> None:
        accepted = False

        async def watched(message: Any) -> None:
            nonlocal accepted
            accepted = accepted or message["type"] == "websocket.accept"
            await send(message)

        try:
            found = self._sockets.find(scope["path"])
            if found is None:
                raise UnknownPath
            scope["path_params"] = found.params
            scope["state"]["route"] = found.template
            await found.targets[WEBSOCKET].socket(scope, receive, watched)
        except PolycastError as error:
            await self._failures.refuse_socket(error, scope, send, accepted=accepted)


class JsonDialect(Routed):
    """Built by `json_dialect`."""

    def __init__(
        self,
        handlers: Sequence[Route],
        *,
        services: Mapping[str, object],
        identity: Authenticator,
        failures: Failures,
        defaults: Defaults,
        openapi: OpenApi | None,
        ignore_case: bool,
        observe: Observe | None,
    ) -> None:
        super().__init__(failures, ignore_case=ignore_case, observe=observe)
        self.openapi = openapi
        self.routes = tuple(route.info() for route in handlers)
        self.calls = tuple(Call(route, services=services, identity=identity, defaults=defaults) for route in handlers)
        self._words = _static_words(handlers) if ignore_case else frozenset()
        for call in self.calls:
            if call.route.method == WEBSOCKET:
                self._sockets.add(WEBSOCKET, call.route.path, call)
        self._litestar = Litestar(
            route_handlers=[self._bound(call) for call in self.calls if call.route.method in _LITESTAR_METHODS],
            openapi_config=None,
            logging_config=None,
            exception_handlers={Exception: self._failed},
        )

    def _bound(self, call: Call) -> HTTPRouteHandler:
        template, failures, tails = call.route.path, self._failures, _tails(call.route)

        async def endpoint(request: LitestarRequest[Any, Any, Any]) -> Sending:
            scope: Any = request.scope
            scope["path"] = scope["state"]["path"]  # Litestar took the last slash away; links to ourselves need it
            scope["state"]["route"] = template
            for name in tails:
                scope["path_params"] = {**scope["path_params"], name: scope["path_params"][name].lstrip("/")}
            try:
                answer: Sending = await call.http(scope, request.receive, request.send)
            except PolycastError as error:
                return failures.answer(error, scope)
            except ClientDisconnect:
                return _Nothing()  # type: ignore[return-value]  # nobody is left to read a status
            return answer

        path = template
        for name, is_tail in call.route.parameters().items():
            plain = "{" + name + (":path}" if is_tail else "}")
            path = path.replace(plain, "{" + name + (":path}" if is_tail else ":str}"))
        handler = HTTPRouteHandler(
            self._folded(path),
            http_method=HttpMethod(call.route.method),
            status_code=200,
            include_in_schema=False,
        )
        return handler(endpoint)

    def _failed(self, request: LitestarRequest[Any, Any, Any], error: Exception) -> LitestarResponse[Any]:
        scope: Any = request.scope
        scope["path"] = scope["state"]["path"]
        sending = self._failures.framework(error, scope)
        if scope["method"] == _ASKING_WHICH and sending.status == 405:
            allow = dict(sending.headers).get(b"allow", b"")
            sending = Sending(204, b"", [(b"allow", allow + b", OPTIONS")])
        return _Passed(sending)

    def _folded(self, path: str) -> str:
        """`path` with the words that our routes spell in lower case; ids keep theirs."""
        if not self.ignores_case:
            return path
        return "/".join(low if (low := word.lower()) in self._words else word for word in path.split("/"))

    async def _http(self, scope: Scope, receive: Any, send: Any) -> None:
        if self.ignores_case:
            scope["path"] = self._folded(scope["path"])
        if scope["method"] == "OPTIONS":
            scope["method"] = _ASKING_WHICH
        await self._litestar(scope, receive, send)  # type: ignore[arg-type]  # ours is a plain mapping


class ByteDialect(Routed):
    """Built by `byte_dialect`."""

    def __init__(
        self,
        routes: Sequence[ByteRoute],
        *,
        identity: Authenticator,
        failures: Failures,
        body_limit: int,
        ignore_case: bool,
        observe: Observe | None,
    ) -> None:
        super().__init__(failures, ignore_case=ignore_case, observe=observe)
        self._identity = identity
        self._body_limit = body_limit
        self._paths: Paths[ByteRoute] = Paths(ignore_case=ignore_case)
        infos = []
        for route in routes:
            for method in route.methods:
                self._paths.add(method, route.path, route)
                infos.append(
                    RouteInfo(method=method, path=route.path, policy=route.policy, body_limit=route.body_limit)
                )
        self.routes = tuple(infos)

    async def _http(self, scope: Scope, receive: Any, send: Any) -> None:
        try:
            answer = await self._answer(scope, receive, send)
        except PolycastError as error:
            answer = self._failures.answer(error, scope)
        except ClientDisconnect:
            return
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Any, send: Any) -> Any:
        found = self._paths.find(scope["path"])
        if found is None:
            raise UnknownPath
        scope["state"]["route"] = found.template
        scope["path_params"] = dict(found.params)
        route = found.targets.get(scope["method"])
        if route is None:
            raise MethodNotAllowed(scope["method"], with_head(sorted(found.targets)))
        caller = await admit(self._identity, scope, route.policy)
        allow_body(scope, self._body_limit if route.body_limit is None else route.body_limit)
        return await route.endpoint(Request(scope, receive, send), caller)


def json_dialect(
    handlers: Sequence[Route],
    *,
    services: Mapping[str, object],
    identity: Authenticator,
    spell: "Spell",
    openapi: OpenApi | None = None,
    media: Sequence[Media] = (Media.JSON,),
    lenient_text: bool = False,
    body_limit: int = 1024 * 1024,
    ignore_case: bool = False,
    observe: Observe | None = None,
) -> JsonDialect:
    """A dialect of typed handlers. `media`, `lenient_text` and `body_limit` hold for routes that say nothing else.

    Raises: TypeError when a handler takes what nobody gives.
    """
    return JsonDialect(
        handlers,
        services=services,
        identity=identity,
        failures=Failures(spell),
        defaults=Defaults(media=media, lenient_text=lenient_text, body_limit=body_limit),
        openapi=openapi,
        ignore_case=ignore_case,
        observe=observe,
    )


def byte_route(
    path: str,
    endpoint: ByteEndpoint,
    *,
    policy: Policy,
    methods: Sequence[str] = ("GET",),
    body_limit: int | None = None,
) -> ByteRoute:
    """`endpoint(request, caller)` returns any ASGI response; path parameters are in `request.path_params`."""
    return ByteRoute(path=path, endpoint=endpoint, policy=policy, methods=tuple(methods), body_limit=body_limit)


def byte_dialect(
    routes: Sequence[ByteRoute],
    *,
    identity: Authenticator,
    spell: "Spell",
    body_limit: int = 1024 * 1024,
    ignore_case: bool = False,
    observe: Observe | None = None,
) -> ByteDialect:
    """A dialect of streams, files and documents. Templates are Starlette's: `{name}`, `{name:int}`, `{name:path}`."""
    return ByteDialect(
        routes,
        identity=identity,
        failures=Failures(spell),
        body_limit=body_limit,
        ignore_case=ignore_case,
        observe=observe,
    )


def _tails(route: Route) -> tuple[str, ...]:
    return tuple(name for name, is_tail in route.parameters().items() if is_tail)


def _static_words(handlers: Sequence[Route]) -> frozenset[str]:
    return frozenset(
        word.lower() for route in handlers for word in route.path.split("/") if word and not word.startswith("{")
    )
