"""What happens, as it happens: Server-Sent Events, and the same over a WebSocket. Source: specs/monitor.md 3.12."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import Busy, Invalid
from polycast.core.events import Events, Resync, Sent
from polycast.core.http import (
    Docs,
    Request,
    Response,
    Route,
    StreamingResponse,
    WebSocket,
    WebSocketDisconnect,
    get,
    websocket,
)
from polycast.core.identity.caller import SYSTEM, Caller, Credential
from polycast.core.identity.events import CredentialEnded
from polycast.core.identity.scopes import Scope
from polycast.monitor.dialects.channelwatch.gate import reads

BEAT: Final = timedelta(seconds=15)
MOST_SOCKETS: Final = 500
ENDED, GOING_AWAY = 4401, 1001  # why a socket was closed: the credential is good no more; the server stops
WORDS: Final = {
    "monitor.session_changed": "session",
    "monitor.recording_changed": "recording",
    "monitor.server_changed": "dvr.state",
    "monitor.servers_changed": "dvr.state",
    "monitor.activity_added": "activity.created",
    "monitor.incident_changed": "incident",
    "monitor.delivery_changed": "delivery",
    "monitor.settings_changed": "settings.changed",
}


class Wanted(Struct, frozen=True, kw_only=True):
    """What a client asks for."""

    after: int | None = None
    types: frozenset[str] = frozenset()
    dvr_id: str = ""

    @classmethod
    def read(cls, last_id: str, *, types: str, dvr_id: str) -> "Wanted":
        """Raises: Invalid."""
        if last_id and (not last_id.isdecimal() or len(last_id) > 18):
            raise Invalid.one("Last-Event-ID", "not_an_integer", "This id was not given out here.")
        words = frozenset(filter(None, (word.strip() for word in types.split(","))))
        return cls(after=int(last_id) if last_id else None, types=words, dvr_id=dvr_id)


class Told(Struct, frozen=True, kw_only=True):
    """An event in this API's words."""

    id: int | None
    word: str
    body: bytes  # JSON


class CredentialGone(Exception):
    """What a client came in by is good no more."""


class Sockets:
    """How many there are."""

    def __init__(self) -> None:
        self.open = 0


@get("/api/v1/monitor/events", policy=reads(), docs=Docs(tags=["Monitor"]))
async def stream(
    request: Request, caller: Caller, happened: Events, clock: Clock, dvr_id: str = "", types: str = ""
) -> Response:
    """What happens, as it happens; `Last-Event-ID` replays, `types` (comma-separated) and `dvr_id` narrow."""
    wanted = Wanted.read(request.headers.get("last-event-id", ""), types=types, dvr_id=dvr_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_pieces(caller, happened, clock, wanted), media_type="text/event-stream", headers=headers)


@websocket("/api/v1/monitor/events/ws", policy=reads(), docs=Docs(tags=["Monitor"]))
async def socket(
    connection: WebSocket, caller: Caller, happened: Events, clock: Clock, sockets: Sockets, dvr_id: str = "",
    types: str = "", last_event_id: str = "",
) -> None:  # fmt: skip
    """The same as JSON messages `{"id", "type", "data"}`."""
    wanted = Wanted.read(last_event_id, types=types, dvr_id=dvr_id)
    if sockets.open >= MOST_SOCKETS:
        raise Busy("There are too many open connections.", retry_after=10)
    sockets.open += 1
    try:
        await connection.accept()
        await connection.send_text('{"id":null,"type":"hello","data":{}}')
        async with asyncio.TaskGroup() as group:
            telling = group.create_task(_tell(connection, caller, happened, clock, wanted))
            try:
                while (await connection.receive())["type"] != "websocket.disconnect":
                    pass  # nothing is asked here; a client may send pings of its own
            finally:
                telling.cancel()
    finally:
        sockets.open -= 1


async def _tell(connection: WebSocket, caller: Caller, happened: Events, clock: Clock, wanted: Wanted) -> None:
    try:
        try:
            async with aclosing(_told(caller, happened, clock, wanted)) as several:
                async for told in several:
                    if told is not None:
                        key = "null" if told.id is None else str(told.id)
                        text = f'{{"id":{key},"type":"{told.word}","data":{told.body.decode()}}}'
                        await connection.send_text(text)
        except CredentialGone:
            await connection.close(ENDED)
        else:
            await connection.close(GOING_AWAY)
    except WebSocketDisconnect:
        return  # it has left


async def _pieces(caller: Caller, happened: Events, clock: Clock, wanted: Wanted) -> AsyncIterator[bytes]:
    yield b": hello\n\n"
    with suppress(CredentialGone):
        async with aclosing(_told(caller, happened, clock, wanted)) as several:
            async for told in several:
                if told is None:
                    yield b": beat\n\n"
                    continue
                head = f"id: {told.id}\n" if told.id is not None else ""
                yield f"{head}event: {told.word}\ndata: ".encode() + told.body + b"\n\n"


async def _told(caller: Caller, happened: Events, clock: Clock, wanted: Wanted) -> AsyncGenerator[Told | None, None]:
    """What is wanted; None when nothing came for a while. Ends with the server.

    Raises: CredentialGone, when what the caller came in by is good no more.
    """
    # Without sign-in the mode lets everybody read; the hub knows callers with a credential only.
    who = SYSTEM if caller.credential is Credential.NONE else caller
    if who.user_id is None:  # of a key that is nobody's, only administrators hear that it has ended
        who = replace(who, scopes=who.scopes | {Scope.CORE_ADMIN})
    names = {*WORDS, CredentialEnded.name}
    async with happened.subscribe(who, names=names, after=wanted.after) as messages:
        coming: asyncio.Future[Sent | Resync] | None = None
        try:
            while caller.ends_at is None or clock.now() < caller.ends_at:
                coming = coming or asyncio.ensure_future(anext(messages))
                beat = asyncio.ensure_future(clock.sleep(BEAT))
                waiting: set[asyncio.Future[Any]] = {coming, beat}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                beat.cancel()
                if not coming.done():
                    yield None
                    continue
                try:
                    message, coming = coming.result(), None
                except StopAsyncIteration:
                    return
                if _ends(message, caller):
                    raise CredentialGone
                if (told := _wanted(message, wanted)) is not None:
                    yield told
            raise CredentialGone
        finally:
            if coming is not None:
                coming.cancel()


def _ends(message: Sent | Resync, caller: Caller) -> bool:
    if isinstance(message, Resync) or message.name != CredentialEnded.name:
        return False
    return msgspec.json.decode(message.body, type=CredentialEnded).ends(caller)


def _wanted(message: Sent | Resync, wanted: Wanted) -> Told | None:
    if isinstance(message, Resync):
        return Told(id=message.id, word="resync", body=b"{}")
    if message.name not in WORDS:
        return None
    body: dict[str, Any] = msgspec.json.decode(message.body)
    word = word_of(message.name, body)
    if wanted.dvr_id and body.get("dvr_id") != wanted.dvr_id:
        return None
    if wanted.types and word not in wanted.types and word.partition(".")[0] not in wanted.types:
        return None
    return Told(id=message.id, word=word, body=message.body)


def word_of(name: str, body: dict[str, Any]) -> str:
    """The API's word for one of our events: `session.started`, `recording.completed`, `delivery.sent` ..."""
    word = WORDS[name]
    detail = {
        "session": body.get("change"),
        "recording": body.get("outcome") or body.get("state"),
        "incident": body.get("state"),
        "delivery": body.get("status"),
    }.get(word)
    return f"{word}.{detail}" if detail else word


def routes() -> list[Route]:
    """For the dialect."""
    return [stream, socket]
