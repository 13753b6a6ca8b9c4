"""Who is at the other end, and under which address they reached us."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from msgspec import Struct

from polycast.core.http import BadBody

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_HOST: Final = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_.])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
)
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_CLAIMED: Final = (
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-forwarded-port",
    b"x-forwarded-prefix",
    b"forwarded",
    b"x-real-ip",
    b"x-request-id",
    b"remote-user",
    b"x-remote-user",
    b"x-forwarded-user",
)


class Peer(Struct, frozen=True, kw_only=True):
    """What is true of a request's other end."""

    client_ip: str  # "" for a socket without addresses
    origin: str  # "https://tv.example:8443": how the client reached us
    scheme: str
    host: str
    request_id: str | None  # from a trusted proxy
    is_loopback: bool  # straight from this machine, through no proxy


class Peers:
    """Reads addresses from connections, and from headers only when a trusted proxy wrote them."""

    def __init__(self, trusted_proxies: Iterable[str] = ()) -> None:
        self._trusted: Sequence[Network] = tuple(ip_network(text, strict=False) for text in trusted_proxies)
        self._known = lru_cache(4096)(self._judge)

    def _judge(self, host: str) -> tuple[str, bool, bool]:
        """A socket's address: as we write it, whether it is a proxy of ours, whether it is this machine's."""
        address = parse_address(host)
        return plain(host), self.trusts(host), address is not None and address.is_loopback

    def trusts(self, host: str) -> bool:
        """Whether `host` is a proxy of ours."""
        address = parse_address(host)
        return address is not None and any(address in network for network in self._trusted)

    def read(self, scope: Mapping[str, Any]) -> Peer:
        """Raises: BadBody when the Host header is not a host."""
        headers: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            text = value.decode("latin-1")
            headers[name] = f"{headers[name]}, {text}" if name in headers else text
        client = scope.get("client")
        peer = str(client[0]) if client else ""
        written, trusted, is_loopback = self._known(peer)
        scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
        host = headers.get(b"host", "")
        if trusted:
            scheme = _last(headers.get(b"x-forwarded-proto", "")).lower() or scheme
            host = _last(headers.get(b"x-forwarded-host", "")) or host
        if not host:
            host = _own_host(scope)
        if scheme not in ("http", "https") or not _HOST.fullmatch(host):
            raise BadBody("Invalid Host header.", form="http")
        asked = headers.get(b"x-request-id", "")
        return Peer(
            client_ip=self._client(peer, headers) if trusted else written,
            origin=f"{scheme}://{_without_usual_port(host, scheme)}",
            scheme=scheme,
            host=host,
            request_id=asked if trusted and _REQUEST_ID.fullmatch(asked) else None,
            is_loopback=is_loopback and not any(name in headers for name in _CLAIMED[:7]),
        )

    def _client(self, peer: str, headers: Mapping[bytes, str]) -> str:
        """The right-most hop that no proxy of ours is. Each hop was written by the one to its right."""
        hops = [hop.strip() for hop in headers.get(b"x-forwarded-for", "").split(",") if hop.strip()]
        if not hops and b"x-real-ip" in headers:
            hops = [headers[b"x-real-ip"].strip()]
        found = plain(peer)
        for hop in reversed(hops):
            address = parse_address(hop)
            if address is None:
                return found
            found = str(address)
            if not self.trusts(hop):
                return found
        return found


def without_claims(headers: Iterable[tuple[bytes, bytes]], peer: Peer) -> list[tuple[bytes, bytes]]:
    """The headers a dialect may see: nobody behind the front can mistake what a client claims for what is so."""
    kept = [(name, value) for name, value in headers if name not in _CLAIMED and name != b"host"]
    return [(b"host", peer.host.encode("latin-1")), *kept]


def parse_address(text: str) -> Address | None:
    """An address, with the IPv4 one taken out of `::ffff:1.2.3.4` and without a scope id; None for anything else."""
    text = text.strip().strip("[]").partition("%")[0]
    if text.count(".") == 3 and ":" in text and not text.startswith(":") and text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


def plain(host: str) -> str:
    """`host` as we write it everywhere."""
    address = parse_address(host)
    return host if address is None else str(address)


def _last(text: str) -> str:
    return text.rpartition(",")[2].strip()


def _own_host(scope: Mapping[str, Any]) -> str:
    server = scope.get("server") or ("localhost", None)
    name = f"[{server[0]}]" if ":" in str(server[0]) else str(server[0])
    return name if server[1] is None else f"{name}:{server[1]}"


def _without_usual_port(host: str, scheme: str) -> str:
    return host.removesuffix(":443" if scheme == "https" else ":80")
