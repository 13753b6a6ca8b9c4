"""Which addresses may be reached, by who supplied the URL. Source: specs/security.md 3.2.

`ipaddress` alone must not judge: it says `::ffff:127.0.0.1` is no loopback, calls `64:ff9b::7f00:1`, `2002:7f00:1::`,
`fec0::1` and multicast global, and `100.64.0.0/10` neither private nor global. So the ranges stand here.
"""

from collections.abc import Iterable
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from msgspec import Struct

from polycast.core.net.errors import Forbidden

Address = IPv4Address | IPv6Address


class Trust(StrEnum):
    """Who supplied a URL."""

    SOURCE = "source"  # an administrator, in settings
    CONTENT = "content"  # a playlist, guide, feed, reply of another server; a redirect of anything
    USER = "user"  # any other user, customer or device


class Reach(StrEnum):
    """What kind of place an address is."""

    PUBLIC = "public"
    PRIVATE = "private"
    LOOPBACK = "loopback"
    MULTICAST = "multicast"
    NEVER = "never"  # link-local, metadata, unspecified, reserved, NAT64, 6to4 and the like


_V4_PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
_V4_NEVER: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "100.100.100.200/32",  # metadata service of Alibaba Cloud, inside 100.64/10
            "168.63.129.16/32",  # the same of Azure, inside a public range
            "169.254.0.0/16",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "240.0.0.0/4",
        ),
    )
)
_V4_MULTICAST: Final = IPv4Network("224.0.0.0/4")
_V4_LOOPBACK: Final = IPv4Network("127.0.0.0/8")
_V6_PUBLIC: Final = IPv6Network("2000::/3")
_V6_PRIVATE: Final = IPv6Network("fc00::/7")
_V6_MULTICAST: Final = IPv6Network("ff00::/8")
_V6_NEVER: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments; Teredo is 2001::/32
            "2001:db8::/32",
            "2002::/16",  # 6to4 carries any IPv4 address
            "3fff::/20",
            "fd00:ec2::/32",  # metadata service of AWS, inside fc00::/7
            "fd20:ce::254/128",  # the same of Google Cloud
        ),
    )
)


def reach_of(address: Address) -> Reach:
    """What kind of place `address` is. Outside 2000::/3 and fc00::/7 no IPv6 address but `::1` is ever reachable."""
    if isinstance(address, IPv4Address):
        return _reach_of_v4(address)
    if address.scope_id is not None:
        return Reach.NEVER
    if address.ipv4_mapped is not None:
        return _reach_of_v4(address.ipv4_mapped)
    if int(address) == 1:
        return Reach.LOOPBACK
    if address in _V6_MULTICAST:
        return Reach.MULTICAST
    if any(address in network for network in _V6_NEVER):
        return Reach.NEVER
    if address in _V6_PRIVATE:
        return Reach.PRIVATE
    return Reach.PUBLIC if address in _V6_PUBLIC else Reach.NEVER


def _reach_of_v4(address: IPv4Address) -> Reach:
    if address in _V4_LOOPBACK:
        return Reach.LOOPBACK
    if address in _V4_MULTICAST:
        return Reach.MULTICAST
    if any(address in network for network in _V4_NEVER):
        return Reach.NEVER
    return Reach.PRIVATE if any(address in network for network in _V4_PRIVATE) else Reach.PUBLIC


def plain(address: Address) -> Address:
    """`address`, with an IPv4 address wrapped into an IPv6 one taken out."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


class HostList(Struct, frozen=True):
    """Hosts an administrator has listed: names, addresses, networks (`10.1.0.0/16`), each with or without a port."""

    names: frozenset[tuple[str, int]] = frozenset()  # (lower case, port or 0 for any)
    networks: tuple[tuple[IPv4Network | IPv6Network, int], ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> "HostList":
        """Read the entries of a setting; `localhost` stands for the loopback addresses too."""
        names: set[tuple[str, int]] = set()
        networks: list[tuple[IPv4Network | IPv6Network, int]] = []
        for entry in entries:
            host, port = _split_port(entry.strip().lower().rstrip("."))
            if not host:
                continue
            try:
                networks.append((ip_network(host, strict=False), port))
            except ValueError:
                names.add((host, port))
                if host == "localhost":
                    networks += [(_V4_LOOPBACK, port), (IPv6Network("::1/128"), port)]
        return cls(frozenset(names), tuple(networks))

    def has(self, host: str, address: Address, port: int) -> bool:
        """Whether `host`, or the address it stands for, is listed for `port`."""
        if (host, 0) in self.names or (host, port) in self.names:
            return True
        bare = plain(address)
        return any(listed in (0, port) and bare in network for network, listed in self.networks)


def _split_port(entry: str) -> tuple[str, int]:
    """`host:port`, `[v6]:port`, or either without a port (0)."""
    if entry.startswith("["):
        host, _, port = entry[1:].partition("]")
        return host, int(port[1:]) if port[1:].isdecimal() else 0
    if entry.count(":") == 1:
        host, _, port = entry.partition(":")
        return (host, int(port)) if port.isdecimal() else (host, 0)
    return entry, 0


def judge(
    address: Address, trust: Trust, *, host: str, port: int, named_by: str | None, trusted: HostList, allowed: HostList
) -> None:
    """Let `address` pass, or raise Forbidden.

    `named_by`: the host that named this URL (class CONTENT: it may be private then, when it is that very host).
    `trusted`: the hosts of the server's settings. `allowed`: hosts that an administrator has listed for this client;
    the only ones that open anything to class USER.
    """
    reach = reach_of(address)
    if reach is Reach.PUBLIC:
        passes = True
    elif reach is Reach.PRIVATE:
        passes = trust is Trust.SOURCE or allowed.has(host, address, port)
        if trust is Trust.CONTENT and not passes:
            passes = host == named_by or trusted.has(host, address, port)
    elif reach is Reach.LOOPBACK:
        lists = {Trust.SOURCE: trusted, Trust.USER: allowed}
        passes = trust in lists and lists[trust].has(host, address, port)
    else:
        passes = False
    if not passes:
        raise Forbidden(reach.value)


def literal(host: str) -> Address | None:
    """`host` as an address when it is one, None when it is a name.

    Raises: Forbidden, for what a resolver would read as an address although it is not written as one
    (`0x7f000001`, `2130706433`, `127.1`, `0177.0.0.1`). Source: WHATWG URL, "ends in a number".
    """
    try:
        return ip_address(host)
    except ValueError:
        last = host.rsplit(".", 1)[-1]
        if last.isdigit() or last.startswith("0x"):
            raise Forbidden("spelling") from None
        return None


def trust_at(host: str, given_host: str) -> Trust:
    """The class of a URL at `host`, found in what an address at `given_host`, given by an administrator, led to.

    At that very host the administrator has supplied it (an Xtream panel's streams, a playlist of a tuner beside us on
    loopback); anywhere else it is content.
    """
    return Trust.SOURCE if host == given_host else Trust.CONTENT
