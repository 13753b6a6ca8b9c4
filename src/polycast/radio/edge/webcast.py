"""A DJ in a browser: the `webcast` protocol over a WebSocket. Source: specs/radio.md 4.7, RFC 6455."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from polycast.radio.edge.head import Head
from polycast.radio.edge.metadata import cleaned
from polycast.radio.edge.model import FORMAT_OF_MIME, Refusal, Title
from polycast.radio.edge.ports import Hangup, Input, Offer, Place

MAGIC: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
FRAME_MOST: Final = 1024 * 1024
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Said(Struct, frozen=True):
    """The data of a text frame."""

    mime: str = ""
    user: str = ""
    password: str = ""
    title: str = ""
    artist: str = ""


class Spoken(Struct, frozen=True):
    """A text frame."""

    type: str
    data: Said = Said()


class Webcast:
    """One browser. It is an `Input` so that the connection's end reaches the source behind it."""

    def __init__(self, place: Place, address: str, hangup: Hangup, *, fields: Mapping[str, str]) -> None:
        self.is_over = False
        self._place = place
        self._address = address
        self._hangup = hangup
        self._fields = fields
        self._frames = SocketFrames()
        self._input: Input | None = None
        self._user = ""
        self._password = ""

    def accept(self, head: Head) -> bytes | None:
        """The answer to the upgrade; None when it is no webcast."""
        key = head.headers.get("sec-websocket-key", "")
        offered = [word.strip() for word in head.headers.get("sec-websocket-protocol", "").split(",")]
        if "webcast" not in offered or not key or head.headers.get("sec-websocket-version") != "13":
            return None
        # SHA-1 is what RFC 6455 wants; nothing is protected by it.
        proof = base64.b64encode(hashlib.sha1(key.encode() + MAGIC, usedforsecurity=False).digest()).decode()
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Accept: {proof}", "Sec-WebSocket-Protocol: webcast"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def received(self, data: bytes) -> Iterator[bytes]:
        """What to send back for what came."""
        try:
            for kind, body in self._frames.feed(data):
                if kind == PING:
                    yield frame(PONG, body)
                elif kind == CLOSE:
                    self.is_over = True
                    yield frame(CLOSE, body[:2])
                    return
                else:
                    self.heard(kind == TEXT, body)
                if self.is_over:
                    yield frame(CLOSE, (1008).to_bytes(2, "big"))
                    return
        except ValueError:
            self.is_over = True

    def heard(self, is_text: bool, body: bytes) -> None:
        """A message, whoever carried it."""
        if not is_text:
            if self._input is None or not self._input.feed(body):
                self.is_over = True
            return
        try:
            spoken = msgspec.json.decode(body, type=Spoken)
        except msgspec.DecodeError:
            self.is_over = True
            return
        if spoken.type == "hello" and self._input is None:
            self._hello(spoken.data)
        elif spoken.type == "metadata" and self._input is not None:
            text = " - ".join(cleaned(one) for one in (spoken.data.artist, spoken.data.title) if one)
            self._place.retitle("", self._user, self._password, Title(text))

    def _hello(self, said: Said) -> None:
        mime = said.mime.partition(";")[0].strip().lower()
        self._user, self._password = said.user, said.password
        if self._place.is_refused(self._address) or not self._place.knows(self._address, said.user, said.password):
            self.is_over = True
            return
        taken = self._place.source(
            Offer(
                address=self._address,
                user=said.user,
                password=said.password,
                path="",
                format=FORMAT_OF_MIME.get(mime),
                mime=mime,
                agent=self._fields.get("user-agent", ""),
                fields={},
            ),
            self._hangup,
        )
        if isinstance(taken, Refusal):
            self.is_over = True
        else:
            self._input = taken

    def feed(self, fresh: bytes) -> bool:
        return not self.is_over

    def ended(self, why: str) -> None:
        if self._input is not None:
            taken, self._input = self._input, None
            taken.ended(why)


class SocketFrames:
    """Frames of a WebSocket, from the client's side: masked, possibly in parts."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._parts = bytearray()
        self._kind = 0

    def feed(self, fresh: bytes) -> Iterator[tuple[int, bytes]]:
        """Whole messages. Raises: ValueError for what breaks the protocol."""
        self._rest += fresh
        while (found := self._frame()) is not None:
            kind, is_last, body = found
            if kind >= CLOSE:
                yield kind, body
                continue
            if kind:
                self._kind, self._parts = kind, bytearray()
            self._parts += body
            if len(self._parts) > FRAME_MOST:
                raise ValueError("a message too long")
            if is_last and self._kind:
                yield self._kind, bytes(self._parts)
                self._kind, self._parts = 0, bytearray()

    def _frame(self) -> tuple[int, bool, bytes] | None:
        rest = self._rest
        if len(rest) < 2:
            return None
        size, at = rest[1] & 0x7F, 2
        if size >= 126:
            width = 2 if size == 126 else 8
            if len(rest) < 2 + width:
                return None
            size, at = int.from_bytes(rest[2 : 2 + width], "big"), 2 + width
        if not rest[1] & 0x80 or size > FRAME_MOST or rest[0] & 0x70:
            raise ValueError("not a frame of a client")
        if len(rest) < at + 4 + size:
            return None
        mask, kind, is_last = bytes(rest[at : at + 4]), rest[0] & 15, bool(rest[0] & 0x80)
        body = bytes(rest[at + 4 : at + 4 + size])
        del rest[: at + 4 + size]
        return kind, is_last, unmasked(body, mask)


def unmasked(body: bytes, mask: bytes) -> bytes:
    """The plain bytes; the same call masks them."""
    repeated = (mask * (len(body) // 4 + 1))[: len(body)]
    return (int.from_bytes(body, "big") ^ int.from_bytes(repeated, "big")).to_bytes(len(body), "big")


def frame(kind: int, body: bytes) -> bytes:
    """A frame of the server."""
    size = len(body)
    if size < 126:
        return bytes([0x80 | kind, size]) + body
    return bytes([0x80 | kind, 126]) + size.to_bytes(2, "big") + body
