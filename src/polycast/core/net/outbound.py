"""What modules hold: a client for outside servers, bound to a trust class, an owner and limits."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final, Protocol, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from multidict import CIMultiDict

from polycast.core.errors import Invalid
from polycast.core.net.address import HostList, Trust, literal
from polycast.core.net.body import NO_BODY, Body
from polycast.core.net.errors import BadAnswer, Forbidden, Unreachable
from polycast.core.net.exchange import Exchanges, Request, Rules
from polycast.core.net.failures import socket_failed
from polycast.core.net.incoming import Incoming
from polycast.core.net.limits import Limits
from polycast.core.net.multicast import Datastream, open_feed, parse_feed
from polycast.core.net.save import Progress, Saved, Sniff, stored
from polycast.core.net.target import host_of, parse_target
from polycast.core.net.via import DIRECT, Via

T = TypeVar("T")
REPEATABLE: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND"})
BUSY_STATUSES: Final = frozenset({429, 502, 503, 504})
PASSING: Final = frozenset({"connect", "silent", "lost", "broken", "unreachable"})  # reasons worth another try
LONGEST_ASKED_WAIT: Final = 10  # seconds; a server that asks for more gets its answer handed to the caller
ERROR_BODY_BYTES: Final = 4096
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_HEADER_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]{0,8192}")


class Fetched(Struct, frozen=True, kw_only=True):
    """A whole answer, whatever its status."""

    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes
    url: str  # after redirects
    content_type: str  # "" when the server names none


class Way(Protocol):
    """What a client needs of `Net`."""

    def rules(
        self,
        trust: Trust,
        *,
        owner: str,
        user_agent: str | None,
        named_by: str | None,
        allowed: HostList,
        via: Via,
    ) -> Rules: ...

    async def exchanges(self, trust: Trust) -> Exchanges: ...

    async def pause(self, attempt: int, asked: int | None) -> None: ...


class Outbound:
    """A client for outside HTTP servers. Made by `Net.client`; holds nothing open itself.

    All methods raise Forbidden, Unreachable, BadAnswer, TooLarge, Busy; `headers` that hold CR, LF or NUL are Invalid.
    """

    def __init__(
        self,
        *,
        way: Way,
        trust: Trust,
        owner: str,
        limits: Limits,
        user_agent: str | None,
        named_by: str | None,
        allowed: HostList,
        via: Via = DIRECT,
    ) -> None:
        self._way = way
        self._trust = trust
        self._owner = owner
        self._limits = limits
        self._user_agent = user_agent
        self._named_by = named_by
        self._allowed = allowed
        self._via = via

    def stream(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Body = NO_BODY,
        limits: Limits | None = None,
        follows: bool = True,
    ) -> AbstractAsyncContextManager[Incoming]:
        """An answer of any status whose body is read inside the block; asked for unpacked, tried once."""
        return self._streamed(_request(method, url, params, headers, body, follows=follows), limits or self._limits)

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Body = NO_BODY,
        limits: Limits | None = None,
        follows: bool = True,
    ) -> Fetched:
        """A whole answer of any status; a request that may be repeated is."""

        async def whole(incoming: Incoming) -> Fetched:
            return Fetched(
                status=incoming.status,
                headers=incoming.headers,
                body=await incoming.read(),
                url=incoming.url,
                content_type=incoming.content_type,
            )

        request = _request(method, url, params, headers, body, follows=follows)
        return await self._tried(request, limits or self._limits, whole)

    async def json(
        self,
        method: str,
        url: str,
        *,
        type: type[T],  # noqa: A002 - msgspec's word for it
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Body = NO_BODY,
        limits: Limits | None = None,
        strict: bool = True,
    ) -> T:
        """A 2xx answer's JSON as `type`; with `strict=False` "5" passes for 5.

        Raises, besides: BadAnswer ("status" with its number, "shape").
        """

        async def decoded(incoming: Incoming) -> T:
            await require_good(incoming)
            return decode_json(await incoming.read(), type, strict=strict)

        sent = {"Accept": "application/json", **(headers or {})}
        return await self._tried(_request(method, url, params, sent, body), limits or self._limits, decoded)

    async def save(
        self,
        url: str,
        path: Path,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        progress: Progress | None = None,
        if_none_match: str | None = None,
        if_modified_since: str | None = None,
        sniff: Sniff | None = None,
        limits: Limits | None = None,
    ) -> Saved:
        """Store a 200 answer at `path`, all or nothing; an unchanged one (304) leaves `path` alone.

        `progress(bytes stored, bytes in all or None)` is called about each MiB. `sniff(first bytes)` may raise to
        refuse what is no playlist, guide or picture before anything replaces `path`.
        """

        async def kept(incoming: Incoming) -> Saved:
            if incoming.status != 304:
                await require_good(incoming)
            return await stored(incoming, path, progress=progress, sniff=sniff)

        sent = dict(headers or {})
        if if_none_match:
            sent["If-None-Match"] = if_none_match
        if if_modified_since:
            sent["If-Modified-Since"] = if_modified_since
        return await self._tried(_request("GET", url, params, sent, NO_BODY), limits or self._limits, kept)

    @asynccontextmanager
    async def connected(
        self, host: str, port: int, *, tls: bool = False, limits: Limits | None = None
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A plain or TLS connection to a judged address, for mail, news servers, brokers and the like."""
        limits = limits or self._limits
        name = host_of(host)
        addresses = await self._judged(name, port, limits)
        reader, writer = await self._opened(addresses, port, name if tls else None, limits)
        try:
            yield reader, writer
        finally:
            writer.close()

    @asynccontextmanager
    async def dialled(self, host: str, port: int, *, limits: Limits | None = None) -> AsyncIterator[socket.socket]:
        """A connected TCP socket to a judged address, for libraries that speak mail or SSH over a socket they are given.

        It does not block. Whoever takes it over may close it; otherwise it is closed at the end of the block.
        """
        limits = limits or self._limits
        addresses = await self._judged(host_of(host), port, limits)
        with await self._dialled(addresses, port, limits) as opened:
            yield opened

    async def _judged(self, name: str, port: int, limits: Limits) -> Sequence[str]:
        """The addresses of a host that may be connected to. Raises: Forbidden; Unreachable."""
        exchanges = await self._way.exchanges(self._trust)
        return await exchanges.addresses(name, port, literal(name), self._rules(), limits)

    async def _dialled(self, addresses: Sequence[str], port: int, limits: Limits) -> socket.socket:
        failure: Exception = OSError("no address")
        for address in addresses:
            opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            opened.setblocking(False)
            is_connected = False
            try:
                async with asyncio.timeout(limits.connect.total_seconds()):
                    await asyncio.get_running_loop().sock_connect(opened, (address, port))
                is_connected = True
            except OSError as error:  # TimeoutError is one
                failure = error
            finally:
                if not is_connected:
                    opened.close()
            if is_connected:
                return opened
        raise socket_failed(failure, self._trust) from failure

    async def _opened(
        self, addresses: Sequence[str], port: int, server_name: str | None, limits: Limits
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the first address that takes one; TLS for `server_name`."""
        failure: Exception = OSError("no address")
        for address in addresses:
            try:
                async with asyncio.timeout(limits.connect.total_seconds()):
                    tls = self._via.context() if server_name else None
                    opened = await asyncio.open_connection(address, port, ssl=tls, server_hostname=server_name)
                if server_name:
                    self._via.check(opened[1])
                return opened
            except OSError as error:  # TimeoutError and SSLError are too
                failure = error
        raise socket_failed(failure, self._trust) from failure

    def udp(self, url: str, *, idle: timedelta | None = None) -> AbstractAsyncContextManager[Datastream]:
        """A `udp://` or `rtp://` live source; only an administrator may name one.

        Raises: Forbidden; Unreachable, when it cannot be joined.
        """
        if self._trust is not Trust.SOURCE:
            raise Forbidden("scheme")
        return open_feed(parse_feed(url), idle=idle or self._limits.idle)

    def _rules(self) -> Rules:
        return self._way.rules(
            self._trust,
            owner=self._owner,
            user_agent=self._user_agent,
            named_by=self._named_by,
            allowed=self._allowed,
            via=self._via,
        )

    @asynccontextmanager
    async def _streamed(self, request: Request, limits: Limits) -> AsyncIterator[Incoming]:
        request.headers.setdefault("Accept-Encoding", "identity")
        deadline = _deadline(limits)
        exchanges = await self._way.exchanges(self._trust)
        async with exchanges.open(request, self._rules(), limits, deadline) as incoming:
            yield incoming

    async def _tried(self, request: Request, limits: Limits, use: Callable[[Incoming], Awaitable[T]]) -> T:
        attempts = limits.attempts if request.method in REPEATABLE else 1
        deadline = _deadline(limits)
        exchanges = await self._way.exchanges(self._trust)
        for attempt in range(1, attempts + 1):
            asked: int | None = None
            try:
                async with exchanges.open(request, self._rules(), limits, deadline) as incoming:
                    asked = retry_after(incoming)
                    is_last = attempt == attempts or (asked or 0) > LONGEST_ASKED_WAIT
                    if is_last or incoming.status not in BUSY_STATUSES:
                        return await use(incoming)
            except (Unreachable, BadAnswer) as error:
                if attempt == attempts or error.reason not in PASSING:
                    raise
            await self._way.pause(attempt, asked)
        raise AssertionError("the last attempt returns or raises")


async def require_good(incoming: Incoming) -> None:
    """Raises: BadAnswer ("status") unless the status is 2xx, with the start of the body for clients that know it."""
    if 200 <= incoming.status < 300:
        return
    raise BadAnswer(
        f"The server answered with status {incoming.status}.",
        reason="status",
        status=incoming.status,
        retry_after=retry_after(incoming),
        body=await incoming.head(ERROR_BODY_BYTES),
    )


def decode_json(body: bytes, type: type[T], *, strict: bool = True) -> T:  # noqa: A002
    """`body` as `type`. Raises: BadAnswer ("shape"), which tells a web page from broken data."""
    try:
        return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=type, strict=strict)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        text = "The server answered with a web page instead of data."
        if body.lstrip()[:1] != b"<":
            text = "The server's answer is not what was expected."
        raise BadAnswer(text, reason="shape", body=body[:ERROR_BODY_BYTES]) from error


def retry_after(incoming: Incoming) -> int | None:
    """Seconds that the server asks us to wait, a day at most."""
    text = incoming.headers.get("Retry-After", "").strip()
    if text.isdecimal() and text.isascii():
        return min(int(text[:9]), 86400)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    now = datetime.now(UTC)
    return min(max(0, round(((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())), 86400)


def _deadline(limits: Limits) -> float | None:
    if limits.total is None:
        return None
    return asyncio.get_running_loop().time() + limits.total.total_seconds()


def _request(
    method: str,
    url: str,
    params: Mapping[str, str] | None,
    headers: Mapping[str, str] | None,
    body: Body,
    *,
    follows: bool = True,
) -> Request:
    target = parse_target(url)
    if params:
        target = replace(target, rest=target.rest + ("&" if "?" in target.rest else "?") + urlencode(params))
    for name, value in (headers or {}).items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise Invalid.one("headers", "invalid", "A header's name or value holds a character that it may not.")
    return Request(method=method.upper(), target=target, headers=CIMultiDict(headers or {}), body=body, follows=follows)
