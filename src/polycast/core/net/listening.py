"""Sockets we listen on, and which addresses are ours."""

import errno
import socket
from ipaddress import IPv6Address, ip_address

from polycast.core.errors import Unavailable
from polycast.core.net.address import Address, plain

BACKLOG = 2048


class Taken(Unavailable):
    """The port cannot be listened on."""

    code = "port_taken"


def listen(host: str, port: int) -> list[socket.socket]:
    """Listening sockets for every address of `host` (a name gives several), not blocking, inheritable by a fork.

    `port` 0 takes a free one, the same for all. Raises: Taken, in words for the person who starts the server.
    """
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, place in _places(host, port):
            opened = socket.socket(family, kind, protocol)
            sockets.append(opened)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            opened.bind((place[0], port, *place[2:]))
            port = opened.getsockname()[1]
            opened.listen(BACKLOG)
            opened.setblocking(False)
    except OSError as error:
        for opened in sockets:
            opened.close()
        raise Taken(_told(host, port, error)) from error
    return sockets


def is_ours(address: Address) -> bool:
    """Whether `address` belongs to this machine: the system lets a socket be bound to no other."""
    bare = plain(address)
    family = socket.AF_INET6 if isinstance(bare, IPv6Address) else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(bare), 0))
        except OSError:
            return False
        return True


def local_address_towards(peer: str) -> str:
    """Our address on the interface that leads to `peer`; nothing is sent. Raises: OSError without a route."""
    family = socket.AF_INET6 if ":" in peer else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((peer, 9))
        return str(ip_address(probe.getsockname()[0]))


def _places(host: str, port: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
    found = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
    )
    return list(dict.fromkeys(found))  # type: ignore[arg-type]  # the stub's address is wider than TCP's


def _told(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is already in use by another program. Choose another with POLYCAST_PORT."
    if error.errno == errno.EACCES:
        return f"Port {port} needs rights this program does not have. Choose one from 1024 up with POLYCAST_PORT."
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} is not an address of this machine. Check POLYCAST_HOST."
    return f"Cannot listen on {host}:{port}: {error.strerror or error}"
