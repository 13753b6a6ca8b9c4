"""UDP for discovery (SSDP, HDHomeRun): questions from the neighbourhood in, few and small answers out.

Answers go to private unicast or loopback peers only, at most ten a second each, at most 512 bytes, and only where the
server itself listens. Source: specs/security.md 3.13.
"""

import asyncio
import socket
import struct
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address
from typing import Any, Final, NamedTuple, cast

from polycast.core.clock import Clock
from polycast.core.net.address import Reach, reach_of
from polycast.core.net.listening import Taken, local_address_towards

ANSWERS_PER_SECOND: Final = 10
ANSWER_BYTES: Final = 512
QUESTION_BYTES: Final = 2048
PEERS: Final = 1024
HOPS: Final = 2  # of a multicast; Source: UPnP Device Architecture 1.1, 1.1.2
ANYWHERE: Final = "0.0.0.0"  # noqa: S104 - the setting's spelling, compared with
_IP_MULTICAST_ALL: Final = 49  # Linux; 0: only groups that this very socket has joined


class Peer(NamedTuple):
    """Who sent a datagram."""

    host: str
    port: int


Heard = Callable[["Datagrams", bytes, Peer], None]  # must be quick; may call `answer` later too


class Datagrams(asyncio.DatagramProtocol):
    """An open UDP socket. Made by `open_datagrams`."""

    def __init__(self, *, clock: Clock, host: str, heard: Heard) -> None:
        self._clock = clock
        self._host = host
        self._heard = heard
        self._transport: asyncio.DatagramTransport | None = None
        self._answered: OrderedDict[str, deque[timedelta]] = OrderedDict()

    def answer(self, data: bytes, peer: Peer) -> bool:
        """Send `data` to `peer`; False when a rule forbids it."""
        if self._transport is None or len(data) > ANSWER_BYTES or not self._may_answer(peer):
            return False
        self._transport.sendto(data, peer)
        return True

    def announce(self, data: bytes, group: str, port: int) -> None:
        """Send `data` to a multicast group, on our own interface."""
        if self._transport is not None and len(data) <= ANSWER_BYTES:
            self._transport.sendto(data, (group, port))

    @property
    def port(self) -> int:
        """The port we hear on."""
        name = self._transport.get_extra_info("sockname") if self._transport is not None else ("", 0)
        return int(name[1])

    def our_address(self, peer: Peer) -> str:
        """Our address on the interface that `peer` reaches us at, to put into an answer."""
        return local_address_towards(peer.host)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)  # asyncio's own is no subclass of it in 3.11

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        peer = Peer(str(addr[0]), addr[1])
        if len(data) <= QUESTION_BYTES and self._is_near(peer):
            self._heard(self, data, peer)

    def error_received(self, exc: Exception) -> None:
        """Somebody we answered is gone; nothing to do."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def _is_near(self, peer: Peer) -> bool:
        """Whether `peer` is a private neighbour on an interface that the server listens on."""
        if not peer.port or reach_of(ip_address(peer.host)) not in (Reach.PRIVATE, Reach.LOOPBACK):
            return False
        try:
            return self._host in (ANYWHERE, local_address_towards(peer.host))
        except OSError:
            return False

    def _may_answer(self, peer: Peer) -> bool:
        if not self._is_near(peer):
            return False
        now = self._clock.monotonic()
        times = self._answered.setdefault(peer.host, deque(maxlen=ANSWERS_PER_SECOND))
        self._answered.move_to_end(peer.host)
        if len(self._answered) > PEERS:
            self._answered.popitem(last=False)
        if len(times) == ANSWERS_PER_SECOND and now - times[0] < timedelta(seconds=1):
            return False
        times.append(now)
        return True


@asynccontextmanager
async def open_datagrams(
    port: int, *, host: str, heard: Heard, clock: Clock, group: str | None = None
) -> AsyncIterator[Datagrams]:
    """A UDP socket on `port` for the length of the block, a member of `group` on the interface of `host` (IPv4).

    `host` is the address the server listens on. Raises: Taken, when the port cannot be had.
    """
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((ANYWHERE, port))
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, HOPS)
        if host != ANYWHERE:
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(host))
        if group is not None:
            join(opened, group, host)
    except OSError as error:
        opened.close()
        raise Taken(f"UDP port {port} cannot be used for discovery: {error.strerror}.") from error
    talk = Datagrams(clock=clock, host=host, heard=heard)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: talk, sock=opened)
    try:
        yield talk
    finally:
        transport.close()


def join(opened: socket.socket, group: str, interface: str, source: str | None = None) -> None:
    """Make `opened` a member of an IPv4 multicast `group`, from `source` alone when given. Raises: OSError."""
    opened.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
    addresses = [socket.inet_aton(group), socket.inet_aton(interface)]
    if source is None:
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, b"".join(addresses))
        return
    membership = struct.pack("=4s4s4s", *addresses, socket.inet_aton(source))
    opened.setsockopt(socket.IPPROTO_IP, 39, membership)  # IP_ADD_SOURCE_MEMBERSHIP, which `socket` lacks in 3.11
