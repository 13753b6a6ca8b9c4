"""What handlers may return besides a plain struct, and how values become bytes."""

from collections.abc import AsyncIterable, Mapping, Sequence
from http.cookies import SimpleCookie
from typing import Any, Final, Generic, TypeVar

import msgspec

import polycast.core.module as house  # by name, as it is only half there when it is the first to be imported
from polycast.core.http.streaming import StreamingResponse

T = TypeVar("T")
JSON_TYPE: Final = "application/json"
_BATCH_BYTES: Final = 64 * 1024


class Cookie(msgspec.Struct, frozen=True, kw_only=True):
    """A cookie to set. `max_age` in seconds; 0 ends it, None lasts as long as the browser."""

    name: str
    value: str
    max_age: int | None = None
    path: str = "/"
    same_site: str = "lax"
    secure: bool = False
    http_only: bool = True

    def header(self) -> bytes:
        """The value of `Set-Cookie`."""
        jar: SimpleCookie = SimpleCookie()
        jar[self.name] = self.value
        morsel = jar[self.name]
        morsel["path"] = self.path
        morsel["samesite"] = self.same_site
        if self.max_age is not None:
            morsel["max-age"] = str(self.max_age)
        if self.secure:
            morsel["secure"] = True
        if self.http_only:
            morsel["httponly"] = True
        return morsel.OutputString().encode("latin-1")


class Answer(Generic[T]):
    """A body with a status, headers or cookies of its own. `status=None` keeps the route's."""

    __slots__ = ("body", "cookies", "headers", "status")

    def __init__(
        self,
        body: T,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        cookies: Sequence[Cookie] = (),
    ) -> None:
        self.body = body
        self.status = status
        self.headers = dict(headers or {})
        self.cookies = tuple(cookies)


class Sending:
    """Finished bytes as an ASGI app: the smallest response there is."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        self.status = status
        self.body = body
        self.headers = headers

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})

    @classmethod
    def of(cls, value: object, status: int) -> "Sending":
        """`value` (a struct, an `Answer`, None for no body) as JSON."""
        headers: list[tuple[bytes, bytes]] = []
        if isinstance(value, Answer):
            status = status if value.status is None else value.status
            headers = [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in value.headers.items()]
            headers += [(b"set-cookie", cookie.header()) for cookie in value.cookies]
            value = value.body
        if value is None or status in (204, 304):
            if status not in (204, 304):
                headers.append((b"content-length", b"0"))
            return cls(status, b"", headers)
        body = value if isinstance(value, bytes) else msgspec.json.encode(value)
        if not any(name == b"content-type" for name, _ in headers):
            headers.append((b"content-type", JSON_TYPE.encode()))
        headers.append((b"content-length", str(len(body)).encode()))
        return cls(status, body, headers)

    @classmethod
    def spelled(cls, spelled: "house.Spelled") -> "Sending":
        """A failure as its dialect words it."""
        headers = [
            (name.lower().encode("latin-1"), text.encode("latin-1", "replace"))
            for name, text in spelled.headers.items()
        ]
        if spelled.status in (204, 304):
            return cls(spelled.status, b"", headers)
        headers.append((b"content-type", spelled.content_type.encode("latin-1")))
        headers.append((b"content-length", str(len(spelled.body)).encode()))
        return cls(spelled.status, spelled.body, headers)


def stream_list(rows: AsyncIterable[object], *, before: bytes = b"[", after: bytes = b"]") -> StreamingResponse:
    """A JSON array written while `rows` come, in pieces of about 64 KiB; `before`/`after` may wrap it in an object."""
    return StreamingResponse(_json_pieces(rows, before, after), media_type=JSON_TYPE)


async def _json_pieces(rows: AsyncIterable[object], before: bytes, after: bytes) -> AsyncIterable[bytes]:
    encoder = msgspec.json.Encoder()
    piece = bytearray(before)
    separator = b""
    async for row in rows:
        piece += separator
        piece += encoder.encode(row)
        separator = b","
        if len(piece) >= _BATCH_BYTES:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece + after)
