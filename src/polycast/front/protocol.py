"""uvicorn's HTTP protocol with what it lacks: deadlines, a limit for each peer, honest HTTP/1.0."""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from msgspec import Struct
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

_TIMED_OUT: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_HEAD_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)
_DISCARDED_AFTER_ANSWER: Final = 1024 * 1024  # bytes of a refused body that are read, so that the answer arrives


class Patience(Struct, frozen=True, kw_only=True):
    """How long a connection may do nothing, and how much of everything there may be."""

    head: timedelta = timedelta(seconds=10)  # from a head's first byte to its last
    body_silence: timedelta = timedelta(seconds=30)
    idle: timedelta = timedelta(seconds=75)
    head_bytes: int = 64 * 1024
    per_peer: int = 256  # connections of one address that is no trusted proxy
    streams_end: timedelta = timedelta(seconds=5)  # from the word to stop until streams are cut
    all_ends: timedelta = timedelta(seconds=10)
    in_all: int = 4096  # connections without an answer under way; streams are counted by those who send them


class Doorkeeper:
    """Counts the connections of each peer, over all ports that share it."""

    def __init__(self, patience: Patience, *, trusts: Callable[[str], bool]) -> None:
        self.patience = patience
        self._trusts = trusts
        self._peers: Counter[str] = Counter()

    def enter(self, host: str) -> bool:
        """Whether one more connection of `host` is welcome; if so it must `leave`."""
        if self._trusts(host):
            return True
        if self._peers[host] >= self.patience.per_peer:
            return False
        self._peers[host] += 1
        return True

    def leave(self, host: str) -> None:
        if self._peers[host] > 1:
            self._peers[host] -= 1
        else:
            del self._peers[host]


class PolycastProtocol(HttpToolsProtocol):
    """One connection. Exactly one deadline runs at any time, or none while an answer is being made."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        doorkeeper: Doorkeeper,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._doorkeeper = doorkeeper
        self._patience = doorkeeper.patience
        self._entered: str | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._heard_at = 0.0  # loop time of the last byte of a body
        self._is_in_head = False
        self._head_bytes = 0
        self._discarded = 0

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        if not self._doorkeeper.enter(host) or self._is_full():
            transport.abort()
            return
        self._entered = host
        self._wait(self._patience.idle, self._close)

    def _is_full(self) -> bool:
        if len(self.connections) <= self._patience.in_all:
            return False
        waiting = sum(1 for connection in self.connections if not _is_answering(connection))
        return waiting > self._patience.in_all

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._leave()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def _leave(self) -> None:
        if self._entered is not None:
            self._doorkeeper.leave(self._entered)
            self._entered = None

    def handle_websocket_upgrade(self) -> None:
        self._stop_waiting()
        self._leave()  # from here on it is a socket, counted by user
        super().handle_websocket_upgrade()

    # What comes in

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._is_in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > self._patience.head_bytes and not self.transport.is_closing():
            self._refuse(_HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head = True
        self._head_bytes = 0
        self._wait(self._patience.head, self._head_is_late)

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._stop_waiting()
        self._discarded = 0
        super().on_headers_complete()
        self._heard_at = self.loop.time()
        self._wait(self._patience.body_silence, self._body_is_silent)

    def on_body(self, body: bytes) -> None:
        self._heard_at = self.loop.time()
        if self._has_answered():
            self._discarded += len(body)
            if self._discarded > _DISCARDED_AFTER_ANSWER:
                self.transport.close()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()
        if self._has_answered():
            self._wait(self._patience.idle, self._close)

    # What goes out

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._unset_keepalive_if_required()  # ours knows of heads and bodies that are half here
        if self._deadline is None and not self.pipeline and not self.transport.is_closing():
            self._wait(self._patience.idle, self._close)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        super()._start_asgi_task(cycle, _without_chunks(app, cycle) if cycle.scope["http_version"] == "1.0" else app)

    # Deadlines

    def _wait(self, patience: timedelta, then: Callable[[], None]) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(patience.total_seconds(), then)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _head_is_late(self) -> None:
        if self._is_new() or self._has_answered():
            self._refuse(_TIMED_OUT)
        else:
            self._deadline = None  # a pipelined head behind an answer that is still being sent

    def _body_is_silent(self) -> None:
        allowed = self._patience.body_silence.total_seconds()
        left = self._heard_at + allowed - self.loop.time()
        if self.flow.read_paused:  # we are the slow ones: the app has not taken what is here
            left = allowed
        if left <= 0:
            self._close()
        else:
            self._deadline = self.loop.call_later(left, self._body_is_silent)

    def _is_new(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, whatever uvicorn declares
        return cycle is None

    def _has_answered(self) -> bool:
        cycle: Any = self.cycle
        return cycle is not None and bool(cycle.response_complete)

    def _refuse(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


def _is_answering(connection: Any) -> bool:
    """Whether bytes are on their way out; a WebSocket, which has no cycle, counts as if they always were."""
    if not hasattr(connection, "cycle"):
        return True
    cycle = connection.cycle
    return cycle is not None and cycle.response_started and not cycle.response_complete


def _without_chunks(app: Any, cycle: Any) -> Any:
    """`app` for an HTTP/1.0 client: a body without a length ends with the connection, never in chunks.

    Old players, and radios with firmware of 2005, play the chunk sizes as noise.
    """

    async def answering(scope: Any, receive: Any, send: Any) -> None:
        is_endless = False

        async def plain(message: Any) -> None:
            nonlocal is_endless
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message.get("headers", ())}
                headers = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"transfer-encoding"]
                message = {**message, "headers": headers}
                if b"content-length" not in names and message["status"] not in (204, 304):
                    is_endless = True
                    cycle.chunked_encoding = False
                    cycle.expected_content_length = sys.maxsize
            elif is_endless and not message.get("more_body", False):
                cycle.expected_content_length = len(message.get("body", b""))
            await send(message)

        await app(scope, receive, plain)

    return answering
