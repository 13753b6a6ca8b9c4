"""`/v1/events`: what happens, as it happens, for clients of this API. Source: specs/library.md 3.25.

Our own events are told under the names of the reference. A change of titles is told by what the caller may see of them:
a managed profile hears of nothing that it could not open.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.events import Events, Resync, Sent
from polycast.core.http import Request, Response, Route, StreamingResponse, get
from polycast.core.identity.caller import Caller, Policy, RateClass
from polycast.core.identity.events import CredentialEnded
from polycast.core.identity.scopes import Scope
from polycast.core.jobs import JobChanged
from polycast.library.administration.visible import Visible
from polycast.library.dialects.v1.administration import workflow_out
from polycast.library.events import ItemsChanged, LibraryChanged
from polycast.library.playback.events import PlaybackProgressed, PlaybackStarted, PlaybackStopped, SessionCommand
from polycast.library.workflows.service import Workflows

BEAT: Final = timedelta(seconds=15)
HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}
LISTENING: Final = Policy(scope=Scope.LIBRARY_PLAY, rate=RateClass.BYTES)
PLAYING: Final = {
    PlaybackStarted.name: "playback.started", PlaybackProgressed.name: "playback.progress",
    PlaybackStopped.name: "playback.stopped", SessionCommand.name: "session.command",
}  # fmt: skip
NAMES: Final = (*PLAYING, LibraryChanged.name, ItemsChanged.name, JobChanged.name, CredentialEnded.name)
Told = list[tuple[str, Any]]


class Words:
    """Says our events in the words of the reference, to one caller."""

    def __init__(self, caller: Caller, *, visible: Visible, workflows: Workflows) -> None:
        self._caller = caller
        self._visible = visible
        self._workflows = workflows

    async def of(self, message: Sent) -> Told:
        """Type and data of each event to send; none when it is not for this caller."""
        found: Any = msgspec.json.decode(message.body)
        if message.name in PLAYING:
            told = {_camel(name): value for name, value in found.items() if name != "user_id"}
            return [(PLAYING[message.name], told)] if self._caller.profile_id is None else []
        if message.name == LibraryChanged.name:
            if not await self._visible.has_library(self._caller, found["library_id"]):
                return []
            return [("library.updated", {"libraryId": found["library"], "change": found["change"]})]
        if message.name == ItemsChanged.name:
            items = await self._visible.items(self._caller, found["item_ids"])
            return [("item.updated", {"mediaType": kind, "mediaId": nanoid}) for kind, nanoid in items]
        return await self._work(found["job_id"])

    async def _work(self, job_id: int) -> Told:
        if not self._caller.has(Scope.LIBRARY_WRITE) or self._caller.profile_id is not None:
            return []
        try:
            seen = await self._workflows.of_job(self._caller, job_id)
        except NotFound:
            return []
        told = msgspec.to_builtins(workflow_out(seen))
        return [("scan.progress" if seen.workflow.type == "library.scan" else "workflow.progress", told)]


@get("/v1/events", policy=LISTENING)
async def stream(
    caller: Caller, request: Request, events: Events, clock: Clock, visible: Visible, workflows: Workflows
) -> Response:
    """Server-sent events until the caller leaves; `Last-Event-ID` replays, `resync` says that something is missing."""
    last = request.headers.get("last-event-id", "")
    after = int(last) if last.isdecimal() and len(last) < 19 else None
    words = Words(caller, visible=visible, workflows=workflows)
    body = _body(caller, words, events=events, now=clock, after=after)
    return StreamingResponse(body, media_type="text/event-stream", headers=HEADERS)


async def _body(caller: Caller, words: Words, *, events: Events, now: Clock, after: int | None) -> AsyncIterator[bytes]:
    yield b": welcome\n\n"
    async with events.subscribe(caller, names=NAMES, after=after) as messages:
        waiting: asyncio.Future[Sent | Resync] | None = None
        try:
            while caller.ends_at is None or now.now() < caller.ends_at:
                waiting = waiting or asyncio.ensure_future(anext(messages))
                await asyncio.wait({waiting}, timeout=BEAT.total_seconds())
                if not waiting.done():
                    yield b": ping\n\n"
                    continue
                try:
                    message = waiting.result()
                except StopAsyncIteration:
                    return
                waiting = None
                if isinstance(message, Resync):
                    yield b"event: resync\nid: %d\ndata: {}\n\n" % message.id
                    continue
                if message.name == CredentialEnded.name:
                    if msgspec.json.decode(message.body, type=CredentialEnded).ends(caller):
                        return
                    continue
                for name, told in await words.of(message):
                    yield _frame(message, name, told)
        finally:
            if waiting is not None:
                waiting.cancel()
                with suppress(asyncio.CancelledError, StopAsyncIteration):
                    await waiting


def _frame(message: Sent, name: str, told: Any) -> bytes:
    number = b"" if message.id is None else b"id: %d\n" % message.id
    return number + b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(told) + b"\n\n"


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def routes() -> list[Route]:
    """Takes the services `events` and `visible`."""
    return [stream]
