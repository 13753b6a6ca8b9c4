"""MQTT 3.1.1 as bytes: as much of it as a publisher needs. Source: OASIS MQTT 3.1.1, sections 2 and 3."""

import asyncio
from typing import Final

from msgspec import Struct

from polycast.core.errors import PolycastError

CONNECT, CONNACK, PUBLISH, PUBACK, PINGREQ, PINGRESP, DISCONNECT = 1, 2, 3, 4, 12, 13, 14
LARGEST: Final = 64 * 1024  # bytes of a packet that we read; a publisher gets none larger than four
LONGEST: Final = 65_535
REFUSALS: Final = {
    1: "The broker does not speak MQTT 3.1.1.",
    2: "The broker refuses our client id.",
    3: "The broker is not available.",
    4: "The broker refuses the user name or the password.",
    5: "The broker does not let us in.",
}


class Refused(PolycastError):
    """What answers is no broker, or one that does not want us."""

    code = "mqtt_refused"


class Message(Struct, frozen=True, kw_only=True):
    """What is published; the broker keeps the last one of each topic for those who come later."""

    topic: str
    payload: bytes


class Hello(Struct, frozen=True, kw_only=True):
    """How a connection begins. `will` is what the broker says for us when we die."""

    client_id: str
    username: str = ""
    password: str = ""
    keep_alive_s: int = 60
    will: Message | None = None

    def __repr__(self) -> str:
        return f"Hello({self.client_id!r})"


class Packet(Struct, frozen=True, kw_only=True):
    """One packet that came."""

    kind: int
    body: bytes


def connect(hello: Hello) -> bytes:
    """The first packet: a clean session."""
    flags, rest = 0x02, [_text(hello.client_id)]
    if hello.will is not None:
        flags |= 0x04 | 0x08 | 0x20  # a will, at least once, retained
        rest += [_text(hello.will.topic), _sized(hello.will.payload)]
    if hello.username:
        flags |= 0x80
        rest.append(_text(hello.username))
        if hello.password:
            flags |= 0x40
            rest.append(_text(hello.password))
    head = _text("MQTT") + bytes([4, flags]) + hello.keep_alive_s.to_bytes(2, "big")
    return _packet(CONNECT << 4, head + b"".join(rest))


def publish(message: Message, packet_id: int) -> bytes:
    """At least once, retained."""
    return _packet(PUBLISH << 4 | 0x02 | 0x01, _text(message.topic) + packet_id.to_bytes(2, "big") + message.payload)


def ping() -> bytes:
    return _packet(PINGREQ << 4, b"")


def disconnect() -> bytes:
    return _packet(DISCONNECT << 4, b"")


async def read_packet(reader: asyncio.StreamReader) -> Packet:
    """The next packet. Raises: Refused, for what is no MQTT; asyncio.IncompleteReadError at the end."""
    first = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            break
        if shift > 21:
            raise Refused("The broker's answer is no MQTT.")
    if length > LARGEST:
        raise Refused("The broker's answer is too large.")
    return Packet(kind=first >> 4, body=await reader.readexactly(length))


def check_connack(packet: Packet) -> None:
    """Raises: Refused."""
    if packet.kind != CONNACK or len(packet.body) != 2:
        raise Refused("The broker's answer is no MQTT.")
    if packet.body[1]:
        raise Refused(REFUSALS.get(packet.body[1], "The broker refuses us."))


def acked(packet: Packet) -> int | None:
    """The id that a PUBACK names; None for another packet."""
    return int.from_bytes(packet.body, "big") if packet.kind == PUBACK and len(packet.body) == 2 else None


def _packet(first: int, body: bytes) -> bytes:
    length, head = len(body), bytearray([first])
    while True:
        length, digit = length >> 7, length & 0x7F
        head.append(digit | 0x80 if length else digit)
        if not length:
            return bytes(head) + body


def _text(text: str) -> bytes:
    return _sized(text.replace("\x00", "").encode())


def _sized(data: bytes) -> bytes:
    cut = data[:LONGEST]
    return len(cut).to_bytes(2, "big") + cut
