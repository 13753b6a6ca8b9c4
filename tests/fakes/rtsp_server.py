"""A camera: RTSP over one TCP connection, its picture as MPEG-TS in interleaved RTP. From RFC 2326, 2250 and 2617."""

import asyncio
import base64
import hashlib
import re
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from polycast.core.media.ts import PACKET
from tests.fakes.reel import Reel

TICK_S = 0.04
AT_ONCE = 7 * PACKET  # in one RTP packet
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=Camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 33\r\na=control:track1\r\n"


class Camera:
    """One stream. `login` is wanted of everybody; `scheme` says how."""

    def __init__(self, reel: Reel) -> None:
        self.port = 0
        self.login: tuple[str, str] | None = None
        self.scheme = "Digest"
        self.redirect_to = ""
        self.requests: list[tuple[str, str]] = []  # method and address
        self.players = 0
        self._reel = reel
        self._started_at = time.monotonic()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        playing: asyncio.Task[None] | None = None
        try:
            while True:
                first = await reader.readexactly(1)
                if first == b"$":  # a receiver report
                    head = await reader.readexactly(3)
                    await reader.readexactly(int.from_bytes(head[1:], "big"))
                    continue
                text = (first + await reader.readuntil(b"\r\n\r\n")).decode()
                method, url, _ = text.split("\r\n")[0].split(" ")
                self.requests.append((method, url))
                writer.write(self._answer(method, url, text))
                await writer.drain()
                if method == "PLAY" and self._is_let_in(method, url, text):
                    playing = asyncio.ensure_future(self._play(writer))
        finally:
            if playing is not None:
                playing.cancel()
                await asyncio.wait([playing])
            writer.close()

    def _answer(self, method: str, url: str, text: str) -> bytes:
        number = re.search(r"(?im)^cseq:\s*(\d+)", text)
        lines = [f"CSeq: {number[1] if number else 0}"]
        body = ""
        status = "200 OK"
        if not self._is_let_in(method, url, text):
            status = "401 Unauthorized"
            lines.append('WWW-Authenticate: Digest realm="camera", nonce="abc123"' if self.scheme == "Digest" else 'WWW-Authenticate: Basic realm="camera"')  # fmt: skip
        elif method == "OPTIONS":
            lines.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER")
        elif method == "DESCRIBE" and self.redirect_to:
            status = "302 Moved Temporarily"
            lines.append(f"Location: {self.redirect_to}")
        elif method == "DESCRIBE":
            body = SDP
            lines += [f"Content-Base: {url}/", "Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        elif method == "SETUP":
            lines += ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 12345678;timeout=60"]
        else:
            lines.append("Session: 12345678")
        return "\r\n".join([f"RTSP/1.0 {status}", *lines, "", body]).encode()

    def _is_let_in(self, method: str, url: str, text: str) -> bool:
        if self.login is None:
            return True
        shown = re.search(r"(?im)^authorization:\s*(.*?)\s*$", text)
        if shown is None:
            return False
        if self.scheme == "Basic":
            return shown[1] == "Basic " + base64.b64encode(":".join(self.login).encode()).decode()
        parts = dict(re.findall(r'(\w+)="([^"]*)"', shown[1]))
        secret = _md5(f"{self.login[0]}:camera:{self.login[1]}")
        wanted = _md5(f"{secret}:abc123:{_md5(f'{method}:{url}')}")
        return parts.get("username") == self.login[0] and parts.get("response") == wanted and parts.get("uri") == url

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        self.players += 1
        sequence = 0
        at = self._reel.position(max(0.0, time.monotonic() - self._started_at - 1.0))
        with suppress(ConnectionError):
            while not writer.is_closing():
                now = time.monotonic() - self._started_at
                end = self._reel.position(now)
                body = self._reel.read(at, end)
                at = end
                for start in range(0, len(body), AT_ONCE):
                    payload = body[start : start + AT_ONCE]
                    head = struct.pack("!BBHII", 0x80, 33, sequence & 0xFFFF, int(now * 90_000) & 0xFFFFFFFF, 7)
                    writer.write(b"$\x00" + struct.pack("!H", len(head) + len(payload)) + head + payload)
                    sequence += 1
                await writer.drain()
                await asyncio.sleep(TICK_S)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@asynccontextmanager
async def camera(reel: Reel | None = None) -> AsyncIterator[Camera]:
    """A camera on a loopback port for the length of the block."""
    found = Camera(reel or Reel())
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await found.serve(reader, writer)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await server.wait_closed()
