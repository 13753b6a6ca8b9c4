"""Server-Sent Events of what happens. Source: specs/monitor.md 3.12."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import Invalid
from polycast.core.events import Events, Resync, Sent
from polycast.core.http import Docs, Request, Response, Route, StreamingResponse, get
from polycast.core.identity.caller import SYSTEM, Caller, Credential
from polycast.monitor.dialects.channelwatch.gate import reads

BEAT: Final = timedelta(seconds=15)
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


@get("/api/v1/monitor/events", policy=reads(), docs=Docs(tags=["Monitor"]))
async def stream(
    request: Request, caller: Caller, happened: Events, clock: Clock, dvr_id: str = "", types: str = ""
) -> Response:
    """What happens, as it happens; `Last-Event-ID` replays, `types` (comma-separated) and `dvr_id` narrow."""
    text = request.headers.get("last-event-id", "")
    if text and (not text.isdecimal() or len(text) > 18):
        raise Invalid.one("Last-Event-ID", "not_an_integer", "This id was not given out here.")
    wanted = frozenset(filter(None, (word.strip() for word in types.split(","))))
    # Without sign-in the mode lets everybody read; the hub knows callers with a credential only.
    who = SYSTEM if caller.credential is Credential.NONE else caller
    pieces = _pieces(who, happened, clock, after=int(text) if text else None, dvr_id=dvr_id, types=wanted)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(pieces, media_type="text/event-stream", headers=headers)


async def _pieces(
    caller: Caller, happened: Events, clock: Clock, *, after: int | None, dvr_id: str, types: frozenset[str]
) -> AsyncIterator[bytes]:
    async with happened.subscribe(caller, names=WORDS, after=after) as messages:
        yield b": hello\n\n"
        coming: asyncio.Future[Sent | Resync] | None = None
        try:
            while True:
                coming = coming or asyncio.ensure_future(anext(messages))
                beat = asyncio.ensure_future(clock.sleep(BEAT))
                waiting: set[asyncio.Future[Any]] = {coming, beat}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                beat.cancel()
                if not coming.done():
                    yield b": beat\n\n"
                    continue
                try:
                    message, coming = coming.result(), None
                except StopAsyncIteration:
                    return
                if piece := _piece(message, dvr_id, types):
                    yield piece
        finally:
            if coming is not None:
                coming.cancel()


def _piece(message: Sent | Resync, dvr_id: str, types: frozenset[str]) -> bytes:
    if isinstance(message, Resync):
        return f"id: {message.id}\nevent: resync\ndata: {{}}\n\n".encode()
    body: dict[str, Any] = msgspec.json.decode(message.body)
    word = word_of(message.name, body)
    if (dvr_id and body.get("dvr_id") != dvr_id) or (
        types and word not in types and word.partition(".")[0] not in types
    ):
        return b""
    head = f"id: {message.id}\n" if message.id is not None else ""
    return f"{head}event: {word}\ndata: ".encode() + message.body + b"\n\n"


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
    return [stream]
