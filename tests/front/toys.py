"""Two small dialects, a door that knows two keys, and a server for them on a real socket."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from polycast.core.errors import NotFound, NotSignedIn, PolycastError
from polycast.core.http import (
    Request,
    Response,
    StreamingResponse,
    WebSocket,
    byte_dialect,
    byte_route,
    get,
    headers_of,
    json_dialect,
    post,
    read_body,
    status_of,
    websocket,
)
from polycast.core.identity.caller import OPEN, SIGNED_IN, Caller, Credential, Policy, RateClass
from polycast.core.identity.scopes import Scope
from polycast.core.module import Dialect, Slash, Spelled
from polycast.front.app import Front, Served
from polycast.front.peers import Peers
from polycast.front.protocol import Doorkeeper, Patience
from polycast.front.serve import serving


class HandClock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = timedelta(0)

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC) + self.at

    def monotonic(self) -> timedelta:
        return self.at

    async def sleep(self, span: timedelta) -> None:
        self.at += span


class CountedIds:
    def __init__(self) -> None:
        self._last = 0

    def nanoid(self) -> str:
        self._last += 1
        return f"id-{self._last:018d}"

    uuid = nanoid


class Door:
    """Knows the keys "reader" and "watcher", and whoever carries a session cookie."""

    async def authenticate(self, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
        headers = dict(scope["headers"])
        if (key := headers.get(b"x-api-key")) is not None:
            if key not in (b"reader", b"watcher"):
                raise NotSignedIn("bad_key")
            scopes = frozenset({Scope.CORE_READ}) if key == b"watcher" else frozenset[Scope]()
            return Caller(user_id=1, username=key.decode(), credential=Credential.API_KEY, scopes=scopes)
        if b"polycast_session=" in headers.get(b"cookie", b""):
            return Caller(user_id=2, username="ui", credential=Credential.SESSION, credential_id=5)
        if policy.anonymous:
            return Caller()
        raise NotSignedIn


class Note(Struct):
    text: str


def spell_toy(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """`{"toy": code}`, so that a test sees whose words they are."""
    body = msgspec.json.encode({"toy": error.code})
    return Spelled(status=status_of(error), body=body, headers=headers_of(error))


def spell_plain(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    return Spelled(
        status=status_of(error), body=error.code.encode(), content_type="text/plain", headers=headers_of(error)
    )


@get("/toy/", policy=OPEN)
async def index(request: Request) -> dict[str, Any]:
    state = request.scope["state"]
    return {"ip": state["client_ip"], "origin": state["origin"], "url": str(request.url), "id": state["request_id"]}


@get("/toy/notes/{note_id}/", policy=OPEN)
async def note(note_id: int) -> Note:
    if note_id == 0:
        raise NotFound("Note")
    return Note("one")


@get("/toy/plain", policy=OPEN)
async def without_slash() -> Note:
    return Note("plain")


@post("/toy/notes/", policy=OPEN, sent=Note, status=201)
async def add(sent: Note) -> Note:
    return sent


@get("/toy/mine/", policy=SIGNED_IN)
async def mine(caller: Caller) -> Note:
    return Note(caller.username)


@get("/toy/costly/", policy=Policy(anonymous=True, rate=RateClass.COSTLY))
async def costly() -> Note:
    return Note("done")


@get("/toy/fault/", policy=OPEN)
async def fault() -> Note:
    raise ZeroDivisionError("secret inside")


@websocket("/toy/ws/", policy=SIGNED_IN)
async def echo(socket: WebSocket, caller: Caller) -> None:
    await socket.accept()
    await socket.send_text(f"{caller.username}: {await socket.receive_text()}")
    await socket.close()


@websocket("/toy/broken/", policy=OPEN)
async def broken(socket: WebSocket) -> None:
    await socket.accept()
    raise ZeroDivisionError


class Streams:
    """Endless bytes, and who still listens."""

    def __init__(self) -> None:
        self.open = 0
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()

    async def endless(self, request: Request, caller: Caller) -> Response:
        return StreamingResponse(self._bytes(), media_type="video/mp2t")

    async def short(self, request: Request, caller: Caller) -> Response:
        async def three() -> AsyncIterator[bytes]:
            for piece in (b"a", b"b", b"c"):
                yield piece

        return StreamingResponse(three(), media_type="video/mp2t")

    async def fault(self, request: Request, caller: Caller) -> Response:
        raise ZeroDivisionError

    async def late(self, request: Request, caller: Caller) -> Response:
        async def rows() -> AsyncIterator[bytes]:
            yield b"begun"
            raise ZeroDivisionError

        return StreamingResponse(rows())

    async def upload(self, request: Request, caller: Caller) -> Response:
        return Response(str(len(await read_body(request.receive, 10**9))))

    async def segment(self, request: Request, caller: Caller) -> Response:
        return Response(f"{request.path_params}")

    async def _bytes(self) -> AsyncIterator[bytes]:
        self.open += 1
        self.begun.set()
        try:
            while True:
                yield b"\x47" * 188
                await asyncio.sleep(0)
        finally:
            self.open -= 1
            self.ended.set()


class Toys:
    """A front with its dialects, and what it reported."""

    def __init__(self, *, trusted: Sequence[str] = (), pages: Sequence[Any] = (), rates: Any = None) -> None:
        self.clock = HandClock()
        self.ids = CountedIds()
        self.served: list[Served] = []
        self.streams = Streams()
        self.door = Door()
        self.peers = Peers(trusted)
        handlers = [index, note, without_slash, add, mine, costly, fault, echo, broken]
        toy = Dialect(
            name="toy.rest",
            claims=["/toy/*"],
            app=json_dialect(handlers, services={}, identity=self.door, spell=spell_toy),
            slash=Slash.ADD,
            spell=spell_toy,
            rates=rates or {},
            body_limit=1000,
        )
        routes = [
            byte_route("/bytes/endless", self.streams.endless, policy=OPEN),
            byte_route("/bytes/fault", self.streams.fault, policy=OPEN),
            byte_route("/bytes/late", self.streams.late, policy=OPEN),
            byte_route("/bytes/short", self.streams.short, policy=OPEN),
            byte_route("/bytes/upload", self.streams.upload, policy=OPEN, methods=["PUT"], body_limit=200_000),
            byte_route("/{user}/{password}/{name}", self.streams.segment, policy=OPEN),
        ]
        raw = Dialect(
            name="toy.bytes",
            claims=["/bytes/*", "/{user}/{pass}/{digits}"],
            app=byte_dialect(routes, identity=self.door, spell=spell_plain),
            slash=Slash.STRIP,
            spell=spell_plain,
            body_limit=1000,
        )
        self.front = Front(
            [toy, raw], clock=self.clock, ids=self.ids, peers=self.peers, pages=pages, report=self.served.append
        )
        self.front.ready = True


class Wire:
    """A TCP connection to the server, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> tuple[int, dict[str, str]]:
        """Status and headers of the next answer."""
        async with asyncio.timeout(8):
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = text.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return int(first.split()[1]), headers

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """One answer with a length."""
        status, headers = await self.head()
        body = await asyncio.wait_for(self.reader.readexactly(int(headers.get("content-length", "0"))), 8)
        return status, headers, body

    async def rest(self) -> bytes:
        """Everything until the server closes; a reset counts as a close."""
        data = b""
        async with asyncio.timeout(12):
            with suppress(ConnectionError):
                while chunk := await self.reader.read(65536):
                    data += chunk
        return data

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class Server:
    """Where it listens."""

    def __init__(self, port: int) -> None:
        self.port = port

    @asynccontextmanager
    async def wire(self) -> AsyncIterator[Wire]:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", self.port, limit=2**20))
        try:
            yield wire
        finally:
            await wire.close()

    async def ask(self, data: bytes) -> tuple[int, dict[str, str], bytes]:
        """One request on its own connection."""
        async with self.wire() as wire:
            await wire.send(data)
            return await wire.answer()


@asynccontextmanager
async def listening(
    front: Any, *, patience: Patience = Patience(), trusts: Any = lambda host: False
) -> AsyncIterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
        async with serving(front, [bound], doorkeeper=Doorkeeper(patience, trusts=trusts)):
            yield Server(port)
