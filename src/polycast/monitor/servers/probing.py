"""Asking a server that is not watched yet what it is."""

from collections.abc import Callable

from polycast.core.clock import Clock
from polycast.core.net import HostList, Net, Trust, Via
from polycast.core.secrets import is_mask
from polycast.monitor.providers.channels.client import QUICK, ChannelsClient
from polycast.monitor.providers.channels.wire import Status
from polycast.monitor.servers.service import Servers
from polycast.monitor.servers.targets import check_target


class Prober:
    """One question at a time, with the same rules as for servers that are kept."""

    def __init__(self, *, net: Net, clock: Clock, servers: Servers, trusted: Callable[[], HostList]) -> None:
        self._net = net
        self._clock = clock
        self._servers = servers
        self._trusted = trusted

    def check(self, host: str, port: int) -> str:
        """The host as it is asked. Raises: BadTarget."""
        return check_target(host, port, trusted=self._trusted())

    async def ask(
        self, host: str, port: int, key: str | None, *, scheme: str = "http", verify_tls: bool = True
    ) -> Status:
        """Name and version. A masked key stands for the one that is stored for this place.

        Raises: Unreachable, BadAnswer, Forbidden.
        """
        if key is not None and is_mask(key):
            there = [one for one in await self._servers.active() if (one.host, one.port) == (host, port)]
            key = self._servers.key_of(there[0]) if there else ""
        shown = f"[{host}]" if ":" in host else host
        out = self._net.client(Trust.SOURCE, owner="monitor.probe", limits=QUICK, via=Via(verify_tls=verify_tls))
        return await ChannelsClient(out, f"{scheme}://{shown}:{port}", key=key or "", clock=self._clock).status()
