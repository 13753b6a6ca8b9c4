"""A provider that sends real pictures in real time, and can be told to misbehave."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from polycast.core.media.ts import PACKET
from tests.fakes.reel import Reel

TICK_S = 0.04
MARK_PID = 0x1FF0  # a stream of its own, unknown to the tables, that says which feed bytes came from
SEGMENT_S = 2
WINDOW = 5  # segments in a live playlist


class Mood(StrEnum):
    """How a feed behaves to new and present connections."""

    PLAY = "play"
    STALL = "stall"  # keeps the connection and sends nothing more
    REFUSE = "refuse"  # closes at once, without an answer
    GARBAGE = "garbage"  # answers 200 with bytes that are no transport stream
    SLOW = "slow"  # a third of the speed that the pictures need
    SILENT = "silent"  # accepts and never answers


class Feed:
    """One channel of the provider. Change its attributes at any time."""

    def __init__(self, name: str, base: str, reel: Reel, started_at: float) -> None:
        self.name = name
        self.url = f"{base}/{name}.ts"
        self.hls_url = f"{base}/{name}/index.m3u8"
        self.mood = Mood.PLAY
        self.status = 200  # another one is answered with an empty body
        self.redirect_to: str | None = None
        self.max_connections: int | None = None  # beyond: 403, as providers do
        self.burst_s = 1.0  # how much of the past a new connection gets at once
        self.speed = 1.0  # of time; 2.0 sends twice as fast as the pictures need
        self.marks = True
        self.connections = 0
        self.connections_peak = 0
        self.requests: list[dict[str, str]] = []  # headers of each request, lower case; "path" and "method" too
        self.sent_bytes = 0
        self._reel = reel
        self._started_at = started_at
        self._writers: set[asyncio.StreamWriter] = set()
        self._arrived = asyncio.Event()

    def seconds(self) -> float:
        """What is on air now, in seconds since the provider began."""
        return (time.monotonic() - self._started_at) * self.speed

    @property
    def mark(self) -> bytes:
        """The packet that stands in this feed's bytes each tick."""
        name = self.name.encode()[:100]
        return bytes([0x47, MARK_PID >> 8, MARK_PID & 0xFF, 0x10]) + b"feed:" + name.ljust(PACKET - 9, b"\0")

    async def asked(self, times: int = 1) -> None:
        """Until this feed was asked for `times` times in all."""
        while len(self.requests) < times:
            self._arrived.clear()
            await self._arrived.wait()

    def kill(self) -> None:
        """End every connection now, with a reset."""
        for writer in list(self._writers):
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    def cut(self) -> None:
        """End every connection tidily, in the middle of a packet."""
        for writer in list(self._writers):
            with suppress(ConnectionError):
                writer.write(b"\x47\x01\x00\x10" + b"\xff" * 60)
                writer.close()

    async def serve(self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        self._arrived.set()
        if self.mood is Mood.REFUSE:
            return
        if self.mood is Mood.SILENT:
            await reader.read()
            return
        if self.redirect_to:
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: {self.redirect_to}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        full = self.max_connections is not None and self.connections >= self.max_connections
        if self.status != 200 or full:
            writer.write(
                f"HTTP/1.1 {403 if full else self.status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )
            return
        if path.endswith(".ts") and path.count("/") == 1:
            await self._stream(reader, writer)
        elif path.endswith(".m3u8"):
            _answer(writer, self._playlist(), "application/vnd.apple.mpegurl")
        else:
            number = int(path.rpartition("/")[2].removesuffix(".ts"))
            body = b"".join(self._reel.second(number * SEGMENT_S + n) for n in range(SEGMENT_S))
            self.sent_bytes += len(body)
            _answer(writer, (self.mark if self.marks else b"") + body, "video/mp2t")

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.connections_peak = max(self.connections_peak, self.connections)
        self._writers.add(writer)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n")
        gone = asyncio.ensure_future(reader.read())
        try:
            at = self._reel.position(max(0.0, self.seconds() - self.burst_s))
            while not gone.done() and not writer.is_closing():
                at = self._send(writer, at)
                await writer.drain()
                await asyncio.wait([gone], timeout=TICK_S)
        finally:
            gone.cancel()
            self.connections -= 1
            self._writers.discard(writer)

    def _send(self, writer: asyncio.StreamWriter, at: int) -> int:
        now = self._reel.position(self.seconds())
        if self.mood is Mood.STALL or now <= at:
            return at
        if self.mood is Mood.SLOW:
            now = at + (now - at) // 3 // PACKET * PACKET if now - at < 20_000 else at + 2 * PACKET
        if self.mood is Mood.GARBAGE:
            writer.write(b"<html>not found</html>" * 50)
            return now
        body = (self.mark if self.marks else b"") + self._reel.read(at, now)
        self.sent_bytes += len(body)
        writer.write(body)
        return now

    def _playlist(self) -> bytes:
        newest = int(self.seconds() // SEGMENT_S) + WINDOW  # the provider began long ago
        first = newest - WINDOW
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{SEGMENT_S}", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
        for number in range(first, newest):
            lines += [f"#EXTINF:{SEGMENT_S:.3f},", f"{number}.ts"]
        return "\n".join([*lines, ""]).encode()


class Transmitter:
    """The provider: feeds by name, made when first asked about."""

    def __init__(self, base: str, reel: Reel) -> None:
        self.base = base
        self._reel = reel
        self._started_at = time.monotonic()
        self.feeds: dict[str, Feed] = {}

    def feed(self, name: str) -> Feed:
        return self.feeds.setdefault(name, Feed(name, self.base, self._reel, self._started_at))

    @property
    def connections(self) -> int:
        return sum(feed.connections for feed in self.feeds.values())

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip().split("\r\n")
                method, target, _ = first.split(" ")
                path = unquote(urlsplit(target).path)
                name = path[1:].partition("/")[0].removesuffix(".ts")
                feed = self.feed(name)
                headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
                feed.requests.append(headers | {"path": target, "method": method})
                await feed.serve(path, reader, writer)
                await writer.drain()
            finally:
                writer.close()


@asynccontextmanager
async def transmitting(reel: Reel | None = None, *, port: int = 0) -> AsyncIterator[Transmitter]:
    """A provider on a loopback port for the length of the block."""
    tasks: set[asyncio.Task[None]] = set()
    box: list[Transmitter] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(box[0].answer(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    host, bound = server.sockets[0].getsockname()[:2]
    box.append(Transmitter(f"http://{host}:{bound}", reel or Reel()))
    try:
        yield box[0]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await server.wait_closed()


def _answer(writer: asyncio.StreamWriter, body: bytes, content_type: str) -> None:
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
