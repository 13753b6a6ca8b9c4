"""The front door: every request of every dialect comes in here, and every answer leaves through it."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from msgspec import Struct
from starlette.requests import ClientDisconnect

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.http import Starting, Unexpected, UnknownPath, problem_details
from polycast.core.http.answers import Sending
from polycast.core.identity.caller import RateClass
from polycast.core.ids import Ids
from polycast.core.log import REQUEST_ID
from polycast.core.module import Dialect, Spell
from polycast.front.limits import HeadIsOver, Incoming, Outgoing
from polycast.front.paths import PathTable, clean_path, raw_of
from polycast.front.peers import Peer, Peers, without_claims
from polycast.front.rates import Buckets, Count
from polycast.front.slashes import SlashRule

log = logging.getLogger("polycast.front")
access = logging.getLogger("polycast.access")
UI_COOKIE: Final = b"polycast_session="
_COOKIE: Final = b"cookie"

Report = Callable[["Served"], None]


class Served(Struct, frozen=True, kw_only=True):
    """One finished request, as metrics and the access log want it. `route` is the template, never the path."""

    dialect: str
    route: str
    method: str
    status: int  # 0 when the client left before an answer
    size_bytes: int
    first_byte_s: float
    client_ip: str
    request_id: str


class Page(Protocol):
    """What the front itself serves: health, metrics, the UI's files."""

    @property
    def claims(self) -> Sequence[str]: ...

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class _Door(Struct, frozen=True, kw_only=True):
    """A dialect, or a page of our own, as the table gives it back."""

    name: str
    app: Callable[[Any, Any, Any], Awaitable[None]]
    spell: Spell
    slash: SlashRule | None = None
    rates: Mapping[str, int | None] = {}
    ceiling: int = 0  # bytes; the largest body that any route of it takes
    while_starting: bool = False


class Front:
    """One path table as an ASGI app. A second port with other dialects is a second `Front`."""

    def __init__(
        self,
        dialects: Sequence[Dialect],
        *,
        clock: Clock,
        ids: Ids,
        peers: Peers,
        pages: Sequence[Page] = (),
        report: Report | None = None,
        spell: Spell = problem_details,
    ) -> None:
        """`spell` words refusals of paths that nobody claims. Raises: ClaimedTwice."""
        self.ready = False  # the composition root says when; until then only pages answer
        self._ids = ids
        self._peers = peers
        self._report = report or log_served
        self._buckets = Buckets(clock)
        self._nobody = _Door(name="front", app=_unknown, spell=spell)
        self._table: PathTable[_Door] = PathTable()
        for page in pages:
            door = _Door(name="front", app=page, spell=spell, while_starting=True)
            self._table.add(page.claims, door, owner=f"front ({type(page).__name__})")
        for dialect in dialects:
            self._add(dialect)

    def _add(self, dialect: Dialect) -> None:
        ignores_case = bool(getattr(dialect.app, "ignores_case", False))
        limits = [route.body_limit for route in dialect.app.routes if route.body_limit is not None]
        door = _Door(
            name=dialect.name,
            app=dialect.app,
            spell=dialect.spell,
            slash=SlashRule(dialect.slash, dialect.app.routes, ignore_case=ignores_case),
            rates=dialect.rates,
            ceiling=max([dialect.body_limit, *limits]),
        )
        self._table.add(dialect.claims, door, owner=dialect.name, ignores_case=ignores_case)

    def first_words(self) -> frozenset[str]:
        """First segments of claimed paths: no user may be called so."""
        return self._table.first_words()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)

    async def _http(self, asked: Mapping[str, Any], receive: Any, send: Any) -> None:
        request_id = self._ids.nanoid()
        REQUEST_ID.set(request_id)
        state: dict[str, Any] = {**asked.get("state", {}), "request_id": request_id, "dialect": "front", "route": "-"}
        scope: dict[str, Any] = {**asked, "state": state}
        door = self._nobody
        incoming = Incoming(receive, state, 0)
        outgoing = Outgoing(
            send, incoming, state, request_id=request_id, is_head=asked["method"] == "HEAD", is_https=False
        )
        try:
            door = self._enter(scope, outgoing)
            incoming.ceiling = door.ceiling
            incoming.check_announced(scope["headers"])
            await self._serve(door, scope, incoming, outgoing)
        except HeadIsOver:
            pass
        except ClientDisconnect:
            pass
        except PolycastError as error:
            await self._refuse(error, door, scope, outgoing)
        except Exception as error:  # noqa: BLE001 - the front door: logged in _failed, told as a 500
            if not incoming.head_is_over:  # a stream that is cut because only its headers were wanted may complain
                await self._failed(error, door, scope, outgoing)
        finally:
            self._report(_served(asked, state, outgoing))

    def _enter(self, scope: dict[str, Any], outgoing: Outgoing) -> _Door:
        """Settle who asks for what, and whose business it is."""
        state = scope["state"]
        peer = self._identify(scope)
        outgoing.is_https = peer.scheme == "https"
        outgoing.request_id = state["request_id"]
        return self._door(scope, peer)

    def _identify(self, scope: dict[str, Any]) -> Peer:
        peer = self._peers.read(scope)
        state = scope["state"]
        state["client_ip"] = peer.client_ip
        state["origin"] = peer.origin
        state["is_loopback"] = peer.is_loopback
        if peer.request_id is not None:
            state["request_id"] = peer.request_id
            REQUEST_ID.set(peer.request_id)
        scope["headers"] = without_claims(scope["headers"], peer)
        is_socket = scope["type"] == "websocket"
        scope["scheme"] = peer.scheme.replace("http", "ws") if is_socket else peer.scheme
        scope["client"] = (peer.client_ip, scope["client"][1]) if scope.get("client") else None
        return peer

    def _door(self, scope: dict[str, Any], peer: Peer) -> _Door:
        """Raises: BadPath. The scope gets the one spelling of its path."""
        path = clean_path(scope.get("raw_path") or raw_of(scope["path"]))
        scope["path"] = path
        scope["raw_path"] = raw_of(path)
        door = self._table.find(path) or self._nobody
        scope["state"]["dialect"] = door.name
        scope["state"]["count"] = Count(
            self._buckets,
            dialect=door.name,
            rates=door.rates,
            address=peer.client_ip,
            has_ui_cookie=_has_ui_cookie(scope["headers"]),
        )
        return door

    async def _serve(self, door: _Door, scope: dict[str, Any], incoming: Incoming, outgoing: Outgoing) -> None:
        if not self.ready and not door.while_starting:
            raise Starting("The server is starting.", retry_after=2)
        if door.slash is not None:
            if (target := door.slash.redirect(scope["method"], scope["path"])) is not None:
                await _redirect(*target, scope["query_string"])(scope, incoming, outgoing)
                return
            if door.slash.refuses(scope["path"]):
                raise UnknownPath
        if scope["method"] == "HEAD":
            scope["method"] = "GET"
            scope["state"]["is_head"] = True  # a costly body need not be opened
        await door.app(scope, incoming, outgoing)
        count: Count = scope["state"]["count"]
        if not count.done and door.rates:
            count(RateClass.NORMAL, None)  # an unknown path costs as much as a known one

    async def _refuse(self, error: PolycastError, door: _Door, scope: Any, outgoing: Outgoing) -> None:
        if outgoing.status:
            return  # the answer is under way or complete; an unfinished one is cut by the server
        sending = Sending.spelled(door.spell(error, scope))
        await sending(scope, None, outgoing)

    async def _failed(self, error: Exception, door: _Door, scope: Any, outgoing: Outgoing) -> None:
        request_id = scope["state"]["request_id"]
        route = scope["state"]["route"]
        log.error("request %s failed in %s at %s", request_id, door.name, route, exc_info=error)
        await self._refuse(Unexpected(request_id), door, scope, outgoing)

    async def _websocket(self, asked: Mapping[str, Any], receive: Any, send: Any) -> None:
        state: dict[str, Any] = {**asked.get("state", {}), "dialect": "front", "route": "-"}
        state["request_id"] = self._ids.nanoid()
        scope: dict[str, Any] = {**asked, "state": state, "method": "GET"}
        door = self._nobody
        try:
            door = self._door(scope, self._identify(scope))
            if door is self._nobody:
                raise UnknownPath
            if not self.ready:
                raise Starting("The server is starting.", retry_after=2)
            await door.app(scope, receive, send)
        except PolycastError as error:
            await _refuse_socket(Sending.spelled(door.spell(error, scope)), scope, send)
        except ClientDisconnect:
            pass
        except Exception as error:
            log.error("socket %s failed in %s", state["request_id"], door.name, exc_info=error)
            await send({"type": "websocket.close", "code": 1011, "reason": "unexpected"})


def log_served(served: Served) -> None:
    """The access log: one line a request, with the route's template, because paths hold passwords."""
    access.info(
        "%s %s %s %s %d %d bytes %.1f ms %s",
        served.client_ip,
        served.method,
        served.dialect,
        served.route,
        served.status,
        served.size_bytes,
        served.first_byte_s * 1000,
        served.request_id,
    )


def _served(asked: Mapping[str, Any], state: Mapping[str, Any], outgoing: Outgoing) -> Served:
    return Served(
        dialect=state["dialect"],
        route=state["route"],
        method=str(asked["method"]),
        status=outgoing.status,
        size_bytes=outgoing.size_bytes,
        first_byte_s=outgoing.first_byte_s,
        client_ip=state.get("client_ip", ""),
        request_id=state["request_id"],
    )


def _redirect(status: int, path: str, query: bytes) -> Sending:
    location = raw_of(path) + (b"?" + query if query else b"")
    return Sending(status, b"", [(b"location", location), (b"content-length", b"0")])


def _has_ui_cookie(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    return any(name == _COOKIE and UI_COOKIE in value for name, value in headers)


async def _unknown(scope: Any, receive: Any, send: Any) -> None:
    raise UnknownPath


async def _refuse_socket(sending: Sending, scope: Mapping[str, Any], send: Any) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 4400, "reason": ""})
        return
    await send({"type": "websocket.http.response.start", "status": sending.status, "headers": sending.headers})
    await send({"type": "websocket.http.response.body", "body": sending.body})
