"""One request and its answer: judged at each hop, redirects followed by hand, every wait bounded."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final

from aiohttp import ClientResponse, ClientSession, ClientTimeout
from msgspec import Struct
from msgspec.structs import replace
from multidict import CIMultiDict

from polycast.core.net.address import Address, HostList, Trust, judge
from polycast.core.net.body import NO_BODY, Body
from polycast.core.net.decode import ACCEPTED
from polycast.core.net.errors import BadAnswer, Forbidden, Unreachable
from polycast.core.net.failures import FAILED, reworded, unknown_name
from polycast.core.net.gate import Gate, Gates
from polycast.core.net.incoming import Incoming
from polycast.core.net.limits import REDIRECTS, Limits
from polycast.core.net.listening import is_ours
from polycast.core.net.names import Judged, Names
from polycast.core.net.target import Target, follow
from polycast.core.net.via import DIRECT, Via

UPLOAD_BYTES_PER_SECOND: Final = 64 * 1024  # the slowest uplink we wait for
READ_BUFFER_BYTES: Final = 256 * 1024
# What may go on to another host; everything else a caller has set may be a credential.
HARMLESS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "icy-metadata",
        "if-modified-since",
        "if-none-match",
        "range",
        "referer",
        "user-agent",
    }
)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class Rules(Struct, frozen=True, kw_only=True):
    """What one client may do, and in whose name."""

    trust: Trust
    owner: str
    user_agent: str
    named_by: str | None  # host that named the URLs of class CONTENT
    trusted: HostList
    allowed: HostList
    own_ports: frozenset[int]
    at_once: int
    proxy: Target | None
    via: Via = DIRECT


class Request(Struct, frozen=True, kw_only=True):
    """One request as its caller means it."""

    method: str
    target: Target
    headers: CIMultiDict[str]
    body: Body = NO_BODY
    follows: bool = True  # False: a redirect is the answer

    @property
    def secrets(self) -> list[str]:
        """Names of headers that may be credentials."""
        return [name for name in self.headers if name.lower() not in HARMLESS]


class Exchanges:
    """Carries requests out."""

    def __init__(self, *, session: ClientSession, judged: Judged, names: Names, gates: Gates) -> None:
        self._session = session
        self._judged = judged
        self._names = names
        self._gates = gates

    @asynccontextmanager
    async def open(
        self, request: Request, rules: Rules, limits: Limits, deadline: float | None = None
    ) -> AsyncIterator[Incoming]:
        """The answer to `request`, its head read, after at most five redirects; `deadline` is a time of the loop.

        Raises: Forbidden, Unreachable, BadAnswer, Busy.
        """
        for _ in range(REDIRECTS + 1):
            async with AsyncExitStack() as stack:
                response, gate = await self._hop(stack, request, rules, limits)
                location = response.headers.get("Location")
                if not (request.follows and response.status in _REDIRECTS and location):
                    incoming = Incoming(response, request.target, limits, deadline, rules.trust)
                    try:
                        yield incoming
                    finally:
                        if incoming.has_failed and limits.counts_answers:
                            gate.failed()
                    return
            request, rules = redirected(request, rules, response.status, location)
        raise BadAnswer("The server leads from one address to the next without end.", reason="redirect")

    async def addresses(self, host: str, port: int, address: Address | None, rules: Rules, limits: Limits) -> list[str]:
        """The addresses of `host` that may be connected to, judged. Raises: Forbidden; Unreachable ("name")."""
        if rules.trust is Trust.USER and port not in (80, 443) and port < 1024:
            raise Forbidden("port")
        passed: list[str] = []
        refused: Forbidden | None = None
        for found in [address] if address is not None else await self._look_up(host, rules, limits):
            try:
                judge(
                    found,
                    rules.trust,
                    host=host,
                    port=port,
                    named_by=rules.named_by,
                    trusted=rules.trusted,
                    allowed=rules.allowed,
                )
                if port in rules.own_ports and is_ours(found):
                    raise Forbidden("own")
            except Forbidden as error:
                refused = error
            else:
                passed.append(self._names.dial(found))
        # An administrator's host may have a link-local address beside its real one (mDNS); elsewhere one bad address
        # means that somebody is trying.
        if refused is not None and (not passed or rules.trust is not Trust.SOURCE):
            raise refused
        return passed

    async def _look_up(self, host: str, rules: Rules, limits: Limits) -> Sequence[Address]:
        try:
            async with asyncio.timeout(limits.connect.total_seconds()):
                found = await self._names.look_up(host)
        except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
            raise unknown_name(rules.trust) from error
        if not found:
            raise unknown_name(rules.trust)
        return found

    async def _hop(
        self, stack: AsyncExitStack, request: Request, rules: Rules, limits: Limits
    ) -> tuple[ClientResponse, Gate]:
        target = request.target
        gate = self._gates.of(f"{rules.owner}/{rules.trust}", target.host, target.port)
        try:
            addresses = await self.addresses(target.host, target.port, target.address, rules, limits)
        except Unreachable:
            gate.failed()
            raise
        at_once = rules.at_once if limits.per_host is None else limits.per_host
        await stack.enter_async_context(gate.entered(at_once, limits.total or limits.first_byte))
        try:
            response = await self._send(request, rules, limits, addresses)
        except FAILED as error:
            gate.failed()
            raise reworded(error, rules.trust) from error
        stack.callback(response.release)
        if response.status >= 500 and limits.counts_answers:
            gate.failed()
        else:
            gate.succeeded()
        return response, gate

    async def _send(self, request: Request, rules: Rules, limits: Limits, addresses: Sequence[str]) -> ClientResponse:
        target = request.target
        data, content_type = request.body.made()
        headers = request.headers.copy()
        headers.setdefault("User-Agent", rules.user_agent)
        headers.setdefault("Accept-Encoding", ACCEPTED)
        if content_type:
            headers.setdefault("Content-Type", content_type)
        if target.basic:
            headers.setdefault("Authorization", target.basic)
        url, server_name = target.url, None
        if rules.proxy is not None and rules.trust is not Trust.SOURCE:
            # The proxy must not ask for the name again: it is told the judged address.
            headers.setdefault("Host", target.url.authority)
            url = url.with_host(addresses[0])
            server_name = target.host if url.scheme == "https" else None
        if rules.proxy is not None:
            proxy = rules.proxy
            addresses = await self._proxy_addresses(proxy, rules, limits)
            if proxy.basic and target.scheme == "http":  # over https it goes with CONNECT, not with the request
                headers["Proxy-Authorization"] = proxy.basic
        self._judged.pin(addresses)
        wait = limits.connect + limits.first_byte + timedelta(seconds=request.body.size / UPLOAD_BYTES_PER_SECOND)
        async with asyncio.timeout(wait.total_seconds()):
            return await self._session.request(
                request.method,
                url,
                headers=headers,
                data=data,
                allow_redirects=False,
                timeout=ClientTimeout(
                    total=None, sock_connect=limits.connect.total_seconds(), sock_read=limits.idle.total_seconds()
                ),
                proxy=rules.proxy.url if rules.proxy else None,
                proxy_headers=_proxy_headers(rules.proxy),
                server_hostname=server_name,
                ssl=rules.via.tls,
                read_bufsize=READ_BUFFER_BYTES,
            )

    async def _proxy_addresses(self, proxy: Target, rules: Rules, limits: Limits) -> Sequence[str]:
        if rules.via.proxy is not None:  # given with an account, not by the host
            return await self.addresses(
                proxy.host, proxy.port, proxy.address, replace(rules, trust=Trust.SOURCE), limits
            )
        return [str(one) for one in ([proxy.address] if proxy.address else await self._names.look_up(proxy.host))]


def redirected(request: Request, rules: Rules, status: int, location: str) -> tuple[Request, Rules]:
    """The next request, with what may not go along left out.

    A redirect to the same origin stays in its class, since it reaches nothing new. Any other is class CONTENT, named
    by the host that sent it; class USER stays USER, which is stricter.

    Raises: Forbidden; BadAnswer, when a body would have to be sent to another host.
    """
    before, after = request.target, follow(request.target, location)
    if before.scheme == "https" and after.scheme == "http" and (request.secrets or before.basic):
        raise Forbidden("credentials")
    method, body, headers = request.method, request.body, request.headers.copy()
    if status == 303 or (status in (301, 302) and method == "POST"):
        method, body = ("HEAD" if method == "HEAD" else "GET"), NO_BODY
        headers.pop("Content-Type", None)
    is_upgrade = (before.scheme, before.port, after.scheme, after.port) == ("http", 80, "https", 443)
    if after.host != before.host or (after.port != before.port and not is_upgrade):
        if body.size:
            raise BadAnswer("The server wants the request sent to another host.", reason="redirect")
        for name in set(request.secrets):
            headers.popall(name, None)
    elif before.basic and not after.basic:
        after = replace(after, basic=before.basic)
    if after.origin != before.origin:
        rules = replace(rules, via=replace(rules.via, fingerprint=None, verify_tls=True))  # they were one server's
    if after.origin != before.origin and rules.trust is not Trust.USER:
        rules = replace(rules, trust=Trust.CONTENT, named_by=before.host)
    return replace(request, method=method, target=after, headers=headers, body=body), rules


def _proxy_headers(proxy: Target | None) -> Mapping[str, str] | None:
    return {"Proxy-Authorization": proxy.basic} if proxy is not None and proxy.basic else None
