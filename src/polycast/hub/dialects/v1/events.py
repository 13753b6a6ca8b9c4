"""What happens, as it happens: server-sent events for our pages.

`id` stands on stored events only; `Last-Event-ID` replays what followed it. `resync` says that messages are missing:
the page then reads everything afresh.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.events import Events, Resync, Sent
from polycast.core.http import Request, Response, Route, StreamingResponse, get
from polycast.core.identity.caller import SIGNED_IN, Caller
from polycast.core.identity.events import CredentialEnded
from polycast.core.jobs import JobChanged, JobState, Queue
from polycast.core.jobs.wire import Job
from polycast.hub.welcome.service import ServerFacts

BEAT: Final = timedelta(seconds=15)
HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}


def routes() -> Sequence[Route]:
    """The stream."""
    return [stream]


@get("/polycast/v1/events", policy=SIGNED_IN)
async def stream(
    caller: Caller,
    request: Request,
    events: Events,
    queue: Queue,
    facts: ServerFacts,
    clock: Clock,
    after: int | None = None,
) -> Response:
    """Everything the caller may see, until they leave or their session ends."""
    last = request.headers.get("last-event-id", "")
    start = int(last) if last.isdecimal() and len(last) < 19 else after
    body = _body(caller, events=events, queue=queue, facts=facts, clock=clock, after=start)
    return StreamingResponse(body, media_type="text/event-stream", headers=HEADERS)


async def _body(
    caller: Caller, *, events: Events, queue: Queue, facts: ServerFacts, clock: Clock, after: int | None
) -> AsyncIterator[bytes]:
    hello = msgspec.json.encode({"version": facts.version, "boot": facts.boot})
    yield b"event: hello\ndata: " + hello + b"\n\n"
    async with events.subscribe(caller, after=after) as messages:
        waiting: asyncio.Future[Sent | Resync] | None = None
        try:
            while caller.ends_at is None or clock.now() < caller.ends_at:
                waiting = waiting or asyncio.ensure_future(anext(messages))
                await asyncio.wait({waiting}, timeout=BEAT.total_seconds())
                if not waiting.done():
                    yield b": beat\n\n"
                    continue
                try:
                    message = waiting.result()
                except StopAsyncIteration:
                    return
                waiting = None
                if _ends(message, caller):
                    return
                yield await _frame(message, queue)
        finally:
            if waiting is not None:
                waiting.cancel()
                with suppress(asyncio.CancelledError, StopAsyncIteration):
                    await waiting


def _ends(message: Sent | Resync, caller: Caller) -> bool:
    """Whether the caller's own credential is what has ended."""
    if not isinstance(message, Sent) or message.name != CredentialEnded.name:
        return False
    return msgspec.json.decode(message.body, type=CredentialEnded).ends(caller)


async def _frame(message: Sent | Resync, queue: Queue) -> bytes:
    if isinstance(message, Resync):
        return b"event: resync\ndata: {}\n\n"
    body = message.body
    if message.name == JobChanged.name:  # the tray wants the whole row
        changed = msgspec.json.decode(body, type=JobChanged)
        try:
            row = Job.of(await queue.get(changed.job_id))
        except NotFound:
            return b": gone\n\n"
        if row.state is JobState.RUNNING and message.id is None:  # how far it is gets written down later than told
            row = replace(row, done=changed.done, total=changed.total, note=changed.note)
        body = msgspec.json.encode(row)
    number = b"" if message.id is None else b"id: %d\n" % message.id
    return number + b"event: " + message.name.encode() + b"\ndata: " + body + b"\n\n"
