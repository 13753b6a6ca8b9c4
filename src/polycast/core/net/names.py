"""Names to addresses: looked up once for each request, judged by the caller, and handed to the connection as judged."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from datetime import timedelta
from ipaddress import ip_address
from typing import Final, Protocol

from aiohttp.abc import AbstractResolver, ResolveResult

from polycast.core.clock import Clock
from polycast.core.net.address import Address

KEEP: Final = timedelta(seconds=10)
KEEP_AT_MOST: Final = 1024
THREADS: Final = 8  # own ones: a name server that hangs must not hold up reading of files


class Names(Protocol):
    """Where addresses of names come from; tests bring their own."""

    async def look_up(self, host: str) -> Sequence[Address]:
        """All addresses of `host`. Raises: OSError when there are none."""
        ...

    def dial(self, address: Address) -> str:
        """Where the judged `address` is really reached: itself, but in tests."""
        ...


class SystemNames:
    """The machine's own resolver."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")
        self._kept: dict[str, tuple[timedelta, Sequence[Address]]] = {}

    async def look_up(self, host: str) -> Sequence[Address]:
        now = self._clock.monotonic()
        kept = self._kept.get(host)
        if kept is not None and kept[0] > now:
            return kept[1]
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _ask, host)
        if len(self._kept) >= KEEP_AT_MOST:
            self._kept = {name: entry for name, entry in self._kept.items() if entry[0] > now}
            if len(self._kept) >= KEEP_AT_MOST:
                self._kept.clear()
        self._kept[host] = (now + KEEP, found)
        return found

    def dial(self, address: Address) -> str:
        return str(address)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ask(host: str) -> Sequence[Address]:
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(answer[4][0]) for answer in answers))


class Judged(AbstractResolver):
    """Gives the connection the addresses that were judged for this very request, and knows no others."""

    def __init__(self) -> None:
        # A context variable, because the client library may look names up in a task of its own.
        self._judged: ContextVar[Sequence[str]] = ContextVar("judged", default=())

    def pin(self, addresses: Sequence[str]) -> None:
        """What `resolve` answers in this task from now on."""
        self._judged.set(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = self._judged.get()
        if not addresses:
            raise OSError(f"no judged address for {host}")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass
