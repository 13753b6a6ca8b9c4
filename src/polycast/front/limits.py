"""The front's eye on what comes in and what goes out of one request."""

import time
from collections.abc import Iterable, MutableMapping
from typing import Any, Final

from polycast.core.errors import TooLarge
from polycast.core.http import BadBody

SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"x-frame-options", b"SAMEORIGIN"),
)
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


class HeadIsOver(OSError):
    """The headers of a HEAD are out; whatever makes its body may stop."""


class Incoming:
    """`receive`, counting: the route's limit stands in `state["body_limit"]` as soon as the route is known."""

    def __init__(self, receive: Any, state: MutableMapping[str, Any], ceiling: int) -> None:
        self._receive = receive
        self._state = state
        self.ceiling = ceiling
        self._seen = 0
        self.head_is_over = False

    async def __call__(self) -> Any:
        """Raises: TooLarge beyond the limit."""
        if self.head_is_over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            limit = self._state.get("body_limit", self.ceiling)
            if self._seen > limit:
                raise TooLarge(f"The body is larger than {limit} bytes.")
        return message

    def check_announced(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Raises: TooLarge for a length that no route of the dialect takes; BadBody for one that is no number."""
        for name, value in headers:
            if name == b"content-length":
                if not value.isdigit():
                    raise BadBody("Invalid Content-Length.", form="http")
                if int(value) > self.ceiling:
                    raise TooLarge(f"The body is larger than {self.ceiling} bytes.")


class Outgoing:
    """`send`, adding our headers, counting bytes, and dropping the body of a HEAD."""

    def __init__(
        self,
        send: Any,
        incoming: Incoming,
        state: MutableMapping[str, Any],
        *,
        request_id: str,
        is_head: bool,
        is_https: bool,
    ) -> None:
        self._send = send
        self._incoming = incoming
        self._state = state
        self.request_id = request_id
        self._is_head = is_head
        self.is_https = is_https
        self._started_at = time.perf_counter()
        self.status = 0  # 0: nothing sent yet
        self.size_bytes = 0
        self.is_complete = False
        self.first_byte_s = 0.0

    async def __call__(self, message: Any) -> None:
        """Raises: HeadIsOver when a body is sent after the answer to a HEAD is complete."""
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
            self.first_byte_s = time.perf_counter() - self._started_at
            message = {**message, "headers": self._headers(message.get("headers", ()))}
            await self._send(message)
            if self._is_head:
                await self._end_head()
            return
        if self._is_head:
            if message.get("more_body", False):
                raise HeadIsOver("only headers were asked for")
            return
        if kind == "http.response.body":
            self.size_bytes += len(message.get("body", b""))
            self.is_complete = not message.get("more_body", False)
        await self._send(message)

    async def _end_head(self) -> None:
        self.is_complete = True
        self._incoming.head_is_over = True
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _headers(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        told = list(headers)
        names = {name.lower() for name, _ in told}
        told += [(name, value) for name, value in SECURITY_HEADERS if name not in names]
        if self.is_https and _HSTS[0] not in names:
            told.append(_HSTS)
        caller = self._state.get("caller")
        if caller is not None and not caller.is_anonymous and b"cache-control" not in names:
            told.append((b"cache-control", b"no-store"))  # what one caller may see, no cache may show another
        if (count := self._state.get("count")) is not None:
            told += count.headers
        told.append((b"x-request-id", self.request_id.encode("ascii")))
        return told
