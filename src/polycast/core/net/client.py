"""The one way out: clients for outside HTTP servers, with the limits of specs/security.md 3.2 around each exchange."""

import random
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final

from aiohttp import ClientSession, DummyCookieJar, TCPConnector

from polycast.core.clock import Clock
from polycast.core.net.address import HostList, Trust
from polycast.core.net.exchange import Exchanges, Rules
from polycast.core.net.gate import Gates, HostState
from polycast.core.net.limits import API, Limits
from polycast.core.net.names import Judged, Names, SystemNames
from polycast.core.net.outbound import Outbound
from polycast.core.net.target import host_of, parse_target
from polycast.core.net.via import DIRECT, Via
from polycast.core.settings.model import NetSettings

FIRST_WAIT: Final = timedelta(milliseconds=500)
LONGEST_WAIT: Final = timedelta(seconds=10)


class Net:
    """Makes clients; holds what they share. Made by `open_net`."""

    def __init__(self, *, settings: NetSettings, clock: Clock, names: Names, own_ports: Iterable[int]) -> None:
        self._clock = clock
        self._names = names
        self._gates = Gates(clock)
        self._sessions: dict[Trust, Exchanges] = {}
        self._closing = AsyncExitStack()
        self._own_ports = frozenset(own_ports)
        self.configure(settings)

    def configure(self, settings: NetSettings) -> None:
        """Take over changed settings; clients made before follow them from their next request on."""
        self._settings = settings
        self._trusted = HostList.of(settings.trusted_hosts)
        self._proxy = parse_target(settings.proxy.plain) if settings.proxy else None

    def own(self, ports: Iterable[int]) -> None:
        """Ports this server listens on, which no client may reach; adds to those known."""
        self._own_ports |= frozenset(ports)

    def client(
        self,
        trust: Trust,
        *,
        owner: str,
        limits: Limits = API,
        user_agent: str | None = None,
        named_by: str | None = None,
        allowed: Collection[str] = (),
        via: Via = DIRECT,
    ) -> Outbound:
        """A client for URLs supplied as `trust` says.

        `owner`: who asks ("live.m3u"); failures of one owner's hosts close no other's way. `named_by`: the URL or host
        that named the URLs of class CONTENT. `allowed`: hosts an administrator has listed for this very purpose; they
        may be private, for class USER loopback too. `via`: another proxy than the server's, another trust in certificates.

        Raises: ValueError for such a trust in what no administrator has named.
        """
        if trust is not Trust.SOURCE and (via.fingerprint or not via.verify_tls):
            raise ValueError("only servers that an administrator has named may show any certificate")
        return Outbound(
            way=self,
            trust=trust,
            owner=owner,
            limits=limits,
            user_agent=user_agent,
            named_by=host_of(named_by) if named_by else None,
            allowed=HostList.of(allowed),
            via=via,
        )

    def states(self) -> list[HostState]:
        """How the outside hosts of this process are doing."""
        return self._gates.states()

    def rules(
        self, trust: Trust, *, owner: str, user_agent: str | None, named_by: str | None, allowed: HostList, via: Via
    ) -> Rules:
        """What holds for one request, as the settings are now."""
        return Rules(
            trust=trust,
            owner=owner,
            user_agent=user_agent or self._settings.user_agent,
            named_by=named_by,
            trusted=self._trusted,
            allowed=allowed,
            own_ports=self._own_ports,
            at_once=self._settings.connections_per_host,
            proxy=via.proxy or self._proxy,
            via=via,
        )

    async def exchanges(self, trust: Trust) -> Exchanges:
        """The connections of one class, opened when first needed: a class never uses another's."""
        if trust not in self._sessions:
            judged = Judged()
            connector = TCPConnector(resolver=judged, use_dns_cache=False, limit=0, keepalive_timeout=30)
            session = ClientSession(connector=connector, cookie_jar=DummyCookieJar(), auto_decompress=False)
            self._closing.push_async_callback(session.close)
            self._sessions[trust] = Exchanges(session=session, judged=judged, names=self._names, gates=self._gates)
        return self._sessions[trust]

    async def close(self) -> None:
        self._sessions.clear()
        await self._closing.aclose()

    async def pause(self, attempt: int, asked: int | None) -> None:
        """Wait before attempt number `attempt` (from 1), as long as the server asked or a random while that doubles."""
        span = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT) * random.uniform(0.5, 1.0)  # noqa: S311
        await self._clock.sleep(max(span, timedelta(seconds=asked or 0)))


@asynccontextmanager
async def open_net(
    settings: NetSettings, clock: Clock, *, own_ports: Iterable[int] = (), names: Names | None = None
) -> AsyncIterator[Net]:
    """The way out for one process; every connection is closed at the end of the block."""
    async with AsyncExitStack() as stack:
        if names is None:
            names = SystemNames(clock)
            stack.callback(names.close)
        net = Net(settings=settings, clock=clock, names=names, own_ports=own_ports)
        stack.push_async_callback(net.close)
        yield net
