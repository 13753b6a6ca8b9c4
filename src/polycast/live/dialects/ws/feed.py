"""One client's socket: what it is told, and what it asks."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.events import Events, Resync, Sent
from polycast.core.http import WebSocket, WebSocketDisconnect
from polycast.core.identity.caller import Caller
from polycast.core.identity.events import CredentialEnded
from polycast.core.identity.scopes import Scope
from polycast.core.jobs import JobChanged, Queue
from polycast.live.dialects.ws import words
from polycast.live.dialects.ws.asking import Ping, ProfileTest, Subscribe, read, tried

ENDED: Final = 4401
GOING_AWAY: Final = 1001
CONNECTED: Final[Mapping[str, Any]] = {
    "type": "connection_established",
    "data": {"success": True, "message": "WebSocket connection established successfully"},
}
PACE: Final = timedelta(milliseconds=500)
FOLLOWED: Final = words.NAMES | {CredentialEnded.name}


class CredentialGone(Exception):
    """What the client came in by is good no more."""


class Feed:
    """Serves one client until it leaves, or its credential ends."""

    def __init__(self, socket: WebSocket, caller: Caller, *, events: Events, queue: Queue, clock: Clock) -> None:
        self._socket = socket
        self._caller = caller
        self._events = events
        self._queue = queue
        self._clock = clock
        self._wanted: frozenset[str] | None = None  # None: every type
        self._paced: dict[str, timedelta] = {}

    async def run(self) -> None:
        """Accept, tell and listen."""
        async with self._events.subscribe(self._caller, names=FOLLOWED) as messages:
            await self._socket.accept(subprotocol=_protocol(self._socket))
            await self._send(CONNECTED)
            try:
                async with asyncio.timeout(self._life()), asyncio.TaskGroup() as group:
                    telling = group.create_task(self._tell(messages))
                    await self._listen()
                    telling.cancel()
            except* (CredentialGone, TimeoutError):
                await self._socket.close(ENDED)
            except* WebSocketDisconnect:
                pass

    def _life(self) -> float | None:
        ends_at = self._caller.ends_at
        return None if ends_at is None else max(0.0, (ends_at - self._clock.now()).total_seconds())

    async def _tell(self, messages: AsyncIterator[Sent | Resync]) -> None:
        async for message in messages:
            if isinstance(message, Resync):
                continue  # this API has no word for it; its clients ask for lists again by themselves
            if message.name == CredentialEnded.name:
                if msgspec.json.decode(message.body, type=CredentialEnded).ends(self._caller):
                    raise CredentialGone
                continue
            for told in await self._told(message):
                await self._push(told)
        await self._socket.close(GOING_AWAY)

    async def _told(self, message: Sent) -> Sequence[words.Told]:
        if message.name != JobChanged.name:
            return words.told(message.name, message.body, message.at)
        changed = msgspec.json.decode(message.body, type=JobChanged)
        if changed.job not in words.JOBS:
            return []
        try:
            payload = msgspec.json.decode((await self._queue.get(changed.job_id)).payload)
        except NotFound:
            payload = {}
        return words.job_changed(changed, payload)

    async def _push(self, told: words.Told) -> None:
        kind = told.data["type"]
        if self._wanted is not None and kind not in self._wanted:
            return
        if kind in words.ADMIN_ONLY and not self._caller.has(Scope.LIVE_ADMIN):
            return
        if told.pace and not self._is_time(told):
            return
        await self._send({"type": "update", "data": told.data})

    def _is_time(self, told: words.Told) -> bool:
        now = self._clock.monotonic()
        last = self._paced.get(told.pace)
        if told.last:
            self._paced.pop(told.pace, None)
            return True
        if last is not None and now - last < PACE:
            return False
        self._paced[told.pace] = now
        return True

    async def _listen(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect
            asked = read(message.get("text") or "")
            if isinstance(asked, Ping):
                await self._send({"type": "pong"})
            elif isinstance(asked, Subscribe):
                self._wanted = frozenset(asked.events) or None
            elif isinstance(asked, ProfileTest) and self._caller.has(Scope.LIVE_ADMIN):
                await self._send({"data": await tried(asked)})

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self._socket.send_text(msgspec.json.encode(message).decode())


def _protocol(socket: WebSocket) -> str | None:
    """A client that shows its token as a protocol expects one of them back."""
    words_sent = [word.strip() for word in socket.headers.get("sec-websocket-protocol", "").split(",")]
    return words_sent[0] if len(words_sent) == 2 and words_sent[0].lower() == "bearer" else None
