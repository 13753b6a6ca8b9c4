"""How often something may be tried."""

import ipaddress
from datetime import timedelta
from typing import Final

from msgspec import Struct


class Limit(Struct, frozen=True, kw_only=True):
    """So many in so long."""

    times: int
    per: timedelta


NETWORK: Final = Limit(times=10, per=timedelta(minutes=1))  # failures of one client network, over all faces
PIN: Final = Limit(times=5, per=timedelta(minutes=15))
PROBE: Final = Limit(times=5, per=timedelta(minutes=1))  # questions whose answer tells who has an account

STREAK: Final = 5  # wrong passwords in a row for one account
FIRST_LOCK: Final = timedelta(seconds=30)
LONGEST_LOCK: Final = timedelta(minutes=15)
KEPT: Final = timedelta(days=1)  # rows that nobody touched for so long go


def network(address: str) -> str:
    """The bucket of an address: itself for IPv4, its /64 for IPv6; anything else as it is."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return str(ipaddress.ip_network((ip, 64), strict=False))
        ip = ip.ipv4_mapped
    return f"{ip}/32"


def lock_after(failures: int) -> timedelta | None:
    """How long an account is locked after so many wrong passwords in a row: 30 s at five, then doubling."""
    if failures < STREAK:
        return None
    doublings = min(failures - STREAK, 10)
    return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)
