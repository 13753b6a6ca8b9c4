"""CPU of the live fan-out: `python -m bench.fanout [CLIENTS] [SECONDS]`, one channel of 8 Mbit/s over real sockets."""

import asyncio
import selectors
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.serving import cpu_seconds, served
from polycast.core.media import Ring
from polycast.core.media.ts import PACKET
from polycast.live.dialects.streams.live import LiveStream
from polycast.live.relay.client import Client
from polycast.live.relay.feeding import TsFeed
from polycast.live.relay.model import Guest, Outlet

RATE = 1_000_000  # bytes a second
TICK = 0.02


class Channel:
    """A ring with an app around it."""

    def __init__(self) -> None:
        self.ring = Ring()

    async def write(self) -> None:
        """Keep the ring at its rate with packets that look like pictures."""
        packets = (b"\x47\x01\x00\x10" + bytes(184)) * (int(RATE * TICK) // PACKET)
        following = time.monotonic()
        while True:
            self.ring.write(packets)
            following += TICK
            await asyncio.sleep(max(0.0, following - time.monotonic()))

    @asynccontextmanager
    async def watching(
        self, ref: str, guest: Guest, outlet: Outlet, *, behind: timedelta | None = None
    ) -> AsyncIterator[tuple[Client, TsFeed]]:
        """What `Relays` gives, without a database behind it."""
        client = Client(ref, guest, outlet, at=datetime.now(UTC), now=time.monotonic, failovers=0)
        yield client, TsFeed(self.ring.join())
        client.end("left")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Stream to one client, as the dialect does."""
        stream = LiveStream(self, "bench", Guest(address=""), Outlet(), None)  # type: ignore[arg-type]
        await stream.serve(receive, send)


def watch(port: int, pid: int, clients: int, seconds: float) -> tuple[float, float]:
    """(CPU share of one core, bytes a second and client) while `clients` read all they get."""
    chosen = selectors.DefaultSelector()
    for _ in range(clients):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n")
        client.setblocking(False)
        chosen.register(client, selectors.EVENT_READ)
    buffer = bytearray(256 * 1024)
    _read(chosen, buffer, 2.0)
    cpu, started = cpu_seconds(pid), time.perf_counter()
    got = _read(chosen, buffer, seconds)
    passed = time.perf_counter() - started
    return (cpu_seconds(pid) - cpu) / passed, got / passed / clients


def _read(chosen: selectors.BaseSelector, buffer: bytearray, seconds: float) -> int:
    until = time.perf_counter() + seconds
    got = 0
    while time.perf_counter() < until:
        for key, _ in chosen.select(0.1):
            client: Any = key.fileobj
            got += client.recv_into(buffer)
        time.sleep(0.01)
    return got


def main() -> None:
    """Print one line."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    channel = Channel()
    with served(lambda: channel, channel.write) as (port, pid):
        share, rate = watch(port, pid, clients, seconds)
    print(f"fan-out: {clients} clients of {rate * 8 / 1e6:.1f} Mbit/s take {share:.1%} of a core")


if __name__ == "__main__":
    main()
