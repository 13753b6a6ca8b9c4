"""Live sources that come as UDP or RTP: `udp://@239.1.1.1:5000`, `rtp://192.0.2.7@232.1.1.1:5000`, `udp://@:5000`."""

import asyncio
import re
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import AddressValueError, IPv4Address
from typing import Final
from urllib.parse import parse_qs

from msgspec import Struct

from polycast.core.net.address import Reach, reach_of
from polycast.core.net.datagrams import ANYWHERE, join
from polycast.core.net.errors import BadAnswer, Forbidden, Unreachable
from polycast.core.net.listening import is_ours
from polycast.core.net.rtp import Reorder, looks_like_rtp

PACKET_BYTES: Final = 65_536
KERNEL_BYTES: Final = 4 * 1024 * 1024
WAITING_BYTES: Final = 16 * 1024 * 1024  # what may wait for a slow reader
AT_ONCE: Final = 256  # packets taken before the loop gets its turn
_SHAPE: Final = re.compile(r"(udp|rtp)://(?:([0-9.]*)@)?([0-9.]*):([0-9]{1,5})/?(?:\?([^#]*))?$", re.IGNORECASE)


class Feed(Struct, frozen=True, kw_only=True):
    """Where a datagram source is heard."""

    is_rtp: bool
    group: str  # multicast group, or our own address
    port: int
    source: str | None  # the only sender, for source-specific multicast
    interface: str  # our address on the interface to join at

    @property
    def is_multicast(self) -> bool:
        return reach_of(IPv4Address(self.group)) is Reach.MULTICAST


def parse_feed(url: str, interface: str = ANYWHERE) -> Feed:
    """Read a udp or rtp URL (IPv4); `?localaddr=` overrides `interface`, as ffmpeg spells it.

    Raises: Forbidden ("scheme", "spelling", "port", or what the address is).
    """
    shape = _SHAPE.match(url.strip())
    if shape is None:
        raise Forbidden("spelling" if url.lower().startswith(("udp:", "rtp:")) else "scheme")
    scheme, source, host, port, query = shape.groups()
    interface = parse_qs(query or "").get("localaddr", [interface])[0]
    try:
        group, sender, local = IPv4Address(host or ANYWHERE), IPv4Address(source or ANYWHERE), IPv4Address(interface)
    except AddressValueError:
        raise Forbidden("spelling") from None
    if not 1024 <= int(port) <= 65535:
        raise Forbidden("port")
    reach = reach_of(group)
    if reach is not Reach.MULTICAST and int(group) and not is_ours(group):
        raise Forbidden(reach.value)
    return Feed(
        is_rtp=scheme.lower() == "rtp",
        group=str(group),
        port=int(port),
        source=str(sender) if int(sender) else None,
        interface=str(local),
    )


class Datastream:
    """The bytes of a datagram source. Made by `open_feed`."""

    def __init__(self, opened: socket.socket, feed: Feed, idle: timedelta) -> None:
        self.dropped = 0  # packets that a slow reader has missed
        self._socket = opened
        self._feed = feed
        self._idle = idle.total_seconds()
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._has_come = asyncio.Event()
        self._reorder: Reorder | None = Reorder() if feed.is_rtp else None
        self._is_first = True

    @property
    def lost(self) -> int:
        """Packets that never came (RTP only)."""
        return self._reorder.lost if self._reorder is not None else 0

    async def chunks(self, size: int = 64 * 1024) -> AsyncIterator[bytes]:
        """What has come, joined to about `size` bytes. Raises: BadAnswer ("silent") when nothing comes for `idle`."""
        while True:
            if not self._waiting:
                self._has_come.clear()
                try:
                    async with asyncio.timeout(self._idle):
                        await self._has_come.wait()
                except TimeoutError:
                    raise BadAnswer("The source is silent.", reason="silent") from None
            taken: list[bytes] = []
            count = 0
            while self._waiting and count < size:
                piece = self._waiting.popleft()
                count += len(piece)
                taken.append(piece)
            self._size -= count
            yield b"".join(taken)

    def readable(self) -> None:
        """Take what the kernel holds."""
        for _ in range(AT_ONCE):
            try:
                packet, sender = self._socket.recvfrom(PACKET_BYTES)
            except (BlockingIOError, InterruptedError):
                return
            if self._feed.is_multicast or reach_of(IPv4Address(sender[0])) in (Reach.PRIVATE, Reach.LOOPBACK):
                self._take(packet)

    def _take(self, packet: bytes) -> None:
        if self._is_first:
            self._is_first = False
            if self._reorder is None and looks_like_rtp(packet):
                self._reorder = Reorder()
        for payload in [packet] if self._reorder is None else self._reorder.feed(packet):
            self._waiting.append(payload)
            self._size += len(payload)
        while self._size > WAITING_BYTES:
            self._size -= len(self._waiting.popleft())
            self.dropped += 1
        self._has_come.set()


@asynccontextmanager
async def open_feed(feed: Feed, *, idle: timedelta) -> AsyncIterator[Datastream]:
    """Listen to `feed` for the length of the block. Raises: Unreachable ("connect") when it cannot be joined."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    loop = asyncio.get_running_loop()
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BYTES)
        # Bound to the group, the socket hears no other one on the same port.
        opened.bind((feed.group, feed.port))
        if feed.is_multicast:
            join(opened, feed.group, feed.interface, feed.source)
    except OSError as error:
        opened.close()
        raise Unreachable(f"The source cannot be joined: {error.strerror}.", reason="connect") from error
    stream = Datastream(opened, feed, idle)
    loop.add_reader(opened.fileno(), stream.readable)
    try:
        yield stream
    finally:
        loop.remove_reader(opened.fileno())
        opened.close()
