"""An HTTP server that misbehaves, on a real loopback socket, byte by byte.

`async with upstream() as server:` then `server.on("/path", answer)` with one of the answers below, and fetch
`server.url("/path")`. `server.connections` counts accepted connections, `server.heads` holds each request's head.
"""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

Answer = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]
HTML = b"<!DOCTYPE html><html><head><title>Login</title></head><body>Please sign in</body></html>"


class Asked:
    """One request as it came."""

    def __init__(self, head: bytes, body: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, _ = lines[0].split(" ", 2)
        self.headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:] if line)
        }
        self.body = body


class Upstream:
    """The server. A path without an answer is 404; a query is ignored when the path alone is known."""

    def __init__(self) -> None:
        self.connections = 0
        self.asked: list[Asked] = []
        self.host = "127.0.0.1"
        self.port = 0
        self._answers: dict[str, Answer] = {}
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    def on(self, path: str, answer: Answer) -> None:
        self._answers[path] = answer

    def url(self, path: str = "/", host: str | None = None) -> str:
        return f"http://{host or self.host}:{self.port}{path}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            asked = Asked(head[:-4], b"")
            if length := int(asked.headers.get("content-length", "0")):
                asked.body = await reader.readexactly(length)
            self.asked.append(asked)
            answer = self._answers.get(asked.path) or self._answers.get(asked.path.partition("?")[0]) or status(404)
            await answer(asked, writer)
            await writer.drain()


@asynccontextmanager
async def upstream() -> AsyncIterator[Upstream]:
    """A server for the length of the block."""
    server = Upstream()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def _head(code: int, headers: Mapping[str, str]) -> bytes:
    return (f"HTTP/1.1 {code} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())).encode(
        "latin-1"
    ) + b"\r\n"


def ok(body: bytes, content_type: str = "application/octet-stream", **headers: str) -> Answer:
    """A good answer; header names with `_` for `-`."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        writer.write(_head(200, {"Content-Type": content_type, "Content-Length": str(len(body)), **named}))
        if asked.method != "HEAD":
            writer.write(body)

    return answer


def html() -> Answer:
    """200 with a sign-in page, where something else was asked for."""
    return ok(HTML, "text/html; charset=utf-8")


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """Any status."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        writer.write(_head(code, {"Content-Length": str(len(body)), **named}) + body)

    return answer


def redirect(location: str, code: int = 302) -> Answer:
    return status(code, Location=location)


def in_turn(*answers: Answer) -> Answer:
    """One after the other; the last for ever."""
    left = list(answers)

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(asked, writer)

    return answer


def reset(after: bytes = b"") -> Answer:
    """Cut the connection, after `after`."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(after)
        await writer.drain()
        writer.transport.abort()
        raise ConnectionResetError

    return answer


def reset_in_body(sent: bytes, length: int) -> Answer:
    return reset(_head(200, {"Content-Length": str(length)}) + sent)


def silent() -> Answer:
    """Take the request and never answer."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    return answer


def stall(sent: bytes, length: int = 1_000_000) -> Answer:
    """A good head and `sent`, then nothing more."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, {"Content-Length": str(length)}) + sent)
        await asyncio.Event().wait()

    return answer


def drip(every: float = 0.02, piece: bytes = b"x") -> Answer:
    """A body that comes in tiny pieces without end."""
    return endless(piece, every)


def endless(piece: bytes = b"\0" * 65536, every: float = 0.0) -> Answer:
    """A body without length and without end."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, {"Connection": "close"}))
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every)

    return answer


def wrong_length(body: bytes, length: int) -> Answer:
    """A body shorter than its head says, and the connection closed."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, {"Content-Length": str(length), "Connection": "close"}) + body)
        await writer.drain()
        writer.close()
        raise ConnectionResetError

    return answer


def gzipped(body: bytes, *, members: int = 1, cut: int = 0) -> Answer:
    """`body`, packed, as Content-Encoding; `cut` bytes missing at the end."""
    packed = gzip.compress(body) * members
    return ok(packed[: len(packed) - cut], Content_Encoding="gzip")


def gzip_bomb(size: int) -> Answer:
    """`size` zero bytes, packed about a thousandfold."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    block = bytes(1024 * 1024)
    packed = b"".join(squeeze.compress(block) for _ in range(size // len(block))) + squeeze.flush()
    return ok(packed, Content_Encoding="gzip")


def raw(data: bytes) -> Answer:
    """Exactly these bytes, then the connection closed."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()
        raise ConnectionResetError

    return answer
