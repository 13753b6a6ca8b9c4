"""RTSP for ffmpeg over a connection of ours: the camera's address is judged, and its password stays here.

ffmpeg dials a port of ours on loopback and knows neither the host nor the login. What it asks is passed on with the
camera's own address in it; a refusal is answered for it (Basic, Digest), and a redirect ends the conversation, since it
would lead past our doors. Source: RFC 2326 (messages, 10.12 interleaved data); RFC 2617 (Digest).
"""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from hashlib import md5
from typing import Final
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from polycast.core.net import BadAnswer, Forbidden, Outbound, listen

PORTS: Final = {"rtsp": 554, "rtsps": 322}
HEAD_BYTES: Final = 32 * 1024
BODY_BYTES: Final = 1024 * 1024
_HERE: Final = re.compile(rb"rtsp://127\.0\.0\.1:\d{1,5}")
_LENGTH: Final = re.compile(rb"(?im)^content-length:\s*(\d{1,7})\s*$")
_CHALLENGE: Final = re.compile(rb"(?im)^www-authenticate:\s*(basic|digest)\b[ \t]*([^\r\n]*)")
_PART: Final = re.compile(r'(\w+)="?([^",]*)"?')


class Camera(Struct, frozen=True):
    """Where an RTSP source is, and how to sign in there."""

    host: str
    port: int
    is_tls: bool
    origin: str  # "rtsp://host:port", as it stands in requests
    path: str  # with its query
    username: str
    password: str

    @classmethod
    def of(cls, url: str) -> "Camera":
        """Raises: Forbidden ("spelling", "port")."""
        try:
            parts = urlsplit(url)
            port = parts.port or PORTS[parts.scheme.lower()]
        except (ValueError, KeyError):
            raise Forbidden("spelling") from None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not parts.hostname or not re.fullmatch(r"[!-~]+", path):
            raise Forbidden("spelling")
        place = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(
            host=parts.hostname,
            port=port,
            is_tls=parts.scheme.lower() == "rtsps",
            origin=f"rtsp://{place}:{port}",
            path=path,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


class Talk:
    """The conversation between ffmpeg and one camera."""

    def __init__(self, camera: Camera, far: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        self.error: BadAnswer | None = None
        self._camera = camera
        self._from_camera, self._to_camera = far
        self._last = b""  # the request that is being answered
        self._login = b""  # how the camera wants to be spoken to
        self._has_tried = False
        self._is_taken = False

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The first who dials is our ffmpeg; nobody else is answered."""
        if self._is_taken:
            writer.close()
            return
        self._is_taken = True
        try:
            asking = asyncio.ensure_future(self._ask(reader))
            answering = asyncio.ensure_future(self._answer(writer))
            try:
                await asyncio.wait({asking, answering}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (asking, answering):
                    task.cancel()
                await asyncio.wait({asking, answering})
                for task in (asking, answering):
                    if not task.cancelled() and isinstance(error := task.exception(), BadAnswer):
                        self.error = error
        finally:
            writer.close()

    async def _ask(self, reader: asyncio.StreamReader) -> None:
        """What ffmpeg sends, to the camera."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                message = await _message(reader)
                if message[:1] != b"$":
                    head, _, body = message.partition(b"\r\n\r\n")
                    message = _HERE.sub(self._camera.origin.encode(), head) + b"\r\n\r\n" + body
                    self._last, self._has_tried = message, False
                    message = self._signed(message)
                self._to_camera.write(message)
                await self._to_camera.drain()

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        """What the camera sends, to ffmpeg. Raises: BadAnswer."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                message = await _message(self._from_camera)
                if message[:10] == b"RTSP/1.0 3":
                    raise BadAnswer("The source leads to another address; give that one.", reason="redirect")
                if message[:12] == b"RTSP/1.0 401" and self._camera.username and not self._has_tried:
                    self._has_tried = True
                    self._login = message
                    self._to_camera.write(self._signed(self._last))
                    await self._to_camera.drain()
                    continue
                if message[:12] == b"RTSP/1.0 401":
                    raise BadAnswer("The source does not accept the login.", reason="status", status=401)
                writer.write(message)
                await writer.drain()

    def _signed(self, message: bytes) -> bytes:
        """`message` with what the camera asked for, once it has."""
        offers = {found[1].lower(): found[2].decode("latin-1") for found in _CHALLENGE.finditer(self._login)}
        if not offers:
            return message
        line, _, rest = message.partition(b"\r\n")
        method, _, uri = line.decode("latin-1").partition(" ")
        if b"digest" in offers:
            parts = {name.lower(): value for name, value in _PART.findall(offers[b"digest"])}
            login = digest(self._camera, method, uri.rpartition(" ")[0], parts)
        else:
            login = _basic(self._camera)
        return line + b"\r\nAuthorization: " + login.encode("latin-1", "replace") + b"\r\n" + rest


@asynccontextmanager
async def rtsp_way(client: Outbound, url: str) -> AsyncIterator[tuple[str, Talk]]:
    """An address on loopback that leads to the camera of `url`, for one ffmpeg and the length of the block.

    Raises: Forbidden, Unreachable.
    """
    camera = Camera.of(url)
    async with client.connected(camera.host, camera.port, tls=camera.is_tls) as far:
        talk = Talk(camera, far)
        [opened] = listen("127.0.0.1", 0)
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(talk.accept(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(accept, sock=opened, limit=HEAD_BYTES)
        try:
            yield f"rtsp://127.0.0.1:{opened.getsockname()[1]}{camera.path}", talk
        finally:
            server.close()
            for task in list(tasks):
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)


async def _message(reader: asyncio.StreamReader) -> bytes:
    """A request or an answer with its body, or a frame of interleaved data. Raises: BadAnswer for neither."""
    first = await reader.readexactly(1)
    if first == b"$":
        head = await reader.readexactly(3)
        return first + head + await reader.readexactly(int.from_bytes(head[1:], "big"))
    try:
        head = first + await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise BadAnswer("The source's answer cannot be read.", reason="shape") from error
    length = int(found[1]) if (found := _LENGTH.search(head)) else 0
    if length > BODY_BYTES:
        raise BadAnswer("The source's answer cannot be read.", reason="shape")
    return head + await reader.readexactly(length)


def digest(camera: Camera, method: str, uri: str, parts: Mapping[str, str]) -> str:
    """The value of `Authorization` for a Digest challenge of `parts`, without quality of protection."""

    def of(*words: str) -> str:
        return md5(":".join(words).encode(), usedforsecurity=False).hexdigest()

    realm, nonce = parts.get("realm", ""), parts.get("nonce", "")
    answer = of(of(camera.username, realm, camera.password), nonce, of(method, uri))
    told = {"username": camera.username, "realm": realm, "nonce": nonce, "uri": uri, "response": answer}
    if "opaque" in parts:
        told["opaque"] = parts["opaque"]
    return "Digest " + ", ".join(f'{name}="{_plain(value)}"' for name, value in told.items())


def _basic(camera: Camera) -> str:
    return "Basic " + b64encode(f"{camera.username}:{camera.password}".encode()).decode()


def _plain(text: str) -> str:
    """What may stand between quotation marks in a header."""
    return re.sub(r'[\x00-\x1f\x7f"\\]', "", text)
