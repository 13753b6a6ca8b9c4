"""`/socket`: one client's connection, told what happens as it happens. Source: specs/library.md 4.10."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import Busy
from polycast.core.events import Resync, Sent
from polycast.core.http import WebSocket, WebSocketDisconnect
from polycast.core.identity.caller import SYSTEM, Caller, Credential, Policy, RateClass
from polycast.core.identity.events import CredentialEnded
from polycast.core.identity.scopes import Scope
from polycast.library.dialects.jellyfin.now import sessions_of
from polycast.library.dialects.jellyfin.rooms import Face
from polycast.library.dialects.jellyfin.told import Words
from polycast.library.events import ItemsChanged
from polycast.library.playback.events import DeviceTold, SessionCommand, WatchStateChanged

MOST: Final = 500  # sockets of this process
ENDED: Final = 4401
SILENCE_S: Final = 60  # a client says something twice in this time
LEAST: Final = timedelta(seconds=1)
FOLLOWED: Final = frozenset({WatchStateChanged.name, DeviceTold.name, SessionCommand.name, CredentialEnded.name})
LISTENER: Final = Policy(
    kinds=frozenset({Credential.SESSION, Credential.JWT, Credential.API_KEY, Credential.DEVICE}),
    scope=Scope.LIBRARY_PLAY,
    in_query=True,
    rate=RateClass.BYTES,
)


class CredentialGone(Exception):
    """What the client came in by is good no more."""


class Sockets:
    """How many there are."""

    def __init__(self) -> None:
        self.open = 0


async def listen(socket: WebSocket, caller: Caller, face: Face, sockets: Sockets) -> None:
    """Serve a client until it leaves. Raises: Busy."""
    if sockets.open >= MOST:
        raise Busy("There are too many open connections.", retry_after=10)
    sockets.open += 1
    try:
        await Feed(socket, caller, face).run()
    finally:
        sockets.open -= 1


class Feed:
    """Serves one client until it leaves, or its credential ends."""

    def __init__(self, socket: WebSocket, caller: Caller, face: Face) -> None:
        self._socket = socket
        self._caller = caller
        self._face = face
        self._words = Words(face, caller, since=face.clock.now())
        self._states: list[WatchStateChanged] = []
        self._has_states = asyncio.Event()
        self._repeating: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Accept, tell and listen."""
        events = self._face.events
        async with (
            events.subscribe(self._caller, names=FOLLOWED) as own,
            events.subscribe(SYSTEM, names={ItemsChanged.name}) as titles,  # what of them may be told, `Words` decides
        ):
            await self._socket.accept()
            await self._send({"MessageType": "ForceKeepAlive", "Data": SILENCE_S})
            try:
                async with asyncio.timeout(_life(self._caller, self._face.clock)), asyncio.TaskGroup() as group:
                    group.create_task(self._tell(own))
                    group.create_task(self._tell_titles(titles))
                    group.create_task(self._tell_states())
                    await self._listen(group)
            except* (CredentialGone, TimeoutError):
                await self._socket.close(ENDED)
            except* WebSocketDisconnect:
                pass

    async def _tell(self, messages: AsyncIterator[Sent | Resync]) -> None:
        async for message in messages:
            if isinstance(message, Resync):
                continue  # this API has no word for it; its clients ask anew by themselves
            if message.name == CredentialEnded.name:
                if msgspec.json.decode(message.body, type=CredentialEnded).ends(self._caller):
                    raise CredentialGone
            elif message.name == WatchStateChanged.name:
                self._states.append(msgspec.json.decode(message.body, type=WatchStateChanged))
                self._has_states.set()
            else:
                await self._send(await self._words.order(message))
        await self._send({"MessageType": "ServerShuttingDown"})

    async def _tell_titles(self, messages: AsyncIterator[Sent | Resync]) -> None:
        async for message in messages:
            if isinstance(message, Sent):
                await self._send(await self._words.titles(msgspec.json.decode(message.body, type=ItemsChanged)))

    async def _tell_states(self) -> None:
        """A season that is marked is many events and few messages: what comes during one look is told by the next."""
        while True:
            await self._has_states.wait()
            self._has_states.clear()
            changed, self._states = self._states, []
            await self._send(await self._words.states(changed))

    async def _listen(self, group: asyncio.TaskGroup) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect
            asked = _read(message.get("text") or "")
            kind = str(asked.get("MessageType", ""))
            if kind == "KeepAlive":
                await self._send({"MessageType": "KeepAlive"})
            elif kind in {"SessionsStart", "SessionsStop"} and self._repeating is not None:
                self._repeating.cancel()
                self._repeating = None
            if kind == "SessionsStart":
                self._repeating = group.create_task(self._repeat(*_pace(asked.get("Data"))))

    async def _repeat(self, first: timedelta, every: timedelta) -> None:
        """Who is there and what they play, as often as was asked, when it has changed."""
        shown: list[dict[str, Any]] | None = None
        await self._face.clock.sleep(first)
        while True:
            found = await sessions_of(self._face, self._caller)
            if found != shown:
                await self._send({"MessageType": "Sessions", "Data": found})
                shown = found
            await self._face.clock.sleep(every)

    async def _send(self, message: Mapping[str, Any] | None) -> None:
        if message is not None:
            named = {"MessageId": self._face.ids.uuid().replace("-", ""), **message}
            await self._socket.send_text(msgspec.json.encode(named).decode())


def _life(caller: Caller, clock: Clock) -> float | None:
    ends_at = caller.ends_at
    return None if ends_at is None else max(0.0, (ends_at - clock.now()).total_seconds())


def _read(text: str) -> dict[str, Any]:
    """A client's message; what is none says nothing."""
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _pace(data: Any) -> tuple[timedelta, timedelta]:
    """`first,every` in milliseconds."""
    words = (data if isinstance(data, str) else "").split(",")
    spans = [timedelta(milliseconds=int(one)) for one in words if one.strip().isdecimal() and len(one) < 9]
    first, every = [*spans, LEAST, LEAST][:2] if len(spans) != 1 else [timedelta(), spans[0]]
    return first, max(LEAST, every)
