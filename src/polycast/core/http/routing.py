"""`@get`, `@post` ...: a handler with its policy, its reader and its entry in the OpenAPI document."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from polycast.core.http.bodies import Media
from polycast.core.http.routes import RouteInfo
from polycast.core.identity.caller import Policy

Handler = Callable[..., Awaitable[Any]]
_PARAMETER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::(path))?\}")
WEBSOCKET: Final = "WS"


class Docs(Struct, frozen=True, kw_only=True):
    """What the OpenAPI document says beyond what the types do."""

    tags: Sequence[str] = ()
    summary: str = ""  # else the docstring's first line
    request_example: Any = None
    response_example: Any = None
    answers: Mapping[int, str] = {}  # further statuses and what they mean
    hidden: bool = False  # routes that the reference does not show


class Route(Struct, frozen=True, kw_only=True):
    """A handler and all that is declared about it. `path` has `{name}` and, last, `{name:path}`."""

    method: str
    path: str
    handler: Handler
    policy: Policy
    sent: Any = None
    query: Any = None
    status: int = 200
    body_limit: int | None = None  # bytes
    media: Sequence[Media] | None = None  # None: the dialect's
    lenient_text: bool | None = None  # None: the dialect's
    docs: Docs = Docs()

    def info(self) -> RouteInfo:
        """Its row in the route table."""
        return RouteInfo(method=self.method, path=self.path, policy=self.policy, body_limit=self.body_limit)

    def parameters(self) -> dict[str, bool]:
        """Names in the path, in order; True for one that takes the rest of it."""
        return {match[1]: match[2] is not None for match in _PARAMETER.finditer(self.path)}


def _route(method: str, path: str, policy: Policy, options: Mapping[str, Any]) -> Callable[[Handler], Route]:
    if not path.startswith("/"):
        raise ValueError(f"the path {path!r} does not start with a slash")

    def decorate(handler: Handler) -> Route:
        return Route(method=method, path=path, handler=handler, policy=policy, **options)

    return decorate


def get(
    path: str,
    *,
    policy: Policy,
    query: Any = None,
    status: int = 200,
    docs: Docs = Docs(),
) -> Callable[[Handler], Route]:
    """Answer GET (and, through the front, HEAD). See `_sending` for what a handler may take and return."""
    return _route("GET", path, policy, {"query": query, "status": status, "docs": docs})


def _sending(method: str) -> Callable[..., Callable[[Handler], Route]]:
    """A decorator for a method that may bring a body.

    A handler takes by name: its path parameters (`int` or `str`), `caller`, `sent` (the body as the type given by
    `sent=`), `query` (as given by `query=`), the services of its dialect; by type: `Request` or `WebSocket`; every
    other parameter is read from the query string. It returns a struct (JSON), None (no body), an `Answer`, or any ASGI
    response. `body_limit` in bytes; `media` and `lenient_text` override the dialect's.
    """

    def decorator(
        path: str,
        *,
        policy: Policy,
        sent: Any = None,
        query: Any = None,
        status: int = 200,
        body_limit: int | None = None,
        media: Sequence[Media] | None = None,
        lenient_text: bool | None = None,
        docs: Docs = Docs(),
    ) -> Callable[[Handler], Route]:
        options = {
            "sent": sent,
            "query": query,
            "status": status,
            "body_limit": body_limit,
            "media": media,
            "lenient_text": lenient_text,
            "docs": docs,
        }
        return _route(method, path, policy, options)

    return decorator


post = _sending("POST")
put = _sending("PUT")
patch = _sending("PATCH")
delete = _sending("DELETE")


def websocket(path: str, *, policy: Policy, query: Any = None, docs: Docs = Docs()) -> Callable[[Handler], Route]:
    """A WebSocket. The handler takes a `WebSocket`, accepts it itself, and returns when it is over."""
    return _route(WEBSOCKET, path, policy, {"query": query, "docs": docs})
