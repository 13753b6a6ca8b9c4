"""Finding servers by mDNS, only on the interfaces of the address that we listen on. Source: specs/monitor.md 4.1.9."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address
from typing import Any, Final

from msgspec import Struct
from zeroconf import InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from polycast.core.clock import Clock
from polycast.core.net import Reach, Taken, reach_of
from polycast.monitor.servers.model import Provider, dvr_id_of

SERVICES: Final = {
    "_channels_dvr._tcp.local.": Provider.CHANNELS,
    "_htsp._tcp.local.": Provider.TVHEADEND,
}
ANYWHERE: Final = ("0.0.0.0", "::", "")  # noqa: S104 - the setting's spelling, compared with
MOST: Final = 200
TEXT: Final = 200


class Found(Struct, frozen=True, kw_only=True):
    """A server that called out its name."""

    host: str
    port: int
    name: str
    version: str
    provider: Provider

    @property
    def dvr_id(self) -> str:
        return dvr_id_of(self.host, self.port)


class Discovery:
    """One search at a time; who asks meanwhile gets the same answer."""

    def __init__(self, *, host: str, clock: Clock) -> None:
        self._host = host
        self._clock = clock
        self._running: asyncio.Task[list[Found]] | None = None

    @property
    def is_on_loopback(self) -> bool:
        """Whether only this very machine is searched."""
        if self._host in ANYWHERE:
            return False
        try:
            return reach_of(ip_address(self._host)) is Reach.LOOPBACK
        except ValueError:
            return self._host == "localhost"

    async def browse(self, span: timedelta) -> list[Found]:
        """Whoever answers within `span`, each place once. Raises: Taken, when the port of mDNS cannot be had."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._browse(span))
        return await asyncio.shield(self._running)

    async def _browse(self, span: timedelta) -> list[Found]:
        seen: set[tuple[str, str]] = set()

        def changed(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
            if state_change is not ServiceStateChange.Removed and len(seen) < MOST:
                seen.add((service_type, name))

        try:
            searching = AsyncZeroconf(interfaces=self._interfaces(), ip_version=IPVersion.V4Only)
        except OSError as error:
            raise Taken("The network cannot be searched: the port of mDNS is not to be had.") from error
        try:
            browser = AsyncServiceBrowser(searching.zeroconf, list(SERVICES), handlers=[changed])
            await self._clock.sleep(span)
            await browser.async_cancel()
            infos = await asyncio.gather(*(self._ask(searching, kind, name) for kind, name in sorted(seen)))
        finally:
            await searching.async_close()
        by_place = {(one.host, one.port): one for one in infos if one is not None}
        return sorted(by_place.values(), key=lambda one: (one.name, one.host, one.port))

    def _interfaces(self) -> Any:
        if self._host in ANYWHERE:
            return InterfaceChoice.All
        return ["127.0.0.1" if self._host == "localhost" else self._host]

    async def _ask(self, searching: AsyncZeroconf, kind: str, name: str) -> Found | None:
        info = AsyncServiceInfo(kind, name)
        if not await info.async_request(searching.zeroconf, timeout=1500):
            return None
        host = _best(info.parsed_addresses()) or (info.server or "").rstrip(".")
        if not host:
            return None
        words = {_text(key).lower(): _text(value) for key, value in (info.properties or {}).items()}
        label = name.removesuffix("." + kind)
        return Found(
            host=host,
            port=info.port or 8089,
            name=(words.get("name") or words.get("friendlyname") or label)[:TEXT],
            version=words.get("version", "")[:60],
            provider=SERVICES[kind],
        )


def _best(addresses: Iterable[str]) -> str:
    """A routable IPv4 address before any other."""
    ranked = sorted(addresses, key=_rank)
    return ranked[0] if ranked else ""


def _rank(address: str) -> int:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return 3
    return (0 if parsed.version == 4 else 1) + (2 if parsed.is_link_local else 0)


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode("utf-8", "replace").strip()
