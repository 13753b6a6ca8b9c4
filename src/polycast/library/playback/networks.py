"""Whether a client is near: near ones get full quality and short segments."""

from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from typing import Final

PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16")
PRIVATE_6: Final = ("::1/128", "fc00::/7", "fe80::/10")


class Networks:
    """`subnets` are those that the administrator calls local; none means every private one."""

    def __init__(self, subnets: Callable[[], Sequence[str]]) -> None:
        self._subnets = subnets

    def is_local(self, address: str) -> bool:
        """An address that cannot be read is far away."""
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None)
        known = mapped or found
        for subnet in self._subnets() or (*PRIVATE, *PRIVATE_6):
            try:
                if known in ip_network(subnet, strict=False):
                    return True
            except ValueError:
                continue
        return False
