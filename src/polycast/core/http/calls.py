"""How a request becomes a call of a handler: decided once when the app is built, done for every request."""

import inspect
import re
import time
import typing
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any, Final, Protocol

import msgspec
from msgspec import NODEFAULT, Struct
from starlette.requests import Request
from starlette.websockets import WebSocket

from polycast.core.errors import PolycastError
from polycast.core.http.answers import Sending
from polycast.core.http.bodies import Media
from polycast.core.http.errors import UnknownPath
from polycast.core.http.reader import Reader
from polycast.core.http.routing import Route
from polycast.core.identity.caller import Caller, Policy

_DIGITS: Final = re.compile(r"-?[0-9]{1,18}")
_INJECTED: Final = frozenset({"caller", "sent", "query"})

Observe = Callable[[str, str, int, float], None]  # (method, route template, status, seconds)


class Authenticator(Protocol):
    """All that HTTP needs of identity."""

    async def authenticate(self, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
        """Who asks. Raises: NotSignedIn, NotAllowed."""
        ...


async def admit(identity: Authenticator, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
    """Who asks, counted by the front door's `state["count"]`: a good credential by itself, all else by its address.

    Raises: NotSignedIn, NotAllowed; TooMany, which goes before both.
    """
    count = scope["state"].get("count")
    try:
        caller = await identity.authenticate(scope, policy)
    except PolycastError:
        if count is not None:
            count(policy.rate, None)
        raise
    if count is not None:
        count(policy.rate, caller)
    scope["state"]["caller"] = caller
    return caller


class Defaults(Struct, frozen=True, kw_only=True):
    """What a route inherits from its dialect."""

    media: Sequence[Media] = (Media.JSON,)
    lenient_text: bool = False
    body_limit: int = 1024 * 1024  # bytes


class Call:
    """A route, bound to its dialect's services."""

    def __init__(
        self, route: Route, *, services: Mapping[str, object], identity: Authenticator, defaults: Defaults
    ) -> None:
        self.route = route
        self._identity = identity
        self._handler = route.handler
        self._limit = defaults.body_limit if route.body_limit is None else route.body_limit
        hints = typing.get_type_hints(route.handler, include_extras=True)
        self.returns = hints.pop("return", None)
        parameters = inspect.signature(route.handler).parameters
        rest: dict[str, tuple[Any, Any]] = {}
        self._fixed: dict[str, object] = {}
        self._path: dict[str, bool] = {}  # name -> is an integer
        self.connection_name = ""
        for name, parameter in parameters.items():
            kind = hints.get(name)
            if name in route.parameters():
                self._path[name] = kind is int
            elif kind in (Request, WebSocket):
                self.connection_name = name
            elif name in services:
                if _is_query_type(kind) and not _is_given(services[name], kind):
                    raise TypeError(f"{route.method} {route.path}: {name!r} is both a service and a query parameter")
                self._fixed[name] = services[name]
            elif name not in _INJECTED:
                rest[name] = (kind, parameter.default)
        self._takes_caller = "caller" in parameters
        self._takes_sent = "sent" in parameters
        self._takes_query = "query" in parameters
        self._check(parameters, rest)
        self.query_type = _query_struct(route, rest)
        self._rest_reader = Reader(self.query_type) if self.query_type is not None else None
        self._query_reader = Reader(route.query) if route.query is not None else None
        lenient = defaults.lenient_text if route.lenient_text is None else route.lenient_text
        self.media = tuple(route.media or defaults.media)
        self._sent_reader = (
            Reader(route.sent, lenient_text=lenient, media=self.media) if route.sent is not None else None
        )

    def _check(self, parameters: Mapping[str, Any], rest: Mapping[str, tuple[Any, Any]]) -> None:
        """Raises: TypeError when handler and declaration do not fit; the server does not start then."""
        where = f"{self.route.method} {self.route.path}"
        missing = [name for name in self.route.parameters() if name not in parameters]
        if missing:
            raise TypeError(f"{where}: the handler does not take {', '.join(missing)}")
        if (self.route.sent is not None) != self._takes_sent or (self.route.query is not None) != self._takes_query:
            raise TypeError(f"{where}: `sent` and `query` are declared and taken, or neither")
        for name, (kind, _) in rest.items():
            if kind is None or not _is_query_type(kind):
                raise TypeError(f"{where}: {name!r} is neither a service of this dialect nor a query parameter")

    async def arguments(self, scope: MutableMapping[str, Any], receive: Any) -> dict[str, Any]:
        """Everything but the connection object. The caller is known before a byte of the body is read."""
        caller = await admit(self._identity, scope, self.route.policy)
        found = dict(self._fixed)
        if self._takes_caller:
            found["caller"] = caller
        for name, is_integer in self._path.items():
            text = scope["path_params"][name]
            if is_integer and not _DIGITS.fullmatch(text):
                raise UnknownPath
            found[name] = int(text) if is_integer else text
        if self._query_reader is not None:
            found["query"] = self._query_reader.query(scope["query_string"])
        if self._rest_reader is not None:
            read = self._rest_reader.query(scope["query_string"])
            for name in read.__struct_fields__:
                found[name] = getattr(read, name)
        if self._sent_reader is not None:
            found["sent"] = await self._sent_reader.body(scope, receive, self._limit)
        elif scope["type"] == "http":
            scope["state"]["body_limit"] = self._limit
        return found

    async def http(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> Any:
        """Run the handler; its answer as an ASGI app."""
        found = await self.arguments(scope, receive)
        if self.connection_name:
            found[self.connection_name] = Request(scope, receive, send)
        value = await self._handler(**found)
        return value if _is_asgi(value) else Sending.of(value, self.route.status)

    async def socket(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Run a WebSocket handler to its end."""
        found = await self.arguments(scope, receive)
        if self.connection_name:
            found[self.connection_name] = WebSocket(scope, receive, send)
        await self._handler(**found)


def observed(observe: Observe, scope: Mapping[str, Any], send: Any) -> Any:
    """`send`, telling `observe` once how long the first byte took and with which status."""
    started = time.perf_counter()

    async def watching(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            template = str(scope["state"].get("route", ""))
            observe(scope["method"], template, message["status"], time.perf_counter() - started)
        await send(message)

    return watching


def _is_asgi(value: object) -> bool:
    """A response object rather than a struct: something that is called with scope, receive and send."""
    return callable(value) and not isinstance(value, Struct)


def _is_given(service: object, kind: Any) -> bool:
    """Whether a struct that could be read from a query is the service itself."""
    return isinstance(kind, type) and issubclass(kind, Struct) and isinstance(service, kind)


def _is_query_type(kind: Any) -> bool:
    try:
        info = msgspec.inspect.type_info(kind)
    except TypeError:
        return False
    options = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    return not any(isinstance(option, msgspec.inspect.CustomType) for option in options)


def _query_struct(route: Route, rest: Mapping[str, tuple[Any, Any]]) -> Any:
    """A struct of the query parameters that a handler takes one by one; None without any."""
    if not rest:
        return None
    fields = [
        (name, kind, NODEFAULT if default is inspect.Parameter.empty else default)
        for name, (kind, default) in rest.items()
    ]
    name = "_".join(re.findall(r"[A-Za-z0-9]+", f"Query {route.method} {route.path}"))  # handlers may share names
    return msgspec.defstruct(name, fields, kw_only=True, frozen=True)
